/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <time.h>

#include "netlab/supervisor/node/wall_clock.h"

static void offset_joins_both_clocks(void **state)
{
	gint64 offset = wall_clock_offset() / 1000, difference = g_get_real_time() - g_get_monotonic_time() - offset;
	assert_true(difference < G_USEC_PER_SEC && difference > -G_USEC_PER_SEC);
}

static void on_jump(gpointer data)
{
	*(gboolean *)data = TRUE;
}

static gboolean on_deadline(gpointer data)
{
	fail_msg("nobody told that the clock was set");
	return G_SOURCE_REMOVE;
}

/* Setting the clock to what it says already is a jump too, of next to nothing. */
static void jump_is_told(void **state)
{
	gboolean told = FALSE;
	struct timespec now;
	guint watch = wall_clock_watch(on_jump, &told), deadline = g_timeout_add_seconds(20, on_deadline, NULL);
	assert_int_not_equal(watch, 0);
	while (g_main_context_iteration(NULL, FALSE))
		;
	assert_false(told);
	clock_gettime(CLOCK_REALTIME, &now);
	if (clock_settime(CLOCK_REALTIME, &now) < 0) {
		assert_int_equal(errno, EPERM);
		print_message("not seen: a jump of the clock, which only root can make\n");
		told = TRUE;
	}
	while (!told)
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(watch);
	g_source_remove(deadline);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offset_joins_both_clocks),
		cmocka_unit_test(jump_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
