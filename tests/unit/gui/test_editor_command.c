/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How editors are told a line. */
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "gui/model/editor_command.h"

static void check(const char *editor, const char *expected, gboolean in_terminal)
{
	gboolean terminal;
	g_auto(GStrv) argv = editor_command(editor, "lab.xml", 12, 7, &terminal);
	g_autofree char *text = argv ? g_strjoinv(" ", argv) : NULL;
	if (!expected) {
		assert_null(argv);
		return;
	}
	assert_string_equal(text, expected);
	assert_int_equal(terminal, in_terminal);
}

static void each_in_its_own_way(void **state)
{
	check("vim", "vim +12 lab.xml", TRUE);
	check("/usr/bin/nano -l", "/usr/bin/nano -l +12 lab.xml", TRUE);
	check("gedit", "gedit +12:7 lab.xml", FALSE);
	check("code --wait", "code --wait -g lab.xml:12:7", FALSE);
	check("kate", "kate -l 12 -c 7 lab.xml", FALSE);
	check("subl", "subl lab.xml:12:7", FALSE);
	check("emacs", "emacs +12:7 lab.xml", FALSE);
	check("emacs -nw", "emacs -nw +12:7 lab.xml", TRUE);
}

static void an_unknown_one_gets_the_file_alone(void **state)
{
	check("\"my editor\" --quiet", "my editor --quiet lab.xml", FALSE);
}

static void what_is_no_command_is_refused(void **state)
{
	check("\"half", NULL, FALSE);
	check("", NULL, FALSE);
}

static void without_a_line_there_is_none(void **state)
{
	gboolean terminal;
	g_auto(GStrv) argv = editor_command("vim", "lab.xml", 0, 0, &terminal);
	g_autofree char *text = g_strjoinv(" ", argv);
	assert_string_equal(text, "vim lab.xml");
	assert_true(terminal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_in_its_own_way),
		cmocka_unit_test(an_unknown_one_gets_the_file_alone),
		cmocka_unit_test(what_is_no_command_is_refused),
		cmocka_unit_test(without_a_line_there_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
