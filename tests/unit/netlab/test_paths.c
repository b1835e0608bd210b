/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "netlab/host/paths.h"

static char *base;

static int make_base(void **state)
{
	base = g_dir_make_tmp("netlab-paths-XXXXXX", NULL);
	g_setenv("XDG_RUNTIME_DIR", base, TRUE);
	return base ? 0 : -1;
}

static int remove_base(void **state)
{
	g_autofree char *inner = g_build_filename(base, "netlab", NULL);
	if (unlink(inner) < 0)
		rmdir(inner);
	rmdir(base);
	g_clear_pointer(&base, g_free);
	return 0;
}

static void runtime_is_made_for_us_alone(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = path_runtime(&error);
	g_autofree char *wanted = g_build_filename(base, "netlab", NULL);
	struct stat st;
	assert_string_equal(path, wanted);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
}

static void runtime_is_closed_to_others(void **state)
{
	g_autofree char *path = g_build_filename(base, "netlab", NULL);
	struct stat st;
	g_mkdir(path, 0755);
	g_chmod(path, 0755);
	g_autofree char *again = path_runtime(NULL);
	assert_non_null(again);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
}

static void runtime_refuses_a_link(void **state)
{
	g_autofree char *path = g_build_filename(base, "netlab", NULL);
	g_autoptr(GError) error = NULL;
	assert_int_equal(symlink("/", path), 0);
	assert_null(path_runtime(&error));
	assert_non_null(error);
}

static void runtime_says_why_it_cannot(void **state)
{
	g_autofree char *missing = g_build_filename(base, "no", "such", NULL);
	g_autoptr(GError) error = NULL;
	g_setenv("XDG_RUNTIME_DIR", missing, TRUE);
	assert_null(path_runtime(&error));
	assert_non_null(strstr(error->message, "XDG_RUNTIME_DIR"));
}

/* What root would make there, its owner could not use. */
static void runtime_of_another_is_left_alone(void **state)
{
	/* Who is not root cannot make such a folder. skip() jumps out: nothing may be allocated yet. */
	if (chown(base, 1, 1) < 0)
		skip();
	g_autofree char *inner = g_build_filename(base, "netlab", NULL);
	g_autoptr(GError) error = NULL;
	assert_null(path_runtime(&error));
	assert_non_null(strstr(error->message, "another user"));
	assert_false(g_file_test(inner, G_FILE_TEST_EXISTS));
}

static void cache_and_state_follow_xdg(void **state)
{
	g_setenv("XDG_CACHE_HOME", "/c", TRUE);
	g_setenv("XDG_STATE_HOME", "relative is ignored", TRUE);
	g_autofree char *cache = path_cache("images");
	g_autofree char *kept = path_state();
	assert_string_equal(cache, "/c/netlab/images");
	assert_true(g_path_is_absolute(kept));
	assert_true(g_str_has_suffix(kept, "/.local/state/netlab"));
}

static void share_and_libexec_stand_side_by_side(void **state)
{
	g_autofree char *share = path_share("x");
	g_autofree char *libexec = path_libexec("x");
	assert_true(g_str_has_suffix(share, "/share/netlab/x"));
	assert_true(g_str_has_suffix(libexec, "/libexec/netlab/x"));
	assert_int_equal(strlen(share) - strlen("share"), strlen(libexec) - strlen("libexec"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(runtime_is_made_for_us_alone, make_base, remove_base),
		cmocka_unit_test_setup_teardown(runtime_is_closed_to_others, make_base, remove_base),
		cmocka_unit_test_setup_teardown(runtime_refuses_a_link, make_base, remove_base),
		cmocka_unit_test_setup_teardown(runtime_says_why_it_cannot, make_base, remove_base),
		cmocka_unit_test_setup_teardown(runtime_of_another_is_left_alone, make_base, remove_base),
		cmocka_unit_test(cache_and_state_follow_xdg),
		cmocka_unit_test(share_and_libexec_stand_side_by_side),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
