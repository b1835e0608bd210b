/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way of a frame: through routers that change it, a switch that floods it, beside others that look alike. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gui/packets/follow.h"
#include "tests/unit/switch/frames.h"

/* A ping, as it is on a wire: addresses of the wire, time to live, checksum, sequence number. */
#define PING(macs, life, sum, sequence)                                                                                \
	macs "0800 4500001c 00010000" life "01" sum "0a000001 0a000902 0800 0000 0007" sequence
#define FIRST "525400000002 525400000001 "
#define SECOND "525400000004 525400000003 "
#define THIRD "525400000006 525400000005 "

enum { PC, R1, R2, SERVER, LAN, OTHER };

typedef struct {
	const char *frame;
	guint64 time; /* milliseconds */
	guint cable, from, to;
} Seen;

/* Checks that the way of the selected one is these. */
static void expect(const Seen *seen, guint n, guint selected, const guint *want, guint n_want)
{
	g_autoptr(GPtrArray) bytes = g_ptr_array_new_with_free_func((GDestroyNotify)g_byte_array_unref);
	g_autofree FollowFrame *frames = g_new0(FollowFrame, n);
	for (guint i = 0; i < n; i++) {
		GByteArray *frame = frame_from_hex(seen[i].frame);
		g_ptr_array_add(bytes, frame);
		frames[i] = (FollowFrame){frame->data, frame->len, frame->len, seen[i].time * 1000000, seen[i].cable,
			seen[i].from, seen[i].to};
	}
	g_autoptr(GArray) path = follow_path(frames, n, selected);
	assert_int_equal(path->len, n_want);
	for (guint i = 0; i < n_want; i++)
		assert_int_equal(g_array_index(path, guint, i), want[i]);
}

static const Seen routed[] = {
	{PING(FIRST, "40", "1111", "0001"), 1000, 0, PC, R1},
	{PING(SECOND, "3f", "1112", "0001"), 1010, 1, R1, R2},
	{PING(FIRST, "40", "1111", "0002"), 1015, 0, PC, R1},
	{PING(THIRD, "3e", "1113", "0001"), 1020, 2, R2, SERVER},
	{PING(SECOND, "3f", "1112", "0002"), 1025, 1, R1, R2},
};

static void test_routers(void **state)
{
	/* From wherever it is looked at. */
	const guint way[] = {0, 1, 3}, second[] = {2, 4};
	expect(routed, G_N_ELEMENTS(routed), 0, way, 3);
	expect(routed, G_N_ELEMENTS(routed), 1, way, 3);
	expect(routed, G_N_ELEMENTS(routed), 3, way, 3);
	expect(routed, G_N_ELEMENTS(routed), 2, second, 2);
}

#define ASK "ffffffffffff 525400000001 0806 0001 0800 06 04 0001 525400000001 0a000001 000000000000 0a000002"

static void test_flooded(void **state)
{
	/* Asked again a second later, with the same bytes. */
	static const Seen seen[] = {
		{ASK, 1000, 0, PC, LAN},
		{ASK, 1000, 1, LAN, R1},
		{ASK, 1000, 2, LAN, R2},
		{ASK, 2000, 0, PC, LAN},
		{ASK, 2000, 1, LAN, R1},
		{ASK, 2000, 2, LAN, R2},
	};
	const guint first[] = {0, 1, 2}, again[] = {3, 4}, whole[] = {3, 4, 5};
	expect(seen, 6, 0, first, 3);
	expect(seen, 6, 3, whole, 3);
	/* From a branch: back to the sender, and on from there. */
	expect(seen, 5, 4, again, 2);
	expect(seen, 6, 4, whole, 3);
}

static void test_tags(void **state)
{
	static const Seen seen[] = {
		{PING(FIRST, "40", "1111", "0001"), 1000, 0, PC, LAN},
		{FIRST "8100 000a 0800 4500001c 00010000 4001 1111 0a000001 0a000902 0800 0000 0007 0001", 1000, 1, LAN,
			OTHER},
		{PING(FIRST, "40", "1111", "0001"), 1001, 2, OTHER, R1},
	};
	const guint way[] = {0, 1, 2};
	expect(seen, 3, 1, way, 3);
}

static void test_others(void **state)
{
	/* No router's doing: other addresses with the same time to live, more time to live, another byte. */
	static const Seen seen[] = {
		{PING(FIRST, "40", "1111", "0001"), 1000, 0, PC, R1},
		{PING(SECOND, "40", "1111", "0001"), 1001, 1, R1, R2},
		{PING(SECOND, "41", "1111", "0001"), 1001, 1, R1, R2},
		{PING(SECOND, "3f", "1111", "0003"), 1001, 1, R1, R2},
		{"5254", 1001, 1, R1, R2},
		/* And far too late. */
		{PING(SECOND, "3f", "1111", "0001"), 1000 + 60000, 1, R1, R2},
	};
	const guint alone[] = {0};
	expect(seen, G_N_ELEMENTS(seen), 0, alone, 1);
}

/* The lab's memory keeps but the beginning of frames when it is busy; short frames were filled up by the sender. */
static void test_cut(void **state)
{
	g_autoptr(GByteArray) whole = frame_from_hex(PING(FIRST, "40", "1111", "0001"));
	g_autoptr(GByteArray) padded =
		frame_from_hex(PING(SECOND, "3f", "1112", "0001") "000000000000000000000000000000000000");
	FollowFrame a = {.bytes = whole->data, .captured = whole->len, .length = whole->len};
	FollowFrame b = {.bytes = padded->data, .captured = padded->len, .length = padded->len};
	assert_true(follow_same(&a, &b));
	b.captured = 36;
	assert_true(follow_same(&a, &b));
	b.captured = 10;
	assert_false(follow_same(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_routers),
		cmocka_unit_test(test_flooded),
		cmocka_unit_test(test_tags),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
