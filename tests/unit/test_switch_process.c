/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The whole program, driven as its supervisor and its guests would: D-Bus, and real socketpairs. */
#include "switch/client.h"

#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <glib/gstdio.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <cmocka.h>
#include <pcap/pcap.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BROADCAST UINT64_C(0xffffffffffff)
#define STATION(i) (UINT64_C(0x525400000000) + (i) + 1)
#define PATIENCE (20 * G_TIME_SPAN_SECOND)

typedef struct {
	GSubprocess *process;
	SwSwitch1 *client;
	char *capture; /* path */
	int ports[8];
	/* Of the last CaptureEnded. */
	guint ended_id;
	GString *changed; /* names of CablesChanged, each followed by a blank */
	guint64 captured, dropped;
	char *reason;
} World;

static void no_error(GError *error)
{
	if (error)
		fail_msg("%s", error->message);
}

static void on_capture_ended(SwSwitch1 *client, guint id, guint64 captured, guint64 dropped, const char *reason,
			     World *world)
{
	world->ended_id = id;
	world->captured = captured;
	world->dropped = dropped;
	g_free(world->reason);
	world->reason = g_strdup(reason);
}

static void on_cables_changed(SwSwitch1 *client, const char *const *names, World *world)
{
	for (; *names; names++)
		g_string_append_printf(world->changed, "%s ", *names);
}

static int set_up(void **state)
{
	World *world = g_new0(World, 1);
	g_autoptr(GError) error = NULL;
	int control[2];
	*state = world;
	memset(world->ports, -1, sizeof(world->ports));
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control), 0);
	g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_NONE);
	g_subprocess_launcher_take_fd(launcher, control[1], 3);
	const char *program = g_getenv("NETLAB_TEST_SWITCH");
	assert_non_null(program);
	world->process = g_subprocess_launcher_spawn(launcher, &error, program, "--control-fd=3", "--workers=2", "--history=8388608", NULL);
	no_error(error);
	g_clear_object(&launcher); /* closes our copy of the switch's end */
	world->client = switch_client_new(control[0], &error);
	no_error(error);
	world->changed = g_string_new(NULL);
	g_signal_connect(world->client, "cables-changed", G_CALLBACK(on_cables_changed), world);
	g_signal_connect(world->client, "capture-ended", G_CALLBACK(on_capture_ended), world);
	int fd = g_file_open_tmp("netlab-capture-XXXXXX", &world->capture, &error);
	no_error(error);
	close(fd);
	return 0;
}

/* The supervisor goes away: the switch must end, and well; the sanitizers' verdict is its exit status. */
static void hang_up(World *world)
{
	g_autoptr(GError) error = NULL;
	if (!world->client)
		return;
	g_dbus_connection_close_sync(g_dbus_proxy_get_connection(G_DBUS_PROXY(world->client)), NULL, &error);
	no_error(error);
	g_clear_object(&world->client);
	g_subprocess_wait(world->process, NULL, &error);
	no_error(error);
	assert_true(g_subprocess_get_if_exited(world->process));
	assert_int_equal(g_subprocess_get_exit_status(world->process), 0);
}

static int tear_down(void **state)
{
	World *world = *state;
	hang_up(world);
	for (unsigned i = 0; i < G_N_ELEMENTS(world->ports); i++)
		if (world->ports[i] >= 0)
			close(world->ports[i]);
	g_object_unref(world->process);
	assert_int_equal(g_unlink(world->capture), 0);
	g_free(world->capture);
	g_free(world->reason);
	g_string_free(world->changed, TRUE);
	g_free(world);
	return 0;
}

/* Port i is called "ni". type: of the socket. */
static void add_port(World *world, unsigned i, int type)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GUnixFDList) list = g_unix_fd_list_new();
	g_autofree char *name = g_strdup_printf("n%u", i);
	struct timeval patience = {.tv_sec = 20};
	int ends[2];
	assert_int_equal(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends), 0);
	setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(ends[0], SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	g_unix_fd_list_append(list, ends[1], &error);
	no_error(error);
	close(ends[1]);
	sw_switch1_call_add_datagram_port_sync(world->client, name, 1500, g_variant_new_handle(0), list, NULL, NULL, &error);
	no_error(error);
	world->ports[i] = ends[0];
}

/* A network "lan" with n ports, each on a cable "ni". */
static void build_network(World *world, const char *type, unsigned n)
{
	g_autoptr(GError) error = NULL;
	sw_switch1_call_add_network_sync(world->client, "lan", type, 0, 0, 0, NULL, &error);
	no_error(error);
	for (unsigned i = 0; i < n; i++) {
		g_autofree char *name = g_strdup_printf("n%u", i);
		if (i % 2)
			add_port(world, i, SOCK_DGRAM);
		sw_switch1_call_add_cable_sync(world->client, name, switch_end("port", name), switch_end("network", "lan"), NULL, &error);
		no_error(error);
		if (i % 2 == 0)
			add_port(world, i, SOCK_DGRAM);
	}
}

static void build_frame(guint8 *bytes, guint64 destination, guint64 source, guint32 number)
{
	for (int i = 0; i < 6; i++) {
		bytes[i] = (guint8)(destination >> (40 - 8 * i));
		bytes[6 + i] = (guint8)(source >> (40 - 8 * i));
	}
	bytes[12] = 0x88;
	bytes[13] = 0xb5; /* IEEE 802, 9.2.3: for experiments */
	memcpy(bytes + 14, &number, sizeof(number));
}

