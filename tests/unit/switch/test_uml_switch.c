/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests of uml_switch's protocol, and who is served on a control socket. */
#include "switch/uml/uml_listener.h"
#include "switch/uml/uml_switch.h"
#include "tests/unit/switch/uml_client.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct sockaddr_un home = {.sun_family = AF_UNIX, .sun_path = "/here"};

/* Each in a block of its own size, so that AddressSanitizer sees who reads on. */
static UmlRequestState read_exactly(const uint8_t *bytes, size_t size, struct sockaddr_un *address, GError **error)
{
	g_autofree uint8_t *exact = g_memdup2(bytes, size);
	return uml_request_read(exact, size, address, error);
}

static void takes(uint32_t version, size_t needed)
{
	uint8_t bytes[124];
	struct sockaddr_un address;
	g_autoptr(GError) error = NULL;
	size_t size = uml_client_request(bytes, version, &home);
	for (size_t part = 0; part < needed; part++)
		assert_int_equal(read_exactly(bytes, part, &address, &error), UML_REQUEST_MORE);
	for (size_t part = needed; part <= size; part++) {
		memset(&address, 0xff, sizeof(address));
		assert_int_equal(read_exactly(bytes, part, &address, &error), UML_REQUEST_READY);
		assert_memory_equal(&address, &home, sizeof(home));
	}
	assert_null(error);
}

static void requests_are_read(void **state)
{
	takes(3, 122);
	takes(1, 124);
}

static void refuses(const uint8_t *bytes, size_t size, const char *why)
{
	struct sockaddr_un address;
	g_autoptr(GError) error = NULL;
	assert_int_equal(read_exactly(bytes, size, &address, &error), UML_REQUEST_REFUSED);
	assert_non_null(strstr(error->message, why));
}

static void others_are_refused(void **state)
{
	uint8_t bytes[124];
	size_t size = uml_client_request(bytes, 2, &home);
	refuses(bytes, size, "version 2");
	refuses(bytes, 8, "version 2");
	uml_client_request(bytes, 4, &home);
	refuses(bytes, size, "version 4");
	uml_client_request(bytes, 3, &home);
	bytes[8] = 1;
	refuses(bytes, 12, "type 1");
	bytes[8] = 0;
	bytes[12] = AF_INET;
	refuses(bytes, 122, "family 2");
	bytes[0] = 0;
	refuses(bytes, 4, "is not a request");
}

/* A listener, and what it told. */
typedef struct {
	char *directory, *path;
	UmlListener *listener;
	GString *events;
	int sockets[8];
	gboolean full;
} World;

static gboolean on_joined(guint number, int socket, gpointer data, GError **error)
{
	World *world = data;
	if (world->full) {
		close(socket);
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "the house is full");
		return FALSE;
	}
	world->sockets[number] = socket;
	g_string_append_printf(world->events, "+%u ", number);
	return TRUE;
}

static void on_left(guint number, gpointer data)
{
	World *world = data;
	close(world->sockets[number]);
	g_string_append_printf(world->events, "-%u ", number);
}

static void on_refused(const char *why, gpointer data)
{
	g_string_append_printf(((World *)data)->events, "[%s] ", why);
}

static const UmlListenerEvents events = {on_joined, on_left, on_refused};

static int set_up(void **state)
{
	World *world = g_new0(World, 1);
	g_autoptr(GError) error = NULL;
	world->directory = g_dir_make_tmp("netlab-uml-XXXXXX", NULL);
	assert_non_null(world->directory);
	world->path = g_build_filename(world->directory, "ctl", NULL);
	world->events = g_string_new(NULL);
	world->listener = uml_listener_new(world->path, -1, 0600, &events, world, &error);
	assert_non_null(world->listener);
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	World *world = *state;
	g_clear_pointer(&world->listener, uml_listener_free);
	assert_int_equal(g_rmdir(world->directory), 0); /* the socket has gone */
	g_string_free(world->events, TRUE);
	g_free(world->path);
	g_free(world->directory);
	g_free(world);
	return 0;
}

