/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each tests/golden/bad/NAME.xml gives exactly the messages of NAME.txt.
 * NETLAB_GOLDEN_UPDATE=1 writes the .txt files anew: read the difference before you commit it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "topologies/topology.h"

#define ABOVE TEST_SOURCE_DIR "/tests/golden"
#define FOLDER ABOVE "/bad"

static char *messages_of(const char *file, gboolean *read)
{
	g_autoptr(LabDiagnostics) diagnostics = lab_diagnostics_new();
	g_autoptr(Lab) lab = lab_read(file, FALSE, TEST_SCHEMA, diagnostics);
	g_autofree char *text = lab_diagnostics_to_text(diagnostics);
	g_autoptr(GString) relative = g_string_new(text);

	*read = lab != NULL;
	assert_int_equal(*read, lab_diagnostics_count(diagnostics, LAB_ERROR) == 0);
	g_string_replace(relative, FOLDER "/", "", 0);
	g_string_replace(relative, ABOVE "/", "../", 0);
	return g_string_free(g_steal_pointer(&relative), FALSE);
}

static void test_all(void **state)
{
	g_autoptr(GDir) folder = g_dir_open(".", 0, NULL);
	unsigned files = 0, failed = 0;
	const char *name;

	assert_non_null(folder);
	while ((name = g_dir_read_name(folder))) {
		g_autofree char *golden = NULL, *expected = NULL, *got = NULL;
		gboolean read;

		if (!g_str_has_suffix(name, ".xml"))
			continue;
		files++;
		golden = g_strdup_printf("%.*stxt", (int)strlen(name) - 3, name);
		got = messages_of(name, &read);
		/* Whoever adds a file that is right has put it into the wrong folder. */
		assert_string_not_equal(got, "");
		assert_int_equal(read, g_str_has_prefix(name, "warn_"));
		if (g_getenv("NETLAB_GOLDEN_UPDATE"))
			assert_true(g_file_set_contents(golden, got, -1, NULL));
		else if (!g_file_get_contents(golden, &expected, NULL, NULL) || strcmp(expected, got) != 0) {
			print_error("%s: expected:\n%sgot:\n%s", name, expected ? expected : "(no file)\n", got);
			failed++;
		}
	}
	assert_int_equal(failed, 0);
	assert_true(files > 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_all)};

	if (g_chdir(FOLDER) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
