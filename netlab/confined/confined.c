/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/confined/confined.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "netlab/confined/filter.h"

/* A reader that a guest drives must not take the host's memory: tshark with all its protocols maps some 300 MiB, and
 * remembers conversations. */
#define MEMORY_MAX (G_GUINT64_CONSTANT(2) << 30)

/* Of a sandbox that is only tried: any. */
#define TRIAL_MEMORY (G_GUINT64_CONSTANT(1) << 20)

/* Where the programs are that a sandbox shows. */
#define PROGRAMS "/usr/"

/* Descriptors of the child: any that no stream has. */
enum { FILTER_FD = 3, ARGUMENTS_FD = 4 };

static void in_child(gpointer data)
{
	guint64 file_size = *(const guint64 *)data;
	/* Ctrl-C is for the program that started it, which then ends it in order. */
	setpgid(0, 0);
	signal(SIGPIPE, SIG_DFL);
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	setrlimit(RLIMIT_AS, &(struct rlimit){MEMORY_MAX, MEMORY_MAX});
	setrlimit(RLIMIT_FSIZE, &(struct rlimit){file_size, file_size});
}

/* The program's path, without links. */
static char *find_program(const char *name, gboolean unconfined, GError **error)
{
	g_autofree char *found = g_find_program_in_path(name), *real = found ? realpath(found, NULL) : NULL;
	if (!real) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "%s is not installed", name);
		return NULL;
	}
	if (!unconfined && !g_str_has_prefix(real, PROGRAMS)) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
			"\"%s\" is outside of " PROGRAMS ", which is all that its sandbox has", real);
		return NULL;
	}
	return g_steal_pointer(&real);
}

/* The command that runs argv in a sandbox, and the descriptors that it needs. MEMORY: see SandboxOptions. */
static char **confine(GSubprocessLauncher *launcher, const ConfinedReader *reader, guint64 memory,
	const char *const *argv, GError **error)
{
	const SandboxOptions sandbox = {.files = reader->files,
		.n_files = reader->n_files,
		.filter_fd = FILTER_FD,
		.programs = TRUE,
		.memory = memory};
	g_autofree char *bwrap = sandbox_find_bwrap(error);
	g_autoptr(GBytes) filter = bwrap ? filter_program(FILTER_READER, error) : NULL;
	g_autoptr(GBytes) arguments = sandbox_arguments(&sandbox);
	int filter_fd = filter ? sandbox_descriptor(filter, error) : -1;
	int arguments_fd = filter_fd >= 0 ? sandbox_descriptor(arguments, error) : -1;
	if (arguments_fd < 0) {
		if (filter_fd >= 0)
			close(filter_fd);
		return NULL;
	}
	g_subprocess_launcher_take_fd(launcher, filter_fd, FILTER_FD);
	g_subprocess_launcher_take_fd(launcher, arguments_fd, ARGUMENTS_FD);
	g_auto(GStrv) inside = sandbox_translate(argv, reader->files, reader->n_files);
	return sandbox_command(bwrap, ARGUMENTS_FD, (const char *const *)inside);
}

static GSubprocess *start(const ConfinedReader *reader, guint64 memory, GSubprocessFlags flags, GError **error)
{
	/* UTF-8, for names of files and for what is printed; nothing of the user's. */
	static const char *const environment[] = {"PATH=/usr/bin:/bin", "HOME=/", "LC_ALL=C.UTF-8", NULL};
	g_autofree char *program = find_program(reader->argv[0], reader->unconfined, error);
	if (!program)
		return NULL;
	g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(flags);
	g_autofree const char **argv =
		g_memdup2(reader->argv, (g_strv_length((char **)reader->argv) + 1) * sizeof *argv);
	argv[0] = program;
	g_subprocess_launcher_set_child_setup(
		launcher, in_child, g_memdup2(&reader->file_size, sizeof reader->file_size), g_free);
	g_subprocess_launcher_set_environ(launcher, (char **)environment);
	g_auto(GStrv) confined = reader->unconfined ? NULL : confine(launcher, reader, memory, argv, error);
	if (!reader->unconfined && !confined)
		return NULL;
	return g_subprocess_launcher_spawnv(launcher, confined ? (const char *const *)confined : argv, error);
}

/* Runs true(1) in a sandbox. */
static gboolean try_sandbox(guint64 memory, GError **error)
{
	static const char *const argv[] = {"true", NULL};
	const ConfinedReader nothing = {.argv = argv};
	g_autofree char *said = NULL;
	g_autoptr(GSubprocess) process =
		start(&nothing, memory, G_SUBPROCESS_FLAGS_STDERR_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE, error);
	if (!process || !g_subprocess_communicate_utf8(process, NULL, NULL, NULL, &said, error))
		return FALSE;
	if (!g_subprocess_get_successful(process))
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, g_strstrip(said));
	return g_subprocess_get_successful(process);
}

gboolean confined_try(GError **error)
{
	return try_sandbox(TRIAL_MEMORY, error);
}

static gboolean can_confine(GError **error)
{
	static gboolean works;
	g_autoptr(GError) failure = NULL;
	works = works || try_sandbox(0, &failure);
	if (failure)
		g_set_error(error, failure->domain, failure->code,
			"bubblewrap cannot make a sandbox here: %s; \"netlab doctor\" says what it needs",
			failure->message);
	return works;
}

GSubprocess *confined_start(const ConfinedReader *reader, GSubprocessFlags flags, GError **error)
{
	return reader->unconfined || can_confine(error) ? start(reader, 0, flags, error) : NULL;
}

/* bubblewrap ties its sandbox to its own life only after it has set the sandbox up: killed before that, it leaves a child that
 * goes on, or waits for it for ever. So their group is killed. A child that has a session of its own already (--new-session,
 * just before that tie) is about to run the reader, and is at the end of its input at once. */
void confined_end(GSubprocess *reader)
{
	const char *pid = g_subprocess_get_identifier(reader);
	GOutputStream *input = g_subprocess_get_stdin_pipe(reader);
	if (pid)
		kill(-(pid_t)g_ascii_strtoll(pid, NULL, 10), SIGKILL);
	if (input)
		g_output_stream_close(input, NULL, NULL);
}
