/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netlab-switch in the place of uml_switch: the same clients play the same scenes on the real one (package
 * uml-utilities; left out where that is missing) and on ours, and must get the same frames. */
#include "tests/unit/switch/uml_client.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <cmocka.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define BROADCAST UINT64_C(0xffffffffffff)
#define STATION(i) (UINT64_C(0x525400000000) + (i) + 1)
#define N_CLIENTS 4

typedef struct {
	char *directory, *control;
	GSubprocess *process;
	int terminal;    /* what it prints: a terminal, for uml_switch holds its words back before any other reader */
	GString *output; /* what came of it and was not looked through yet */
	UmlClient clients[N_CLIENTS];
	gboolean joined[N_CLIENTS];
	GString *got; /* who received what, in the order of the scene */
} World;

static void no_error(GError *error)
{
	if (error)
		fail_msg("%s", error->message);
}

static void read_until(World *world, const char *text)
{
	const char *found;
	while (!(found = strstr(world->output->str, text))) {
		struct pollfd ready = {.fd = world->terminal, .events = POLLIN};
		char piece[256];
		ssize_t n = poll(&ready, 1, 20000) == 1 ? read(world->terminal, piece, sizeof(piece)) : -1;
		if (n <= 0)
			fail_msg("it should say \"%s\", but said \"%s\"", text, world->output->str);
		g_string_append_len(world->output, piece, n);
	}
	g_string_erase(world->output, 0, found + strlen(text) - world->output->str);
}

/* Runs a program with arguments, up to a NULL, and returns without waiting. */
static void begin(World *world, const char *const *arguments)
{
	g_autoptr(GError) error = NULL;
	world->directory = g_dir_make_tmp("netlab-standalone-XXXXXX", &error);
	no_error(error);
	world->control = g_build_filename(world->directory, "ctl", NULL);
	world->got = g_string_new(NULL);
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	for (; *arguments; arguments++)
		g_ptr_array_add(argv, (void *)(g_str_equal(*arguments, "CTL") ? world->control : *arguments));
	g_ptr_array_add(argv, NULL);
	world->output = g_string_new(NULL);
	world->terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(world->terminal >= 0 && grantpt(world->terminal) == 0 && unlockpt(world->terminal) == 0);
	int end = open(ptsname(world->terminal), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(end >= 0);
	g_autoptr(GSubprocessLauncher) launcher =
		g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDERR_MERGE | G_SUBPROCESS_FLAGS_STDIN_PIPE);
	g_subprocess_launcher_take_stdout_fd(launcher, end);
	world->process = g_subprocess_launcher_spawnv(launcher, (const char *const *)argv->pdata, &error);
	no_error(error);
}

/* Ends the program by a signal; returns the signal that it died of, or 1000 and its exit status. */
static int finish(World *world, int number)
{
	for (unsigned i = 0; i < N_CLIENTS; i++)
		if (world->joined[i])
			uml_client_leave(&world->clients[i]);
	if (number)
		g_subprocess_send_signal(world->process, number);
	assert_true(g_subprocess_wait(world->process, NULL, NULL));
	int end = g_subprocess_get_if_signaled(world->process) ? g_subprocess_get_term_sig(world->process)
							       : 1000 + g_subprocess_get_exit_status(world->process);
	for (unsigned i = 0; i < N_CLIENTS; i++) {
		g_autofree char *path = g_strdup_printf("%s/%u", world->directory, i);
		g_unlink(path);
	}
	g_string_free(world->output, TRUE);
	close(world->terminal);
	g_clear_object(&world->process);
	return end;
}

static void clean_up(World *world)
{
	assert_int_equal(g_rmdir(world->directory), 0); /* no socket is left */
	g_free(world->directory);
	g_free(world->control);
	g_string_free(world->got, TRUE);
	g_free(world);
}

/* The words of a scene. */

static void join(World *world, unsigned i, uint32_t version, UmlManner manner, gboolean at_a_path)
{
	g_autofree char *path = at_a_path ? g_strdup_printf("%s/%u", world->directory, i) : NULL;
	if (uml_client_join(&world->clients[i], world->control, version, manner, path) < 0)
		fail_msg("client %u could not join: %s", i, g_strerror(errno));
	world->joined[i] = TRUE;
}

