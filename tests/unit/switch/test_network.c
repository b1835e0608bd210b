/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/bridge/network.h"

#include "tests/unit/switch/fake_port.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define SECOND UINT64_C(1000000000)
#define STATION(i) (UINT64_C(0x525400000000) + (i) + 1)
#define BROADCAST UINT64_C(0xffffffffffff)
#define N_PORTS 4

typedef struct {
	Network *network;
	Cable *cables[N_PORTS];
	FakePort *ports[N_PORTS];
	Pass pass;
} World;

static World *world_new(NetworkType type)
{
	World *world = g_new0(World, 1);
	fake_pass_init(&world->pass);
	world->network = network_new("lan", type, 300 * SECOND, 64, 1, NULL);
	for (unsigned i = 0; i < N_PORTS; i++) {
		world->ports[i] = fake_port_join(world->network, i, NULL);
		world->cables[i] = world->ports[i]->port.cable;
	}
	return world;
}

static void world_free(World *world)
{
	for (unsigned i = 0; i < N_PORTS; i++)
		fake_port_leave(world->ports[i], world->cables[i]);
	network_free(world->network);
	fake_pass_clear(&world->pass);
	g_free(world);
}

static void send_sized(World *world, unsigned port, Mac destination, Mac source, size_t length)
{
	g_autofree uint8_t *bytes = g_malloc0(MAX(length, 14));
	write_be(bytes, destination, MAC_SIZE);
	write_be(bytes + 6, source, MAC_SIZE);
	struct iovec part = {bytes, length};
	Frame frame = frame_of(&part);
	port_receive(&world->ports[port]->port, &frame, &world->pass);
}

static void send_frame(World *world, unsigned port, Mac destination, Mac source)
{
	send_sized(world, port, destination, source, 60);
}

static unsigned reached(World *world)
{
	return fake_ports_reached(world->ports, N_PORTS);
}

static uint64_t counter(World *world, unsigned port, Counter counter)
{
	const Port *at = &world->ports[port]->port;
	return at->counters.values[counter] + (at->cable ? at->cable->ends[at->end].counters.values[counter] : 0);
}

static void hub_floods_everything(void **state)
{
	World *world = world_new(NETWORK_HUB);
	send_frame(world, 0, STATION(1), STATION(0));
	assert_int_equal(reached(world), 0xe);
	send_frame(world, 1, STATION(0), STATION(1));
	assert_int_equal(reached(world), 0xd);
	send_frame(world, 1, UINT64_C(0x0180c2000002), BROADCAST);
	assert_int_equal(reached(world), 0xd);
	world_free(world);
}

static void switch_learns(void **state)
{
	World *world = world_new(NETWORK_SWITCH);
	send_frame(world, 0, STATION(1), STATION(0)); /* unknown: flooded */
	assert_int_equal(reached(world), 0xe);
	send_frame(world, 1, STATION(0), STATION(1));
	assert_int_equal(reached(world), 0x1);
	send_frame(world, 0, STATION(1), STATION(0));
	assert_int_equal(reached(world), 0x2);
	send_frame(world, 0, BROADCAST, STATION(0));
	assert_int_equal(reached(world), 0xe);
	assert_int_equal(counter(world, 0, COUNTER_RX_FRAMES), 3);
	assert_int_equal(counter(world, 0, COUNTER_RX_BYTES), 180);
	assert_int_equal(counter(world, 1, COUNTER_TX_FRAMES), 3);
	world_free(world);
}

static void station_moves(void **state)
{
	World *world = world_new(NETWORK_SWITCH);
	send_frame(world, 1, BROADCAST, STATION(9));
	send_frame(world, 2, BROADCAST, STATION(8));
	for (unsigned i = 0; i < N_PORTS; i++)
		world->ports[i]->n_sent = 0;
	send_frame(world, 0, STATION(9), STATION(0));
	assert_int_equal(reached(world), 0x2);
	send_frame(world, 3, BROADCAST, STATION(9));
	assert_int_equal(reached(world), 0x7);
	send_frame(world, 0, STATION(9), STATION(0));
	assert_int_equal(reached(world), 0x8);
	world_free(world);
}

