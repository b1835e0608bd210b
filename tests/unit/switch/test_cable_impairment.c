/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A link between two ports, and a clock of the test's own: every time is exact. */
#include "switch/port/port.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define MS UINT64_C(1000000)
#define SECOND (1000 * MS)
#define N 20000

typedef struct {
	uint64_t time;
	uint32_t number;
	size_t length;
} Arrival;

/* What comes out at either end. */
typedef struct {
	Port port;
	GArray *arrivals;
	uint8_t last[70000];
	Offload offload; /* of the last */
	bool slow;       /* its guest does not keep up */
	Pass *pass;
} Sink;

typedef struct {
	Pass pass;
	Timers timers;
	FramePool *pool;
	Cable *cable;
	Sink *sinks[2];
} World;

static void sink_transmit(Port *port, const Frame *frame)
{
	Sink *sink = (Sink *)port;
	Arrival arrival = {.time = sink->pass->now.monotonic, .length = frame->length};
	assert_true(frame_copy(frame, 0, frame->length, sink->last));
	sink->offload = frame->offload;
	memcpy(&arrival.number, sink->last + 14, sizeof(arrival.number));
	g_array_append_val(sink->arrivals, arrival);
	sink->pass->congested |= sink->slow;
}

static void sink_free(Port *port)
{
	g_array_unref(((Sink *)port)->arrivals);
	g_free(port);
}

static const PortOps sink_ops = {.kind = "sink", .transmit = sink_transmit, .free = sink_free};

static void flush(void *data)
{
	World *world = data;
	world->pass.batch++;
	world->pass.taken = 0;
}

static World *world_new(void)
{
	World *world = g_new0(World, 1);
	world->pass = (Pass){
		.memory = g_malloc(300000), .size = 300000, .flush = flush, .data = world, .now.monotonic = SECOND};
	timers_init(&world->timers);
	world->pool = frame_pool_new(FRAME_POOL_BLOCKS);
	assert_non_null(world->pool);
	world->cable = cable_new("wire", NULL);
	for (unsigned i = 0; i < 2; i++) {
		world->sinks[i] = g_new0(Sink, 1);
		world->sinks[i]->arrivals = g_array_new(FALSE, FALSE, sizeof(Arrival));
		world->sinks[i]->pass = &world->pass;
		port_init(&world->sinks[i]->port, &sink_ops, i ? "b" : "a", FRAME_MTU_MAX);
		cable_name_end(world->cable, i, i ? "b" : "a", false);
		port_plug(&world->sinks[i]->port, world->cable, i);
	}
	return world;
}

static void world_free(World *world)
{
	for (unsigned i = 0; i < 2; i++) {
		port_unplug(&world->sinks[i]->port);
		port_free(&world->sinks[i]->port);
	}
	cable_free(world->cable);
	assert_int_equal(timers_wait(&world->timers, 0), TIMERS_NEVER);
	timers_clear(&world->timers);
	frame_pool_free(world->pool);
	g_free(world->pass.memory);
	g_free(world);
}

/* Of one direction; the other stays as it is. */
static void impair_end(World *world, unsigned from, uint64_t seed, LinkSettings settings)
{
	const CableMeans means = {&world->timers, world->pool, &world->pass};
	CableSettings all = {.seeds = {seed, seed}};
	all.from[from] = settings;
	all.from[!from] = world->cable->ends[!from].settings;
	cable_set(world->cable, &all, &means);
}

static void impair_seeded(World *world, uint64_t seed, LinkSettings settings)
{
	impair_end(world, 0, seed, settings);
}

static void impair(World *world, LinkSettings settings)
{
	impair_seeded(world, 1, settings);
}

/* From end 0; the frame is all zeroes but for its number. */
static void send_sized(World *world, uint32_t number, size_t length)
{
	static uint8_t bytes[70000];
	memcpy(bytes + 14, &number, sizeof(number));
	struct iovec part = {bytes, length};
	Frame frame = frame_of(&part);
	port_receive(&world->sinks[0]->port, &frame, &world->pass);
	flush(world);
}

static void send_frame(World *world, uint32_t number)
{
	send_sized(world, number, 100);
}

