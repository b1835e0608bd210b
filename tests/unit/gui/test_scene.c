/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "gui/model/scene.h"
#include "tests/unit/gui/gui_lab.h"

static Scene *scene_of(const char *content)
{
	g_autoptr(Lab) lab = gui_lab(content);
	Scene *scene = scene_new();
	scene_set_lab(scene, lab);
	return scene;
}

static void count(Scene *scene, guint *calls)
{
	++*calls;
}

static void turn(void)
{
	while (g_main_context_iteration(NULL, FALSE))
		;
}

static void a_lab_becomes_vertices_and_edges(void **state)
{
	g_autoptr(Scene) scene = scene_of(GUI_LAB_SMALL);
	SceneEdge *lan = scene_find_edge(scene, "r1:eth0"), *core = scene_find_edge(scene, "core");
	assert_int_equal(scene_vertices(scene)->len, 3);
	assert_int_equal(scene_edges(scene)->len, 2);
	assert_int_equal(scene_find_vertex(scene, SCENE_NODE, "r1")->kind, LAB_NODE_ROUTER);
	assert_null(scene_find_vertex(scene, SCENE_NETWORK, "r1"));
	assert_int_equal(scene_find_vertex(scene, SCENE_NETWORK, "lan")->what, SCENE_NETWORK);
	assert_ptr_equal(lan->ends[0], scene_find_vertex(scene, SCENE_NODE, "r1"));
	assert_ptr_equal(lan->ends[1], scene_find_vertex(scene, SCENE_NETWORK, "lan"));
	assert_string_equal(lan->interfaces[0], "eth0");
	assert_null(lan->interfaces[1]);
	assert_string_equal(lan->addresses[0], "10.0.0.1/24 2001:db8::1/64");
	assert_true(core->is_link);
	assert_string_equal(core->impairments[0], "delay=20ms");
	assert_int_equal(lan->ends[0]->edges->len, 2);
	assert_string_equal(scene_title(scene), "T");
}

static void an_uplink_stands_beside_its_network(void **state)
{
	g_autoptr(Scene) scene = scene_of(
		"<network name=\"lan\"/><uplink network=\"lan\"><forward host=\"8080\" to=\"10.0.2.10:80\"/>"
		"<forward host=\"[::]:53\" to=\"[fd00:2::5]:53\" protocol=\"udp\"/></uplink>"
		"<network name=\"cell\"/><uplink network=\"cell\" name=\"lan\" restrict=\"yes\"/><node name=\"r1\"/>");
	SceneVertex *first = scene_find_vertex(scene, SCENE_UPLINK, "uplink-lan"), *lan = scene_find_key(scene, "wlan");
	SceneVertex *second = scene_find_key(scene, "ulan");
	SceneEdge *edge = scene_find_edge(scene, "uplink:lan");
	assert_int_equal(scene_vertices(scene)->len, 5);
	assert_false(first->restricted);
	assert_true(second->restricted);
	assert_false(lan->outside);
	assert_string_equal(first->gateway, "10.0.2.2/24 fd00:2::2/64");
	assert_string_equal(first->forwards, "127.0.0.1:8080 → 10.0.2.10:80\n[::]:53 → [fd00:2::5]:53 UDP");
	assert_string_equal(second->forwards, "");
	assert_ptr_equal(edge->ends[0], first);
	assert_ptr_equal(edge->ends[1], lan);
	assert_null(edge->interfaces[0]);
	assert_string_equal(edge->impairments[0], "");
	assert_false(edge->down);
}

static void what_stays_keeps_its_place_and_selection(void **state)
{
	g_autoptr(Scene) scene = scene_of(GUI_LAB_SMALL);
	g_autoptr(Lab) other = gui_lab("<node name=\"r2\"/><node name=\"new\"/>");
	scene_move(scene, scene_find_vertex(scene, SCENE_NODE, "r2"), 12, 34);
	scene_select_only(scene, scene_find_vertex(scene, SCENE_NODE, "r2"), NULL);
	scene_set_lab(scene, other);
	SceneVertex *kept = scene_find_vertex(scene, SCENE_NODE, "r2");
	assert_true(kept->x == 12 && kept->y == 34 && kept->placed && kept->selected);
	assert_false(scene_find_vertex(scene, SCENE_NODE, "new")->placed);
	assert_null(scene_find_vertex(scene, SCENE_NODE, "r1"));
	assert_int_equal(scene_edges(scene)->len, 0);
}

