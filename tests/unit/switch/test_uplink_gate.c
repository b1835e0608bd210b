/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an uplink's gate lets through: frames of hostile guests, one rule at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <glib.h>
#include <string.h>

#include "switch/frame/bytes.h"
#include "switch/uplink/flows.h"
#include "switch/uplink/fragments.h"
#include "switch/uplink/leases.h"
#include "switch/uplink/uplink_gate.h"

#define GATEWAY 0x0a000202u
#define NAME_SERVER 0x0a000203u
#define GUEST 0x0a00020au
#define WORLD 0xcb007101u

enum { ETH = 14, IP = 20, SYN = 0x02, ACK = 0x10, URG = 0x20 };

typedef struct {
	guint8 bytes[4000];
	gsize length;
} Frame;

static gint64 now = 1000;

static UplinkGate *gate_new(void)
{
	g_autoptr(UplinkOptions) options = uplink_options_new();
	assert_true(uplink_options_set_address(options, "10.0.2.2/24", NULL));
	assert_true(uplink_options_set_address6(options, "fd00:2::2/64", NULL));
	return uplink_gate_new(options, FALSE);
}

static gboolean admit(UplinkGate *gate, Frame *frame, GatePass *pass)
{
	guint8 introduction[GATE_INTRODUCTION_MAX];
	gboolean passes = uplink_gate_admit(gate, frame->bytes, frame->length, FALSE, now, pass);
	uplink_gate_handled(gate, introduction);
	return passes;
}

static gboolean passes(UplinkGate *gate, Frame *frame)
{
	GatePass pass;
	return admit(gate, frame, &pass);
}

/* Refused for one reason, and counted once. */
static void assert_refused(UplinkGate *gate, Frame *frame, UplinkCounter why)
{
	UplinkCounters before = *uplink_gate_counters(gate);
	before.values[why]++;
	assert_false(passes(gate, frame));
	assert_memory_equal(uplink_gate_counters(gate), &before, sizeof before);
}

