/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "topologies/model/link_settings.h"

static LinkSettings read_all(const char *const *words)
{
	LinkSettings impairment = {0};

	for (; *words; words += 2) {
		g_autoptr(GError) error = NULL;

		if (!link_settings_set(&impairment, words[0], words[1], &error))
			fail_msg("%s %s", words[0], error->message);
	}
	return impairment;
}

static char *text_of(const LinkSettings *impairment)
{
	g_auto(GStrv) words = link_settings_to_strings(impairment);

	return g_strjoinv(" ", words);
}

static void test_perfect(void **state)
{
	LinkSettings impairment = {0};
	g_autofree char *text = text_of(&impairment);

	assert_string_equal(text, "");
	assert_true(link_settings_is_clear(&impairment));
}

static void test_each(void **state)
{
	LinkSettings impairment = read_all((const char *const[]){"delay", "20ms", "jitter", "1500us", "distribution",
		"normal", "loss", "1%", "burst", "2.5", "duplicate", "0.1%", "corrupt", "100%", "reorder", "12.345%",
		"rate", "10Mbit", "queue", "64K", "ecn", "30K", "down", "yes", NULL});
	g_autofree char *text = text_of(&impairment);

	assert_int_equal(impairment.delay, 20000000);
	assert_int_equal(impairment.jitter, 1500000);
	assert_int_equal(impairment.distribution, LINK_DISTRIBUTION_NORMAL);
	assert_true(impairment.loss == 0.01);
	assert_true(impairment.burst == 2.5);
	assert_true(impairment.corrupt == 1.0);
	assert_int_equal(impairment.rate, 10000000);
	assert_int_equal(impairment.queue, 65536);
	assert_true(impairment.down);
	assert_string_equal(text,
		"delay 20ms jitter 1.5ms distribution normal loss 1% burst 2.5 duplicate 0.1% corrupt 100% "
		"reorder 12.345% rate 10Mbit queue 64K ecn 30K down yes");
	assert_false(link_settings_is_clear(&impairment));
}

/* What is written is read as the same. */
static void test_round_trip(void **state)
{
	static const char *const values[][2] = {
		{"delay", "1ns"},
		{"delay", "999us"},
		{"delay", "1.000001ms"},
		{"delay", "60s"},
		{"delay", "59.999999999s"},
		{"loss", "0.0000001%"},
		{"loss", "99.9999999%"},
		{"loss", "33.3%"},
		{"burst", "1"},
		{"burst", "1000000"},
		{"rate", "100bit"},
		{"rate", "1.5Mbit"},
		{"rate", "1000Gbit"},
		{"rate", "1234567bit"},
		{"queue", "1K"},
		{"queue", "1G"},
		{"queue", "1500K"},
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(values); i++) {
		LinkSettings first = read_all((const char *const[]){values[i][0], values[i][1], NULL});
		g_auto(GStrv) words = link_settings_to_strings(&first);
		LinkSettings second = read_all((const char *const *)words);

		assert_int_equal(g_strv_length(words), 2);
		assert_true(link_settings_equal(&first, &second));
		assert_memory_equal(&first, &second, sizeof(first));
	}
}

static void test_canonical(void **state)
{
	static const char *const values[][3] = {
		{"delay", "1000us", "1ms"},
		{"delay", "0.02s", "20ms"},
		{"delay", "1234us", "1.234ms"},
		{"delay", "500000ns", "500us"},
		{"rate", "1000kbit", "1Mbit"},
		{"rate", "1500bit", "1.5kbit"},
		{"queue", "1024K", "1M"},
		{"loss", "1.50%", "1.5%"},
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(values); i++) {
		LinkSettings impairment = read_all((const char *const[]){values[i][0], values[i][1], NULL});
		g_auto(GStrv) words = link_settings_to_strings(&impairment);

		assert_string_equal(words[1], values[i][2]);
	}
}

/* "none", and nothing of it, take a setting away from a live link. */
static void test_take_away(void **state)
{
	LinkSettings impairment = read_all((const char *const[]){"delay", "20ms", "loss", "1%", "burst", "3", "rate",
		"1Mbit", "queue", "10K", "down", "yes", "distribution", "normal", "delay", "none", "loss", "0%",
		"burst", "none", "rate", "none", "queue", "none", "down", "no", "distribution", "uniform", NULL});
	g_autofree char *text = text_of(&impairment);

	assert_string_equal(text, "");
}

