/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How checks went is told on the nodes that they concern. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "gui/model/check_marks.h"
#include "tests/unit/gui/gui_lab.h"

#define NODES "<node name=\"a\"/><node name=\"b\"/><node name=\"c\"/>"
#define RUN(node) "<run node=\"" node "\">true</run>"

static int mark(GHashTable *marks, const char *node)
{
	return GPOINTER_TO_INT(g_hash_table_lookup(marks, node));
}

static void each_node_is_named_once(void **state)
{
	g_autoptr(Lab) lab = gui_lab(NODES "<check name=\"x\">" RUN("b") RUN("a") RUN("b") "</check>");
	g_autofree char *nodes = check_nodes(lab->checks->pdata[0]);
	assert_string_equal(nodes, "b, a");
}

static void the_worst_is_told(void **state)
{
	g_autoptr(Lab) lab = gui_lab(
		NODES "<check name=\"x\">" RUN("a") RUN("b") "</check><check name=\"y\">" RUN("b") RUN("c") "</check>");
	g_autoptr(GHashTable) marks = g_hash_table_new(g_str_hash, g_str_equal);
	check_mark(marks, lab->checks->pdata[0], CHECK_RUNNING, NULL);
	assert_int_equal(mark(marks, "a"), 0);
	check_mark(marks, lab->checks->pdata[1], CHECK_FAILS, "b");
	assert_int_equal(mark(marks, "c"), 0);
	check_mark(marks, lab->checks->pdata[0], CHECK_HOLDS, NULL);
	assert_int_equal(mark(marks, "a"), 1);
	assert_int_equal(mark(marks, "b"), -1);
	check_mark(marks, lab->checks->pdata[1], CHECK_FAILS, "");
	assert_int_equal(mark(marks, "c"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_node_is_named_once),
		cmocka_unit_test(the_worst_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
