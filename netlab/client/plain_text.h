/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a guest wrote, made fit for a terminal, a text view, a file or a message on D-Bus: UTF-8 without control characters
 * and escape sequences. There is this one way, for all that netlab itself shows of what guests say. */
#pragma once

#include <glib.h>

/** What is open at the end of a piece, when text comes in pieces that are cut anywhere; all zero at first. */
typedef struct {
	enum { PLAIN_TEXT, PLAIN_ESCAPE, PLAIN_CSI, PLAIN_STRING, PLAIN_STRING_ESCAPE } state;
	gboolean carriage_return;
	char cut[4]; /* the beginning of a character */
	gsize n_cut;
} PlainText;

/** Takes a piece; returns what can be shown of it, zero-terminated. Caller frees. */
char *plain_text_take(PlainText *self, const char *bytes, gsize length);
/** All of TEXT (NULL: "") at once. Caller frees. */
char *printable_text(const char *text);
/** The same for bytes that may have zeros among them. Caller frees. */
char *printable_bytes(const void *bytes, gsize length);
