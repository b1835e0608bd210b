/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/bridge/fdb.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define SECOND UINT64_C(1000000000)
#define AGEING (300 * SECOND)

/* Only their addresses matter. */
static char cables[8];
#define CABLE(i) ((BridgePort *)&cables[i])

static void learns_and_moves(void **state)
{
	Fdb *fdb = fdb_new(16, AGEING, 1);
	assert_null(fdb_lookup(fdb, 0x525400000001, 0));
	assert_true(fdb_learn(fdb, 0x525400000001, CABLE(1), 0));
	assert_ptr_equal(fdb_lookup(fdb, 0x525400000001, SECOND), CABLE(1));
	assert_null(fdb_lookup(fdb, 0x525400000002, SECOND));
	assert_true(fdb_learn(fdb, 0x525400000001, CABLE(2), 2 * SECOND));
	assert_ptr_equal(fdb_lookup(fdb, 0x525400000001, 2 * SECOND), CABLE(2));
	fdb_free(fdb);
}

static void ages_by_the_time_given(void **state)
{
	Fdb *fdb = fdb_new(16, AGEING, 1);
	fdb_learn(fdb, 1, CABLE(1), SECOND);
	assert_ptr_equal(fdb_lookup(fdb, 1, SECOND + AGEING - 1), CABLE(1));
	assert_null(fdb_lookup(fdb, 1, SECOND + AGEING));
	/* Heard again: young again. */
	fdb_learn(fdb, 1, CABLE(1), SECOND + AGEING);
	assert_ptr_equal(fdb_lookup(fdb, 1, 2 * AGEING), CABLE(1));
	/* A clock that goes back does not age anything. */
	assert_ptr_equal(fdb_lookup(fdb, 1, 0), CABLE(1));
	fdb_free(fdb);
}

static void is_bounded_and_recovers(void **state)
{
	Fdb *fdb = fdb_new(100, AGEING, 7);
	for (Mac mac = 1; mac <= 100; mac++)
		assert_true(fdb_learn(fdb, mac, CABLE(1), 0));
	for (Mac mac = 101; mac <= 10000; mac++)
		assert_false(fdb_learn(fdb, mac, CABLE(2), SECOND));
	for (Mac mac = 1; mac <= 100; mac++)
		assert_ptr_equal(fdb_lookup(fdb, mac, SECOND), CABLE(1));
	/* A known station is still followed. */
	assert_true(fdb_learn(fdb, 50, CABLE(3), SECOND));
	/* Once the others have aged, new ones find room, each within a few attempts. */
	uint64_t later = AGEING + SECOND / 2;
	for (Mac mac = 201; mac <= 299; mac++) {
		unsigned attempts = 1;
		while (!fdb_learn(fdb, mac, CABLE(4), later))
			assert_true(++attempts < 20);
	}
	assert_ptr_equal(fdb_lookup(fdb, 50, later), CABLE(3));
	assert_null(fdb_lookup(fdb, 51, later));
	fdb_free(fdb);
}

static void count(Mac station, BridgePort *cable, uint64_t age, void *data)
{
	(*(unsigned *)data)++;
	assert_int_equal(age, SECOND);
}

static void forgets_a_cable(void **state)
{
	Fdb *fdb = fdb_new(64, AGEING, 3);
	for (Mac mac = 1; mac <= 64; mac++)
		fdb_learn(fdb, mac, CABLE(mac % 4), 0);
	fdb_forget(fdb, CABLE(1));
	for (Mac mac = 1; mac <= 64; mac++)
		assert_ptr_equal(fdb_lookup(fdb, mac, 0), mac % 4 == 1 ? NULL : CABLE(mac % 4));
	unsigned entries = 0;
	fdb_each(fdb, SECOND, count, &entries);
	assert_int_equal(entries, 48);
	fdb_free(fdb);
}

/* Against a plain GHashTable, with a small table, so that runs are long and wrap round the end. */
static void agrees_with_a_model(void **state)
{
	for (guint32 seed = 0; seed < 200; seed++) {
		g_autoptr(GRand) random = g_rand_new_with_seed(seed);
		g_autoptr(GHashTable) model = g_hash_table_new(NULL, NULL);
		Fdb *fdb = fdb_new(12, UINT64_MAX, seed);
		for (unsigned step = 0; step < 400; step++) {
			Mac mac = (Mac)g_rand_int_range(random, 1, 25);
			BridgePort *cable = CABLE(g_rand_int_range(random, 0, 4));
			gpointer key = GUINT_TO_POINTER((guint)mac);
			if (g_rand_int_range(random, 0, 8) == 0) {
				fdb_forget(fdb, cable);
				GHashTableIter iter;
				gpointer value;
				g_hash_table_iter_init(&iter, model);
				while (g_hash_table_iter_next(&iter, NULL, &value))
					if (value == cable)
						g_hash_table_iter_remove(&iter);
			} else {
				gboolean room = g_hash_table_contains(model, key) || g_hash_table_size(model) < 12;
				assert_int_equal(fdb_learn(fdb, mac, cable, step), room);
				if (room)
					g_hash_table_insert(model, key, cable);
			}
			for (Mac each = 1; each < 25; each++)
				assert_ptr_equal(fdb_lookup(fdb, each, step),
					g_hash_table_lookup(model, GUINT_TO_POINTER((guint)each)));
		}
		fdb_free(fdb);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(learns_and_moves),
		cmocka_unit_test(ages_by_the_time_given),
		cmocka_unit_test(is_bounded_and_recovers),
		cmocka_unit_test(forgets_a_cable),
		cmocka_unit_test(agrees_with_a_model),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
