/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <string.h>

#include "switch/uplink/uplink_options.h"

static void addresses_are_derived_from_the_gateway(void **state)
{
	g_autoptr(UplinkOptions) options = uplink_options_new();
	assert_true(uplink_options_set_address(options, "192.168.7.1/24", NULL));
	assert_int_equal(ntohl(options->gateway.s_addr), 0xc0a80701);
	assert_int_equal(ntohl(options->mask.s_addr), 0xffffff00);
	assert_int_equal(ntohl(options->dns.s_addr), 0xc0a80702);
	assert_int_equal(ntohl(options->dhcp.s_addr), 0xc0a8070e);
	assert_false(options->has_v6);
	assert_true(uplink_options_set_address6(options, "fd00:2::2/64", NULL));
	assert_true(options->has_v6);
	assert_int_equal(options->gateway6.s6_addr[15], 2);
	assert_int_equal(options->dns6.s6_addr[15], 3);
	assert_true(uplink_options_set_address6(options, "fd00:2:0:0:1::ffff/56", NULL));
	assert_int_equal(options->dns6.s6_addr[15], 0);
	assert_int_equal(options->dns6.s6_addr[13], 1);
	struct in6_addr network = in6_network(&options->gateway6, 56);
	assert_int_equal(network.s6_addr[3], 2);
	assert_int_equal(network.s6_addr[9], 0);
}

static void addresses_that_cannot_be_are_refused(void **state)
{
	static const char *const v4[] = {"", "10.0.2.2", "10.0.2.2/", "10.0.2.2/31", "10.0.2.2/x", "10.0.2.0/24",
		"10.0.2.255/24", "10.0.2.300/24", "10.0.2.240/24", "10.0.2.2/28", "fd00::1/64", "10.0.2.2/24/1"};
	static const char *const v6[] = {"", "fd00::2", "fd00::2/128", "ff02::1/64", "fe80::2/64", "::1/64",
		"fd00::/64", "fd00::ffff:ffff:ffff:ffff/64", "10.0.2.2/24"};
	g_autoptr(UplinkOptions) options = uplink_options_new();
	for (gsize i = 0; i < G_N_ELEMENTS(v4) + G_N_ELEMENTS(v6); i++) {
		g_autoptr(GError) error = NULL;
		gboolean done = i < G_N_ELEMENTS(v4)
			? uplink_options_set_address(options, v4[i], &error)
			: uplink_options_set_address6(options, v6[i - G_N_ELEMENTS(v4)], &error);
		if (done)
			fail_msg("accepted: \"%s\"", i < G_N_ELEMENTS(v4) ? v4[i] : v6[i - G_N_ELEMENTS(v4)]);
		assert_int_equal(error->domain, UPLINK_ERROR);
		assert_int_equal(error->code, UPLINK_ERROR_OPTION);
	}
	/* The largest that fits: 10.0.2.2 + 13 + 15 = 10.0.2.30, the last host of a /27. */
	assert_true(uplink_options_set_address(options, "10.0.2.2/27", NULL));
}

static void forwards_are_read(void **state)
{
	static const struct {
		const char *text, *host, *guest;
		gboolean udp;
	} cases[] = {
		{"tcp:127.0.0.1:8080:10.0.2.10:80", "127.0.0.1:8080", "10.0.2.10:80", FALSE},
		{"udp:0.0.0.0:65535:10.0.2.15:1", "0.0.0.0:65535", "10.0.2.15:1", TRUE},
		{"tcp:[::1]:2222:[fd00:2::10]:22", "[::1]:2222", "[fd00:2::10]:22", FALSE},
	};
	g_autoptr(UplinkOptions) options = uplink_options_new();
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		assert_true(uplink_options_add_forward(options, cases[i].text, NULL));
		assert_int_equal(options->forwards->len, i + 1);
		const Forward *forward = &g_array_index(options->forwards, Forward, i);
		g_autofree char *host = endpoint_text(&forward->host), *guest = endpoint_text(&forward->guest);
		assert_string_equal(host, cases[i].host);
		assert_string_equal(guest, cases[i].guest);
		assert_int_equal(forward->udp, cases[i].udp);
	}
}

static void forwards_that_cannot_be_are_refused(void **state)
{
	static const char *const bad[] = {"", "tcp:", "tcp", "8080", "tcp:127.0.0.1:8080",
		"sctp:127.0.0.1:1:10.0.2.10:1", "tcp:127.0.0.1:0:10.0.2.10:80", "tcp:127.0.0.1:65536:10.0.2.10:80",
		"tcp:127.0.0.1:+1:10.0.2.10:80", "tcp:127.0.0.1:8080:10.0.2.10:80:", "tcp:127.0.0.1:8080:10.0.2.10:80x",
		"tcp:host:8080:10.0.2.10:80", "tcp:[::1]:8080:10.0.2.10:80", "tcp:[::1:8080:[fd00::1]:80",
		"tcp:[::1]8080:[fd00::1]:80", "tcp:[",
		"tcp:1111111111111111111111111111111111111111111111111111111111111111:80:10.0.2.10:80"};
	g_autoptr(UplinkOptions) options = uplink_options_new();
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;
		if (uplink_options_add_forward(options, bad[i], &error))
			fail_msg("accepted: \"%s\"", bad[i]);
		assert_non_null(error);
	}
	for (int i = 0; i < UPLINK_FORWARDS_MAX; i++)
		assert_true(uplink_options_add_forward(options, "tcp:127.0.0.1:8080:10.0.2.10:80", NULL));
	assert_false(uplink_options_add_forward(options, "tcp:127.0.0.1:8080:10.0.2.10:80", NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_derived_from_the_gateway),
		cmocka_unit_test(addresses_that_cannot_be_are_refused),
		cmocka_unit_test(forwards_are_read),
		cmocka_unit_test(forwards_that_cannot_be_are_refused),
	};
	return cmocka_run_group_tests_name("uplink_options", tests, NULL, NULL);
}
