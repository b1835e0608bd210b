/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The system calls that a guest kernel, the switch, an uplink and a reader of what guests send (confined.h) may make. */
#pragma once

#include <gio/gio.h>

typedef enum {
	FILTER_GUEST,
	FILTER_SWITCH,
	FILTER_UPLINK,
	FILTER_UPLINK_RESTRICTED, /* has sockets of the host's network, and must not connect them to it */
	FILTER_READER,
} FilterKind;

/** The filter as a BPF program, for bwrap --seccomp. Caller owns. */
GBytes *filter_program(FilterKind kind, GError **error);
