/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The supervisor's side of an uplink, with the real program in its sandbox, and the switch played by the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlab/supervisor/wires/uplink.h"

#define PATIENCE_US (20 * G_TIME_SPAN_SECOND)

/* -- the switch -- */

static int wire = -1;
static guint plugged, unplugged;
static gboolean switch_is_dead;

void switch_link_add_port(SwitchLink *self, const char *name, unsigned mtu, int socket)
{
	assert_string_equal(name, "uplink:lan");
	wire = socket;
	plugged++;
}

void switch_link_remove_port(SwitchLink *self, const char *name)
{
	assert_string_equal(name, "uplink:lan");
	unplugged++;
	close(wire);
	wire = -1;
}

SwSwitch1 *switch_link_proxy(SwitchLink *self)
{
	return switch_is_dead ? NULL : (SwSwitch1 *)&plugged; /* only ever compared with NULL */
}

/* -- a lab with one uplink -- */

typedef struct {
	char *directory, *log, *resolv;
	LabNetwork network;
	LabAddress address4, address6;
	LabForward forward;
	LabUplink lab;
	PlanUplink plan;
	Resolver *resolver;
	Confinement *confinement;
	UplinkWorld world;
	guint changes;
} World;

static void on_changed(gpointer data)
{
	((World *)data)->changes++;
}

static const char *program(void)
{
	return g_getenv("NETLAB_TEST_UPLINK");
}

static World *world_new(gboolean unconfined, guint16 port)
{
	World *world = g_new0(World, 1);
	g_autoptr(GError) error = NULL;
	world->directory = g_dir_make_tmp("netlab-test-XXXXXX", NULL);
	world->log = g_build_filename(world->directory, "uplink-lan.log", NULL);
	world->resolv = g_build_filename(world->directory, "resolv.conf", NULL);
	world->network.name = "lan";
	world->address4 = (LabAddress){.address = g_inet_address_new_from_string("10.0.2.2"), .prefix = 24};
	world->address6 = (LabAddress){.address = g_inet_address_new_from_string("fd00:2::2"), .prefix = 64};
	world->forward = (LabForward){.host_address = g_inet_address_new_from_string("127.0.0.1"),
		.host_port = port,
		.to_address = g_inet_address_new_from_string("10.0.2.10"),
		.to_port = 80};
	world->lab = (LabUplink){.pos = {"lab.xml", 7, 3},
		.name = "uplink",
		.network = &world->network,
		.address4 = &world->address4,
		.address6 = &world->address6,
		.forwards = g_ptr_array_new()};
	if (port)
		g_ptr_array_add(world->lab.forwards, &world->forward);
	world->plan = (PlanUplink){&world->lab, "uplink:lan", "uplink:lan"};
	world->resolver = resolver_new(world->resolv, &error);
	world->confinement = confinement_new(unconfined, "/proc/self/exe", program(), program(), &error);
	if (!world->confinement)
		fail_msg("%s", error->message);
	world->world = (UplinkWorld){
		world->confinement, NULL, world->resolver, program(), world->directory, on_changed, world};
	plugged = unplugged = 0;
	switch_is_dead = FALSE;
	return world;
}

static void world_free(World *world)
{
	if (wire >= 0)
		close(wire);
	wire = -1;
	confinement_free(world->confinement);
	resolver_free(world->resolver);
	unlink(world->log);
	unlink(world->resolv);
	rmdir(world->directory);
	g_ptr_array_unref(world->lab.forwards);
	g_object_unref(world->address4.address);
	g_object_unref(world->address6.address);
	g_object_unref(world->forward.host_address);
	g_object_unref(world->forward.to_address);
	g_free(world->directory);
	g_free(world->log);
	g_free(world->resolv);
	g_free(world);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(World, world_free)

static gboolean on_tick(gpointer data)
{
	return G_SOURCE_CONTINUE;
}

/* Runs the main loop until the uplink is in this state and has been started so often. */
static void await(const Uplink *uplink, UplinkState state, guint times)
{
	gint64 deadline = g_get_monotonic_time() + PATIENCE_US;
	guint tick = g_timeout_add(50, on_tick, NULL);
	while ((uplink_state(uplink) != state || plugged < times) && g_get_monotonic_time() < deadline)
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(tick);
	if (uplink_state(uplink) != state || plugged != times)
		fail_msg("%s (%s) after %u starts", uplink_state_name(uplink_state(uplink)), uplink_message(uplink),
			plugged);
}

/* A guest asks for the gateway's Ethernet address, and gets it. */
static void expect_service(void)
{
	guint8 frame[1600] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 10, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1, 2, 0,
		0, 0, 0, 10, 10, 0, 2, 10, [38] = 10, 0, 2, 2};
	assert_int_equal(send(wire, frame, 42, 0), 42);
	do {
		assert_int_equal(poll(&(struct pollfd){.fd = wire, .events = POLLIN}, 1, 10000), 1);
		assert_true(recv(wire, frame, sizeof frame, 0) >= 14);
	} while (frame[12] != 8 || frame[13] != 6 || frame[21] != 2);
	assert_memory_equal(frame + 22, "\x52\x55\x0a\x00\x02\x02", 6);
}