static void test_refused(void **state)
{
	static const char *const values[][3] = {
		{"delay", "20", "\"20\" has no unit; write \"20ms\""},
		{"delay", "61s", "\"61s\" is out of range; the range is 0ms to 60s"},
		{"delay", "-1ms", "\"-1ms\" is not a number with a unit, from 0ms to 60s"},
		{"delay", "1.ms", "\"1.ms\" is not a number"},
		{"delay", "", "\"\" is not a number"},
		{"delay", "99999999999999999999s", "is not a number"},
		{"delay", "99999999999999999s", "out of range"},
		{"loss", "1", "write \"1%\""},
		{"loss", "101%", "the range is 0% to 100%"},
		{"loss", "0x1%", "is not"},
		{"burst", "0.5", "from 1 to"},
		{"burst", "nan", "from 1 to"},
		{"burst", "1e5", "from 1 to"},
		{"burst", "5 ", "from 1 to"},
		{"rate", "10", "write \"10Mbit\""},
		{"rate", "10mbit", "is not"},
		{"rate", "0Mbit", "the range is 100bit to 1000Gbit"},
		{"queue", "64", "write \"64K\""},
		{"queue", "0K", "the range is 1K to 1G"},
		{"distribution", "pareto", "\"uniform\" or \"normal\""},
		{"down", "true", "\"no\" or \"yes\""},
		{"dealy", "1ms", "did you mean \"delay\"?"},
		{"speed", "1Mbit", "a link has no setting \"speed\"; it has delay, jitter,"},
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(values); i++) {
		LinkSettings impairment = {.delay = 7}, before = impairment;
		g_autoptr(GError) error = NULL;

		assert_false(link_settings_set(&impairment, values[i][0], values[i][1], &error));
		if (!strstr(error->message, values[i][2]))
			fail_msg("no %s in: %s", values[i][2], error->message);
		assert_memory_equal(&impairment, &before, sizeof(before));
	}
}

/* Each row by itself: its example is read, written, and goes through a D-Bus message as it is. */
static void test_every_row(void **state)
{
	for (const LinkSetting *setting = link_setting_table; setting->name; setting++) {
		LinkSettings settings = read_all((const char *const[]){setting->name, setting->example, NULL});
		LinkSettings copy = {.delay = 1}; /* is overwritten */
		g_auto(GStrv) words = link_settings_to_strings(&settings);
		g_autoptr(GVariant) dict = g_variant_ref_sink(link_settings_to_variant(&settings));
		g_autoptr(GError) error = NULL;

		assert_string_equal(words[0], setting->name);
		assert_string_equal(words[1], setting->example);
		assert_int_equal(g_variant_n_children(dict), 1);
		assert_true(link_settings_from_variant(&copy, dict, &error));
		assert_memory_equal(&copy, &settings, sizeof(copy));
		/* What needs another setting does nothing alone, and something with it. */
		assert_int_equal(link_settings_is_clear(&settings), setting->needs != NULL);
		assert_int_equal(link_setting_is_idle(setting, &settings), setting->needs != NULL);
		if (!setting->needs)
			continue;
		assert_true(
			link_settings_set(&settings, setting->needs, link_setting_find(setting->needs)->example, NULL));
		assert_false(link_settings_only(&settings, setting->needs));
		assert_false(link_setting_is_idle(setting, &settings));
	}
}

static void test_refused_variants(void **state)
{
	static const char *const values[][2] = {
		{"{'delay': <uint64 60000000001>}", "delay = uint64 60000000001 is not of type \"t\" and 0ms to 60s"},
		{"{'delay': <1.0>}", "not of type \"t\""},
		{"{'rate': <uint64 99>}", "100bit to 1000Gbit"},
		{"{'loss': <1.0000001>}", "0% to 100%"},
		{"{'loss': <-0.5>}", "loss"},
		{"{'loss': <0.5>, 'burst': <0.5>}", "1 to 1000000"},
		{"{'distribution': <'even'>}", "uniform or normal"},
		{"{'down': <true>}", "not of type \"s\""},
		{"{'colour': <'red'>}", "a link has no setting \"colour\""},
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(values); i++) {
		LinkSettings settings = {.delay = 7}, before = settings;
		g_autoptr(GVariant) dict = g_variant_ref_sink(g_variant_new_parsed(values[i][0]));
		g_autoptr(GError) error = NULL;

		assert_false(link_settings_from_variant(&settings, dict, &error));
		if (!strstr(error->message, values[i][1]))
			fail_msg("no %s in: %s", values[i][1], error->message);
		assert_memory_equal(&settings, &before, sizeof(before));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_perfect),
		cmocka_unit_test(test_each),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_canonical),
		cmocka_unit_test(test_take_away),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_every_row),
		cmocka_unit_test(test_refused_variants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