static guint16 checksum(guint32 sum, const guint8 *bytes, gsize n)
{
	for (gsize i = 0; i < n; i++)
		sum += i & 1 ? bytes[i] : (guint32)bytes[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (guint16)~sum;
}

static void finish_ip(Frame *frame)
{
	guint8 *ip = frame->bytes + ETH;
	write_be16(ip + 10, 0);
	write_be16(ip + 10, checksum(0, ip, (gsize)(ip[0] & 15) * 4));
}

static Frame ip_frame(Mac station, guint32 from, guint32 to, int protocol, const void *payload, gsize n)
{
	static const guint8 gateway[] = {0x52, 0x55, 10, 0, 2, 2};
	Frame frame = {.length = ETH + IP + n};
	guint8 *ip = frame.bytes + ETH;
	memcpy(frame.bytes, gateway, 6);
	write_be(frame.bytes + 6, station, 6);
	write_be16(frame.bytes + 12, 0x0800);
	ip[0] = 0x45;
	write_be16(ip + 2, (guint16)(IP + n));
	write_be16(ip + 4, 99);
	ip[8] = 64;
	ip[9] = (guint8)protocol;
	write_be32(ip + 12, from);
	write_be32(ip + 16, to);
	memcpy(ip + IP, payload, n);
	finish_ip(&frame);
	return frame;
}

static Frame tcp(Mac station, guint16 port, guint32 sequence, int flags, gsize data)
{
	guint8 segment[1480] = {0}, pseudo[12] = {[9] = IPPROTO_TCP};
	write_be16(segment, port);
	write_be16(segment + 2, 80);
	write_be32(segment + 4, sequence);
	segment[12] = 5 << 4;
	segment[13] = (guint8)flags;
	Frame frame = ip_frame(station, GUEST, WORLD, IPPROTO_TCP, segment, 20 + data);
	memcpy(pseudo, frame.bytes + ETH + 12, 8);
	write_be16(pseudo + 10, (guint16)(20 + data));
	guint32 sum = (guint16)~checksum(0, pseudo, sizeof pseudo);
	write_be16(frame.bytes + ETH + IP + 16, checksum(sum, frame.bytes + ETH + IP, 20 + data));
	return frame;
}

static Frame udp(Mac station, guint16 port, guint32 to, guint16 to_port, gsize data)
{
	guint8 datagram[1480] = {0};
	write_be16(datagram, port);
	write_be16(datagram + 2, to_port);
	write_be16(datagram + 4, (guint16)(8 + data));
	return ip_frame(station, GUEST, to, IPPROTO_UDP, datagram, 8 + data);
}

/* -- parts of datagrams -- */

/* A part of a datagram of 24 bytes of 'a', 'b', ... for UDP. */
static Frame part(guint16 id, gsize offset, gsize size, gboolean more)
{
	guint8 whole[24 + 8] = {0};
	write_be16(whole, 5000);
	write_be16(whole + 2, 7);
	write_be16(whole + 4, 24);
	for (gsize i = 8; i < sizeof whole; i++)
		whole[i] = (guint8)('a' + i);
	Frame frame = ip_frame(2, GUEST, WORLD, IPPROTO_UDP, whole + offset, size);
	write_be16(frame.bytes + ETH + 4, id);
	write_be16(frame.bytes + ETH + 6, (guint16)(offset / 8 | (more ? 0x2000u : 0u)));
	finish_ip(&frame);
	return frame;
}

static void parts_become_whole_in_any_order(void **state)
{
	static const unsigned orders[][3] = {{0, 1, 2}, {2, 1, 0}, {1, 2, 0}, {2, 0, 1}};
	for (gsize i = 0; i < G_N_ELEMENTS(orders); i++) {
		g_autoptr(UplinkGate) gate = gate_new();
		Frame parts[3] = {part(1, 0, 8, TRUE), part(1, 8, 8, TRUE), part(1, 16, 8, FALSE)};
		GatePass pass;
		assert_false(admit(gate, &parts[orders[i][0]], &pass));
		assert_false(admit(gate, &parts[orders[i][0]], &pass)); /* a copy is no overlap */
		assert_false(admit(gate, &parts[orders[i][1]], &pass));
		assert_true(admit(gate, &parts[orders[i][2]], &pass));
		assert_int_equal(pass.length, ETH + IP + 24);
		assert_int_equal(read_be16(pass.frame + ETH + 2), IP + 24);
		assert_int_equal(read_be16(pass.frame + ETH + 6), 0);
		assert_int_equal(checksum(0, pass.frame + ETH, IP), 0);
		assert_memory_equal(pass.frame + ETH + IP + 8, "ijklmnopqrstuvwx", 16);
		assert_int_equal(uplink_gate_counters(gate)->values[UPLINK_FRAGMENTS], 0);
	}
}

static void parts_that_contradict_end_the_datagram(void **state)
{
	g_autoptr(UplinkGate) gate = gate_new();
	Frame first = part(1, 0, 16, TRUE), overlap = part(1, 8, 16, FALSE), last = part(1, 16, 8, FALSE);
	assert_false(passes(gate, &first));
	assert_refused(gate, &overlap, UPLINK_FRAGMENTS);
	assert_false(passes(gate, &last)); /* of the next one now */
	/* the other bytes, two ends, beyond the end */
	Frame other = part(1, 16, 8, FALSE);
	other.bytes[ETH + IP] ^= 1;
	assert_refused(gate, &other, UPLINK_FRAGMENTS);
	Frame longer = part(2, 24, 8, TRUE), end = part(2, 16, 8, FALSE);
	assert_false(passes(gate, &longer));
	assert_refused(gate, &end, UPLINK_FRAGMENTS);
	Frame beyond = part(3, 0, 8, TRUE), odd = part(3, 0, 7, TRUE);
	write_be16(beyond.bytes + ETH + 6, 0x1fff);
	finish_ip(&beyond);
	assert_refused(gate, &beyond, UPLINK_MALFORMED);
	assert_refused(gate, &odd, UPLINK_MALFORMED);
}

static void waiting_parts_are_bounded_in_number_and_time(void **state)
{
	g_autoptr(UplinkGate) gate = gate_new();
	const guint64 *lost = &uplink_gate_counters(gate)->values[UPLINK_FRAGMENTS];
	for (guint16 id = 0; id < 100; id++) {
		Frame one = part(id, 8, 8, TRUE);
		assert_false(passes(gate, &one));
	}
	assert_int_equal(*lost, 100 - FRAGMENTS_PER_STATION);
	/* a neighbour's are not among them */
	Frame theirs = part(1, 0, 16, TRUE), rest = part(1, 16, 8, FALSE), mine = part(500, 0, 8, TRUE);
	theirs.bytes[11] = rest.bytes[11] = 3;
	assert_false(passes(gate, &theirs));
	for (unsigned i = 0; i < 10; i++) {
		write_be16(mine.bytes + ETH + 4, (guint16)(500 + i));
		finish_ip(&mine);
		assert_false(passes(gate, &mine));
	}
	assert_true(passes(gate, &rest));
	guint64 before = *lost;
	now += FRAGMENTS_MS + 1;
	assert_false(passes(gate, &mine));
	assert_int_equal(*lost, before + FRAGMENTS_PER_STATION);
}

/* -- what is malformed -- */

static void urgent_marks_are_cleared(void **state)
{
	g_autoptr(UplinkGate) gate = gate_new();
	Frame frame = tcp(2, 5000, 1, ACK | URG, 11), plain = tcp(2, 5000, 1, ACK, 11);
	GatePass pass;
	guint8 *segment = frame.bytes + ETH + IP;
	write_be16(segment + 18, 1500);
	write_be16(segment + 16, 0);
	guint8 pseudo[12] = {[9] = IPPROTO_TCP, [11] = 31};
	memcpy(pseudo, frame.bytes + ETH + 12, 8);
	write_be16(segment + 16, checksum((guint16)~checksum(0, pseudo, 12), segment, 31));
	assert_true(admit(gate, &frame, &pass));
	assert_memory_equal(pass.frame, plain.bytes, plain.length); /* checksum and all */
	assert_int_equal(uplink_gate_counters(gate)->values[UPLINK_URGENT], 1);
	assert_true(admit(gate, &plain, &pass));
	assert_int_equal(uplink_gate_counters(gate)->values[UPLINK_URGENT], 1);
}

static void what_is_malformed_is_refused(void **state)
{
	g_autoptr(UplinkGate) gate = gate_new();
	static const guint8 options[][4] = {{2, 4, 5}, {2, 0}, {3, 1}, {1, 1, 1, 2}, {1, 1, 2, 8}};
	for (gsize i = 0; i < G_N_ELEMENTS(options); i++) {
		Frame frame = tcp(2, 5000, 1, SYN, 4);
		frame.bytes[ETH + IP + 12] = 6 << 4;
		memcpy(frame.bytes + ETH + IP + 20, options[i], 4);
		if (i == 0)
			assert_true(passes(gate, &frame));
		else
			assert_refused(gate, &frame, UPLINK_MALFORMED);
	}
	Frame frame = tcp(2, 5000, 1, SYN, 0);
	frame.bytes[ETH + IP + 12] = 15 << 4; /* a header longer than the packet */
	assert_refused(gate, &frame, UPLINK_MALFORMED);
	frame = udp(2, 5000, WORLD, 7, 10);
	write_be16(frame.bytes + ETH + IP + 4, 7); /* shorter than its header */
	assert_refused(gate, &frame, UPLINK_MALFORMED);
	write_be16(frame.bytes + ETH + IP + 4, 19); /* longer than the packet */
	assert_refused(gate, &frame, UPLINK_MALFORMED);
	frame = udp(2, 5000, WORLD, 7, 10);
	frame.length--; /* cut off */
	assert_refused(gate, &frame, UPLINK_MALFORMED);
	frame = udp(2, 5000, WORLD, 7, 10);
	frame.bytes[ETH + 10]++; /* the header's checksum */
	assert_refused(gate, &frame, UPLINK_MALFORMED);
	frame = udp(2, 5000, WORLD, 7, 10);
	frame.bytes[ETH] = 0x46;
	finish_ip(&frame);
	assert_refused(gate, &frame, UPLINK_OPTIONS);
	frame = udp(2, 5000, GATEWAY, 69, 10);
	assert_refused(gate, &frame, UPLINK_PROTOCOL);
	frame = ip_frame(2, GUEST, WORLD, 47, "GRE", 3);
	assert_refused(gate, &frame, UPLINK_PROTOCOL);
	frame = ip_frame(2, 0x0a000302, WORLD, IPPROTO_ICMP, "\10\0\0\0\0\0\0\0", 8);
	assert_refused(gate, &frame, UPLINK_SOURCE);
	frame = ip_frame(2, GUEST, 0x7f000001, IPPROTO_ICMP, "\10\0\0\0\0\0\0\0", 8);
	assert_refused(gate, &frame, UPLINK_DESTINATION);
	frame = udp(2, 5000, WORLD, 7, 10);
	frame.length += 6; /* Ethernet's padding */
	assert_true(passes(gate, &frame));
}

static void ipv6_extension_headers_are_refused(void **state)
{
	g_autoptr(UplinkGate) gate = gate_new();
	static const struct {
		guint8 header;
		UplinkCounter why;
	} cases[] = {{0, UPLINK_OPTIONS}, {43, UPLINK_OPTIONS}, {60, UPLINK_OPTIONS}, {44, UPLINK_FRAGMENTS},
		{50, UPLINK_PROTOCOL}, {IPPROTO_ICMP, UPLINK_PROTOCOL}};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		Frame frame = {
			.bytes = {0x52, 0x56, 0, 0, 0, 2, 2, 0, 0, 0, 0, 2, 0x86, 0xdd, 0x60}, .length = ETH + 48};
		guint8 *ip = frame.bytes + ETH;
		ip[5] = 8;
		ip[6] = cases[i].header;
		ip[7] = 64;
		memcpy(ip + 8, "\xfd\0\0\2\0\0\0\0\0\0\0\0\0\0\0\x0a", 16);
		memcpy(ip + 24, "\xfd\0\0\2\0\0\0\0\0\0\0\0\0\0\0\2", 16);
		assert_refused(gate, &frame, cases[i].why);
	}
}

