/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who watches labs learns of a supervisor as soon as it listens, without looking again and again. */
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/netlab/fake_lab.h"
#include "netlab/client/lab_watch.h"

typedef struct {
	char *base;
	GMainLoop *loop;
	guint changes;
	gboolean listens, timed_out;
} Rig;

static int set_up(void **state)
{
	Rig *rig = g_new0(Rig, 1);
	rig->base = g_dir_make_tmp("netlab-watch-XXXXXX", NULL);
	g_setenv("XDG_RUNTIME_DIR", rig->base, TRUE);
	rig->loop = g_main_loop_new(NULL, FALSE);
	*state = rig;
	return 0;
}

static int tear_down(void **state)
{
	Rig *rig = *state;
	lab_remove_tree(rig->base, NULL);
	g_main_loop_unref(rig->loop);
	g_free(rig->base);
	g_free(rig);
	return 0;
}

static void on_changed(gpointer data)
{
	Rig *rig = data;
	g_autofree char *control = g_build_filename(rig->base, "netlab", "one", "control", NULL);
	rig->changes++;
	rig->listens = g_file_test(control, G_FILE_TEST_EXISTS);
	if (rig->listens)
		g_main_loop_quit(rig->loop);
}

static gboolean on_timeout(gpointer data)
{
	Rig *rig = data;
	rig->timed_out = TRUE;
	g_main_loop_quit(rig->loop);
	return G_SOURCE_CONTINUE;
}

static void run(Rig *rig)
{
	guint timer = g_timeout_add_seconds(20, on_timeout, rig);
	g_main_loop_run(rig->loop);
	g_source_remove(timer);
	assert_false(rig->timed_out);
}

static void a_supervisor_that_listens_is_reported(void **state)
{
	Rig *rig = *state;
	g_autoptr(LabWatch) watch = lab_watch_new(on_changed, rig, NULL);
	assert_non_null(watch);
	FakeLab *fake = fake_lab_new(rig->base, "one");
	run(rig);
	assert_true(rig->listens);
	fake_lab_free(fake);
}

static gboolean make_control(gpointer data)
{
	const Rig *rig = data;
	g_autofree char *control = g_build_filename(rig->base, "netlab", "one", "control", NULL);
	assert_true(g_file_set_contents(control, "", 0, NULL));
	return G_SOURCE_REMOVE;
}

/* The folder is there first, the socket comes when the supervisor is ready. */
static void a_folder_that_was_there_is_watched_too(void **state)
{
	Rig *rig = *state;
	g_autofree char *folder = g_build_filename(rig->base, "netlab", "one", NULL);
	assert_int_equal(g_mkdir_with_parents(folder, 0700), 0);
	g_autoptr(LabWatch) watch = lab_watch_new(on_changed, rig, NULL);
	g_timeout_add(50, make_control, rig);
	run(rig);
	assert_true(rig->listens);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_supervisor_that_listens_is_reported, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_folder_that_was_there_is_watched_too, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
