/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The captures of a lab, and the history that they can begin with, as the control thread manages them. */
#pragma once

#include "switch/wire/cable.h"

#include <gio/gio.h>

/** So many cables can be told apart: captures number up to two interfaces of each, and the history each cable, in 16 bits. */
enum { CAPTURES_CABLES_MAX = (G_MAXUINT16 + 1) / 2 };

typedef struct Captures Captures;

/** A capture has ended. reason: "stopped", "count", "complete", or the error (then failed is set). */
typedef void (*CaptureEnded)(
	guint32 id, guint64 captured, guint64 dropped, const char *reason, gboolean failed, gpointer data);

typedef struct {
	const char *filter; /* pcap-filter(7), empty for all */
	guint snaplen;      /* bytes kept of a frame, 0 for all */
	guint64 count;      /* ends after so many frames; 0: never */
	CaptureFormat format;
	double last;        /* seconds of history that come first; 0: none */
	gboolean only_past; /* and nothing else */
} CaptureOptions;

/** Where to capture. */
typedef struct {
	Cable *cable;
	int end; /* of the interface that all is recorded on; -1: each frame on the one that sent it */
} CapturePlace;

/** workers: of Worker, borrowed. */
Captures *captures_new(GPtrArray *workers, CaptureEnded ended, gpointer data);
/** Once, before there are cables: bytes of memory for the history of all workers together, 0 for none. */
void captures_keep_history(Captures *self, guint64 bytes);
/** Finishes all captures (what was captured is written; ended is not called). The workers must still run. */
void captures_finish(Captures *self);
/** After captures_finish(); the workers must have ended. */
void captures_free(Captures *self);
/** A cable is about to be there, and its worker does not know it yet: it gets a number, of which there are
 *  CAPTURES_CABLES_MAX, and a history. */
void captures_remember_cable(Captures *self, Cable *cable);
/** It is there from now on, and its ends have names: captures of everything go on with it. */
void captures_add_cable(Captures *self, Cable *cable);
/** Starts a capture of some places; of none: of every cable, also those to come. Owns output, even on failure. Sets since
 *  to the time of the oldest frame in memory, where the past is wanted (microseconds since 1970, 0: none). Returns its
 *  id; 0 and error when the filter is wrong, or what is asked for cannot be had. */
guint32 captures_start(Captures *self, const CapturePlace *places, guint n, GHashTable *cables,
	const CaptureOptions *options, int output, gint64 *since, GError **error);
/** Asks a capture to end; ended is called then. */
gboolean captures_stop(Captures *self, guint32 id, GError **error);
/** a(utt): id, frames captured and dropped so far, of those that go on. Floating. */
GVariant *captures_list(Captures *self);
