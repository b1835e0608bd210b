/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guests that keep the rules. Those that break them: test_vhost_hostile.c. */
#include "tests/unit/switch/port_world.h"

#include "switch/port/vhost/vhost_message.h"

#define ALL_OFFLOADS (PORT_CHECKSUM | PORT_TCP4 | PORT_TCP6)

static void start(World *world, unsigned i, VhostClient *client, uint64_t features)
{
	if (!world->ports[i])
		world_add_vhost(world, i, ALL_OFFLOADS);
	vc_connect(client, world->fds[i]);
	vc_start(client, features, 64);
	world_await_up(world, i, true);
}

/* A frame of the given size goes from one to the other and arrives as it was, in pieces of the given size. */
static void pass_frame(VhostClient *from, VhostClient *to, unsigned i, unsigned k, size_t size, size_t piece)
{
	uint8_t sent[2048], got[2048];
	struct virtio_net_hdr_v1 header;
	world_frame(sent, size, i, k, (uint8_t)(size + piece));
	vc_send_frame(from, NULL, sent, size, piece, true);
	assert_int_equal(vc_receive_frame(to, &header, got, sizeof(got), true), size);
	assert_memory_equal(sent, got, size);
	assert_int_equal(header.flags, 0);
	assert_int_equal(header.gso_type, VIRTIO_NET_HDR_GSO_NONE);
}

static void frames_go_both_ways(void **state)
{
	VhostClient a, b;
	start(*state, 0, &a, VC_FEATURES);
	start(*state, 1, &b, VC_FEATURES);
	for (size_t size = 15; size <= 1522; size += 137) {
		pass_frame(&a, &b, 0, 1, size, 4096);
		pass_frame(&b, &a, 1, 0, size, 4096);
	}
	/* The header apart, and all in pieces that have nothing to do with it. */
	pass_frame(&a, &b, 0, 1, 180, 12);
	pass_frame(&a, &b, 0, 1, 1514, 100);
	pass_frame(&a, &b, 0, 1, 60, 5);
	/* Rings turn round, and indices beyond their size. */
	for (unsigned i = 0; i < 1000; i++)
		pass_frame(&a, &b, 0, 1, 64, 4096);
	assert_int_equal(world_counter(*state, 0, COUNTER_DROP_QUEUE_FULL), 0);
	vc_close(&a);
	vc_close(&b);
}

static void frames_go_to_and_from_datagram_ports(void **state)
{
	World *world = *state;
	VhostClient a;
	uint8_t sent[1514], got[2048];
	start(world, 0, &a, VC_FEATURES | VC_OFFLOADS);
	world_add_datagram(world, 1);
	world_frame(sent, sizeof(sent), 0, 1, 7);
	vc_send_frame(&a, NULL, sent, sizeof(sent), 101, true);
	assert_int_equal(recv(world->fds[1], got, sizeof(got), 0), sizeof(sent));
	assert_memory_equal(sent, got, sizeof(sent));
	world_frame(sent, sizeof(sent), 1, 0, 9);
	assert_int_equal(send(world->fds[1], sent, sizeof(sent), 0), sizeof(sent));
	assert_int_equal(vc_receive_frame(&a, NULL, got, sizeof(got), true), sizeof(sent));
	assert_memory_equal(sent, got, sizeof(sent));
	vc_close(&a);
}

static void a_frame_spans_small_buffers(void **state)
{
	VhostClient a, b;
	uint8_t sent[1514], got[2048];
	struct virtio_net_hdr_v1 header;
	start(*state, 0, &a, VC_FEATURES);
	world_add_vhost(*state, 1, ALL_OFFLOADS);
	vc_connect(&b, ((World *)*state)->fds[1]);
	b.buffer_size = 512;
	vc_start(&b, VC_FEATURES, 64);
	world_frame(sent, sizeof(sent), 0, 1, 3);
	vc_send_frame(&a, NULL, sent, sizeof(sent), 700, true);
	assert_int_equal(vc_receive_frame(&b, &header, got, sizeof(got), true), sizeof(sent));
	assert_int_equal(header.num_buffers, 3); /* 12 + 1514 bytes */
	assert_memory_equal(sent, got, sizeof(sent));
	vc_close(&b);

	/* A driver that knows no mergeable buffers gets what fits into one, and loses the rest. */
	world_await_up(*state, 1, false);
	vc_connect(&b, ((World *)*state)->fds[1]);
	b.buffer_size = 512;
	vc_start(&b, VC_FEATURES & ~(1ull << VIRTIO_NET_F_MRG_RXBUF), 64);
	vc_send_frame(&a, NULL, sent, sizeof(sent), 700, true);
	pass_frame(&a, &b, 0, 1, 500, 4096);
	assert_int_equal(world_counter(*state, 1, COUNTER_DROP_PORT_ERROR), 1);
	vc_close(&a);
	vc_close(&b);
}

