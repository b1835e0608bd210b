/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/frame/counters.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void names_are_distinct_and_well_formed(void **state)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	for (Counter i = 0; i < N_COUNTERS; i++) {
		const char *name = counter_name(i);
		assert_non_null(name);
		assert_true(g_hash_table_add(seen, (gpointer)name));
		assert_int_equal(i >= COUNTER_DROP_RUNT, g_str_has_prefix(name, "drop_"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(names_are_distinct_and_well_formed)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