static void send_sized(World *world, unsigned port, guint64 destination, guint64 source, guint32 number, gsize size)
{
	guint8 bytes[4000] = {0};
	build_frame(bytes, destination, source, number);
	assert_int_equal(send(world->ports[port], bytes, size, 0), size);
}

static void send_frame(World *world, unsigned port, guint64 destination, guint64 source, guint32 number)
{
	send_sized(world, port, destination, source, number, 64);
}

/* The next frame at the port; that it is this one shows that none came between. */
static void expect_frame(World *world, unsigned port, guint32 number)
{
	guint8 bytes[4000];
	guint32 got;
	gssize n = recv(world->ports[port], bytes, sizeof(bytes), 0);
	if (n < 18)
		fail_msg("port %u: waited for frame %u in vain: %s", port, number, n < 0 ? g_strerror(errno) : "short");
	memcpy(&got, bytes + 14, sizeof(got));
	assert_int_equal(got, number);
}

static guint64 counter(World *world, unsigned port, const char *name)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) counters = NULL;
	g_autofree char *port_name = g_strdup_printf("n%u", port);
	guint64 value;
	sw_switch1_call_get_counters_sync(world->client, &counters, NULL, &error);
	no_error(error);
	g_autoptr(GVariant) of_port = g_variant_lookup_value(counters, port_name, G_VARIANT_TYPE("a{st}"));
	assert_non_null(of_port);
	assert_true(g_variant_lookup(of_port, name, "t", &value));
	return value;
}

static void await_counter(World *world, unsigned port, const char *name, guint64 value)
{
	gint64 deadline = g_get_monotonic_time() + PATIENCE;
	while (counter(world, port, name) < value)
		if (g_get_monotonic_time() > deadline)
			fail_msg("port %u: %s stays below %" G_GUINT64_FORMAT, port, name, value);
	assert_int_equal(counter(world, port, name), value);
}

/* places: separated by blanks; none is everything. options: floating, consumed. */
static guint start_capture_with(World *world, const char *places, GVariant *options, int output)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GUnixFDList) list = g_unix_fd_list_new();
	g_auto(GStrv) where = g_strsplit(places, " ", -1);
	g_autoptr(GVariant) facts = NULL;
	guint id = 0;
	assert_true(output >= 0);
	g_unix_fd_list_append(list, output, &error);
	no_error(error);
	close(output);
	sw_switch1_call_start_capture_sync(world->client, (const char *const *)where, options, g_variant_new_handle(0), list, &id,
					   &facts, NULL, NULL, &error);
	no_error(error);
	return id;
}

static guint start_capture(World *world, const char *places, const char *filter, guint64 count, int output)
{
	GVariantDict options;
	g_variant_dict_init(&options, NULL);
	g_variant_dict_insert(&options, "filter", "s", filter);
	g_variant_dict_insert(&options, "count", "t", count);
	return start_capture_with(world, places, g_variant_dict_end(&options), output);
}

static int open_capture(World *world)
{
	return open(world->capture, O_WRONLY | O_TRUNC | O_CLOEXEC);
}

static void stop_capture(World *world, guint id, guint64 captured)
{
	g_autoptr(GError) error = NULL;
	guint64 got, dropped;
	sw_switch1_call_stop_capture_sync(world->client, id, &got, &dropped, NULL, &error);
	no_error(error);
	assert_int_equal(got, captured);
	assert_int_equal(dropped, 0);
}

static gboolean too_late(gpointer data)
{
	*(gboolean *)data = TRUE;
	return G_SOURCE_CONTINUE;
}

static void await_capture_end(World *world, guint id, const char *reason)
{
	gboolean late = FALSE;
	guint timer = g_timeout_add(PATIENCE / 1000, too_late, &late);
	while (world->ended_id != id && !late)
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(timer);
	assert_int_equal(world->ended_id, id);
	assert_string_equal(world->reason, reason);
}