static void nobody_is_told_without_need(void **state)
{
	VhostClient a, b;
	uint8_t frame[64];
	uint64_t ignored;
	start(*state, 0, &a, VC_FEATURES);
	start(*state, 1, &b, VC_FEATURES);
	world_frame(frame, sizeof(frame), 0, 1, 1);
	/* b wants to hear of its eleventh frame, a of its eleventh chain. */
	b.rings[VC_RX].avail->ring[64] = 10;
	a.rings[VC_TX].avail->ring[64] = 10;
	for (unsigned i = 0; i < 10; i++)
		vc_send_frame(&a, NULL, frame, sizeof(frame), 4096, false);
	while (!vc_poll(&a, VC_TX, false) || a.rings[VC_TX].used->idx != 10)
		poll(NULL, 0, 1);
	assert_int_equal(read(b.rings[VC_RX].call, &ignored, 8), -1);
	assert_int_equal(read(a.rings[VC_TX].call, &ignored, 8), -1);
	vc_send_frame(&a, NULL, frame, sizeof(frame), 4096, false);
	struct pollfd told[] = {
		{.fd = b.rings[VC_RX].call, .events = POLLIN}, {.fd = a.rings[VC_TX].call, .events = POLLIN}};
	assert_true(poll(&told[0], 1, VC_PATIENCE) == 1 && poll(&told[1], 1, VC_PATIENCE) == 1);

	/* The port wants to hear of the next chain, and not of more buffers to receive. */
	poll(NULL, 0, 10);
	assert_int_equal(*(uint16_t *)&a.rings[VC_TX].used->ring[64], 11);
	assert_int_not_equal(*(uint16_t *)&b.rings[VC_RX].used->ring[64], 64);
	vc_close(&a);
	vc_close(&b);
}

static void works_without_event_indices(void **state)
{
	VhostClient a, b;
	start(*state, 0, &a, VC_FEATURES & ~(1ull << VIRTIO_RING_F_EVENT_IDX));
	start(*state, 1, &b, VC_FEATURES & ~(1ull << VIRTIO_RING_F_EVENT_IDX));
	for (unsigned i = 0; i < 200; i++)
		pass_frame(&a, &b, 0, 1, 100, 4096);
	vc_close(&a);
	vc_close(&b);
}

static void set_down(Cable *cable, bool down)
{
	cable_set_down(cable, down, worker_pass(cable->worker));
}

static void unplug(void *data)
{
	set_down(data, true);
}

static void plug(void *data)
{
	set_down(data, false);
}

static void the_guest_learns_mac_mtu_and_carrier(void **state)
{
	World *world = *state;
	VhostClient a;
	struct virtio_net_config config;
	start(world, 0, &a, VC_FEATURES);
	assert_true(vc_config(&a, &config));
	assert_memory_equal(config.mac, ((uint8_t[]){0x52, 0x54, 0, 0, 0, 1}), 6);
	assert_int_equal(config.mtu, 1500);
	assert_int_equal(config.status, VIRTIO_NET_S_LINK_UP);
	for (int i = 0; i < 3; i++) {
		worker_call(world->worker, unplug, world->cables[0]);
		vc_await_config_change(&a);
		assert_true(vc_config(&a, &config));
		assert_int_equal(config.status, 0);
		worker_call(world->worker, plug, world->cables[0]);
		vc_await_config_change(&a);
		assert_true(vc_config(&a, &config));
		assert_int_equal(config.status, VIRTIO_NET_S_LINK_UP);
	}
	vc_close(&a);
}

