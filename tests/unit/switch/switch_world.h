/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netlab-switch, driven as its supervisor and its guests would: D-Bus, and real socketpairs. Every function ends the test
 * when something fails that should not. */
#pragma once

#include "switch/control/switch_calls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/socket.h>

#define BROADCAST UINT64_C(0xffffffffffff)
#define STATION(i) (UINT64_C(0x525400000000) + (i) + 1)
#define PATIENCE (20 * G_TIME_SPAN_SECOND)

typedef struct {
	GSubprocess *process;
	SwSwitch1 *client;
	char *capture; /* path */
	int ports[8];
	GString *changed; /* names of CablesChanged, each followed by a blank */
	/* Of the last CaptureEnded. */
	guint ended_id;
	guint64 captured, dropped;
	char *reason;
} World;

/** The program named by NETLAB_TEST_SWITCH, with two workers and 8 MiB for the last frames; and its end, which must be a
 *  good one. For cmocka_unit_test_setup_teardown(). */
int set_up(void **state);
int tear_down(void **state);
/** The supervisor goes away: the switch must end, and well; the sanitizers' verdict is its exit status. */
void hang_up(World *world);

void no_error(GError *error);
/** The error is one of G_IO_ERROR with the words in its message; frees it. */
void expect_error(GError **error, int code, const char *words);

/** Port i is called "ni". type: of the socket. */
void add_port(World *world, unsigned i, int type);
/** A cable between two ports, which may be yet to come. */
void add_link(World *world, const char *name, const char *a, const char *b);
/** A network "lan" with n ports, each on a cable "ni". */
void build_network(World *world, const char *type, unsigned n);

/** An experimental frame (IEEE 802, 9.2.3: type 88b5) with a number in it; size in bytes, 64 if not said. */
void send_sized(World *world, unsigned port, guint64 destination, guint64 source, guint32 number, gsize size);
void send_frame(World *world, unsigned port, guint64 destination, guint64 source, guint32 number);
/** The next frame at the port; that it is this one shows that none came between. */
void expect_frame(World *world, unsigned port, guint32 number);

/** A counter of port "ni". */
guint64 counter(World *world, unsigned port, const char *name);
/** Waits until it is so much, no less and no more. */
void await_counter(World *world, unsigned port, const char *name, guint64 value);
