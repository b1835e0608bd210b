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
	LinkSettings settings[3][2]; /* of the cables, in that order */
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
	memcpy(world->settings[0], world->core.impairments, sizeof(world->settings[0]));
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	World *world = *state;
	g_ptr_array_unref(world->plan.cables);
	g_ptr_array_unref(world->plan.nodes);
	g_ptr_array_unref(world->node.interfaces);
	g_free(world);
	return 0;
}

static LinkSettings *settings_of(World *world, const PlanCable *cable)
{
	return world->settings[cable - &world->core];
}

/* attributes: a{ss} as text. NULL when it was done, or the message. Caller frees. */
static char *change(World *world, PlanCable *cable, const char *from, LinkBase base, const char *attributes)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) parsed = g_variant_parse(G_VARIANT_TYPE("a{ss}"), attributes, NULL, NULL, &error);
	assert_null(error);
	gboolean done = links_change(cable, settings_of(world, cable), from, base, parsed, &error);
	assert_int_equal(done, error == NULL);
	return done ? NULL : g_strdup(error->message);
}

static void expect(World *world, const PlanCable *cable, unsigned from, const char *text)
{
	g_auto(GStrv) words = link_settings_to_strings(&settings_of(world, cable)[from]);
	g_autofree char *got = g_strjoinv(" ", words);
	assert_string_equal(got, text);
}

static void cables_are_found(void **state)
{
	World *world = *state;
	g_autoptr(GError) error = NULL;
	assert_ptr_equal(links_find(&world->plan, "core", NULL), &world->core);
	assert_ptr_equal(links_find(&world->plan, "r2:eth1", NULL), &world->core);
	assert_ptr_equal(links_find(&world->plan, "pc:eth0", NULL), &world->lan);
	assert_null(links_find(&world->plan, "cor", &error));
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

static void the_longest_frame_is_of_the_mtu(void **state)
{
	World *world = *state;
	assert_int_equal(links_longest_frame(&world->plan, &world->core), 1514);
	assert_int_equal(links_longest_frame(&world->plan, &world->lan), 9014);
}

/* What is reported is what the switch says, whatever the lab's file has. */
static void the_switch_is_believed(void **state)
{
	World *world = *state;
	g_autoptr(GVariant) cables =
		g_variant_ref_sink(g_variant_new_parsed("@a{s(ba(sba{sv}a{st}))} {'core': (true, [('r1:eth1', false, "
							"{'delay': <uint64 5000000>}, {'drop_loss': 3}), "
							"('r2:eth1', true, {'down': <'yes'>}, {})])}"));
	const struct {
		GVariant *cables;
		const char *text;
	} cases[] = {
		{cables,
			"{'carrier': <{'r1:eth1': false, 'r2:eth1': true}>, 'down': <true>, "
			"'impairment': <{'r1:eth1': {'delay': '5ms'}, 'r2:eth1': {'down': 'yes'}}>, "
			"'wire': <{'r1:eth1': {'drop_loss': uint64 3}, 'r2:eth1': {}}>}"},
		/* It died. */
		{NULL,
			"{'carrier': <@a{sb} {}>, 'down': <false>, "
			"'impairment': <{'r1:eth1': @a{ss} {}, 'r2:eth1': {}}>, 'wire': <@a{sa{st}} {}>}"},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		GVariantDict facts;
		g_variant_dict_init(&facts, NULL);
		links_report(&facts, cases[i].cables, &world->core);
		g_autoptr(GVariant) got = g_variant_ref_sink(g_variant_dict_end(&facts));
		g_autoptr(GVariant) want = g_variant_ref_sink(g_variant_new_parsed(cases[i].text));
		GVariantIter each;
		const char *name;
		GVariant *value;
		assert_int_equal(g_variant_n_children(got), g_variant_n_children(want));
		g_variant_iter_init(&each, want);
		while (g_variant_iter_loop(&each, "{&sv}", &name, &value)) {
			g_autoptr(GVariant) other = g_variant_lookup_value(got, name, NULL);
			g_autofree char *text = g_variant_print(value, TRUE),
					*other_text = g_variant_print(other, TRUE);
			assert_string_equal(other_text, text);
		}
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
		TEST(the_longest_frame_is_of_the_mtu),
		TEST(the_switch_is_believed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