/* Lets the time pass until then, waking up when a timer is due, as a worker does. */
static void pass_until(World *world, uint64_t time)
{
	for (;;) {
		int64_t wait = timers_wait(&world->timers, world->pass.now.monotonic);
		if (wait == TIMERS_NEVER || world->pass.now.monotonic + (uint64_t)wait > time)
			break;
		world->pass.now.monotonic += (uint64_t)wait;
		timers_fire(&world->timers, &world->pass);
		flush(world);
	}
	world->pass.now.monotonic = time;
}

static void pass_time(World *world, uint64_t time)
{
	pass_until(world, world->pass.now.monotonic + time);
}

static guint n_arrived(const World *world)
{
	return world->sinks[1]->arrivals->len;
}

static const Arrival *arrival(const World *world, guint i)
{
	assert_true(i < n_arrived(world));
	return &g_array_index(world->sinks[1]->arrivals, Arrival, i);
}

static uint64_t counter(const World *world, Counter counter)
{
	return world->cable->ends[0].counters.values[counter];
}

static void delay_is_exact(void **state)
{
	World *world = world_new();
	impair(world, (LinkSettings){.delay = 20 * MS});
	for (uint32_t i = 0; i < 1000; i++) {
		send_frame(world, i);
		pass_time(world, i * 1000);
	}
	pass_time(world, SECOND);
	assert_int_equal(n_arrived(world), 1000);
	uint64_t sent = SECOND;
	for (uint32_t i = 0; i < 1000; i++) {
		assert_int_equal(arrival(world, i)->number, i);
		assert_int_equal(arrival(world, i)->time, sent + 20 * MS);
		sent += i * 1000;
	}
	/* The other direction is a perfect wire. */
	struct iovec part = {(uint8_t[60]){0}, 60};
	Frame frame = frame_of(&part);
	port_receive(&world->sinks[1]->port, &frame, &world->pass);
	assert_int_equal(world->sinks[0]->arrivals->len, 1);
	world_free(world);
}

static void rate_is_exact(void **state)
{
	World *world = world_new();
	impair(world, (LinkSettings){.rate = 3 * 1000 * 1000, .delay = MS, .queue = 100 << 20});
	for (uint32_t i = 0; i < 1000; i++)
		send_sized(world, i, 1514);
	pass_time(world, 100 * SECOND);
	assert_int_equal(n_arrived(world), 1000);
	for (uint64_t i = 0; i < 1000; i++)
		assert_int_equal(arrival(world, (guint)i)->time, SECOND + MS + (i + 1) * 1514 * 8 * 1000 / 3);
	/* An idle wire starts anew. */
	uint64_t now = world->pass.now.monotonic;
	send_sized(world, 7, 1500);
	pass_time(world, SECOND);
	assert_int_equal(arrival(world, 1000)->time, now + MS + 4 * MS);
	world_free(world);
}

static void queue_at_the_rate_is_bounded(void **state)
{
	World *world = world_new();
	impair(world, (LinkSettings){.rate = 8000, .queue = 3000});
	for (uint32_t i = 0; i < 5; i++)
		send_sized(world, i, 1000);
	assert_int_equal(counter(world, COUNTER_DROP_RATE_QUEUE), 2);
	pass_time(world, SECOND);
	send_sized(world, 5, 1000);
	send_sized(world, 6, 14);
	assert_int_equal(counter(world, COUNTER_DROP_RATE_QUEUE), 3);
	pass_time(world, 10 * SECOND);
	assert_int_equal(n_arrived(world), 4);
	assert_int_equal(arrival(world, 3)->number, 5);
	/* A frame that is larger than the queue passes an idle wire. */
	send_sized(world, 7, 9000);
	send_sized(world, 8, 1000);
	pass_time(world, 10 * SECOND);
	assert_int_equal(arrival(world, 4)->number, 7);
	assert_int_equal(n_arrived(world), 5);
	assert_int_equal(counter(world, COUNTER_DROP_RATE_QUEUE), 4);
	/* Unless said otherwise, a hundred full frames wait. */
	impair(world, (LinkSettings){.rate = 8000});
	for (uint32_t i = 0; i < 110; i++)
		send_sized(world, i, 1514);
	assert_int_equal(counter(world, COUNTER_DROP_RATE_QUEUE), 14);
	world_free(world);
}

