/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The captures of a window to files and rings of files: those that go on, each until it is stopped, and the last ones
 * that ended. Free of GTK.
 *
 * Signal:
 *   "changed" ()   one began, or ended, or its counts are others */
#pragma once

#include "gui/session/session.h"

#define CAPTURES_TYPE (captures_get_type())
G_DECLARE_FINAL_TYPE(Captures, captures, CAPTURES, CAPTURES, GObject)

typedef struct {
	guint id;          /* of the supervisor's; 0: not begun yet */
	gboolean declared; /* the lab's file asks for it: it cannot be stopped by us */
	char *where, *filter;
	char *file; /* of a ring: the name that its files are called after */
	guint64 captured, dropped;
	char *ended; /* why, fit to show; NULL while it goes on */
} CaptureFacts;

typedef struct {
	const char *const *places; /* none: the whole lab */
	const char *path;          /* of the file */
	const char *filter;        /* "" none */
	guint64 ring_size;         /* bytes of a file of a ring; 0: one file */
	guint ring_files;
	guint last; /* seconds of the past, and nothing else; 0: what is to come */
} CaptureWish;

Captures *captures_new(Session *session);
/** Begins one. What goes wrong comes as "problem" of the session; a file that is there is not emptied for a place or a
 *  filter that is none. */
void captures_start(Captures *self, const CaptureWish *wish);
void captures_stop(Captures *self, guint id);
/** Of CaptureFacts; borrowed, until "changed". */
const GPtrArray *captures_list(Captures *self);
/** The file to look at: of a ring the newest one; NULL: there is none yet. Caller frees. */
char *captures_newest_file(const CaptureFacts *facts);
/** Forgets those that ended. */
void captures_forget(Captures *self);
/** Counts are asked for, once a second, only while somebody looks. */
void captures_set_visible(Captures *self, gboolean visible);
