/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bridges joined by wires that take no time, under a clock of the test's own: BPDUs are delivered until none is sent. */
#include "switch/bridge/rstp.h"

#include "switch/bridge/rstp_bpdu.h"

#include <glib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { N_BRIDGES = 5, N_PORTS = 4, QUEUE = 4096, BYTES_MAX = 64 };

typedef struct End End;

struct End {
	RstpPort *port;
	End *peer;                           /* NULL: a station, which says nothing */
	bool up, learning, forwarding, deaf; /* deaf: what is sent here gets lost */
	unsigned flushes, sent;
	uint8_t last[BYTES_MAX];
	size_t last_length;
	struct World *world;
};

typedef struct World {
	Rstp *bridges[N_BRIDGES];
	End ends[N_BRIDGES][N_PORTS];
	struct {
		End *to;
		uint8_t bytes[BYTES_MAX];
		size_t length;
	} queue[QUEUE];
	unsigned n_queued;
	bool hostile; /* times that no bridge would choose, which are passed on, make BPDUs that are too old */
} World;

static void on_send(void *data, const uint8_t *bpdu, size_t length, void *context)
{
	End *end = data;
	World *world = end->world;
	assert_ptr_equal(context, world);
	assert_true(length <= RSTP_BPDU_MAX);
	end->sent++;
	memcpy(end->last, bpdu, length);
	end->last_length = length;
	if (!end->peer || !end->up || end->peer->deaf)
		return;
	assert_true(world->n_queued < QUEUE);
	world->queue[world->n_queued].to = end->peer;
	memcpy(world->queue[world->n_queued].bytes, bpdu, length);
	world->queue[world->n_queued++].length = length;
}

static void on_state(void *data, bool learning, bool forwarding)
{
	End *end = data;
	end->learning = learning;
	end->forwarding = forwarding;
	assert_true(learning || !forwarding);
}

static void on_flush(void *data)
{
	((End *)data)->flushes++;
}

static const RstpOps ops = {on_send, on_state, on_flush};

/* Until nobody has anything to say. */
static void settle(World *world)
{
	do {
		for (unsigned i = 0; i < world->n_queued; i++)
			if (world->queue[i].to->up)
				assert_true(rstp_receive(world->queue[i].to->port, world->queue[i].bytes,
						    world->queue[i].length) ||
					world->hostile);
		world->n_queued = 0;
		for (unsigned b = 0; b < N_BRIDGES; b++) {
			rstp_run(world->bridges[b]);
			rstp_transmit(world->bridges[b], world);
		}
	} while (world->n_queued);
}

static void pass_seconds(World *world, unsigned seconds)
{
	for (; seconds > 0; seconds--) {
		for (unsigned b = 0; b < N_BRIDGES; b++)
			rstp_tick(world->bridges[b]);
		settle(world);
	}
}

/* Bridge 0 has the best address. */
static World *world_new(void)
{
	World *world = g_new0(World, 1);
	for (unsigned b = 0; b < N_BRIDGES; b++) {
		world->bridges[b] = rstp_new(RSTP_PRIORITY_DEFAULT, 0x020000000001u + b, &ops);
		for (unsigned p = 0; p < N_PORTS; p++) {
			End *end = &world->ends[b][p];
			end->world = world;
			end->port = rstp_add(world->bridges[b], end);
		}
	}
	return world;
}

static void world_free(World *world)
{
	for (unsigned b = 0; b < N_BRIDGES; b++)
		rstp_free(world->bridges[b]);
	g_free(world);
}

static void set_up(End *end, bool up)
{
	end->up = up;
	rstp_set_enabled(end->port, up);
}

static void join(World *world, unsigned a, unsigned a_port, unsigned b, unsigned b_port)
{
	End *one = &world->ends[a][a_port], *other = &world->ends[b][b_port];
	one->peer = other;
	other->peer = one;
	set_up(one, true);
	set_up(other, true);
}

static void cut(World *world, unsigned a, unsigned port)
{
	set_up(world->ends[a][port].peer, false);
	set_up(&world->ends[a][port], false);
	settle(world);
}

