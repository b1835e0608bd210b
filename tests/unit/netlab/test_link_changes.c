/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Links of a running lab are changed with a real switch at the other end. */
#include "netlab/supervisor/wires/link_changes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/unit/switch/switch_driver.h"

enum { SECONDS = 20 }; /* more than any answer takes */

typedef struct {
	SwitchDriver driver;
	Lab lab;
	Plan plan;
	PlanCable core, missing;
	LinkChanges *changes;
	GString *answers; /* "ok;" or a message, in the order in which they came */
	unsigned n_answers, speed;
} World;

static int set_up(void **state)
{
	World *world = g_new0(World, 1);
	world->lab.seed = 42;
	world->core =
		(PlanCable){.name = "core", .ends = {{.port = "r1"}, {.port = "r2"}}, .impairments[0].delay = 20000000};
	world->missing = (PlanCable){.name = "missing", .ends = {{.port = "r3"}, {.port = "r4"}}};
	world->plan =
		(Plan){.lab = &world->lab, .instance = "l", .cables = g_ptr_array_new(), .nodes = g_ptr_array_new()};
	driver_start(&world->driver, g_getenv("NETLAB_TEST_SWITCH"), 1, 0);
	g_autoptr(GError) error = NULL;
	assert_true(sw_switch1_call_add_cable_sync(
		world->driver.client, "core", switch_end("port", "r1"), switch_end("port", "r2"), NULL, &error));
	world->changes = link_changes_new(&world->plan);
	world->answers = g_string_new(NULL);
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	World *world = *state;
	g_clear_pointer(&world->changes, link_changes_free);
	assert_int_equal(driver_stop(&world->driver), 0);
	g_ptr_array_unref(world->plan.cables);
	g_ptr_array_unref(world->plan.nodes);
	g_string_free(world->answers, TRUE);
	g_free(world);
	return 0;
}

static void on_done(const GError *error, unsigned speed, gpointer data)
{
	World *world = data;
	world->speed = speed;
	g_string_append_printf(world->answers, "%s;", error ? error->message : "ok");
	world->n_answers++;
}

static void change(World *world, const PlanCable *cable, const char *from, LinkBase base, const char *attributes)
{
	LinkChange change = {cable, from, base, g_variant_new_parsed(*attributes ? attributes : "@a{ss} {}")};
	link_changes_add(world->changes, world->driver.client, &change, on_done, world);
}

static gboolean on_timeout(gpointer late)
{
	*(gboolean *)late = TRUE;
	return G_SOURCE_REMOVE;
}

static void await_answers(World *world, unsigned number, const char *want)
{
	gboolean late = FALSE;
	guint source = g_timeout_add_seconds(SECONDS, on_timeout, &late);
	while (world->n_answers < number && !late)
		g_main_context_iteration(NULL, TRUE);
	assert_false(late);
	g_source_remove(source);
	assert_string_equal(world->answers->str, want);
	g_string_truncate(world->answers, 0);
	world->n_answers = 0;
}

/* What GetLinks would say of the cable. */
static void expect_report(World *world, gboolean down, const char *impairment)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) cables = NULL;
	assert_true(sw_switch1_call_get_cables_sync(world->driver.client, &cables, NULL, &error));
	GVariantDict facts;
	g_variant_dict_init(&facts, NULL);
	links_report(&facts, cables, &world->core);
	g_autoptr(GVariant) all = g_variant_ref_sink(g_variant_dict_end(&facts));
	g_autoptr(GVariant) set = g_variant_lookup_value(all, "impairment", NULL);
	g_autofree char *text = g_variant_print(set, FALSE);
	gboolean is_down = !down;
	assert_string_equal(text, impairment);
	assert_true(g_variant_lookup(all, "down", "b", &is_down));
	assert_int_equal(is_down, down);
}

/* The cards see the slower direction, and are told only when it changes. */
static void a_rate_is_a_speed(void **state)
{
	static const struct {
		const char *from, *attributes;
		unsigned speed;
	} steps[] = {
		{"", "{'rate': '100Mbit'}", 100},
		{"", "{'rate': '100Mbit', 'loss': '1%'}", 0},
		{"r1", "{'rate': '1Gbit'}", 0},
		{"r2", "{'rate': '2500kbit'}", 3},
		{"r2", "{'rate': '1kbit'}", 1},
		{"r2", "{'rate': 'none'}", 1000},
		{"", "{'rate': 'none'}", 10000},
	};
	World *world = *state;
	for (gsize i = 0; i < G_N_ELEMENTS(steps); i++) {
		change(world, &world->core, steps[i].from, LINK_AS_IT_IS, steps[i].attributes);
		await_answers(world, 1, "ok;");
		assert_int_equal(world->speed, steps[i].speed);
	}
}

