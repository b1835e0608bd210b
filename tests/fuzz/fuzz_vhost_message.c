/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The input is what a guest sends on its vhost-user socket, in pieces: a byte says which descriptor comes with the piece,
 * two (little-endian) its length, then the bytes. When a ring runs, the frames that the guest's memory holds are taken,
 * and some are given. The memory is full of the bytes of the input too.
 *
 * Explore: clang -DNETLAB_LIBFUZZER -fsanitize=fuzzer,address,undefined. */
#include "switch/port/vhost/vhost_device.h"
#include "switch/port/vhost/vhost_frame.h"
#include "tests/fuzz/replay.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define MEMORY 65536
#define DESCRIPTORS 256 /* more than an input opens */

static void check(gboolean truth, const char *what)
{
	if (!truth) {
		fprintf(stderr, "fuzz_vhost_message: %s\n", what);
		abort();
	}
}

/* Bit by bit, whether a descriptor is open: quicker than a look into /proc. */
static void see_descriptors(bool open[DESCRIPTORS])
{
	struct pollfd fds[DESCRIPTORS];
	for (int i = 0; i < DESCRIPTORS; i++)
		fds[i] = (struct pollfd){.fd = i};
	check(poll(fds, DESCRIPTORS, 0) >= 0, "poll");
	for (int i = 0; i < DESCRIPTORS; i++)
		open[i] = !(fds[i].revents & POLLNVAL);
}

static void exercise(VhostDevice *device)
{
	uint8_t bytes[1514] = {0};
	struct iovec part = {bytes, sizeof(bytes)}, parts[VRING_CHAIN];
	Frame frame = frame_of(&part);
	VringChain chain;
	Vring *rx = &device->rings[VHOST_RX].vring, *tx = &device->rings[VHOST_TX].vring;
	if (vring_is_running(rx)) {
		vhost_frame_put(rx, vhost_device_has(device, VIRTIO_NET_F_MRG_RXBUF), &frame);
		if (vring_publish(rx))
			vhost_device_call(device, VHOST_RX);
	}
	for (unsigned i = 0; vring_is_running(tx) && i < 64 && vring_take(tx, false, &chain, parts); i++) {
		vhost_frame_read(&chain, parts, &frame);
		vring_give(tx, chain.head, 0);
	}
}

static void on_ring_changed(VhostDevice *device, unsigned ring, bool runs)
{
	check(vring_is_running(&device->rings[ring].vring) == runs, "a ring that is not what it is said to be");
	exercise(device);
}

/* What the driver has to give: its memory, an event, a socket that nobody is at the other end of. */
enum { GIVES_MEMORY, GIVES_EVENT, GIVES_SOCKET, N_GIVES };

static void send_piece(int to, const uint8_t *bytes, size_t size, unsigned kind, const int gives[N_GIVES])
{
	int fds[12];
	unsigned n = (unsigned[]){0, 1, 1, 1, 2, 12}[kind % 6];
	for (unsigned i = 0; i < 12; i++)
		fds[i] = gives[(kind + i) % N_GIVES];
	_Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(fds))] = {0};
	struct iovec vector = {(void *)bytes, size};
	struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
	if (n > 0) {
		message.msg_control = control;
		message.msg_controllen = CMSG_SPACE(n * sizeof(int));
		*CMSG_FIRSTHDR(&message) = (struct cmsghdr){CMSG_LEN(n * sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&message)), fds, n * sizeof(int));
	}
	sendmsg(to, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* The bytes of the input, again and again. */
static int memory_full_of(const uint8_t *data, size_t size)
{
	static uint8_t bytes[MEMORY];
	int memory = memfd_create("fuzz", MFD_CLOEXEC);
	for (size_t at = 0; size > 0 && at < MEMORY; at += size)
		memcpy(bytes + at, data, MIN(size, MEMORY - at));
	check(memory >= 0 && ftruncate(memory, MEMORY) == 0, "memfd");
	check(size == 0 || pwrite(memory, bytes, MEMORY, 0) == MEMORY, "pwrite");
	return memory;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool before[DESCRIPTORS], after[DESCRIPTORS];
	see_descriptors(before);
	int ends[2], closed[2];
	uint8_t drain[4096];
	const char *problem = NULL;
	check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, closed) == 0, "socketpair");
	close(closed[1]);
	const int gives[N_GIVES] = {memory_full_of(data, size), eventfd(0, EFD_CLOEXEC), closed[0]};
	check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0, "socketpair");
	VhostDevice device = {.offered = UINT64_C(1) << VIRTIO_RING_F_INDIRECT_DESC, .ring_changed = on_ring_changed};
	vhost_device_init(&device);
	vhost_device_open(&device, ends[1]);
	VhostRead read_result = VHOST_MORE;
	while (size >= 3 && read_result == VHOST_MORE) {
		size_t length = MIN(data[1] | (size_t)data[2] << 8, size - 3);
		send_piece(ends[0], data + 3, length, data[0], gives);
		read_result = vhost_device_read(&device, &problem);
		check((read_result == VHOST_BAD) == (problem != NULL), "cut off without a reason");
		exercise(&device);
		vhost_device_set_carrier(&device, length % 2);
		while (recv(ends[0], drain, sizeof(drain), MSG_DONTWAIT) > 0)
			;
		data += 3 + length;
		size -= 3 + length;
	}
	vhost_device_close(&device);
	close(ends[0]);
	for (unsigned i = 0; i < N_GIVES; i++)
		close(gives[i]);
	see_descriptors(after);
	check(!memcmp(before, after, sizeof(before)), "a descriptor stayed open");
	return 0;
}
