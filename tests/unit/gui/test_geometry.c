/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "gui/layout/geometry.h"
#include "gui/model/traffic.h"
#include "tests/unit/gui/gui_lab.h"

static gboolean near(double a, double b)
{
	return fabs(a - b) < 0.01;
}

/* r1 and r2 beside each other, lan under r1. */
static Scene *scene_small(void)
{
	g_autoptr(Lab) lab = gui_lab(GUI_LAB_SMALL "<link name=\"again\"><end node=\"r2\" interface=\"eth5\"/><end "
						   "node=\"r1\" interface=\"eth5\"/></link>");
	Scene *scene = scene_new();
	scene_set_lab(scene, lab);
	scene_move(scene, scene_find_vertex(scene, SCENE_NODE, "r1"), 0, 0);
	scene_move(scene, scene_find_vertex(scene, SCENE_NODE, "r2"), 300, 0);
	scene_move(scene, scene_find_vertex(scene, SCENE_NETWORK, "lan"), 0, 200);
	return scene;
}

static void views_go_there_and_back(void **state)
{
	GeometryView view = {1, 10, 20};
	geometry_zoom(&view, 2.5, 100, 50);
	GeometryPoint held = geometry_to_scene(&view, 100, 50), back = geometry_to_widget(&view, held.x, held.y);
	assert_true(near(held.x, 90) && near(held.y, 30));
	assert_true(near(back.x, 100) && near(back.y, 50));
	geometry_zoom(&view, 1e9, 0, 0);
	assert_true(view.scale == GEOMETRY_ZOOM_MAX);
	geometry_zoom(&view, 0, 0, 0);
	assert_true(view.scale == GEOMETRY_ZOOM_MIN);
}

static void a_pinch_keeps_what_is_between_the_fingers(void **state)
{
	const GeometryView began = {0.8, 30, -40};
	const GeometryPoint from = {200, 150}, to = {260, 90};
	static const double scales[] = {0.2, 1, 1.7, 1e9};
	for (gsize i = 0; i < G_N_ELEMENTS(scales); i++) {
		GeometryPoint held = geometry_to_scene(&began, from.x, from.y);
		GeometryView view = geometry_pinch(&began, from, to, scales[i]);
		GeometryPoint now = geometry_to_widget(&view, held.x, held.y);
		assert_true(near(now.x, to.x) && near(now.y, to.y));
		assert_true(near(view.scale, CLAMP(0.8 * scales[i], GEOMETRY_ZOOM_MIN, GEOMETRY_ZOOM_MAX)));
	}
}

static void a_fit_shows_everything(void **state)
{
	g_autoptr(Scene) scene = scene_small();
	GeometryBox bounds = geometry_bounds(scene);
	GeometryView view = geometry_fit(bounds, 400, 300, 20, 4);
	GeometryPoint from = geometry_to_widget(&view, bounds.x, bounds.y);
	GeometryPoint to = geometry_to_widget(&view, bounds.x + bounds.width, bounds.y + bounds.height);
	assert_true(from.x >= 19.9 && from.y >= 19.9 && to.x <= 380.1 && to.y <= 280.1);
	assert_true(near(from.x, 20) || near(from.y, 20));
	g_autoptr(Scene) empty = scene_new();
	view = geometry_fit(geometry_bounds(empty), 400, 300, 20, 1.5);
	assert_true(view.scale == 1.5);
	view = geometry_fit(bounds, 1, 1, 20, 4);
	assert_true(isfinite(view.x) && view.scale >= GEOMETRY_ZOOM_MIN);
}

static void parallel_edges_lie_apart(void **state)
{
	g_autoptr(Scene) scene = scene_small();
	GeometryPath one = geometry_edge_path(scene_find_edge(scene, "core"));
	GeometryPath two = geometry_edge_path(scene_find_edge(scene, "again"));
	GeometryPath lan = geometry_edge_path(scene_find_edge(scene, "r1:eth0"));
	GeometryPoint a = geometry_path_at(&one, one.length / 2, 0), b = geometry_path_at(&two, two.length / 2, 0);
	assert_true(one.curved && two.curved && !lan.curved);
	assert_true(fabs(a.y - b.y) > 15);
	/* From border to border. */
	assert_true(lan.from.y > 20 && lan.to.y < 190);
	assert_true(near(lan.length, lan.to.y - lan.from.y));
}

