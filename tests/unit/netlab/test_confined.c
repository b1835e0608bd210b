/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Real programs in a real sandbox. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <gio/gunixinputstream.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "netlab/confined/confined.h"

typedef struct {
	char *folder, *secret; /* a folder of the user's, and a file in it */
} World;

static int set_up(void **state)
{
	World *world = g_new0(World, 1);
	world->folder = g_dir_make_tmp("netlab-confined-XXXXXX", NULL);
	world->secret = g_build_filename(world->folder, "secret", NULL);
	*state = world;
	return g_file_set_contents(world->secret, "secret", -1, NULL) ? 0 : -1;
}

static int tear_down(void **state)
{
	World *world = *state;
	const char *argv[] = {"rm", "-rf", world->folder, NULL};
	int status = g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL)
		? 0
		: -1;
	g_free(world->folder);
	g_free(world->secret);
	g_free(world);
	return status;
}

/* Runs it to its end; what it wrote, errors too. Caller frees. */
static char *run(const ConfinedReader *reader, const char *input, gboolean *good)
{
	g_autoptr(GError) error = NULL;
	char *output = NULL;
	g_autoptr(GSubprocess) process = confined_start(reader,
		G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE,
		&error);
	if (!process && g_error_matches(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED)) {
		print_message("SKIPPED: %s\n", error->message);
		skip();
	}
	assert_non_null(process);
	assert_true(g_subprocess_communicate_utf8(process, input, NULL, &output, NULL, &error));
	*good = g_subprocess_get_successful(process);
	return output;
}

/* The lines of a Python program, each of which prints what it could do. */
static char *try_all(World *world, const SandboxFile *file, const char *program)
{
	const char *argv[] = {"/usr/bin/python3", "-c", program, world->folder, NULL};
	const ConfinedReader reader = {.argv = argv, .files = file, .n_files = file ? 1 : 0, .file_size = 1 << 20};
	gboolean good;
	return run(&reader, "", &good);
}

#define TRY                                                                                                            \
	"import os, socket, sys\n"                                                                                     \
	"def attempt(what, how):\n"                                                                                    \
	"    try:\n"                                                                                                   \
	"        how()\n"                                                                                              \
	"        print('GOT', what)\n"                                                                                 \
	"    except OSError:\n"                                                                                        \
	"        print('nothing', what)\n"

static void it_reads_its_input_and_writes_its_output(void **state)
{
	static const char *const argv[] = {"cat", NULL};
	const ConfinedReader reader = {.argv = argv};
	gboolean good;
	g_autofree char *output = run(&reader, "frames\n", &good);
	assert_string_equal(output, "frames\n");
	assert_true(good);
}

static void the_host_is_not_in_its_reach(void **state)
{
	g_autofree char *output = try_all(*state, NULL,
		TRY "attempt('the home', lambda: os.listdir(sys.argv[1]))\n"
		    "attempt('a secret', lambda: open(sys.argv[1] + '/secret'))\n"
		    "attempt('settings', lambda: os.listdir('/etc/wireshark'))\n"
		    "attempt('accounts', lambda: open('/etc/passwd'))\n"
		    "attempt('processes', lambda: os.listdir('/proc/1'))\n"
		    "attempt('a network', lambda: socket.socket(socket.AF_INET))\n"
		    "attempt('a socket', lambda: socket.socket(socket.AF_UNIX))\n"
		    "attempt('a process', os.fork)\n"
		    "attempt('a file in the root', lambda: open('/file', 'w'))\n"
		    "attempt('a program changed', lambda: open('/usr/bin/true', 'r+'))\n"
		    "print(os.getuid(), os.getgid(), sorted(os.listdir('/')), sorted(os.environ))\n");
	assert_null(strstr(output, "GOT"));
	assert_non_null(strstr(output, "nothing a network\n"));
	assert_non_null(strstr(output, "nothing a process\n"));
	assert_non_null(strstr(output, "\n65534 65534 ['etc', 'lib', 'lib64', 'usr'] ['HOME', "));
}