static RstpRole role(World *world, unsigned bridge, unsigned port)
{
	return rstp_port_role(world->ends[bridge][port].port);
}

/* How many wires pass frames both ways. Among bridges that they join, one less than those is a tree. */
static unsigned open_wires(World *world)
{
	unsigned n = 0;
	for (unsigned b = 0; b < N_BRIDGES; b++)
		for (unsigned p = 0; p < N_PORTS; p++) {
			End *end = &world->ends[b][p];
			n += end->peer && end->forwarding && end->peer->forwarding;
		}
	return n / 2;
}

static void lonely_edge_ports_forward_soon(void **state)
{
	World *world = world_new();
	set_up(&world->ends[0][0], true);
	settle(world);
	assert_false(world->ends[0][0].forwarding);
	assert_int_equal(role(world, 0, 0), RSTP_DESIGNATED);
	pass_seconds(world, 2);
	assert_false(world->ends[0][0].forwarding);
	pass_seconds(world, 1);
	assert_true(world->ends[0][0].forwarding);
	assert_true(rstp_port_is_edge(world->ends[0][0].port));
	assert_int_equal(role(world, 0, 1), RSTP_DISABLED);
	/* A station that comes and goes is no change of topology. */
	unsigned flushes = world->ends[0][1].flushes;
	set_up(&world->ends[0][0], false);
	settle(world);
	assert_false(world->ends[0][0].forwarding);
	assert_int_equal(world->ends[0][1].flushes, flushes);
	world_free(world);
}

static void two_bridges_joined_twice(void **state)
{
	World *world = world_new();
	join(world, 0, 0, 1, 0);
	join(world, 0, 1, 1, 1);
	settle(world);
	/* At once: proposal and agreement, no waiting. */
	assert_int_equal(open_wires(world), 1);
	assert_int_equal(role(world, 1, 0), RSTP_ROOT);
	assert_int_equal(role(world, 1, 1), RSTP_ALTERNATE);
	assert_int_equal(role(world, 0, 0), RSTP_DESIGNATED);
	assert_int_equal(role(world, 0, 1), RSTP_DESIGNATED);
	assert_int_equal(rstp_root_id(world->bridges[1]), rstp_bridge_id(world->bridges[0]));
	assert_int_equal(rstp_root_cost(world->bridges[1]), RSTP_PATH_COST);
	assert_ptr_equal(rstp_root_port(world->bridges[1]), &world->ends[1][0]);
	assert_null(rstp_root_port(world->bridges[0]));
	for (unsigned i = 0; i < 120; i++) {
		pass_seconds(world, 1);
		assert_int_equal(open_wires(world), 1);
	}
	/* The other wire takes over without a second passing, and stations are looked for anew. */
	unsigned flushes = world->ends[0][1].flushes + world->ends[1][0].flushes;
	cut(world, 0, 0);
	assert_int_equal(open_wires(world), 1);
	assert_int_equal(role(world, 1, 1), RSTP_ROOT);
	assert_true(world->ends[0][1].flushes + world->ends[1][0].flushes > flushes);
	/* And back. */
	set_up(&world->ends[0][0], true);
	set_up(&world->ends[1][0], true);
	settle(world);
	assert_int_equal(open_wires(world), 1);
	assert_int_equal(role(world, 1, 0), RSTP_ROOT);
	world_free(world);
}

static void ring(World *world, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		join(world, i, 0, (i + 1) % n, 1);
}

static void rings_become_trees_at_once(void **state)
{
	for (unsigned n = 3; n <= N_BRIDGES; n++) {
		World *world = world_new();
		ring(world, n);
		settle(world);
		assert_true(open_wires(world) <= n - 1);
		pass_seconds(world, 1);
		assert_int_equal(open_wires(world), n - 1);
		for (unsigned i = 0; i < n; i++)
			assert_int_equal(rstp_root_id(world->bridges[i]), rstp_bridge_id(world->bridges[0]));
		/* Every wire in turn is cut and mended; never a loop, soon a tree again. */
		for (unsigned i = 0; i < n; i++) {
			cut(world, i, 0);
			pass_seconds(world, 1);
			assert_int_equal(open_wires(world), n - 1);
			join(world, i, 0, (i + 1) % n, 1);
			settle(world);
			assert_true(open_wires(world) <= n - 1);
			pass_seconds(world, 6);
			assert_int_equal(open_wires(world), n - 1);
		}
		world_free(world);
	}
}

