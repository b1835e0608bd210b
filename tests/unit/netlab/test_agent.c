/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The supervisor's side of the serial line against a peer that speaks as an agent does, or as one that was taken over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlab/supervisor/agent/agent.h"
#include "topologies/plan/plan.h"

#define PATIENCE (10 * G_TIME_SPAN_SECOND)

typedef struct {
	Agent *agent;
	int line; /* the agent's end */
	unsigned hellos, readies, failures, warnings, ends, frees;
	char *text; /* of the last failure or warning */
	char *how, *message;
	int code;
	guint32 owed; /* bytes read from the line and not yet credited */
	AgentHeader header;
	guint8 payload[AGENT_MAX_PAYLOAD];
} World;

static void on_hello(gpointer data)
{
	((World *)data)->hellos++;
}

static void on_ready(gpointer data)
{
	((World *)data)->readies++;
}

static void on_failed(const char *message, gpointer data)
{
	World *world = data;
	world->failures++;
	g_free(world->text);
	world->text = g_strdup(message);
}

static void on_warned(const char *message, gpointer data)
{
	World *world = data;
	world->warnings++;
	g_free(world->text);
	world->text = g_strdup(message);
}

static const AgentEvents events = {on_hello, on_ready, on_failed, on_warned};

static void on_ended(AgentSession *session, const char *how, int code, const char *message, gpointer data)
{
	World *world = data;
	world->ends++;
	world->how = g_strdup(how);
	world->message = g_strdup(message);
	world->code = code;
}

static void on_freed(gpointer data)
{
	((World *)data)->frees++;
}

