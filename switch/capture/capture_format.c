/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/capture/capture_format.h"

#include <string.h>

/* pcap-savefile(5): "0xa1b23c4d: time stamps are in seconds and nanoseconds". */
#define PCAP_MAGIC_NANOSECONDS 0xa1b23c4d
#define LINKTYPE_ETHERNET 1

/* draft-ietf-opsawg-pcapng: block types (4.1 to 4.6), options (3.5, 4.1 to 4.6). */
enum {
	BLOCK_INTERFACE = 1,
	BLOCK_STATISTICS = 5,
	BLOCK_FRAME = 6,
	BLOCK_SECTION = 0x0a0d0d0a,
	BYTE_ORDER_MAGIC = 0x1a2b3c4d,
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	SECTION_APPLICATION = 4,
	INTERFACE_NAME = 2,
	INTERFACE_DESCRIPTION = 3,
	INTERFACE_RESOLUTION = 9,
	INTERFACE_FILTER = 11,
	FRAME_FLAGS = 2,
	FRAME_FLAG_INBOUND = 1,
	FRAME_FLAG_OUTBOUND = 2,
	STATISTICS_RECEIVED = 4,
	STATISTICS_DROPPED = 5,
};

static void put16(GByteArray *out, uint16_t value)
{
	g_byte_array_append(out, (const guint8 *)&value, sizeof(value));
}

static void put32(GByteArray *out, uint32_t value)
{
	g_byte_array_append(out, (const guint8 *)&value, sizeof(value));
}

/* The high half first, whatever the byte order (4.3). */
static void put_time(GByteArray *out, uint64_t time)
{
	put32(out, (uint32_t)(time >> 32));
	put32(out, (uint32_t)time);
}

static void pad(GByteArray *out)
{
	static const guint8 nothing[4];
	g_byte_array_append(out, nothing, (4 - out->len % 4) % 4);
}

/* The length stands at both ends of a block. Blocks begin at multiples of four. */
static guint begin_block(GByteArray *out, uint32_t type)
{
	guint at = out->len;
	put32(out, type);
	put32(out, 0);
	return at;
}

static void end_block(GByteArray *out, guint at)
{
	uint32_t length = out->len + 4 - at;
	put32(out, length);
	memcpy(out->data + at + 4, &length, sizeof(length));
}

static void put_option(GByteArray *out, uint16_t code, const void *value, size_t size)
{
	put16(out, code);
	put16(out, (uint16_t)size);
	g_byte_array_append(out, value, (guint)size);
	pad(out);
}

static void put_text(GByteArray *out, uint16_t code, const char *text)
{
	put_option(out, code, text, MIN(strlen(text), 60000));
}

static void end_options(GByteArray *out)
{
	put16(out, OPTION_END);
	put16(out, 0);
}

void capture_format_begin(GByteArray *out, CaptureFormat format, uint32_t snaplen)
{
	if (format == CAPTURE_PCAP) {
		put32(out, PCAP_MAGIC_NANOSECONDS);
		put16(out, 2);
		put16(out, 4);
		put32(out, 0);
		put32(out, 0);
		put32(out, snaplen);
		put32(out, LINKTYPE_ETHERNET);
		return;
	}
	guint at = begin_block(out, BLOCK_SECTION);
	put32(out, BYTE_ORDER_MAGIC);
	put16(out, 1);
	put16(out, 0);
	put32(out, 0xffffffff); /* the section's length, in 64 bits: not known */
	put32(out, 0xffffffff);
	put_text(out, SECTION_APPLICATION, "netlab " NETLAB_VERSION);
	end_options(out);
	end_block(out, at);
}

