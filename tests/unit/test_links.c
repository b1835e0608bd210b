/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/wires/links.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

typedef struct {
	Lab lab;
	Plan plan;
	PlanNode node;
	PlanInterface interface;
	PlanCable core, lan, loop;
	Links *links;
} World;

static GPtrArray *array_of(gpointer item)
{
	GPtrArray *array = g_ptr_array_new();
	if (item)
		g_ptr_array_add(array, item);
	return array;
}

static int set_up(void **state)
{
	World *world = g_new0(World, 1);
	world->lab.seed = 42;
	world->core = (PlanCable){
		.name = "core", .ends = {{.port = "r1:eth1"}, {.port = "r2:eth1"}}, .impairments[0].delay = 20000000};
	world->lan = (PlanCable){.name = "pc:eth0", .ends = {{.port = "pc:eth0"}, {.network = "lan"}}};
	world->loop = (PlanCable){.name = "loop", .ends = {{.port = "r1:eth2"}, {.port = "r1:eth3"}}};
	world->interface = (PlanInterface){.port = "pc:eth0", .mtu = 9000, .cable = "pc:eth0"};
	world->node.interfaces = array_of(&world->interface);
	world->plan = (Plan){
		.lab = &world->lab, .instance = "l", .cables = array_of(&world->core), .nodes = array_of(&world->node)};
	g_ptr_array_add(world->plan.cables, &world->lan);
	g_ptr_array_add(world->plan.cables, &world->loop);
	world->links = links_new(&world->plan);
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	World *world = *state;
	links_free(world->links);
	g_ptr_array_unref(world->plan.cables);
	g_ptr_array_unref(world->plan.nodes);
	g_ptr_array_unref(world->node.interfaces);
	g_free(world);
	return 0;
}

/* attributes: a{ss} as text. NULL when it was done, or the message. Caller frees. */
static char *change(World *world, PlanCable *cable, const char *from, LinkBase base, const char *attributes)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) parsed = g_variant_parse(G_VARIANT_TYPE("a{ss}"), attributes, NULL, NULL, &error);
	assert_null(error);
	gboolean done = links_change(world->links, cable, from, base, parsed, &error);
	assert_int_equal(done, error == NULL);
	return done ? NULL : g_strdup(error->message);
}

static void expect(World *world, const PlanCable *cable, unsigned from, const char *text)
{
	g_auto(GStrv) words = link_settings_to_strings(links_impairment(world->links, cable, from));
	g_autofree char *got = g_strjoinv(" ", words);
	assert_string_equal(got, text);
}

static void cables_are_found(void **state)
{
	World *world = *state;
	g_autoptr(GError) error = NULL;
	assert_ptr_equal(links_find(world->links, "core", NULL), &world->core);
	assert_ptr_equal(links_find(world->links, "r2:eth1", NULL), &world->core);
	assert_ptr_equal(links_find(world->links, "pc:eth0", NULL), &world->lan);
	assert_null(links_find(world->links, "cor", &error));
	assert_non_null(strstr(error->message, "did you mean \"core\"?"));
}

static void directions_are_chosen(void **state)
{
	World *world = *state;
	assert_null(change(world, &world->core, "", LINK_AS_IT_IS, "{'loss': '1%'}"));
	expect(world, &world->core, 0, "delay 20ms loss 1%");
	expect(world, &world->core, 1, "loss 1%");
	assert_null(change(world, &world->core, "r2", LINK_AS_IT_IS, "{'loss': 'none', 'rate': '10Mbit'}"));
	expect(world, &world->core, 0, "delay 20ms loss 1%");
	expect(world, &world->core, 1, "rate 10Mbit");
	assert_null(change(world, &world->lan, "lan", LINK_AS_IT_IS, "{'delay': '1ms'}"));
	expect(world, &world->lan, 0, "");
	expect(world, &world->lan, 1, "delay 1ms");
	assert_null(change(world, &world->lan, "pc:eth0", LINK_AS_IT_IS, "{'delay': '2ms'}"));
	expect(world, &world->lan, 0, "delay 2ms");
	g_autofree char *stranger = change(world, &world->core, "r3", LINK_AS_IT_IS, "{}");
	assert_string_equal(stranger, "no end of \"core\" is \"r3\"; write from=r1:eth1 or from=r2:eth1");
	g_autofree char *prefix = change(world, &world->core, "r", LINK_AS_IT_IS, "{}");
	assert_non_null(prefix);
	g_autofree char *both = change(world, &world->loop, "r1", LINK_AS_IT_IS, "{}");
	assert_string_equal(both, "both ends of \"loop\" are of \"r1\"; write from=r1:eth2 or from=r1:eth3");
	assert_null(change(world, &world->loop, "r1:eth3", LINK_AS_IT_IS, "{'delay': '3ms'}"));
	expect(world, &world->loop, 1, "delay 3ms");
}

static void bases_are_told_apart(void **state)
{
	World *world = *state;
	assert_null(change(world, &world->core, "", LINK_PERFECT, "{'jitter': '1ms'}"));
	expect(world, &world->core, 0, "jitter 1ms");
	expect(world, &world->core, 1, "jitter 1ms");
	assert_null(change(world, &world->core, "r1", LINK_AS_DECLARED, "{}"));
	expect(world, &world->core, 0, "delay 20ms");
	expect(world, &world->core, 1, "jitter 1ms");
}

static void mistakes_change_nothing(void **state)
{
	World *world = *state;
	g_autofree char *value = change(world, &world->core, "", LINK_PERFECT, "{'loss': '1%', 'delay': '5'}");
	assert_true(g_str_has_prefix(value, "delay: \"5\" "));
	g_autofree char *name = change(world, &world->core, "", LINK_PERFECT, "{'dealy': '5ms'}");
	assert_non_null(strstr(name, "did you mean \"delay\"?"));
	expect(world, &world->core, 0, "delay 20ms");
	expect(world, &world->core, 1, "");
}

static void one_way_down_is_down(void **state)
{
	World *world = *state;
	assert_false(links_is_down(world->links, &world->core));
	assert_null(change(world, &world->core, "r2", LINK_AS_IT_IS, "{'down': 'yes'}"));
	assert_true(links_is_down(world->links, &world->core));
	assert_null(change(world, &world->core, "", LINK_AS_IT_IS, "{'down': 'no'}"));
	assert_false(links_is_down(world->links, &world->core));
}

static void queues_fit_the_mtu(void **state)
{
	World *world = *state;
	static const struct {
		guint64 rate, queue, want;
		gboolean jumbo;
	} cases[] = {{1000, 0, 151400, FALSE}, {1000, 0, 901400, TRUE}, {1000, 5000, 5000, TRUE}, {0, 0, 0, FALSE}};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		LinkSettings impairment = {.rate = cases[i].rate, .queue = cases[i].queue};
		g_autoptr(GVariant) settings = g_variant_ref_sink(
			links_settings(&world->plan, cases[i].jumbo ? &world->lan : &world->core, &impairment));
		guint64 queue, seed;
		assert_true(g_variant_lookup(settings, "queue", "t", &queue) &&
			g_variant_lookup(settings, "seed", "t", &seed));
		assert_int_equal(queue, cases[i].want);
		assert_int_equal(seed, 42);
	}
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(cables_are_found),
		TEST(directions_are_chosen),
		TEST(bases_are_told_apart),
		TEST(mistakes_change_nothing),
		TEST(one_way_down_is_down),
		TEST(queues_fit_the_mtu),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
