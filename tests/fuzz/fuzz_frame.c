/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The input is a sequence of frames: one byte says the port, two (little-endian) the length, then the bytes. They enter
 * a hub, a switch and a link, under a recorder; every frame must be accounted for. Each frame is in a block of its own size.
 *
 * Explore: clang -DNETLAB_LIBFUZZER -fsanitize=fuzzer,address. Else main() replays the files of the folders named. */
#include "tests/fuzz/replay.h"
#include "switch/bridge/network.h"
#include "tests/unit/switch/fake_port.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#define N_PORTS 8 /* 0-2 hub, 3-5 switch, 6-7 link */
#define POOL 1024 /* blocks: few enough that an input can fill them */
#define BATCH 16  /* frames that the recorder's writer gets at once */

static void ignore_end(void *data)
{
}

static Cable *plug(FakePort *port, const char *name, Network *network)
{
	Cable *cable = cable_new(name, NULL);
	cable_name_end(cable, 0, name, false);
	network_add(network, cable, 1);
	port_plug(&port->port, cable, 0);
	return cable;
}

static void check(gboolean truth, const char *what)
{
	if (!truth) {
		fprintf(stderr, "fuzz_frame: %s\n", what);
		abort();
	}
}

/* What went in by a port came out at the other, or is counted; so do the copies that the link made. */
static void check_link(const Cable *link, unsigned from)
{
	const Port *near = link->ends[from].owner, *far = link->ends[!from].owner;
	const uint64_t *in = near->counters.values, *out = far->counters.values;
	const uint64_t *wire = link->ends[from].counters.values;
	uint64_t entered = in[COUNTER_RX_FRAMES] + wire[COUNTER_DUPLICATED], left = out[COUNTER_TX_FRAMES];
	for (Counter i = COUNTER_DROP_RUNT; i < N_COUNTERS; i++)
		left += wire[i];
	/* A port counts as oversize what it cannot send, and what it cannot receive. */
	check(entered >= left && entered - left <= out[COUNTER_DROP_OVERSIZE],
		"the link does not account for every frame");
}

/* What is large, or has a thread, is there once for all inputs. */
typedef struct {
	RecorderPoint point;
	History *history;
	FramePool *pool;
	Pass pass;
} Kept;

static Kept *kept(void)
{
	static Kept kept;
	static const RecorderOptions options = {
		.filter = "vlan or ip6 or tcp port 80 or greater 100", .snaplen = 96, .ended = ignore_end};
	if (kept.pool)
		return &kept;
	Recorder *recorder = recorder_new(&options, 1, open("/dev/null", O_WRONLY | O_CLOEXEC), NULL);
	check(recorder != NULL, "no recorder");
	RecorderInterface *interface = recorder_add_interface(recorder, "all", "");
	kept.point = (RecorderPoint){recorder_source(recorder, 0), {interface, interface}, {false, true}};
	check(recorder_start(recorder, NULL, NULL), "no writer");
	kept.history = history_new(HISTORY_SIZE_MIN);
	kept.pool = frame_pool_new(POOL);
	check(kept.pool != NULL, "no pool");
	fake_pass_init(&kept.pass);
	return &kept;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[N_PORTS] = {"h0", "h1", "h2", "s0", "s1", "s2", "l0", "l1"};
	FakePort *ports[N_PORTS];
	Cable *cables[7];
	uint64_t offered[N_PORTS] = {0};
	Network *hub = network_new("hub", NETWORK_HUB, 0, 0, 0, NULL);
	Network *bridge = network_new("switch", NETWORK_SWITCH, 1000, 4, 1, NULL);
	Kept *all = kept();
	Pass *pass = &all->pass;
	pass->now = (Moment){0};
	pass->taken = 0;

	for (unsigned i = 0; i < N_PORTS; i++)
		ports[i] = fake_port_new(names[i], i % 3 ? 1500 : 576);
	for (unsigned i = 0; i < 6; i++)
		cables[i] = plug(ports[i], names[i], i < 3 ? hub : bridge);
	cables[6] = cable_new("link", NULL);
	port_plug(&ports[6]->port, cables[6], 0);
	port_plug(&ports[7]->port, cables[6], 1);
	for (unsigned i = 0; i < 7; i++) {
		g_ptr_array_add(cables[i]->recorders, &all->point);
		cables[i]->history = all->history;
	}

	/* One cable of each network, and the link, do all that a cable may do. */
	Timers timers;
	timers_init(&timers);
	static const LinkSettings settings = {.delay = 1000,
		.jitter = 500,
		.loss = 0.1,
		.burst = 2,
		.duplicate = 0.2,
		.corrupt = 0.3,
		.reorder = 0.2,
		.rate = UINT64_C(4000000000),
		.queue = 8000};
	const CableSettings everything = {.from = {settings, settings}, .seeds = {1, 1}};
	const CableMeans means = {&timers, all->pool, pass};
	for (unsigned i = 0; i < 7; i += 3)
		cable_set(cables[i], &everything, &means);
	while (size >= 3) {
		unsigned port = data[0] % N_PORTS;
		size_t length = MIN(data[1] | (size_t)data[2] << 8, size - 3);
		g_autofree uint8_t *exact = g_malloc(length + !length);
		memcpy(exact, data + 3, length);
		pass->now.monotonic += 100;
		offered[port]++;
		struct iovec part = {exact, length};
		Frame frame = frame_of(&part);
		port_receive(&ports[port]->port, &frame, pass);
		timers_fire(&timers, pass);
		if (++pass->batch % BATCH == 0)
			recorder_commit(all->point.source);
		data += 3 + length;
		size -= 3 + length;
	}
	pass->now.monotonic += 1000000000;
	while (timers_wait(&timers, pass->now.monotonic) != TIMERS_NEVER) {
		pass->now.monotonic += 1000000000;
		timers_fire(&timers, pass);
	}
	recorder_commit(all->point.source);
	check_link(cables[6], 0);
	check_link(cables[6], 1);
	for (unsigned i = 0; i < N_PORTS; i++) {
		const uint64_t *values = ports[i]->port.counters.values;
		check(values[COUNTER_RX_FRAMES] + values[COUNTER_DROP_RUNT] <= offered[i],
			"more frames than were sent");
		check(values[COUNTER_RX_FRAMES] + values[COUNTER_DROP_RUNT] + values[COUNTER_DROP_OVERSIZE] >=
				offered[i],
			"a frame vanished");
		check(values[COUNTER_TX_FRAMES] == ports[i]->n_sent, "sent frames are not what was counted");
	}
	for (unsigned i = 0; i < 7; i++) {
		port_unplug(&ports[i]->port);
		if (i == 6)
			port_unplug(&ports[7]->port);
	}
	for (unsigned i = 0; i < 7; i++)
		cable_free(cables[i]);
	for (unsigned i = 0; i < N_PORTS; i++)
		port_free(&ports[i]->port);
	network_free(hub);
	network_free(bridge);
	timers_clear(&timers);
	pass->batch++;
	check(frame_pool_room(all->pool, pass) == POOL, "frames are still under way");
	return 0;
}
