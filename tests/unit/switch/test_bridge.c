/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VLANs, mirrors and the spanning tree of networks: two switches with three stations each, joined by two cables. */
#include "switch/bridge/spanning_tree.h"

#include "tests/unit/switch/fake_port.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

/* AddressSanitizer's count of what is allocated (clang's sanitizer/allocator_interface.h; gcc has it without a header). */
size_t __sanitizer_get_current_allocated_bytes(void);

#define SECOND UINT64_C(1000000000)
#define STATION(i) (UINT64_C(0x525400000000) + (i) + 1)
#define BROADCAST UINT64_C(0xffffffffffff)

enum { N_PORTS = 6, N_LINKS = 2, ALL = 0x3f };

typedef struct {
	Network *networks[2];
	Cable *cables[N_PORTS], *links[N_LINKS];
	FakePort *ports[N_PORTS]; /* 0-2 on the first network, 3-5 on the second */
	BridgePort *at[N_PORTS], *trunks[2][N_LINKS];
	Timers timers;
	Pass pass;
} World;

static World *world_new(unsigned links)
{
	World *world = g_new0(World, 1);
	fake_pass_init(&world->pass);
	timers_init(&world->timers);
	for (unsigned i = 0; i < 2; i++)
		world->networks[i] = network_new(i ? "b" : "a", NETWORK_SWITCH, 300 * SECOND, 64, 1, NULL);
	for (unsigned i = 0; i < N_PORTS; i++) {
		world->ports[i] = fake_port_join(world->networks[i / 3], i, &world->at[i]);
		world->cables[i] = world->ports[i]->port.cable;
	}
	for (unsigned i = 0; i < links; i++) {
		world->links[i] = cable_new("link", NULL);
		world->trunks[0][i] = network_add(world->networks[0], world->links[i], 0);
		world->trunks[1][i] = network_add(world->networks[1], world->links[i], 1);
	}
	return world;
}

static void world_free(World *world)
{
	for (unsigned i = 0; i < N_PORTS; i++)
		fake_port_leave(world->ports[i], world->cables[i]);
	for (unsigned i = 0; i < N_LINKS; i++)
		if (world->links[i])
			cable_free(world->links[i]);
	network_free(world->networks[0]);
	network_free(world->networks[1]);
	timers_clear(&world->timers);
	fake_pass_clear(&world->pass);
	g_free(world);
}

/* Builds a frame of 100 bytes of payload; tag: the control information, or -1 for none. Returns its length. */
static size_t build(uint8_t *bytes, Mac destination, Mac source, int tag)
{
	size_t at = 12;
	write_be(bytes, destination, MAC_SIZE);
	write_be(bytes + 6, source, MAC_SIZE);
	if (tag >= 0) {
		bytes[at++] = 0x81;
		bytes[at++] = 0x00;
		bytes[at++] = (uint8_t)(tag >> 8);
		bytes[at++] = (uint8_t)tag;
	}
	bytes[at++] = 0x12;
	bytes[at++] = 0x34;
	for (unsigned i = 0; i < 100; i++)
		bytes[at++] = (uint8_t)i;
	return at;
}

static void send_frame(World *world, unsigned port, Mac destination, Mac source, int tag)
{
	uint8_t bytes[128];
	size_t length = build(bytes, destination, source, tag);
	/* In pieces, none of which is the header. */
	struct iovec parts[] = {{bytes, 5}, {bytes + 5, 10}, {bytes + 15, length - 15}};
	Frame frame = {.parts = parts, .n_parts = 3, .length = length};
	port_receive(&world->ports[port]->port, &frame, &world->pass);
	world->pass.taken = 0;
}

static unsigned reached(World *world)
{
	return fake_ports_reached(world->ports, N_PORTS);
}

static void forget_sent(World *world)
{
	for (unsigned i = 0; i < N_PORTS; i++)
		world->ports[i]->n_sent = 0;
}