void capture_format_interface(GByteArray *out, CaptureFormat format, const char *name, const char *description,
	const char *filter, uint32_t snaplen)
{
	const guint8 nanoseconds = 9; /* digits after the point */
	if (format == CAPTURE_PCAP)
		return;
	guint at = begin_block(out, BLOCK_INTERFACE);
	put16(out, LINKTYPE_ETHERNET);
	put16(out, 0);
	put32(out, snaplen);
	put_text(out, INTERFACE_NAME, name);
	put_text(out, INTERFACE_DESCRIPTION, description);
	put_option(out, INTERFACE_RESOLUTION, &nanoseconds, sizeof(nanoseconds));
	if (filter && *filter) {
		/* Its first byte says that it is in libpcap's language. */
		g_autofree char *text = g_strconcat(" ", filter, NULL);
		size_t size = strlen(text);
		text[0] = 0;
		put_option(out, INTERFACE_FILTER, text, MIN(size, 60000));
	}
	end_options(out);
	end_block(out, at);
}

/* What the wire did to the frame, and to those before it the memory. */
static void put_comment(GByteArray *out, const CaptureRecord *record, uint64_t missing)
{
	static const struct {
		uint8_t flag;
		const char *text;
	} words[] = {
		{CAPTURE_CORRUPTED, "one bit flipped"},
		{CAPTURE_DUPLICATED, "duplicated"},
		{CAPTURE_COPY, "copy of a duplicated frame"},
		{CAPTURE_REORDERED, "overtook earlier frames"},
	};
	g_autoptr(GString) text = g_string_new(NULL);
	if (record->drop != COUNTER_NONE) {
		g_autofree char *why = g_strdup(counter_name((Counter)record->drop));
		char *word = g_str_has_prefix(why, "drop_") ? why + strlen("drop_") : why;
		g_string_append_printf(text, ", dropped (%s)", g_strdelimit(word, "_", ' '));
	}
	if (record->delay)
		g_string_append_printf(text, ", delayed by %u.%03u ms", record->delay / 1000, record->delay % 1000);
	for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
		if (record->flags & words[i].flag)
			g_string_append_printf(text, ", %s", words[i].text);
	if (missing)
		g_string_append_printf(text,
			", %" G_GUINT64_FORMAT " frames of this direction are missing before it: traffic was too "
			"heavy to keep them all",
			missing);
	if (text->len)
		put_text(out, OPTION_COMMENT, text->str + strlen(", "));
}

static uint8_t *add_room(GByteArray *out, uint32_t size)
{
	guint at = out->len;
	g_byte_array_set_size(out, at + size);
	return out->data + at;
}

uint8_t *capture_format_frame(GByteArray *out, CaptureFormat format, const CaptureRecord *record, uint64_t missing)
{
	if (format == CAPTURE_PCAP) {
		put32(out, (uint32_t)(record->time / 1000000000));
		put32(out, (uint32_t)(record->time % 1000000000));
		put32(out, record->captured);
		put32(out, record->length);
		return add_room(out, record->captured);
	}
	guint at = begin_block(out, BLOCK_FRAME);
	put32(out, record->interface);
	put_time(out, record->time);
	put32(out, record->captured);
	put32(out, record->length);
	guint data = out->len;
	add_room(out, record->captured);
	pad(out);
	uint32_t direction = record->flags & CAPTURE_INBOUND ? FRAME_FLAG_INBOUND : FRAME_FLAG_OUTBOUND;
	put_option(out, FRAME_FLAGS, &direction, sizeof(direction));
	put_comment(out, record, missing);
	end_options(out);
	end_block(out, at);
	return out->data + data;
}

void capture_format_statistics(
	GByteArray *out, CaptureFormat format, unsigned interface, uint64_t time, uint64_t received, uint64_t dropped)
{
	if (format == CAPTURE_PCAP)
		return;
	guint at = begin_block(out, BLOCK_STATISTICS);
	put32(out, interface);
	put_time(out, time);
	if (received != CAPTURE_UNKNOWN)
		put_option(out, STATISTICS_RECEIVED, &received, sizeof(received));
	put_option(out, STATISTICS_DROPPED, &dropped, sizeof(dropped));
	end_options(out);
	end_block(out, at);
}
