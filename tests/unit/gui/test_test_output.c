/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What "netlab test" prints, taken apart. */
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "gui/model/test_output.h"

static void take(const TestResult *result, gpointer text)
{
	g_string_append_printf(text, "%s|%s|%s|%s|%s;", result->holds ? "holds" : "fails", result->name, result->took,
		result->node ? result->node : "", result->details);
}

static void check(const char *const *lines, gboolean end, const char *expected)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(TestOutput) output = test_output_new(take, text);
	for (; *lines; lines++)
		test_output_line(output, *lines);
	if (end)
		test_output_end(output);
	assert_string_equal(text->str, expected);
}

static void what_holds_is_told_at_once(void **state)
{
	const char *lines[] = {"TAP version 13", "1..2", "ok 1 - lan reaches # 5 of 7 # 0.42 s", NULL};
	check(lines, FALSE, "holds|lan reaches # 5 of 7|0.42 s||;");
}

static void what_fails_brings_its_details(void **state)
{
	const char *lines[] = {"not ok 1 - web # 3 s", "  ---", "  at: lab.xml:3:5", "  node: web", "  output: |",
		"    node: not this one", "  ...", "ok 2 - other # 1 s", NULL};
	check(lines, FALSE,
		"fails|web|3 s|web|at: lab.xml:3:5\nnode: web\noutput: |\n  node: not this one\n;holds|other|1 s||;");
}

static void what_looks_like_a_result_inside_is_none(void **state)
{
	const char *lines[] = {"not ok 1 - web # 3 s", "  ---", "ok 2 - forged # 1 s", "  ...", NULL};
	check(lines, FALSE, "fails|web|3 s||ok 2 - forged # 1 s\n;");
}

static void what_was_cut_off_is_told_at_the_end(void **state)
{
	const char *lines[] = {"not ok 1 - web # 3 s", "  ---", "  node: web", NULL};
	check(lines, FALSE, "");
	check(lines, TRUE, "fails|web|3 s|web|node: web\n;");
}

static void without_details(void **state)
{
	const char *lines[] = {"not ok 1 - a # 3 s", "not ok 2 - b", NULL};
	check(lines, TRUE, "fails|a|3 s||;fails|b|||;");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_holds_is_told_at_once),
		cmocka_unit_test(what_fails_brings_its_details),
		cmocka_unit_test(what_looks_like_a_result_inside_is_none),
		cmocka_unit_test(what_was_cut_off_is_told_at_the_end),
		cmocka_unit_test(without_details),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
