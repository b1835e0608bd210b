/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A capture from a running lab to a descriptor, from its begin to its end. */
#pragma once

#include "netlab/client/lab_connection.h"

typedef struct {
	const char *const *where; /* links, networks, NODE:IFACE; none: the whole lab */
	const char *filter;       /* pcap-filter(7), or NULL */
	const char *format;       /* "pcapng" or "pcap" */
	guint snaplen;            /* bytes kept of a frame; 0: all */
	guint64 count;            /* frames; 0: no end */
	guint last_ms;            /* of history that comes first; 0: none */
	gboolean only_past;       /* and nothing else */
	guint duration_ms;        /* 0: no end */
	gboolean progress;        /* tell it on standard error while it goes on */
} CaptureRequest;

typedef struct {
	guint64 captured, dropped; /* frames */
	gint64 since; /* when the oldest frame that is remembered passed, microseconds since 1970; 0: none is */
	char *reason; /* why the switch ended it, in its words; NULL: we did */
} CaptureOutcome;

/** Begins it once to nowhere: whether places and filter are right, before a file is emptied for it. */
gboolean capture_try(LabConnection *lab, const CaptureRequest *request, GError **error);
/** Captures until its end, Ctrl-C or SIGTERM. fd is closed as soon as the switch has it. FALSE and error when it could
 *  not begin, or the lab ended meanwhile. The caller frees outcome->reason. */
gboolean capture_run(
	LabConnection *lab, const CaptureRequest *request, int fd, CaptureOutcome *outcome, GError **error);
/** Did it end well? The reader of a pipe may leave, as "| head" does. */
gboolean capture_ended_well(const CaptureOutcome *outcome, gboolean to_pipe);