static void send_sized(World *world, unsigned from, guint64 destination, guint64 source, guint8 mark, gsize size)
{
	guint8 frame[2000] = {0};
	for (int i = 0; i < 6; i++) {
		frame[i] = (guint8)(destination >> (40 - 8 * i));
		frame[6 + i] = (guint8)(source >> (40 - 8 * i));
	}
	frame[12] = 0x88;
	frame[13] = 0xb5; /* IEEE 802, 9.2.3: for experiments */
	frame[14] = mark;
	assert_int_equal(uml_client_send(&world->clients[from], frame, size), size);
}

static void send_frame(World *world, unsigned from, guint64 destination, guint64 source, guint8 mark)
{
	send_sized(world, from, destination, source, mark, 60);
}

/* Client i gets one frame, noted as "i:mark/size ". */
static void hear(World *world, unsigned i)
{
	guint8 frame[3000];
	ssize_t n = uml_client_receive(&world->clients[i], frame, sizeof(frame));
	if (n < 15)
		fail_msg("client %u got nothing; so far %s", i, world->got->str);
	g_string_append_printf(world->got, "%u:%c/%zd ", i, frame[14], n);
}

/* A frame to everybody. What each gets now shows what came before it, and what did not. */
static void mark(World *world, unsigned from, guint8 mark)
{
	send_frame(world, from, BROADCAST, STATION(from), mark);
}

typedef struct {
	const char *title;
	const char *arguments[4]; /* beside the socket */
	void (*play)(World *world);
	const char *got;
} Scene;

static void play_switch(World *world)
{
	join(world, 0, 3, UML_SENDTO, FALSE);
	join(world, 1, 3, UML_CONNECTED, TRUE);
	join(world, 2, 1, UML_SENDTO, TRUE);
	mark(world, 0, 'a'); /* to all but its sender */
	hear(world, 1), hear(world, 2);
	send_frame(world, 1, STATION(3), STATION(1), 'b'); /* nobody knows where that is */
	hear(world, 0), hear(world, 2);
	send_frame(world, 2, STATION(0), STATION(2), 'c'); /* learnt from its broadcast: to it alone */
	hear(world, 0);
	mark(world, 2, 'd');
	hear(world, 0), hear(world, 1);
	send_frame(world, 0, STATION(1), STATION(0), 'e');
	hear(world, 1);
	send_sized(world, 0, STATION(1), STATION(0), 'f', 1514); /* a full one */
	hear(world, 1);
	mark(world, 0, 'g');
	hear(world, 1), hear(world, 2);
	send_frame(world, 0, UINT64_C(0x01005e000001), STATION(0), 'h'); /* a group */
	hear(world, 1), hear(world, 2);
}

static void play_roaming(World *world)
{
	for (unsigned i = 0; i < 3; i++)
		join(world, i, 3, UML_SENDTO, FALSE);
	mark(world, 0, 'a');
	hear(world, 1), hear(world, 2);
	send_frame(world, 1, BROADCAST, STATION(0), 'b'); /* station 0 has moved to client 1 */
	hear(world, 0), hear(world, 2);
	send_frame(world, 2, STATION(0), STATION(2), 'c');
	hear(world, 1);
	mark(world, 2, 'd');
	hear(world, 0), hear(world, 1);
}

static void play_hub(World *world)
{
	for (unsigned i = 0; i < 3; i++)
		join(world, i, 3, i == 1 ? UML_CONNECTED : UML_SENDTO, FALSE);
	mark(world, 0, 'a');
	hear(world, 1), hear(world, 2);
	send_frame(world, 1, STATION(0), STATION(1), 'b');
	hear(world, 0), hear(world, 2);
	send_frame(world, 2, STATION(2), STATION(2), 'c');
	hear(world, 0), hear(world, 1);
}

static void play_leaving(World *world)
{
	for (unsigned i = 0; i < 3; i++)
		join(world, i, 3, UML_SENDTO, FALSE);
	mark(world, 1, 'a');
	hear(world, 0), hear(world, 2);
	read_until(world, "onnection");
	uml_client_leave(&world->clients[1]);
	world->joined[1] = FALSE;
	read_until(world, "Disconnect");
	/* Station 1 is known no more: its frames go to all. */
	send_frame(world, 0, STATION(1), STATION(0), 'b');
	hear(world, 2);
	join(world, 3, 3, UML_SENDTO, FALSE); /* one comes in its stead */
	mark(world, 0, 'c');
	hear(world, 2), hear(world, 3);
	send_frame(world, 3, STATION(0), STATION(3), 'd');
	hear(world, 0);
}