/* -- flows -- */

/* One station begins as many flows as it can, as libslirp would open sockets for them. Returns their number. */
static unsigned flood(UplinkGate *gate, Mac station, unsigned attempts, int *fd)
{
	unsigned begun = 0;
	for (unsigned i = 0; i < attempts; i++) {
		Frame frame = tcp(station, (guint16)(1024 + i), 1, SYN, 0);
		GatePass pass;
		guint8 introduction[GATE_INTRODUCTION_MAX];
		write_be32(frame.bytes + ETH + 12, GUEST + (guint32)(station < 1000 ? station : 100 + station % 100));
		finish_ip(&frame);
		if (uplink_gate_admit(gate, frame.bytes, frame.length, FALSE, now, &pass)) {
			uplink_gate_opened(gate, (*fd)++, NULL, NULL);
			begun++;
		}
		uplink_gate_handled(gate, introduction);
	}
	return begun;
}

static void a_flood_leaves_room_for_others(void **state)
{
	g_autoptr(UplinkGate) gate = gate_new();
	int fd = 10;
	assert_int_equal(flood(gate, 2, 5000, &fd), FLOWS_TCP_OPENING_MAX / 2);
	assert_int_equal(flood(gate, 3, 20, &fd), 20); /* a neighbour */
	assert_true(uplink_gate_counters(gate)->values[UPLINK_FLOWS] >= 4000);
	for (int i = 10; i < fd; i++)
		uplink_gate_closed(gate, i);
	now += 10000;
	assert_int_equal(flood(gate, 2, 20, &fd), 20);
}

