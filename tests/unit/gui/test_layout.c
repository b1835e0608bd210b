/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "gui/layout/layout.h"

enum { WIDTH = 60, HEIGHT = 70 };

static LayoutGraph *graph_new(guint n)
{
	LayoutGraph *graph = layout_graph_new();
	for (guint i = 0; i < n; i++)
		layout_graph_add_vertex(graph, WIDTH, HEIGHT);
	return graph;
}

static LayoutVertex *at(LayoutGraph *graph, guint index)
{
	return &g_array_index(graph->vertices, LayoutVertex, index);
}

/* Laid out, no two vertices cover each other and every place is a number. */
static void assert_readable(LayoutGraph *graph)
{
	layout_run(graph);
	for (guint i = 0; i < graph->vertices->len; i++) {
		assert_true(isfinite(at(graph, i)->x) && isfinite(at(graph, i)->y));
		for (guint k = 0; k < i; k++)
			assert_true(fabs(at(graph, i)->x - at(graph, k)->x) >= WIDTH - 1 ||
				fabs(at(graph, i)->y - at(graph, k)->y) >= HEIGHT - 1);
	}
}

static double variance(LayoutGraph *graph, gboolean across)
{
	double mean = 0, sum = 0, n = graph->vertices->len;
	for (guint i = 0; i < graph->vertices->len; i++)
		mean += (across ? at(graph, i)->x : at(graph, i)->y) / n;
	for (guint i = 0; i < graph->vertices->len; i++)
		sum += pow((across ? at(graph, i)->x : at(graph, i)->y) - mean, 2);
	return sum / n;
}

static double span(LayoutGraph *graph, gboolean across)
{
	double least = G_MAXDOUBLE, most = -G_MAXDOUBLE;
	for (guint i = 0; i < graph->vertices->len; i++) {
		double value = across ? at(graph, i)->x : at(graph, i)->y;
		least = MIN(least, value);
		most = MAX(most, value);
	}
	return most - least;
}

static LayoutGraph *chain(guint n)
{
	LayoutGraph *graph = graph_new(n);
	for (guint i = 0; i + 1 < n; i++)
		layout_graph_add_edge(graph, i, i + 1);
	return graph;
}

static LayoutGraph *ring(guint n)
{
	LayoutGraph *graph = chain(n);
	layout_graph_add_edge(graph, n - 1, 0);
	return graph;
}

static LayoutGraph *star(guint n)
{
	LayoutGraph *graph = graph_new(n);
	for (guint i = 1; i < n; i++)
		layout_graph_add_edge(graph, 0, i);
	return graph;
}

static LayoutGraph *tree(guint n)
{
	LayoutGraph *graph = graph_new(n);
	for (guint i = 1; i < n; i++)
		layout_graph_add_edge(graph, (i - 1) / 3, i);
	return graph;
}

/* Of switches with four ports: 4 cores, 4 pods of 2 and 2, 16 hosts; vertices from above to below. */
static LayoutGraph *fat_tree(void)
{
	LayoutGraph *graph = graph_new(36);
	for (guint pod = 0; pod < 4; pod++)
		for (guint i = 0; i < 2; i++) {
			guint above = 4 + 2 * pod + i, below = 12 + 2 * pod + i;
			for (guint k = 0; k < 2; k++) {
				layout_graph_add_edge(graph, above, 2 * i + k);
				layout_graph_add_edge(graph, below, 4 + 2 * pod + k);
				layout_graph_add_edge(graph, 20 + 4 * pod + 2 * i + k, below);
			}
		}
	return graph;
}

static LayoutGraph *mesh(guint n)
{
	LayoutGraph *graph = chain(n);
	for (guint i = 0; i + 7 < n; i += 3)
		layout_graph_add_edge(graph, i, i + 7);
	return graph;
}

static void shapes_are_told(void **state)
{
	g_autoptr(LayoutGraph) nothing = graph_new(0), one = graph_new(1), parts = graph_new(4);
	g_autoptr(LayoutGraph) a = chain(5), b = ring(5), c = star(6), d = tree(30), e = fat_tree(), f = mesh(20);
	assert_int_equal(layout_shape(nothing), LAYOUT_EMPTY);
	assert_int_equal(layout_shape(one), LAYOUT_CHAIN);
	assert_int_equal(layout_shape(parts), LAYOUT_TREE);
	assert_int_equal(layout_shape(a), LAYOUT_CHAIN);
	assert_int_equal(layout_shape(b), LAYOUT_RING);
	assert_int_equal(layout_shape(c), LAYOUT_STAR);
	assert_int_equal(layout_shape(d), LAYOUT_TREE);
	assert_int_equal(layout_shape(e), LAYOUT_LAYERED);
	assert_int_equal(layout_shape(f), LAYOUT_MESH);
}

static void parallel_edges_and_loops_count_for_nothing(void **state)
{
	g_autoptr(LayoutGraph) graph = chain(4);
	layout_graph_add_edge(graph, 1, 0);
	layout_graph_add_edge(graph, 2, 2);
	assert_int_equal(layout_shape(graph), LAYOUT_CHAIN);
	assert_readable(graph);
}