/* The last frame that a port got is what build() makes of this. */
static void assert_got(World *world, unsigned port, Mac destination, Mac source, int tag)
{
	uint8_t expected[128];
	size_t length = build(expected, destination, source, tag);
	assert_int_equal(world->ports[port]->last_length, length);
	assert_memory_equal(world->ports[port]->last, expected, length);
}

static uint64_t counter(World *world, unsigned port, Counter counter)
{
	const Port *at = &world->ports[port]->port;
	return at->counters.values[counter] + at->cable->ends[at->end].counters.values[counter];
}

static VlanPort trunk(unsigned native, unsigned first, unsigned last)
{
	VlanPort port = {.untagged = (uint16_t)native, .trunk = true};
	for (unsigned vlan = first; vlan <= last; vlan++)
		port.carried[vlan / 64] |= UINT64_C(1) << vlan % 64;
	if (native)
		port.carried[native / 64] |= UINT64_C(1) << native % 64;
	return port;
}

static void set_access(World *world, unsigned port, unsigned vlan)
{
	VlanPort access;
	vlan_port_access(&access, vlan);
	network_set_vlan(world->at[port], &access);
}

static void set_trunk(World *world, unsigned port, VlanPort as)
{
	network_set_vlan(world->at[port], &as);
}

static void plain_switches_pass_tags_on(void **state)
{
	World *world = world_new(1);
	send_frame(world, 0, BROADCAST, STATION(0), 0x600a);
	assert_int_equal(reached(world), ALL & ~1u);
	assert_got(world, 5, BROADCAST, STATION(0), 0x600a);
	world_free(world);
}

static void vlans_are_kept_apart(void **state)
{
	World *world = world_new(1);
	VlanPort all = trunk(1, 1, VLAN_MAX);
	network_set_vlan(world->trunks[0][0], &all);
	network_set_vlan(world->trunks[1][0], &all);
	set_access(world, 0, 10);
	set_access(world, 1, 20);
	set_access(world, 3, 10);
	set_access(world, 4, 20);
	set_trunk(world, 5, trunk(1, 10, 10));
	send_frame(world, 0, BROADCAST, STATION(0), -1);
	assert_int_equal(reached(world), 1 << 3 | 1 << 5);
	assert_got(world, 3, BROADCAST, STATION(0), -1);
	assert_got(world, 5, BROADCAST, STATION(0), 10);
	send_frame(world, 1, BROADCAST, STATION(1), -1);
	assert_int_equal(reached(world), 1 << 4);
	/* A tag keeps its priority, and loses it with the tag. */
	send_frame(world, 5, STATION(0), STATION(5), 0xe00a);
	assert_int_equal(reached(world), 1 << 0);
	assert_got(world, 0, STATION(0), STATION(5), -1);
	/* The port not told of any is of VLAN 1, as is what has no tag on the trunk. */
	send_frame(world, 2, BROADCAST, STATION(2), -1);
	assert_int_equal(reached(world), 1 << 5);
	assert_got(world, 5, BROADCAST, STATION(2), -1);
	send_frame(world, 5, BROADCAST, STATION(6), -1);
	assert_int_equal(reached(world), 1 << 2);
	world_free(world);
}

static void an_address_may_live_in_two_vlans(void **state)
{
	World *world = world_new(0);
	set_access(world, 0, 10);
	set_access(world, 1, 20);
	set_trunk(world, 2, trunk(0, 10, 20));
	send_frame(world, 0, BROADCAST, STATION(7), -1);
	send_frame(world, 1, BROADCAST, STATION(7), -1);
	forget_sent(world);
	send_frame(world, 2, STATION(7), STATION(8), 10);
	assert_int_equal(reached(world), 1 << 0);
	send_frame(world, 2, STATION(7), STATION(8), 20);
	assert_int_equal(reached(world), 1 << 1);
	world_free(world);
}