/* What is lost of N frames, as a bit each. */
static GByteArray *losses(uint64_t seed, LinkSettings settings)
{
	World *world = world_new();
	GByteArray *lost = g_byte_array_new();
	impair_seeded(world, seed, settings);
	for (uint32_t i = 0; i < N; i++) {
		uint64_t before = counter(world, COUNTER_DROP_LOSS);
		send_frame(world, i);
		guint8 bit = (guint8)(counter(world, COUNTER_DROP_LOSS) - before);
		g_byte_array_append(lost, &bit, 1);
		pass_time(world, 1000);
	}
	pass_time(world, SECOND);
	assert_int_equal(n_arrived(world) + counter(world, COUNTER_DROP_LOSS), N);
	world_free(world);
	return lost;
}

static void share_and_bursts(GByteArray *lost, double *share, double *burst)
{
	unsigned n = 0, bursts = 0;
	for (guint i = 0; i < lost->len; i++) {
		n += lost->data[i];
		bursts += lost->data[i] && (i == 0 || !lost->data[i - 1]);
	}
	*share = (double)n / lost->len;
	*burst = bursts ? (double)n / bursts : 0;
	g_byte_array_unref(lost);
}

static void same_seed_same_losses(void **state)
{
	LinkSettings settings = {.loss = 0.1};
	g_autoptr(GByteArray) a = losses(42, settings), b = losses(42, settings), c = losses(43, settings);
	assert_memory_equal(a->data, b->data, N);
	assert_memory_not_equal(a->data, c->data, N);
	/* What else is set does not matter. */
	settings = (LinkSettings){.loss = 0.1, .delay = MS, .jitter = MS / 2, .corrupt = 0.5, .reorder = 0.5};
	g_autoptr(GByteArray) d = losses(42, settings);
	assert_memory_equal(a->data, d->data, N);
}

/* Bounds are five standard deviations, and the seed is fixed anyway. */
static void losses_are_what_was_asked(void **state)
{
	static const struct {
		double loss, burst, slack, shown, shown_slack;
	} cases[] = {
		{0.01, 0, 0.004, 1.01, 0.1},
		{0.5, 0, 0.018, 2, 0.1},
		{1, 0, 0, N, 0},
		{0.05, 5, 0.025, 5, 0.8},
		{0.3, 10, 0.06, 10, 1.5},
		{0.2, 1, 0.01, 1, 0},
		{0.9, 2, 0.03, 10, 2},
		{1, 3, 0, N, 0},
	};
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		double share, burst;
		share_and_bursts(
			losses(7, (LinkSettings){.loss = cases[i].loss, .burst = cases[i].burst}), &share, &burst);
		if (fabs(share - cases[i].loss) > cases[i].slack || fabs(burst - cases[i].shown) > cases[i].shown_slack)
			fail_msg("loss %g burst %g became %g and %g", cases[i].loss, cases[i].burst, share, burst);
	}
}

static void duplicates_follow(void **state)
{
	World *world = world_new();
	impair(world, (LinkSettings){.duplicate = 0.25, .delay = MS});
	for (uint32_t i = 0; i < N; i++) {
		send_frame(world, i);
		pass_time(world, 1000);
	}
	pass_time(world, SECOND);
	uint64_t copies = counter(world, COUNTER_DUPLICATED);
	assert_true(copies > N / 4 - 310 && copies < N / 4 + 310);
	assert_int_equal(n_arrived(world), N + copies);
	for (guint i = 1, n = 0; i < n_arrived(world); i++) {
		n += arrival(world, i)->number == arrival(world, i - 1)->number;
		if (i == n_arrived(world) - 1)
			assert_int_equal(n, copies);
	}
	world_free(world);
}

static void one_bit_is_turned_over(void **state)
{
	World *world = world_new();
	impair(world, (LinkSettings){.corrupt = 1});
	unsigned places[100 * 8] = {0};
	for (uint32_t i = 0; i < N; i++) {
		uint8_t *last = world->sinks[1]->last;
		unsigned turned = 0;
		send_frame(world, 0);
		for (unsigned bit = 0; bit < 100 * 8; bit++)
			if (last[bit / 8] & 1u << bit % 8) {
				turned++;
				places[bit]++;
			}
		assert_int_equal(turned, 1);
	}
	for (unsigned bit = 0; bit < G_N_ELEMENTS(places); bit++)
		assert_true(places[bit] > 0); /* anywhere */
	assert_int_equal(counter(world, COUNTER_CORRUPTED), N);
	impair(world, (LinkSettings){.corrupt = 0.1});
	for (uint32_t i = 0; i < N; i++)
		send_frame(world, i);
	uint64_t corrupted = counter(world, COUNTER_CORRUPTED) - N;
	assert_true(corrupted > N / 10 - 220 && corrupted < N / 10 + 220);
	world_free(world);
}

