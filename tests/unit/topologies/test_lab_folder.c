/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A lab of a stranger, FOLDER/lab, beside what belongs to the user, FOLDER/mine: nothing of the latter may be read, changed
 * or made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "topologies/model/lab_folder.h"

#define SECRET "mine alone"
#define OUTSIDE "outside of the lab's folder"
#define LINK "symbolic link leads out"

static char *base;

static char *at(const char *path)
{
	return path[0] == '/' ? g_strdup(path) : g_build_filename(base, path, NULL);
}

static void put(const char *path, const char *text)
{
	g_autofree char *file = at(path);

	assert_true(g_file_set_contents(file, text, -1, NULL));
}

static void folder(const char *path)
{
	g_autofree char *full = at(path);

	assert_int_equal(g_mkdir(full, 0700), 0);
}

static void link_to(const char *target, const char *path)
{
	g_autofree char *full = at(path);

	assert_int_equal(symlink(target, full), 0);
}

static int set_up(void **state)
{
	g_autofree char *pipe = NULL, *mine = NULL, *inside = NULL;

	base = g_dir_make_tmp("netlab-folder-XXXXXX", NULL);
	assert_non_null(base);
	folder("lab");
	folder("lab/sub");
	folder("lab2");
	folder("mine");
	put("lab/lab.xml", "<lab/>");
	put("lab/inside", "inside");
	put("lab/sub/inside", "inside");
	put("lab2/file", SECRET);
	put("mine/file", SECRET);
	mine = at("mine/file");
	inside = at("lab/inside");
	link_to(mine, "lab/link");
	link_to("../mine/file", "lab/relative");
	link_to("../mine", "lab/out");
	link_to("../mine/new", "lab/dangling");
	link_to("sub/inside", "lab/good");
	link_to("sub/../inside", "lab/dots");
	link_to("sub/new", "lab/future");
	link_to(inside, "lab/absolute");
	link_to("/proc/self/root", "lab/root");
	link_to("/dev/null", "lab/null");
	link_to("loop", "lab/loop");
	pipe = at("lab/pipe");
	assert_int_equal(mkfifo(pipe, 0600), 0);
	return 0;
}

static int tear_down(void **state)
{
	g_autofree char *command = g_strdup_printf("rm -rf '%s'", base);

	assert_int_equal(system(command), 0);
	g_clear_pointer(&base, g_free);
	return 0;
}

static LabFolder *the_lab(gboolean trusted)
{
	g_autofree char *file = at("lab/lab.xml");

	return lab_folder_new(file, trusted);
}

static const struct {
	const char *path, *read, *write; /* why it is refused; NULL: it is not */
	const char *trusted_read, *trusted_write;
} cases[] = {
	{"lab/inside", NULL, NULL, NULL, NULL},
	{"lab/sub/inside", NULL, NULL, NULL, NULL},
	{"lab/good", NULL, NULL, NULL, NULL},
	{"lab/dots", NULL, NULL, NULL, NULL},
	{"lab/new", "No such file", NULL, "No such file", NULL},
	{"lab/future", "No such file", NULL, "No such file", NULL},
	{"lab/nowhere/new", "No such file", "No such file", "No such file", "No such file"},
	{"lab/sub", "folder", "folder", "folder", "folder"},
	{"lab", OUTSIDE, OUTSIDE, "folder", "folder"},
	{"lab/pipe", "not a regular file", "not a regular file", "not a regular file", "not a regular file"},
	{"lab/loop", "symbolic links", "symbolic links", "symbolic links", "symbolic links"},
	{"mine/file", OUTSIDE, OUTSIDE, NULL, NULL},
	{"mine/new", OUTSIDE, OUTSIDE, "No such file", NULL},
	{"lab2/file", OUTSIDE, OUTSIDE, NULL, NULL}, /* begins with the same letters */
	{"/etc/passwd", OUTSIDE, OUTSIDE, NULL, "*"},
	{"/dev/null", OUTSIDE, OUTSIDE, "not a regular file", "not a regular file"},
	{"/proc/self/root/etc/passwd", OUTSIDE, OUTSIDE, NULL, "*"},
	{"lab/link", LINK, LINK, NULL, NULL},
	{"lab/relative", LINK, LINK, NULL, NULL},
	{"lab/out/file", LINK, LINK, NULL, NULL},
	{"lab/out/new", LINK, LINK, "No such file", NULL},
	{"lab/dangling", LINK, LINK, "No such file", NULL},
	{"lab/absolute", LINK, LINK, NULL, NULL},
	{"lab/root/etc/passwd", LINK, LINK, NULL, "*"},
	{"lab/null", LINK, LINK, "not a regular file", "not a regular file"},
};

static void expect(const LabFolder *lab, const char *path, LabOpen how, const char *reason)
{
	g_autoptr(GError) error = NULL, of_check = NULL;
	g_autofree char *full = at(path);
	gboolean good = lab_folder_check(lab, full, how, &of_check);
	int fd;

	if (!g_strcmp0(reason, "*"))
		return;
	if (good != !reason)
		fail_msg("check of %s, %d: %s", path, how, of_check ? of_check->message : "accepted");
	fd = lab_folder_open(lab, full, how, &error);
	if (!reason) {
		if (fd < 0)
			fail_msg("%s, %d: %s", path, how, error->message);
		assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		close(fd);
		return;
	}
	assert_int_equal(fd, -1);
	if (!strstr(error->message, reason) || strcmp(error->message, of_check->message) != 0)
		fail_msg("%s, %d: \"%s\", checked: \"%s\"", path, how, error->message, of_check->message);
	if (!strcmp(reason, OUTSIDE) || !strcmp(reason, LINK)) {
		assert_true(g_error_matches(error, LAB_FOLDER_ERROR, LAB_FOLDER_ERROR_OUTSIDE));
		assert_non_null(strstr(error->message, "--trust"));
	}
}

