/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes between a descriptor here and a command in a guest. */
#pragma once

#include "netlab/client/lab_connection.h"

typedef struct {
	LabConnection *lab;
	const char *node;
	const char *const *argv;
	int from, to;          /* its input comes from there and its output goes there; -1: none, thrown away */
	guint64 limit;         /* bytes of output; 0: any number */
	const guint64 *beside; /* bytes that count too; NULL: none */
	GCancellable *cancel;  /* ends it, from the main loop */
} TransferOptions;

/** Runs a command on a node until it ends. Fails with what it wrote to its standard error when its status is not 0, with the
 *  reason when its output cannot be written or is more than the limit, and with STATUS_INTERRUPTED when it is cancelled. Runs
 *  the main loop. */
gboolean transfer(const TransferOptions *options, GError **error);
