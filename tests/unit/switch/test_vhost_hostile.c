/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest that breaks the rules of vhost-user or virtio, in one way after the other: it is cut off with a message that
 * says how, and its neighbours notice nothing. */
#include "tests/unit/switch/port_world.h"

#include "switch/port/vhost/vhost_message.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

#define ALL_OFFLOADS (PORT_CHECKSUM | PORT_TCP4 | PORT_TCP6)

typedef struct {
	const char *name;
	bool greets, starts; /* how far it behaves */
	void (*misbehave)(VhostClient *client);
	const char *message;
} Case;

/* Messages. */

static void send_garbage(VhostClient *client)
{
	assert_true(send(client->socket, "GET / HTTP/1.0\r\n\r\n", 18, MSG_NOSIGNAL) > 0);
}

static void send_long_message(VhostClient *client)
{
	uint8_t payload[4096] = {0};
	vc_send(client, VHOST_SET_FEATURES, VHOST_VERSION, payload, sizeof(payload), NULL, 0);
}

static void send_unknown_request(VhostClient *client)
{
	vc_send(client, 4711, VHOST_VERSION, NULL, 0, NULL, 0);
}

static void send_many_descriptors(VhostClient *client)
{
	int fds[20];
	for (unsigned i = 0; i < G_N_ELEMENTS(fds); i++)
		fds[i] = client->memory_fd;
	vc_send(client, VHOST_SET_OWNER, VHOST_VERSION, NULL, 0, fds, G_N_ELEMENTS(fds));
}

static void want_other_features(VhostClient *client)
{
	uint64_t features = UINT64_MAX;
	vc_send(client, VHOST_SET_FEATURES, VHOST_VERSION, &features, sizeof(features), NULL, 0);
}

static void want_other_protocol_features(VhostClient *client)
{
	uint64_t features = UINT64_MAX;
	vc_send(client, VHOST_SET_PROTOCOL_FEATURES, VHOST_VERSION, &features, sizeof(features), NULL, 0);
}

static void name_another_ring(VhostClient *client)
{
	uint32_t payload[] = {7, 1};
	vc_send(client, VHOST_SET_VRING_NUM, VHOST_VERSION, payload, sizeof(payload), NULL, 0);
}

static void ask_for_another_rings_base(VhostClient *client)
{
	uint32_t payload[] = {0xffffffff, 1};
	vc_send(client, VHOST_GET_VRING_BASE, VHOST_VERSION, payload, sizeof(payload), NULL, 0);
}

static void ask_for_a_huge_configuration(VhostClient *client)
{
	VhostPayload payload = {.config = {.offset = 0xfffffff0, .size = 0xffffffff}};
	vc_send(client, VHOST_GET_CONFIG, VHOST_VERSION, &payload, 12, NULL, 0);
}

static void give_fd(VhostClient *client, uint32_t request, uint64_t number, int fd)
{
	vc_send(client, request, VHOST_VERSION, &number, sizeof(number), &fd, fd >= 0);
}

static void kick_by_a_file(VhostClient *client)
{
	give_fd(client, VHOST_SET_VRING_KICK, VC_TX, client->memory_fd);
}

static void kick_by_nothing(VhostClient *client)
{
	give_fd(client, VHOST_SET_VRING_KICK, VC_TX | VHOST_VRING_NO_FD, -1);
}

static void be_called_by_an_eventfd(VhostClient *client)
{
	int fd = eventfd(0, EFD_CLOEXEC);
	give_fd(client, VHOST_SET_VRING_CALL, VC_RX, fd);
	close(fd);
}

static void take_requests_by_a_file(VhostClient *client)
{
	give_fd(client, VHOST_SET_BACKEND_REQ_FD, 0, client->memory_fd);
}

/* Memory. */

static void send_memory(VhostClient *client, GuestRegion region, int fd)
{
	VhostPayload payload = {.memory = {.n = 1, .regions[0] = region}};
	vc_send(client, VHOST_SET_MEM_TABLE, VHOST_VERSION, &payload,
		(uint32_t)(offsetof(VhostPayload, memory.regions) + sizeof(GuestRegion)), &fd, fd >= 0);
}

static void have_no_file(VhostClient *client)
{
	send_memory(client, (GuestRegion){VC_GUEST, 4096, VC_USER, 0}, -1);
}

static void have_many_regions(VhostClient *client)
{
	VhostPayload payload = {.memory.n = 0xffffffff};
	vc_send(client, VHOST_SET_MEM_TABLE, VHOST_VERSION, &payload, sizeof(payload), NULL, 0);
}

