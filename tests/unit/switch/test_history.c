/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/capture/history.h"
#include "switch/capture/history_reader.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <string.h>

#define SECOND UINT64_C(1000000000)
#define SIZE (1u << 20)
#define START (UINT64_C(1700000000) * SECOND)

typedef struct {
	History *history;
	Recorder *recorder; /* only its interfaces are of interest */
	RecorderPoint point;
	Moment now;
} World;

static void ignore_end(void *data)
{
}

static int set_up(void **state)
{
	World *world = g_new0(World, 1);
	RecorderOptions options = {.ended = ignore_end};
	world->history = history_new(SIZE);
	world->recorder = recorder_new(&options, 1, open("/dev/null", O_WRONLY | O_CLOEXEC), NULL);
	RecorderInterface *a = recorder_add_interface(world->recorder, "a", ""),
			  *b = recorder_add_interface(world->recorder, "b", "");
	world->point = (RecorderPoint){recorder_source(world->recorder, 0), {a, b}, {false, false}};
	world->now = (Moment){.monotonic = SECOND, .wall = START};
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	World *world = *state;
	history_free(world->history);
	recorder_free(world->recorder);
	g_free(world);
	return 0;
}

static void put(World *world, uint16_t cable, uint32_t number, size_t length)
{
	uint8_t bytes[2000] = {0xff};
	memcpy(bytes + 14, &number, sizeof(number));
	memset(bytes + 18, (int)number, sizeof(bytes) - 18);
	/* In pieces, as from a guest. */
	struct iovec parts[] = {{bytes, 20}, {bytes + 20, length - 20}};
	Frame frame = {.parts = parts, .n_parts = 2, .length = length};
	history_put(world->history, cable, number % 2, false, &frame, NULL, &world->now);
}

/* A frame of cable 2 that a network passes on into cable 1: at its end 1, at its end 0, or at both. */
static void pass_on(World *world, uint32_t number, bool at_1, bool at_0)
{
	uint8_t bytes[60] = {0};
	memcpy(bytes + 14, &number, sizeof(number));
	struct iovec part = {bytes, sizeof(bytes)};
	Frame frame = frame_of(&part);
	history_put(world->history, 2, 0, false, &frame, NULL, &world->now);
	if (at_1)
		history_put(world->history, 1, 1, true, &frame, NULL, &world->now);
	if (at_0)
		history_put(world->history, 1, 0, true, &frame, NULL, &world->now);
}

/* Everything of cable 1 since a time. */
static RecorderPrelude read_since(World *world, uint64_t since)
{
	GByteArray *bytes = g_byte_array_new();
	uint64_t from = 0, to = history_position(world->history);
	while (history_copy(world->history, &from, to, bytes))
		;
	HistoryReader *reader = history_reader_new(since);
	history_reader_add(reader, bytes);
	history_reader_want(reader, 1, &world->point,
		(uint64_t[]){history_missing(world->history, 1, 0), history_missing(world->history, 1, 1)});
	return history_reader_prelude(reader);
}

static uint32_t number_of(const uint8_t *bytes)
{
	uint32_t number;
	memcpy(&number, bytes + 14, sizeof(number));
	return number;
}

static void quiet_cables_are_kept_whole(void **state)
{
	World *world = *state;
	CaptureRecord record;
	const uint8_t *bytes;
	uint64_t missing;
	for (uint32_t i = 0; i < 100; i++) {
		world->now.wall += SECOND / 10;
		world->now.monotonic += SECOND / 10;
		put(world, i % 10 == 9 ? 2 : 1, i, 1514);
	}
	RecorderPrelude prelude = read_since(world, START + 5 * SECOND);
	uint32_t count = 0;
	for (uint32_t i = 49; prelude.next(prelude.data, &record, &bytes, &missing); i++) {
		if (i % 10 == 9)
			i++; /* another cable */
		assert_int_equal(number_of(bytes), i);
		assert_int_equal(record.captured, 1514);
		assert_int_equal(record.length, 1514);
		assert_int_equal(record.interface, i % 2);
		assert_int_equal(record.time, START + (i + 1) * (SECOND / 10));
		assert_int_equal(bytes[1513], i);
		count++;
	}
	assert_int_equal(count, 45 + 0);
	prelude.free(prelude.data);
}