static void the_shorter_way_wins(void **state)
{
	World *world = world_new();
	/* 3 hears the root over 1 and over 2-4. */
	join(world, 0, 0, 1, 0);
	join(world, 1, 1, 3, 0);
	join(world, 0, 1, 2, 0);
	join(world, 2, 1, 4, 0);
	join(world, 4, 1, 3, 1);
	settle(world);
	pass_seconds(world, 1);
	assert_int_equal(rstp_root_cost(world->bridges[3]), 2 * RSTP_PATH_COST);
	assert_ptr_equal(rstp_root_port(world->bridges[3]), &world->ends[3][0]);
	assert_int_equal(open_wires(world), 4);
	world_free(world);
}

static void costs_are_as_the_standard_recommends(void **state)
{
	static const struct {
		uint64_t rate;
		uint32_t cost;
	} table_17_3[] = {{100000, 200000000}, {1000000, 20000000}, {10000000, 2000000}, {100000000, 200000},
		{1000000000, 20000}, {10000000000, 2000}, {100000000000, 200}, {1000000000000, 20},
		{10000000000000, 2}};
	for (size_t i = 0; i < G_N_ELEMENTS(table_17_3); i++)
		assert_int_equal(rstp_path_cost(table_17_3[i].rate), table_17_3[i].cost);
	assert_int_equal(rstp_path_cost(0), RSTP_PATH_COST);
	assert_int_equal(rstp_path_cost(1), RSTP_PATH_COST_MAX);
	assert_int_equal(rstp_path_cost(UINT64_MAX), 1);
}

/* The way changes with the costs at once, and never into a loop. */
static void the_cheaper_way_wins(void **state)
{
	World *world = world_new();
	join(world, 0, 0, 1, 0);
	join(world, 0, 1, 1, 1);
	settle(world);
	pass_seconds(world, 5);
	rstp_set_path_cost(world->ends[1][0].port, 200000);
	settle(world);
	assert_int_equal(open_wires(world), 1);
	assert_ptr_equal(rstp_root_port(world->bridges[1]), &world->ends[1][1]);
	assert_int_equal(rstp_root_cost(world->bridges[1]), RSTP_PATH_COST);
	rstp_set_path_cost(world->ends[1][1].port, 2000000);
	settle(world);
	assert_ptr_equal(rstp_root_port(world->bridges[1]), &world->ends[1][0]);
	assert_int_equal(rstp_root_cost(world->bridges[1]), 200000);
	assert_int_equal(rstp_port_path_cost(world->ends[1][1].port), 2000000);
	pass_seconds(world, 60);
	assert_int_equal(open_wires(world), 1);
	world_free(world);
}

/* Up to root and back down, in the middle of a ring: all agree soon, and there is a tree. */
static void another_priority_makes_another_root(void **state)
{
	World *world = world_new();
	ring(world, 4);
	settle(world);
	pass_seconds(world, 5);
	static const uint16_t priorities[] = {4096, 61440, 0, RSTP_PRIORITY_DEFAULT};
	for (size_t i = 0; i < G_N_ELEMENTS(priorities); i++) {
		rstp_set_priority(world->bridges[2], priorities[i]);
		settle(world);
		assert_true(open_wires(world) <= 3);
		pass_seconds(world, 8);
		assert_int_equal(rstp_bridge_id(world->bridges[2]) >> 48, priorities[i]);
		unsigned root = priorities[i] < RSTP_PRIORITY_DEFAULT ? 2 : 0;
		for (unsigned b = 0; b < 4; b++)
			assert_int_equal(rstp_root_id(world->bridges[b]), rstp_bridge_id(world->bridges[root]));
		assert_int_equal(open_wires(world), 3);
	}
	world_free(world);
}