/* Reads the capture with libpcap: frames numbered from first on, in the order of time. */
static void expect_capture(World *world, guint32 first, unsigned count)
{
	char message[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline_with_tstamp_precision(world->capture, PCAP_TSTAMP_PRECISION_NANO, message);
	if (!pcap)
		fail_msg("%s", message);
	struct pcap_pkthdr *header;
	const u_char *data;
	gint64 last = 0, now = g_get_real_time();
	for (unsigned i = 0; i < count; i++) {
		guint32 number;
		assert_int_equal(pcap_next_ex(pcap, &header, &data), 1);
		memcpy(&number, data + 14, sizeof(number));
		assert_int_equal(number, first + i);
		assert_int_equal(header->len, 64);
		gint64 time = (gint64)header->ts.tv_sec * G_USEC_PER_SEC + header->ts.tv_usec / 1000;
		assert_true(time >= last && time <= now && time > now - 300 * G_USEC_PER_SEC);
		last = time;
	}
	assert_int_equal(pcap_next_ex(pcap, &header, &data), PCAP_ERROR_BREAK);
	pcap_close(pcap);
}

static void hub_floods(void **state)
{
	World *world = *state;
	build_network(world, "hub", 3);
	send_frame(world, 1, BROADCAST, STATION(1), 1);
	expect_frame(world, 0, 1);
	expect_frame(world, 2, 1);
	send_frame(world, 0, STATION(1), STATION(0), 2);
	expect_frame(world, 1, 2);
	expect_frame(world, 2, 2);
}

static void switch_learns(void **state)
{
	World *world = *state;
	g_autoptr(GError) error = NULL;
	build_network(world, "switch", 3);
	send_frame(world, 1, BROADCAST, STATION(1), 1);
	expect_frame(world, 0, 1);
	expect_frame(world, 2, 1);
	send_frame(world, 0, STATION(1), STATION(0), 2);
	expect_frame(world, 1, 2);
	send_frame(world, 0, BROADCAST, STATION(0), 3);
	expect_frame(world, 2, 3); /* and not 2 */
	expect_frame(world, 1, 3);
	assert_int_equal(counter(world, 0, "rx_frames"), 2);
	assert_int_equal(counter(world, 0, "rx_bytes"), 128);
	assert_int_equal(counter(world, 2, "tx_frames"), 2);

	g_autoptr(GVariant) table = NULL;
	sw_switch1_call_get_forwarding_table_sync(world->client, "lan", &table, NULL, &error);
	no_error(error);
	assert_int_equal(g_variant_n_children(table), 2);
	for (gsize i = 0; i < 2; i++) {
		const char *mac, *port;
		guint16 vlan;
		guint64 age;
		g_variant_get_child(table, i, "(&sq&st)", &mac, &vlan, &port, &age);
		assert_int_equal(vlan, 0);
		assert_string_equal(port, g_str_equal(mac, "52:54:00:00:00:01") ? "n0" : "n1");
		assert_true(age < 60000);
	}
}

/* The answer to a call that must be refused. */
static void expect_refusal(gboolean done, GError **error, const char *word)
{
	assert_false(done);
	assert_non_null(*error);
	if (!strstr((*error)->message, word))
		fail_msg("\"%s\" should say \"%s\"", (*error)->message, word);
	g_clear_error(error);
}

static GVariant *access_vlan(guint16 vlan)
{
	return g_variant_new_parsed("{'access': <%q>}", vlan);
}

static void switches_are_told_of_vlans_trees_and_mirrors(void **state)
{
	World *world = *state;
	SwSwitch1 *client = world->client;
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) networks = NULL, table = NULL;
	build_network(world, "switch", 4);
	expect_refusal(sw_switch1_call_set_port_vlan_sync(client, "n0", 1, access_vlan(0), NULL, &error), &error, "1 to 4094");
	expect_refusal(sw_switch1_call_set_port_vlan_sync(client, "n0", 1, access_vlan(4095), NULL, &error), &error, "1 to 4094");
	expect_refusal(sw_switch1_call_set_port_vlan_sync(client, "n0", 0, access_vlan(10), NULL, &error), &error, "no switch");
	expect_refusal(sw_switch1_call_set_port_vlan_sync(client, "n0", 7, access_vlan(10), NULL, &error), &error, "no switch");
	expect_refusal(sw_switch1_call_set_port_vlan_sync(client, "nowhere", 1, access_vlan(10), NULL, &error), &error, "nowhere");
	expect_refusal(sw_switch1_call_set_port_vlan_sync(client, "n0", 1, g_variant_new_parsed("{'trunk': <[@t 1]>}"), NULL, &error),
		       &error, "trunk");
	expect_refusal(sw_switch1_call_set_spanning_tree_sync(client, "lan", 5, "02:00:00:00:00:01", NULL, &error), &error, "4096");
	expect_refusal(sw_switch1_call_set_spanning_tree_sync(client, "lan", 0, "03:00:00:00:00:01", NULL, &error), &error, "station");
	expect_refusal(sw_switch1_call_set_bridge_priority_sync(client, "lan", 0, NULL, &error), &error, "no spanning tree");
	expect_refusal(sw_switch1_call_set_bridge_priority_sync(client, "lan", 5, NULL, &error), &error, "4096");
	expect_refusal(sw_switch1_call_set_bridge_priority_sync(client, "wan", 0, NULL, &error), &error, "wan");
	expect_refusal(sw_switch1_call_add_mirror_sync(client, "lan", "n1", "n1", NULL, &error), &error, "itself");
	expect_refusal(sw_switch1_call_flush_forwarding_table_sync(client, "wan", NULL, &error), &error, "wan");

	sw_switch1_call_set_port_vlan_sync(client, "n0", 1, access_vlan(10), NULL, &error);
	no_error(error);
	sw_switch1_call_set_port_vlan_sync(client, "n1", 1, access_vlan(10), NULL, &error);
	no_error(error);
	sw_switch1_call_add_mirror_sync(client, "lan", "n0", "n3", NULL, &error);
	no_error(error);
	send_frame(world, 0, BROADCAST, STATION(0), 1);
	expect_frame(world, 1, 1); /* 2 is in VLAN 1 */
	expect_frame(world, 3, 1);
	sw_switch1_call_get_forwarding_table_sync(client, "lan", &table, NULL, &error);
	no_error(error);
	g_autofree char *entries = g_variant_print(table, FALSE);
	assert_non_null(strstr(entries, "('52:54:00:00:00:01', 10, 'n0', "));
	sw_switch1_call_flush_forwarding_table_sync(client, "lan", NULL, &error);
	no_error(error);

	sw_switch1_call_set_spanning_tree_sync(client, "lan", 4096, "02:00:00:00:00:01", NULL, &error);
	no_error(error);
	expect_refusal(sw_switch1_call_set_spanning_tree_sync(client, "lan", 0, "02:00:00:00:00:01", NULL, &error), &error, "already");
	sw_switch1_call_get_networks_sync(client, &networks, NULL, &error);
	no_error(error);
	g_autofree char *facts = g_variant_print(networks, FALSE);
	assert_non_null(strstr(facts, "'bridge': <'4096.02:00:00:00:00:01'>"));
	assert_non_null(strstr(facts, "'vlan_aware': <true>"));
	assert_non_null(strstr(facts, "'role': <'designated'>"));
}

