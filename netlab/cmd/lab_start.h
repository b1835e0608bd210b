/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting a lab: netlabd is spawned, watched until every wanted node is ready or failed, and then left on its own. */
#pragma once

#include "netlab/client/lab_connection.h"
#include "topologies/model/model.h"

typedef struct {
	const char *file;    /* lab file, or its folder */
	const char *name;    /* name to run under; NULL: the lab's own */
	const char *only;    /* comma-separated nodes to boot; NULL: all */
	gboolean unconfined; /* without the sandbox */
	gboolean trusted;    /* how to read the lab: its paths may leave its folder */
	gboolean no_wait;    /* do not wait until the nodes are ready */
	gboolean quiet;      /* no line per node */
	const Lab *lab;      /* of the file, where that was read and its warnings were printed already; or NULL */
} LabStart;

/** The option --trust of all commands that read a lab; VALUE: a gboolean. */
#define LAB_TRUST_OPTION(value)                                                                                        \
	{                                                                                                              \
		"trust", 0, 0, G_OPTION_ARG_NONE, value, "Let the lab's paths lead out of its folder", NULL            \
	}

/** Reads and checks FILE (TRUSTED: see lab_read()), prints errors and warnings to standard error, and returns the lab.
 *  Fails with STATUS_USAGE when it has errors. */
Lab *lab_read_or_print(const char *file, gboolean trusted, GError **error);

/** Starts a lab.
 *  @failed: (out) how many of its nodes failed; the lab is up nevertheless
 *  Until it returns, Ctrl-C, SIGTERM and SIGHUP take everything back: STATUS_INTERRUPTED. What a crashed lab of the
 * same name left is taken away first. Caller frees the connection. Runs the main loop. */
LabConnection *lab_start(const LabStart *options, guint *failed, GError **error);