static void many_changes_are_one_signal(void **state)
{
	g_autoptr(Scene) scene = scene_of(GUI_LAB_SMALL);
	guint changed = 0, selection = 0, structure = 0;
	turn();
	g_signal_connect(scene, "changed", G_CALLBACK(count), &changed);
	g_signal_connect(scene, "selection", G_CALLBACK(count), &selection);
	g_signal_connect(scene, "structure", G_CALLBACK(count), &structure);
	for (int i = 0; i < 10; i++)
		scene_move(scene, scene_find_vertex(scene, SCENE_NODE, "r1"), i, i);
	turn();
	assert_int_equal(changed, 1);
	assert_int_equal(selection, 0);
	scene_select_only(scene, scene_find_vertex(scene, SCENE_NODE, "r1"), NULL);
	scene_select_only(scene, scene_find_vertex(scene, SCENE_NODE, "r2"), NULL);
	turn();
	assert_int_equal(changed, 2);
	assert_int_equal(selection, 1);
	assert_int_equal(structure, 0);
}

static void selections_are_listed(void **state)
{
	g_autoptr(Scene) scene = scene_of(GUI_LAB_SMALL);
	scene_select(scene, scene_find_vertex(scene, SCENE_NODE, "r1"), NULL, TRUE);
	scene_select(scene, NULL, scene_find_edge(scene, "core"), TRUE);
	g_autoptr(GPtrArray) vertices = scene_selected_vertices(scene);
	g_autoptr(GPtrArray) edges = scene_selected_edges(scene);
	assert_int_equal(vertices->len, 1);
	assert_int_equal(edges->len, 1);
	scene_select_only(scene, NULL, NULL);
	g_autoptr(GPtrArray) none = scene_selected_vertices(scene);
	assert_int_equal(none->len, 0);
}

static void states_are_taken_over(void **state)
{
	static const struct {
		const char *name;
		SceneState state;
	} states[] = {{"configuring", SCENE_BOOTING}, {"ready", SCENE_READY}, {"paused", SCENE_PAUSED},
		{"failed", SCENE_FAILED}, {"stopped", SCENE_STOPPED}, {"unheard of", SCENE_UNKNOWN}};
	g_autoptr(Scene) scene = scene_of(GUI_LAB_SMALL);
	g_autoptr(GVariant) nodes = g_variant_ref_sink(g_variant_new_parsed(
		"{'r1': {'state': <'ready'>, 'message': <''>}, 'r2': {'state': <'failed'>, 'message': <'no image'>},"
		" 'who': {'state': <'ready'>}}"));
	scene_update_nodes(scene, nodes);
	assert_true(scene_is_running(scene));
	assert_int_equal(scene_find_vertex(scene, SCENE_NODE, "r1")->state, SCENE_READY);
	assert_string_equal(scene_find_vertex(scene, SCENE_NODE, "r2")->message, "no image");
	for (gsize i = 0; i < G_N_ELEMENTS(states); i++) {
		scene_update_node(scene, "r1", states[i].name, "");
		assert_int_equal(scene_find_vertex(scene, SCENE_NODE, "r1")->state, states[i].state);
	}
	scene_forget_run(scene);
	assert_false(scene_is_running(scene));
	assert_int_equal(scene_find_vertex(scene, SCENE_NODE, "r2")->state, SCENE_UNKNOWN);
}

/* What was set while the lab ran is gone with it: the file's word counts again. */
static void a_stopped_lab_is_as_declared(void **state)
{
	g_autoptr(Scene) scene = scene_of(GUI_LAB_SMALL);
	SceneEdge *edge = scene_find_edge(scene, "r1:eth0");
	g_autofree char *declared = g_strdup(edge->impairments[0]);
	g_autoptr(GVariant) links =
		g_variant_ref_sink(g_variant_new_parsed("{'r1:eth0': {'between': <['r1:eth0', 'lan']>, 'down': <true>, "
							"'carrier': <{'r1:eth0': false, 'lan': false}>,"
							"  'impairment': <{'r1:eth0': {'delay': '5ms'}}>}}"));
	scene_update_links(scene, links, 1000000);
	assert_true(edge->down);
	assert_non_null(strstr(edge->impairments[0], "5ms"));
	scene_forget_run(scene);
	assert_false(edge->down);
	assert_true(edge->carrier[0]);
	assert_string_equal(edge->impairments[0], declared);
}