static void some_overtake(void **state)
{
	World *world = world_new();
	impair(world, (LinkSettings){.delay = 10 * MS, .reorder = 0.1});
	guint early = 0;
	for (uint32_t i = 0; i < N; i++) {
		send_frame(world, i);
		pass_time(world, 1000);
	}
	pass_time(world, SECOND);
	assert_int_equal(n_arrived(world), N);
	for (guint i = 0; i < N; i++) {
		uint64_t travelled = arrival(world, i)->time - SECOND - arrival(world, i)->number * 1000;
		assert_true(travelled == 0 || travelled == 10 * MS);
		early += travelled == 0;
	}
	assert_int_equal(early, counter(world, COUNTER_REORDERED));
	assert_true(early > N / 10 - 220 && early < N / 10 + 220);
	world_free(world);
}

static void jitter(unsigned distribution, uint64_t delay, double *mean, double *deviation, double *least, double *most)
{
	World *world = world_new();
	double sum = 0, squares = 0;
	impair(world, (LinkSettings){.delay = delay, .jitter = 2 * MS, .distribution = distribution});
	for (uint32_t i = 0; i < N; i++) {
		send_frame(world, i);
		pass_time(world, 1000);
	}
	pass_time(world, SECOND);
	assert_int_equal(n_arrived(world), N);
	*least = 1e9;
	*most = 0;
	for (guint i = 0; i < N; i++) {
		double travelled =
			(double)(arrival(world, i)->time - SECOND - arrival(world, i)->number * 1000) / (double)MS;
		sum += travelled;
		squares += travelled * travelled;
		*least = MIN(*least, travelled);
		*most = MAX(*most, travelled);
	}
	*mean = sum / N;
	*deviation = sqrt(squares / N - *mean * *mean);
	world_free(world);
}

static void jitter_spreads(void **state)
{
	double mean, deviation, least, most;
	jitter(LINK_DISTRIBUTION_UNIFORM, 10 * MS, &mean, &deviation, &least, &most);
	assert_true(fabs(mean - 10) < 0.05 && fabs(deviation - 4 / sqrt(12)) < 0.03);
	assert_true(least >= 8 && least < 8.01 && most <= 12 && most > 11.99);
	jitter(LINK_DISTRIBUTION_NORMAL, 10 * MS, &mean, &deviation, &least, &most);
	assert_true(fabs(mean - 10) < 0.08 && fabs(deviation - 2) < 0.06);
	assert_true(least < 4 && most > 16);
	/* Nothing arrives before it was sent. */
	jitter(LINK_DISTRIBUTION_NORMAL, MS, &mean, &deviation, &least, &most);
	assert_true(least >= 0 && most > 7);
}

static void changes_hold_for_what_waits(void **state)
{
	World *world = world_new();
	impair(world, (LinkSettings){.rate = 8000, .queue = 1 << 20, .delay = SECOND});
	for (uint32_t i = 0; i < 10; i++)
		send_sized(world, i, 1000);
	pass_time(world, 1500 * MS);
	/* Number 0 travels and is half a second from its end, 1 to 9 wait for the wire. */
	uint64_t now = world->pass.now.monotonic;
	impair(world, (LinkSettings){.rate = 8000 * 1000, .queue = 1 << 20, .delay = 100 * MS});
	pass_time(world, 10 * SECOND);
	assert_int_equal(n_arrived(world), 10);
	assert_int_equal(arrival(world, 0)->time, now + 100 * MS);
	for (guint i = 1; i < 10; i++) {
		assert_int_equal(arrival(world, i)->number, i);
		assert_int_equal(arrival(world, i)->time, now + 100 * MS + i * MS);
	}
	/* More delay is for what comes. */
	send_frame(world, 10);
	pass_time(world, 50 * MS);
	impair(world, (LinkSettings){.delay = SECOND});
	now = world->pass.now.monotonic;
	pass_time(world, 60 * MS);
	assert_int_equal(n_arrived(world), 11);
	/* A wire that is perfect again gives all of it at once, and in order. */
	for (uint32_t i = 11; i < 20; i++)
		send_frame(world, i);
	impair(world, (LinkSettings){.queue = 5000, .burst = 3, .distribution = LINK_DISTRIBUTION_NORMAL});
	assert_null(world->cable->ends[0].impairment);
	assert_int_equal(n_arrived(world), 20);
	for (guint i = 11; i < 20; i++)
		assert_int_equal(arrival(world, i)->number, i);
	send_frame(world, 20);
	assert_int_equal(n_arrived(world), 21);
	world_free(world);
}