static void a_guest_boots_again(void **state)
{
	World *world = *state;
	VhostClient a, b;
	start(world, 0, &a, VC_FEATURES);
	for (int i = 0; i < 3; i++) {
		start(world, 1, &b, VC_FEATURES);
		pass_frame(&a, &b, 0, 1, 100, 4096);
		pass_frame(&b, &a, 1, 0, 100, 4096);
		vc_close(&b);
		world_await_up(world, 1, false);
	}
	/* Its driver may also stop and go on. */
	start(world, 1, &b, VC_FEATURES);
	assert_true(vc_enable(&b, VC_RX, false));
	world_await_up(world, 1, false);
	assert_true(vc_enable(&b, VC_RX, true));
	world_await_up(world, 1, true);
	pass_frame(&a, &b, 0, 1, 100, 4096);
	vc_close(&a);
	vc_close(&b);
}

/* A ring whose base was asked for has stopped, and what it was is the guest's: it runs no more until there is a kick for
 * it again (QEMU's docs/interop/vhost-user.rst, "Ring states"). */
static void a_ring_that_was_stopped_stays_so(void **state)
{
	World *world = *state;
	VhostClient a, b;
	uint32_t base[] = {VC_RX, 0};
	start(world, 0, &a, VC_FEATURES);
	start(world, 1, &b, VC_FEATURES);
	pass_frame(&a, &b, 0, 1, 100, 4096);
	vc_send(&b, VHOST_GET_VRING_BASE, VHOST_VERSION, base, sizeof(base), NULL, 0);
	assert_true(vc_answer(&b, base, sizeof(base)));
	assert_int_equal(base[0], VC_RX);
	assert_int_equal(base[1], 1);
	assert_false(world_is_up(world, 1));
	assert_true(vc_ring_request(&b, VHOST_SET_VRING_BASE, VC_RX, base[1]));
	assert_false(world_is_up(world, 1));
	assert_true(vc_request(&b, VHOST_SET_VRING_KICK, &(uint64_t){VC_RX}, sizeof(uint64_t), b.rings[VC_RX].kick));
	assert_true(world_is_up(world, 1));
	pass_frame(&a, &b, 0, 1, 100, 4096);
	vc_close(&a);
	vc_close(&b);
}

static void move(void *data)
{
	WorldTask *task = data;
	world_unplug(task);
	world_plug(task);
}

static void a_port_moves_with_its_guest(void **state)
{
	World *world = *state;
	VhostClient a, b;
	start(world, 0, &a, VC_FEATURES);
	start(world, 1, &b, VC_FEATURES);
	pass_frame(&a, &b, 0, 1, 100, 4096);
	worker_call(world->worker, move, &(WorldTask){world, 0});
	worker_call(world->worker, move, &(WorldTask){world, 1});
	pass_frame(&a, &b, 0, 1, 100, 4096);
	pass_frame(&b, &a, 1, 0, 100, 4096);
	vc_close(&a);
	vc_close(&b);
}

/* Offloads. The frame: Ethernet, IPv4 and TCP without options, 1.2.3.4 to 1.2.3.5. */

enum { HEADERS = 14 + 20 + 20 };

