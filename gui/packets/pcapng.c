/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/packets/pcapng.h"

#include <string.h>

/* Block types and options of the draft (4.1 to 4.3, 3.5); numbers are in the byte order of the machine that wrote,
 * which is this one. */
enum {
	BLOCK_INTERFACE = 1,
	BLOCK_FRAME = 6,
	BLOCK_SECTION = 0x0a0d0d0a,
	BYTE_ORDER_MAGIC = 0x1a2b3c4d,
	BLOCK_MIN = 12,        /* type, length, length again */
	INTERFACE_HEADER = 16, /* with type and length */
	FRAME_HEADER = 28,
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	OPTION_NAME = 2,
	OPTION_FLAGS = 2,
	OPTION_RESOLUTION = 9,
	FLAG_DIRECTION = 3,
	FLAG_INBOUND = 1,
	NANOSECONDS = 9,
	INTERFACES_MOST = 65536,
};

struct PcapngReader {
	GByteArray *bytes;
	gsize at; /* what is before was read */
	GByteArray *head;
	GPtrArray *interfaces; /* names */
	gboolean begun, broken;
};

PcapngReader *pcapng_reader_new(void)
{
	PcapngReader *self = g_new0(PcapngReader, 1);
	self->bytes = g_byte_array_new();
	self->head = g_byte_array_new();
	self->interfaces = g_ptr_array_new_with_free_func(g_free);
	return self;
}

void pcapng_reader_free(PcapngReader *self)
{
	g_byte_array_unref(self->bytes);
	g_byte_array_unref(self->head);
	g_ptr_array_unref(self->interfaces);
	g_free(self);
}

void pcapng_reader_add(PcapngReader *self, const guint8 *bytes, gsize size)
{
	if (self->broken)
		return;
	if (self->at) {
		g_byte_array_remove_range(self->bytes, 0, (guint)self->at);
		self->at = 0;
	}
	g_byte_array_append(self->bytes, bytes, (guint)size);
}

static guint32 get32(const guint8 *at)
{
	guint32 value;
	memcpy(&value, at, sizeof value);
	return value;
}

static guint16 get16(const guint8 *at)
{
	guint16 value;
	memcpy(&value, at, sizeof value);
	return value;
}

typedef struct {
	guint16 code, size;
	const guint8 *value;
} Option;

/* The option at *at, which moves behind it; FALSE at the end, or when it does not fit. */
static gboolean next_option(const guint8 *block, gsize end, gsize *at, Option *option)
{
	if (*at + 4 > end)
		return FALSE;
	*option = (Option){get16(block + *at), get16(block + *at + 2), block + *at + 4};
	gsize room = ((gsize)option->size + 3) & ~(gsize)3;
	if (option->code == OPTION_END || *at + 4 + room > end)
		return FALSE;
	*at += 4 + room;
	return TRUE;
}

static gboolean fail(PcapngReader *self, GError **error)
{
	self->broken = TRUE;
	g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
		"the switch sent data that is not a valid capture; the list ends here and continues with the next "
		"capture");
	return FALSE;
}

static gboolean take_interface(PcapngReader *self, const guint8 *block, gsize length)
{
	Option option;
	g_autofree char *name = NULL;
	gboolean nanoseconds = FALSE;
	if (length < INTERFACE_HEADER + 4 || self->interfaces->len >= INTERFACES_MOST)
		return FALSE;
	for (gsize at = INTERFACE_HEADER; next_option(block, length - 4, &at, &option);) {
		if (option.code == OPTION_NAME && !name)
			name = g_utf8_make_valid((const char *)option.value, option.size);
		nanoseconds |= option.code == OPTION_RESOLUTION && option.size == 1 && *option.value == NANOSECONDS;
	}
	g_ptr_array_add(self->interfaces, name ? g_steal_pointer(&name) : g_strdup(""));
	return nanoseconds;
}

static gboolean take_frame(const PcapngReader *self, const guint8 *block, gsize length, PcapngFrame *frame)
{
	Option option;
	if (length < FRAME_HEADER + 4)
		return FALSE;
	gsize room = length - FRAME_HEADER - 4;
	*frame = (PcapngFrame){
		.interface = get32(block + 8),
		.time = (guint64)get32(block + 12) << 32 | get32(block + 16),
		.captured = get32(block + 20),
		.length = get32(block + 24),
		.bytes = block + FRAME_HEADER,
		.block = block,
		.block_length = length,
	};
	gsize padded = ((gsize)frame->captured + 3) & ~(gsize)3;
	if (frame->interface >= self->interfaces->len || padded > room || frame->captured > frame->length)
		return FALSE;
	for (gsize at = FRAME_HEADER + padded; next_option(block, length - 4, &at, &option);) {
		if (option.code == OPTION_FLAGS && option.size == 4)
			frame->inbound = (get32(option.value) & FLAG_DIRECTION) == FLAG_INBOUND;
		if (option.code == OPTION_COMMENT && !frame->comment) {
			frame->comment = (const char *)option.value;
			frame->comment_length = option.size;
		}
	}
	return TRUE;
}

/* What is not a frame. */
static gboolean take_other(PcapngReader *self, guint32 type, const guint8 *block, gsize length)
{
	if (type == BLOCK_SECTION) {
		/* One section is what our switch writes. */
		if (self->begun || length < 28 || get32(block + 8) != BYTE_ORDER_MAGIC)
			return FALSE;
		self->begun = TRUE;
	} else if (!self->begun || (type == BLOCK_INTERFACE && !take_interface(self, block, length))) {
		return FALSE;
	}
	if (type == BLOCK_SECTION || type == BLOCK_INTERFACE)
		g_byte_array_append(self->head, block, (guint)length);
	return TRUE;
}

gboolean pcapng_reader_next(PcapngReader *self, PcapngFrame *frame, GError **error)
{
	while (!self->broken && self->bytes->len - self->at >= BLOCK_MIN) {
		const guint8 *block = self->bytes->data + self->at;
		guint32 type = get32(block), length = get32(block + 4);
		if (length < BLOCK_MIN || length % 4 || length > PCAPNG_BLOCK_MAX)
			return fail(self, error);
		if (length > self->bytes->len - self->at)
			return FALSE;
		if (get32(block + length - 4) != length)
			return fail(self, error);
		self->at += length;
		if (type == BLOCK_FRAME && self->begun)
			return take_frame(self, block, length, frame) || fail(self, error);
		if (!take_other(self, type, block, length))
			return fail(self, error);
	}
	return FALSE;
}

const char *pcapng_reader_interface(const PcapngReader *self, guint number)
{
	return number < self->interfaces->len ? self->interfaces->pdata[number] : NULL;
}

const GByteArray *pcapng_reader_head(const PcapngReader *self)
{
	return self->head;
}