/* All that is the user's is as it was. */
static void expect_untouched(void)
{
	g_autofree char *mine = at("mine"), *file = at("mine/file"), *other = at("lab2/file"), *text = NULL,
			*second = NULL;
	g_autoptr(GDir) names = g_dir_open(mine, 0, NULL);

	assert_string_equal(g_dir_read_name(names), "file");
	assert_null(g_dir_read_name(names));
	assert_true(g_file_get_contents(file, &text, NULL, NULL));
	assert_string_equal(text, SECRET);
	assert_true(g_file_get_contents(other, &second, NULL, NULL));
	assert_string_equal(second, SECRET);
}

static void test_stranger(void **state)
{
	g_autoptr(LabFolder) lab = the_lab(FALSE);

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		expect(lab, cases[i].path, LAB_OPEN_READ, cases[i].read);
		expect(lab, cases[i].path, LAB_OPEN_WRITE, cases[i].write);
	}
	expect_untouched();
}

static void test_trusted(void **state)
{
	g_autoptr(LabFolder) lab = the_lab(TRUE);

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++)
		expect(lab, cases[i].path, LAB_OPEN_READ, cases[i].trusted_read);
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++)
		expect(lab, cases[i].path, LAB_OPEN_WRITE, cases[i].trusted_write);
}

static void test_check_makes_nothing(void **state)
{
	g_autoptr(LabFolder) lab = the_lab(FALSE);
	g_autofree char *new = at("lab/new"), *inside = at("lab/inside"), *text = NULL;

	assert_true(lab_folder_check(lab, new, LAB_OPEN_WRITE, NULL));
	assert_true(lab_folder_check(lab, inside, LAB_OPEN_WRITE, NULL));
	assert_false(g_file_test(new, G_FILE_TEST_EXISTS));
	assert_true(g_file_get_contents(inside, &text, NULL, NULL));
	assert_string_equal(text, "inside");
}

static void test_write_empties(void **state)
{
	g_autoptr(LabFolder) lab = the_lab(FALSE);
	g_autofree char *inside = at("lab/inside"), *text = NULL;
	gsize length;
	int fd = lab_folder_open(lab, inside, LAB_OPEN_WRITE, NULL);

	assert_true(fd >= 0);
	close(fd);
	assert_true(g_file_get_contents(inside, &text, &length, NULL));
	assert_int_equal(length, 0);
}

static void test_parent(void **state)
{
	g_autoptr(LabFolder) lab = the_lab(FALSE);

	expect(lab, "lab/ctl", LAB_OPEN_PARENT, NULL);
	expect(lab, "lab/sub/ctl", LAB_OPEN_PARENT, NULL);
	expect(lab, "mine/ctl", LAB_OPEN_PARENT, OUTSIDE);
	expect(lab, "lab/out/ctl", LAB_OPEN_PARENT, LINK);
	expect(lab, "lab/nowhere/ctl", LAB_OPEN_PARENT, "No such file");
}

static void test_remove(void **state)
{
	g_autoptr(LabFolder) lab = the_lab(FALSE);
	g_autofree char *inside = at("lab/inside"), *link = at("lab/link"), *through = at("lab/out/file"),
			*mine = at("mine/file");
	g_autoptr(GError) error = NULL;

	assert_true(lab_folder_remove(lab, inside, NULL));
	assert_false(g_file_test(inside, G_FILE_TEST_EXISTS));
	assert_true(lab_folder_remove(lab, inside, NULL));
	assert_true(lab_folder_remove(lab, link, NULL));
	assert_false(g_file_test(link, G_FILE_TEST_IS_SYMLINK));
	assert_false(lab_folder_remove(lab, through, NULL));
	assert_false(lab_folder_remove(lab, mine, &error));
	assert_true(g_error_matches(error, LAB_FOLDER_ERROR, LAB_FOLDER_ERROR_OUTSIDE));
	expect_untouched();
}

/* What was checked is not what is opened. */
static void test_swapped(void **state)
{
	g_autoptr(LabFolder) lab = the_lab(FALSE);
	g_autofree char *file = at("lab/sub/inside"), *sub = at("lab/sub"), *away = at("lab/away");

	assert_true(lab_folder_check(lab, file, LAB_OPEN_READ, NULL));
	assert_int_equal(g_rename(sub, away), 0);
	link_to("../mine", "lab/sub");
	expect(lab, "lab/sub/file", LAB_OPEN_READ, LINK);
	expect(lab, "lab/sub/file", LAB_OPEN_WRITE, LINK);
	expect_untouched();
}

/* A lab that was saved into the home folder itself: the user's files are not the lab's. */
static void test_home(void **state)
{
	g_autoptr(LabFolder) lab = the_lab(FALSE), trusted = the_lab(TRUE);
	g_autofree char *old = g_strdup(g_getenv("HOME"));
	static const char *const homes[] = {"lab", "lab/sub", "lab/sub/none"};

	for (unsigned i = 0; i < G_N_ELEMENTS(homes); i++) {
		g_autofree char *home = at(homes[i]);

		g_setenv("HOME", home, TRUE);
		expect(lab, "lab/inside", LAB_OPEN_READ, "home folder");
		expect(lab, "lab/new", LAB_OPEN_WRITE, "home folder");
		expect(trusted, "lab/inside", LAB_OPEN_READ, NULL);
	}
	g_setenv("HOME", base, TRUE);
	expect(lab, "lab/inside", LAB_OPEN_READ, NULL);
	if (old)
		g_setenv("HOME", old, TRUE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_stranger, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_trusted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_check_makes_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_write_empties, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_parent, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_remove, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_swapped, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_home, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