static void hubs_have_no_vlans(void **state)
{
	World *world = *state;
	g_autoptr(GError) error = NULL;
	build_network(world, "hub", 2);
	expect_refusal(sw_switch1_call_set_port_vlan_sync(world->client, "n0", 1, access_vlan(10), NULL, &error), &error, "no switch");
	expect_refusal(sw_switch1_call_set_spanning_tree_sync(world->client, "lan", 0, "02:00:00:00:00:01", NULL, &error), &error,
		       "hub");
	expect_refusal(sw_switch1_call_flush_forwarding_table_sync(world->client, "lan", NULL, &error), &error, "hub");
}

static void link_joins(void **state)
{
	World *world = *state;
	g_autoptr(GError) error = NULL;
	add_port(world, 0, SOCK_DGRAM);
	add_port(world, 1, SOCK_DGRAM); /* on the other worker, until there is a cable */
	send_frame(world, 0, BROADCAST, STATION(0), 1);
	await_counter(world, 0, "drop_unplugged", 1);
	sw_switch1_call_add_cable_sync(world->client, "core", switch_end("port", "n0"), switch_end("port", "n1"), NULL, &error);
	no_error(error);
	send_frame(world, 0, BROADCAST, STATION(0), 2);
	expect_frame(world, 1, 2);
	send_frame(world, 1, STATION(0), STATION(1), 3);
	expect_frame(world, 0, 3);
}

static void wrong_sizes_are_counted(void **state)
{
	World *world = *state;
	build_network(world, "hub", 2);
	send_sized(world, 0, BROADCAST, STATION(0), 1, 13);
	send_sized(world, 0, BROADCAST, STATION(0), 2, 0);
	send_sized(world, 0, BROADCAST, STATION(0), 3, 1523);
	send_sized(world, 0, BROADCAST, STATION(0), 4, 1522);
	expect_frame(world, 1, 4);
	assert_int_equal(counter(world, 0, "drop_runt"), 2);
	assert_int_equal(counter(world, 0, "drop_oversize"), 1);
	assert_int_equal(counter(world, 0, "rx_frames"), 1);
}

static void full_queue_drops_and_counts(void **state)
{
	World *world = *state;
	build_network(world, "hub", 2);
	enum { SENT = 20000 };
	for (guint32 i = 0; i < SENT; i++)
		send_frame(world, 0, BROADCAST, STATION(0), i);
	await_counter(world, 0, "rx_frames", SENT);
	guint64 dropped = counter(world, 1, "drop_queue_full");
	assert_true(dropped > 0);
	/* The rest comes in order once somebody reads. */
	for (guint32 i = 0; i < SENT - dropped; i++)
		expect_frame(world, 1, i);
	assert_int_equal(counter(world, 1, "tx_frames"), SENT - dropped);
	assert_true(SENT - dropped >= 1024);
	send_frame(world, 0, BROADCAST, STATION(0), 99999);
	expect_frame(world, 1, 99999);
}

/* While guest 1 is stuck, guest 2 gets everything. */
static void slow_guest_harms_nobody_else(void **state)
{
	World *world = *state;
	build_network(world, "hub", 3);
	for (guint32 i = 0; i < 10000; i++) {
		send_frame(world, 0, BROADCAST, STATION(0), i);
		expect_frame(world, 2, i);
	}
	assert_int_equal(counter(world, 2, "drop_queue_full"), 0);
	assert_true(counter(world, 1, "drop_queue_full") > 0);
}

static void guest_dies_and_returns(void **state)
{
	World *world = *state;
	g_autoptr(GError) error = NULL;
	build_network(world, "hub", 3);
	close(world->ports[1]);
	world->ports[1] = -1;
	send_frame(world, 0, BROADCAST, STATION(0), 1);
	expect_frame(world, 2, 1);
	assert_int_equal(counter(world, 1, "drop_port_error"), 1);
	send_frame(world, 0, BROADCAST, STATION(0), 2);
	expect_frame(world, 2, 2);
	assert_int_equal(counter(world, 1, "drop_port_error"), 1); /* it is known to be down */
	sw_switch1_call_remove_port_sync(world->client, "n1", NULL, &error);
	no_error(error);
	add_port(world, 1, SOCK_DGRAM);
	send_frame(world, 0, BROADCAST, STATION(0), 3);
	expect_frame(world, 1, 3);
}

static void guest_dies_with_a_full_queue(void **state)
{
	World *world = *state;
	build_network(world, "hub", 2);
	for (guint32 i = 0; i < 20000; i++)
		send_frame(world, 0, BROADCAST, STATION(0), i);
	await_counter(world, 0, "rx_frames", 20000);
	guint64 before = counter(world, 1, "drop_queue_full");
	close(world->ports[1]);
	world->ports[1] = -1;
	gint64 deadline = g_get_monotonic_time() + PATIENCE;
	while (counter(world, 1, "tx_frames") + counter(world, 1, "drop_port_error") + before < 20000)
		assert_true(g_get_monotonic_time() < deadline);
}

/* A connection-oriented socket tells by itself that the peer has gone. */
static void seqpacket_will_do(void **state)
{
	World *world = *state;
	g_autoptr(GError) error = NULL;
	sw_switch1_call_add_cable_sync(world->client, "core", switch_end("port", "n0"), switch_end("port", "n1"), NULL, &error);
	no_error(error);
	add_port(world, 0, SOCK_SEQPACKET);
	add_port(world, 1, SOCK_SEQPACKET);
	send_frame(world, 0, BROADCAST, STATION(0), 1);
	expect_frame(world, 1, 1);
	send_frame(world, 1, BROADCAST, STATION(1), 2); /* the last words of a guest still count */
	close(world->ports[1]);
	world->ports[1] = -1;
	expect_frame(world, 0, 2);
	gint64 deadline = g_get_monotonic_time() + PATIENCE;
	for (guint32 i = 3; counter(world, 0, "drop_unplugged") == 0; i++) {
		send_frame(world, 0, BROADCAST, STATION(0), i);
		assert_true(g_get_monotonic_time() < deadline);
	}
	assert_int_equal(counter(world, 1, "drop_runt"), 0);
}