static void have_a_short_file(VhostClient *client)
{
	send_memory(client, (GuestRegion){VC_GUEST, VC_MEMORY + 4096, VC_USER, 0}, client->memory_fd);
}

static void have_an_offset_that_wraps(VhostClient *client)
{
	send_memory(client, (GuestRegion){VC_GUEST, 4096, VC_USER, -UINT64_C(4096)}, client->memory_fd);
}

static void have_a_region_that_wraps(VhostClient *client)
{
	send_memory(client, (GuestRegion){-UINT64_C(4096), 8192, VC_USER, 0}, client->memory_fd);
}

static void have_an_empty_region(VhostClient *client)
{
	send_memory(client, (GuestRegion){VC_GUEST, 0, VC_USER, 0}, client->memory_fd);
}

static void have_a_socket_for_memory(VhostClient *client)
{
	send_memory(client, (GuestRegion){VC_GUEST, 4096, VC_USER, 0}, client->socket);
}

/* Rings. */

static void enable_rings(VhostClient *client, unsigned size, uint64_t desc)
{
	vc_set_ring(client, VC_TX, 64);
	VhostPayload payload = {
		.address = {.index = VC_TX, .desc = desc, .used = VC_USER + 8192, .avail = VC_USER + 4096}};
	assert_true(vc_request(client, VHOST_SET_VRING_ADDR, &payload, sizeof(payload.address), -1));
	assert_true(vc_ring_request(client, VHOST_SET_VRING_NUM, VC_TX, size));
	assert_false(vc_enable(client, VC_TX, true));
}

static void have_an_odd_ring(VhostClient *client)
{
	enable_rings(client, 63, VC_USER);
}

static void have_a_huge_ring(VhostClient *client)
{
	enable_rings(client, 65536, VC_USER);
}

static void have_a_ring_elsewhere(VhostClient *client)
{
	enable_rings(client, 64, VC_USER + VC_MEMORY - 512);
}

static void have_a_ring_at_a_wrapping_address(VhostClient *client)
{
	enable_rings(client, 64, UINT64_MAX - 15);
}

static void have_a_crooked_ring(VhostClient *client)
{
	enable_rings(client, 64, VC_USER + 1);
}

static void be_old(VhostClient *client)
{
	client->features &= ~(1ull << VIRTIO_F_VERSION_1);
	assert_true(vc_request(client, VHOST_SET_FEATURES, &client->features, sizeof(uint64_t), -1));
	enable_rings(client, 64, VC_USER);
}

/* Chains of the transmit ring. */

static void offer(VhostClient *client, struct vring_desc desc)
{
	client->rings[VC_TX].descs[0] = desc;
	vc_offer(client, VC_TX, 0);
}

static void point_below(VhostClient *client)
{
	offer(client, (struct vring_desc){VC_GUEST - 1, 100, 0, 0});
}

static void point_beyond(VhostClient *client)
{
	offer(client, (struct vring_desc){VC_GUEST + VC_MEMORY - 99, 100, 0, 0});
}

static void point_around(VhostClient *client)
{
	offer(client, (struct vring_desc){UINT64_MAX - 50, 100, 0, 0});
}

static void be_endlessly_long(VhostClient *client)
{
	offer(client, (struct vring_desc){VC_GUEST, UINT32_MAX, 0, 0});
}

static void loop(VhostClient *client)
{
	offer(client, (struct vring_desc){VC_GUEST, 100, VRING_DESC_F_NEXT, 0});
}

static void go_on_nowhere(VhostClient *client)
{
	offer(client, (struct vring_desc){VC_GUEST, 100, VRING_DESC_F_NEXT, 64});
}

static void be_for_writing(VhostClient *client)
{
	offer(client, (struct vring_desc){VC_GUEST, 100, VRING_DESC_F_WRITE, 0});
}

static void be_indirect(VhostClient *client)
{
	offer(client, (struct vring_desc){VC_GUEST, 64, VRING_DESC_F_INDIRECT, 0});
}

static void begin_nowhere(VhostClient *client)
{
	vc_offer(client, VC_TX, 64);
}

static void run_ahead(VhostClient *client)
{
	client->rings[VC_TX].avail->idx = 65;
	vc_kick(client, VC_TX);
}

/* Something is sent to it, by itself through the neighbours: see the end of run_case(). */
static void receive_into_nothing(VhostClient *client)
{
	for (unsigned i = 0; i < 64; i++)
		client->rings[VC_RX].descs[i].addr = VC_GUEST - 2048;
}

static void receive_into_what_is_for_reading(VhostClient *client)
{
	for (unsigned i = 0; i < 64; i++)
		client->rings[VC_RX].descs[i].flags = 0;
}

