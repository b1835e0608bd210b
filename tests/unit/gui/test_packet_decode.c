/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line a frame; broken ones too, of which no byte beyond the end is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gui/packets/decode.h"
#include "tests/unit/switch/frames.h"

#define IPV4(protocol, total) "4500" total "00010000 40" protocol "0000 0a000001 0a000002 "
#define IPV6(next, length)                                                                                             \
	"60000000" length next "40 20010db8000000000000000000000001 20010db8000000000000000000000002 "

static const struct {
	const char *frame, *protocol, *from, *to, *info;
} frames[] = {
	{ETHERNET "0806 0001 0800 06 04 0001 525400000001 0a000001 000000000000 0a000002", "ARP", "52:54:00:00:00:01",
		"52:54:00:00:00:02", "who has 10.0.0.2? tell 10.0.0.1"},
	{ETHERNET "0806 0001 0800 06 04 0002 525400000001 0a000001 525400000002 0a000002", "ARP", "52:54:00:00:00:01",
		"52:54:00:00:00:02", "10.0.0.1 is at 52:54:00:00:00:01"},
	{ETHERNET "0806 0001 0800 06 04 0001 525400000001 0a000001 000000000000 0a000001", "ARP", "52:54:00:00:00:01",
		"52:54:00:00:00:02", "announces 10.0.0.1 at 52:54:00:00:00:01"},
	{ETHERNET "0800" IPV4("01", "001c") "0800 0000 0007 0009", "ICMP", "10.0.0.1", "10.0.0.2",
		"echo request, id 7, seq 9"},
	{ETHERNET "0800" IPV4("01", "0038") "0303 0000 00000000 45000020000100004011 0000 0a000002 0a000001", "ICMP",
		"10.0.0.1", "10.0.0.2", "port unreachable, for a datagram to 10.0.0.1"},
	{ETHERNET "0800" IPV4("06", "0028") "c000 0050 00000001 00000000 5002 ffff 0000 0000", "TCP", "10.0.0.1",
		"10.0.0.2", "49152 → 80 [SYN] seq 1 win 65535 len 0"},
	{ETHERNET "0800" IPV4("06", "002a") "c000 0050 00000001 00000002 5018 ffff 0000 0000 4745", "HTTP", "10.0.0.1",
		"10.0.0.2", "49152 → 80 [PSH ACK] seq 1 ack 2 win 65535 len 2"},
	{ETHERNET "0800" IPV4("11", "0020") "c000 0035 000c 0000 00000000", "DNS", "10.0.0.1", "10.0.0.2",
		"49152 → 53 len 4"},
	{ETHERNET "0800" IPV4("59", "002c") "02 01 0018 0a0a0a0a 00000000 0000 0000 0000000000000000", "OSPF",
		"10.0.0.1", "10.0.0.2", "hello, router 10.10.10.10, area 0.0.0.0"},
	{ETHERNET "0800" IPV4("2f", "0018") "00000800", "GRE", "10.0.0.1", "10.0.0.2", "4 bytes"},
	{ETHERNET "0800" IPV4("c8", "0018") "00000800", "IP 200", "10.0.0.1", "10.0.0.2", "4 bytes"},
	{ETHERNET "0800 45000020 00012001 4011 0000 0a000001 0a000002 0000000000000000", "IPv4", "10.0.0.1", "10.0.0.2",
		"fragment at 8 of datagram 0x0001, protocol 17"},
	{ETHERNET "86dd" IPV6("3a", "0008") "8000 0000 0007 0009", "ICMPv6", "2001:db8::1", "2001:db8::2",
		"echo request, id 7, seq 9"},
	{ETHERNET "86dd" IPV6("3a", "0018") "8700 0000 00000000 20010db8000000000000000000000002", "ICMPv6",
		"2001:db8::1", "2001:db8::2", "neighbour solicitation for 2001:db8::2"},
	{ETHERNET "86dd" IPV6("00", "0010") "3a00000000000000 8f00 0000 00000000", "ICMPv6", "2001:db8::1",
		"2001:db8::2", "multicast listener report"},
	{ETHERNET "8100 000a 0800" IPV4("01", "001c") "0000 0000 0001 0002", "ICMP", "10.0.0.1", "10.0.0.2",
		"VLAN 10: echo reply, id 1, seq 2"},
	{"0180c2000000" MAC_FROM
	 "0026 424203 0000 02 02 7c 8000525400000010 00000000 8000525400000010 8001 0000 1400 0200 0f00",
		"RSTP", "52:54:00:00:00:01", "01:80:c2:00:00:00",
		"root 32768/52:54:00:00:00:10, cost 0, bridge 32768/52:54:00:00:00:10"},
	{ETHERNET "88cc 0207", "LLDP", "52:54:00:00:00:01", "52:54:00:00:00:02", "type 0x88cc, 16 bytes"},
	/* Broken ones. */
	{"5254", "Ethernet", "", "", "truncated header"},
	{ETHERNET "0806 0001", "ARP", "52:54:00:00:00:01", "52:54:00:00:00:02", "truncated header"},
	{ETHERNET "0800 4500", "IPv4", "52:54:00:00:00:01", "52:54:00:00:00:02", "truncated header"},
	{ETHERNET "0800 40000014 00010000 4001 0000 0a000001 0a000002", "IPv4", "10.0.0.1", "10.0.0.2",
		"malformed header"},
	{ETHERNET "0800" IPV4("06", "0028") "c000 0050 00000001 00000000 1002 ffff 0000 0000", "TCP", "10.0.0.1",
		"10.0.0.2", "49152 → 80 [SYN] seq 1 win 65535, malformed header"},
	{ETHERNET "86dd" IPV6("00", "0008") "3aff000000000000", "IPv6", "2001:db8::1", "2001:db8::2",
		"truncated header"},
};