/* What GetLinks answers, with these counters of r1's ports. */
static GVariant *links(guint64 rx, guint64 tx)
{
	return g_variant_ref_sink(g_variant_new_parsed(
		"{'r1:eth0': {'between': <['r1:eth0', 'lan']>, 'down': <false>, 'carrier': <{'r1:eth0': true, 'lan': "
		"true}>,  'counters': <{'r1:eth0': {'rx_frames': %t, 'rx_bytes': %t, 'tx_frames': %t, 'tx_bytes': %t,  "
		"                          'drop_queue_full': uint64 3}}>,  'wire': <{'lan': {'drop_loss': uint64 "
		"2}}>}, 'core': {'between': <['r1:eth1', 'r2:eth0']>, 'down': <true>, 'carrier': <{'r1:eth1': false}>, "
		" 'impairment': <{'r1:eth1': {'delay': '5ms', 'loss': '1%'}}>,  'counters': <{'r1:eth1': {'rx_frames': "
		"%t}, 'r2:eth0': {'rx_frames': uint64 7}}>}}",
		rx, rx * 100, tx, tx * 100, rx));
}

static void counters_become_rates(void **state)
{
	g_autoptr(Scene) scene = scene_of(GUI_LAB_SMALL);
	g_autoptr(GVariant) first = links(10, 5), second = links(30, 5);
	SceneEdge *lan = scene_find_edge(scene, "r1:eth0");
	scene_update_links(scene, first, 1000000);
	assert_true(lan->flows[0].frame_rate == 0);
	assert_int_equal(lan->flows[0].frames, 10);
	assert_int_equal(lan->flows[1].frames, 5);
	scene_update_links(scene, second, 3000000);
	assert_true(lan->flows[0].frame_rate == 10);
	assert_true(lan->flows[0].bit_rate == 8000);
	assert_true(lan->flows[1].bit_rate == 0);
	assert_int_equal(lan->flows[0].drops, 3);
	assert_int_equal(lan->flows[1].drops, 2);
	/* Two seconds passed: two values. */
	assert_int_equal(lan->flows[0].next, 2);
	assert_true(lan->flows[0].history[0] == 8000 && lan->flows[0].history[1] == 8000);
}

static void links_tell_what_they_do(void **state)
{
	g_autoptr(Scene) scene = scene_of(GUI_LAB_SMALL);
	g_autoptr(GVariant) answer = links(1, 1);
	SceneEdge *core = scene_find_edge(scene, "core");
	scene_update_links(scene, answer, 1000000);
	assert_true(core->down);
	assert_false(core->carrier[0]);
	assert_string_equal(core->impairments[0], "delay=5ms loss=1%");
	assert_string_equal(core->impairments[1], "");
	assert_int_equal(core->flows[1].frames, 7);
	scene_update_links(scene, NULL, 2000000);
}

static void counters_that_go_back_are_a_new_run(void **state)
{
	g_autoptr(Scene) scene = scene_of(GUI_LAB_SMALL);
	g_autoptr(GVariant) first = links(1000, 5), second = links(3, 5);
	scene_update_links(scene, first, 1000000);
	scene_update_links(scene, second, 2000000);
	assert_true(scene_find_edge(scene, "r1:eth0")->flows[0].bit_rate == 0);
	assert_int_equal(scene_find_edge(scene, "r1:eth0")->flows[0].frames, 3);
}

static void histories_go_around(void **state)
{
	g_autoptr(Scene) scene = scene_of(GUI_LAB_SMALL);
	for (guint64 i = 0; i < SCENE_HISTORY + 5; i++) {
		g_autoptr(GVariant) answer = links(i * i, 0);
		scene_update_links(scene, answer, (gint64)(i + 1) * 1000000);
	}
	assert_int_equal(scene_find_edge(scene, "r1:eth0")->flows[0].next, 4);
	/* A long sleep does not write beyond it. */
	g_autoptr(GVariant) late = links(1000000, 0);
	scene_update_links(scene, late, G_GINT64_CONSTANT(9000000000));
	assert_true(scene_find_edge(scene, "r1:eth0")->flows[0].next < SCENE_HISTORY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lab_becomes_vertices_and_edges),
		cmocka_unit_test(an_uplink_stands_beside_its_network),
		cmocka_unit_test(what_stays_keeps_its_place_and_selection),
		cmocka_unit_test(many_changes_are_one_signal),
		cmocka_unit_test(selections_are_listed),
		cmocka_unit_test(states_are_taken_over),
		cmocka_unit_test(a_stopped_lab_is_as_declared),
		cmocka_unit_test(counters_become_rates),
		cmocka_unit_test(links_tell_what_they_do),
		cmocka_unit_test(counters_that_go_back_are_a_new_run),
		cmocka_unit_test(histories_go_around),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
