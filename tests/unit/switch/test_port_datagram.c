/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Datagram ports under pressure: who waits for whom, and for how long. */
#include "tests/unit/switch/port_world.h"

enum { FLOOD = 5000 };

typedef struct {
	int fd;
	unsigned from, to;
} Flood;

static void build(uint8_t *frame, unsigned from, unsigned to, unsigned number)
{
	world_frame(frame, 64, from, to, 0);
	memcpy(frame + 20, &number, sizeof(number));
}

/* A guest that sends as fast as it is let. Returns how many went. */
static gpointer flood(gpointer data)
{
	const Flood *task = data;
	uint8_t frame[64];
	for (unsigned i = 0; i < FLOOD; i++) {
		build(frame, task->from, task->to, i);
		if (send(task->fd, frame, sizeof(frame), 0) != sizeof(frame))
			return GUINT_TO_POINTER(i);
	}
	return GUINT_TO_POINTER(FLOOD);
}

static GThread *start_flood(World *world, Flood *task, unsigned from, unsigned to)
{
	const struct timeval patience = {.tv_sec = VC_PATIENCE / 1000};
	*task = (Flood){world->fds[from], from, to};
	setsockopt(task->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	return g_thread_new("flood", flood, task);
}

/* The number in the next frame that port i's guest gets. */
static unsigned hear(World *world, unsigned i)
{
	uint8_t frame[2048];
	unsigned number;
	assert_int_equal(recv(world->fds[i], frame, sizeof(frame), 0), 64);
	memcpy(&number, frame + 20, sizeof(number));
	return number;
}

/* Says something, so that the switch knows where station i is, and lets the others hear it. */
static void introduce(World *world, unsigned i, unsigned others)
{
	uint8_t frame[64];
	build(frame, i, N_PORTS, 12345);
	assert_int_equal(send(world->fds[i], frame, sizeof(frame), 0), sizeof(frame));
	for (unsigned k = 0; k < others; k++)
		if (k != i)
			assert_int_equal(hear(world, k), 12345);
}

/* More than a socket and a quarter of a queue hold: whoever sends it has to wait. */
static void await_congestion(World *world)
{
	uint64_t before;
	do {
		before = world_counter(world, 0, COUNTER_RX_FRAMES);
		poll(NULL, 0, 5);
	} while (before == 0 || world_counter(world, 0, COUNTER_RX_FRAMES) != before);
	assert_true(before < FLOOD);
}

/* Guest 0 floods guest 1, which looks away, while the clock stands, until it waits. Returns the thread that does. */
static GThread *start_congestion(World *world, Flood *task)
{
	g_atomic_int_set(&world_stopped, 1);
	world_add_datagram(world, 0);
	world_add_datagram(world, 1);
	introduce(world, 1, 2);
	GThread *sender = start_flood(world, task, 0, 1);
	await_congestion(world);
	return sender;
}

/* The clock stands: the reader has all the time of the world, and who sends to it waits as long. */
static void nothing_is_lost_to_a_slow_reader(void **state)
{
	World *world = *state;
	Flood task;
	GThread *sender = start_congestion(world, &task);
	for (unsigned i = 0; i < FLOOD; i++)
		assert_int_equal(hear(world, 1), i);
	assert_int_equal(GPOINTER_TO_UINT(g_thread_join(sender)), FLOOD);
	assert_int_equal(world_counter(world, 1, COUNTER_DROP_QUEUE_FULL), 0);
	assert_int_equal(world_counter(world, 1, COUNTER_TX_FRAMES), FLOOD);
}

/* It costs others some milliseconds, once; then it costs itself frames. */
static void who_reads_nothing_holds_nobody_up(void **state)
{
	World *world = *state;
	Flood task;
	for (unsigned i = 0; i < 3; i++)
		world_add_datagram(world, i);
	introduce(world, 1, 3);
	introduce(world, 2, 3);
	GThread *sender = start_flood(world, &task, 0, 1); /* whose guest looks away */
	assert_int_equal(GPOINTER_TO_UINT(g_thread_join(sender)), FLOOD);
	uint8_t frame[64];
	build(frame, 0, 2, 77);
	assert_int_equal(send(world->fds[0], frame, sizeof(frame), 0), sizeof(frame));
	assert_int_equal(hear(world, 2), 77);
	assert_true(world_counter(world, 1, COUNTER_DROP_QUEUE_FULL) > 0);

	/* Once it reads it gets what was kept, in order, and is waited for again. */
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(hear(world, 1), i);
	g_atomic_int_set(&world_stopped, 1);
	uint64_t lost = world_counter(world, 1, COUNTER_DROP_QUEUE_FULL);
	unsigned last = 0;
	while (world_counter(world, 1, COUNTER_TX_FRAMES) + lost < FLOOD + 1)
		last = hear(world, 1); /* frees room for the rest */
	sender = start_flood(world, &task, 0, 1);
	do
		last = hear(world, 1);
	while (last != 0); /* the end of the first flood */
	for (unsigned i = 1; i < FLOOD; i++)
		assert_int_equal(hear(world, 1), i);
	assert_int_equal(GPOINTER_TO_UINT(g_thread_join(sender)), FLOOD);
	assert_int_equal(world_counter(world, 1, COUNTER_DROP_QUEUE_FULL), lost);
}

/* The guest that others wait for goes: its socket fails. */
static void who_waits_for_a_dead_guest_waits_no_longer(void **state)
{
	World *world = *state;
	Flood task;
	GThread *sender = start_congestion(world, &task);
	/* Closed, with another in its place, which the world will close. */
	int other = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(dup2(other, world->fds[1]) >= 0);
	close(other);
	assert_int_equal(GPOINTER_TO_UINT(g_thread_join(sender)), FLOOD);
}

/* Or its port is taken away. */
static void who_waits_for_a_port_that_goes_waits_no_longer(void **state)
{
	World *world = *state;
	Flood task;
	GThread *sender = start_congestion(world, &task);
	worker_call(world->worker, world_unplug, &(WorldTask){world, 1});
	assert_int_equal(GPOINTER_TO_UINT(g_thread_join(sender)), FLOOD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_lost_to_a_slow_reader, world_set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(who_reads_nothing_holds_nobody_up, world_set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(
			who_waits_for_a_dead_guest_waits_no_longer, world_set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(
			who_waits_for_a_port_that_goes_waits_no_longer, world_set_up, world_tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