/* Far more than fits: the newest is there, without a gap, heads alone. */
static void busy_cables_keep_heads(void **state)
{
	World *world = *state;
	enum { FRAMES = 100000 };
	CaptureRecord record;
	const uint8_t *bytes;
	uint64_t missing;
	for (uint32_t i = 0; i < FRAMES; i++) {
		world->now.wall += 20000;
		world->now.monotonic += 20000;
		put(world, 1, i, 1514);
	}
	RecorderPrelude prelude = read_since(world, 0);
	uint32_t first = 0, next = 0, whole = 0;
	while (prelude.next(prelude.data, &record, &bytes, &missing)) {
		uint32_t number = number_of(bytes);
		if (!next)
			first = number;
		else
			assert_int_equal(number, next);
		next = number + 1;
		assert_int_equal(record.length, 1514);
		whole += record.captured == 1514;
		if (record.captured != 1514)
			assert_int_equal(record.captured, HISTORY_HEAD);
	}
	assert_int_equal(next, FRAMES);
	const unsigned size = sizeof(HistoryRecord) + HISTORY_HEAD;
	assert_in_range(FRAMES - first, SIZE / size * 9 / 10, SIZE / size + 1);
	assert_in_range(whole, 0, 200);
	prelude.free(prelude.data);
}

/* While somebody reads, the worker goes on: what is overwritten meanwhile is missing, the rest is sound. */
static void reading_is_slower_than_writing(void **state)
{
	World *world = *state;
	for (uint32_t i = 0; i < 20000; i++) {
		world->now.monotonic += SECOND / 1000;
		put(world, 1, i, 90);
	}
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	uint64_t from = 0, to = history_position(world->history);
	for (uint32_t i = 20000; history_copy(world->history, &from, to, bytes); i += 100)
		for (uint32_t k = 0; k < 100; k++) {
			world->now.monotonic += SECOND / 1000;
			put(world, 1, i + k, 90);
		}
	uint32_t last = 0;
	for (size_t at = 0; at < bytes->len;) {
		const HistoryRecord *record = (const HistoryRecord *)(const void *)(bytes->data + at);
		uint32_t number = number_of((const uint8_t *)(record + 1));
		assert_int_equal(record->captured, 90);
		assert_true(number > last);
		last = number;
		at += history_record_size(record);
	}
	assert_int_equal(last, 19999);
}

/* Ethernet, IPv4 and TCP headers, and so much payload. */
static void put_segmented(World *world, size_t payload, uint16_t segment)
{
	static uint8_t bytes[65000] = {0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 1, 8, 0, 0x45};
	bytes[14 + 9] = 6;
	bytes[34 + 12] = 0x50;
	struct iovec part = {bytes, 54 + payload};
	Frame frame = frame_of(&part);
	frame.offload = (Offload){.checksum = true,
		.checksum_start = 34,
		.checksum_offset = 16,
		.segmentation = SEGMENT_TCP4,
		.segment_size = segment};
	history_put(world->history, 1, 0, false, &frame, NULL, &world->now);
}

/* What was one frame in the lab is shown as those that a wire would have carried, whether all of it was kept or not. */
static void offloaded_frames_are_cut(void **state)
{
	World *world = *state;
	CaptureRecord record;
	const uint8_t *bytes;
	uint64_t missing;
	put_segmented(world, 3000, 1448);
	/* Uses up what may be kept whole. */
	for (uint32_t i = 0; i < 1000; i++) {
		world->now.monotonic += SECOND / 1000;
		put(world, 2, i, 1514);
	}
	put_segmented(world, 3000, 1448);
	RecorderPrelude prelude = read_since(world, 0);
	for (unsigned whole = 0; whole < 2; whole++) {
		for (unsigned i = 0; i < 3; i++) {
			uint32_t length = i < 2 ? 54 + 1448 : 54 + 104;
			assert_true(prelude.next(prelude.data, &record, &bytes, &missing));
			assert_int_equal(record.length, length);
			assert_int_equal(bytes[16] << 8 | bytes[17], length - 14);
			assert_int_equal(bytes[40] << 8 | bytes[41], i * 1448); /* sequence number */
			assert_int_equal(record.captured, whole == 0 ? length : i == 0 ? HISTORY_HEAD : 54);
		}
	}
	assert_false(prelude.next(prelude.data, &record, &bytes, &missing));
	prelude.free(prelude.data);
}

