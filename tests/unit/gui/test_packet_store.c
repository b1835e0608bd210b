/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A capture is read as the switch writes it, in pieces of any size; the last frames are kept; too many are sampled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gui/packets/store.h"
#include "switch/capture/capture_format.h"

static void append_frame(GByteArray *file, guint interface, guint64 time, gboolean inbound, const char *bytes)
{
	CaptureRecord record = {.time = time,
		.captured = (guint32)strlen(bytes),
		.length = (guint32)strlen(bytes) + 4,
		.interface = (guint16)interface,
		.flags = inbound ? CAPTURE_INBOUND : 0,
		.drop = COUNTER_NONE,
		.delay = inbound ? 20000 : 0};
	memcpy(capture_format_frame(file, CAPTURE_PCAPNG, &record, 0), bytes, strlen(bytes));
}

static GByteArray *make_file(void)
{
	GByteArray *file = g_byte_array_new();
	capture_format_begin(file, CAPTURE_PCAPNG, 262144);
	capture_format_interface(file, CAPTURE_PCAPNG, "pc:eth0", "network lan", "icmp", 262144);
	capture_format_interface(file, CAPTURE_PCAPNG, "r1:eth1", "link core", NULL, 262144);
	append_frame(file, 0, 5000000001, FALSE, "first frame");
	append_frame(file, 1, 5000000002, TRUE, "the second");
	capture_format_statistics(file, CAPTURE_PCAPNG, 0, 5000000003, 2, 0);
	append_frame(file, 0, 5000000004, FALSE, "third");
	return file;
}

static void check_frame(const PcapngReader *reader, const PcapngFrame *frame, guint n)
{
	static const char *const bytes[] = {"first frame", "the second", "third"};
	assert_int_equal(frame->captured, strlen(bytes[n]));
	assert_int_equal(frame->length, strlen(bytes[n]) + 4);
	assert_memory_equal(frame->bytes, bytes[n], frame->captured);
	assert_int_equal(frame->inbound, n == 1);
	assert_string_equal(pcapng_reader_interface(reader, frame->interface), n == 1 ? "r1:eth1" : "pc:eth0");
	assert_int_equal(frame->comment_length, n == 1 ? strlen("delayed by 20.000 ms") : 0);
}

static void test_pieces(void **state)
{
	g_autoptr(GByteArray) file = make_file();
	for (guint size = 1; size <= file->len; size += 7) {
		g_autoptr(PcapngReader) reader = pcapng_reader_new();
		PcapngFrame frame;
		guint n = 0;
		for (guint at = 0; at < file->len; at += size) {
			g_autoptr(GError) error = NULL;
			pcapng_reader_add(reader, file->data + at, MIN(size, file->len - at));
			while (pcapng_reader_next(reader, &frame, &error))
				check_frame(reader, &frame, n++);
			assert_null(error);
		}
		assert_int_equal(n, 3);
		assert_null(pcapng_reader_interface(reader, 2));
	}
}

/* A byte is another one: then it is an error, or another frame, and nothing beyond the end is read. */
static void test_broken(void **state)
{
	g_autoptr(GByteArray) file = make_file();
	for (guint at = 0; at < file->len; at++)
		for (guint bit = 0; bit < 8; bit++) {
			g_autoptr(PcapngReader) reader = pcapng_reader_new();
			g_autoptr(GError) error = NULL;
			PcapngFrame frame;
			guint n = 0;
			file->data[at] ^= (guint8)(1u << bit);
			pcapng_reader_add(reader, file->data, file->len);
			file->data[at] ^= (guint8)(1u << bit);
			while (pcapng_reader_next(reader, &frame, &error)) {
				assert_true(frame.bytes >= frame.block);
				assert_true(frame.bytes + frame.captured <= frame.block + frame.block_length);
				n++;
			}
			assert_true(n <= 3);
			/* It stays broken. */
			if (error)
				assert_false(pcapng_reader_next(reader, &frame, NULL));
		}
}