/* A port of loopback that somebody listens on. */
static int listener(guint16 *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &(socklen_t){sizeof address}), 0);
	*port = ntohs(address.sin_port);
	return fd;
}

static guint16 free_port(void)
{
	guint16 port;
	close(listener(&port));
	return port;
}

/* -- tests -- */

static void arguments_say_what_the_lab_says(void **state)
{
	g_autoptr(World) world = world_new(TRUE, 8080);
	world->lab.restricted = TRUE;
	g_auto(GStrv) argv = uplink_arguments("/bin/up", &world->lab);
	g_autofree char *text = g_strjoinv(" ", argv);
	assert_string_equal(text,
		"/bin/up --fd=3 --ready-fd=4 --address=10.0.2.2/24 --address6=fd00:2::2/64 --restrict "
		"--counters=5 --sockets=6 --forward=tcp:127.0.0.1:8080:10.0.2.10:80");
	g_clear_object(&world->forward.host_address);
	g_clear_object(&world->forward.to_address);
	world->forward.host_address = g_inet_address_new_from_string("::1");
	world->forward.to_address = g_inet_address_new_from_string("fd00:2::10");
	world->forward.udp = TRUE;
	world->lab.loopback = TRUE;
	g_auto(GStrv) v6 = uplink_arguments("/bin/up", &world->lab);
	assert_string_equal(v6[5], "--restrict");
	assert_string_equal(v6[6], "--loopback");
	assert_string_equal(v6[7], "--counters=5");
	assert_string_equal(v6[9], "--forward=udp:[::1]:8080:[fd00:2::10]:80");
}

static void starts(gboolean unconfined)
{
	guint16 port = free_port();
	g_autoptr(World) world = world_new(unconfined, port);
	g_autoptr(GError) error = NULL;
	g_autoptr(Uplink) uplink = uplink_new(&world->plan, &world->world, &error);
	if (!uplink)
		fail_msg("%s", error->message);
	assert_int_equal(uplink_state(uplink), UPLINK_READY);
	assert_string_equal(uplink_message(uplink), "");
	assert_true(uplink_pid(uplink) > 0 && world->changes > 0);
	expect_service();
	/* The forward is bound: nobody else can have the port. */
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), -1);
	close(fd);
	/* Its end frees it at once. */
	g_clear_pointer(&uplink, uplink_free);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	close(fd);
}

static void starts_unconfined(void **state)
{
	starts(TRUE);
}

static void starts_confined(void **state)
{
	starts(FALSE);
}

static void a_taken_port_is_named_with_its_place_in_the_file(void **state)
{
	guint16 port;
	int fd = listener(&port);
	g_autofree char *named = g_strdup_printf("TCP port 127.0.0.1:%u ", port);
	for (int unconfined = 0; unconfined < 2; unconfined++) {
		g_autoptr(World) world = world_new(unconfined, port);
		g_autoptr(GError) error = NULL;
		assert_null(uplink_new(&world->plan, &world->world, &error));
		if (!g_str_has_prefix(error->message, "lab.xml:7:3: the uplink of network \"lan\"") ||
			!strstr(error->message, named) || !strstr(error->message, "choose another port"))
			fail_msg("%s", error->message);
	}
	close(fd);
}

static void one_that_dies_comes_back(void **state)
{
	g_autoptr(World) world = world_new(FALSE, free_port());
	g_autoptr(GError) error = NULL;
	g_autoptr(Uplink) uplink = uplink_new(&world->plan, &world->world, &error);
	assert_non_null(uplink);
	guint before = uplink_warnings(uplink)->len;
	kill(uplink_pid(uplink), SIGSEGV);
	await(uplink, UPLINK_READY, 2);
	assert_int_equal(unplugged, 1);
	assert_int_equal(uplink_warnings(uplink)->len, before + 1);
	assert_non_null(strstr(g_ptr_array_index(uplink_warnings(uplink), before), "signal 11"));
	expect_service();
}

static void connect_to(guint16 port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	close(fd);
}