static void receive_in_a_loop(VhostClient *client)
{
	for (unsigned i = 0; i < 64; i++)
		client->rings[VC_RX].descs[i].flags = VRING_DESC_F_WRITE | VRING_DESC_F_NEXT;
}

static void run_ahead_in_receiving(VhostClient *client)
{
	client->rings[VC_RX].avail->idx = 0x8000;
}

/* Its memory goes away under the port. */

static void take_memory_away(VhostClient *client)
{
	assert_int_equal(ftruncate(client->memory_fd, 0), 0);
	vc_kick(client, VC_TX);
}

/* The rings stay, what a frame lies in goes. */
static void take_buffers_away(VhostClient *client)
{
	uint8_t frame[200];
	world_frame(frame, sizeof(frame), 0, 1, 0);
	assert_int_equal(ftruncate(client->memory_fd, client->rings[VC_RX].buffers), 0);
	offer(client, (struct vring_desc){VC_GUEST + client->rings[VC_TX].buffers, 100, 0, 0});
}

static const Case cases[] = {
	{"garbage", false, false, send_garbage, "not a vhost-user message"},
	{"a long message", false, false, send_long_message, "not a vhost-user message"},
	{"an unknown request", false, false, send_unknown_request, "not negotiated"},
	{"too many descriptors", false, false, send_many_descriptors, "not a vhost-user message"},
	{"features", false, false, want_other_features, "features"},
	{"protocol features", false, false, want_other_protocol_features, "features"},
	{"a third ring", true, false, name_another_ring, "does not have"},
	{"the base of a third ring", true, false, ask_for_another_rings_base, "requests too much"},
	{"a huge configuration", true, false, ask_for_a_huge_configuration, "requests too much"},
	{"kick: a file", true, false, kick_by_a_file, "eventfd"},
	{"kick: nothing", true, false, kick_by_nothing, "eventfd"},
	{"call: an eventfd", true, false, be_called_by_an_eventfd, "socket"},
	{"requests: a file", true, false, take_requests_by_a_file, "not a socket"},
	{"memory: no file", true, false, have_no_file, "incomplete"},
	{"memory: many regions", true, false, have_many_regions, "incomplete"},
	{"memory: short file", true, false, have_a_short_file, "shorter than"},
	{"memory: offset wraps", true, false, have_an_offset_that_wraps, "impossible"},
	{"memory: region wraps", true, false, have_a_region_that_wraps, "impossible"},
	{"memory: empty", true, false, have_an_empty_region, "impossible"},
	{"memory: a socket", true, false, have_a_socket_for_memory, "not a file"},
	{"ring: no power of two", true, false, have_an_odd_ring, "power of two"},
	{"ring: huge", true, false, have_a_huge_ring, "power of two"},
	{"ring: elsewhere", true, false, have_a_ring_elsewhere, "not in its memory"},
	{"ring: wraps", true, false, have_a_ring_at_a_wrapping_address, "not in its memory"},
	{"ring: crooked", true, false, have_a_crooked_ring, "not aligned"},
	{"ring: legacy driver", true, false, be_old, "virtio 1.0"},
	{"descriptor below", true, true, point_below, "outside its memory"},
	{"descriptor beyond", true, true, point_beyond, "outside its memory"},
	{"descriptor wraps", true, true, point_around, "outside its memory"},
	{"descriptor of 4 GiB", true, true, be_endlessly_long, "outside its memory"},
	{"loop", true, true, loop, "does not end"},
	{"next nowhere", true, true, go_on_nowhere, "does not exist"},
	{"wrong direction", true, true, be_for_writing, "wrong direction"},
	{"indirect", true, true, be_indirect, "indirect"},
	{"head nowhere", true, true, begin_nowhere, "does not exist"},
	{"index ahead", true, true, run_ahead, "more chains"},
	{"receive: outside", true, true, receive_into_nothing, "outside its memory"},
	{"receive: read-only", true, true, receive_into_what_is_for_reading, "wrong direction"},
	{"receive: loop", true, true, receive_in_a_loop, "does not end"},
	{"receive: index ahead", true, true, run_ahead_in_receiving, "more chains"},
	{"memory goes away", true, true, take_memory_away, "removed its memory"},
	{"buffers go away", true, true, take_buffers_away, "removed its memory"},
};

/* The neighbours' frame, to each other and to everybody. */
static void exchange(VhostClient *from, VhostClient *to, unsigned i, unsigned k, uint8_t number)
{
	uint8_t frame[100], got[2048];
	world_frame(frame, sizeof(frame), i, k, number);
	vc_send_frame(from, NULL, frame, sizeof(frame), 4096, true);
	/* Frames of the hostile guest's may come between. */
	do
		assert_true(vc_receive_frame(to, NULL, got, sizeof(got), true) > 0);
	while (memcmp(got, frame, sizeof(frame)) != 0);
}