typedef struct {
	const World *world;
	UmlClient *client;
	uint32_t version;
	int result, code;
} Join;

static gpointer join_thread(gpointer data)
{
	Join *join = data;
	join->result = uml_client_join(join->client, join->world->path, join->version, UML_SENDTO, NULL);
	join->code = errno;
	g_main_context_wakeup(NULL);
	return NULL;
}

static gboolean on_deadline(gpointer data)
{
	fail_msg("nothing happened in time");
	return G_SOURCE_REMOVE;
}

/* Runs the main loop until the events are these. */
static void expect_events(World *world, const char *expected)
{
	guint deadline = g_timeout_add_seconds(20, on_deadline, NULL);
	while (!g_str_equal(world->events->str, expected) && world->events->len <= strlen(expected))
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(deadline);
	assert_string_equal(world->events->str, expected);
	g_string_truncate(world->events, 0);
}

static int join(World *world, UmlClient *client, uint32_t version, const char *expected)
{
	Join task = {.world = world, .client = client, .version = version};
	GThread *thread = g_thread_new("client", join_thread, &task);
	expect_events(world, expected);
	g_thread_join(thread);
	errno = task.code;
	return task.result;
}

static void clients_come_and_go(void **state)
{
	World *world = *state;
	UmlClient a, b, c;
	char frame[64];
	struct stat status;
	assert_int_equal(stat(world->path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(join(world, &a, 3, "+1 "), 0);
	assert_int_equal(join(world, &b, 1, "+2 "), 0);
	assert_int_equal(uml_listener_clients(world->listener), 2);

	/* Either way, though the client's socket is connected to nothing. */
	assert_int_equal(uml_client_send(&a, "from a", 6), 6);
	assert_int_equal(recv(world->sockets[1], frame, sizeof(frame), 0), 6);
	assert_int_equal(send(world->sockets[1], "to a", 4, 0), 4);
	assert_int_equal(uml_client_receive(&a, frame, sizeof(frame)), 4);
	/* What comes from another address is another's: the kernel keeps it off. */
	UmlClient forger = b;
	forger.peer = a.peer;
	assert_int_equal(uml_client_send(&forger, "from b", 6), -1);
	assert_int_equal(errno, EPERM);

	uml_client_leave(&a);
	expect_events(world, "-1 ");
	assert_int_equal(join(world, &c, 3, "+1 "), 0); /* the lowest number that is free */
	/* Whatever is said after the request means nothing. */
	assert_int_equal(send(c.control, "idle talk", 9, 0), 9);
	assert_int_equal(join(world, &a, 3, "+3 "), 0);
	uml_client_leave(&c);
	expect_events(world, "-1 ");
	uml_listener_free(world->listener);
	world->listener = NULL;
	assert_string_equal(world->events->str, "-2 -3 ");
	assert_int_equal(recv(b.control, frame, sizeof(frame), 0), 0);
	uml_client_leave(&a);
	uml_client_leave(&b);
}

static void refused_clients_are_hung_up_on(void **state)
{
	World *world = *state;
	UmlClient a;
	assert_int_equal(join(world, &a, 2,
				 "[rejected a client's request: it uses version 2 of the uml_switch protocol; "
				 "only versions 1 and 3 are supported] "),
		-1);
	assert_int_equal(errno, ECONNRESET);
	world->full = TRUE;
	assert_int_equal(join(world, &a, 3, "[rejected a client's request: the house is full] "), -1);
	world->full = FALSE;
	assert_int_equal(join(world, &a, 3, "+1 "), 0);
	uml_client_leave(&a);
	expect_events(world, "-1 ");
}

/* It names a socket that nobody has bound. */
static void addresses_without_a_socket_are_refused(void **state)
{
	g_autoptr(GError) error = NULL;
	struct sockaddr_un answer, nowhere = {.sun_family = AF_UNIX, .sun_path = "/nonexistent/socket"};
	assert_int_equal(uml_data_socket_new(&nowhere, &answer, &error), -1);
	assert_non_null(strstr(error->message, "\"/nonexistent/socket\""));
	memset(nowhere.sun_path, 'x', sizeof(nowhere.sun_path));
	g_clear_error(&error);
	assert_int_equal(uml_data_socket_new(&nowhere, &answer, &error), -1);
	assert_non_null(error);
}

static void paths_in_use_are_left_alone(void **state)
{
	World *world = *state;
	g_autoptr(GError) error = NULL;
	assert_null(uml_listener_new(world->path, -1, 0, &events, world, &error));
	assert_true(g_error_matches(error, G_IO_ERROR, G_IO_ERROR_EXISTS));
	g_clear_error(&error);

	g_autofree char *file = g_build_filename(world->directory, "file", NULL);
	assert_true(g_file_set_contents(file, "precious", -1, NULL));
	assert_null(uml_listener_new(file, -1, 0, &events, world, &error));
	assert_true(g_error_matches(error, G_IO_ERROR, G_IO_ERROR_EXISTS));
	assert_int_equal(g_unlink(file), 0);
	g_clear_error(&error);

	/* What a dead one has left is replaced. */
	int dead = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	assert_true(strlen(file) < sizeof(address.sun_path));
	strcpy(address.sun_path, file);
	assert_int_equal(bind(dead, (struct sockaddr *)&address, sizeof(address)), 0);
	close(dead);
	UmlListener *heir = uml_listener_new(file, -1, 0, &events, world, &error);
	assert_non_null(heir);
	/* And what another has put in its place is not removed. */
	assert_int_equal(g_unlink(file), 0);
	assert_true(g_file_set_contents(file, "precious", -1, NULL));
	uml_listener_free(heir);
	assert_int_equal(g_unlink(file), 0);

	g_autofree char *nowhere = g_build_filename(world->directory, "missing", "ctl", NULL);
	assert_null(uml_listener_new(nowhere, -1, 0, &events, world, &error));
	assert_true(g_error_matches(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND));
	g_clear_error(&error);
	g_autofree char *end = g_strnfill(120, 'x');
	g_autofree char *endless = g_build_filename(world->directory, end, NULL);
	assert_null(uml_listener_new(endless, -1, 0, &events, world, &error));
	assert_true(g_error_matches(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT));
}

/* Descriptors run out: said once, no busy loop, and the next is let in when one has left. */
static void descriptors_run_out(void **state)
{
	World *world = *state;
	UmlClient a, b;
	struct rlimit limit, none;
	assert_int_equal(join(world, &a, 3, "+1 "), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	/* It stands at the door: connected, and nobody has let it in. */
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	strcpy(address.sun_path, world->path);
	b = (UmlClient){.control = socket(AF_UNIX, SOCK_STREAM, 0), .data = -1};
	assert_int_equal(connect(b.control, (struct sockaddr *)&address, sizeof(address)), 0);
	/* All are used up; a limit below what poll(2) is asked to watch would make that fail instead. */
	int used[64], n = 0;
	none = (struct rlimit){.rlim_cur = G_N_ELEMENTS(used), .rlim_max = limit.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	while (n < (int)G_N_ELEMENTS(used) && (used[n] = dup(STDOUT_FILENO)) >= 0)
		n++;
	expect_events(world, "[cannot accept another client until one disconnects: Too many open files] ");
	while (n > 0)
		close(used[--n]);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	uml_client_leave(&a);
	expect_events(world, "-1 ");
	close(b.control);
	assert_int_equal(join(world, &b, 3, "+1 "), 0);
	uml_client_leave(&b);
	expect_events(world, "-1 ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_read),
		cmocka_unit_test(others_are_refused),
		cmocka_unit_test(addresses_without_a_socket_are_refused),
		cmocka_unit_test_setup_teardown(clients_come_and_go, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refused_clients_are_hung_up_on, set_up, tear_down),
		cmocka_unit_test_setup_teardown(paths_in_use_are_left_alone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(descriptors_run_out, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