/* Waits until a change of exactly this cable was told, and forgets it. */
static void expect_change(World *world, const char *name)
{
	g_autofree char *wanted = g_strconcat(name, " ", NULL);
	gint64 deadline = g_get_monotonic_time() + PATIENCE;
	while (!*world->changed->str) {
		assert_true(g_get_monotonic_time() < deadline);
		g_main_context_iteration(NULL, FALSE);
	}
	assert_string_equal(world->changed->str, wanted);
	g_string_truncate(world->changed, 0);
}

/* Whatever takes or gives an end its carrier; and nothing else does. */
static void changes_of_carrier_are_told(void **state)
{
	World *world = *state;
	g_autoptr(GError) error = NULL;
	sw_switch1_call_add_cable_sync(world->client, "core", switch_end("port", "n0"), switch_end("port", "n1"), NULL, &error);
	no_error(error);
	add_port(world, 0, SOCK_SEQPACKET);
	expect_change(world, "core");
	add_port(world, 1, SOCK_SEQPACKET);
	expect_change(world, "core");
	sw_switch1_call_set_cable_down_sync(world->client, "core", TRUE, NULL, &error);
	no_error(error);
	expect_change(world, "core");
	sw_switch1_call_set_cable_down_sync(world->client, "core", TRUE, NULL, &error);
	no_error(error);
	sw_switch1_call_set_impairment_sync(world->client, "core", 0, g_variant_new_parsed("{'delay': <uint64 1000>}"), NULL, &error);
	no_error(error);
	sw_switch1_call_set_cable_down_sync(world->client, "core", FALSE, NULL, &error);
	no_error(error);
	expect_change(world, "core");
	send_frame(world, 0, BROADCAST, STATION(0), 1);
	expect_frame(world, 1, 1);
	close(world->ports[1]); /* the guest is gone */
	world->ports[1] = -1;
	expect_change(world, "core");
}

/* As many frames as the issue asks for in a second, and as fast as they can be read; not one may be missing. */
static void capture_loses_nothing(void **state)
{
	World *world = *state;
	enum { SENT = 100000, WINDOW = 256 };
	build_network(world, "switch", 2);
	send_frame(world, 1, BROADCAST, STATION(1), 0);
	expect_frame(world, 0, 0);
	guint id = start_capture(world, "n0", "", 0, open_capture(world));
	for (guint32 i = 0; i < SENT + WINDOW; i++) {
		if (i < SENT)
			send_frame(world, 0, STATION(1), STATION(0), i);
		if (i >= WINDOW)
			expect_frame(world, 1, i - WINDOW);
	}
	stop_capture(world, id, SENT);
	expect_capture(world, 0, SENT);
}

static void capture_sees_both_directions_once(void **state)
{
	World *world = *state;
	build_network(world, "switch", 3);
	guint id = start_capture(world, "n1", "", 0, open_capture(world));
	send_frame(world, 0, BROADCAST, STATION(0), 0);
	expect_frame(world, 1, 0);
	send_frame(world, 1, STATION(0), STATION(1), 1);
	expect_frame(world, 0, 1);
	send_frame(world, 2, STATION(0), STATION(2), 99); /* between others: not on this cable */
	expect_frame(world, 2, 0);
	expect_frame(world, 0, 99);
	send_frame(world, 0, STATION(1), STATION(0), 2);
	expect_frame(world, 1, 2);
	stop_capture(world, id, 3);
	expect_capture(world, 0, 3);
}

static void capture_filters_and_counts(void **state)
{
	World *world = *state;
	build_network(world, "hub", 2);
	guint id = start_capture(world, "n0", "ether src 52:54:00:00:00:01", 3, open_capture(world));
	send_frame(world, 1, BROADCAST, STATION(1), 77);
	for (guint32 i = 0; i < 10; i++)
		send_frame(world, 0, BROADCAST, STATION(0), i);
	await_capture_end(world, id, "count");
	assert_int_equal(world->captured, 3);
	assert_int_equal(world->dropped, 0);
	expect_capture(world, 0, 3);
}

static void capture_errors_are_told(void **state)
{
	World *world = *state;
	build_network(world, "hub", 2);
	await_capture_end(world, start_capture(world, "n0", "", 0, open("/dev/full", O_WRONLY | O_CLOEXEC)),
			  "No space left on device");
	int ends[2];
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	guint id = start_capture(world, "n0", "", 0, ends[1]);
	close(ends[0]);
	await_capture_end(world, id, "Broken pipe");
	send_frame(world, 0, BROADCAST, STATION(0), 5);
	expect_frame(world, 1, 5);
}

/* What tshark prints of the capture: interface, direction (1 in, 2 out), and the frame's number. */
static void expect_places(World *world, const char *expected)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;
	const char *argv[] = {"tshark", "-n", "-r", world->capture, "-T", "fields", "-e", "frame.interface_name", "-e",
		"frame.packet_flags_direction", "-e", "data.data", NULL};
	int status = -1;
	if (!g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &text, NULL, &status,
			  &error))
		fail_msg("%s", error->message);
	g_autoptr(GString) got = g_string_new(NULL);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++) {
		g_auto(GStrv) fields = g_strsplit(*line, "\t", -1);
		if (g_strv_length(fields) == 3 && *fields[2])
			g_string_append_printf(got, "%s%s %c %.2s", got->len ? ", " : "", fields[0], fields[1][9] == '1' ? '<' : '>',
					       fields[2]);
	}
	assert_string_equal(got->str, expected);
}

