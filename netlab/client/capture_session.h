/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A capture from a running lab to a descriptor, from beginning to end. Everything happens on the main loop and nothing
 * blocks, except in the functions that say that they wait. */
#pragma once

#include "netlab/client/lab_connection.h"

typedef struct {
	const char *const *where; /* links, networks, NODE:INTERFACE; none or NULL: the whole lab */
	const char *filter;       /* pcap-filter(7); NULL or "": none */
	const char *format;       /* "pcapng" or "pcap" */
	guint snaplen;            /* bytes kept of a frame; 0: all */
	guint64 count;            /* frames; 0: no limit */
	guint last_ms;            /* of history that comes first; 0: none */
	gboolean only_past;       /* the history and nothing else */
} CaptureRequest;

typedef struct {
	guint64 captured, dropped; /* frames */
	gint64 since; /* when the oldest remembered frame passed, microseconds since 1970; 0: none is remembered */
	char *reason; /* why the switch ended it, in its words; NULL: it was stopped, or did not end by itself */
} CaptureOutcome;

/** Whether it ended well. The reader of a pipe may leave, as "| head" does. */
gboolean capture_ended_well(const CaptureOutcome *outcome, gboolean to_pipe);

/** Asks for a capture to FD, which is closed here once the switch has it. */
void capture_begin(NetlabLab1 *proxy, const CaptureRequest *request, int fd, GCancellable *cancellable,
	GAsyncReadyCallback callback, gpointer data);
/** Whether it runs now. id: the supervisor's number of it; since: as in CaptureOutcome; both may be NULL.
 *  CLIENT_ERROR_INVALID: the filter or the format is wrong. */
gboolean capture_begin_finish(GObject *proxy, GAsyncResult *result, guint *id, gint64 *since, GError **error);

typedef struct CaptureSession CaptureSession;
typedef struct {
	/** The capture runs. May be NULL. */
	void (*began)(CaptureSession *session, gpointer data);
	/** It has ended, or could not begin. Called once; the session may be freed in it. May be NULL. */
	void (*ended)(CaptureSession *session, gpointer data);
} CaptureHooks;

/** Starts a capture to FD, which is closed here once the switch has it. No hook is called before this returns. Caller
 *  frees; a capture that is still running then is stopped. */
CaptureSession *capture_session_start(
	NetlabLab1 *proxy, const CaptureRequest *request, int fd, const CaptureHooks *hooks, gpointer data);
void capture_session_free(CaptureSession *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CaptureSession, capture_session_free)
/** Stops it; "ended" follows. */
void capture_session_stop(CaptureSession *self);
/** The supervisor's number of it; 0: it has not begun. */
guint capture_session_id(const CaptureSession *self);
const CaptureOutcome *capture_session_outcome(const CaptureSession *self);
/** Why it could not begin, or that the lab ended during it; NULL otherwise. Borrowed.
 *  CLIENT_ERROR_INVALID: the filter or the format is wrong; CLIENT_ERROR_DEAD: the lab ended. */
const GError *capture_session_error(const CaptureSession *self);

/** Starts a capture to nowhere and stops it: whether places and filter are right, before a file is emptied for it. */
void capture_try_async(NetlabLab1 *proxy, const CaptureRequest *request, GCancellable *cancellable,
	GAsyncReadyCallback callback, gpointer data);
gboolean capture_try_finish(GAsyncResult *result, GError **error);
/** The same, waiting. */
gboolean capture_try(LabConnection *lab, const CaptureRequest *request, GError **error);

/** How long a capture runs, and who watches. */
typedef struct {
	guint duration_ms;    /* 0: no limit */
	GCancellable *cancel; /* cancelling it stops the capture, in order; may be NULL */
	void (*progress)(guint64 captured, guint64 dropped, gpointer data); /* twice a second; may be NULL */
	gpointer data;
} CaptureWatch;

/** Captures and waits for the end. FD is closed as soon as the switch has it. FALSE and error when it could not begin, or
 *  the lab ended during it. The caller frees outcome->reason. */
gboolean capture_run(LabConnection *lab, const CaptureRequest *request, int fd, const CaptureWatch *watch,
	CaptureOutcome *outcome, GError **error);
