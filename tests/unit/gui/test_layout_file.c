/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "gui/layout/arrange.h"
#include "gui/layout/layout_file.h"
#include "tests/unit/gui/gui_lab.h"

static char *folder, *path;

static int make_folder(void **state)
{
	folder = g_dir_make_tmp("netlab-layout-XXXXXX", NULL);
	path = g_build_filename(folder, "lab.layout", NULL);
	return folder ? 0 : -1;
}

static int remove_folder(void **state)
{
	unlink(path);
	rmdir(folder);
	g_clear_pointer(&folder, g_free);
	g_clear_pointer(&path, g_free);
	return 0;
}

static Scene *scene_small(void)
{
	g_autoptr(Lab) lab = gui_lab(GUI_LAB_SMALL);
	Scene *scene = scene_new();
	scene_set_lab(scene, lab);
	return scene;
}

static void it_stands_beside_the_lab(void **state)
{
	static const char *const paths[][2] = {
		{"/a/lab.xml", "/a/lab.layout"}, {"/a/ring", "/a/ring.layout"}, {"/a.xml/b", "/a.xml/b.layout"}};
	for (gsize i = 0; i < G_N_ELEMENTS(paths); i++) {
		g_autofree char *beside = layout_file_path(paths[i][0]);
		assert_string_equal(beside, paths[i][1]);
	}
}

static void places_come_back(void **state)
{
	g_autoptr(Scene) scene = scene_small(), again = scene_small();
	scene_move(scene, scene_find_vertex(scene, SCENE_NODE, "r1"), -12.5, 40);
	scene_move(scene, scene_find_vertex(scene, SCENE_NETWORK, "lan"), 7, 8);
	assert_true(layout_file_save(path, scene, NULL));
	assert_true(layout_file_load(path, again, NULL));
	SceneVertex *r1 = scene_find_vertex(again, SCENE_NODE, "r1"),
		    *lan = scene_find_vertex(again, SCENE_NETWORK, "lan");
	assert_true(r1->placed && r1->x == -12.5 && r1->y == 40);
	assert_true(lan->placed && lan->x == 7 && lan->y == 8);
	assert_false(scene_find_vertex(again, SCENE_NODE, "r2")->placed);
}

static void without_places_there_is_no_file(void **state)
{
	g_autoptr(Scene) scene = scene_small();
	g_autoptr(GError) error = NULL;
	assert_true(layout_file_save(path, scene, NULL));
	assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
	assert_false(layout_file_load(path, scene, &error));
	assert_true(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT));
	scene_move(scene, scene_find_vertex(scene, SCENE_NODE, "r1"), 1, 1);
	assert_true(layout_file_save(path, scene, NULL));
	scene_find_vertex(scene, SCENE_NODE, "r1")->placed = FALSE;
	assert_true(layout_file_save(path, scene, NULL));
	assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
}

static void nonsense_is_no_place(void **state)
{
	static const char *const files[] = {"[Node r1]\nx=nan\ny=1\n", "[Node r1]\nx=inf\ny=1\n",
		"[Node r1]\nx=1e30\ny=0\n", "[Node r1]\nx=12\n", "[Node r1]\nx=here\ny=there\n",
		"[Node nobody]\nx=1\ny=1\n", ""};
	g_autoptr(Scene) scene = scene_small();
	for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
		assert_true(g_file_set_contents(path, files[i], -1, NULL));
		layout_file_load(path, scene, NULL);
		assert_false(scene_find_vertex(scene, SCENE_NODE, "r1")->placed);
	}
	g_autoptr(GError) error = NULL;
	assert_true(g_file_set_contents(path, "no key file", -1, NULL));
	assert_false(layout_file_load(path, scene, &error));
	assert_non_null(strstr(error->message, path));
}

/* It would be waited for. */
static void a_pipe_is_refused(void **state)
{
	g_autoptr(Scene) scene = scene_small();
	g_autoptr(GError) error = NULL;
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_false(layout_file_load(path, scene, &error));
	assert_non_null(strstr(error->message, "not a regular file"));
	assert_int_equal(g_unlink(path), 0);
}

static void what_cannot_be_written_says_so(void **state)
{
	g_autoptr(Scene) scene = scene_small();
	g_autoptr(GError) error = NULL;
	g_autofree char *nowhere = g_build_filename(folder, "no", "such.layout", NULL);
	scene_move(scene, scene_find_vertex(scene, SCENE_NODE, "r1"), 1, 1);
	assert_false(layout_file_save(nowhere, scene, &error));
	assert_non_null(error);
}

static void only_what_is_not_placed_is_arranged(void **state)
{
	g_autoptr(Scene) scene = scene_small();
	scene_move(scene, scene_find_vertex(scene, SCENE_NODE, "r1"), 500, 500);
	arrange_scene(scene, NULL);
	SceneVertex *r1 = scene_find_vertex(scene, SCENE_NODE, "r1"), *r2 = scene_find_vertex(scene, SCENE_NODE, "r2");
	assert_true(r1->x == 500 && r1->y == 500);
	assert_true(r2->x != 0 || r2->y != 0);
	assert_false(r2->placed);
}

static void a_large_lab_is_arranged_later(void **state)
{
	g_autoptr(GString) text = g_string_new(NULL);
	for (guint i = 0; i < 2 * ARRANGE_AT_ONCE; i++)
		g_string_append_printf(text, "<node name=\"n%u\"/>", i);
	g_autoptr(Lab) lab = gui_lab(text->str);
	g_autoptr(Scene) scene = scene_new();
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	scene_set_lab(scene, lab);
	arrange_scene(scene, NULL);
	SceneVertex *last = scene_find_vertex(scene, SCENE_NODE, "n0");
	while (last->x == 0 && last->y == 0 && scene_find_vertex(scene, SCENE_NODE, "n1")->x == 0)
		g_main_context_iteration(NULL, TRUE);
	/* Cancelled while it runs: nothing is touched, and nothing is leaked. */
	arrange_scene(scene, cancellable);
	g_cancellable_cancel(cancellable);
	while (g_main_context_iteration(NULL, FALSE))
		;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_stands_beside_the_lab),
		cmocka_unit_test_setup_teardown(places_come_back, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(without_places_there_is_no_file, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(nonsense_is_no_place, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(a_pipe_is_refused, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(what_cannot_be_written_says_so, make_folder, remove_folder),
		cmocka_unit_test(only_what_is_not_placed_is_arranged),
		cmocka_unit_test(a_large_lab_is_arranged_later),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
