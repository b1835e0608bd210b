/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/switch/vhost_client.h"

#include "switch/port/vhost/vhost_message.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define RING_ROOM (1 << 18) /* bytes for the three parts of a ring */

static void check(bool truth, const char *what)
{
	if (truth)
		return;
	fprintf(stderr, "vhost client: %s (%s)\n", what, strerror(errno));
	abort();
}

static void await(int fd, const char *what)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	int n;
	while ((n = poll(&poll_fd, 1, VC_PATIENCE)) < 0 && errno == EINTR)
		;
	check(n == 1, what);
}

static void connect_to(VhostClient *client, const struct sockaddr_un *address, socklen_t length)
{
	memset(client, 0, sizeof(*client));
	client->requests = -1;
	client->buffer_size = VC_BUFFER;
	for (unsigned i = 0; i < VC_RINGS; i++)
		client->rings[i].kick = client->rings[i].call = -1;
	client->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	check(client->socket >= 0 && connect(client->socket, (const struct sockaddr *)address, length) == 0, "connect");
	client->memory_fd = memfd_create("guest", MFD_CLOEXEC);
	check(client->memory_fd >= 0 && ftruncate(client->memory_fd, VC_MEMORY) == 0, "memfd");
	client->memory = mmap(NULL, VC_MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED, client->memory_fd, 0);
	check(client->memory != MAP_FAILED, "mmap");
}

void vc_connect(VhostClient *client, int listener)
{
	struct sockaddr_un address;
	socklen_t length = sizeof(address);
	check(getsockname(listener, (struct sockaddr *)&address, &length) == 0, "getsockname");
	connect_to(client, &address, length);
}

void vc_connect_path(VhostClient *client, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	check(strlen(path) < sizeof(address.sun_path), "path too long");
	strcpy(address.sun_path, path);
	connect_to(client, &address, sizeof(address));
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void vc_close(VhostClient *client)
{
	for (unsigned i = 0; i < VC_RINGS; i++) {
		close_fd(&client->rings[i].kick);
		close_fd(&client->rings[i].call);
	}
	close_fd(&client->requests);
	close_fd(&client->socket);
	close_fd(&client->memory_fd);
	munmap(client->memory, VC_MEMORY);
}

void vc_send(VhostClient *client, uint32_t request, uint32_t flags, const void *payload, uint32_t size, const int *fds,
	unsigned n_fds)
{
	VhostHeader header = {request, flags, size};
	struct iovec vectors[] = {{&header, sizeof(header)}, {(void *)payload, size}};
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(32 * sizeof(int))] = {0};
	struct msghdr message = {.msg_iov = vectors, .msg_iovlen = 2};
	if (n_fds > 0) {
		message.msg_control = control;
		message.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
		struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
		*rights = (struct cmsghdr){CMSG_LEN(n_fds * sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
		memcpy(CMSG_DATA(rights), fds, n_fds * sizeof(int));
	}
	/* A port that has hung up is noticed when it does not answer. */
	check(sendmsg(client->socket, &message, MSG_NOSIGNAL) >= 0 || errno == EPIPE || errno == ECONNRESET, "sendmsg");
}

static bool read_all(int fd, void *bytes, size_t size)
{
	for (size_t done = 0; done < size;) {
		await(fd, "the port does not answer");
		ssize_t n = read(fd, (char *)bytes + done, size - done);
		if (n == 0 || (n < 0 && errno == ECONNRESET))
			return false;
		check(n > 0, "read");
		done += (size_t)n;
	}
	return true;
}

bool vc_answer(VhostClient *client, void *payload, uint32_t size)
{
	VhostHeader header;
	if (!read_all(client->socket, &header, sizeof(header)))
		return false;
	check(header.flags == (VHOST_VERSION | VHOST_REPLY) && header.size == size, "an answer of another form");
	return read_all(client->socket, payload, size);
}

bool vc_request(VhostClient *client, uint32_t request, const void *payload, uint32_t size, int fd)
{
	uint64_t failure;
	vc_send(client, request, VHOST_VERSION | VHOST_NEED_REPLY, payload, size, &fd, fd >= 0);
	if (!vc_answer(client, &failure, sizeof(failure)))
		return false;
	check(failure == 0, "a request failed");
	return true;
}

bool vc_ring_request(VhostClient *client, uint32_t request, uint32_t ring, uint32_t number)
{
	uint32_t payload[] = {ring, number};
	return vc_request(client, request, payload, sizeof(payload), -1);
}

void vc_greet(VhostClient *client, uint64_t features)
{
	uint64_t protocol = 0;
	int ends[2];
	vc_send(client, VHOST_SET_OWNER, VHOST_VERSION, NULL, 0, NULL, 0);
	vc_send(client, VHOST_GET_FEATURES, VHOST_VERSION, NULL, 0, NULL, 0);
	check(vc_answer(client, &client->offered, sizeof(uint64_t)), "no features");
	vc_send(client, VHOST_GET_PROTOCOL_FEATURES, VHOST_VERSION, NULL, 0, NULL, 0);
	check(vc_answer(client, &protocol, sizeof(protocol)), "no protocol features");
	vc_send(client, VHOST_SET_PROTOCOL_FEATURES, VHOST_VERSION, &protocol, sizeof(protocol), NULL, 0);
	check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, "socketpair");
	client->requests = ends[0];
	check(vc_request(client, VHOST_SET_BACKEND_REQ_FD, NULL, 0, ends[1]), "no place for requests");
	close(ends[1]);
	client->features = client->offered & features;
	check(vc_request(client, VHOST_SET_FEATURES, &client->features, sizeof(uint64_t), -1), "features refused");
	VhostPayload payload = {.memory = {.n = 1, .regions[0] = {VC_GUEST, VC_MEMORY, VC_USER, 0}}};
	check(vc_request(client, VHOST_SET_MEM_TABLE, &payload,
		      (uint32_t)(offsetof(VhostPayload, memory.regions) + sizeof(GuestRegion)), client->memory_fd),
		"memory refused");
}

void vc_set_ring(VhostClient *client, unsigned index, unsigned size)
{
	VcRing *ring = &client->rings[index];
	int ends[2];
	uint64_t number = index;
	size_t at = (size_t)index * RING_ROOM, avail = at + size * sizeof(struct vring_desc);
	size_t used = (avail + sizeof(struct vring_avail) + (size + 1) * sizeof(uint16_t) + 63) & ~(size_t)63;
	ring->size = size;
	ring->descs = (struct vring_desc *)(client->memory + at);
	ring->avail = (struct vring_avail *)(client->memory + avail);
	ring->used = (struct vring_used *)(client->memory + used);
	ring->buffers = VC_RINGS * RING_ROOM + index * (VC_MEMORY - VC_RINGS * RING_ROOM) / 2;
	check(size * VC_BUFFER <= (VC_MEMORY - VC_RINGS * RING_ROOM) / 2, "the ring is too large for this client");
	check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0, "socketpair");
	ring->call = ends[0];
	ring->kick = eventfd(0, EFD_CLOEXEC);
	check(vc_request(client, VHOST_SET_VRING_CALL, &number, sizeof(number), ends[1]), "call refused");
	close(ends[1]);
	check(vc_ring_request(client, VHOST_SET_VRING_NUM, index, size), "ring size refused");
	check(vc_ring_request(client, VHOST_SET_VRING_BASE, index, 0), "ring base refused");
	VhostPayload payload = {
		.address = {.index = index, .desc = VC_USER + at, .used = VC_USER + used, .avail = VC_USER + avail}};
	check(vc_request(client, VHOST_SET_VRING_ADDR, &payload, sizeof(payload.address), -1),
		"ring addresses refused");
	check(vc_request(client, VHOST_SET_VRING_KICK, &number, sizeof(number), ring->kick), "kick refused");
}