static void what_is_not_of_the_port_is_dropped(void **state)
{
	World *world = world_new(0);
	set_access(world, 0, 10);
	set_trunk(world, 1, trunk(0, 10, 30));
	send_frame(world, 0, BROADCAST, STATION(0), 10); /* not even its own: who may tag, is a trunk */
	send_frame(world, 0, BROADCAST, STATION(0), 20);
	assert_int_equal(counter(world, 0, COUNTER_DROP_TAGGED), 2);
	send_frame(world, 1, BROADCAST, STATION(1), -1);
	send_frame(world, 1, BROADCAST, STATION(1), 0x2000);
	assert_int_equal(counter(world, 1, COUNTER_DROP_UNTAGGED), 2);
	send_frame(world, 1, BROADCAST, STATION(1), 31);
	send_frame(world, 1, BROADCAST, STATION(1), 4095);
	assert_int_equal(counter(world, 1, COUNTER_DROP_VLAN), 2);
	assert_int_equal(reached(world), 0);
	/* Priority alone is no VLAN; it lives on where there is a tag. */
	send_frame(world, 0, BROADCAST, STATION(0), 0xa000);
	assert_int_equal(reached(world), 1 << 1);
	assert_got(world, 1, BROADCAST, STATION(0), 0xa000 | 10);
	/* A frame that ends within its tag. */
	uint8_t bytes[17];
	uint8_t whole[128];
	build(whole, BROADCAST, STATION(0), 10);
	memcpy(bytes, whole, sizeof(bytes));
	struct iovec part = {bytes, sizeof(bytes)};
	Frame frame = frame_of(&part);
	port_receive(&world->ports[1]->port, &frame, &world->pass);
	assert_int_equal(counter(world, 1, COUNTER_DROP_RUNT), 1);
	world_free(world);
}

/* What the sender left to do moves with the header, and must not lie in it. */
static void offloads_move_with_the_tag(void **state)
{
	World *world = world_new(0);
	set_access(world, 0, 10);
	set_trunk(world, 1, trunk(0, 10, 30));
	set_access(world, 2, 10);
	world->ports[1]->port.offloads = world->ports[2]->port.offloads = 0;
	uint8_t bytes[128];
	size_t length = build(bytes, BROADCAST, STATION(0), -1);
	struct iovec part = {bytes, length};
	Frame frame = frame_of(&part);
	frame.offload = (Offload){.checksum = true, .checksum_start = 34, .checksum_offset = 6};
	bytes[40] = bytes[41] = 0;
	port_receive(&world->ports[0]->port, &frame, &world->pass);
	/* Both were completed, at the same place of the payload. */
	assert_memory_equal(world->ports[1]->last + 18, world->ports[2]->last + 14, 100);
	assert_true(world->ports[2]->last[40] || world->ports[2]->last[41]);
	/* Into the tag: it would be another VLAN afterwards. */
	length = build(bytes, BROADCAST, STATION(1), 10);
	part.iov_len = frame.length = length;
	frame.offload = (Offload){.checksum = true,
		.checksum_start = 14,
		.checksum_offset = 16,
		.segmentation = SEGMENT_TCP4,
		.segment_size = 10};
	forget_sent(world);
	port_receive(&world->ports[1]->port, &frame, &world->pass);
	assert_int_equal(reached(world), 0);
	assert_int_equal(counter(world, 1, COUNTER_DROP_BAD_OFFLOAD), 1);
	world_free(world);
}

