/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The system calls that a guest kernel, the switch and an uplink may make. */
#pragma once

#include <gio/gio.h>

typedef enum { FILTER_GUEST, FILTER_SWITCH, FILTER_UPLINK } FilterKind;

/** The filter as a BPF program, for bwrap --seccomp. Caller owns. */
GBytes *filter_program(FilterKind kind, GError **error);
/** A descriptor to read PROGRAM from, for one process; -1 and error on failure. Caller closes. */
int filter_descriptor(GBytes *program, GError **error);