/* However often it fails to start: it says why, and goes on trying. Its ports stay its own. */
static void its_death_is_never_final(void **state)
{
	guint16 port = free_port();
	g_autoptr(World) world = world_new(TRUE, port);
	g_autoptr(GError) error = NULL;
	g_autoptr(Uplink) uplink = uplink_new(&world->plan, &world->world, &error);
	assert_non_null(uplink);
	world->world.program = "/bin/false";
	kill(uplink_pid(uplink), SIGKILL);
	await(uplink, UPLINK_STARTING, 4);
	if (!strstr(uplink_message(uplink), "it is started again after a pause of"))
		fail_msg("%s", uplink_message(uplink));
	connect_to(port);
	world->world.program = program();
	await(uplink, UPLINK_READY, plugged + 1);
	assert_true(uplink_restarts(uplink) >= 4);
	expect_service();
}

/* A frame that is refused is counted, and the next process goes on counting. */
static void refused_frames_are_counted_beyond_a_death(void **state)
{
	g_autoptr(World) world = world_new(TRUE, 0);
	g_autoptr(GError) error = NULL;
	g_autoptr(Uplink) uplink = uplink_new(&world->plan, &world->world, &error);
	guint8 options[60] = {0x52, 0x55, 10, 0, 2, 2, 2, 0, 0, 0, 0, 10, 8, 0, 0x46};
	UplinkCounters counters;
	assert_non_null(uplink);
	for (guint deaths = 0; deaths < 2; deaths++) {
		assert_int_equal(send(wire, options, sizeof options, 0), sizeof options);
		gint64 deadline = g_get_monotonic_time() + PATIENCE_US;
		do
			uplink_counters(uplink, &counters);
		while (counters.values[UPLINK_OPTIONS] <= deaths && g_get_monotonic_time() < deadline);
		assert_int_equal(counters.values[UPLINK_OPTIONS], deaths + 1);
		if (deaths == 0) {
			kill(uplink_pid(uplink), SIGKILL);
			await(uplink, UPLINK_READY, 2);
		}
	}
	assert_int_equal(uplink_restarts(uplink), 1);
}

static char *network_of(pid_t pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/ns/net", pid);
	return g_file_read_link(path, NULL);
}

/* Its process is in another network; a client of the host gets in all the same, by the socket that was handed in. */
static void a_restricted_one_has_no_network_of_the_host(void **state)
{
	guint16 port = free_port();
	g_autoptr(World) world = world_new(FALSE, port);
	g_autoptr(GError) error = NULL;
	world->lab.restricted = TRUE;
	g_autoptr(Uplink) uplink = uplink_new(&world->plan, &world->world, &error);
	if (!uplink)
		fail_msg("%s", error->message);
	g_autofree char *theirs = network_of(uplink_pid(uplink)), *ours = network_of(getpid());
	assert_non_null(theirs);
	assert_string_not_equal(theirs, ours);
	guint8 frame[1600] = {0};
	connect_to(port);
	do { /* until the gateway asks for the guest that the forward leads to */
		assert_int_equal(poll(&(struct pollfd){.fd = wire, .events = POLLIN}, 1, 10000), 1);
		assert_true(recv(wire, frame, sizeof frame, 0) >= 14);
	} while (frame[12] != 8 || frame[13] != 6 || frame[21] != 1);
	assert_memory_equal(frame + 38, "\x0a\x00\x02\x0a", 4);
	expect_service();
}

static void without_a_switch_there_is_no_coming_back(void **state)
{
	g_autoptr(World) world = world_new(TRUE, 0);
	g_autoptr(GError) error = NULL;
	g_autoptr(Uplink) uplink = uplink_new(&world->plan, &world->world, &error);
	assert_non_null(uplink);
	switch_is_dead = TRUE;
	close(wire); /* what ends it */
	wire = -1;
	await(uplink, UPLINK_FAILED, 1);
	assert_string_equal(uplink_message(uplink), "the lab's switch died");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_say_what_the_lab_says),
		cmocka_unit_test(starts_unconfined),
		cmocka_unit_test(starts_confined),
		cmocka_unit_test(a_taken_port_is_named_with_its_place_in_the_file),
		cmocka_unit_test(one_that_dies_comes_back),
		cmocka_unit_test(its_death_is_never_final),
		cmocka_unit_test(refused_frames_are_counted_beyond_a_death),
		cmocka_unit_test(a_restricted_one_has_no_network_of_the_host),
		cmocka_unit_test(without_a_switch_there_is_no_coming_back),
	};
	return cmocka_run_group_tests_name("uplink_process", tests, NULL, NULL);
}