static int set_up(void **state)
{
	World *world = g_new0(World, 1);
	int pair[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	world->line = pair[1];
	fcntl(pair[1], F_SETFL, O_NONBLOCK);
	world->agent = agent_new(pair[0], &events, world);
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	World *world = *state;
	g_clear_pointer(&world->agent, agent_free);
	close(world->line);
	g_free(world->text);
	g_free(world->how);
	g_free(world->message);
	g_free(world);
	return 0;
}

/* Runs the loop until CONDITION; fails the test after the deadline. */
#define wait_for(condition)                                                                                            \
	do {                                                                                                           \
		gint64 until_ = g_get_monotonic_time() + PATIENCE;                                                     \
		while (!(condition)) {                                                                                 \
			if (!g_main_context_iteration(NULL, FALSE))                                                    \
				poll(NULL, 0, 1);                                                                      \
			if (g_get_monotonic_time() > until_)                                                           \
				fail_msg("not in time: %s", #condition);                                               \
		}                                                                                                      \
	} while (0)

/* Lets the loop do all that it has to do. */
static void settle(void)
{
	while (g_main_context_iteration(NULL, FALSE))
		;
}

static void say(World *world, AgentType type, guint16 channel, const void *payload, gsize length)
{
	guint8 frame[AGENT_HEADER_SIZE + AGENT_MAX_PAYLOAD];
	agent_header_encode(&(AgentHeader){(uint32_t)length, channel, (uint8_t)type}, frame);
	if (length)
		memcpy(frame + AGENT_HEADER_SIZE, payload, length);
	for (gsize done = 0; done < AGENT_HEADER_SIZE + length;) {
		ssize_t n = write(world->line, frame + done, AGENT_HEADER_SIZE + length - done);
		if (n > 0)
			done += (gsize)n;
		settle();
	}
}

static void say_stream(World *world, AgentType type, guint16 channel, guint8 stream, const void *bytes, gsize length)
{
	guint8 payload[AGENT_MAX_PAYLOAD] = {stream};
	memcpy(payload + 1, bytes, length);
	say(world, type, channel, payload, length + 1);
}

/* Gives the line its credit back as it reads, as an agent does. */
static void read_bytes(World *world, guint8 *bytes, gsize n)
{
	for (gsize done = 0; done < n;) {
		ssize_t got = -1;
		guint8 credit[5] = {0};
		wait_for((got = read(world->line, bytes + done, n - done)) > 0);
		done += (gsize)got;
		world->owed += (guint32)got;
		if (world->owed < AGENT_LINE_WINDOW / 2)
			continue;
		agent_put_u32(credit + 1, world->owed);
		world->owed = 0;
		say(world, AGENT_CREDIT, 0, credit, sizeof credit);
	}
}

/* The next frame of the host, in world->header and payload. */
static AgentType hear(World *world)
{
	guint8 header[AGENT_HEADER_SIZE];
	read_bytes(world, header, sizeof header);
	assert_int_equal(agent_header_decode(header, &world->header), 0);
	read_bytes(world, world->payload, world->header.length);
	return world->header.type;
}

static gboolean is_silent(World *world)
{
	settle();
	return poll(&(struct pollfd){.fd = world->line, .events = POLLIN}, 1, 0) == 0;
}

static void greet(World *world)
{
	guint8 version[4];
	agent_put_u32(version, AGENT_VERSION);
	say(world, AGENT_HELLO, 0, version, sizeof version);
	wait_for(world->hellos == 1);
	/* It asks for credits; that itself is not counted. */
	assert_int_equal(hear(world), AGENT_CREDIT);
	assert_int_equal(world->header.length, 0);
	world->owed = 0;
}

static const LabFolder anywhere = {.trusted = TRUE};

static PlanSetup *step(const char *words, const char *source, const char *content)
{
	PlanSetup *self = g_new0(PlanSetup, 1);
	self->words = g_strsplit(words, " ", -1);
	self->source = g_strdup(source);
	self->folder = &anywhere;
	self->pos = (LabPos){"lab.xml", 12, 5};
	self->content = content ? g_bytes_new(content, strlen(content)) : NULL;
	return self;
}

static void step_free(gpointer data)
{
	PlanSetup *self = data;
	g_strfreev(self->words);
	g_free(self->source);
	g_clear_pointer(&self->content, g_bytes_unref);
	g_free(self);
}

/* -- life -- */

static void nothing_is_said_before_hello(void **state)
{
	World *world = *state;
	g_autoptr(GPtrArray) setup = g_ptr_array_new_with_free_func(step_free);
	agent_shut_down(world->agent);
	assert_true(is_silent(world));
	assert_int_equal(write(world->line, "echo of a tty\r\n\0\4\0", 18), 18);
	greet(world);
	assert_int_equal(world->failures, 0);
}

static void the_set_up_comes_in_order_with_its_files(void **state)
{
	World *world = *state;
	g_autoptr(GPtrArray) setup = g_ptr_array_new_with_free_func(step_free);
	g_autofree char *path = NULL, *big = g_malloc(300000);
	g_autoptr(GError) error = NULL;
	int fd = g_file_open_tmp("netlab-XXXXXX", &path, &error);
	assert_true(fd >= 0);
	for (int i = 0; i < 300000; i++)
		big[i] = (char)(i * 7);
	assert_int_equal(write(fd, big, 300000), 300000);
	close(fd);
	g_ptr_array_add(setup, step("hostname a", NULL, NULL));
	g_ptr_array_add(setup, step("file /etc/x 644", NULL, "content"));
	g_ptr_array_add(setup, step("file /etc/y 600", path, NULL));
	g_ptr_array_add(setup, step("run foreground true", NULL, NULL));
	greet(world);
	agent_set_up(world->agent, setup);
	assert_int_equal(hear(world), AGENT_SETUP);
	assert_memory_equal(world->payload, "hostname\0a", 11);
	assert_int_equal(hear(world), AGENT_SETUP);
	assert_memory_equal(world->payload, "file\0/etc/x\000644", 16);
	assert_int_equal(hear(world), AGENT_FILE_DATA);
	assert_memory_equal(world->payload, "content", 7);
	assert_int_equal(hear(world), AGENT_FILE_END);
	assert_int_equal(hear(world), AGENT_SETUP);
	gsize done = 0;
	while (hear(world) == AGENT_FILE_DATA) {
		assert_true(done + world->header.length <= 300000);
		assert_memory_equal(world->payload, big + done, world->header.length);
		done += world->header.length;
	}
	assert_int_equal(done, 300000);
	assert_int_equal(world->header.type, AGENT_FILE_END);
	assert_int_equal(hear(world), AGENT_SETUP);
	assert_int_equal(hear(world), AGENT_GO);
	say(world, AGENT_READY, 0, NULL, 0);
	wait_for(world->readies == 1);
	say(world, AGENT_REPORT, 0, "wno such file\n", 14);
	wait_for(world->warnings == 1);
	assert_string_equal(world->text, "no such file");
	agent_shut_down(world->agent);
	assert_int_equal(hear(world), AGENT_SHUTDOWN);
	g_remove(path);
}

static void a_file_that_cannot_be_read_fails(void **state)
{
	World *world = *state;
	g_autoptr(GPtrArray) setup = g_ptr_array_new_with_free_func(step_free);
	g_ptr_array_add(setup, step("file /etc/x 644", "/nonexistent/x", NULL));
	greet(world);
	agent_set_up(world->agent, setup);
	wait_for(world->failures == 1);
	assert_non_null(strstr(world->text, "/nonexistent/x"));
}

/* It was a file when the lab was checked. */
static void a_source_that_became_a_link_fails(void **state)
{
	World *world = *state;
	g_autoptr(GPtrArray) setup = g_ptr_array_new_with_free_func(step_free);
	g_autofree char *base = g_dir_make_tmp("netlab-agent-XXXXXX", NULL);
	g_autofree char *source = g_build_filename(base, "source", NULL);
	const LabFolder folder = {.path = base};
	PlanSetup *file = step("file /etc/x 644", source, NULL);
	assert_int_equal(symlink("/etc/passwd", source), 0);
	file->folder = &folder;
	g_ptr_array_add(setup, file);
	greet(world);
	agent_set_up(world->agent, setup);
	wait_for(world->failures == 1);
	assert_non_null(strstr(world->text, source));
	assert_non_null(strstr(world->text, "lab.xml:12"));
	assert_non_null(strstr(world->text, "a symbolic link leads out of the lab's folder"));
	assert_non_null(strstr(world->text, "--trust"));
	assert_true(is_silent(world));
	g_unlink(source);
	g_rmdir(base);
}

static void breaches_end_the_conversation(void **state)
{
	static const struct {
		AgentType type;
		guint16 channel;
		const char *payload;
		gsize length;
	} breaches[] = {
		{AGENT_HELLO, 0, "\1\0\0\0", 4},            /* twice */
		{AGENT_SETUP, 0, "x", 2},                   /* the host's to say */
		{AGENT_CREDIT, 0, "\0\xff\xff\xff\xff", 5}, /* for what was not sent */
		{AGENT_FAILED, 0, "no root", 7},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(breaches); i++) {
		set_up(state);
		World *world = *state;
		greet(world);
		say(world, breaches[i].type, breaches[i].channel, breaches[i].payload, breaches[i].length);
		wait_for(world->failures == 1);
		assert_true(is_silent(world));
		tear_down(state);
	}
	set_up(state);
	World *world = *state;
	greet(world);
	assert_int_equal(write(world->line, "[    1.0] kernel text", 21), 21);
	wait_for(world->failures == 1);
	tear_down(state);
	set_up(state);
	world = *state;
	say(world, AGENT_HELLO, 0, "\377\0\0\0", 4);
	wait_for(world->failures == 1);
	assert_non_null(strstr(world->text, "version 255"));
	tear_down(state);
}

/* -- sessions -- */

static AgentSession *start(World *world, gboolean terminal, int fds[3])
{
	static const char *const argv[] = {"cat", "-u", NULL}, *const environment[] = {"A=b", NULL};
	g_autoptr(GError) error = NULL;
	AgentCommand command = {argv, environment, terminal, 24, 80};
	AgentSession *session = agent_exec(world->agent, &command, fds, on_ended, world, on_freed, &error);
	assert_non_null(session);
	assert_int_equal(hear(world), AGENT_EXEC);
	assert_int_equal(world->header.channel, 1);
	assert_int_equal(world->payload[0], terminal);
	assert_int_equal(agent_get_u16(world->payload + 1), 24);
	assert_int_equal(agent_get_u16(world->payload + 5), 2);
	assert_memory_equal(world->payload + 7, "cat\0-u\0A=b", 11);
	return session;
}

static void close_all(int fds[3])
{
	for (int i = 0; i < 3; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static void streams_stay_apart_and_the_end_comes_last(void **state)
{
	World *world = *state;
	char bytes[16];
	int fds[3];
	greet(world);
	start(world, FALSE, fds);
	assert_int_equal(write(fds[0], "in", 2), 2);
	assert_int_equal(hear(world), AGENT_DATA);
	assert_memory_equal(world->payload, "\0in", 3);
	close(fds[0]);
	fds[0] = -1;
	assert_int_equal(hear(world), AGENT_EOF);
	say_stream(world, AGENT_DATA, 1, AGENT_STDOUT, "out", 3);
	say_stream(world, AGENT_DATA, 1, AGENT_STDERR, "error", 5);
	say_stream(world, AGENT_EOF, 1, AGENT_STDOUT, "", 0);
	say_stream(world, AGENT_EOF, 1, AGENT_STDERR, "", 0);
	say(world, AGENT_EXIT, 1, "e\7", 2);
	wait_for(world->ends == 1);
	assert_string_equal(world->how, "exited");
	assert_int_equal(world->frees, 1);
	assert_int_equal(world->code, 7);
	assert_int_equal(read(fds[1], bytes, sizeof bytes), 3);
	assert_int_equal(read(fds[2], bytes, sizeof bytes), 5);
	assert_int_equal(read(fds[1], bytes, sizeof bytes), 0);
	close_all(fds);
	/* What is still said on the channel is late, and no breach. */
	say_stream(world, AGENT_DATA, 1, AGENT_STDOUT, "late", 4);
	settle();
	assert_int_equal(world->failures, 0);
}

/* What it says goes to terminals, over D-Bus, into files. */
static void what_it_says_is_plain_text(void **state)
{
	static const char garbage[] = "e\2\033]0;x\007\033[2Ja\302\2331\0b\rc\377";
	static const char plain[] = "a1b\nc\357\277\275";
	World *world = *state;
	int fds[3];
	greet(world);
	say(world, AGENT_REPORT, 0, "w\033]0;x\007\033[2Ja\302\2331\0b\rc\377", sizeof garbage - 2);
	wait_for(world->warnings == 1);
	assert_string_equal(world->text, plain);
	start(world, FALSE, fds);
	say(world, AGENT_EXIT, 1, garbage, sizeof garbage - 1);
	wait_for(world->ends == 1);
	assert_string_equal(world->message, plain);
	close_all(fds);
	say(world, AGENT_FAILED, 0, garbage + 2, sizeof garbage - 3);
	wait_for(world->failures == 1);
	assert_string_equal(world->text, plain);
}

static void input_waits_for_credit(void **state)
{
	World *world = *state;
	static guint8 zeros[4096];
	guint8 credit[5] = {AGENT_STDIN};
	gsize put = 0, got = 0;
	int fds[3];
	greet(world);
	start(world, FALSE, fds);
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	/* One window goes, and not a byte more. */
	while (got < AGENT_WINDOW) {
		ssize_t n = write(fds[0], zeros, sizeof zeros);
		put += n > 0 ? (gsize)n : 0;
		if (is_silent(world))
			continue;
		assert_int_equal(hear(world), AGENT_DATA);
		got += world->header.length - 1;
	}
	assert_int_equal(got, AGENT_WINDOW);
	for (ssize_t n; (n = write(fds[0], zeros, sizeof zeros)) > 0;)
		put += (gsize)n;
	assert_true(is_silent(world));
	agent_put_u32(credit + 1, AGENT_WINDOW);
	say(world, AGENT_CREDIT, 1, credit, sizeof credit);
	while (got < put) {
		assert_int_equal(hear(world), AGENT_DATA);
		got += world->header.length - 1;
	}
	/* Credit for more than was sent is a breach. */
	say(world, AGENT_CREDIT, 1, credit, sizeof credit);
	say(world, AGENT_CREDIT, 1, credit, sizeof credit);
	wait_for(world->failures == 1);
	close_all(fds);
}

static void a_slow_reader_holds_its_session_back(void **state)
{
	World *world = *state;
	static guint8 zeros[4096];
	guint8 bytes[8192];
	gsize given = 0, taken = 0;
	guint32 credit = 0;
	int fds[3];
	greet(world);
	start(world, FALSE, fds);
	fcntl(fds[1], F_SETFL, O_NONBLOCK);
	fcntl(fds[1], F_SETPIPE_SZ, 4096);
	for (; given < AGENT_WINDOW; given += sizeof zeros)
		say_stream(world, AGENT_DATA, 1, AGENT_STDOUT, zeros, sizeof zeros);
	assert_int_equal(world->failures, 0);
	/* Acknowledged only as it is read, and what was said before the end comes before the end. */
	assert_true(is_silent(world));
	say(world, AGENT_EXIT, 1, "e\0", 2);
	settle();
	assert_int_equal(world->ends, 0);
	wait_for(taken == given || ({
		ssize_t n = read(fds[1], bytes, sizeof bytes);
		taken += n > 0 ? (gsize)n : 0;
		taken == given;
	}));
	wait_for(world->ends == 1);
	while (!is_silent(world)) {
		assert_int_equal(hear(world), AGENT_CREDIT);
		credit += agent_get_u32(world->payload + 1);
	}
	assert_true(credit > AGENT_WINDOW / 2 && credit <= AGENT_WINDOW);
	close_all(fds);
}

static void more_than_a_window_is_a_breach(void **state)
{
	World *world = *state;
	static guint8 zeros[8191];
	int fds[3];
	greet(world);
	start(world, FALSE, fds);
	fcntl(fds[1], F_SETPIPE_SZ, 4096);
	for (gsize given = 0; given <= AGENT_WINDOW + sizeof zeros + 8192 && !world->failures; given += sizeof zeros)
		say_stream(world, AGENT_DATA, 1, AGENT_STDOUT, zeros, sizeof zeros);
	wait_for(world->failures == 1);
	close_all(fds);
}

static void a_reader_that_goes_is_a_broken_pipe(void **state)
{
	World *world = *state;
	int fds[3];
	greet(world);
	start(world, FALSE, fds);
	close(fds[1]);
	fds[1] = -1;
	say_stream(world, AGENT_DATA, 1, AGENT_STDOUT, "x", 1);
	assert_int_equal(hear(world), AGENT_SIGNAL);
	assert_int_equal(world->payload[0], SIGPIPE);
	say(world, AGENT_EXIT, 1, "s\15", 2);
	wait_for(world->ends == 1);
	assert_string_equal(world->how, "killed");
	close_all(fds);
}

static void a_terminal_is_one_descriptor(void **state)
{
	World *world = *state;
	char bytes[16];
	int fds[3];
	greet(world);
	AgentSession *session = start(world, TRUE, fds);
	assert_true(fds[0] >= 0 && fds[1] < 0 && fds[2] < 0);
	agent_session_resize(session, 30, 100);
	assert_int_equal(hear(world), AGENT_RESIZE);
	assert_int_equal(agent_get_u16(world->payload + 2), 100);
	assert_int_equal(write(fds[0], "ls\n", 3), 3);
	assert_int_equal(hear(world), AGENT_DATA);
	say_stream(world, AGENT_DATA, 1, AGENT_STDOUT, "# ", 2);
	wait_for(poll(&(struct pollfd){.fd = fds[0], .events = POLLIN}, 1, 0) > 0);
	assert_int_equal(read(fds[0], bytes, sizeof bytes), 2);
	/* The window is closed: hung up. */
	close(fds[0]);
	gboolean hung_up = FALSE;
	while (!hung_up)
		hung_up = hear(world) == AGENT_SIGNAL && world->payload[0] == SIGHUP;
}

static void a_session_hung_up_ends_silently(void **state)
{
	World *world = *state;
	int fds[3];
	greet(world);
	agent_session_hang_up(start(world, FALSE, fds));
	assert_int_equal(hear(world), AGENT_SIGNAL);
	assert_int_equal(world->payload[0], SIGHUP);
	assert_int_equal(hear(world), AGENT_EOF);
	/* A command that keeps writing is read, and its output thrown away. */
	say_stream(world, AGENT_DATA, 1, AGENT_STDOUT, "x", 1);
	say(world, AGENT_EXIT, 1, "s\1", 2);
	settle();
	assert_int_equal(world->ends, 0);
	assert_int_equal(world->frees, 1);
	assert_int_equal(world->failures, 0);
	close_all(fds);
}

static void sessions_of_a_guest_that_goes_are_lost(void **state)
{
	World *world = *state;
	int fds[3];
	greet(world);
	start(world, FALSE, fds);
	g_clear_pointer(&world->agent, agent_free);
	assert_int_equal(world->ends, 1);
	assert_string_equal(world->how, "lost");
	assert_int_equal(world->frees, 1);
	close_all(fds);
}

static void a_command_too_long_is_refused(void **state)
{
	World *world = *state;
	g_autofree char *word = g_strnfill(AGENT_MAX_PAYLOAD, 'x');
	const char *const argv[] = {word, NULL};
	g_autoptr(GError) error = NULL;
	int fds[3];
	greet(world);
	assert_null(agent_exec(world->agent, &(AgentCommand){.argv = argv}, fds, on_ended, world, on_freed, &error));
	assert_non_null(strstr(error->message, "8192"));
	assert_int_equal(world->frees, 1);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_said_before_hello, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_set_up_comes_in_order_with_its_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_file_that_cannot_be_read_fails, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_source_that_became_a_link_fails, set_up, tear_down),
		cmocka_unit_test(breaches_end_the_conversation),
		cmocka_unit_test_setup_teardown(streams_stay_apart_and_the_end_comes_last, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_it_says_is_plain_text, set_up, tear_down),
		cmocka_unit_test_setup_teardown(input_waits_for_credit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_slow_reader_holds_its_session_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(more_than_a_window_is_a_breach, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_reader_that_goes_is_a_broken_pipe, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_terminal_is_one_descriptor, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_session_hung_up_ends_silently, set_up, tear_down),
		cmocka_unit_test_setup_teardown(sessions_of_a_guest_that_goes_are_lost, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_command_too_long_is_refused, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("agent", tests, NULL, NULL);
}
