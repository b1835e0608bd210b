/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sliders and fields of a link, what is counted of it, and the plot of its history. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "gui/model/history_scale.h"
#include "gui/model/link_counters.h"
#include "gui/model/link_slider.h"

static const LinkSetting *setting(const char *name)
{
	return link_setting_find(name);
}

static void assert_text(char *text, const char *want)
{
	assert_string_equal(text, want);
	g_free(text);
}

/* Wherever the slider is, its value is a good one, and leads back to the same place. */
static void test_positions(void **state)
{
	for (const LinkSetting *self = link_setting_table; self->name; self++)
		for (guint i = 0; link_has_slider(self) && i <= 1000; i++) {
			LinkSettings settings = {0};
			double position = i / 1000.0;
			g_autofree char *value = link_slider_at(self, position);
			assert_true(link_settings_set(&settings, self->name, value, NULL));
			/* Two digits are coarse where a unit is few. */
			assert_true(fabs(link_slider_position(self, value) - position) < 0.06);
		}
}

static void test_ends(void **state)
{
	assert_text(link_slider_at(setting("delay"), 0), "none");
	assert_text(link_slider_at(setting("delay"), 1), "10s");
	assert_text(link_slider_at(setting("loss"), 1), "100%");
	assert_text(link_slider_at(setting("rate"), 1), "none");
	assert_text(link_slider_at(setting("rate"), 0), "10kbit");
	assert_true(link_slider_position(setting("delay"), "") == 0);
	assert_true(link_slider_position(setting("delay"), "60s") == 1);
	assert_true(link_slider_position(setting("rate"), "none") == 1);
	assert_true(link_slider_position(setting("rate"), "100bit") == 0);
	assert_true(link_slider_position(setting("delay"), "20ms") > link_slider_position(setting("delay"), "2ms"));
}

static void test_typed(void **state)
{
	g_autoptr(GError) error = NULL;
	assert_text(link_slider_complete(setting("delay"), " 20 ", NULL), "20ms");
	assert_text(link_slider_complete(setting("delay"), "0,5", NULL), "0.5ms");
	assert_text(link_slider_complete(setting("delay"), "2 s", NULL), "2s");
	assert_text(link_slider_complete(setting("loss"), "1", NULL), "1%");
	assert_text(link_slider_complete(setting("rate"), "10", NULL), "10Mbit");
	assert_text(link_slider_complete(setting("rate"), "", NULL), "none");
	assert_text(link_slider_complete(setting("queue"), "0", NULL), "none");
	assert_null(link_slider_complete(setting("loss"), "101", &error));
	assert_non_null(error);
	assert_null(link_slider_complete(setting("delay"), "fast", NULL));
	assert_text(link_slider_canonical(setting("delay"), "1000us"), "1ms");
	assert_text(link_slider_canonical(setting("delay"), "none"), "");
	assert_text(link_slider_of("delay=20ms loss=1%", "loss"), "1%");
	assert_text(link_slider_of("delay=20ms loss=1%", "los"), "");
	assert_text(link_slider_of("", "loss"), "");
}

static void test_throttle(void **state)
{
	LinkThrottle throttle = {0};
	assert_int_equal(link_throttle_wait(&throttle, 1000000), 0);
	assert_int_equal(link_throttle_wait(&throttle, 1000000 + LINK_THROTTLE - 10), 10);
	assert_int_equal(link_throttle_wait(&throttle, 1000000 + LINK_THROTTLE), 0);
}

static void test_history(void **state)
{
	SceneFlow flows[2] = {0};
	double x, y;
	for (guint i = 0; i < SCENE_HISTORY + 3; i++) {
		flows[0].history[flows[0].next] = (float)i;
		flows[0].next = (flows[0].next + 1) % SCENE_HISTORY;
	}
	assert_true(history_value(&flows[0], 0) == SCENE_HISTORY + 2);
	assert_true(history_value(&flows[0], SCENE_HISTORY - 1) == 3);
	assert_true(history_value(&flows[0], SCENE_HISTORY) == 0);
	assert_true(history_largest(flows) == SCENE_HISTORY + 2);
	assert_true(history_top(0) == 1000);
	assert_true(history_top(1000) == 1000);
	assert_true(history_top(1001) == 2000);
	assert_true(history_top(2100) == 5000);
	assert_true(history_top(7e6) == 1e7);
	history_place(&flows[0], 0, 244, 100, 50, &x, &y);
	assert_true(x == 100 && y == 25);
	history_place(&flows[0], SCENE_HISTORY - 1, 1, 100, 50, &x, &y);
	assert_true(x == 0 && y == 50);
}

static guint64 counted(const GPtrArray *counters, const char *label, guint from)
{
	for (guint i = 0; i < counters->len; i++) {
		const LinkCounter *counter = counters->pdata[i];
		if (g_str_equal(counter->label, label))
			return counter->values[from];
	}
	return G_MAXUINT64;
}

static void test_counters(void **state)
{
	SceneVertex r1 = {.name = (char *)"r1"}, lan = {.name = (char *)"lan", .what = SCENE_NETWORK};
	SceneEdge edge = {.ends = {&r1, &lan}, .interfaces = {(char *)"eth0", NULL}};
	edge.flows[0].frames = 7;
	edge.flows[1].bytes = 900;
	edge.counters =
		g_variant_ref_sink(g_variant_new_parsed("{'r1:eth0': {'rx_frames': uint64 7, 'drop_runt': uint64 2, "
							"'drop_queue_full': uint64 3, 'drop_loop': uint64 0}}"));
	edge.wire =
		g_variant_ref_sink(g_variant_new_parsed("{'r1:eth0': {'drop_loss': uint64 4, 'drop_runt': uint64 1}, "
							"'lan': {'drop_loss': uint64 5, 'drop_new': uint64 6}}"));
	g_autoptr(GPtrArray) counters = link_counters(&edge);
	assert_int_equal(counted(counters, "Frames", 0), 7);
	assert_int_equal(counted(counters, "Bytes", 1), 900);
	assert_int_equal(counted(counters, "Dropped: too short", 0), 3);
	/* What r1 does not take came from the network. */
	assert_int_equal(counted(counters, "Dropped: receiver too slow", 0), 0);
	assert_int_equal(counted(counters, "Dropped: receiver too slow", 1), 3);
	assert_int_equal(counted(counters, "Lost: configured loss", 0), 4);
	assert_int_equal(counted(counters, "Lost: configured loss", 1), 5);
	assert_int_equal(counted(counters, "drop_new", 1), 6);
	assert_true(counted(counters, "Dropped: forwarding loop", 0) == G_MAXUINT64);
	g_variant_unref(edge.counters);
	g_variant_unref(edge.wire);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_positions),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_typed),
		cmocka_unit_test(test_throttle),
		cmocka_unit_test(test_history),
		cmocka_unit_test(test_counters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
