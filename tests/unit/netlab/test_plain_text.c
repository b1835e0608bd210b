/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a guest wrote, for a text view: whole, and cut into bytes. */
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "netlab/client/plain_text.h"

/* In one piece and byte by byte: the same. */
static void check(const char *bytes, const char *expected)
{
	PlainText whole = {0}, cut = {0};
	g_autofree char *text = plain_text_take(&whole, bytes, strlen(bytes));
	g_autoptr(GString) pieces = g_string_new(NULL);
	assert_string_equal(text, expected);
	for (gsize i = 0; bytes[i]; i++) {
		g_autofree char *piece = plain_text_take(&cut, bytes + i, 1);
		g_string_append(pieces, piece);
	}
	assert_string_equal(pieces->str, expected);
}

static void text_stays(void **state)
{
	check("one\n\ttwo\n", "one\n\ttwo\n");
	check("Grüße, 世界 🐧\n", "Grüße, 世界 🐧\n");
}

static void escape_sequences_go(void **state)
{
	check("\033[1;32mgreen\033[0m\n", "green\n");
	check("\033]0;title\aafter", "after");
	check("\033]0;title\033\\after", "after");
	check("\033Pq#0\033\\after", "after");
	check("\033cafter", "after");
}

static void control_characters_go(void **state)
{
	check("a\bb\ac\177d", "abcd");
}

static void carriage_returns_end_lines(void **state)
{
	check("one\r\ntwo\r\n", "one\ntwo\n");
	check("10 %\r20 %\r\n", "10 %\n20 %\n");
	check("one\r\r\n", "one\n");
}

static void what_is_no_utf8_is_replaced(void **state)
{
	check("a\xff"
	      "b",
		"a\xef\xbf\xbd"
		"b");
	check("a\xc3"
	      "b",
		"a\xef\xbf\xbd"
		"b");
}

static void controls_of_utf8_go(void **state)
{
	check("a\302\2332Jb\302\205", "a2Jb");
	check("\342\200\256abc\342\201\246", "abc");
	check("\302\240", "\302\240"); /* no more than a blank */
}

/* What hides with it ends with the line. */
static void a_sequence_without_end_hides_one_line(void **state)
{
	check("a\033]0;b\nc", "a\nc");
	check("a\033[12\nc", "a\nc");
	check("a\033\nc", "a\nc");
}

static void all_at_once(void **state)
{
	g_autofree char *none = printable_text(NULL), *text = printable_text("a\033[2Jb\xff");
	g_autofree char *zeros = printable_bytes("a\0b\xc3", 4);
	assert_string_equal(none, "");
	assert_string_equal(text, "ab\xef\xbf\xbd");
	assert_string_equal(zeros, "ab\xef\xbf\xbd");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_stays),
		cmocka_unit_test(escape_sequences_go),
		cmocka_unit_test(control_characters_go),
		cmocka_unit_test(carriage_returns_end_lines),
		cmocka_unit_test(what_is_no_utf8_is_replaced),
		cmocka_unit_test(controls_of_utf8_go),
		cmocka_unit_test(a_sequence_without_end_hides_one_line),
		cmocka_unit_test(all_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