/* A header that changes as soon as it has been read once. */
static void a_header_is_read_once(void **state)
{
	uint8_t bytes[128], *memory = g_malloc(64);
	Pass pass = {.memory = memory, .size = 64};
	size_t length = build(bytes, BROADCAST, STATION(0), 10);
	struct iovec part = {bytes, length};
	Frame frame = frame_of(&part);
	VlanPort port = trunk(0, 10, 10);
	VlanFrame in_vlan;
	assert_true(vlan_frame_init(&in_vlan, &frame));
	memset(bytes, 0xee, 18);
	assert_int_equal(vlan_frame_enter(&in_vlan, &port), COUNTER_NONE);
	const Frame *out = vlan_frame_leave(&in_vlan, &port, &pass);
	uint8_t header[18], expected[128];
	build(expected, BROADCAST, STATION(0), 10);
	assert_true(frame_copy(out, 0, 18, header));
	assert_memory_equal(header, expected, 18);
	/* Made once; and no memory is no frame. */
	assert_ptr_equal(vlan_frame_leave(&in_vlan, &port, &pass), out);
	pass.taken = pass.size;
	VlanPort access;
	vlan_port_access(&access, 10);
	assert_null(vlan_frame_leave(&in_vlan, &access, &pass));
	g_free(memory);
}

static void mirrors_get_copies_and_nothing_else(void **state)
{
	World *world = world_new(0);
	network_add_mirror(world->networks[0], world->at[0], world->at[2]);
	send_frame(world, 0, BROADCAST, STATION(0), -1);
	assert_int_equal(reached(world), 1 << 1 | 1 << 2);
	send_frame(world, 1, STATION(0), STATION(1), -1);
	assert_int_equal(reached(world), 1 << 0 | 1 << 2);
	assert_got(world, 2, STATION(0), STATION(1), -1);
	send_frame(world, 1, STATION(9), STATION(1), -1); /* flooded, so to 0 */
	assert_int_equal(reached(world), 1 << 0 | 1 << 2);
	send_frame(world, 2, BROADCAST, STATION(2), -1);
	assert_int_equal(reached(world), 0);
	assert_int_equal(counter(world, 2, COUNTER_DROP_MIRROR), 1);
	world_free(world);
	/* All ports: each frame once. */
	world = world_new(0);
	network_add_mirror(world->networks[0], NULL, world->at[2]);
	network_add_mirror(world->networks[0], world->at[1], world->at[2]);
	send_frame(world, 0, BROADCAST, STATION(0), -1);
	assert_int_equal(reached(world), 1 << 1 | 1 << 2);
	send_frame(world, 0, UINT64_C(0x0180c2000003), STATION(0), -1); /* dropped, but seen */
	assert_int_equal(reached(world), 1 << 2);
	world_free(world);
}

static const Pass *observed;
static bool waited_for[2];

/* Where a port that cannot take a frame at once would say so. */
static void note_waiting(Port *port, const Frame *frame)
{
	fake_transmit(port, frame);
	waited_for[port->name[1] == '2'] |= !observed->spread;
}

/* Who listens reads as slowly as it likes: those who talk do not wait for it, but for each other as ever. */
static void nobody_waits_for_a_mirror(void **state)
{
	static const PortOps ops = {.kind = "fake", .transmit = note_waiting, .free = fake_free};
	World *world = world_new(0);
	observed = &world->pass;
	network_add_mirror(world->networks[0], NULL, world->at[2]);
	for (unsigned i = 0; i < 3; i++)
		world->ports[i]->port.ops = &ops;
	send_frame(world, 0, STATION(1), STATION(0), -1);
	send_frame(world, 1, STATION(0), STATION(1), -1);
	assert_int_equal(world->ports[2]->n_sent, 2);
	assert_true(waited_for[0]);
	assert_false(waited_for[1]);
	world_free(world);
}

static void mirrors_show_tags_as_on_the_port(void **state)
{
	World *world = world_new(0);
	set_access(world, 0, 10);
	set_trunk(world, 1, trunk(0, 10, 10));
	network_add_mirror(world->networks[0], world->at[1], world->at[2]);
	send_frame(world, 0, BROADCAST, STATION(0), -1);
	assert_int_equal(reached(world), 1 << 1 | 1 << 2);
	assert_got(world, 2, BROADCAST, STATION(0), 10);
	world_free(world);
}