static void never_sends_back(void **state)
{
	World *world = world_new(NETWORK_SWITCH);
	send_frame(world, 0, BROADCAST, STATION(5));
	reached(world);
	send_frame(world, 0, STATION(5), STATION(0)); /* both behind port 0 */
	assert_int_equal(reached(world), 0);
	assert_int_equal(counter(world, 0, COUNTER_DROP_FILTERED), 1);
	world_free(world);
}

static void invalid_sources_are_dropped(void **state)
{
	World *world = world_new(NETWORK_SWITCH);
	send_frame(world, 0, STATION(1), BROADCAST);
	send_frame(world, 0, STATION(1), UINT64_C(0x01005e000001));
	send_frame(world, 0, STATION(1), 0);
	assert_int_equal(reached(world), 0);
	assert_int_equal(counter(world, 0, COUNTER_DROP_SOURCE_INVALID), 3);
	/* Not learnt either: a frame to the group still goes everywhere. */
	send_frame(world, 1, UINT64_C(0x01005e000001), STATION(1));
	assert_int_equal(reached(world), 0xd);
	world_free(world);
}

static void reserved_addresses_stay_but_bpdus_pass(void **state)
{
	World *world = world_new(NETWORK_SWITCH);
	send_frame(world, 0, UINT64_C(0x0180c2000000), STATION(0));
	assert_int_equal(reached(world), 0xe);
	for (Mac last = 1; last <= 0xf; last++)
		send_frame(world, 0, UINT64_C(0x0180c2000000) + last, STATION(0));
	assert_int_equal(reached(world), 0);
	assert_int_equal(counter(world, 0, COUNTER_DROP_RESERVED_ADDRESS), 15);
	send_frame(world, 0, UINT64_C(0x0180c2000010), STATION(0));
	assert_int_equal(reached(world), 0xe);
	world_free(world);
}

static void entries_age(void **state)
{
	World *world = world_new(NETWORK_SWITCH);
	send_frame(world, 1, BROADCAST, STATION(1));
	reached(world);
	world->pass.now.monotonic = 299 * SECOND;
	send_frame(world, 0, STATION(1), STATION(0));
	assert_int_equal(reached(world), 0x2);
	world->pass.now.monotonic = 300 * SECOND;
	send_frame(world, 0, STATION(1), STATION(0));
	assert_int_equal(reached(world), 0xe);
	world_free(world);
}

static void unplugged_and_dead_ports_get_nothing(void **state)
{
	World *world = world_new(NETWORK_SWITCH);
	send_frame(world, 1, BROADCAST, STATION(1));
	send_frame(world, 2, BROADCAST, STATION(2));
	for (unsigned i = 0; i < N_PORTS; i++)
		world->ports[i]->n_sent = 0;
	port_unplug(&world->ports[1]->port);
	port_set_up(&world->ports[2]->port, false);
	/* Forgotten, hence flooded, to the only port alive. */
	send_frame(world, 0, STATION(1), STATION(0));
	assert_int_equal(reached(world), 0x8);
	send_frame(world, 0, STATION(2), STATION(0));
	assert_int_equal(reached(world), 0x8);
	port_unplug(&world->ports[3]->port);
	send_frame(world, 0, STATION(3), STATION(0));
	assert_int_equal(counter(world, 0, COUNTER_DROP_UNPLUGGED), 1);
	/* And a port without a cable says so itself. */
	send_frame(world, 1, STATION(0), STATION(1));
	assert_int_equal(counter(world, 1, COUNTER_DROP_UNPLUGGED), 1);
	port_plug(&world->ports[1]->port, world->cables[1], 0);
	send_frame(world, 0, STATION(1), STATION(0));
	assert_int_equal(reached(world), 0x2);
	world_free(world);
}

static void sizes_are_checked(void **state)
{
	World *world = world_new(NETWORK_HUB);
	world->ports[2]->port.mtu = 576;
	for (size_t length = 0; length < 14; length++)
		send_sized(world, 0, STATION(1), STATION(0), length);
	assert_int_equal(counter(world, 0, COUNTER_DROP_RUNT), 14);
	send_sized(world, 0, STATION(1), STATION(0), 14);
	assert_int_equal(reached(world), 0xe);
	send_sized(world, 0, STATION(1), STATION(0), 1522);
	assert_int_equal(reached(world), 0xa);
	assert_int_equal(counter(world, 2, COUNTER_DROP_OVERSIZE), 1);
	send_sized(world, 0, STATION(1), STATION(0), 1523);
	assert_int_equal(reached(world), 0);
	assert_int_equal(counter(world, 0, COUNTER_DROP_OVERSIZE), 1);
	world_free(world);
}