static void the_root_dies_unseen(void **state)
{
	World *world = world_new();
	ring(world, 3);
	settle(world);
	pass_seconds(world, 5);
	/* Its carrier stays, as that of a hub between: only its silence tells. */
	for (unsigned p = 0; p < N_PORTS; p++) {
		world->ends[1][p].deaf = world->ends[1][p].peer == &world->ends[0][0];
		world->ends[2][p].deaf = world->ends[2][p].peer == &world->ends[0][1];
		world->ends[0][p].deaf = true;
	}
	pass_seconds(world, 7); /* three hellos */
	assert_int_equal(rstp_root_id(world->bridges[2]), rstp_bridge_id(world->bridges[1]));
	pass_seconds(world, 3);
	assert_true(world->ends[1][0].forwarding && world->ends[2][1].forwarding);
	world_free(world);
}

static void a_better_bridge_takes_over(void **state)
{
	World *world = world_new();
	rstp_free(world->bridges[4]);
	world->bridges[4] = rstp_new(4096, 0x02ffffffffffu, &ops);
	for (unsigned p = 0; p < N_PORTS; p++)
		world->ends[4][p].port = rstp_add(world->bridges[4], &world->ends[4][p]);
	ring(world, 3);
	settle(world);
	pass_seconds(world, 10);
	join(world, 4, 0, 2, 2);
	settle(world);
	pass_seconds(world, 1);
	for (unsigned b = 0; b < 3; b++)
		assert_int_equal(rstp_root_id(world->bridges[b]), rstp_bridge_id(world->bridges[4]));
	assert_int_equal(open_wires(world), 3);
	world_free(world);
}

/* Writes a BPDU as a neighbour would send it, to end. */
static void tell(End *to, const Bpdu *bpdu)
{
	uint8_t bytes[RSTP_BPDU_MAX];
	assert_true(rstp_receive(to->port, bytes, bpdu_write(bpdu, bytes)));
	settle(to->world);
}

static Bpdu neighbour(BpduType type, uint64_t address, uint8_t flags)
{
	uint64_t id = (uint64_t)RSTP_PRIORITY_DEFAULT << 48 | address;
	return (Bpdu){.type = type,
		.flags = flags,
		.priority = {.root = id, .bridge = id, .port = 0x8001},
		.times = {.max_age = 20, .hello = 2, .forward_delay = 15}};
}

static void an_old_neighbour_is_spoken_to_in_stp(void **state)
{
	World *world = world_new();
	End *end = &world->ends[0][0], *other = &world->ends[0][1];
	set_up(end, true);
	set_up(other, true);
	settle(world);
	Bpdu config = neighbour(BPDU_CONFIG, 1, 0); /* better than we: the root */
	for (unsigned i = 0; i < 4; i++) {
		tell(end, &config);
		pass_seconds(world, 1);
	}
	assert_true(rstp_port_is_stp(end->port));
	assert_int_equal(role(world, 0, 0), RSTP_ROOT);
	/* A root port goes on at once, but a later change of topology is told upwards by a TCN until it is acknowledged. */
	Bpdu worse = neighbour(BPDU_CONFIG, 0x0300ffffffff, 0);
	for (unsigned i = 0; i < 40; i++) {
		tell(end, &config);
		tell(other, &worse);
		pass_seconds(world, 1);
	}
	assert_true(end->forwarding && other->forwarding);
	assert_int_equal(end->last_length, 4);
	assert_int_equal(end->last[3], BPDU_TCN);
	Bpdu ack = neighbour(BPDU_CONFIG, 1, BPDU_TOPOLOGY_CHANGE_ACK);
	tell(end, &ack);
	unsigned sent = end->sent;
	for (unsigned i = 0; i < 10; i++) {
		tell(end, &config);
		tell(other, &worse);
		pass_seconds(world, 1);
	}
	assert_int_equal(end->sent, sent);
	/* Gone: ages out, and we are the root and talk STP to whoever is there. */
	pass_seconds(world, 7);
	assert_int_equal(role(world, 0, 0), RSTP_DESIGNATED);
	assert_int_equal(end->last[3], BPDU_CONFIG);
	/* A rapid neighbour: spoken to in its own tongue again. */
	Bpdu rapid = neighbour(BPDU_RST, 1, 3 << BPDU_ROLE_SHIFT);
	for (unsigned i = 0; i < 8; i++) {
		tell(end, &rapid);
		pass_seconds(world, 1);
	}
	assert_false(rstp_port_is_stp(end->port));
	world_free(world);
}