static void it_writes_where_it_may_and_no_special_files(void **state)
{
	World *world = *state;
	g_autofree char *work = g_build_filename(world->folder, "work", NULL),
			*big = g_build_filename(work, "big", NULL);
	const SandboxFile files[] = {{work, "/work", TRUE}};
	assert_int_equal(g_mkdir(work, 0700), 0);
	g_autofree char *output = try_all(world, files,
		TRY "attempt('a fifo', lambda: os.mkfifo('/work/fifo'))\n"
		    "attempt('a device', lambda: os.mknod('/work/null', 0o20666, 0x103))\n"
		    "attempt('the user\\'s file', lambda: open('/work/../secret', 'w'))\n"
		    "os.symlink(sys.argv[1] + '/secret', '/work/link')\n"
		    "attempt('it through a link', lambda: open('/work/link', 'w'))\n"
		    "os.ftruncate(os.open('/work/big', os.O_CREAT | os.O_WRONLY), 1 << 20)\n"
		    "print('wrote')\n");
	g_autofree char *secret = NULL;
	assert_null(strstr(output, "GOT"));
	assert_non_null(strstr(output, "\nwrote\n"));
	assert_true(g_file_test(big, G_FILE_TEST_IS_REGULAR));
	assert_true(g_file_get_contents(world->secret, &secret, NULL, NULL));
	assert_string_equal(secret, "secret");
	/* and none too big */
	g_autofree char *too_big = try_all(world, files,
		"import os, signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
		"os.ftruncate(os.open('/work/big', os.O_CREAT | os.O_WRONLY), (1 << 20) + 1)\n");
	assert_non_null(strstr(too_big, "File too large"));
}

static void paths_of_files_become_those_inside(void **state)
{
	World *world = *state;
	const char *argv[] = {"cat", world->secret, NULL};
	const SandboxFile files[] = {{world->secret, "/given", FALSE}};
	const ConfinedReader confined = {.argv = argv, .files = files, .n_files = 1};
	const ConfinedReader trusted = {.argv = argv, .files = files, .n_files = 1, .unconfined = TRUE};
	gboolean good;
	g_autofree char *inside = run(&confined, "", &good), *outside = run(&trusted, "", &good);
	assert_string_equal(inside, "secret");
	assert_string_equal(outside, "secret");
}

static void what_is_not_there_is_named(void **state)
{
	World *world = *state;
	const char *argv[] = {"no-such-program", NULL}, *own[] = {world->secret, NULL};
	const ConfinedReader missing = {.argv = argv}, elsewhere = {.argv = own};
	g_autoptr(GError) error = NULL;
	g_chmod(world->secret, 0700);
	if (!confined_start(&missing, G_SUBPROCESS_FLAGS_NONE, &error) &&
		g_error_matches(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
		skip();
	assert_string_equal(error->message, "no-such-program is not installed");
	g_clear_error(&error);
	assert_null(confined_start(&elsewhere, G_SUBPROCESS_FLAGS_NONE, &error));
	assert_non_null(strstr(error->message, "is outside of /usr/"));
}

/* Also while its sandbox is being made: nothing may hold its output open then. */
static void it_ends_at_any_moment(void **state)
{
	static const char *const argv[] = {"cat", NULL};
	const ConfinedReader reader = {.argv = argv};
	for (gulong ms = 0; ms < 30; ms++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GSubprocess) process =
			confined_start(&reader, G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
		if (!process && g_error_matches(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
			skip();
		assert_non_null(process);
		struct pollfd output = {
			.fd = g_unix_input_stream_get_fd(G_UNIX_INPUT_STREAM(g_subprocess_get_stdout_pipe(process)))};
		/* until that moment, or its end */
		assert_int_equal(poll(&output, 1, (int)ms), 0);
		confined_end(process);
		assert_int_equal(poll(&output, 1, 20000), 1);
		assert_true(g_subprocess_wait(process, NULL, NULL));
	}
}

/* A sandbox that cannot be made is said, with the reason and what helps. */
static void no_sandbox_is_said(void **state)
{
	World *world = *state;
	static const char *const argv[] = {"true", NULL};
	const ConfinedReader reader = {.argv = argv};
	g_autofree char *bwrap = g_build_filename(world->folder, "bwrap", NULL);
	g_autofree char *path = g_strdup(g_getenv("PATH")), *before = g_strdup_printf("%s:%s", world->folder, path);
	g_autoptr(GError) error = NULL;
	g_file_set_contents(
		bwrap, "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n", -1, NULL);
	g_chmod(bwrap, 0755);
	g_setenv("PATH", before, TRUE);
	assert_null(confined_start(&reader, G_SUBPROCESS_FLAGS_NONE, &error));
	g_setenv("PATH", path, TRUE);
	assert_non_null(strstr(error->message, "bubblewrap cannot make a sandbox here: bwrap: No permissions"));
	assert_non_null(strstr(error->message, "netlab doctor"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		/* first: once a sandbox was made, it is known that it can be */
		cmocka_unit_test_setup_teardown(no_sandbox_is_said, set_up, tear_down),
		cmocka_unit_test_setup_teardown(it_reads_its_input_and_writes_its_output, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_host_is_not_in_its_reach, set_up, tear_down),
		cmocka_unit_test_setup_teardown(it_writes_where_it_may_and_no_special_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(paths_of_files_become_those_inside, set_up, tear_down),
		cmocka_unit_test_setup_teardown(it_ends_at_any_moment, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_not_there_is_named, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("confined", tests, NULL, NULL);
}
