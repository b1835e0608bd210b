/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Folders in a guest: this machine's shell stands for the guest's. */
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include <glib/gstdio.h>

#include "gui/model/file_listing.h"

static void answers_are_parsed_and_sorted(void **state)
{
	g_autoptr(GPtrArray) entries = file_listing_parse("81a4 12 1700000000 ./b file\n81ed 7 1700000001 ./a\n"
							  "41ed 4096 1700000002 ./z\nnonsense\n\nx y\n81a4 1 2 \n");
	assert_int_equal(entries->len, 3);
	const FileEntry *folder = entries->pdata[0], *first = entries->pdata[1], *second = entries->pdata[2];
	assert_string_equal(folder->name, "z");
	assert_true(folder->is_folder);
	assert_string_equal(first->name, "a");
	assert_false(first->is_folder);
	assert_string_equal(second->name, "b file");
	assert_int_equal(second->size, 12);
	assert_int_equal(second->changed, 1700000000);
}

/* A guest may answer what it likes; each name is one of a file in the folder. */
static void no_name_leads_out_of_the_folder(void **state)
{
	g_autoptr(GPtrArray) entries =
		file_listing_parse("81a4 5 1 ./../../.bashrc\n81a4 5 1 ./sub/file\n41ed 0 1 ./..\n"
				   "81a4 5 1 ./..odd\n");
	assert_int_equal(entries->len, 1);
	assert_string_equal(((const FileEntry *)entries->pdata[0])->name, "..odd");
}

static GPtrArray *list(const char *folder, int *status)
{
	g_auto(GStrv) argv = file_listing_command(folder);
	g_autofree char *output = NULL;
	assert_true(
		g_spawn_sync(NULL, argv, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &output, NULL, status, NULL));
	return file_listing_parse(output);
}

static void a_folder_is_listed(void **state)
{
	static const char *const names[] = {"-n", ".hidden", "..odd", "with space", "it's", NULL};
	g_autofree char *folder = g_dir_make_tmp("netlab-files-XXXXXX", NULL);
	g_autofree char *sub = g_build_filename(folder, "sub", NULL);
	g_autofree char *to_sub = g_build_filename(folder, "to sub", NULL);
	g_autofree char *to_nothing = g_build_filename(folder, "to nothing", NULL);
	int status;
	for (guint i = 0; names[i]; i++) {
		g_autofree char *path = g_build_filename(folder, names[i], NULL);
		assert_true(g_file_set_contents(path, "12345", 5, NULL));
	}
	assert_int_equal(g_mkdir(sub, 0700), 0);
	assert_int_equal(symlink("sub", to_sub), 0);
	assert_int_equal(symlink("nowhere", to_nothing), 0);
	g_autoptr(GPtrArray) entries = list(folder, &status);
	g_autoptr(GString) text = g_string_new(NULL);
	for (guint i = 0; i < entries->len; i++) {
		const FileEntry *entry = entries->pdata[i];
		g_autofree char *path = g_build_filename(folder, entry->name, NULL);
		g_string_append_printf(text, "%s%s,", entry->name, entry->is_folder ? "/" : "");
		g_remove(path);
	}
	assert_int_equal(status, 0);
	assert_string_equal(text->str, "sub/,to sub/,-n,..odd,.hidden,it's,to nothing,with space,");
	g_autoptr(GPtrArray) none = list(folder, &status);
	assert_int_equal(none->len, 0);
	assert_int_equal(status, 0);
	g_rmdir(folder);
	g_autoptr(GPtrArray) gone = list(folder, &status);
	assert_int_equal(gone->len, 0);
	assert_int_not_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_parsed_and_sorted),
		cmocka_unit_test(no_name_leads_out_of_the_folder),
		cmocka_unit_test(a_folder_is_listed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
