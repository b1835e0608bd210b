/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a guest wrote, made fit for a text view: UTF-8 without control characters and escape sequences. It comes in pieces
 * that are cut anywhere. */
#pragma once

#include <glib.h>

/** What is open at the end of a piece; all zero at first. */
typedef struct {
	enum { PLAIN_TEXT, PLAIN_ESCAPE, PLAIN_CSI, PLAIN_STRING, PLAIN_STRING_ESCAPE } state;
	gboolean carriage_return;
	char cut[4]; /* the beginning of a character */
	gsize n_cut;
} PlainText;

/** Takes a piece; returns what can be shown of it, zero-terminated. Caller frees. */
char *plain_text_take(PlainText *self, const char *bytes, gsize length);
