/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest agent: what its files offer each other. One thread, one epoll loop (agent.c); nothing here blocks for long
 * but shutdown_now(), which is the end. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "filesystems/guest/protocol.h"

/* -- agent.c: the loop -- */

/** A descriptor that the loop looks at. Embedded in whatever owns it; READY gets it back with epoll's events. */
typedef struct Watch Watch;
struct Watch {
	int fd;
	void (*ready)(Watch *watch, uint32_t events);
};
/** Begins to watch for EVENTS (epoll's). Returns 0, or -1 with errno. */
int watch_add(Watch *watch, uint32_t events);
/** Changes the events; 0 leaves the descriptor registered but quiet. */
void watch_set(Watch *watch, uint32_t events);
/** Stops watching and closes the descriptor; the watch is marked closed (fd -1). Closed ones are ignored. */
void watch_close(Watch *watch);

#define containing(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

/* -- line.c: frames on the serial line -- */

/** Opens /dev/ttyS0 and makes it raw. Returns 0, or -1 with errno. */
int line_open(void);
/** Queues a frame. Never fails: who sends much asks line_has_room() first. */
void line_send(AgentType type, uint16_t channel, const void *payload, size_t length);
/** As line_send(), the payload being one byte and LENGTH bytes of DATA. */
void line_send_tagged(AgentType type, uint16_t channel, uint8_t tag, const void *data, size_t length);
/** False while so much is queued that session output should wait; session_resume_all() is called when it is over. */
bool line_has_room(void);
/** Writes everything that is queued, blocking. For the last words. */
void line_flush(void);

/* -- report.c: telling the host -- */

/** Sends AGENT_REPORT 'w' with the text, and writes it to the console. */
void report_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
/** Sends AGENT_FAILED with the text, then ends this machine. */
_Noreturn void report_failure(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* -- mounts.c: the root -- */

/** Mounts what every root has: /dev /proc /sys /run /tmp and below. Called first with the initramfs. */
void mounts_begin(void);
/** Assembles the root that the kernel's parameters ask for and moves into it. Calls report_failure() when it cannot. */
void mounts_enter_root(void);
/** Makes the disk read-only and clean; nothing else may run any more. */
void mounts_end(void);

/* -- network.c: interfaces, through libnl -- */

/** Each returns 0, or -1 after writing why to WHY (SIZE bytes). */
int network_open(char *why, size_t size);
int network_up(const char *name, char *why, size_t size);
/** Renames the interface with this MAC (as text), sets its MTU and brings it up. */
int network_interface(const char *mac, const char *name, unsigned mtu, char *why, size_t size);
/** ADDRESS is "ADDRESS/PREFIX". */
int network_address(const char *name, const char *address, char *why, size_t size);
/** TO is "default4", "default6" or a prefix; VIA or DEVICE may be empty. */
int network_route(const char *to, const char *via, const char *device, char *why, size_t size);

/* -- process.c: starting programs -- */

/** How a program is started. */
typedef struct {
	char *const *argv; /* looked up in the PATH of environment */
	char *const *environment;
	int in, out, err; /* descriptors that become 0, 1, 2 */
	bool terminal;    /* in is a terminal that becomes the controlling one */
} Program;
/** Starts it as leader of a new session, in /root where that exists. Returns its pid, or -1 with errno. */
pid_t process_start(const Program *program);
/** The environment that programs get: ours, then COUNT strings of OVERRIDES. malloc'ed array of borrowed strings. */
char **process_environment(char *const *overrides, size_t count);
/** "HOSTNAME=NAME" for later environments. */
void process_set_hostname(const char *name);

/* -- setup.c, startup.c: what the host asks for before AGENT_GO -- */

/** Gives TCP more of the node's memory than the kernel would; a setting of the lab's replaces it. */
void setup_tcp_memory(void);
/** Carries out one AGENT_SETUP. */
void setup_handle(uint8_t *payload, size_t length);
void setup_file_data(const uint8_t *payload, size_t length);
void setup_file_end(void);
/** Keeps a start-up command (copied). */
void startup_add(const char *command, bool background);
/** All is set up: runs the commands in order, then says READY. */
void startup_go(void);
/** Tells start-up that a child ended; false if it is none of its own. */
bool startup_exited(pid_t pid, int status);

/* -- session.c: exec sessions -- */

void session_exec(uint16_t channel, uint8_t *payload, size_t length);
/** A frame for a running session; one for a session that is gone is ignored: the host may not know yet. */
void session_frame(const AgentHeader *header, const uint8_t *payload);
/** Tells sessions that a child ended; false if it is none of theirs. */
bool session_exited(pid_t pid, int status);
/** The line has room again. */
void session_resume_all(void);

/* -- clock.c -- */

/** Carries out one AGENT_STEP_CLOCK. */
void clock_step(const uint8_t *payload, size_t length);

/* -- shutdown.c -- */

/** Ends every process, writes disks out, and switches the machine off, or restarts it. */
_Noreturn void shutdown_now(bool restart);