bool vc_enable(VhostClient *client, unsigned ring, bool enable)
{
	return vc_ring_request(client, VHOST_SET_VRING_ENABLE, ring, enable);
}

void vc_start(VhostClient *client, uint64_t features, unsigned size)
{
	vc_greet(client, features);
	for (unsigned i = 0; i < VC_RINGS; i++) {
		vc_set_ring(client, i, size);
		check(vc_enable(client, i, true), "ring refused");
	}
	for (unsigned i = 0; i < size; i++)
		vc_offer_buffer(client, (uint16_t)i);
}

static uint16_t avail_event(const VcRing *ring)
{
	return *(volatile uint16_t *)&ring->used->ring[ring->size];
}

void vc_kick(VhostClient *client, unsigned index)
{
	static const uint64_t one = 1;
	check(write(client->rings[index].kick, &one, sizeof(one)) == sizeof(one), "kick");
}

void vc_offer(VhostClient *client, unsigned index, uint16_t head)
{
	VcRing *ring = &client->rings[index];
	uint16_t old = ring->avail->idx, new = (uint16_t)(old + 1);
	ring->avail->ring[old % ring->size] = head;
	__atomic_store_n(&ring->avail->idx, new, __ATOMIC_RELEASE);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	bool wanted = client->features >> VIRTIO_RING_F_EVENT_IDX & 1
		? vring_need_event(avail_event(ring), new, old)
		: !(*(volatile uint16_t *)&ring->used->flags & VRING_USED_F_NO_NOTIFY);
	if (wanted)
		vc_kick(client, index);
}

void vc_offer_buffer(VhostClient *client, uint16_t descriptor)
{
	VcRing *ring = &client->rings[VC_RX];
	ring->descs[descriptor] = (struct vring_desc){.addr = VC_GUEST + ring->buffers + descriptor * VC_BUFFER,
		.len = client->buffer_size,
		.flags = VRING_DESC_F_WRITE};
	vc_offer(client, VC_RX, descriptor);
}

