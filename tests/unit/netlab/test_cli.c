/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <glib.h>
#include <cmocka.h>

#include "netlab/client/error.h"
#include "netlab/client/plain_text.h"
#include "netlab/cmd/cli.h"

static const CliHelp help = {"[FILE]", "Does something.", "  netlab thing\n"};

static void options_are_parsed(void **state)
{
	char *words[] = {"thing", "--loud", "a", "--", "-b", NULL}, **argv = words;
	int argc = 5;
	gboolean loud = FALSE;
	const GOptionEntry entries[] = {{"loud", 0, 0, G_OPTION_ARG_NONE, &loud, "", NULL}, {0}};
	assert_true(cli_parse(&help, entries, &argc, &argv, NULL));
	assert_true(loud);
	assert_int_equal(argc, 4);
	assert_string_equal(argv[1], "a");
	assert_string_equal(argv[3], "-b");
}

static void dashes_in_front_are_taken_off(void **state)
{
	char *words[] = {"thing", "--", "-b", NULL}, **argv = words;
	int argc = 3;
	assert_true(cli_parse(&help, NULL, &argc, &argv, NULL));
	assert_int_equal(argc, 2);
	assert_string_equal(argv[1], "-b");
	assert_null(argv[2]);
}

static void misspelt_option_gets_a_hint(void **state)
{
	char *words[] = {"thing", "--timeot", "3", NULL}, **argv = words;
	int argc = 3, timeout = 0;
	const GOptionEntry entries[] = {{"timeout", 0, 0, G_OPTION_ARG_INT, &timeout, "", NULL}, {0}};
	g_autoptr(GError) error = NULL;
	assert_false(cli_parse(&help, entries, &argc, &argv, &error));
	assert_int_equal(cli_status_of(error), STATUS_USAGE);
	assert_non_null(strstr(error->message, "did you mean --timeout?"));
}

static int nothing(int argc, char **argv, GError **error)
{
	return 0;
}

static void misspelt_command_gets_a_hint(void **state)
{
	const Command commands[] = {{"start", "", "x", nothing}, {"status", "", "x", nothing},
		{"hidden", "", NULL, nothing}, {NULL, NULL, NULL, NULL}};
	g_autoptr(GError) error = NULL;
	assert_ptr_equal(cli_find(commands, "status", NULL), &commands[1]);
	assert_null(cli_find(commands, "statsu", &error));
	assert_int_equal(cli_status_of(error), STATUS_USAGE);
	assert_non_null(strstr(error->message, "did you mean \"status\"?"));
}

static void arguments_are_counted(void **state)
{
	char *argv[] = {"thing", "a", "b", NULL};
	g_autoptr(GError) many = NULL, few = NULL;
	assert_true(cli_count(3, argv, 1, 2, NULL));
	assert_true(cli_count(3, argv, 0, -1, NULL));
	assert_false(cli_count(3, argv, 0, 1, &many));
	assert_non_null(strstr(many->message, "\"b\""));
	assert_false(cli_count(3, argv, 3, 3, &few));
}

static void names_are_split(void **state)
{
	g_auto(GStrv) names = cli_names(" r1, r2,,r3 ");
	assert_int_equal(g_strv_length(names), 3);
	assert_string_equal(names[0], "r1");
	assert_string_equal(names[2], "r3");
}

static void durations_are_for_people(void **state)
{
	static const struct {
		gint64 us;
		const char *text;
	} cases[] = {{420000, "0.42 s"}, {59400000, "59 s"}, {185000000, "3 min 5 s"}, {7800000000, "2 h 10 min"},
		{356400000000, "4 d 3 h"}};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = cli_duration(cases[i].us);
		assert_string_equal(text, cases[i].text);
	}
}

static void pairs_are_read(void **state)
{
	char *good[] = {"delay=20ms", "loss=1%=", NULL}, *odd[] = {"delay=1ms", "loss", NULL},
	     *twice[] = {"a=1", "a=2", NULL};
	GError *error = NULL;
	const char *value;
	g_autoptr(GVariant) pairs = cli_pairs("link set", "delay=20ms", good, &error);
	assert_non_null(pairs);
	assert_int_equal(g_variant_n_children(pairs), 2);
	assert_true(g_variant_lookup(pairs, "loss", "&s", &value));
	assert_string_equal(value, "1%=");
	assert_null(cli_pairs("link set", "delay=20ms", odd, &error));
	assert_string_equal(error->message, "link set: \"loss\" is not NAME=VALUE, for example delay=20ms");
	g_clear_error(&error);
	assert_null(cli_pairs("link set", "delay=20ms", twice, &error));
	assert_non_null(strstr(error->message, "\"a=2\": this name was already set"));
	g_clear_error(&error);
}

static void guests_cannot_write_escape_sequences(void **state)
{
	g_autofree char *text = printable_text("a\033]0;x\007b\tc\n\xff");
	assert_null(strchr(text, '\033'));
	assert_null(strchr(text, '\007'));
	assert_non_null(strstr(text, "b\tc\n"));
	assert_true(g_utf8_validate(text, -1, NULL));
}

static void errors_have_their_exit_status(void **state)
{
	const struct {
		GQuark domain;
		int code, status;
	} cases[] = {{CLI_ERROR, CLI_ERROR_FAILED, 1}, {CLI_ERROR, CLI_ERROR_USAGE, 2},
		{CLI_ERROR, CLI_ERROR_INTERRUPTED, 130}, {CLI_ERROR, CLI_ERROR_READER_GONE, 141},
		{CLIENT_ERROR, CLIENT_ERROR_NOT_RUNNING, 1}, {CLIENT_ERROR, CLIENT_ERROR_DEAD, 1},
		{CLIENT_ERROR, CLIENT_ERROR_INVALID, 2}, {G_IO_ERROR, G_IO_ERROR_CANCELLED, 1}};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const GError error = {cases[i].domain, cases[i].code, NULL};
		assert_int_equal(cli_status_of(&error), cases[i].status);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_parsed),
		cmocka_unit_test(dashes_in_front_are_taken_off),
		cmocka_unit_test(misspelt_option_gets_a_hint),
		cmocka_unit_test(misspelt_command_gets_a_hint),
		cmocka_unit_test(arguments_are_counted),
		cmocka_unit_test(names_are_split),
		cmocka_unit_test(durations_are_for_people),
		cmocka_unit_test(pairs_are_read),
		cmocka_unit_test(errors_have_their_exit_status),
		cmocka_unit_test(guests_cannot_write_escape_sequences),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