/* More than the memory holds for a tenth of a second: some frames are not remembered, evenly; how many, is. */
static void a_flood_is_sampled(void **state)
{
	World *world = *state;
	enum { FRAMES = 1000000 };
	CaptureRecord record;
	const uint8_t *bytes;
	uint64_t missing;
	for (uint32_t i = 0; i < FRAMES; i++) {
		world->now.wall += 200;
		world->now.monotonic += 200;
		put(world, 1, i, 60);
	}
	RecorderPrelude prelude = read_since(world, 0);
	uint64_t first = 0, last = 0, sum[2] = {0};
	uint32_t before[2] = {0};
	while (prelude.next(prelude.data, &record, &bytes, &missing)) {
		uint32_t number = number_of(bytes), direction = number % 2;
		assert_true(record.time > last);
		if (before[direction])
			assert_int_equal(number, before[direction] + 2 * (missing + 1));
		before[direction] = number;
		sum[direction] += missing;
		first = first ? first : record.time;
		last = record.time;
	}
	/* Those after the last, too. */
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(prelude.missing(prelude.data, i), sum[i] + (FRAMES - 2 + i - before[i]) / 2);
	assert_true(last - first > SECOND * 8 / 100);
	assert_true(world->now.wall - last < SECOND / 1000);
	prelude.free(prelude.data);
}

/* What a network passes on is kept once, and read as often as it passed: with the next chunk, too. */
static void passed_on_is_kept_once(void **state)
{
	World *world = *state;
	CaptureRecord record;
	const uint8_t *bytes;
	uint64_t missing;
	enum { FRAMES = 30000 };
	for (uint32_t i = 0; i < FRAMES; i++) {
		world->now.wall += 1000;
		world->now.monotonic += 20000;
		pass_on(world, i, true, true);
	}
	RecorderPrelude prelude = read_since(world, 0);
	uint32_t expected = 0, count = 0;
	while (prelude.next(prelude.data, &record, &bytes, &missing)) {
		if (!count)
			expected = number_of(bytes);
		assert_int_equal(number_of(bytes), expected);
		assert_int_equal(record.captured, 60);
		assert_int_equal(record.time, START + (expected + 1) * UINT64_C(1000));
		assert_int_equal(record.interface, count % 2 ? 0 : 1);
		expected += count++ % 2;
	}
	assert_int_equal(expected, FRAMES);
	/* 24 + 60 to the next eight, and two of eight. */
	assert_in_range(count / 2, SIZE / 104 * 9 / 10, SIZE / 104 + 1);
	prelude.free(prelude.data);
}

/* The same of a frame that a network passes on: each cable has lost its own. */
static void what_is_missing_is_told_of_each_cable(void **state)
{
	World *world = *state;
	enum { FRAMES = 300000 };
	CaptureRecord record;
	const uint8_t *bytes;
	uint64_t missing, sum = 0;
	uint32_t before = 0;
	for (uint32_t i = 0; i < FRAMES; i++) {
		world->now.wall += 1000;
		world->now.monotonic += 1000;
		pass_on(world, i, i % 3 == 0, false);
	}
	RecorderPrelude prelude = read_since(world, 0);
	while (prelude.next(prelude.data, &record, &bytes, &missing)) {
		uint32_t number = number_of(bytes);
		if (before)
			assert_int_equal(number, before + 3 * (missing + 1));
		before = number;
		sum += missing;
	}
	assert_true(sum > 1000);
	prelude.free(prelude.data);
}

/* A frame that would have been cut counts as its pieces. */
static void segments_that_are_missing_are_counted(void **state)
{
	World *world = *state;
	for (uint32_t i = 0; history_missing(world->history, 2, 0) == 0; i += 2)
		put(world, 2, i, 60);
	put_segmented(world, 3000, 1448);
	assert_int_equal(history_missing(world->history, 1, 0), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(quiet_cables_are_kept_whole, set_up, tear_down),
		cmocka_unit_test_setup_teardown(busy_cables_keep_heads, set_up, tear_down),
		cmocka_unit_test_setup_teardown(reading_is_slower_than_writing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_flood_is_sampled, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_missing_is_told_of_each_cable, set_up, tear_down),
		cmocka_unit_test_setup_teardown(segments_that_are_missing_are_counted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(passed_on_is_kept_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(offloaded_frames_are_cut, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
