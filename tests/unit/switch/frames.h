/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames as text, for tests: hexadecimal digits, with blanks where one likes. */
#pragma once

#include <glib.h>

/** Caller frees (g_byte_array_unref). */
static inline GByteArray *frame_from_hex(const char *text)
{
	GByteArray *frame = g_byte_array_new();
	for (; *text; text++) {
		if (!g_ascii_isxdigit(text[0]) || !g_ascii_isxdigit(text[1]))
			continue;
		guint8 byte = (guint8)(g_ascii_xdigit_value(text[0]) << 4 | g_ascii_xdigit_value(text[1]));
		g_byte_array_append(frame, &byte, 1);
		text++;
	}
	return frame;
}

#define MAC_TO "525400000002 "
#define MAC_FROM "525400000001 "
#define ETHERNET MAC_TO MAC_FROM