static void changes_are_carried_out(void **state)
{
	World *world = *state;
	change(world, &world->core, "", LINK_AS_DECLARED, "");
	await_answers(world, 1, "ok;");
	expect_report(world, FALSE, "{'r1': {'delay': '20ms'}, 'r2': {}}");
	change(world, &world->core, "r2", LINK_AS_IT_IS, "{'loss': '1%', 'down': 'yes'}");
	await_answers(world, 1, "ok;");
	expect_report(world, TRUE, "{'r1': {'delay': '20ms'}, 'r2': {'loss': '1%', 'down': 'yes'}}");
	assert_int_equal(world->speed, 0);
	change(world, &world->core, "", LINK_PERFECT, "");
	await_answers(world, 1, "ok;");
	expect_report(world, FALSE, "{'r1': {}, 'r2': {}}");
}

/* Each starts from what the one before left, though none has been answered yet. */
static void changes_at_a_time_all_hold(void **state)
{
	World *world = *state;
	change(world, &world->core, "", LINK_AS_IT_IS, "{'delay': '5ms'}");
	change(world, &world->core, "r1", LINK_AS_IT_IS, "{'loss': '1%'}");
	change(world, &world->core, "r3", LINK_AS_IT_IS, "{'loss': '2%'}");
	change(world, &world->core, "r2", LINK_AS_IT_IS, "{'rate': '1Mbit'}");
	await_answers(world, 4, "ok;ok;no end of \"core\" is \"r3\"; write from=r1 or from=r2;ok;");
	expect_report(world, FALSE, "{'r1': {'delay': '5ms', 'loss': '1%'}, 'r2': {'delay': '5ms', 'rate': '1Mbit'}}");
}

static rlim_t mapped_bytes(pid_t pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/statm", pid), *text = NULL;
	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	return g_ascii_strtoull(text, NULL, 10) * (rlim_t)sysconf(_SC_PAGESIZE);
}

/* The switch has no memory for frames in transit, and says no: what is reported is what was before. */
static void what_is_refused_is_not_reported(void **state)
{
	World *world = *state;
	pid_t pid = (pid_t)atoi(g_subprocess_get_identifier(world->driver.process));
	struct rlimit before, none;
	assert_int_equal(prlimit(pid, RLIMIT_AS, NULL, &before), 0);
	none = (struct rlimit){mapped_bytes(pid) + (64 << 20), before.rlim_max};
	assert_int_equal(prlimit(pid, RLIMIT_AS, &none, NULL), 0);
	change(world, &world->core, "", LINK_AS_IT_IS, "{'delay': '5ms', 'down': 'yes'}");
	await_answers(world, 1, "cable \"core\": no memory for frames in transit;");
	expect_report(world, FALSE, "{'r1': {}, 'r2': {}}");
	change(world, &world->missing, "", LINK_AS_IT_IS, "{'delay': '5ms'}");
	await_answers(world, 1, "the switch has no cable \"missing\";");
	assert_int_equal(prlimit(pid, RLIMIT_AS, &before, NULL), 0);
	change(world, &world->core, "", LINK_AS_IT_IS, "{'loss': '1%'}"); /* of the refused one nothing is left */
	await_answers(world, 1, "ok;");
	expect_report(world, FALSE, "{'r1': {'loss': '1%'}, 'r2': {'loss': '1%'}}");
}

/* The lab ends with changes under way: each is answered once, and nobody touches what is gone. */
static void the_end_answers_all(void **state)
{
	World *world = *state;
	change(world, &world->core, "", LINK_AS_IT_IS, "{'delay': '5ms'}");
	change(world, &world->core, "", LINK_AS_IT_IS, "{'delay': '6ms'}");
	g_clear_pointer(&world->changes, link_changes_free);
	await_answers(world, 2, "the lab ended before the link was set;the lab ended before the link was set;");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(changes_are_carried_out),
		TEST(a_rate_is_a_speed),
		TEST(changes_at_a_time_all_hold),
		TEST(what_is_refused_is_not_reported),
		TEST(the_end_answers_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