static void towards_an_old_neighbour_a_port_waits(void **state)
{
	World *world = world_new();
	End *end = &world->ends[0][0];
	set_up(end, true);
	settle(world);
	Bpdu config = neighbour(BPDU_CONFIG, 0x0300ffffffff, 0); /* worse: we stay designated */
	unsigned seconds = 0;
	for (; !end->forwarding && seconds < 60; seconds++) {
		tell(end, &config);
		pass_seconds(world, 1);
	}
	assert_true(seconds >= 30 && seconds <= 36);
	assert_int_equal(role(world, 0, 0), RSTP_DESIGNATED);
	/* It says that something changed: acknowledged. */
	Bpdu tcn = {.type = BPDU_TCN};
	tell(end, &tcn);
	pass_seconds(world, 2);
	assert_int_equal(end->last[3], BPDU_CONFIG);
	assert_true(end->last[4] & BPDU_TOPOLOGY_CHANGE);
	world_free(world);
}

static void a_wire_that_passes_one_way_is_blocked(void **state)
{
	World *world = world_new();
	join(world, 0, 0, 1, 0);
	settle(world);
	pass_seconds(world, 3);
	assert_int_equal(open_wires(world), 1);
	/* 1 hears nothing any more, takes itself for the root and says so, forwarding. */
	world->ends[1][0].deaf = true;
	for (unsigned i = 0; i < 20; i++) {
		pass_seconds(world, 1);
		if (i > 12)
			assert_false(world->ends[0][0].forwarding);
	}
	world->ends[1][0].deaf = false;
	pass_seconds(world, 8);
	assert_int_equal(open_wires(world), 1);
	world_free(world);
}

static void a_wire_that_leads_back_is_blocked(void **state)
{
	World *world = world_new();
	join(world, 0, 0, 0, 1); /* two ports of one bridge */
	join(world, 0, 2, 0, 2); /* one port, looped */
	settle(world);
	for (unsigned i = 0; i < 40; i++) {
		pass_seconds(world, 1);
		assert_false(world->ends[0][0].forwarding && world->ends[0][1].forwarding);
		assert_false(world->ends[0][2].forwarding);
	}
	assert_int_equal(role(world, 0, 0), RSTP_DESIGNATED);
	assert_int_equal(role(world, 0, 1), RSTP_BACKUP);
	world_free(world);
}

static void changes_are_told_to_all(void **state)
{
	World *world = world_new();
	for (unsigned b = 0; b + 1 < N_BRIDGES; b++)
		join(world, b, 0, b + 1, 1); /* a line */
	settle(world);
	pass_seconds(world, 10);
	unsigned before = world->ends[0][0].flushes;
	join(world, 3, 2, 4, 2); /* a second wire at the far end: no change, for it is not used */
	settle(world);
	pass_seconds(world, 5);
	assert_int_equal(world->ends[0][0].flushes, before);
	cut(world, 3, 0);
	pass_seconds(world, 1);
	/* 0 need not forget what it heard from there, but 4 and 3 what they heard elsewhere. */
	assert_int_equal(open_wires(world), N_BRIDGES - 1);
	assert_true(world->ends[2][1].flushes + world->ends[1][1].flushes > 0);
	world_free(world);
}

static void no_more_bpdus_than_allowed(void **state)
{
	World *world = world_new();
	End *end = &world->ends[0][0];
	set_up(end, true);
	settle(world);
	pass_seconds(world, 10);
	unsigned before = end->sent;
	for (unsigned i = 0; i < 1000; i++) {
		Bpdu bpdu = neighbour(BPDU_RST, 0x020000000001u + 1000 - i, 3 << BPDU_ROLE_SHIFT | BPDU_PROPOSAL);
		tell(end, &bpdu);
	}
	assert_true(end->sent - before <= 6);
	world_free(world);
}