static void a_pulled_cable_loses_what_travels(void **state)
{
	World *world = world_new();
	impair(world, (LinkSettings){.delay = MS});
	for (uint32_t i = 0; i < 5; i++)
		send_frame(world, i);
	cable_set_down(world->cable, true, &world->pass);
	assert_int_equal(counter(world, COUNTER_DROP_UNPLUGGED), 5);
	send_frame(world, 5);
	cable_set_down(world->cable, false, &world->pass);
	send_frame(world, 6);
	pass_time(world, SECOND);
	assert_int_equal(n_arrived(world), 1);
	assert_int_equal(arrival(world, 0)->number, 6);
	assert_int_equal(counter(world, COUNTER_DROP_UNPLUGGED), 6);
	/* The far end goes while a frame travels. */
	send_frame(world, 7);
	port_set_up(&world->sinks[1]->port, false);
	pass_time(world, SECOND);
	assert_int_equal(counter(world, COUNTER_DROP_UNPLUGGED), 7);
	world_free(world);
}

/* What is remembered of a cable says what became of a frame as a capture at the time did. */
static void the_history_knows_of_a_pulled_cable(void **state)
{
	World *world = world_new();
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	static const int8_t drops[] = {COUNTER_NONE, COUNTER_DROP_UNPLUGGED, COUNTER_NONE, COUNTER_DROP_UNPLUGGED};
	uint64_t from = 0;
	size_t at = 0;
	world->cable->history = history_new(HISTORY_SIZE_MIN);
	send_frame(world, 0);
	cable_set_down(world->cable, true, &world->pass);
	send_frame(world, 1);
	cable_set_down(world->cable, false, &world->pass);
	send_frame(world, 2);
	port_set_up(&world->sinks[1]->port, false);
	send_frame(world, 3);
	history_copy(world->cable->history, &from, history_position(world->cable->history), bytes);
	for (size_t i = 0; i < G_N_ELEMENTS(drops); i++) {
		HistoryRecord record;
		assert_true(at + sizeof(record) <= bytes->len);
		memcpy(&record, bytes->data + at, sizeof(record));
		assert_int_equal(record.drop, drops[i]);
		at += history_record_size(&record);
	}
	assert_int_equal(at, bytes->len);
	history_free(g_steal_pointer(&world->cable->history));
	world_free(world);
}

/* A guest that does not keep up is waited for, but not for long. */
static void slow_guests_are_waited_for(void **state)
{
	World *world = world_new();
	impair(world, (LinkSettings){.delay = MS});
	world->sinks[1]->slow = true;
	for (uint32_t i = 0; i < 4; i++)
		send_frame(world, i);
	pass_time(world, 2 * MS);
	assert_int_equal(n_arrived(world), 1);
	pass_time(world, MS);
	timers_unblock(&world->timers);
	pass_time(world, MS);
	assert_int_equal(n_arrived(world), 2);
	send_frame(world, 4);
	pass_time(world, 2 * MS); /* the first that wait are 5 ms late */
	assert_int_equal(n_arrived(world), 2);
	timers_unblock(&world->timers);
	pass_time(world, 0);
	assert_int_equal(n_arrived(world), 4);
	world->sinks[1]->slow = false;
	timers_unblock(&world->timers);
	pass_time(world, 0);
	assert_int_equal(n_arrived(world), 5);
	for (guint i = 0; i < 5; i++)
		assert_int_equal(arrival(world, i)->number, i);
	/* A wire that is perfect again keeps nothing back. */
	world->sinks[1]->slow = true;
	for (uint32_t i = 5; i < 9; i++)
		send_frame(world, i);
	pass_time(world, MS);
	impair(world, (LinkSettings){0});
	assert_int_equal(n_arrived(world), 9);
	world_free(world);
}

