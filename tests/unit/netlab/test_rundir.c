/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netlab/client/lab_directory.h"
#include "netlab/supervisor/node/boot_log.h"
#include "netlab/supervisor/service/rundir.h"

static char *make_base(void)
{
	char *base = g_dir_make_tmp("netlab-XXXXXX", NULL);
	assert_non_null(base);
	return base;
}

static void put(const char *folder, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void a_lab_runs_once_and_leaves_nothing(void **state)
{
	g_autofree char *base = make_base(), *path = g_build_filename(base, "lab", NULL);
	g_autofree char *nodes = g_build_filename(path, "nodes", "a", NULL),
			*link = g_build_filename(path, "link", NULL);
	g_autofree char *state_file = g_build_filename(path, "state.json", NULL),
			*outside = g_build_filename(base, "kept", NULL);
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;
	struct stat st;
	RunDir *first = run_dir_new(path, "lab", &error);
	assert_non_null(first);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);

	assert_null(run_dir_new(path, "lab", &error));
	assert_true(g_error_matches(error, G_IO_ERROR, G_IO_ERROR_EXISTS));
	g_autofree char *pid = g_strdup_printf("process %d", getpid());
	assert_non_null(strstr(error->message, pid));
	assert_non_null(strstr(error->message, "netlab stop lab"));

	run_dir_write_state(first, "{}");
	run_dir_write_state(first, "{\"a\":1}");
	assert_true(g_file_get_contents(state_file, &text, NULL, NULL));
	assert_string_equal(text, "{\"a\":1}");

	/* A link is removed and not followed. */
	assert_int_equal(g_mkdir_with_parents(nodes, 0700), 0);
	put(nodes, "boot.log", "x");
	put(base, "kept", "x");
	assert_int_equal(symlink(base, link), 0);
	run_dir_remove(first);
	assert_int_not_equal(stat(path, &st), 0);
	assert_int_equal(stat(outside, &st), 0);
	g_remove(outside);
	assert_int_equal(g_rmdir(base), 0);
}

static void what_a_crash_left_is_cleared(void **state)
{
	g_autofree char *base = make_base(), *path = g_build_filename(base, "lab", NULL);
	g_autofree char *old = g_build_filename(path, "nodes", NULL), *folder = g_build_filename(old, "a", NULL);
	g_autoptr(GError) error = NULL;
	assert_int_equal(g_mkdir_with_parents(folder, 0700), 0);
	put(folder, "boot.log", "x");
	put(path, "lock", "4242\n");
	RunDir *self = run_dir_new(path, "lab", &error);
	assert_non_null(self);
	assert_false(g_file_test(old, G_FILE_TEST_EXISTS));
	run_dir_remove(self);
	assert_int_equal(g_rmdir(base), 0);
}

static gpointer look_again_and_again(gpointer data)
{
	const char *base = data;
	g_autofree char *path = g_build_filename(base, "lab", NULL), *end = g_build_filename(base, "end", NULL);
	while (!g_file_test(end, G_FILE_TEST_EXISTS))
		for (int i = 0; i < 100; i++)
			lab_directory_alive(path);
	return NULL;
}

static void who_looks_keeps_nobody_from_starting(void **state)
{
	g_autofree char *base = make_base(), *path = g_build_filename(base, "lab", NULL);
	g_autofree char *end = g_build_filename(base, "end", NULL);
	GThread *looker[2];
	for (gsize i = 0; i < G_N_ELEMENTS(looker); i++)
		looker[i] = g_thread_new("looker", look_again_and_again, base);
	for (int i = 0; i < 1000; i++) {
		g_autoptr(GError) error = NULL;
		RunDir *self = run_dir_new(path, "lab", &error);
		if (!self)
			fail_msg("start %d: %s", i, error->message);
		assert_true(lab_directory_alive(path));
		run_dir_remove(self);
	}
	put(base, "end", "");
	for (gsize i = 0; i < G_N_ELEMENTS(looker); i++)
		g_thread_join(looker[i]);
	g_remove(end);
	assert_int_equal(g_rmdir(base), 0);
}

static void a_link_in_its_place_is_refused(void **state)
{
	g_autofree char *base = make_base(), *path = g_build_filename(base, "lab", NULL);
	g_autoptr(GError) error = NULL;
	assert_int_equal(symlink("/tmp", path), 0);
	assert_null(run_dir_new(path, "lab", &error));
	assert_true(g_error_matches(error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED));
	g_remove(path);
	assert_int_equal(g_rmdir(base), 0);
}

/* -- the boot log, which lives there -- */

static void write_all(BootLog *log, int fd, const char *text, gsize n)
{
	for (gsize done = 0; done < n;) {
		ssize_t written = write(fd, text + done, MIN(n - done, 4096));
		if (written > 0)
			done += (gsize)written;
		boot_log_drain(log);
	}
}

static void the_boot_log_is_bounded_and_knows_the_last_words(void **state)
{
	g_autofree char *base = make_base(), *path = g_build_filename(base, "boot.log", NULL);
	g_autofree char *flood = g_strnfill(BOOT_LOG_MAX, 'x');
	g_autoptr(GError) error = NULL;
	struct stat st;
	int input;
	BootLog *log = boot_log_new(path, &input, &error);
	assert_non_null(log);
	g_autofree char *nothing = boot_log_last_words(log, 3);
	assert_string_equal(nothing, "");

	write_all(log, input, "one\r\ntwo\n\nthree\nfour\n", 21);
	g_autofree char *last = boot_log_last_words(log, 2);
	assert_string_equal(last, "three | four");

	write_all(log, input, flood, BOOT_LOG_MAX);
	write_all(log, input, flood, BOOT_LOG_MAX);
	assert_int_equal(stat(path, &st), 0);
	assert_in_range(st.st_size, BOOT_LOG_MAX, BOOT_LOG_MAX + 100);

	static const char panic[] = "\nKernel panic - not syncing: no root\nStack:\n 1 2 3\n";
	write_all(log, input, panic, strlen(panic));
	g_autofree char *why = boot_log_last_words(log, 2);
	assert_string_equal(why, "Kernel panic - not syncing: no root");
	close(input);
	while (g_main_context_iteration(NULL, FALSE))
		;
	boot_log_free(log);
	g_remove(path);
	assert_int_equal(g_rmdir(base), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lab_runs_once_and_leaves_nothing),
		cmocka_unit_test(what_a_crash_left_is_cleared),
		cmocka_unit_test(who_looks_keeps_nobody_from_starting),
		cmocka_unit_test(a_link_in_its_place_is_refused),
		cmocka_unit_test(the_boot_log_is_bounded_and_knows_the_last_words),
	};
	return cmocka_run_group_tests_name("rundir", tests, NULL, NULL);
}
