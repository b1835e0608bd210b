/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/client/plain_text.h"

#include <string.h>

#define REPLACEMENT "\357\277\275" /* U+FFFD, as g_utf8_make_valid() has it */

/* Control sequences as in ECMA-48, section 5.4: CSI ends with 0x40-0x7e; strings (OSC, DCS, ...) with ST, or BEL as xterm
 * has it. Both end with the line too: what is never ended must not hide all that follows. */
static void take_byte(PlainText *self, GString *text, char c)
{
	if (c == '\n')
		self->state = PLAIN_TEXT;
	switch (self->state) {
	case PLAIN_ESCAPE:
		self->state = c == '['                                 ? PLAIN_CSI
			: c == ']' || c == 'P' || c == '_' || c == '^' ? PLAIN_STRING
								       : PLAIN_TEXT;
		return;
	case PLAIN_CSI:
		if (c >= 0x40 && c <= 0x7e)
			self->state = PLAIN_TEXT;
		return;
	case PLAIN_STRING:
		self->state = c == '\a' ? PLAIN_TEXT : c == '\033' ? PLAIN_STRING_ESCAPE : PLAIN_STRING;
		return;
	case PLAIN_STRING_ESCAPE:
		self->state = PLAIN_TEXT;
		return;
	case PLAIN_TEXT:
		break;
	}
	/* A line that is overwritten becomes a separate line. */
	if (self->carriage_return && c != '\n' && c != '\r')
		g_string_append_c(text, '\n');
	self->carriage_return = c == '\r';
	if (c == '\033')
		self->state = PLAIN_ESCAPE;
	else if (c == '\n' || c == '\t' || !g_ascii_iscntrl(c))
		g_string_append_c(text, c);
}

/* Bytes at the end that may be the beginning of a character. */
static gsize cut_at_end(const GString *text)
{
	for (gsize n = 1; n <= 3 && n <= text->len; n++) {
		guchar c = (guchar)text->str[text->len - n];
		gsize needed = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 0;
		if (needed)
			return n < needed ? n : 0;
		if (c < 0x80)
			return 0;
	}
	return 0;
}

/* The control characters that UTF-8 has beyond ASCII: ECMA-48's C1, of which U+009B begins a sequence, and those that change
 * the order of what is shown. */
static char *without_controls(const char *valid)
{
	GString *text = g_string_new(NULL);
	for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);
		gboolean turns = (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
		if (!turns && (c < 0x80 || c > 0x9f))
			g_string_append_unichar(text, c);
	}
	return g_string_free(text, FALSE);
}

char *plain_text_take(PlainText *self, const char *bytes, gsize length)
{
	g_autoptr(GString) text = g_string_new_len(self->cut, (gssize)self->n_cut);
	for (gsize i = 0; i < length; i++)
		take_byte(self, text, bytes[i]);
	self->n_cut = cut_at_end(text);
	memcpy(self->cut, text->str + text->len - self->n_cut, self->n_cut);
	g_string_truncate(text, text->len - self->n_cut);
	g_autofree char *valid = g_utf8_make_valid(text->str, (gssize)text->len);
	return without_controls(valid);
}

char *printable_bytes(const void *bytes, gsize length)
{
	PlainText whole = {0};
	g_autofree char *text = plain_text_take(&whole, bytes, length);
	/* a character that is never completed */
	return g_strconcat(text, whole.n_cut ? REPLACEMENT : NULL, NULL);
}

char *printable_text(const char *text)
{
	return printable_bytes(text ? text : "", text ? strlen(text) : 0);
}