/* In a block of its own size, for AddressSanitizer. */
static void decode(const GByteArray *frame, gsize size, PacketFacts *facts)
{
	g_autofree guint8 *exact = g_memdup2(frame->data, size);
	packet_decode(exact, size, frame->len, facts);
}

static void test_lines(void **state)
{
	for (gsize i = 0; i < G_N_ELEMENTS(frames); i++) {
		g_autoptr(GByteArray) frame = frame_from_hex(frames[i].frame);
		PacketFacts facts;
		decode(frame, frame->len, &facts);
		assert_string_equal(facts.protocol, frames[i].protocol);
		assert_string_equal(facts.from, frames[i].from);
		assert_string_equal(facts.to, frames[i].to);
		assert_string_equal(facts.info, frames[i].info);
	}
}

static void test_cut_anywhere(void **state)
{
	for (gsize i = 0; i < G_N_ELEMENTS(frames); i++) {
		g_autoptr(GByteArray) frame = frame_from_hex(frames[i].frame);
		for (gsize size = 0; size <= frame->len; size++) {
			PacketFacts facts;
			decode(frame, size, &facts);
			assert_true(*facts.protocol);
		}
	}
}

static void test_any_bytes(void **state)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(4);
	for (guint round = 0; round < 20000; round++) {
		/* A good beginning, so that all depths are reached. */
		g_autoptr(GByteArray) frame = frame_from_hex(frames[round % G_N_ELEMENTS(frames)].frame);
		guint flips = (guint)g_rand_int_range(random, 1, 8);
		for (guint i = 0; i < flips; i++)
			frame->data[g_rand_int_range(random, 0, (gint)frame->len)] = (guint8)g_rand_int(random);
		PacketFacts facts;
		decode(frame, frame->len, &facts);
		assert_true(strlen(facts.info) < sizeof facts.info);
		assert_true(g_utf8_validate(facts.from, -1, NULL));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_any_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