static void bounds_of_an_edge_have_it_all(void **state)
{
	g_autoptr(Scene) scene = scene_small();
	const GPtrArray *edges = scene_edges(scene);
	for (guint i = 0; i < edges->len; i++) {
		GeometryBox box = geometry_edge_bounds(edges->pdata[i]);
		GeometryPath path = geometry_edge_path(edges->pdata[i]);
		for (int step = 0; step <= 8; step++) {
			GeometryPoint point = geometry_path_at(&path, path.length * step / 8, 0);
			assert_true(geometry_box_has(box, point.x, point.y));
		}
		assert_true(
			geometry_edge_at(scene, box.x + box.width / 2, box.y + box.height / 2, 1) == edges->pdata[i]);
	}
}

static void points_run_along_paths(void **state)
{
	GeometryPath line = {.from = {0, 0}, .to = {100, 0}, .length = 100};
	GeometryPoint at = geometry_path_at(&line, 25, 0), aside = geometry_path_at(&line, 25, 4);
	GeometryPoint beyond = geometry_path_at(&line, 500, 0);
	assert_true(near(at.x, 25) && near(at.y, 0));
	assert_true(near(aside.x, 25) && near(aside.y, 4)); /* y grows downwards: to the right of the way */
	assert_true(near(beyond.x, 100));
	assert_true(near(geometry_path_distance(&line, 50, 7), 7));
	assert_true(near(geometry_path_distance(&line, 103, 4), 5));
	GeometryPath nowhere = {.from = {3, 3}, .to = {3, 3}};
	at = geometry_path_at(&nowhere, 1, 1);
	assert_true(isfinite(at.x) && isfinite(at.y));
}

static void what_is_under_the_pointer_is_found(void **state)
{
	g_autoptr(Scene) scene = scene_small();
	assert_ptr_equal(geometry_vertex_at(scene, 10, 10), scene_find_vertex(scene, SCENE_NODE, "r1"));
	assert_ptr_equal(geometry_vertex_at(scene, 300, 33), scene_find_vertex(scene, SCENE_NODE, "r2")); /* its name */
	assert_null(geometry_vertex_at(scene, 150, 100));
	assert_ptr_equal(geometry_edge_at(scene, 3, 100, 6), scene_find_edge(scene, "r1:eth0"));
	assert_null(geometry_edge_at(scene, 30, 100, 6));
}

static void arrows_lead_to_the_next_one(void **state)
{
	g_autoptr(Scene) scene = scene_small();
	SceneVertex *r1 = scene_find_vertex(scene, SCENE_NODE, "r1"), *r2 = scene_find_vertex(scene, SCENE_NODE, "r2");
	assert_ptr_equal(geometry_next(scene, r1, 1, 0), r2);
	assert_ptr_equal(geometry_next(scene, r2, -1, 0), r1);
	assert_ptr_equal(geometry_next(scene, r1, 0, 1), scene_find_vertex(scene, SCENE_NETWORK, "lan"));
	assert_null(geometry_next(scene, r1, 0, -1));
	assert_ptr_equal(geometry_next(scene, NULL, 0, 1), scene_find_vertex(scene, SCENE_NODE, "r1"));
}

static void moves_snap(void **state)
{
	g_autoptr(Scene) scene = scene_small();
	SceneVertex *r2 = scene_find_vertex(scene, SCENE_NODE, "r2");
	scene_select_only(scene, r2, NULL);
	GeometrySnap snap = geometry_snap(scene, r2, -13, 4, 7);
	assert_true(near(snap.dx, -10) && !snap.along_x);             /* the grid */
	assert_true(near(snap.dy, 0) && snap.along_y && snap.y == 0); /* r1's height */
	snap = geometry_snap(scene, r2, -296, 150, 7);
	assert_true(near(snap.dx, -300) && snap.along_x);
}