static void large_frames_stay_whole(void **state)
{
	World *world = world_new();
	impair(world, (LinkSettings){.delay = MS});
	static const size_t lengths[] = {14 + 4, FRAME_BLOCK - 1, FRAME_BLOCK, FRAME_BLOCK + 1, 65535 + 22};
	uint8_t *bytes = g_malloc(65535 + 22);
	for (size_t i = 0; i < 65535 + 22; i++)
		bytes[i] = (uint8_t)(i * 7 + i / 256);
	for (unsigned i = 0; i < G_N_ELEMENTS(lengths); i++) {
		struct iovec parts[] = {{bytes, 17}, {bytes + 17, lengths[i] - 17}};
		Frame frame = {.parts = parts, .n_parts = 2, .length = lengths[i]};
		port_receive(&world->sinks[0]->port, &frame, &world->pass);
		pass_time(world, SECOND);
		assert_int_equal(n_arrived(world), i + 1);
		assert_int_equal(arrival(world, i)->length, lengths[i]);
		assert_memory_equal(world->sinks[1]->last, bytes, lengths[i]);
	}
	g_free(bytes);
	world_free(world);
}

/* UDP over IPv4 whose sender left the checksum to do: complete, and said to be, unless a bit was flipped. A super-frame passes
 * a delay as it is. */
static void offloads_on_the_way(void **state)
{
	World *world = world_new();
	uint8_t bytes[60] = {[12] = 8, [14] = 0x45, [23] = 17};
	struct iovec part = {bytes, sizeof(bytes)};
	Frame frame = frame_of(&part);
	frame.offload = (Offload){.checksum = true, .checksum_start = 34, .checksum_offset = 6};
	world->sinks[1]->port.offloads = PORT_CHECKSUM;
	static const LinkSettings settings[] = {
		{.delay = MS}, {.delay = MS, .loss = 1e-9}, {.rate = 1000000}, {.delay = MS, .corrupt = 1}};
	for (unsigned i = 0; i < G_N_ELEMENTS(settings); i++) {
		impair(world, settings[i]);
		port_receive(&world->sinks[0]->port, &frame, &world->pass);
		pass_time(world, SECOND);
		assert_int_equal(n_arrived(world), i + 1);
		assert_false(world->sinks[1]->offload.checksum);
		assert_int_equal(world->sinks[1]->offload.valid, i < 3);
	}
	/* What is too long for that is cut. */
	impair(world, settings[0]);
	uint8_t *large = g_malloc0(FRAME_POOL_LONGEST + 1);
	memcpy(large, bytes, 14);
	large[14] = 0x45;
	large[23] = 6;
	large[46] = 0x50;
	part = (struct iovec){large, FRAME_POOL_LONGEST + 1};
	frame = frame_of(&part);
	frame.offload = (Offload){.checksum = true,
		.checksum_start = 34,
		.checksum_offset = 16,
		.segmentation = SEGMENT_TCP4,
		.segment_size = 60000};
	world->sinks[1]->port.offloads |= PORT_TCP4;
	port_receive(&world->sinks[0]->port, &frame, &world->pass);
	pass_time(world, SECOND);
	assert_int_equal(n_arrived(world), 6);
	assert_int_equal(arrival(world, 4)->length, 60054);
	g_free(large);
	world_free(world);
}

static unsigned n_marked(World *world)
{
	unsigned marked = 0;
	for (unsigned i = 0; i < n_arrived(world); i++)
		marked += (((const uint8_t *)&arrival(world, i)->number)[1] & 3) == 3; /* the IP header's second byte */
	return marked;
}