static uint16_t sum16(const uint8_t *data, size_t size, uint32_t sum)
{
	for (size_t i = 0; i < size; i++)
		sum += i % 2 ? data[i] : (uint32_t)data[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static uint16_t pseudo_header(const uint8_t *frame, size_t tcp_size)
{
	return sum16(frame + 26, 8, (uint32_t)(6 + tcp_size));
}

static void make_tcp(uint8_t *frame, size_t payload)
{
	static const uint8_t ip[] = {0x45, 0, 0, 0, 0, 1, 0x40, 0, 64, 6, 0, 0, 1, 2, 3, 4, 1, 2, 3, 5};
	world_frame(frame, HEADERS + payload, 0, 1, 0);
	frame[12] = 8;
	frame[13] = 0;
	memcpy(frame + 14, ip, sizeof(ip));
	frame[16] = (uint8_t)((40 + payload) >> 8);
	frame[17] = (uint8_t)(40 + payload);
	memset(frame + 34, 0, 20);
	frame[46] = 0x50;
	uint16_t sum = pseudo_header(frame, 20 + payload);
	frame[50] = (uint8_t)(sum >> 8);
	frame[51] = (uint8_t)sum;
}

static const struct virtio_net_hdr_v1 tso = {
	.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
	.gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
	.hdr_len = HEADERS,
	.gso_size = 1460,
	.csum_start = 34,
	.csum_offset = 16,
};

static void offloads_pass_between_those_who_know_them(void **state)
{
	VhostClient a, b;
	uint8_t sent[HEADERS + 4000], got[8192];
	struct virtio_net_hdr_v1 header;
	start(*state, 0, &a, VC_FEATURES | VC_OFFLOADS);
	start(*state, 1, &b, VC_FEATURES | VC_OFFLOADS);
	make_tcp(sent, 4000);
	vc_send_frame(&a, &tso, sent, sizeof(sent), 1000, true);
	assert_int_equal(vc_receive_frame(&b, &header, got, sizeof(got), true), sizeof(sent));
	assert_memory_equal(sent, got, sizeof(sent));
	assert_int_equal(header.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
	assert_int_equal(header.gso_type, VIRTIO_NET_HDR_GSO_TCPV4);
	assert_int_equal(header.gso_size, 1460);
	assert_int_equal(header.csum_start, 34);
	assert_int_equal(header.csum_offset, 16);
	assert_int_equal(header.num_buffers, 2);
	vc_close(&a);
	vc_close(&b);
}

static void others_get_frames_as_on_a_wire(void **state)
{
	VhostClient a, b;
	uint8_t sent[HEADERS + 4000], got[8192];
	struct virtio_net_hdr_v1 header,
		checksum = {.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .csum_start = 34, .csum_offset = 16};
	size_t offset = 0;
	start(*state, 0, &a, VC_FEATURES | VC_OFFLOADS);
	start(*state, 1, &b, VC_FEATURES);
	make_tcp(sent, 4000);
	vc_send_frame(&a, &tso, sent, sizeof(sent), 1000, true);
	for (size_t expected[] = {1460, 1460, 1080}, i = 0; i < 3; offset += expected[i++]) {
		assert_int_equal(vc_receive_frame(&b, &header, got, sizeof(got), true), HEADERS + expected[i]);
		assert_int_equal(header.flags, 0);
		assert_int_equal(header.gso_type, VIRTIO_NET_HDR_GSO_NONE);
		assert_memory_equal(got + HEADERS, sent + HEADERS + offset, expected[i]);
		assert_int_equal(sum16(got + 14, 20, 0), 0xffff);
		assert_int_equal(sum16(got + 34, 20 + expected[i], pseudo_header(got, 20 + expected[i])), 0xffff);
	}
	make_tcp(sent, 101);
	vc_send_frame(&a, &checksum, sent, HEADERS + 101, 33, true);
	assert_int_equal(vc_receive_frame(&b, &header, got, sizeof(got), true), HEADERS + 101);
	assert_int_equal(header.flags, 0);
	assert_int_equal(sum16(got + 34, 20 + 101, pseudo_header(got, 20 + 101)), 0xffff);
	vc_close(&a);
	vc_close(&b);
}

static void offloads_that_cannot_be_are_dropped(void **state)
{
	VhostClient a, b;
	uint8_t sent[HEADERS + 4000];
	struct virtio_net_hdr_v1 bad[] = {tso, tso, tso, tso, {.gso_type = VIRTIO_NET_HDR_GSO_TCPV4, .gso_size = 100}};
	bad[0].gso_type = VIRTIO_NET_HDR_GSO_UDP;
	bad[1].csum_start = 0xffff;
	bad[2].csum_offset = 0xffff;
	bad[3].gso_size = 0;
	start(*state, 0, &a, VC_FEATURES | VC_OFFLOADS);
	start(*state, 1, &b, VC_FEATURES);
	make_tcp(sent, 4000);
	for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
		vc_send_frame(&a, &bad[i], sent, sizeof(sent), 4096, true);
		assert_int_equal(world_counter(*state, 0, COUNTER_DROP_BAD_OFFLOAD), i + 1);
	}
	/* No header, and no frame after it. */
	vc_send_frame(&a, NULL, sent, 0, 4096, true);
	assert_int_equal(world_counter(*state, 0, COUNTER_DROP_RUNT), 1);
	pass_frame(&a, &b, 0, 1, 100, 4096);
	vc_close(&a);
	vc_close(&b);
}

/* A receiver that is slow, and one that does not read at all. */

static void a_sender_waits_for_a_slow_receiver(void **state)
{
	VhostClient a, b;
	uint8_t frame[200], got[2048];
	start(*state, 0, &a, VC_FEATURES);
	start(*state, 1, &b, VC_FEATURES);
	g_atomic_int_set(&world_stopped, 1);
	/* b has 64 buffers, and the port keeps the frame that finds none; all others stay in a's ring. */
	for (unsigned i = 0; i < 64 + 1 + 50; i++) {
		world_frame(frame, sizeof(frame), 0, 1, (uint8_t)i);
		vc_send_frame(&a, NULL, frame, sizeof(frame), 4096, i < 64 + 1);
	}
	poll(NULL, 0, 20);
	assert_false(vc_poll(&a, VC_TX, false));
	for (unsigned i = 0; i < 64 + 1 + 50; i++) {
		assert_int_equal(vc_receive_frame(&b, NULL, got, sizeof(got), true), sizeof(frame));
		assert_int_equal(got[14], i);
	}
	for (unsigned i = 0; i < 50; i++) {
		vc_poll(&a, VC_TX, true);
		vc_take(&a, VC_TX);
	}
	pass_frame(&a, &b, 0, 1, 100, 4096);
	assert_int_equal(world_counter(*state, 1, COUNTER_DROP_QUEUE_FULL), 0);
	vc_close(&a);
	vc_close(&b);
}

static void who_does_not_read_harms_nobody(void **state)
{
	World *world = *state;
	VhostClient a, b, c;
	uint8_t frame[1514], got[2048];
	start(world, 0, &a, VC_FEATURES);
	start(world, 1, &b, VC_FEATURES);
	start(world, 2, &c, VC_FEATURES);
	/* c's address gets known, and b's. */
	pass_frame(&a, &b, 0, 1, 100, 4096);
	vc_receive_frame(&c, NULL, got, sizeof(got), true);
	pass_frame(&c, &a, 2, 0, 100, 4096);
	while (vc_poll(&b, VC_RX, false))
		vc_take(&b, VC_RX);
	pass_frame(&b, &a, 1, 0, 100, 4096);
	/* b reads no more. What a sends it is taken all the same, if late. */
	world_frame(frame, sizeof(frame), 0, 1, 0);
	for (unsigned i = 0; i < 1500; i++)
		vc_send_frame(&a, NULL, frame, sizeof(frame), 4096, true);
	assert_true(world_counter(world, 1, COUNTER_DROP_QUEUE_FULL) > 300);
	for (unsigned i = 0; i < 100; i++)
		pass_frame(&a, &c, 0, 2, 1000, 4096);
	/* It reads again: first what its ring and the queue hold. */
	vc_receive_frame(&b, NULL, got, sizeof(got), true);
	while (vc_poll(&b, VC_RX, false) || !vc_stays_silent(&b, 20))
		vc_receive_frame(&b, NULL, got, sizeof(got), true);
	for (unsigned i = 0; i < 100; i++)
		pass_frame(&a, &b, 0, 1, 1000, 4096);
	vc_close(&a);
	vc_close(&b);
	vc_close(&c);
}

static void a_socket_that_does_not_listen_is_refused(void **state)
{
	const uint8_t mac[6] = {0x52};
	int ends[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	g_autoptr(GError) error = NULL;
	assert_null(port_vhost_new("n", 1500, mac, 0, ends[0], world_failed, NULL, &error));
	assert_true(g_error_matches(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT));
	close(ends[0]);
	close(ends[1]);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, world_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(frames_go_both_ways),
		TEST(frames_go_to_and_from_datagram_ports),
		TEST(a_frame_spans_small_buffers),
		TEST(nobody_is_told_without_need),
		TEST(works_without_event_indices),
		TEST(the_guest_learns_mac_mtu_and_carrier),
		TEST(a_guest_boots_again),
		TEST(a_ring_that_was_stopped_stays_so),
		TEST(a_port_moves_with_its_guest),
		TEST(offloads_pass_between_those_who_know_them),
		TEST(others_get_frames_as_on_a_wire),
		TEST(offloads_that_cannot_be_are_dropped),
		TEST(a_sender_waits_for_a_slow_receiver),
		TEST(who_does_not_read_harms_nobody),
		cmocka_unit_test(a_socket_that_does_not_listen_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