/* With an address of its own for each, a flood is one of new stations. */
static void invented_stations_do_not_help(void **state)
{
	g_autoptr(UplinkGate) gate = gate_new();
	int fd = 10;
	unsigned begun = 0;
	assert_int_equal(flood(gate, 2, 5, &fd), 5);
	for (Mac station = 1000; station < 6000; station++)
		if (flood(gate, station, 1, &fd)) {
			uplink_gate_closed(gate, --fd); /* at once, as for a port that refuses */
			begun++;
		}
	assert_in_range(begun, 1, FLOWS_NEW_STATIONS);
	assert_int_equal(flood(gate, 2, 50, &fd), 50); /* one that was there before */
}

static void segments_far_ahead_are_refused(void **state)
{
	g_autoptr(UplinkGate) gate = gate_new();
	Frame syn = tcp(2, 5000, 1000, SYN, 0), answer = tcp(2, 80, 7, SYN | ACK, 0);
	GatePass pass;
	guint8 introduction[GATE_INTRODUCTION_MAX];
	assert_true(uplink_gate_admit(gate, syn.bytes, syn.length, FALSE, now, &pass));
	uplink_gate_opened(gate, 10, NULL, NULL);
	uplink_gate_handled(gate, introduction);
	assert_true(passes(gate, &syn)); /* again, as nothing has come back */
	write_be32(answer.bytes + ETH + 12, WORLD);
	write_be32(answer.bytes + ETH + 16, GUEST);
	finish_ip(&answer);
	write_be16(answer.bytes + ETH + IP + 2, 5000);
	write_be32(answer.bytes + ETH + IP + 8, 1001);
	uplink_gate_sends(gate, answer.bytes, answer.length);
	Frame established = tcp(2, 5000, 1001, ACK, 0);
	assert_true(passes(gate, &established));
	assert_refused(gate, &syn, UPLINK_MALFORMED); /* its options would empty libslirp's buffers */
	for (guint32 i = 0; i < FLOWS_HELD_MAX; i++) {
		Frame ahead = tcp(2, 5000, 2001 + 2 * i, ACK, 1);
		assert_true(passes(gate, &ahead));
	}
	Frame ahead = tcp(2, 5000, 3001, ACK, 1), next = tcp(2, 5000, 1001, ACK, 100);
	assert_refused(gate, &ahead, UPLINK_REORDERED);
	assert_true(passes(gate, &next));
	write_be32(answer.bytes + ETH + IP + 8, 1101);
	uplink_gate_sends(gate, answer.bytes, answer.length);
	assert_refused(gate, &ahead, UPLINK_REORDERED); /* they are still held */
	write_be32(answer.bytes + ETH + IP + 8, 2001 + 2 * FLOWS_HELD_MAX - 1);
	uplink_gate_sends(gate, answer.bytes, answer.length);
	assert_true(passes(gate, &ahead));
}

