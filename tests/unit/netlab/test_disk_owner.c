/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "netlab/host/disk_owner.h"

static char *base, *disks, *mine, *theirs;

static char *put(const char *name)
{
	char *path = g_build_filename(base, name, NULL);
	assert_true(g_file_set_contents(path, "<lab/>", -1, NULL));
	return path;
}

static int set_up(void **state)
{
	base = g_dir_make_tmp("netlab-owner-XXXXXX", NULL);
	disks = g_build_filename(base, "state", "work", NULL);
	mine = put("mine.xml");
	theirs = put("theirs.xml");
	return 0;
}

static int tear_down(void **state)
{
	g_autofree char *command = g_strdup_printf("rm -rf '%s'", base);
	assert_int_equal(system(command), 0);
	g_free(base);
	g_free(disks);
	g_free(mine);
	g_free(theirs);
	return 0;
}

static void the_first_lab_has_them(void **state)
{
	g_autoptr(GError) error = NULL;
	assert_null(disk_owner_other(disks, theirs));
	assert_true(disk_owner_claim(disks, mine, FALSE, NULL));
	assert_true(disk_owner_claim(disks, mine, FALSE, NULL));
	assert_null(disk_owner_other(disks, mine));
	g_autofree char *other = disk_owner_other(disks, theirs);
	assert_string_equal(other, mine);
	assert_false(disk_owner_claim(disks, theirs, FALSE, &error));
	assert_non_null(strstr(error->message, mine));
	assert_non_null(strstr(error->message, "--name"));
	assert_non_null(strstr(error->message, "netlab clean work --disks"));
	assert_non_null(strstr(error->message, "--trust"));
}

static void who_is_trusted_borrows_them(void **state)
{
	assert_true(disk_owner_claim(disks, mine, FALSE, NULL));
	assert_true(disk_owner_claim(disks, theirs, TRUE, NULL));
	assert_null(disk_owner_other(disks, mine));
	assert_false(disk_owner_claim(disks, theirs, FALSE, NULL));
}

/* It was moved, or called by another name. */
static void a_lab_may_move(void **state)
{
	g_autofree char *moved = g_build_filename(base, "moved.xml", NULL),
			*link = g_build_filename(base, "link.xml", NULL);
	assert_true(disk_owner_claim(disks, mine, FALSE, NULL));
	assert_int_equal(symlink(mine, link), 0);
	assert_true(disk_owner_claim(disks, link, FALSE, NULL));
	assert_int_equal(g_rename(mine, moved), 0);
	assert_true(disk_owner_claim(disks, moved, FALSE, NULL));
	g_autofree char *other = disk_owner_other(disks, theirs);
	assert_string_equal(other, moved);
}

/* A start is refused for it later, in better words. */
static void an_owner_is_not_written_again(void **state)
{
	g_autofree char *record = g_build_filename(disks, "lab", NULL);
	GStatBuf before, after;
	assert_true(disk_owner_claim(disks, mine, FALSE, NULL));
	assert_int_equal(g_stat(record, &before), 0);
	assert_int_equal(before.st_mode & 0777, 0600);
	assert_true(disk_owner_claim(disks, mine, FALSE, NULL));
	assert_int_equal(g_stat(record, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_first_lab_has_them, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_is_trusted_borrows_them, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_lab_may_move, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_owner_is_not_written_again, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