static void add_link(World *world, const char *name, const char *a, const char *b)
{
	g_autoptr(GError) error = NULL;
	sw_switch1_call_add_cable_sync(world->client, name, switch_end("port", a), switch_end("port", b), NULL, &error);
	no_error(error);
}

/* n0 to n2 on a network, n3 and n4 on a link of another worker; one frame from n0 to n1, one each way over the link. */
static void some_traffic(World *world)
{
	send_frame(world, 0, STATION(1), STATION(0), 1);
	expect_frame(world, 1, 1);
	send_frame(world, 3, BROADCAST, STATION(3), 2);
	expect_frame(world, 4, 2);
	send_frame(world, 4, BROADCAST, STATION(4), 3);
	expect_frame(world, 3, 3);
}

static void build_two_workers(World *world)
{
	build_network(world, "switch", 3);
	add_link(world, "core", "n3", "n4");
	add_port(world, 3, SOCK_DGRAM);
	add_port(world, 4, SOCK_DGRAM);
	for (unsigned i = 0; i < 2; i++) { /* learn */
		send_frame(world, i, BROADCAST, STATION(i), 0);
		for (unsigned k = 0; k < 3; k++)
			if (k != i)
				expect_frame(world, k, 0);
	}
}

static void captures_everything_at_once(void **state)
{
	World *world = *state;
	build_two_workers(world);
	guint id = start_capture(world, "", "", 0, open_capture(world));
	some_traffic(world);
	/* A cable that comes later is part of everything. */
	add_link(world, "late", "n5", "n6");
	add_port(world, 5, SOCK_DGRAM);
	add_port(world, 6, SOCK_DGRAM);
	send_frame(world, 5, BROADCAST, STATION(5), 4);
	expect_frame(world, 6, 4);
	/* A port that is plugged anew still is. */
	g_autoptr(GError) error = NULL;
	sw_switch1_call_remove_port_sync(world->client, "n4", NULL, &error);
	no_error(error);
	close(world->ports[4]);
	add_port(world, 4, SOCK_DGRAM);
	send_frame(world, 4, BROADCAST, STATION(4), 5);
	expect_frame(world, 3, 5);
	stop_capture(world, id, 6);
	expect_places(world, "n0 > 01, n1 < 01, n3 > 02, n4 > 03, n5 > 04, n4 > 05");
}

static void captures_one_interface(void **state)
{
	World *world = *state;
	build_two_workers(world);
	guint id = start_capture(world, "n4 n1", "", 0, open_capture(world));
	some_traffic(world);
	stop_capture(world, id, 3);
	expect_places(world, "n1 < 01, n4 < 02, n4 > 03");
	/* Both ends of a link are the link. */
	id = start_capture(world, "n4 n3", "", 0, open_capture(world));
	some_traffic(world);
	stop_capture(world, id, 2);
	expect_places(world, "n3 > 02, n4 > 03");
}

/* The past alone, and the past with what follows. */
static void remembers(void **state)
{
	World *world = *state;
	build_two_workers(world);
	some_traffic(world);
	guint id = start_capture_with(world, "n3 n0", g_variant_new_parsed("{'last': <60.0>, 'only_past': <true>}"),
				      open_capture(world));
	await_capture_end(world, id, "complete");
	assert_int_equal(world->captured, 5);
	expect_places(world, "n0 > 00, n0 < 00, n0 > 01, n3 > 02, n3 < 03");
	id = start_capture_with(world, "core", g_variant_new_parsed("{'last': <60.0>}"), open_capture(world));
	some_traffic(world);
	stop_capture(world, id, 4);
	expect_places(world, "n3 > 02, n4 > 03, n3 > 02, n4 > 03");
}

static void tells_how_captures_stand(void **state)
{
	World *world = *state;
	g_autoptr(GError) error = NULL;
	guint number = 0;
	guint64 captured = 0, dropped;
	build_two_workers(world);
	guint id = start_capture(world, "core", "", 0, open_capture(world));
	some_traffic(world);
	gint64 deadline = g_get_monotonic_time() + PATIENCE;
	while (captured < 2 && g_get_monotonic_time() < deadline) {
		g_autoptr(GVariant) list = NULL;
		sw_switch1_call_get_captures_sync(world->client, &list, NULL, &error);
		no_error(error);
		assert_int_equal(g_variant_n_children(list), 1);
		g_variant_get_child(list, 0, "(utt)", &number, &captured, &dropped);
	}
	assert_int_equal(captured, 2);
	assert_int_equal(number, id);
}

/* The supervisor dies during a capture: what was captured is in the file. */
static void capture_survives_the_supervisor(void **state)
{
	World *world = *state;
	build_network(world, "hub", 2);
	start_capture(world, "n0", "", 0, open_capture(world));
	for (guint32 i = 0; i < 100; i++) {
		send_frame(world, 0, BROADCAST, STATION(0), i);
		expect_frame(world, 1, i);
	}
	hang_up(world);
	expect_capture(world, 0, 100);
}

static void expect_error(GError **error, int code, const char *words)
{
	assert_non_null(*error);
	if (!g_error_matches(*error, G_IO_ERROR, code) || !strstr((*error)->message, words))
		fail_msg("unexpected error: %s", (*error)->message);
	g_clear_error(error);
}