static void labels_keep_apart(void **state)
{
	g_autoptr(Scene) scene = scene_small();
	g_autoptr(GeometryLabels) labels = geometry_labels_new();
	GeometryPath path = geometry_edge_path(scene_find_edge(scene, "r1:eth0"));
	geometry_labels_avoid_path(labels, &path);
	GeometryBox first = geometry_labels_place(labels, &path, 0, NULL, 60, 20);
	assert_false(geometry_labels_covered(labels, first));
	geometry_labels_avoid(labels, first);
	assert_true(geometry_labels_covered(labels, first));
	GeometryBox second = geometry_labels_place(labels, &path, 0, NULL, 60, 20);
	geometry_labels_avoid(labels, second);
	GeometryBox other = geometry_labels_place(labels, &path, 1, NULL, 60, 20);
	assert_true(geometry_overlap(first, second) == 0 && geometry_overlap(first, other) == 0);
	assert_true(first.y < other.y);
	for (double y = path.from.y; y < path.to.y; y++)
		assert_false(geometry_box_has(first, path.from.x, y));
}

/* As wide as their texts are, both labels stand on their own half of a line that is so long. */
static void a_line_with_room_has_each_label_at_its_own_end(void **state)
{
	g_autoptr(Scene) scene = scene_small();
	const SceneEdge *core = scene_find_edge(scene, "core");
	double room = geometry_edge_room(core), width = (double)strlen("10.1.0.1/30") * 6;
	g_autoptr(GeometryLabels) labels = geometry_labels_new();
	GeometryPath path = {{0, 0}, {0, 0}, {room, 0}, FALSE, room};
	assert_true(room >= 2 * width);
	geometry_labels_avoid_path(labels, &path);
	geometry_labels_avoid(labels, (GeometryBox){-54, -26, 52, 70});
	geometry_labels_avoid(labels, (GeometryBox){room + 2, -26, 52, 70});
	GeometryBox first = geometry_labels_place(labels, &path, 0, NULL, width, 24);
	geometry_labels_avoid(labels, first);
	GeometryBox second = geometry_labels_place(labels, &path, 1, NULL, width, 24);
	assert_true(first.x + first.width <= room / 2 && second.x >= room / 2);
}

/* A line so short that the text in its middle takes all of it. */
static void labels_leave_what_stands_on_a_line(void **state)
{
	g_autoptr(GeometryLabels) labels = geometry_labels_new();
	GeometryPath path = {{0, 0}, {0, 0}, {90, 0}, FALSE, 90};
	GeometryBox pill = {5, -15, 80, 30};
	geometry_labels_avoid_path(labels, &path);
	geometry_labels_avoid(labels, pill);
	for (unsigned end = 0; end < 2; end++)
		assert_true(geometry_overlap(geometry_labels_place(labels, &path, end, NULL, 60, 24), pill) == 0);
}

/* Lines so close on both sides that a label beside this one would lie on them. */
static void labels_go_below_a_node_rather_than_on_a_line_of_another(void **state)
{
	const SceneVertex node = {.what = SCENE_NODE, .name = (char *)"dirk"};
	for (int lonely = 0; lonely < 2; lonely++) {
		g_autoptr(GeometryLabels) labels = geometry_labels_new();
		GeometryPath paths[3];
		for (int side = -1; side <= 1; side++) {
			paths[1 + side] = (GeometryPath){{40 * side, -30}, {0, 0}, {40 * side, -130}, FALSE, 100};
			geometry_labels_avoid_path(labels, &paths[1 + side]);
		}
		geometry_labels_avoid(labels, geometry_vertex_box(&node, TRUE));
		GeometryBox box = geometry_labels_place(labels, &paths[1], 0, lonely ? &node : NULL, 60, 20);
		assert_true(geometry_overlap(box, geometry_vertex_box(&node, TRUE)) == 0);
		assert_int_equal(box.y > 0, lonely);
	}
}