static bool is_used(const VcRing *ring)
{
	return __atomic_load_n(&ring->used->idx, __ATOMIC_ACQUIRE) != ring->last_used;
}

bool vc_poll(VhostClient *client, unsigned index, bool wait)
{
	VcRing *ring = &client->rings[index];
	uint64_t ignored;
	while (!is_used(ring) && wait) {
		ring->avail->ring[ring->size] = ring->last_used; /* the used event: tell of the next */
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		if (is_used(ring))
			break;
		await(ring->call, "the port gives nothing back");
		check(read(ring->call, &ignored, sizeof(ignored)) == sizeof(ignored), "the port has cut us off");
	}
	return is_used(ring);
}

struct vring_used_elem vc_take(VhostClient *client, unsigned index)
{
	VcRing *ring = &client->rings[index];
	check(is_used(ring), "nothing to take");
	struct vring_used_elem element = ring->used->ring[ring->last_used++ % ring->size];
	check(element.id < ring->size, "the port gives back what it was not given");
	return element;
}

void vc_send_frame(VhostClient *client, const struct virtio_net_hdr_v1 *header, const void *bytes, size_t size,
	size_t piece, bool wait)
{
	static const struct virtio_net_hdr_v1 none;
	VcRing *ring = &client->rings[VC_TX];
	unsigned first = ring->avail->idx % ring->size, at = first;
	uint8_t *data = client->memory + ring->buffers + first * VC_BUFFER;
	size_t total = sizeof(none) + size;
	check(ring->buffers + first * VC_BUFFER + total <= VC_MEMORY, "the frame is too long for this client");
	memcpy(data, header ? header : &none, sizeof(none));
	memcpy(data + sizeof(none), bytes, size);
	for (size_t offset = 0; offset < total; offset += piece) {
		size_t here = total - offset < piece ? total - offset : piece;
		bool last = offset + here == total;
		unsigned next = (at + 1) % ring->size;
		ring->descs[at] = (struct vring_desc){.addr = VC_GUEST + (uint64_t)(data - client->memory) + offset,
			.len = (uint32_t)here,
			.flags = last ? 0 : VRING_DESC_F_NEXT,
			.next = (uint16_t)next};
		at = next;
	}
	vc_offer(client, VC_TX, (uint16_t)first);
	if (!wait)
		return;
	check(vc_poll(client, VC_TX, true), "not given back");
	check(vc_take(client, VC_TX).id == first, "another chain was given back");
}

size_t vc_receive_frame(VhostClient *client, struct virtio_net_hdr_v1 *header, void *bytes, size_t max, bool renew)
{
	VcRing *ring = &client->rings[VC_RX];
	struct virtio_net_hdr_v1 first;
	size_t size = 0;
	for (unsigned i = 0, n = 1; i < n; i++) {
		vc_poll(client, VC_RX, i == 0);
		struct vring_used_elem element = vc_take(client, VC_RX);
		const uint8_t *data = client->memory + ring->buffers + element.id * VC_BUFFER;
		size_t here = element.len;
		if (i == 0) {
			check(here >= sizeof(first), "a frame without a header");
			memcpy(&first, data, sizeof(first));
			n = first.num_buffers;
			data += sizeof(first);
			here -= sizeof(first);
		}
		check(size + here <= max, "a frame longer than expected");
		memcpy((uint8_t *)bytes + size, data, here);
		size += here;
		if (renew)
			vc_offer_buffer(client, (uint16_t)element.id);
	}
	if (header)
		*header = first;
	return size;
}

bool vc_stays_silent(VhostClient *client, int milliseconds)
{
	poll(NULL, 0, milliseconds);
	return !is_used(&client->rings[VC_RX]);
}

bool vc_config(VhostClient *client, struct virtio_net_config *config)
{
	VhostPayload payload = {.config.size = sizeof(*config)};
	uint32_t size = (uint32_t)(offsetof(VhostPayload, config.data) + sizeof(*config));
	vc_send(client, VHOST_GET_CONFIG, VHOST_VERSION, &payload, size, NULL, 0);
	if (!vc_answer(client, &payload, size))
		return false;
	memcpy(config, payload.config.data, sizeof(*config));
	return true;
}

void vc_await_config_change(VhostClient *client)
{
	VhostHeader header;
	check(read_all(client->requests, &header, sizeof(header)), "the port takes no requests any more");
	check(header.request == VHOST_BACKEND_CONFIG_CHANGE && header.flags == VHOST_VERSION && header.size == 0,
		"a request of another form");
}

void vc_await_hangup(VhostClient *client)
{
	uint8_t bytes[64];
	ssize_t n;
	do {
		await(client->socket, "the port does not hang up");
		n = read(client->socket, bytes, sizeof(bytes));
	} while (n > 0);
	check(n == 0 || errno == ECONNRESET, "read");
}
