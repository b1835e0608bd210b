/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames that are left to be cut or completed, against the same frames as the host's kernel cuts and completes them: it is
 * given each by a packet socket (PACKET_VNET_HDR, packet(7)), to send by a tap interface that can do nothing itself. In a
 * network namespace of its own, without which the test is skipped. */
#include "switch/frame/offload.h"
#include "switch/frame/vnet_header.h"
#include "tests/unit/switch/super_frame.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

enum {
	FRAMES = 1500,
	SEGMENTS_MAX = 200, /* the tap's queue takes 500 */
	PATIENCE_MS = 30000,
	SKIPPED = 77,
};

typedef struct {
	int tap, packets;
} Kernel;

static void skip_because(const char *what)
{
	printf("SKIPPED: cannot compare with the kernel: %s: %s\n", what, g_strerror(errno));
	exit(SKIPPED);
}

static void open_kernel(Kernel *kernel)
{
	struct ifreq device = {.ifr_flags = IFF_TAP | IFF_NO_PI, .ifr_name = "t0"};
	int on = 1;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		skip_because("no namespaces for this user");
	kernel->tap = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	if (kernel->tap < 0 || ioctl(kernel->tap, TUNSETIFF, &device) < 0)
		skip_because("no tap interface");
	kernel->packets = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	device.ifr_flags = IFF_UP | IFF_NOARP;
	if (kernel->packets < 0 || ioctl(kernel->packets, SIOCSIFFLAGS, &device) < 0 ||
		ioctl(kernel->packets, SIOCGIFINDEX, &device) < 0)
		skip_because("the tap interface does not come up");
	struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = device.ifr_ifindex};
	if (bind(kernel->packets, (struct sockaddr *)&address, sizeof(address)) < 0 ||
		setsockopt(kernel->packets, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)) < 0)
		skip_because("no packet socket");
}

/* The next of our frames that the kernel sends, not what it has to say itself. Empty: none within that time. */
static size_t next_frame(const Kernel *kernel, uint8_t *bytes, int patience)
{
	for (;;) {
		struct pollfd tap = {kernel->tap, POLLIN, 0};
		if (poll(&tap, 1, patience) <= 0)
			return 0;
		ssize_t n = read(kernel->tap, bytes, SUPER_FRAME_ROOM);
		assert_true(n > 0);
		if (n > 12 && bytes[6] == 0x52)
			return (size_t)n;
	}
}

/* Has the kernel send the bytes with what is left to do. False when it cannot. A frame that marks the end follows. */
static bool give(const Kernel *kernel, uint8_t *bytes, size_t length, const Offload *offload)
{
	struct virtio_net_hdr header = vnet_header_write(offload, offload->checksum_start + 20u), none = {0};
	uint8_t end[64] = {0};
	struct iovec frame[] = {{&header, sizeof(header)}, {bytes, length}};
	struct iovec last[] = {{&none, sizeof(none)}, {end, sizeof(end)}};
	memset(end + 6, 0x52, 6);
	write_be16(end + 12, 0x88b5); /* IEEE 802-2014, 9.2.3: for experiments */
	bool taken = writev(kernel->packets, frame, 2) > 0;
	assert_true(writev(kernel->packets, last, 2) > 0);
	return taken;
}

static bool is_end(const uint8_t *bytes)
{
	return read_be16(bytes + 12) == 0x88b5;
}

typedef struct {
	GPtrArray *frames; /* of GBytes */
} Ours;

static void keep(const Frame *frame, Pass *pass, void *data)
{
	Ours *ours = data;
	uint8_t *bytes = g_malloc(frame->length);
	assert_false(frame_is_offloaded(frame));
	assert_true(frame_copy(frame, 0, frame->length, bytes));
	g_ptr_array_add(ours->frames, g_bytes_new_take(bytes, frame->length));
}

static void no_flush(void *data)
{
}

static char *describe(const SuperFrame *what)
{
	GString *text = g_string_new(NULL);
	for (unsigned i = 0; i < what->tags; i++)
		g_string_append_printf(text, "tag %x, ", what->tag_types[i]);
	g_string_append_printf(text,
		"%u labels, %s%sIPv%u with %u options or extensions, %s with %zu bytes in segments of %u", what->labels,
		what->pppoe ? "PPPoE, " : "",
		what->outer == 4      ? "IPv4, "
			: what->outer ? "IPv6, "
				      : "",
		what->version, what->extensions, what->udp ? "UDP" : "TCP", what->payload, what->segment_size);
	return g_string_free(text, FALSE);
}

/* Compares one frame. False when the kernel did not send it at all. */
static bool agrees(const Kernel *kernel, const SuperFrame *what, GRand *random, Pass *pass)
{
	static uint8_t bytes[SUPER_FRAME_ROOM], theirs[SUPER_FRAME_ROOM];
	struct iovec parts[FRAME_PARTS];
	SuperFrameMap map;
	Frame frame = {.parts = parts};
	frame.length = super_frame_build(what, random, bytes, &frame.offload, &map);
	frame.n_parts = super_frame_scatter(random, bytes, frame.length, parts);
	g_autoptr(GPtrArray) frames = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	g_autofree char *text = describe(what);
	pass->taken = 0;
	if (!offload_is_valid(&frame) || offload_resolve(&frame, pass, keep, &(Ours){frames}) != COUNTER_NONE)
		fail_msg("not cut: %s", text);
	bool taken = give(kernel, bytes, frame.length, &frame.offload);
	size_t length = next_frame(kernel, theirs, PATIENCE_MS);
	if (length > 0 && is_end(theirs))
		return false;
	if (!taken)
		fail_msg("the kernel sent what it did not take: %s", text);
	for (guint i = 0; i < frames->len; i++) {
		gsize size;
		const uint8_t *ours = g_bytes_get_data(frames->pdata[i], &size);
		if (length != size || memcmp(ours, theirs, size) != 0) {
			for (size_t at = 0; at < MIN(length, size); at++)
				if (ours[at] != theirs[at])
					fail_msg("segment %u of %u differs in byte %zu: %02x, the kernel has %02x: %s",
						i, frames->len, at, ours[at], theirs[at], text);
			fail_msg("segment %u has %zu bytes, the kernel's %zu: %s", i, size, length, text);
		}
		length = next_frame(kernel, theirs, PATIENCE_MS);
	}
	if (length == 0 || !is_end(theirs))
		fail_msg("the kernel made more than %u segments: %s", frames->len, text);
	return true;
}

static void as_the_kernel(void **state)
{
	Kernel kernel;
	open_kernel(&kernel);
	GRand *random = g_rand_new_with_seed(11);
	Pass pass = {.memory = g_malloc(1 << 20), .size = 1 << 20, .flush = no_flush};
	unsigned compared = 0, plain = 0, unknown = 0;
	for (unsigned i = 0; i < FRAMES; i++) {
		SuperFrame what = super_frame_random(random, SEGMENTS_MAX);
		bool ordinary = !what.labels && !what.pppoe && !what.outer;
		bool agreed = agrees(&kernel, &what, random, &pass);
		compared += agreed;
		plain += agreed && ordinary;
		unknown += ordinary && !agreed;
	}
	printf("%u of %u frames compared with the kernel's; it does not cut the others\n", compared, FRAMES);
	/* All that is IP behind VLAN tags; the rest as the kernel can. */
	assert_int_equal(unknown, 0);
	assert_true(plain > FRAMES / 2);
	g_free(pass.memory);
	g_rand_free(random);
	close(kernel.tap);
	close(kernel.packets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(as_the_kernel)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