static void mistakes_are_refused(void **state)
{
	World *world = *state;
	SwSwitch1 *client = world->client;
	g_autoptr(GError) error = NULL;
	build_network(world, "hub", 1);
	sw_switch1_call_add_network_sync(client, "lan", "hub", 0, 0, 0, NULL, &error);
	expect_error(&error, G_IO_ERROR_EXISTS, "\"lan\"");
	sw_switch1_call_add_network_sync(client, "x", "token-ring", 0, 0, 0, NULL, &error);
	expect_error(&error, G_IO_ERROR_INVALID_ARGUMENT, "token-ring");
	sw_switch1_call_add_network_sync(client, "x", "switch", 0, 1u << 31, 0, NULL, &error);
	expect_error(&error, G_IO_ERROR_INVALID_ARGUMENT, "too large");
	sw_switch1_call_add_cable_sync(client, "n0", switch_end("port", "a"), switch_end("port", "b"), NULL, &error);
	expect_error(&error, G_IO_ERROR_EXISTS, "\"n0\"");
	sw_switch1_call_add_cable_sync(client, "c", switch_end("port", "a"), switch_end("port", ""), NULL, &error);
	expect_error(&error, G_IO_ERROR_INVALID_ARGUMENT, "\"c\"");
	sw_switch1_call_add_cable_sync(client, "c", switch_end("port", "a"), switch_end("socket", "b"), NULL, &error);
	expect_error(&error, G_IO_ERROR_INVALID_ARGUMENT, "\"socket\"");
	sw_switch1_call_add_cable_sync(client, "c", switch_end("port", "a"), switch_end("port", "a"), NULL, &error);
	expect_error(&error, G_IO_ERROR_INVALID_ARGUMENT, "\"c\"");
	sw_switch1_call_add_cable_sync(client, "c", switch_end("port", "a"), switch_end("network", "wan"), NULL, &error);
	expect_error(&error, G_IO_ERROR_NOT_FOUND, "\"wan\"");
	sw_switch1_call_add_cable_sync(client, "c", switch_end("port", "n0"), switch_end("network", "lan"), NULL, &error);
	expect_error(&error, G_IO_ERROR_EXISTS, "\"n0\"");
	sw_switch1_call_remove_port_sync(client, "n7", NULL, &error);
	expect_error(&error, G_IO_ERROR_NOT_FOUND, "\"n7\"");
	sw_switch1_call_stop_capture_sync(client, 7, NULL, NULL, NULL, &error);
	expect_error(&error, G_IO_ERROR_NOT_FOUND, "capture 7");

	g_autoptr(GUnixFDList) list = g_unix_fd_list_new();
	g_unix_fd_list_append(list, STDIN_FILENO, &error);
	no_error(error);
	sw_switch1_call_add_datagram_port_sync(client, "p", 1500, g_variant_new_handle(0), list, NULL, NULL, &error);
	expect_error(&error, G_IO_ERROR_INVALID_ARGUMENT, "socketpair");
	sw_switch1_call_add_datagram_port_sync(client, "p", 10, g_variant_new_handle(0), list, NULL, NULL, &error);
	expect_error(&error, G_IO_ERROR_INVALID_ARGUMENT, "MTU");
	sw_switch1_call_add_datagram_port_sync(client, "p", 1500, g_variant_new_handle(5), list, NULL, NULL, &error);
	expect_error(&error, G_IO_ERROR_INVALID_ARGUMENT, "descriptor");
	const struct {
		const char *place, *options;
		int code;
		const char *words;
	} captures[] = {
		{"nowhere", "{}", G_IO_ERROR_NOT_FOUND, "\"nowhere\""},
		{"n0", "{'filter': <'tcp prot 80'>}", G_IO_ERROR_INVALID_ARGUMENT, "at character 5, \"prot 80\""},
		{"n0", "{'format': <'snoop'>}", G_IO_ERROR_INVALID_ARGUMENT, "\"snoop\""},
		{NULL, "{'format': <'pcap'>}", G_IO_ERROR_INVALID_ARGUMENT, "one link or interface"},
		{"n0", "{'only_past': <true>}", G_IO_ERROR_INVALID_ARGUMENT, "seconds"},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(captures); i++) {
		const char *where[] = {captures[i].place, NULL};
		g_autoptr(GVariant) options = g_variant_parse(G_VARIANT_TYPE_VARDICT, captures[i].options, NULL, NULL, &error);
		no_error(error);
		sw_switch1_call_start_capture_sync(client, where, options, g_variant_new_handle(0),
						   list, NULL, NULL, NULL, NULL, &error);
		expect_error(&error, captures[i].code, captures[i].words);
	}
}

static void set_impairment(World *world, const char *cable, guint from, const char *settings)
{
	g_autoptr(GError) error = NULL;
	sw_switch1_call_set_impairment_sync(world->client, cable, from, g_variant_new_parsed(settings), NULL, &error);
	no_error(error);
}

static void set_down(World *world, const char *cable, gboolean down)
{
	g_autoptr(GError) error = NULL;
	sw_switch1_call_set_cable_down_sync(world->client, cable, down, NULL, &error);
	no_error(error);
}

