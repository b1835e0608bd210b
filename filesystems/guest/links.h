/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When the interfaces of the lab can be used. A kernel takes its time for that: its link watch lets up to a second pass until
 * an interface that has carrier is operational (net/core/link_watch.c), and only then IPv6 begins, with one to two seconds of
 * duplicate address detection for the link-local address, without which there is no neighbour discovery. A node is ready
 * when this is over; nothing here waits longer than the kernel needs. */
#pragma once

#include <stdbool.h>

/** An interface of the lab, which is up. Returns 0, or -1 with errno. */
int links_add(const char *name);
/** The set-up is complete: makes the interfaces that have carrier operational, now, and the others when carrier comes. */
void links_settle(void);
/** Start-up is over: calls DONE, once, when every interface with carrier is operational and no address of the lab's interfaces
 *  is tentative; after a few seconds in any case, with a warning. */
void links_await(void (*done)(void));