static void run_case(World *world, const Case *test, VhostClient *neighbours)
{
	VhostClient client;
	vc_connect(&client, world->fds[0]);
	if (test->starts)
		vc_start(&client, VC_FEATURES | VC_OFFLOADS, 64);
	else if (test->greets)
		vc_greet(&client, VC_FEATURES);
	test->misbehave(&client);
	exchange(&neighbours[0], &neighbours[1], 1, N_PORTS, 1); /* to everybody */
	exchange(&neighbours[1], &neighbours[0], 2, 1, 2);
	world_await_failure(world, test->message);
	vc_await_hangup(&client);
	world_await_up(world, 0, false);
	vc_close(&client);
	exchange(&neighbours[0], &neighbours[1], 1, 2, 3);
}

static void bad_guests_are_cut_off_alone(void **state)
{
	World *world = *state;
	VhostClient neighbours[2];
	for (unsigned i = 0; i < 3; i++)
		world_add_vhost(world, i, ALL_OFFLOADS);
	for (unsigned i = 0; i < 2; i++) {
		vc_connect(&neighbours[i], world->fds[i + 1]);
		vc_start(&neighbours[i], VC_FEATURES, 64);
	}
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		print_message("  %s\n", cases[i].name);
		/* Who was cut off may come again after a second; the next case comes by a port of its own. */
		worker_call(world->worker, world_unplug, &(WorldTask){world, 0});
		worker_call(world->worker, world_plug, &(WorldTask){world, 0});
		run_case(world, &cases[i], neighbours);
	}
	/* It can behave. */
	VhostClient client;
	vc_connect(&client, world->fds[0]);
	vc_start(&client, VC_FEATURES, 64);
	exchange(&client, &neighbours[0], 0, 1, 1);
	vc_close(&client);
	vc_close(&neighbours[0]);
	vc_close(&neighbours[1]);
}

/* The kernel, not the port, then finds the memory gone: in sendmmsg(2). */
static void memory_that_went_away_harms_no_datagram_port(void **state)
{
	World *world = *state;
	VhostClient client;
	uint8_t frame[1000], got[2048];
	struct virtio_net_hdr_v1 none = {0};
	world_add_vhost(world, 0, ALL_OFFLOADS);
	world_add_datagram(world, 1);
	vc_connect(&client, world->fds[0]);
	vc_start(&client, VC_FEATURES, 64);
	world_await_up(world, 0, true);
	/* Headers where the memory stays, the rest of the frame where it does not. */
	world_frame(frame, sizeof(frame), 0, 1, 0);
	uint8_t *stays = client.memory + client.rings[VC_RX].buffers;
	memcpy(stays, &none, sizeof(none));
	memcpy(stays + sizeof(none), frame, 64);
	assert_int_equal(ftruncate(client.memory_fd, client.rings[VC_TX].buffers), 0);
	client.rings[VC_TX].descs[0] =
		(struct vring_desc){VC_GUEST + client.rings[VC_RX].buffers, 12 + 64, VRING_DESC_F_NEXT, 1};
	client.rings[VC_TX].descs[1] = (struct vring_desc){VC_GUEST + client.rings[VC_TX].buffers, 500, 0, 0};
	vc_offer(&client, VC_TX, 0);
	vc_poll(&client, VC_TX, true);
	assert_int_equal(world_counter(world, 1, COUNTER_DROP_PORT_ERROR), 1);
	/* The datagram port lives. */
	client.rings[VC_TX].descs[1].addr = VC_GUEST + client.rings[VC_RX].buffers + 100;
	vc_take(&client, VC_TX);
	vc_offer(&client, VC_TX, 0);
	assert_int_equal(recv(world->fds[1], got, sizeof(got), 0), 64 + 500);
	vc_close(&client);
}

static void a_guest_that_was_cut_off_may_come_again(void **state)
{
	World *world = *state;
	VhostClient client;
	world_add_vhost(world, 0, ALL_OFFLOADS);
	vc_connect(&client, world->fds[0]);
	send_garbage(&client);
	world_await_failure(world, "not a vhost-user message");
	vc_close(&client);
	vc_connect(&client, world->fds[0]);
	vc_start(&client, VC_FEATURES, 64); /* waits a second for its first answer */
	world_await_up(world, 0, true);
	vc_close(&client);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(bad_guests_are_cut_off_alone, world_set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(
			memory_that_went_away_harms_no_datagram_port, world_set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(a_guest_that_was_cut_off_may_come_again, world_set_up, world_tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
