/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <json-glib/json-glib.h>
#include <string.h>

#include "topologies/model/diagnostics.h"

static LabPos at(const char *file, int line, int column)
{
	return (LabPos){g_intern_string(file), line, column};
}

static void test_text(void **state)
{
	g_autoptr(LabDiagnostics) list = lab_diagnostics_new();
	g_autofree char *folder = g_get_current_dir(), *below = g_build_filename(folder, "sub", "lab.xml", NULL),
			*text = NULL;

	lab_diagnostics_add(list, LAB_WARNING, at("/z/lab.xml", 10, 2), "later");
	lab_diagnostics_add(list, LAB_ERROR, at("/z/lab.xml", 9, 12), "nine, %d", 12);
	lab_diagnostics_add(list, LAB_ERROR, at("/z/lab.xml", 9, 3), "first");
	lab_diagnostics_add(list, LAB_ERROR, at("/z/lab.xml", 9, 3), "second");
	lab_diagnostics_add(list, LAB_ERROR, at("/z/lab.xml", 9, 3), "first");
	lab_diagnostics_add(list, LAB_ERROR, at(below, 0, 0), "no place");
	text = lab_diagnostics_to_text(list);
	/* "/z" sorts behind any working folder that a build has. */
	assert_string_equal(text,
		"sub/lab.xml: error: no place\n"
		"/z/lab.xml:9:3: error: first\n"
		"/z/lab.xml:9:3: error: second\n"
		"/z/lab.xml:9:12: error: nine, 12\n"
		"/z/lab.xml:10:2: warning: later\n");
	assert_int_equal(lab_diagnostics_count(list, LAB_ERROR), 4);
	assert_int_equal(lab_diagnostics_count(list, LAB_WARNING), 1);
	assert_int_equal(lab_diagnostics_all(list)->len, 5);
}

static void test_json(void **state)
{
	g_autoptr(LabDiagnostics) list = lab_diagnostics_new();
	g_autofree char *empty = lab_diagnostics_to_json(list), *text = NULL;
	g_autoptr(JsonNode) root = NULL;
	JsonObject *object;

	assert_string_equal(g_strstrip(empty), "[]");
	lab_diagnostics_add(list, LAB_ERROR, at("/z/lab.xml", 3, 7), "a \"quote\"");
	text = lab_diagnostics_to_json(list);
	root = json_from_string(text, NULL);
	assert_non_null(root);
	object = json_array_get_object_element(json_node_get_array(root), 0);
	assert_string_equal(json_object_get_string_member(object, "severity"), "error");
	assert_string_equal(json_object_get_string_member(object, "file"), "/z/lab.xml");
	assert_int_equal(json_object_get_int_member(object, "line"), 3);
	assert_int_equal(json_object_get_int_member(object, "column"), 7);
	assert_string_equal(json_object_get_string_member(object, "message"), "a \"quote\"");
}

static void test_one_bounded_line(void **state)
{
	g_autoptr(LabDiagnostics) list = lab_diagnostics_new();
	g_autofree char *long_text = g_strnfill(100000, 'x'), *text = NULL;

	lab_diagnostics_add(list, LAB_ERROR, at("/z/lab.xml", 1, 1), "a\nb\tc \xc3\xa9%s", long_text);
	text = lab_diagnostics_to_text(list);
	assert_true(g_str_has_prefix(text, "/z/lab.xml:1:1: error: a b c "));
	assert_true(g_str_has_suffix(text, "xxx...\n"));
	assert_true(strlen(text) < 1100);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

static void test_bounded_number(void **state)
{
	g_autoptr(LabDiagnostics) list = lab_diagnostics_new();
	g_autofree char *text = NULL;

	lab_diagnostics_add(list, LAB_WARNING, at("/z/lab.xml", 1, 1), "a warning");
	for (int i = 0; i < 100; i++) {
		assert_false(lab_diagnostics_are_many(list));
		lab_diagnostics_add(list, LAB_ERROR, at("/z/lab.xml", 1000 - i, 1), "one");
		/* What was said is not counted twice. */
		if (i < 99)
			lab_diagnostics_add(list, LAB_ERROR, at("/z/lab.xml", 1000 - i, 1), "one");
	}
	assert_true(lab_diagnostics_are_many(list));
	assert_int_equal(lab_diagnostics_all(list)->len, 101);
	for (int i = 0; i < 3210; i++)
		lab_diagnostics_add(list, LAB_ERROR, at("/z/lab.xml", 5, i), "two");
	assert_int_equal(lab_diagnostics_count(list, LAB_ERROR), 3310);
	assert_int_equal(lab_diagnostics_all(list)->len, 102);
	text = lab_diagnostics_to_text(list);
	assert_true(g_str_has_prefix(text, "/z/lab.xml:1:1: warning: a warning\n/z/lab.xml:901:1: error: one\n"));
	assert_true(g_str_has_suffix(text,
		"/z/lab.xml:1000:1: error: one\n"
		"/z/lab.xml: error: there are at least 3210 more errors; the first 100 are shown\n"));
}

static void test_nearest(void **state)
{
	static const char *const names[] = {"lan", "dmz", "outside", "Router", NULL};
	g_autofree char *long_word = g_strnfill(1 << 20, 'a');

	assert_string_equal(lab_nearest("lna", names), "lan");
	assert_string_equal(lab_nearest("lan1", names), "lan");
	assert_string_equal(lab_nearest("LAN", names), "lan");
	assert_string_equal(lab_nearest("ouside", names), "outside");
	assert_string_equal(lab_nearest("router", names), "Router");
	assert_null(lab_nearest("wan2", names));
	assert_null(lab_nearest("d", names));
	assert_null(lab_nearest("", names));
	assert_null(lab_nearest(long_word, names));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_one_bounded_line),
		cmocka_unit_test(test_bounded_number),
		cmocka_unit_test(test_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