/* Time passes: timers fire in their order, and those that they set. */
static void run_until(World *world, uint64_t when)
{
	while (timers_wait(&world->timers, when) == 0) {
		uint64_t now =
			world->pass.now.monotonic + (uint64_t)timers_wait(&world->timers, world->pass.now.monotonic);
		world->pass.now.monotonic = MIN(now, when);
		timers_fire(&world->timers, &world->pass);
		world->pass.taken = 0;
		world->pass.batch++;
	}
	world->pass.now.monotonic = when;
}

static void start_trees(World *world)
{
	for (unsigned i = 0; i < 2; i++)
		spanning_tree_start(world->networks[i], 32768, UINT64_C(0x020000000001) + i, &world->timers, 0);
}

static void a_loop_without_a_tree_ends(void **state)
{
	World *world = world_new(2);
	send_frame(world, 0, BROADCAST, STATION(0), -1);
	uint64_t lost = 0;
	for (unsigned i = 0; i < N_LINKS; i++)
		for (unsigned end = 0; end < 2; end++)
			lost += world->links[i]->ends[end].counters.values[COUNTER_DROP_LOOP];
	assert_true(lost > 0);
	assert_true(world->ports[3]->n_sent > 1);
	assert_int_equal(world->pass.depth, 0);
	world_free(world);
}

static void a_tree_breaks_the_loop(void **state)
{
	World *world = world_new(2);
	start_trees(world);
	/* Nothing passes before it is clear where the loops are. */
	send_frame(world, 0, BROADCAST, STATION(0), -1);
	assert_int_equal(reached(world), 0);
	assert_int_equal(counter(world, 0, COUNTER_DROP_BLOCKED), 1);
	run_until(world, 3 * SECOND);
	forget_sent(world); /* what the stations heard of it */
	send_frame(world, 0, BROADCAST, STATION(0), -1);
	assert_int_equal(reached(world), ALL & ~1u);
	send_frame(world, 3, STATION(0), STATION(3), -1);
	assert_int_equal(reached(world), 1 << 0);
	assert_int_equal(rstp_port_role(world->trunks[1][0]->rstp), RSTP_ROOT);
	assert_int_equal(rstp_port_role(world->trunks[1][1]->rstp), RSTP_ALTERNATE);
	/* The link is pulled out: the other takes over as soon as the bridges have spoken to each other. */
	cable_set_down(world->links[0], true, &world->pass);
	run_until(world, 3 * SECOND + 1);
	forget_sent(world);
	send_frame(world, 3, STATION(0), STATION(3), -1);
	assert_int_equal(reached(world) & 1, 1);
	send_frame(world, 0, STATION(3), STATION(0), -1);
	assert_int_equal(reached(world), 1 << 3);
	assert_int_equal(rstp_port_role(world->trunks[1][1]->rstp), RSTP_ROOT);
	/* And put in again. */
	cable_set_down(world->links[0], false, &world->pass);
	for (uint64_t at = 4 * SECOND; at < 40 * SECOND; at += SECOND / 2) {
		run_until(world, at);
		forget_sent(world);
		send_frame(world, 0, BROADCAST, STATION(0), -1);
		reached(world);
	}
	assert_int_equal(rstp_port_role(world->trunks[1][0]->rstp), RSTP_ROOT);
	world_free(world);
}

/* Every ten seconds one of the two links is pulled out, with frames under way on it, and put in again after five. What
 * the switch holds after a day is what it held after an hour. */
