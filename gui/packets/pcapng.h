/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads pcapng (draft-ietf-opsawg-pcapng) as our switch writes it, from a pipe, in pieces of any size. Any bytes may
 * come: the switch is the one that hostile guests talk to. */
#pragma once

#include <gio/gio.h>

enum { PCAPNG_BLOCK_MAX = 1 << 20 }; /* bytes; what is longer is no block of ours */

typedef struct {
	guint interface;     /* pcapng_reader_interface() */
	guint64 time;        /* nanoseconds since 1970 */
	gboolean inbound;    /* towards who owns the interface */
	const guint8 *bytes; /* in block */
	guint32 captured, length;
	const char *comment; /* what the wire did to it; not terminated */
	gsize comment_length;
	const guint8 *block; /* the whole of it, good until the next call on the reader */
	gsize block_length;
} PcapngFrame;

typedef struct PcapngReader PcapngReader;

PcapngReader *pcapng_reader_new(void);
void pcapng_reader_free(PcapngReader *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PcapngReader, pcapng_reader_free)

/** Takes bytes that came. */
void pcapng_reader_add(PcapngReader *self, const guint8 *bytes, gsize size);
/** The next frame. FALSE without error: more bytes are needed; with error: these are no capture, and nothing more
 * comes. */
gboolean pcapng_reader_next(PcapngReader *self, PcapngFrame *frame, GError **error);
/** The name of an interface, "pc:eth0"; NULL: there is none with this number. Borrowed. */
const char *pcapng_reader_interface(const PcapngReader *self, guint number);
/** What must come before frames for others to read them: the section and the interfaces so far. Grows at its end
 * alone. */
const GByteArray *pcapng_reader_head(const PcapngReader *self);