/* What is kept is a capture again. */
static void test_file(void **state)
{
	g_autoptr(GByteArray) file = make_file();
	g_autoptr(PcapngReader) reader = pcapng_reader_new(), again = pcapng_reader_new();
	g_autoptr(PacketStore) store = packet_store_new();
	PcapngFrame frame;
	guint n = 0;
	gsize size;
	pcapng_reader_add(reader, file->data, file->len);
	while (pcapng_reader_next(reader, &frame, NULL))
		assert_int_equal(packet_store_add(store, &frame)->number, ++n);
	g_autoptr(GBytes) copy = packet_store_file(store, pcapng_reader_head(reader));
	const guint8 *bytes = g_bytes_get_data(copy, &size);
	pcapng_reader_add(again, bytes, size);
	for (n = 0; pcapng_reader_next(again, &frame, NULL); n++)
		check_frame(again, &frame, n);
	assert_int_equal(n, 3);
	g_autofree char *comment = packet_comment(packet_store_get(store, 2)),
			*none = packet_comment(packet_store_get(store, 1));
	assert_string_equal(comment, "delayed by 20.000 ms");
	assert_null(none);
	assert_memory_equal(packet_bytes(packet_store_get(store, 3)), "third", 5);
}

static void test_bounded(void **state)
{
	g_autoptr(PacketStore) store = packet_store_new();
	g_autoptr(GByteArray) file = make_file();
	g_autoptr(PcapngReader) reader = pcapng_reader_new();
	PcapngFrame frame;
	pcapng_reader_add(reader, file->data, file->len);
	assert_true(pcapng_reader_next(reader, &frame, NULL));
	assert_true(packet_store_first(store) > packet_store_last(store));
	for (guint i = 0; i < PACKET_STORE_FRAMES + 5; i++)
		packet_store_add(store, &frame);
	assert_int_equal(packet_store_first(store), 6);
	assert_int_equal(packet_store_last(store), PACKET_STORE_FRAMES + 5);
	assert_null(packet_store_get(store, 5));
	assert_non_null(packet_store_get(store, 6));
	packet_store_clear(store);
	assert_true(packet_store_first(store) > packet_store_last(store));
	/* Large frames are fewer. */
	g_autofree guint8 *large = g_malloc0(1 << 20);
	PcapngFrame big = {.block = large, .block_length = 1 << 20, .bytes = large, .captured = 100, .length = 100};
	for (guint i = 0; i < 100; i++)
		packet_store_add(store, &big);
	assert_int_equal(packet_store_last(store) - packet_store_first(store) + 1, PACKET_STORE_BYTES >> 20);
}

static void test_keep(void **state)
{
	g_autoptr(PacketStore) store = packet_store_new();
	guint8 block[32] = {0};
	PcapngFrame frame = {.block = block, .block_length = sizeof block, .bytes = block + 28};
	packet_store_keep(store, 0);
	for (guint i = 0; i < 10; i++)
		packet_store_add(store, &frame);
	packet_store_keep(store, 20);
	assert_int_equal(packet_store_first(store), 1);
	packet_store_keep(store, 3);
	assert_int_equal(packet_store_first(store), 8);
	assert_int_equal(packet_store_last(store), 10);
}

static void test_sampler(void **state)
{
	PacketSampler sampler = {0};
	guint taken = 0;
	gint64 now = 1000000;
	for (guint i = 0; i < SAMPLER_BUDGET + SAMPLER_CREDIT; i++)
		taken += packet_sampler_take(&sampler, now);
	assert_int_equal(taken, SAMPLER_BUDGET + SAMPLER_CREDIT);
	assert_int_equal(sampler.skipped, 0);
	assert_false(packet_sampler_take(&sampler, now));
	/* A flood of 100 000 a second for a second. */
	taken = 0;
	for (guint i = 0; i < 100000; i++)
		taken += packet_sampler_take(&sampler, now + SAMPLER_WINDOW + (gint64)i * 10);
	assert_true(taken <= 11 * SAMPLER_BUDGET);
	assert_true(taken >= 9 * SAMPLER_BUDGET);
	assert_int_equal(sampler.skipped, 100000 - taken + 1);
	assert_int_equal(sampler.total, 100000 + SAMPLER_BUDGET + SAMPLER_CREDIT + 1);
	/* And then a few: all of them. */
	now += 10 * G_USEC_PER_SEC;
	for (guint i = 0; i < 50; i++)
		assert_true(packet_sampler_take(&sampler, now + i));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_keep),
		cmocka_unit_test(test_sampler),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