static void a_day_of_flaps_leaves_nothing(void **state)
{
	World *world = world_new(2);
	FramePool *pool = frame_pool_new(FRAME_POOL_BLOCKS);
	const CableSettings slow = {.from = {{.delay = SECOND / 1000}, {.delay = SECOND / 1000}}, .seeds = {1, 1}};
	const CableMeans means = {&world->timers, pool, &world->pass};
	size_t after_an_hour = 0;
	start_trees(world);
	for (unsigned i = 0; i < N_LINKS; i++)
		cable_set(world->links[i], &slow, &means);
	run_until(world, 4 * SECOND);
	for (unsigned time = 10; time < 24 * 3600; time += 10) {
		Cable *cable = world->links[time / 10 % N_LINKS];
		send_frame(world, 0, BROADCAST, STATION(0), -1);
		cable_set_down(cable, true, &world->pass);
		run_until(world, (time + 5) * SECOND);
		cable_set_down(cable, false, &world->pass);
		run_until(world, (time + 8) * SECOND + SECOND / 2);  /* between two hellos */
		send_frame(world, 0, STATION(time), STATION(0), -1); /* to nobody: to everybody */
		run_until(world, (time + 8) * SECOND + SECOND / 2 + SECOND / 500);
		for (unsigned i = 1; i < N_PORTS; i++)
			assert_got(world, i, STATION(time), STATION(0), -1);
		run_until(world, (time + 10) * SECOND);
		if (time == 3600)
			after_an_hour = __sanitizer_get_current_allocated_bytes();
	}
	assert_int_equal(__sanitizer_get_current_allocated_bytes(), after_an_hour);
	world_free(world);
	frame_pool_free(pool);
}

static void trees_and_vlans_go_together(void **state)
{
	World *world = world_new(2);
	VlanPort tagged = trunk(0, 10, 20); /* BPDUs have no tag, and pass all the same */
	for (unsigned i = 0; i < 2; i++)
		for (unsigned k = 0; k < N_LINKS; k++)
			network_set_vlan(world->trunks[i][k], &tagged);
	set_access(world, 0, 10);
	set_access(world, 3, 10);
	start_trees(world);
	run_until(world, 4 * SECOND);
	forget_sent(world);
	send_frame(world, 0, BROADCAST, STATION(0), -1);
	assert_int_equal(reached(world), 1 << 3);
	assert_int_equal(rstp_root_id(spanning_tree_rstp(world->networks[1]->tree)),
		rstp_bridge_id(spanning_tree_rstp(world->networks[0]->tree)));
	world_free(world);
}

static void frames_to_bridges_stay(void **state)
{
	World *world = world_new(0);
	start_trees(world);
	run_until(world, 4 * SECOND);
	forget_sent(world);
	send_frame(world, 0, BRIDGE_GROUP_ADDRESS, STATION(0), -1); /* no BPDU */
	assert_int_equal(reached(world), 0);
	assert_int_equal(counter(world, 0, COUNTER_DROP_RESERVED_ADDRESS), 1);
	/* What it sends itself: LLC, RST BPDU, designated, from the bridge's address. */
	run_until(world, 7 * SECOND);
	static const uint8_t start[] = {
		0x01, 0x80, 0xc2, 0, 0, 0, 0x02, 0, 0, 0, 0, 1, 0, 39, 0x42, 0x42, 3, 0, 0, 2, 2};
	assert_int_equal(world->ports[0]->last_length, 60);
	assert_memory_equal(world->ports[0]->last, start, sizeof(start));
	world_free(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_switches_pass_tags_on),
		cmocka_unit_test(vlans_are_kept_apart),
		cmocka_unit_test(an_address_may_live_in_two_vlans),
		cmocka_unit_test(what_is_not_of_the_port_is_dropped),
		cmocka_unit_test(offloads_move_with_the_tag),
		cmocka_unit_test(a_header_is_read_once),
		cmocka_unit_test(mirrors_get_copies_and_nothing_else),
		cmocka_unit_test(nobody_waits_for_a_mirror),
		cmocka_unit_test(mirrors_show_tags_as_on_the_port),
		cmocka_unit_test(a_loop_without_a_tree_ends),
		cmocka_unit_test(a_tree_breaks_the_loop),
		cmocka_unit_test(a_day_of_flaps_leaves_nothing),
		cmocka_unit_test(trees_and_vlans_go_together),
		cmocka_unit_test(frames_to_bridges_stay),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
