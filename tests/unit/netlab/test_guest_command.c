/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands in guests, never blocking: against a supervisor whose guest is this machine. */
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <signal.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/netlab/fake_lab.h"
#include "netlab/client/guest_command.h"
#include "netlab/client/lab_connection.h"

typedef struct {
	char *base;
	FakeLab *fake;
	LabConnection *lab;
	GMainLoop *loop;
	GString *written[2];
	gboolean ended, timed_out;
	guint turns; /* of the main loop in which other things were done */
} Rig;

static int set_up(void **state)
{
	Rig *rig = g_new0(Rig, 1);
	rig->base = g_dir_make_tmp("netlab-guest-XXXXXX", NULL);
	rig->fake = fake_lab_new(rig->base, "fake");
	rig->lab = lab_connect(NULL, NULL);
	assert_non_null(rig->lab);
	rig->loop = g_main_loop_new(NULL, FALSE);
	for (int i = 0; i < 2; i++)
		rig->written[i] = g_string_new(NULL);
	*state = rig;
	return 0;
}

static int tear_down(void **state)
{
	Rig *rig = *state;
	lab_connection_free(rig->lab);
	if (rig->fake)
		fake_lab_free(rig->fake);
	lab_remove_tree(rig->base, NULL);
	g_main_loop_unref(rig->loop);
	for (int i = 0; i < 2; i++)
		g_string_free(rig->written[i], TRUE);
	g_free(rig->base);
	g_free(rig);
	return 0;
}

static void on_output(GuestCommand *command, int stream, GBytes *bytes, Rig *rig)
{
	gsize length;
	const char *data = g_bytes_get_data(bytes, &length);
	assert_false(rig->ended);
	g_string_append_len(rig->written[stream - 1], data, (gssize)length);
}

static void on_ended(GuestCommand *command, Rig *rig)
{
	assert_false(rig->ended);
	rig->ended = TRUE;
	g_main_loop_quit(rig->loop);
}

static gboolean on_timeout(gpointer data)
{
	Rig *rig = data;
	rig->timed_out = TRUE;
	g_main_loop_quit(rig->loop);
	return G_SOURCE_CONTINUE;
}

static GuestCommand *start(Rig *rig, const char *node, const char *const *argv)
{
	GuestCommand *command = guest_command_new(rig->lab->proxy, node, argv, 0, 0);
	g_signal_connect(command, "output", G_CALLBACK(on_output), rig);
	g_signal_connect(command, "ended", G_CALLBACK(on_ended), rig);
	assert_false(rig->ended);
	return command;
}

static GuestCommand *start_shell(Rig *rig, const char *node, const char *script)
{
	const char *argv[] = {"/bin/sh", "-c", script, NULL};
	return start(rig, node, argv);
}

static void run(Rig *rig)
{
	guint timer = g_timeout_add_seconds(20, on_timeout, rig);
	g_main_loop_run(rig->loop);
	g_source_remove(timer);
	assert_false(rig->timed_out);
}

static void streams_and_status(void **state)
{
	Rig *rig = *state;
	g_autoptr(GuestCommand) command = start_shell(rig, "here", "echo a; echo b >&2; exit 7");
	run(rig);
	assert_string_equal(rig->written[0]->str, "a\n");
	assert_string_equal(rig->written[1]->str, "b\n");
	assert_int_equal(guest_command_end(command), EXEC_EXITED);
	assert_int_equal(guest_command_code(command), 7);
}

static gboolean on_turn(gpointer data)
{
	((Rig *)data)->turns++;
	return G_SOURCE_CONTINUE;
}

static void much_output_comes_whole_and_leaves_others_their_turn(void **state)
{
	enum { BYTES = 3000000 };
	Rig *rig = *state;
	g_autoptr(GuestCommand) command = start_shell(rig, "here", "head -c 3000000 /dev/zero");
	guint other = g_idle_add_full(G_PRIORITY_LOW, on_turn, rig, NULL);
	run(rig);
	g_source_remove(other);
	assert_int_equal(rig->written[0]->len, BYTES);
	assert_int_equal(guest_command_code(command), 0);
	assert_true(rig->turns >= 10);
}

static void no_input(void **state)
{
	Rig *rig = *state;
	g_autoptr(GuestCommand) command = start_shell(rig, "here", "cat; echo end");
	run(rig);
	assert_string_equal(rig->written[0]->str, "end\n");
	assert_int_equal(guest_command_end(command), EXEC_EXITED);
}

static void a_missing_command(void **state)
{
	const char *argv[] = {"/no/such/command", NULL};
	g_autoptr(GuestCommand) command = start(*state, "here", argv);
	run(*state);
	assert_int_equal(guest_command_end(command), EXEC_NOT_STARTED);
}

static void a_missing_node(void **state)
{
	g_autoptr(GuestCommand) command = start_shell(*state, "nobody", "true");
	run(*state);
	assert_int_equal(guest_command_end(command), EXEC_REFUSED);
	assert_string_equal(guest_command_message(command), "there is no such node");
}

static void descriptors_that_do_not_come(void **state)
{
	g_autoptr(GuestCommand) command = start_shell(*state, "cut", "true");
	run(*state);
	assert_int_equal(guest_command_end(command), EXEC_REFUSED);
	assert_non_null(strstr(guest_command_message(command), "too many open files"));
}

static void a_node_that_goes_away(void **state)
{
	g_autoptr(GuestCommand) command = start_shell(*state, "lost", "exec sleep 0.1");
	run(*state);
	assert_int_equal(guest_command_end(command), EXEC_LOST);
}

static void a_supervisor_that_goes_away(void **state)
{
	Rig *rig = *state;
	g_autoptr(GuestCommand) command = start_shell(rig, "here", "exec sleep 1");
	fake_lab_free(g_steal_pointer(&rig->fake));
	run(rig);
	assert_true(guest_command_end(command) == EXEC_LOST || guest_command_end(command) == EXEC_REFUSED);
}

static gboolean kill_it(gpointer command)
{
	guest_command_signal(command, SIGTERM);
	return guest_command_end(command) == EXEC_RUNNING ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void signals_arrive(void **state)
{
	g_autoptr(GuestCommand) command = start_shell(*state, "here", "exec sleep 60");
	guint source = g_timeout_add(20, kill_it, command);
	run(*state);
	g_source_remove(source);
	assert_int_equal(guest_command_end(command), EXEC_KILLED);
	assert_int_equal(guest_command_code(command), SIGTERM);
}

static gboolean quit(gpointer loop)
{
	g_main_loop_quit(loop);
	return G_SOURCE_REMOVE;
}

static void one_that_was_closed_says_nothing(void **state)
{
	Rig *rig = *state;
	GuestCommand *command = start_shell(rig, "here", "echo a");
	guest_command_close(command);
	g_object_unref(command);
	g_timeout_add(200, quit, rig->loop);
	run(rig);
	assert_false(rig->ended);
	assert_int_equal(rig->written[0]->len, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(streams_and_status),
		TEST(much_output_comes_whole_and_leaves_others_their_turn),
		TEST(no_input),
		TEST(a_missing_command),
		TEST(a_missing_node),
		TEST(descriptors_that_do_not_come),
		TEST(a_node_that_goes_away),
		TEST(a_supervisor_that_goes_away),
		TEST(signals_arrive),
		TEST(one_that_was_closed_says_nothing),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