/* Frames of 1000 bytes at 1000 bytes a second: the fourth and later ones find more than 2 KiB waiting. */
static void a_long_queue_marks(void **state)
{
	static const struct {
		uint8_t ecn;
		unsigned marked;
	} cases[] = {{0, 0}, {1, 7}, {2, 7}, {3, 10}}; /* not ECT, ECT(1), ECT(0), and CE, which stays */
	for (unsigned k = 0; k < G_N_ELEMENTS(cases); k++) {
		World *world = world_new();
		uint8_t bytes[1000] = {[12] = 8, [14] = 0x45, [15] = cases[k].ecn, [23] = 17, [24] = 0xba, [25] = 0xee};
		struct iovec part = {bytes, sizeof(bytes)};
		Frame frame = frame_of(&part);
		impair(world, (LinkSettings){.rate = 8000, .queue = 1 << 20, .ecn = 2048});
		for (unsigned i = 0; i < 10; i++)
			port_receive(&world->sinks[0]->port, &frame, &world->pass);
		pass_time(world, 20 * SECOND);
		assert_int_equal(n_arrived(world), 10);
		assert_int_equal(n_marked(world), cases[k].marked);
		assert_int_equal(counter(world, COUNTER_ECN_MARKED), cases[k].ecn == 3 ? 0 : cases[k].marked);
		assert_int_equal(bytes[15], cases[k].ecn); /* the sender's memory is not written to */
		/* The queue has run empty. */
		port_receive(&world->sinks[0]->port, &frame, &world->pass);
		pass_time(world, 20 * SECOND);
		assert_int_equal(world->sinks[1]->last[15], cases[k].ecn);
		world_free(world);
	}
}

/* A super-frame is marked as the segments that it is: those that find the queue long. And without a rate, nothing is. */
static void segments_are_marked_each(void **state)
{
	World *world = world_new();
	uint8_t bytes[54 + 4000] = {[12] = 8, [14] = 0x45, [15] = 2, [23] = 6, [46] = 0x50};
	struct iovec part = {bytes, sizeof(bytes)};
	Frame frame = frame_of(&part);
	frame.offload = (Offload){.checksum = true,
		.checksum_start = 34,
		.checksum_offset = 16,
		.segmentation = SEGMENT_TCP4,
		.segment_size = 1000};
	world->sinks[1]->port.offloads = PORT_CHECKSUM | PORT_TCP4;
	impair(world, (LinkSettings){.rate = 8000, .queue = 1 << 20, .ecn = 2048});
	port_receive(&world->sinks[0]->port, &frame, &world->pass);
	pass_time(world, 20 * SECOND);
	assert_int_equal(n_arrived(world), 4);
	assert_int_equal(n_marked(world), 2);
	assert_int_equal(counter(world, COUNTER_ECN_MARKED), 2);
	impair(world, (LinkSettings){.delay = MS, .ecn = 2048});
	for (unsigned i = 0; i < 10; i++)
		port_receive(&world->sinks[0]->port, &frame, &world->pass);
	pass_time(world, SECOND);
	assert_int_equal(n_arrived(world), 14);
	assert_int_equal(counter(world, COUNTER_ECN_MARKED), 2);
	world_free(world);
}

static void memory_is_bounded_and_shared(void **state)
{
	World *world = world_new();
	impair(world, (LinkSettings){.delay = 3600 * SECOND});
	for (uint32_t i = 0; i < FRAME_POOL_BLOCKS; i++)
		send_frame(world, i);
	assert_int_equal(counter(world, COUNTER_DROP_DELAY_QUEUE), FRAME_POOL_BLOCKS - FRAME_POOL_BLOCKS / 2);
	/* Another direction finds half of the rest. */
	impair_end(world, 1, 2, (LinkSettings){.delay = MS});
	for (unsigned i = 0; i < FRAME_POOL_BLOCKS / 4; i++) {
		struct iovec part = {(uint8_t[60]){0}, 60};
		Frame frame = frame_of(&part);
		port_receive(&world->sinks[1]->port, &frame, &world->pass);
	}
	pass_time(world, SECOND);
	assert_int_equal(world->sinks[0]->arrivals->len, FRAME_POOL_BLOCKS / 4);
	/* It all comes back. */
	cable_set_down(world->cable, true, &world->pass);
	flush(world);
	assert_int_equal(frame_pool_room(world->pool, &world->pass), FRAME_POOL_BLOCKS);
	world_free(world);
}

