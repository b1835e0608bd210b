/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <glib.h>
#include <cmocka.h>

#include "netlab/cmd/exec_arguments.h"

/* The line, how many arguments are netlab's, and where the command begins. */
static void splits(void **state)
{
	static const struct {
		const char *line;
		int own, command;
	} cases[] = {
		{"exec r1 -- ip route", 2, 3},
		{"exec r1 ip -6 route", 2, 2},
		{"exec -t r1 -- vi x", 3, 4},
		{"exec r1 -t -- vi x", 3, 4},
		{"exec r1 -l ring -- ls", 4, 5},
		{"exec -l ring r1 ls -l", 4, 4},
		{"exec --lab=ring r1 ls", 3, 3},
		{"exec r1 sh -c x -- y", 2, 2},
		{"exec r1 -- echo -- x", 2, 3},
		{"exec --all -- uptime", 2, 3},
		{"exec -a uptime -p", 2, 2},
		{"exec r1", 2, 2},
		{"exec r1 --", 2, 3},
		{"exec", 1, 1},
		{"exec --help", 2, 2},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(GStrv) argv = g_strsplit(cases[i].line, " ", -1);
		int command, own = exec_arguments_split((int)g_strv_length(argv), argv, &command);
		if (own != cases[i].own || command != cases[i].command)
			fail_msg("\"%s\": %d, %d instead of %d, %d", cases[i].line, own, command, cases[i].own,
				cases[i].command);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(splits)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