static const Scene scenes[] = {
	{"switch", {"-unix", "CTL"}, play_switch,
		"1:a/60 2:a/60 0:b/60 2:b/60 0:c/60 0:d/60 1:d/60 1:e/60 1:f/1514 1:g/60 2:g/60 "
		"1:h/60 2:h/60 "},
	{"roaming", {"-unix", "CTL"}, play_roaming, "1:a/60 2:a/60 0:b/60 2:b/60 1:c/60 0:d/60 1:d/60 "},
	{"hub", {"-hub", "-unix", "CTL"}, play_hub, "1:a/60 2:a/60 0:b/60 2:b/60 0:c/60 1:c/60 "},
	{"hub, options the other way", {"-unix", "CTL", "-hub"}, play_hub,
		"1:a/60 2:a/60 0:b/60 2:b/60 0:c/60 1:c/60 "},
	{"leaving", {"-unix", "CTL"}, play_leaving, "0:a/60 2:a/60 2:b/60 2:c/60 3:c/60 0:d/60 "},
};

static void play(const char *program, const Scene *scene)
{
	World *world = g_new0(World, 1);
	const char *arguments[] = {program, scene->arguments[0], scene->arguments[1], scene->arguments[2], NULL};
	begin(world, arguments);
	read_until(world, "attached to unix socket");
	scene->play(world);
	if (!g_str_equal(world->got->str, scene->got))
		fail_msg("%s, %s: got %s, expected %s", program, scene->title, world->got->str, scene->got);
	assert_int_equal(finish(world, SIGINT), SIGINT);
	clean_up(world);
}

static const char *ours(void)
{
	const char *program = g_getenv("NETLAB_TEST_SWITCH");
	assert_non_null(program);
	return program;
}

static void scenes_on_ours(void **state)
{
	for (gsize i = 0; i < G_N_ELEMENTS(scenes); i++)
		play(ours(), &scenes[i]);
}

static void scenes_on_uml_switch(void **state)
{
	g_autofree char *program = g_find_program_in_path("uml_switch");
	if (!program) {
		print_message("uml_switch is not installed (package uml-utilities)\n");
		skip();
	}
	for (gsize i = 0; i < G_N_ELEMENTS(scenes); i++)
		play(program, &scenes[i]);
}

/* Where we are better, on purpose. */

static World *run_ours(const char *a, const char *b, const char *c, const char *d)
{
	World *world = g_new0(World, 1);
	const char *arguments[] = {ours(), a, b, c, d, NULL};
	begin(world, arguments);
	return world;
}

/* uml_switch loses its data socket over a request of version 2, and with it every client. */
static void a_bad_request_harms_nobody(void **state)
{
	World *world = run_ours("--unix", "CTL", NULL, NULL);
	read_until(world, "attached to unix socket");
	join(world, 0, 3, UML_SENDTO, FALSE);
	join(world, 1, 3, UML_SENDTO, FALSE);
	assert_int_equal(uml_client_join(&world->clients[2], world->control, 2, UML_SENDTO, NULL), -1);
	read_until(world, "version 2");
	mark(world, 0, 'a');
	hear(world, 1);
	assert_string_equal(world->got->str, "1:a/60 ");
	assert_int_equal(finish(world, SIGTERM), SIGTERM); /* uml_switch leaves its socket behind then */
	clean_up(world);
}

/* What is meant for the station that sent it, or is too long for anybody, goes nowhere. */
static void frames_that_go_nowhere(void **state)
{
	World *world = run_ours("--unix", "CTL", "--mtu", "576");
	read_until(world, "attached to unix socket");
	join(world, 0, 3, UML_SENDTO, FALSE);
	join(world, 1, 3, UML_SENDTO, FALSE);
	mark(world, 0, 'a');
	hear(world, 1);
	send_frame(world, 0, STATION(0), STATION(0), 'b');
	send_sized(world, 0, BROADCAST, STATION(0), 'c', 1514);
	mark(world, 0, 'd');
	hear(world, 1);
	mark(world, 1, 'e');
	hear(world, 0);
	assert_string_equal(world->got->str, "1:a/60 1:d/60 0:e/60 ");
	assert_int_equal(finish(world, SIGHUP), SIGHUP);
	clean_up(world);
}

