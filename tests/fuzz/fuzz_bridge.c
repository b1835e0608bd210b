/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The input is a sequence of frames with or without VLAN tags, and of BPDUs: one byte says the port (its upper bits: let
 * some seconds pass, pull a link, put it in), two (little-endian) the length, then the bytes. They enter two VLAN-aware
 * switches that RSTP keeps from looping, joined twice. Whatever comes in, no frame changes its VLAN.
 *
 * Explore: clang -DNETLAB_LIBFUZZER -fsanitize=fuzzer,address. Else main() replays the files of the folders named. */
#include "tests/fuzz/replay.h"
#include "switch/bridge/spanning_tree.h"
#include "tests/unit/switch/fake_port.h"

#include <stdio.h>
#include <stdlib.h>

#define SECOND UINT64_C(1000000000)

enum { N_PORTS = 8, N_LINKS = 2, TRUNK = 0, ALL = 5000 };

/* Ports 0-3 on the first switch, 4-7 on the second. VLAN of an access port; TRUNK; ALL: a trunk of all, VLAN 1 native. */
static const unsigned vlans[N_PORTS] = {10, 20, TRUNK, ALL, 10, 20, TRUNK, 10 /* a mirror */};

static void check(gboolean truth, const char *what)
{
	if (!truth) {
		fprintf(stderr, "fuzz_bridge: %s\n", what);
		abort();
	}
}

static VlanPort vlan_port(unsigned vlan)
{
	VlanPort port = {.trunk = true, .untagged = vlan == ALL ? 1 : 0};
	if (vlan != TRUNK && vlan != ALL)
		vlan_port_access(&port, vlan);
	for (unsigned carried = 1; port.trunk && carried <= VLAN_MAX; carried++)
		if (vlan == ALL || carried == 10 || carried == 30)
			port.carried[carried / 64] |= UINT64_C(1) << carried % 64;
	return port;
}

typedef struct {
	Network *networks[2];
	FakePort *ports[N_PORTS];
	Cable *cables[N_PORTS], *links[N_LINKS];
	Timers timers;
	Pass pass;
} World;

static void world_init(World *world)
{
	BridgePort *at[N_PORTS];
	*world = (World){0};
	fake_pass_init(&world->pass);
	timers_init(&world->timers);
	for (unsigned i = 0; i < 2; i++) {
		world->networks[i] = network_new(i ? "b" : "a", NETWORK_SWITCH, 20 * SECOND, 8, 1, NULL);
		spanning_tree_start(world->networks[i], 32768, 0x020000000001 + i, &world->timers, 0);
	}
	for (unsigned i = 0; i < N_PORTS; i++) {
		VlanPort vlan = vlan_port(vlans[i]);
		world->ports[i] = fake_port_new("p", 1500);
		world->cables[i] = cable_new("p", NULL);
		cable_name_end(world->cables[i], 0, "p", false);
		at[i] = network_add(world->networks[i / 4], world->cables[i], 1);
		network_set_vlan(at[i], &vlan);
		port_plug(&world->ports[i]->port, world->cables[i], 0);
	}
	network_add_mirror(world->networks[1], at[6], at[7]);
	VlanPort all = vlan_port(ALL);
	for (unsigned i = 0; i < N_LINKS; i++) {
		world->links[i] = cable_new("link", NULL);
		network_set_vlan(network_add(world->networks[0], world->links[i], 0), &all);
		network_set_vlan(network_add(world->networks[1], world->links[i], 1), &all);
	}
}

static void world_clear(World *world)
{
	for (unsigned i = 0; i < N_PORTS; i++) {
		port_unplug(&world->ports[i]->port);
		port_free(&world->ports[i]->port);
		cable_free(world->cables[i]);
	}
	for (unsigned i = 0; i < N_LINKS; i++)
		cable_free(world->links[i]);
	network_free(world->networks[0]);
	network_free(world->networks[1]);
	timers_clear(&world->timers);
	fake_pass_clear(&world->pass);
}

/* Second by second, as a worker's clock goes on. */
static void pass_time(World *world, unsigned seconds)
{
	for (unsigned i = 0; i <= seconds; i++) {
		timers_fire(&world->timers, &world->pass);
		world->pass.taken = 0;
		if (i < seconds)
			world->pass.now.monotonic += SECOND;
	}
}

/* A frame from a port of one VLAN has reached no port of another. */
static void check_reached(const World *world, unsigned from, const unsigned *before)
{
	bool is_access = vlans[from] != TRUNK && vlans[from] != ALL;
	for (unsigned i = 0; i < N_PORTS; i++) {
		bool got = world->ports[i]->n_sent != before[i];
		check(!got || i != from, "a frame came back");
		check(!got || i == 7 || !is_access || vlans[i] == TRUNK || vlans[i] == ALL || vlans[i] == vlans[from],
			"a frame came into another VLAN");
	}
	check(world->pass.depth == 0, "a frame is still in a network");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	World world;
	world_init(&world);
	pass_time(&world, 4);
	while (size >= 3) {
		unsigned port = data[0] % N_PORTS, before[N_PORTS];
		size_t length = MIN(data[1] | (size_t)data[2] << 8, size - 3);
		g_autofree uint8_t *exact = g_malloc(length + !length);
		memcpy(exact, data + 3, length);
		if (data[0] & 0x80)
			cable_set_down(world.links[data[0] >> 6 & 1], data[0] & 0x20, &world.pass);
		for (unsigned i = 0; i < N_PORTS; i++)
			before[i] = world.ports[i]->n_sent;
		/* In pieces, so that headers are gathered from several. */
		size_t head = MIN(length, (data[0] >> 3 & 3) * 7);
		struct iovec parts[] = {{exact, head}, {exact + head, length - head}};
		Frame frame = {.parts = parts, .n_parts = 2, .length = length};
		port_receive(&world.ports[port]->port, &frame, &world.pass);
		check_reached(&world, port, before);
		pass_time(&world, data[0] & 0x40 ? 3 : 0);
		data += 3 + length;
		size -= 3 + length;
	}
	world_clear(&world);
	return 0;
}
