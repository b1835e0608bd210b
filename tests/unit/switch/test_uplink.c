/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest made of hand-written frames before an uplink, and sockets of the host behind it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "switch/uplink/uplink.h"

#define PATIENCE_MS 10000
#define GATEWAY 0x0a000202u
#define NAME_SERVER 0x0a000203u
#define GUEST 0x0a00020au
#define OTHER 0x0a00020bu

static const guint8 guest_mac[6] = {0x02, 0, 0, 0, 0, 0x0a}, gateway_mac[6] = {0x52, 0x55, 10, 0, 2, 2},
		    broadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, other_mac[6] = {0x02, 0, 0, 0, 0, 0x0b};

/* -- the uplink, in a thread of its own -- */

typedef struct {
	int lab; /* our end of its socket */
	Uplink *uplink;
	GThread *thread;
	guint8 frame[65536];
} World;

static gpointer serve(gpointer data)
{
	GError *error = NULL;
	assert_true(uplink_run(data, &error));
	return NULL;
}

typedef enum {
	OPEN = 0,
	RESTRICTED = 1,
	NO_LOOPBACK = 2,
} Kind;

static World *world_new(Kind kind, const char *forward)
{
	World *world = g_new0(World, 1);
	g_autoptr(UplinkOptions) options = uplink_options_new();
	g_autoptr(GError) error = NULL;
	int pair[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	assert_true(uplink_options_set_address(options, "10.0.2.2/24", NULL));
	assert_true(uplink_options_set_address6(options, "fd00:2::2/64", NULL));
	assert_true(!forward || uplink_options_add_forward(options, forward, NULL));
	options->restrict_out = kind == RESTRICTED;
	/* closed by default */
	if (kind != NO_LOOPBACK)
		options->loopback = TRUE;
	world->lab = pair[0];
	world->uplink = uplink_new(pair[1], options, &error);
	if (!world->uplink)
		fail_msg("%s", error->message);
	world->thread = g_thread_new("uplink", serve, world->uplink);
	return world;
}

/* Closing the socket is what ends an uplink. */
static void world_free(World *world)
{
	close(world->lab);
	g_thread_join(world->thread);
	uplink_free(world->uplink);
	g_free(world);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(World, world_free)

static gboolean wait_for(int fd, int ms)
{
	return poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, ms) == 1;
}

/* -- frames -- */

static void put16(guint8 *at, guint v)
{
	at[0] = (guint8)(v >> 8);
	at[1] = (guint8)v;
}

static void put32(guint8 *at, guint32 v)
{
	put16(at, v >> 16);
	put16(at + 2, v & 0xffff);
}

static guint get16(const guint8 *at)
{
	return (guint)(at[0] << 8 | at[1]);
}

static guint32 get32(const guint8 *at)
{
	return (guint32)get16(at) << 16 | get16(at + 2);
}

static guint sum(guint32 start, const guint8 *bytes, gsize n)
{
	for (gsize i = 0; i < n; i++)
		start += i & 1 ? bytes[i] : (guint32)bytes[i] << 8;
	while (start >> 16)
		start = (start & 0xffff) + (start >> 16);
	return start;
}

static void send_arp(World *world, guint32 target, int operation)
{
	guint8 frame[42] = {0};
	memcpy(frame, broadcast, 6);
	memcpy(frame + 6, guest_mac, 6);
	put16(frame + 12, 0x0806);
	static const guint8 head[] = {0, 1, 8, 0, 6, 4};
	memcpy(frame + 14, head, sizeof head);
	put16(frame + 20, (guint)operation);
	memcpy(frame + 22, guest_mac, 6);
	put32(frame + 28, GUEST);
	put32(frame + 38, target);
	assert_int_equal(send(world->lab, frame, sizeof frame, 0), sizeof frame);
}

/* An IPv4 packet around a transport header and its data, whose checksum is at sum_at. */
static void send_ip(World *world, const guint8 *to_mac, guint32 from, guint32 to, int protocol, guint8 *segment,
	gsize n, gsize sum_at)
{
	guint8 frame[2000] = {0}, *packet = frame + 14, pseudo[12] = {0};
	memcpy(frame, to_mac, 6);
	memcpy(frame + 6, from == OTHER ? other_mac : guest_mac, 6);
	put16(frame + 12, 0x0800);
	packet[0] = 0x45;
	put16(packet + 2, (guint)(20 + n));
	packet[8] = 64;
	packet[9] = (guint8)protocol;
	put32(packet + 12, from);
	put32(packet + 16, to);
	put16(packet + 10, ~sum(0, packet, 20) & 0xffff);
	memcpy(pseudo, packet + 12, 8);
	pseudo[9] = (guint8)protocol;
	put16(pseudo + 10, (guint)n);
	put16(segment + sum_at, 0);
	put16(segment + sum_at, ~sum(protocol == IPPROTO_ICMP ? 0 : sum(0, pseudo, 12), segment, n) & 0xffff);
	memcpy(packet + 20, segment, n);
	assert_int_equal(send(world->lab, frame, 34 + n, 0), 34 + n);
}

static void send_udp(World *world, const guint8 *to_mac, guint32 from, guint32 to, guint from_port, guint to_port,
	const void *data, gsize n)
{
	guint8 segment[1500] = {0};
	put16(segment, from_port);
	put16(segment + 2, to_port);
	put16(segment + 4, (guint)(8 + n));
	memcpy(segment + 8, data, n);
	send_ip(world, to_mac, from, to, IPPROTO_UDP, segment, 8 + n, 6);
}

static void send_tcp(World *world, guint32 from, guint32 to, guint from_port, guint port, guint32 sequence,
	guint32 next, guint8 flags, const char *data)
{
	guint8 segment[100] = {0};
	put16(segment, from_port);
	put16(segment + 2, port);
	put32(segment + 4, sequence);
	put32(segment + 8, next);
	segment[12] = 5 << 4;
	segment[13] = flags;
	put16(segment + 14, 65535);
	memcpy(segment + 20, data, strlen(data));
	send_ip(world, gateway_mac, from, to, IPPROTO_TCP, segment, 20 + strlen(data), 16);
}

static void send_syn(World *world, guint32 to, guint port)
{
	send_tcp(world, GUEST, to, 40000, port, 1000, 0, 0x02, "");
}

/* The next frame for which is() holds; ARP requests for the guest are answered on the way. NULL after the patience. */
static const guint8 *await(World *world, gboolean (*is)(const guint8 *frame, gsize n), gsize *length)
{
	gint64 deadline = g_get_monotonic_time() + PATIENCE_MS * 1000;
	while (g_get_monotonic_time() < deadline && wait_for(world->lab, PATIENCE_MS)) {
		ssize_t n = recv(world->lab, world->frame, sizeof world->frame, 0);
		assert_true(n >= 14);
		if (is(world->frame, (gsize)n)) {
			if (length)
				*length = (gsize)n;
			return world->frame;
		}
		if (get16(world->frame + 12) == 0x0806 && world->frame[21] == 1 && get32(world->frame + 38) == GUEST)
			send_arp(world, GATEWAY, 2);
	}
	return NULL;
}

static gboolean is_arp_reply(const guint8 *frame, gsize n)
{
	return get16(frame + 12) == 0x0806 && frame[21] == 2;
}

static gboolean is_udp(const guint8 *frame, gsize n)
{
	return get16(frame + 12) == 0x0800 && frame[23] == IPPROTO_UDP;
}

static gboolean is_tcp(const guint8 *frame, gsize n)
{
	return get16(frame + 12) == 0x0800 && frame[23] == IPPROTO_TCP;
}

static gboolean is_echo_reply(const guint8 *frame, gsize n)
{
	return get16(frame + 12) == 0x0800 && frame[23] == IPPROTO_ICMP && frame[34] == 0;
}

static gboolean is_router_advertisement(const guint8 *frame, gsize n)
{
	return get16(frame + 12) == 0x86dd && frame[20] == IPPROTO_ICMPV6 && frame[54] == 134;
}

/* All that was sent before has been handled when the answer to this comes: frames are taken in order. */
static void settle(World *world)
{
	send_arp(world, GATEWAY, 1);
	assert_non_null(await(world, is_arp_reply, NULL));
}

/* -- the host's side -- */

static int host_socket(int type, guint *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	assert_true(type == SOCK_DGRAM || listen(fd, 4) == 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	*port = ntohs(address.sin_port);
	return fd;
}

/* A port that nobody has at the moment. */
static guint free_port(int type)
{
	guint port;
	close(host_socket(type, &port));
	return port;
}

/* -- tests -- */

static void the_gateway_answers_arp_and_ping(void **state)
{
	g_autoptr(World) world = world_new(OPEN, NULL);
	guint8 echo[12] = {8, [8] = 'p', 'i', 'n', 'g'};
	send_arp(world, GATEWAY, 1);
	const guint8 *reply = await(world, is_arp_reply, NULL);
	assert_non_null(reply);
	assert_memory_equal(reply + 22, gateway_mac, 6);
	send_ip(world, gateway_mac, GUEST, GATEWAY, IPPROTO_ICMP, echo, sizeof echo, 2);
	reply = await(world, is_echo_reply, NULL);
	assert_non_null(reply);
	assert_memory_equal(reply + 42, "ping", 4);
}

static void guests_get_addresses(void **state)
{
	g_autoptr(World) world = world_new(RESTRICTED, NULL);
	guint8 discover[300] = {1, 1, 6};
	static const guint8 options[] = {99, 130, 83, 99, 53, 1, 1, 255};
	memcpy(discover + 4, "\1\2\3\4", 4);
	memcpy(discover + 28, guest_mac, 6);
	memcpy(discover + 236, options, sizeof options);
	send_udp(world, broadcast, 0, 0xffffffff, 68, 67, discover, sizeof discover);
	const guint8 *offer = await(world, is_udp, NULL);
	assert_non_null(offer);
	assert_int_equal(get32(offer + 42 + 16), GATEWAY + 13);
	/* and IPv6 prefixes */
	guint8 solicit[62] = {0x33, 0x33, 0, 0, 0, 2, [12] = 0x86, 0xdd, 0x60};
	memcpy(solicit + 6, guest_mac, 6);
	put16(solicit + 18, 8);
	solicit[20] = IPPROTO_ICMPV6;
	solicit[21] = 255;
	memcpy(solicit + 22, "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x0a", 16);
	memcpy(solicit + 38, "\xff\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\x02", 16);
	solicit[54] = 133;
	guint8 pseudo[40] = {0};
	memcpy(pseudo, solicit + 22, 32);
	pseudo[35] = 8;
	pseudo[39] = IPPROTO_ICMPV6;
	put16(solicit + 56, ~sum(sum(0, pseudo, sizeof pseudo), solicit + 54, 8) & 0xffff);
	assert_int_equal(send(world->lab, solicit, sizeof solicit, 0), sizeof solicit);
	gsize n;
	const guint8 *advert = await(world, is_router_advertisement, &n);
	assert_non_null(advert);
	gboolean has_prefix = FALSE;
	for (gsize i = 54; i + 8 <= n; i++)
		has_prefix |= !memcmp(advert + i, "\xfd\0\0\2\0\0\0\0", 8);
	assert_true(has_prefix);
}

static void datagrams_reach_the_host_and_answers_return(void **state)
{
	g_autoptr(World) world = world_new(OPEN, NULL);
	struct sockaddr_in from;
	char text[16] = "";
	guint port;
	int host = host_socket(SOCK_DGRAM, &port);
	send_udp(world, gateway_mac, GUEST, GATEWAY, 5000, port, "hello", 5);
	assert_true(wait_for(host, PATIENCE_MS));
	assert_int_equal(recvfrom(host, text, sizeof text, 0, (struct sockaddr *)&from, &(socklen_t){sizeof from}), 5);
	assert_string_equal(text, "hello");
	assert_int_equal(sendto(host, "world!", 6, 0, (struct sockaddr *)&from, sizeof from), 6);
	const guint8 *answer = await(world, is_udp, NULL);
	assert_non_null(answer);
	assert_int_equal(get32(answer + 26), GATEWAY);
	assert_int_equal(get16(answer + 34), port);
	assert_int_equal(get16(answer + 36), 5000);
	assert_memory_equal(answer + 42, "world!", 6);
	close(host);
}

static void connections_reach_the_host(void **state)
{
	g_autoptr(World) world = world_new(OPEN, NULL);
	guint port;
	int host = host_socket(SOCK_STREAM, &port);
	send_syn(world, GATEWAY, port);
	const guint8 *answer = await(world, is_tcp, NULL);
	assert_non_null(answer);
	assert_int_equal(answer[47] & 0x16, 0x12); /* SYN ACK */
	assert_int_equal(get32(answer + 42), 1001);
	assert_true(wait_for(host, PATIENCE_MS));
	close(host);
}

/* A connection goes on while a neighbour begins thousands that never get anywhere. */
static void a_flood_hurts_no_connection_of_others(void **state)
{
	g_autoptr(World) world = world_new(OPEN, NULL);
	guint port, full_port;
	char text[8] = "";
	int host = host_socket(SOCK_STREAM, &port), full = host_socket(SOCK_STREAM, &full_port);
	send_syn(world, GATEWAY, port);
	const guint8 *answer = await(world, is_tcp, NULL);
	assert_non_null(answer);
	guint32 next = get32(answer + 38) + 1;
	send_tcp(world, GUEST, GATEWAY, 40000, port, 1001, next, 0x10, "");
	int connection = accept4(host, NULL, NULL, SOCK_CLOEXEC);
	assert_true(connection >= 0);
	for (guint i = 0; i < 20000; i++) { /* to a listener that accepts none, by an address of the neighbour's */
		send_tcp(world, OTHER, GATEWAY, 1024 + i, full_port, 1, 0, 0x02, "");
		while (wait_for(world->lab, 0))
			assert_true(recv(world->lab, world->frame, sizeof world->frame, 0) >= 14);
	}
	assert_true(uplink_counters(world->uplink)->values[UPLINK_FLOWS] > 10000);
	send_tcp(world, GUEST, GATEWAY, 40000, port, 1001, next, 0x18, "alive");
	assert_true(wait_for(connection, PATIENCE_MS));
	assert_int_equal(recv(connection, text, sizeof text, 0), 5);
	assert_string_equal(text, "alive");
	close(connection);
	close(host);
	close(full);
}

/* What a router would not take or forward: nothing of it may come out at the host. */
static void what_is_not_for_the_gateway_stays_in_the_lab(void **state)
{
	g_autoptr(World) world = world_new(OPEN, NULL);
	static const guint8 multicast_mac[6] = {1, 0, 0x5e, 0, 0, 9};
	guint port;
	int host = host_socket(SOCK_DGRAM, &port);
	send_udp(world, other_mac, GUEST, GATEWAY, 5000, port, "flooded", 7);
	send_udp(world, broadcast, GUEST, 0xffffffff, 5000, port, "broadcast", 9);
	send_udp(world, broadcast, GUEST, GATEWAY, 5000, port, "broadcast", 9);
	send_udp(world, multicast_mac, GUEST, 0xe0000009, 5000, port, "multicast", 9);
	send_udp(world, gateway_mac, GUEST, 0x7f000001, 5000, port, "loopback", 8);
	send_udp(world, gateway_mac, GUEST, 0, 5000, port, "this host", 9);
	send_udp(world, gateway_mac, GUEST, 0xffffffff, 5000, port, "all", 3);
	send_udp(world, gateway_mac, GUEST, OTHER, 5000, port, "neighbour", 9);
	send_udp(world, gateway_mac, GUEST, 0xa9fea9fe, 5000, port, "metadata", 8);
	for (gsize n = 0; n < 60; n += 7) { /* and what ends too early */
		guint8 frame[60] = {0};
		memcpy(frame, gateway_mac, 6);
		put16(frame + 12, n & 1 ? 0x0800 : 0x86dd);
		frame[14] = n & 1 ? 0x4f : 0x60;
		frame[n & 1 ? 23 : 20] = IPPROTO_UDP;
		assert_true(send(world->lab, frame, n, 0) == (ssize_t)n || n == 0);
	}
	settle(world);
	assert_false(wait_for(host, 0));
	send_udp(world, gateway_mac, GUEST, GATEWAY, 5000, port, "for you", 7);
	char text[16] = "";
	assert_true(wait_for(host, PATIENCE_MS));
	assert_int_equal(recv(host, text, sizeof text, 0), 7);
	assert_string_equal(text, "for you");
	close(host);
}

static void a_restricted_guest_reaches_nothing(void **state)
{
	g_autoptr(World) world = world_new(RESTRICTED, NULL);
	guint port, udp_port;
	int host = host_socket(SOCK_STREAM, &port), udp_host = host_socket(SOCK_DGRAM, &udp_port);
	send_udp(world, gateway_mac, GUEST, GATEWAY, 5000, udp_port, "hello", 5);
	send_udp(world, gateway_mac, GUEST, NAME_SERVER, 5000, 53, "hello", 5);
	send_syn(world, GATEWAY, port);
	const guint8 *answer = await(world, is_tcp, NULL);
	assert_non_null(answer);
	assert_int_equal(answer[47] & 0x04, 0x04); /* refused, and at once */
	assert_false(wait_for(host, 0));
	assert_false(wait_for(udp_host, 0));
	close(host);
	close(udp_host);
}

static int host_client(int type, guint port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons((guint16)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	return fd;
}

static void forwards_lead_in(Kind kind)
{
	guint port = free_port(SOCK_DGRAM), tcp_port = free_port(SOCK_STREAM);
	g_autofree char *udp = g_strdup_printf("udp:127.0.0.1:%u:10.0.2.10:7", port);
	g_autofree char *tcp = g_strdup_printf("tcp:127.0.0.1:%u:10.0.2.10:80", tcp_port);
	{
		g_autoptr(World) world = world_new(kind, udp);
		int client = host_client(SOCK_DGRAM, port);
		char text[16] = "";
		for (int i = 0; i < 3; i++) {
			assert_int_equal(send(client, "knock", 5, 0), 5);
			const guint8 *frame = await(world, is_udp, NULL);
			assert_non_null(frame);
			assert_int_equal(get16(frame + 36), 7);
			guint32 from = get32(frame + 26);
			guint from_port = get16(frame + 34);
			send_udp(world, gateway_mac, GUEST, from, 7, from_port, "answer", 6);
			assert_true(wait_for(client, PATIENCE_MS));
			assert_int_equal(recv(client, text, sizeof text, 0), 6);
			assert_string_equal(text, "answer");
		}
		/* The forwarded port is no way out. */
		guint elsewhere;
		int host = host_socket(SOCK_DGRAM, &elsewhere);
		send_udp(world, gateway_mac, GUEST, GATEWAY, 7, elsewhere, "escape", 6);
		settle(world);
		if (kind == OPEN)
			assert_true(wait_for(host, PATIENCE_MS));
		else
			assert_false(wait_for(host, 0));
		close(host);
		close(client);
	}
	g_autoptr(World) world = world_new(kind, tcp);
	int client = host_client(SOCK_STREAM, tcp_port);
	const guint8 *frame = await(world, is_tcp, NULL);
	assert_non_null(frame);
	assert_int_equal(get16(frame + 36), 80);
	assert_int_equal(get32(frame + 30), GUEST);
	assert_int_equal(frame[47] & 0x12, 0x02);
	close(client);
}

static void forwards_lead_into_the_lab(void **state)
{
	forwards_lead_in(OPEN);
}

static void forwards_lead_into_a_restricted_lab(void **state)
{
	forwards_lead_in(RESTRICTED);
}

/* libslirp takes an answer to a client at the loopback for a way there. */
static void forwards_lead_into_a_lab_without_loopback(void **state)
{
	forwards_lead_in(NO_LOOPBACK);
}

/* The sum of an IPv6 packet's pseudo-header and payload: 0xffff when its checksum is right. */
static guint sum_v6(const guint8 *ip)
{
	guint8 pseudo[40] = {0};
	memcpy(pseudo, ip + 8, 32);
	memcpy(pseudo + 34, ip + 4, 2);
	pseudo[39] = ip[6];
	return sum(sum(0, pseudo, sizeof pseudo), ip + 40, get16(ip + 4));
}

static gboolean is_from_mapped(const guint8 *frame, gsize n)
{
	return get16(frame + 12) == 0x86dd && !memcmp(frame + 22, "\0\x64\xff\x9b\0\0\0\0\0\0\0\0\x7f\0\0\1", 16);
}

static gboolean is_solicitation(const guint8 *frame, gsize n)
{
	return get16(frame + 12) == 0x86dd && frame[20] == IPPROTO_ICMPV6 && frame[54] == 135;
}

static void send_v6(World *world, const guint8 *to, int protocol, const guint8 *payload, gsize n, gsize sum_at)
{
	guint8 frame[200] = {0x52, 0x56, 0, 0, 0, 2, [12] = 0x86, 0xdd, 0x60};
	memcpy(frame + 6, guest_mac, 6);
	put16(frame + 18, (guint)n);
	frame[20] = (guint8)protocol;
	frame[21] = 255;
	memcpy(frame + 22, "\xfd\0\0\2\0\0\0\0\0\0\0\0\0\0\0\x0a", 16);
	memcpy(frame + 38, to, 16);
	memcpy(frame + 54, payload, n);
	put16(frame + 54 + sum_at, ~sum_v6(frame + 14) & 0xffff);
	assert_int_equal(send(world->lab, frame, 54 + n, 0), 54 + n);
}

static void clients_by_ipv4_reach_ipv6_guests(void **state)
{
	guint port = free_port(SOCK_DGRAM), elsewhere;
	g_autofree char *udp = g_strdup_printf("udp:127.0.0.1:%u:[fd00:2::a]:7", port);
	g_autoptr(World) world = world_new(OPEN, udp);
	guint8 advert[32] = {136, [4] = 0x60}, answer[14] = {[9] = 'w', 'o', 'r', 'l', 'd'}, peer[16];
	char text[16] = "";
	int client = host_client(SOCK_DGRAM, port), host = host_socket(SOCK_DGRAM, &elsewhere);
	assert_int_equal(send(client, "hello", 5, 0), 5);
	assert_non_null(await(world, is_solicitation, NULL));
	memcpy(advert + 8, "\xfd\0\0\2\0\0\0\0\0\0\0\0\0\0\0\x0a\2\1\2\0\0\0\0\x0a", 24);
	send_v6(world, (const guint8 *)"\xfd\0\0\2\0\0\0\0\0\0\0\0\0\0\0\2", IPPROTO_ICMPV6, advert, sizeof advert, 2);
	const guint8 *frame = await(world, is_from_mapped, NULL);
	assert_non_null(frame);
	assert_int_equal(sum_v6(frame + 14), 0xffff);
	assert_memory_equal(frame + 62, "hello", 5);
	guint client_port = get16(frame + 54);
	memcpy(peer, frame + 22, 16);
	put16(answer, 7);
	put16(answer + 2, client_port);
	put16(answer + 4, sizeof answer);
	send_v6(world, peer, IPPROTO_UDP, answer, sizeof answer, 6);
	assert_true(wait_for(client, PATIENCE_MS));
	assert_int_equal(recv(client, text, sizeof text, 0), 6);
	assert_memory_equal(text + 1, "world", 5);
	/* The address is no way to the host's loopback. */
	put16(answer + 2, elsewhere);
	put16(answer + 6, 0);
	send_v6(world, peer, IPPROTO_UDP, answer, sizeof answer, 6);
	settle(world);
	assert_false(wait_for(host, 0));
	close(client);
	close(host);
}

static void the_loopback_is_closed(void **state)
{
	g_autoptr(World) world = world_new(NO_LOOPBACK, NULL);
	guint port, udp_port;
	int host = host_socket(SOCK_STREAM, &port), udp_host = host_socket(SOCK_DGRAM, &udp_port);
	guint8 echo[12] = {8, [8] = 'p', 'i', 'n', 'g'};
	send_udp(world, gateway_mac, GUEST, GATEWAY, 5000, udp_port, "hello", 5);
	send_udp(world, gateway_mac, GUEST, NAME_SERVER, 5000, udp_port, "hello", 5);
	send_udp(world, gateway_mac, GUEST, 0x7f000001, 5000, udp_port, "hello", 5);
	send_syn(world, GATEWAY, port);
	send_ip(world, gateway_mac, GUEST, GATEWAY, IPPROTO_ICMP, echo, sizeof echo, 2);
	assert_non_null(await(world, is_echo_reply, NULL)); /* the gateway itself answers */
	assert_false(wait_for(host, 0));
	assert_false(wait_for(udp_host, 0));
	close(host);
	close(udp_host);
}

/* What libslirp 4.7.0 dies of, or sends its memory for. */
static void a_large_ping_is_answered(void **state)
{
	g_autoptr(World) world = world_new(OPEN, NULL);
	guint8 frame[34 + 1480] = {0}, echo[3008] = {8};
	/* the last part first: its length and offset were taken for a pointer */
	memset(echo + 8, 'e', sizeof echo - 8);
	put16(echo + 2, ~sum(0, echo, sizeof echo) & 0xffff);
	for (unsigned i = 3; i-- > 0;) {
		gsize at = i * 1480u, n = MIN(1480, sizeof echo - at);
		memcpy(frame, gateway_mac, 6);
		memcpy(frame + 6, guest_mac, 6);
		put16(frame + 12, 0x0800);
		frame[14] = 0x45;
		put16(frame + 16, (guint)(20 + n));
		put16(frame + 18, 7);
		put16(frame + 20, (guint)(at / 8) | (i < 2 ? 0x2000u : 0));
		frame[22] = 64;
		frame[23] = IPPROTO_ICMP;
		put32(frame + 26, GUEST);
		put32(frame + 30, GATEWAY);
		put16(frame + 24, 0);
		put16(frame + 24, ~sum(0, frame + 14, 20) & 0xffff);
		memcpy(frame + 34, echo + at, n);
		assert_int_equal(send(world->lab, frame, 34 + n, 0), 34 + n);
	}
	gsize n;
	const guint8 *reply = await(world, is_echo_reply, &n);
	assert_non_null(reply);
	assert_int_equal(get16(reply + 20), 0x2000); /* the first of several parts again */
	assert_int_equal(reply[n - 1], 'e');
}

static void a_port_that_is_taken_is_named(void **state)
{
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM};
	for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
		g_autoptr(UplinkOptions) options = uplink_options_new();
		g_autoptr(GError) error = NULL;
		int pair[2];
		guint port;
		int taken = host_socket(types[i], &port);
		g_autofree char *text = g_strdup_printf("%s:127.0.0.1:%u:10.0.2.10:80", i ? "udp" : "tcp", port);
		g_autofree char *named = g_strdup_printf("%s port 127.0.0.1:%u ", i ? "UDP" : "TCP", port);
		assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
		assert_true(uplink_options_set_address(options, "10.0.2.2/24", NULL));
		assert_true(uplink_options_add_forward(options, text, NULL));
		assert_null(uplink_new(pair[1], options, &error));
		assert_int_equal(error->code, UPLINK_ERROR_FORWARD);
		if (!strstr(error->message, named) || !strstr(error->message, "choose another port"))
			fail_msg("%s", error->message);
		close(pair[0]);
		close(taken);
	}
}

/* The program: reports on its descriptor, and goes when its socket closes. */
static void the_program_reports_and_ends(void **state)
{
	const char *program = g_getenv("NETLAB_TEST_UPLINK");
	int pair[2], ready[2], status;
	char text[512] = "";
	if (!program)
		skip();
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(pair[1], 10);
		dup2(ready[1], 11);
		execl(program, program, "--fd=10", "--ready-fd=11", "--address=10.0.2.2/24", "--address6=fd00:2::2/64",
			NULL);
		_exit(127);
	}
	close(pair[1]);
	close(ready[1]);
	gsize n = 0;
	for (ssize_t got; (got = read(ready[0], text + n, sizeof text - 1 - n)) > 0;)
		n += (gsize)got;
	assert_true(g_str_has_suffix(text, "ready\n"));
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	close(pair[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	close(ready[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_gateway_answers_arp_and_ping),
		cmocka_unit_test(guests_get_addresses),
		cmocka_unit_test(datagrams_reach_the_host_and_answers_return),
		cmocka_unit_test(connections_reach_the_host),
		cmocka_unit_test(a_flood_hurts_no_connection_of_others),
		cmocka_unit_test(what_is_not_for_the_gateway_stays_in_the_lab),
		cmocka_unit_test(a_restricted_guest_reaches_nothing),
		cmocka_unit_test(forwards_lead_into_the_lab),
		cmocka_unit_test(forwards_lead_into_a_restricted_lab),
		cmocka_unit_test(forwards_lead_into_a_lab_without_loopback),
		cmocka_unit_test(clients_by_ipv4_reach_ipv6_guests),
		cmocka_unit_test(the_loopback_is_closed),
		cmocka_unit_test(a_large_ping_is_answered),
		cmocka_unit_test(a_port_that_is_taken_is_named),
		cmocka_unit_test(the_program_reports_and_ends),
	};
	return cmocka_run_group_tests_name("uplink", tests, NULL, NULL);
}
