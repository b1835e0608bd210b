/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <glib.h>
#include <cmocka.h>

#include "netlab/cmd/table.h"

static void columns_are_aligned(void **state)
{
	g_autoptr(Table) table = table_new("NODE", ">FRAMES", "NOTE", NULL);
	table_row(table, "r1", "7", "");
	table_row(table, "router", "12345678", "x");
	table_row(table, "", NULL, NULL);
	g_autofree char *text = table_text(table);
	assert_string_equal(text,
		"NODE      FRAMES  NOTE\n"
		"r1             7\n"
		"router  12345678  x\n"
		"\n");
}

static void colours_take_no_room(void **state)
{
	g_autoptr(Table) table = table_new("STATE", "X", NULL);
	table_row(table, "\033[32mready\033[0m", "a");
	table_row(table, "no", "b");
	g_autofree char *text = table_text(table);
	assert_string_equal(text, "STATE  X\n\033[32mready\033[0m  a\nno     b\n");
}

static void width_counts_cells(void **state)
{
	assert_int_equal(table_width(""), 0);
	assert_int_equal(table_width("Zürich"), 6);
	assert_int_equal(table_width("網路"), 4);
	assert_int_equal(table_width("e\xcc\x81"), 1); /* e and a combining accent */
	assert_int_equal(table_width("ab\033[3"), 2);  /* an unfinished sequence ends it */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_aligned),
		cmocka_unit_test(colours_take_no_room),
		cmocka_unit_test(width_counts_cells),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