/* -- DHCP -- */

static Frame dhcp(Mac station, Mac client, guint8 type, guint32 wanted)
{
	guint8 datagram[8 + 300] = {0}, *data = datagram + 8;
	write_be16(datagram, 68);
	write_be16(datagram + 2, 67);
	write_be16(datagram + 4, sizeof datagram);
	memcpy(data, "\1\1\6", 3);
	write_be(data + 28, client, 6);
	write_be32(data + 236, 0x63825363);
	memcpy(data + 240, (guint8[]){53, 1, type, 50, 4}, 5);
	write_be32(data + 245, wanted);
	data[249] = 255;
	Frame frame = ip_frame(station, 0, 0xffffffff, IPPROTO_UDP, datagram, sizeof datagram);
	memset(frame.bytes, 0xff, 6);
	return frame;
}

static void give(UplinkGate *gate, Mac client, guint32 address)
{
	Frame offer = dhcp(2, client, 2, 0);
	guint8 *ip = offer.bytes + ETH, *data = ip + IP + 8;
	write_be32(ip + 12, GATEWAY);
	write_be16(ip + IP, 67);
	write_be16(ip + IP + 2, 68);
	finish_ip(&offer);
	data[0] = 2;
	write_be32(data + 16, address);
	uplink_gate_sends(gate, offer.bytes, offer.length);
}

static void dhcp_gives_to_those_it_can(void **state)
{
	g_autoptr(UplinkGate) gate = gate_new();
	Frame other = dhcp(2, 3, 1, 0);
	assert_refused(gate, &other, UPLINK_DHCP); /* for somebody else */
	for (unsigned i = 0; i < LEASES; i++) {
		Frame discover = dhcp(0x20000 + i, 0x20000 + i, 1, 0);
		assert_true(passes(gate, &discover));
		give(gate, 0x20000 + i, GATEWAY + 13 + i);
	}
	Frame late = dhcp(0x30000, 0x30000, 1, 0), known = dhcp(0x20003, 0x20003, 3, GATEWAY + 16);
	assert_refused(gate, &late, UPLINK_DHCP);
	assert_true(passes(gate, &known));
	unsigned passed = 0;
	for (unsigned i = 0; i < 1000; i++)
		passed += passes(gate, &known);
	assert_in_range(passed, 1, LEASES_BURST);
}

