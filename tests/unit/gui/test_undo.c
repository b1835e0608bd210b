/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "gui/model/undo.h"

static void apply(gpointer target, GVariant *state)
{
	*(gint32 *)target = g_variant_get_int32(state);
}

static void push(Undo *undo, const char *merge, gint32 *value, gint32 after)
{
	undo_push(undo, "step", merge, apply, value, g_variant_new_int32(*value), g_variant_new_int32(after));
	*value = after;
}

static void there_and_back(void **state)
{
	g_autoptr(Undo) undo = undo_new();
	gint32 value = 0;
	assert_false(undo_undo(undo));
	assert_false(undo_redo(undo));
	assert_null(undo_undo_label(undo));
	push(undo, NULL, &value, 1);
	push(undo, NULL, &value, 2);
	assert_string_equal(undo_undo_label(undo), "step");
	assert_null(undo_redo_label(undo));
	assert_true(undo_undo(undo));
	assert_int_equal(value, 1);
	assert_true(undo_undo(undo));
	assert_int_equal(value, 0);
	assert_true(undo_redo(undo));
	assert_true(undo_redo(undo));
	assert_int_equal(value, 2);
	assert_false(undo_redo(undo));
}

static void a_new_change_ends_what_was_taken_back(void **state)
{
	g_autoptr(Undo) undo = undo_new();
	gint32 value = 0;
	push(undo, NULL, &value, 1);
	undo_undo(undo);
	push(undo, NULL, &value, 5);
	assert_null(undo_redo_label(undo));
	undo_undo(undo);
	assert_int_equal(value, 0);
}

static void small_steps_are_one(void **state)
{
	g_autoptr(Undo) undo = undo_new();
	gint32 value = 0, other = 0;
	for (gint32 i = 1; i <= 10; i++)
		push(undo, "key", &value, i);
	push(undo, "key", &other, 1);
	push(undo, "else", &value, 11);
	undo_undo(undo);
	assert_int_equal(value, 10);
	undo_undo(undo);
	assert_int_equal(other, 0);
	undo_undo(undo);
	assert_int_equal(value, 0);
	assert_null(undo_undo_label(undo));
	undo_redo(undo);
	assert_int_equal(value, 10);
}

static void depth_is_bounded(void **state)
{
	g_autoptr(Undo) undo = undo_new();
	gint32 value = 0, steps = 0;
	for (gint32 i = 1; i <= UNDO_DEPTH + 20; i++)
		push(undo, NULL, &value, i);
	while (undo_undo(undo))
		steps++;
	assert_int_equal(steps, UNDO_DEPTH);
	assert_int_equal(value, 20);
	undo_clear(undo);
	assert_null(undo_redo_label(undo));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(a_new_change_ends_what_was_taken_back),
		cmocka_unit_test(small_steps_are_one),
		cmocka_unit_test(depth_is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
