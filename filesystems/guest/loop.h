/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The agent's event loop: descriptors that are watched with epoll(7). One thread; nothing that runs on it blocks for long. */
#pragma once

#include <stdint.h>

/** A watched descriptor. It is embedded in the object that owns it; READY gets it back with epoll's events. */
typedef struct Watch Watch;
struct Watch {
	int fd;
	void (*ready)(Watch *watch, uint32_t events);
};

/** The object that has POINTER as its MEMBER. */
#define containing(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

/** Creates the loop; call it before any other function here. Returns 0, or -1 with errno. */
int loop_open(void);
/** Runs the handlers of watches, one at a time, for ever. */
_Noreturn void loop_run(void);

/** Starts to watch for EVENTS (epoll's). Returns 0, or -1 with errno. */
int watch_add(Watch *watch, uint32_t events);
/** Changes the events; 0 keeps the descriptor open but reports nothing. A closed watch is ignored. Returns 0, or -1 with
 *  errno: then the descriptor is no longer watched. */
int watch_set(Watch *watch, uint32_t events);
/** Stops watching, closes the descriptor and marks the watch as closed (fd -1). A closed watch is ignored. */
void watch_close(Watch *watch);