static void dots_follow_frames(void **state)
{
	TrafficFlow flow = {.last = 100};
	guint set_out = 0, before = 0;
	for (int frame = 1; frame <= 600; frame++) { /* ten seconds, two frames in each */
		before = flow.count;
		traffic_advance(&flow, 2, TRAFFIC_MOST, 100 + frame / 60.0, 50);
		set_out += flow.count > before;
		assert_true(flow.count <= TRAFFIC_DOTS);
		for (guint i = 0; i < flow.count; i++)
			assert_true(traffic_dot(&flow, i, 100 + frame / 60.0) <= 50);
	}
	assert_in_range(set_out, 18, 21);
	/* What is on the way arrives, and then there is nothing. */
	for (int frame = 601; frame <= 660; frame++)
		traffic_advance(&flow, 0, TRAFFIC_MOST, 100 + frame / 60.0, 50);
	assert_int_equal(flow.count, 0);
}

static void dots_make_nothing_up_after_a_pause(void **state)
{
	TrafficFlow flow = {.last = 1};
	traffic_advance(&flow, 1000000, TRAFFIC_MOST, 3600, 5000);
	assert_true(flow.count <= 1);
	for (int i = 1; i < 10000; i++)
		traffic_advance(&flow, 1000000, TRAFFIC_MOST, 3600 + i / 60.0, 1e9);
	assert_int_equal(flow.count, TRAFFIC_DOTS);
}

static void more_is_thicker_and_faster_up_to_a_point(void **state)
{
	assert_true(traffic_width(0) < traffic_width(1e5) && traffic_width(1e5) < traffic_width(1e8));
	assert_true(traffic_width(1e9) == traffic_width(1e15));
	assert_true(traffic_dot_rate(0.5) == 0.5 && traffic_dot_rate(10) > traffic_dot_rate(3));
	assert_true(traffic_most(2, 1) == TRAFFIC_MOST && traffic_most(0.5, 1) < TRAFFIC_MOST);
	assert_true(traffic_most(1, 150) < traffic_most(1, 41) && traffic_most(0, 0) > 0);
	assert_true(traffic_dot_rate(1e12) == TRAFFIC_MOST && traffic_dot_rate(-1) == 0);
}

static void rates_are_written(void **state)
{
	static const struct {
		double rate;
		const char *text;
	} rates[] = {{0, "0 bit/s"}, {999, "999 bit/s"}, {999.9, "1.0 kbit/s"}, {12345, "12 kbit/s"},
		{1.25e6, "1.2 Mbit/s"}, {7e9, "7.0 Gbit/s"}, {7e13, "70000 Gbit/s"}};
	for (gsize i = 0; i < G_N_ELEMENTS(rates); i++) {
		g_autofree char *text = traffic_text(rates[i].rate);
		assert_string_equal(text, rates[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(views_go_there_and_back),
		cmocka_unit_test(a_pinch_keeps_what_is_between_the_fingers),
		cmocka_unit_test(a_fit_shows_everything),
		cmocka_unit_test(parallel_edges_lie_apart),
		cmocka_unit_test(bounds_of_an_edge_have_it_all),
		cmocka_unit_test(points_run_along_paths),
		cmocka_unit_test(what_is_under_the_pointer_is_found),
		cmocka_unit_test(arrows_lead_to_the_next_one),
		cmocka_unit_test(moves_snap),
		cmocka_unit_test(labels_keep_apart),
		cmocka_unit_test(a_line_with_room_has_each_label_at_its_own_end),
		cmocka_unit_test(labels_leave_what_stands_on_a_line),
		cmocka_unit_test(labels_go_below_a_node_rather_than_on_a_line_of_another),
		cmocka_unit_test(dots_follow_frames),
		cmocka_unit_test(dots_make_nothing_up_after_a_pause),
		cmocka_unit_test(more_is_thicker_and_faster_up_to_a_point),
		cmocka_unit_test(rates_are_written),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