static void nonsense_does_no_harm(void **state)
{
	World *world = world_new();
	g_autoptr(GRand) random = g_rand_new_with_seed(1);
	ring(world, 3);
	settle(world);
	world->hostile = true;
	uint8_t bytes[64];
	for (size_t length = 0; length < 36; length++) {
		memset(bytes, 0, sizeof(bytes));
		bytes[2] = bytes[3] = 2;
		assert_false(rstp_receive(world->ends[0][0].port, bytes, length));
	}
	for (unsigned i = 0; i < 20000; i++) {
		for (gsize k = 0; k < sizeof(bytes); k++)
			bytes[k] = (uint8_t)g_rand_int(random);
		bytes[0] = bytes[1] = 0;
		bytes[2] = i % 3;
		bytes[3] = (const uint8_t[]){BPDU_CONFIG, BPDU_RST, BPDU_TCN}[i % 3];
		if (i % 2)
			memset(bytes + 5, i % 4 == 1 ? 0 : 0xff, 22);
		rstp_receive(world->ends[i % 3][i % 2].port, bytes, i % 65);
		settle(world);
		if (i % 16 == 0)
			pass_seconds(world, 1);
	}
	/* It recovers when that stops. */
	pass_seconds(world, 3 * 255 + 300);
	assert_int_equal(open_wires(world), 2);
	assert_int_equal(rstp_root_id(world->bridges[2]), rstp_bridge_id(world->bridges[0]));
	world_free(world);
}

static void bpdus_keep_their_content(void **state)
{
	uint8_t bytes[RSTP_BPDU_MAX];
	Bpdu in = neighbour(BPDU_RST, 0x0a0b0c0d0e0f, 0x5a), out;
	in.priority.cost = 0x12345678;
	in.times.message_age = 3;
	assert_int_equal(bpdu_write(&in, bytes), 36);
	assert_true(bpdu_read(&out, bytes, 36));
	assert_memory_equal(&in.times, &out.times, sizeof(in.times));
	assert_int_equal(out.priority.root, in.priority.root);
	assert_int_equal(out.priority.cost, in.priority.cost);
	assert_int_equal(out.flags, 0x5a);
	/* 9.3.4: as old as it may get, or older. */
	in.type = BPDU_CONFIG;
	in.times.message_age = 20;
	assert_int_equal(bpdu_write(&in, bytes), 35);
	assert_false(bpdu_read(&out, bytes, 35));
	/* A later version is read as this one. */
	in.type = BPDU_RST;
	bpdu_write(&in, bytes);
	bytes[2] = 3;
	assert_true(bpdu_read(&out, bytes, 36));
	bytes[1] = 1;
	assert_false(bpdu_read(&out, bytes, 36));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bpdus_keep_their_content),
		cmocka_unit_test(lonely_edge_ports_forward_soon),
		cmocka_unit_test(two_bridges_joined_twice),
		cmocka_unit_test(rings_become_trees_at_once),
		cmocka_unit_test(the_shorter_way_wins),
		cmocka_unit_test(costs_are_as_the_standard_recommends),
		cmocka_unit_test(the_cheaper_way_wins),
		cmocka_unit_test(another_priority_makes_another_root),
		cmocka_unit_test(the_root_dies_unseen),
		cmocka_unit_test(a_better_bridge_takes_over),
		cmocka_unit_test(an_old_neighbour_is_spoken_to_in_stp),
		cmocka_unit_test(towards_an_old_neighbour_a_port_waits),
		cmocka_unit_test(a_wire_that_passes_one_way_is_blocked),
		cmocka_unit_test(a_wire_that_leads_back_is_blocked),
		cmocka_unit_test(changes_are_told_to_all),
		cmocka_unit_test(no_more_bpdus_than_allowed),
		cmocka_unit_test(nonsense_does_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