/* Frames take their time one way, and none the other; a switch that lost them all would wait in vain here. */
static void cables_are_impaired(void **state)
{
	World *world = *state;
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) cables = NULL;
	build_network(world, "switch", 2);
	set_impairment(world, "n0", 0, "{'delay': <uint64 100000000>, 'seed': <uint64 5>}");
	gint64 before = g_get_monotonic_time();
	for (guint32 i = 0; i < 10; i++)
		send_frame(world, 0, BROADCAST, STATION(0), i);
	for (guint32 i = 0; i < 10; i++)
		expect_frame(world, 1, i);
	assert_true(g_get_monotonic_time() - before >= 100000);
	send_frame(world, 0, STATION(1), STATION(0), 10);
	set_impairment(world, "n0", 0, "@a{sv} {}"); /* what is under way comes at once */
	expect_frame(world, 1, 10);

	/* Towards the port: the network's end of its cable. */
	set_impairment(world, "n0", 1, "{'loss': <1.0>, 'burst': <2.0>, 'distribution': <'normal'>}");
	for (guint32 i = 0; i < 10; i++)
		send_frame(world, 1, STATION(0), STATION(1), i);
	await_counter(world, 0, "drop_loss", 10);
	set_down(world, "n1", TRUE);
	send_frame(world, 1, STATION(0), STATION(1), 11);
	await_counter(world, 1, "drop_unplugged", 1);
	sw_switch1_call_get_cables_sync(world->client, &cables, NULL, &error);
	no_error(error);
	g_autoptr(GVariant) n0 = g_variant_lookup_value(cables, "n0", NULL), n1 = g_variant_lookup_value(cables, "n1", NULL);
	g_autofree char *text0 = g_variant_print(n0, FALSE), *text1 = g_variant_print(n1, FALSE);
	assert_string_equal(text0, "(false, [('n0', true, {}, {}), ('lan', true, {'loss': <1.0>, 'burst': <2.0>, 'distribution': "
		"<'normal'>}, {'drop_loss': 10})])");
	assert_string_equal(text1, "(true, [('n1', false, {}, {'drop_unplugged': 1}), ('lan', false, {}, {})])");
	set_down(world, "n1", FALSE);
	set_impairment(world, "n0", 1, "@a{sv} {}");
	send_frame(world, 1, STATION(0), STATION(1), 12);
	expect_frame(world, 0, 12);
}

static void wrong_impairments_are_refused(void **state)
{
	World *world = *state;
	static const char *const wrong[] = {"{'loss': <1.5>}", "{'loss': <-0.1>}", "{'loss': <uint64 1>}", "{'burst': <0.5>}",
		"{'rate': <uint64 1>}", "{'delay': <uint64 18446744073709551615>}", "{'distribution': <'even'>}",
		"{'distribution': <1.0>}", "{'colour': <'red'>}", "{'duplicate': <nan>}"};
	build_network(world, "hub", 1);
	for (unsigned i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GVariant) settings = g_variant_ref_sink(g_variant_new_parsed(strstr(wrong[i], "nan") ? "{'duplicate': <%d>}" :
			wrong[i], NAN));
		sw_switch1_call_set_impairment_sync(world->client, "n0", 0, settings, NULL, &error);
		expect_error(&error, G_IO_ERROR_INVALID_ARGUMENT, "\"n0\"");
	}
	g_autoptr(GError) error = NULL;
	sw_switch1_call_set_impairment_sync(world->client, "n0", 2, g_variant_new_parsed("@a{sv} {}"), NULL, &error);
	expect_error(&error, G_IO_ERROR_INVALID_ARGUMENT, "none is 2");
	sw_switch1_call_set_impairment_sync(world->client, "x", 0, g_variant_new_parsed("@a{sv} {}"), NULL, &error);
	expect_error(&error, G_IO_ERROR_NOT_FOUND, "\"x\"");
	sw_switch1_call_set_cable_down_sync(world->client, "x", TRUE, NULL, &error);
	expect_error(&error, G_IO_ERROR_NOT_FOUND, "\"x\"");
}

static void usage_is_checked(void **state)
{
	const char *const commands[] = {"", "--control-fd=3 surplus", "--nonsense", "--control-fd=3 --workers=1000"};
	for (unsigned i = 0; i < G_N_ELEMENTS(commands); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *line = g_strdup_printf("%s %s", g_getenv("NETLAB_TEST_SWITCH"), commands[i]);
		g_autofree char *message = NULL;
		int status;
		g_spawn_command_line_sync(line, NULL, &message, &status, &error);
		no_error(error);
		assert_int_equal(g_spawn_check_wait_status(status, &error), FALSE);
		assert_int_equal(error->code, 2);
		assert_true(g_str_has_prefix(message, "netlab-switch: "));
	}
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(hub_floods),
		TEST(switch_learns),
		TEST(switches_are_told_of_vlans_trees_and_mirrors),
		TEST(hubs_have_no_vlans),
		TEST(link_joins),
		TEST(wrong_sizes_are_counted),
		TEST(full_queue_drops_and_counts),
		TEST(slow_guest_harms_nobody_else),
		TEST(guest_dies_and_returns),
		TEST(guest_dies_with_a_full_queue),
		TEST(seqpacket_will_do),
		TEST(changes_of_carrier_are_told),
		TEST(capture_loses_nothing),
		TEST(capture_sees_both_directions_once),
		TEST(capture_filters_and_counts),
		TEST(capture_errors_are_told),
		TEST(captures_everything_at_once),
		TEST(captures_one_interface),
		TEST(remembers),
		TEST(tells_how_captures_stand),
		TEST(capture_survives_the_supervisor),
		TEST(mistakes_are_refused),
		TEST(cables_are_impaired),
		TEST(wrong_impairments_are_refused),
		cmocka_unit_test(usage_is_checked),
	};
	/* Messages of the C library are compared. */
	g_setenv("LC_ALL", "C", TRUE);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