/* More than the client's queue (net.unix.max_dgram_qlen) takes: uml_switch drops what is beyond, we keep it. */
static void a_slow_client_gets_what_waits(void **state)
{
	World *world = run_ours("-unix", "CTL", NULL, NULL);
	read_until(world, "attached to unix socket");
	join(world, 0, 3, UML_SENDTO, FALSE);
	join(world, 1, 3, UML_SENDTO, FALSE);
	join(world, 2, 3, UML_CONNECTED, FALSE);
	for (unsigned i = 0; i < 500; i++) {
		mark(world, 0, 'x');
		guint8 frame[100];
		assert_int_equal(uml_client_receive(&world->clients[2], frame, sizeof(frame)), 60);
	}
	for (unsigned i = 0; i < 500; i++)
		hear(world, 1);
	assert_int_equal(finish(world, SIGINT), SIGINT);
	clean_up(world);
}

/* The process that was left to us, as its parent has gone. */
static pid_t only_child(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = g_strdup_printf("/proc/self/task/%d/children", (int)getpid());
	g_autofree char *children = NULL;
	g_file_get_contents(path, &children, NULL, &error);
	no_error(error);
	assert_true(*children != '\0');
	return (pid_t)g_ascii_strtoll(children, NULL, 10);
}

static void in_the_background(void **state)
{
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
	World *world = run_ours("-daemon", "-unix", "CTL", NULL);
	/* It goes when it can be joined: no waiting for a line. */
	assert_int_equal(finish(world, 0), 1000);
	struct stat status;
	assert_int_equal(stat(world->control, &status), 0);
	join(world, 0, 3, UML_SENDTO, FALSE);
	join(world, 1, 3, UML_SENDTO, FALSE);
	mark(world, 0, 'a');
	hear(world, 1);
	/* It ends when told to, and takes its socket with it. */
	pid_t daemon = only_child();
	assert_int_equal(kill(daemon, SIGTERM), 0);
	guint8 nothing[1];
	assert_int_equal(recv(world->clients[0].control, nothing, 1, 0), 0);
	int status_of_it;
	assert_int_equal(waitpid(daemon, &status_of_it, 0), daemon);
	assert_true(WIFSIGNALED(status_of_it) && WTERMSIG(status_of_it) == SIGTERM);
	for (unsigned i = 0; i < 2; i++)
		uml_client_leave(&world->clients[i]);
	clean_up(world);
}

static void mistakes_are_explained(void **state)
{
	static const struct {
		const char *arguments[4];
		const char *said;
		int status;
	} mistakes[] = {
		{{"-unix"}, "--unix", 2},
		{{"-unix", "CTL", "surplus"}, "unexpected argument \"surplus\"", 2},
		{{"-unix", "CTL", "-foo"}, "-f", 2},
		{{"-unix", "CTL", "-compat-v0"}, "version 0", 2},
		{{"-unix", "CTL", "-mtu=10"}, "--mtu 10", 2},
		{{"-unix", "/nonexistent/ctl"}, "/nonexistent/ctl", 1},
		{{"-tap", "a-name-that-is-too-long"}, "1 to 15 characters", 1},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(mistakes); i++) {
		World *world =
			run_ours(mistakes[i].arguments[0], mistakes[i].arguments[1], mistakes[i].arguments[2], NULL);
		read_until(world, mistakes[i].said);
		assert_int_equal(finish(world, 0), 1000 + mistakes[i].status);
		clean_up(world);
	}
	World *world = run_ours("-unix", "CTL", "--help", NULL);
	read_until(world, "Examples:");
	assert_int_equal(finish(world, 0), 1000);
	clean_up(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scenes_on_uml_switch),
		cmocka_unit_test(scenes_on_ours),
		cmocka_unit_test(a_bad_request_harms_nobody),
		cmocka_unit_test(frames_that_go_nowhere),
		cmocka_unit_test(a_slow_client_gets_what_waits),
		cmocka_unit_test(in_the_background),
		cmocka_unit_test(mistakes_are_explained),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
