/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/loop/timers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define N 500

typedef struct {
	Timer timer;
	Timers *timers;
	unsigned fired;
	uint64_t again; /* sets itself anew this much later, once */
} Alarm;

static uint64_t last_due;

static void ring_alarm(Timer *timer, Pass *pass)
{
	Alarm *alarm = (Alarm *)timer;
	assert_true(timer->due <= pass->now.monotonic);
	assert_true(timer->due >= last_due);
	last_due = timer->due;
	alarm->fired++;
	if (alarm->again)
		timers_set(alarm->timers, timer, timer->due + alarm->again);
	alarm->again = 0;
}

/* Against the plainest model there is: every alarm fires when, and only when, its time has come, and in order. */
static void fires_in_order(void **state)
{
	static Alarm alarms[N];
	Timers timers;
	timers_init(&timers);
	GRand *random = g_rand_new_with_seed(1);
	for (int i = 0; i < N; i++) {
		alarms[i] = (Alarm){.timer.fire = ring_alarm, .timers = &timers};
		timers_set(&timers, &alarms[i].timer, (uint64_t)g_rand_int_range(random, 0, 1000));
	}
	for (int i = 0; i < N; i += 3)
		timers_cancel(&timers, &alarms[i].timer);
	for (int i = 1; i < N; i += 6)
		timers_set(&timers, &alarms[i].timer, (uint64_t)g_rand_int_range(random, 0, 1000));
	alarms[2].again = 5000;
	for (uint64_t now = 0; now <= 1000; now += 10) {
		Pass pass = {.now.monotonic = now};
		timers_fire(&timers, &pass);
		for (int i = 0; i < N; i++)
			if (i != 2)
				assert_int_equal(alarms[i].fired, i % 3 != 0 && alarms[i].timer.due <= now);
		assert_true(timers_wait(&timers, now) > 0);
	}
	assert_int_equal(alarms[2].fired, 1);
	assert_int_equal(timers.heap->len, 1); /* number 2, which set itself anew */
	g_rand_free(random);
	timers_cancel(&timers, &alarms[2].timer);
	timers_clear(&timers);
}

static void waits_for_the_first(void **state)
{
	Alarm a = {.timer.fire = ring_alarm}, b = {.timer.fire = ring_alarm};
	Timers timers;
	timers_init(&timers);
	last_due = 0;
	assert_int_equal(timers_wait(&timers, 0), TIMERS_NEVER);
	timers_set(&timers, &a.timer, 100);
	timers_set(&timers, &b.timer, 50);
	assert_int_equal(timers_wait(&timers, 20), 30);
	assert_int_equal(timers_wait(&timers, 70), 0);
	timers_cancel(&timers, &b.timer);
	timers_cancel(&timers, &b.timer);
	assert_int_equal(timers_wait(&timers, 70), 30);
	timers_set(&timers, &a.timer, 1000);
	Pass pass = {.now.monotonic = 999};
	timers_fire(&timers, &pass);
	assert_int_equal(a.fired, 0);
	pass.now.monotonic = 1000;
	timers_fire(&timers, &pass);
	assert_int_equal(a.fired, 1);
	assert_int_equal(b.fired, 0);
	assert_int_equal(timers_wait(&timers, 0), TIMERS_NEVER);
	timers_clear(&timers);
}

static void blocked_timers_wait(void **state)
{
	Alarm alarms[3];
	Timers timers;
	timers_init(&timers);
	last_due = 0;
	for (int i = 0; i < 3; i++) {
		alarms[i] = (Alarm){.timer.fire = ring_alarm, .timers = &timers};
		timers_set(&timers, &alarms[i].timer, 10);
		timers_block(&timers, &alarms[i].timer);
	}
	assert_int_equal(timers_wait(&timers, 0), TIMERS_NEVER);
	timers_cancel(&timers, &alarms[0].timer);
	timers_set(&timers, &alarms[1].timer, 70);
	timers_unblock(&timers);
	Pass pass = {.now.monotonic = 50};
	timers_fire(&timers, &pass);
	assert_int_equal(alarms[0].fired, 0);
	assert_int_equal(alarms[1].fired, 0);
	assert_int_equal(alarms[2].fired, 1);
	assert_int_equal(timers_wait(&timers, 50), 20);
	timers_cancel(&timers, &alarms[1].timer);
	timers_clear(&timers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fires_in_order),
		cmocka_unit_test(waits_for_the_first),
		cmocka_unit_test(blocked_timers_wait),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