static void one_station_does_not_get_all_leases(void **state)
{
	g_autoptr(UplinkGate) gate = gate_new();
	unsigned passed = 0;
	for (guint32 i = 0; i < LEASES; i++) {
		Frame discover = dhcp(2, 2, 1, GATEWAY + 13 + i);
		if (passes(gate, &discover)) {
			give(gate, 2, GATEWAY + 13 + i);
			passed++;
		}
		now += 2000;
	}
	assert_int_equal(passed, LEASES_PER_STATION);
}

/* -- neighbours -- */

/* What waits inside libslirp for the Ethernet address of a guest waits without bounds: it gets it from the frame. */
static void the_sender_is_introduced_when_nat_asks_for_it(void **state)
{
	g_autoptr(UplinkGate) gate = gate_new();
	Frame frame = udp(0x020000000077, 5000, GATEWAY, 7, 10);
	guint8 arp[42] = {[12] = 8, 6, 0, 1, 8, 0, 6, 4, 0, 1}, introduction[GATE_INTRODUCTION_MAX];
	GatePass pass;
	memset(arp, 0xff, 6);
	write_be32(arp + 38, GUEST);
	assert_true(uplink_gate_admit(gate, frame.bytes, frame.length, FALSE, now, &pass));
	uplink_gate_sends(gate, arp, sizeof arp);
	assert_int_equal(uplink_gate_handled(gate, introduction), 42);
	assert_int_equal(mac_of(introduction + 22), 0x020000000077);
	assert_int_equal(read_be32(introduction + 28), GUEST);
	assert_int_equal(read_be32(introduction + 38), GUEST);
	/* for another one it has to wait */
	assert_true(uplink_gate_admit(gate, frame.bytes, frame.length, FALSE, now, &pass));
	write_be32(arp + 38, GUEST + 1);
	uplink_gate_sends(gate, arp, sizeof arp);
	assert_int_equal(uplink_gate_handled(gate, introduction), 0);
}

static void frames_come_from_the_gateway(void **state)
{
	g_autoptr(UplinkGate) gate = gate_new();
	struct iovec parts[GATE_PARTS];
	guint8 from_v4[60] = {[6] = 0x52, 0x55, 10, 0, 2, 2, 8, 0},
	       from_far[60] = {[6] = 0x52, 0x56, 1, 2, 3, 4, 0x86, 0xdd};
	assert_int_equal(uplink_gate_parts(gate, from_v4, sizeof from_v4, parts), 3);
	assert_memory_equal(parts[1].iov_base, from_v4 + 6, 6);
	assert_int_equal(uplink_gate_parts(gate, from_far, sizeof from_far, parts), 3);
	assert_memory_equal(parts[1].iov_base, "\x52\x56\0\0\0\2", 6); /* not one for each sender in the world */
	/* a client that came by IPv4 */
	memcpy(from_far + ETH + 8, "\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\0\0\1", 16);
	gsize at = 0;
	guint8 whole[60];
	unsigned n = uplink_gate_parts(gate, from_far, sizeof from_far, parts);
	for (unsigned i = 0; i < n; i++) {
		memcpy(whole + at, parts[i].iov_base, parts[i].iov_len);
		at += parts[i].iov_len;
	}
	assert_int_equal(at, sizeof from_far);
	assert_memory_equal(whole + ETH + 8, "\0\x64\xff\x9b\0\0\0\0\0\0\0\0\x7f\0\0\1", 16);
	assert_memory_equal(whole + ETH + 24, from_far + ETH + 24, 60 - ETH - 24);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_become_whole_in_any_order),
		cmocka_unit_test(parts_that_contradict_end_the_datagram),
		cmocka_unit_test(waiting_parts_are_bounded_in_number_and_time),
		cmocka_unit_test(urgent_marks_are_cleared),
		cmocka_unit_test(what_is_malformed_is_refused),
		cmocka_unit_test(ipv6_extension_headers_are_refused),
		cmocka_unit_test(a_flood_leaves_room_for_others),
		cmocka_unit_test(invented_stations_do_not_help),
		cmocka_unit_test(segments_far_ahead_are_refused),
		cmocka_unit_test(dhcp_gives_to_those_it_can),
		cmocka_unit_test(one_station_does_not_get_all_leases),
		cmocka_unit_test(the_sender_is_introduced_when_nat_asks_for_it),
		cmocka_unit_test(frames_come_from_the_gateway),
	};
	return cmocka_run_group_tests_name("uplink_gate", tests, NULL, NULL);
}