static void every_shape_is_readable(void **state)
{
	g_autoptr(LayoutGraph) nothing = graph_new(0);
	g_autoptr(LayoutGraph) parts = graph_new(4);
	assert_readable(nothing);
	assert_readable(parts);
	for (guint n = 1; n < 24; n += 3) {
		g_autoptr(LayoutGraph) a = chain(n), b = ring(n + 2), c = star(n + 1), d = tree(n), f = mesh(n);
		assert_readable(a);
		assert_readable(b);
		assert_readable(c);
		assert_readable(d);
		assert_readable(f);
	}
	g_autoptr(LayoutGraph) wide = tree(60), many = star(40), large = mesh(200), fat = fat_tree();
	assert_readable(wide);
	assert_readable(many);
	assert_readable(large);
	assert_readable(fat);
}

static void a_chain_is_a_line(void **state)
{
	g_autoptr(LayoutGraph) graph = chain(6);
	layout_run(graph);
	assert_true(span(graph, FALSE) < 1);
	for (guint i = 0; i + 1 < 6; i++)
		assert_true(at(graph, i)->x < at(graph, i + 1)->x);
}

static void a_ring_is_round(void **state)
{
	g_autoptr(LayoutGraph) graph = ring(8);
	layout_run(graph);
	double x = 0, y = 0, least = G_MAXDOUBLE, most = 0;
	for (guint i = 0; i < 8; i++) {
		x += at(graph, i)->x / 8;
		y += at(graph, i)->y / 8;
	}
	for (guint i = 0; i < 8; i++) {
		double away = hypot(at(graph, i)->x - x, at(graph, i)->y - y);
		least = MIN(least, away);
		most = MAX(most, away);
	}
	assert_true(most / least < 1.3);
}

static void a_fat_tree_has_floors(void **state)
{
	static const guint floors[][2] = {{0, 4}, {4, 12}, {12, 20}, {20, 36}};
	g_autoptr(LayoutGraph) graph = fat_tree();
	layout_run(graph);
	for (guint floor = 0; floor < G_N_ELEMENTS(floors); floor++)
		for (guint i = floors[floor][0]; i < floors[floor][1]; i++) {
			assert_true(fabs(at(graph, i)->y - at(graph, floors[floor][0])->y) < 1);
			assert_true(floor == 0 || at(graph, i)->y > at(graph, floors[floor - 1][0])->y + HEIGHT);
		}
}

static void a_mesh_lies_down(void **state)
{
	g_autoptr(LayoutGraph) graph = mesh(40);
	layout_run(graph);
	assert_true(variance(graph, TRUE) >= variance(graph, FALSE));
}

static void a_line_has_the_room_that_it_wants(void **state)
{
	enum { ROOM = 190 };
	/* A chain, one that is folded, a ring, a mesh: of each the third edge. */
	g_autoptr(LayoutGraph) a = chain(5), b = chain(25), c = ring(4), d = mesh(12);
	LayoutGraph *const graphs[] = {a, b, c, d};
	for (gsize i = 0; i < G_N_ELEMENTS(graphs); i++) {
		LayoutEdge *edge = &g_array_index(graphs[i]->edges, LayoutEdge, 2);
		edge->room = ROOM;
		assert_readable(graphs[i]);
		const LayoutVertex *from = at(graphs[i], edge->ends[0]), *to = at(graphs[i], edge->ends[1]);
		assert_true(hypot(from->x - to->x, from->y - to->y) >= 0.85 * (ROOM + WIDTH));
	}
}

static void the_same_lab_looks_the_same(void **state)
{
	g_autoptr(LayoutGraph) first = mesh(30), second = mesh(30);
	layout_run(first);
	layout_run(second);
	for (guint i = 0; i < 30; i++)
		assert_true(hypot(at(first, i)->x - at(second, i)->x, at(first, i)->y - at(second, i)->y) < 1);
}

static void what_is_fixed_stays(void **state)
{
	for (guint fixed = 1; fixed <= 12; fixed += 5) {
		g_autoptr(LayoutGraph) graph = ring(12);
		for (guint i = 0; i < fixed; i++)
			*at(graph, i) = (LayoutVertex){200.0 * i, 17.0 * (i % 3), WIDTH, HEIGHT, TRUE};
		layout_run(graph);
		for (guint i = 0; i < fixed; i++) {
			assert_true(at(graph, i)->x == 200.0 * i);
			assert_true(at(graph, i)->y == 17.0 * (i % 3));
		}
	}
}

static void a_new_one_comes_near_its_neighbour(void **state)
{
	g_autoptr(LayoutGraph) graph = chain(10);
	for (guint i = 0; i < 9; i++)
		*at(graph, i) = (LayoutVertex){300.0 * i, 0, WIDTH, HEIGHT, TRUE};
	assert_readable(graph);
	assert_true(hypot(at(graph, 9)->x - 2400, at(graph, 9)->y) < 400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shapes_are_told),
		cmocka_unit_test(parallel_edges_and_loops_count_for_nothing),
		cmocka_unit_test(every_shape_is_readable),
		cmocka_unit_test(a_chain_is_a_line),
		cmocka_unit_test(a_ring_is_round),
		cmocka_unit_test(a_fat_tree_has_floors),
		cmocka_unit_test(a_mesh_lies_down),
		cmocka_unit_test(a_line_has_the_room_that_it_wants),
		cmocka_unit_test(the_same_lab_looks_the_same),
		cmocka_unit_test(what_is_fixed_stays),
		cmocka_unit_test(a_new_one_comes_near_its_neighbour),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