/* Blocks that were given to a port are its until the flush. */
static void blocks_wait_for_the_flush(void **state)
{
	World *world = world_new();
	uint8_t bytes[60] = "first";
	struct iovec part = {bytes, 60}, parts[FRAME_PARTS_IN];
	Frame frame = frame_of(&part);
	assert_int_equal(frame_pool_room(world->pool, &world->pass), FRAME_POOL_BLOCKS);
	uint32_t first = frame_pool_put(world->pool, &frame);
	Frame kept = frame_pool_get(world->pool, first, parts);
	frame_pool_release(world->pool, first, &world->pass);
	memcpy(bytes, "later", 5);
	assert_int_equal(frame_pool_room(world->pool, &world->pass), FRAME_POOL_BLOCKS - 1);
	assert_int_not_equal(frame_pool_put(world->pool, &frame), first);
	assert_memory_equal(kept.parts[0].iov_base, "first", 5);
	flush(world);
	assert_int_equal(frame_pool_room(world->pool, &world->pass), FRAME_POOL_BLOCKS - 1);
	assert_int_equal(frame_pool_put(world->pool, &frame), first);
	world_free(world);
}

/* Whatever is set whenever: every frame arrives, is under way, or was counted as dropped, and no time runs backwards. */
static void nothing_vanishes(void **state)
{
	World *world = world_new();
	GRand *random = g_rand_new_with_seed(4);
	uint64_t sent = 0, last = 0;
	for (unsigned round = 0; round < 3000; round++) {
		if (round % 10 == 0) {
			LinkSettings settings = {.delay = (uint64_t)g_rand_int_range(random, 0, 3) * MS,
				.jitter = (uint64_t)g_rand_int_range(random, 0, 2) * MS,
				.loss = g_rand_int_range(random, 0, 3) * 0.4,
				.burst = g_rand_int_range(random, 0, 4),
				.duplicate = g_rand_int_range(random, 0, 2) * 0.3,
				.corrupt = g_rand_int_range(random, 0, 2) * 0.3,
				.reorder = g_rand_int_range(random, 0, 2) * 0.3,
				.rate = (uint64_t)g_rand_int_range(random, 0, 3) * 1000000,
				.queue = 5000,
				.distribution = (unsigned)g_rand_int_range(random, 0, 2)};
			impair(world, settings);
		}
		cable_set_down(world->cable, g_rand_int_range(random, 0, 100) == 0, &world->pass);
		for (int i = g_rand_int_range(random, 0, 5); i > 0; i--, sent++)
			send_sized(world, 0, (size_t)g_rand_int_range(random, 18, 5000));
		pass_time(world, (uint64_t)g_rand_int_range(random, 0, 2000000));
	}
	impair(world, (LinkSettings){0});
	uint64_t dropped = 0;
	for (Counter i = COUNTER_DROP_RUNT; i < N_COUNTERS; i++)
		dropped += counter(world, i);
	assert_int_equal(sent + counter(world, COUNTER_DUPLICATED), n_arrived(world) + dropped);
	for (guint i = 0; i < n_arrived(world); i++) {
		assert_true(arrival(world, i)->time >= last);
		last = arrival(world, i)->time;
	}
	flush(world);
	assert_int_equal(frame_pool_room(world->pool, &world->pass), FRAME_POOL_BLOCKS);
	g_rand_free(random);
	world_free(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(delay_is_exact),
		cmocka_unit_test(rate_is_exact),
		cmocka_unit_test(queue_at_the_rate_is_bounded),
		cmocka_unit_test(same_seed_same_losses),
		cmocka_unit_test(losses_are_what_was_asked),
		cmocka_unit_test(duplicates_follow),
		cmocka_unit_test(one_bit_is_turned_over),
		cmocka_unit_test(some_overtake),
		cmocka_unit_test(jitter_spreads),
		cmocka_unit_test(changes_hold_for_what_waits),
		cmocka_unit_test(a_pulled_cable_loses_what_travels),
		cmocka_unit_test(the_history_knows_of_a_pulled_cable),
		cmocka_unit_test(slow_guests_are_waited_for),
		cmocka_unit_test(large_frames_stay_whole),
		cmocka_unit_test(offloads_on_the_way),
		cmocka_unit_test(a_long_queue_marks),
		cmocka_unit_test(segments_are_marked_each),
		cmocka_unit_test(memory_is_bounded_and_shared),
		cmocka_unit_test(blocks_wait_for_the_flush),
		cmocka_unit_test(nothing_vanishes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