static void link_joins_two_ends(void **state)
{
	World world = {0};
	fake_pass_init(&world.pass);
	Cable *link = cable_new("core", NULL);
	cable_name_end(link, 0, "r1:eth1", false);
	cable_name_end(link, 1, "r2:eth1", false);
	for (unsigned i = 0; i < 2; i++)
		world.ports[i] = fake_port_new("p", 1500);
	port_plug(&world.ports[0]->port, link, 0);
	send_frame(&world, 0, STATION(1), STATION(0));
	assert_int_equal(counter(&world, 0, COUNTER_DROP_UNPLUGGED), 1);
	port_plug(&world.ports[1]->port, link, 1);
	send_frame(&world, 0, UINT64_C(0x0180c2000002), STATION(0)); /* a wire passes everything */
	assert_int_equal(world.ports[1]->n_sent, 1);
	send_frame(&world, 1, STATION(0), STATION(1));
	assert_int_equal(world.ports[0]->n_sent, 1);
	for (unsigned i = 0; i < 2; i++) {
		port_unplug(&world.ports[i]->port);
		port_free(&world.ports[i]->port);
	}
	cable_free(link);
	fake_pass_clear(&world.pass);
}

/* A guest's processors, of which one sends while another rewrites the frame. */
typedef struct {
	uint8_t *header_length; /* of TCP */
	gint done;
} Rewriter;

static gpointer rewrite(gpointer data)
{
	Rewriter *rewriter = data;
	for (uint8_t value = 0x50; !g_atomic_int_get(&rewriter->done); value ^= 0x50 ^ 0xf0)
		__atomic_store_n(rewriter->header_length, value, __ATOMIC_RELAXED);
	return NULL;
}

static size_t longest_sent;

static void note_length(Port *port, const Frame *frame)
{
	longest_sent = MAX(longest_sent, frame->length);
}

/* What was measured when a frame came may be another when it is cut: no port gets more than its MTU allows, for which
 * some have room and no more. */
static void headers_that_change_make_no_long_frames(void **state)
{
	static const PortOps ops = {.kind = "fake", .transmit = note_length, .free = fake_free};
	enum { TCP_AT = 34, PAYLOAD = 3000 };
	static uint8_t bytes[TCP_AT + 60 + PAYLOAD] = {[12] = 0x08, [14] = 0x45, [TCP_AT + 12] = 0x50};
	struct iovec part = {bytes, sizeof(bytes)};
	Frame frame = frame_of(&part);
	Pass pass;
	FakePort *fake = fake_port_new("n:eth0", 1500);
	Rewriter rewriter = {.header_length = bytes + TCP_AT + 12};
	GThread *thread = g_thread_new("rewrite", rewrite, &rewriter);

	fake->port.ops = &ops;
	fake_pass_init(&pass);
	/* Just fits with the shortest header. */
	frame.offload = (Offload){true, TCP_AT, 16, SEGMENT_TCP4, (uint16_t)(frame_limit(1500) - TCP_AT - 20), false};
	longest_sent = 0;
	for (unsigned i = 0; i < 1000000 && longest_sent <= frame_limit(1500); i++) {
		port_transmit(&fake->port, &frame, &pass);
		pass.taken = 0;
	}
	g_atomic_int_set(&rewriter.done, 1);
	g_thread_join(thread);
	assert_true(longest_sent <= frame_limit(1500));
	port_free(&fake->port);
	fake_pass_clear(&pass);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hub_floods_everything),
		cmocka_unit_test(switch_learns),
		cmocka_unit_test(station_moves),
		cmocka_unit_test(never_sends_back),
		cmocka_unit_test(invalid_sources_are_dropped),
		cmocka_unit_test(reserved_addresses_stay_but_bpdus_pass),
		cmocka_unit_test(entries_age),
		cmocka_unit_test(unplugged_and_dead_ports_get_nothing),
		cmocka_unit_test(sizes_are_checked),
		cmocka_unit_test(link_joins_two_ends),
		cmocka_unit_test(headers_that_change_make_no_long_frames),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
