/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netlab/client/exec_session.h"
#include "netlab/client/plain_text.h"
#include "netlab/cmd/arrival.h"
#include "netlab/cmd/cli.h"
#include "netlab/cmd/stream.h"
#include "netlab/cmd/transfer.h"
#include "netlab/cmd/unpack.h"

/** What PATH on NODE is. */
gboolean copy_look(const Copy *copy, const char *node, const char *path, CopyKind *kind, unsigned *mode, GError **error)
{
	static const char script[] = "if [ -d \"$1\" ]; then echo folder\n"
				     "elif [ -e \"$1\" ]; then stat -L -c 'file %a' \"$1\"\n"
				     "else echo nothing; fi";
	const char *argv[] = {"/bin/sh", "-c", script, "sh", path, NULL};
	g_autoptr(GString) output = g_string_new(NULL);
	g_autoptr(GString) errors = g_string_new(NULL);
	int status = exec_run(copy->lab, node, argv, output, errors, 0, copy->cancel, error);
	if (status < 0)
		return FALSE;
	*kind = g_str_has_prefix(output->str, "folder") ? COPY_FOLDER
		: g_str_has_prefix(output->str, "file") ? COPY_FILE
							: COPY_NOTHING;
	*mode = *kind == COPY_FILE ? (unsigned)g_ascii_strtoull(output->str + strlen("file "), NULL, 8) : 0;
	if (status == 0)
		return TRUE;
	g_autofree char *said = printable_text(g_strstrip(errors->str));
	cli_failed(error, "cannot inspect \"%s:%s\": %s", node, path, said);
	return FALSE;
}

static gboolean fail_errno(GError **error, const char *what, const char *path, int code)
{
	g_set_error(
		error, G_IO_ERROR, g_io_error_from_errno(code), "cannot %s \"%s\": %s", what, path, g_strerror(code));
	return FALSE;
}

static gboolean carry(const Copy *copy, const char *node, const char *const *argv, int from, int to, GError **error)
{
	const TransferOptions options = {
		.lab = copy->lab, .node = node, .argv = argv, .from = from, .to = to, .cancel = copy->cancel};
	return transfer(&options, error);
}

/* A file. The guest gets it beside its place and moves it there, so that an interrupted copy leaves the old one; the
 * size, where it is known, tells an input that ended from one that was cut off. What is not a regular file (a link, also to
 * nothing yet, a device, a file of /proc) is written to directly. */
static gboolean up_file(const Copy *copy, int fd, const char *node, const char *target, const char *mode,
	const char *size, GError **error)
{
	static const char script[] =
		"if [ -L \"$1\" ] || { [ -e \"$1\" ] && { [ ! -f \"$1\" ] || [ ! -s \"$1\" ]; }; }; then\n"
		"	exec cat >\"$1\"\n"
		"fi\n"
		"part=$1.netlab-$$\n"
		"trap 'rm -f \"$part\"' EXIT\n"
		"trap 'exit 1' HUP INT TERM\n"
		"cat >\"$part\" && chmod \"$2\" \"$part\" || exit 1\n"
		"if [ -n \"$3\" ] && [ \"$(wc -c <\"$part\")\" -ne \"$3\" ]; then\n"
		"	echo 'the copy is incomplete' >&2\n"
		"	exit 1\n"
		"fi\n"
		"mv -f \"$part\" \"$1\"\n";
	const char *argv[] = {"/bin/sh", "-c", script, "sh", target, mode, size, NULL};
	return carry(copy, node, argv, fd, -1, error);
}

/* Everything in a folder, as root's. */
static gboolean up_folder(const Copy *copy, const char *source, const char *node, const char *target, GError **error)
{
	static const char script[] = "mkdir -p \"$1\" && exec tar -C \"$1\" -xf -";
	const char *argv[] = {"/bin/sh", "-c", script, "sh", target, NULL};
	const char *tar[] = {"tar", "--owner=0", "--group=0", "--numeric-owner", "-C", source, "-cf", "-", ".", NULL};
	g_autoptr(GSubprocess) process = g_subprocess_newv(tar, G_SUBPROCESS_FLAGS_STDOUT_PIPE, error);
	if (!process)
		return FALSE;
	int fd = g_unix_input_stream_get_fd(G_UNIX_INPUT_STREAM(g_subprocess_get_stdout_pipe(process)));
	if (!carry(copy, node, argv, fd, -1, error)) {
		g_subprocess_force_exit(process);
		return FALSE;
	}
	if (!g_subprocess_wait(process, NULL, error))
		return FALSE;
	if (!g_subprocess_get_successful(process))
		return cli_failed(error, "some files in \"%s\" could not be read", source), FALSE;
	return TRUE;
}

/** Copies a file or folder of this machine to be TARGET on NODE. */
gboolean copy_up(const Copy *copy, const char *source, const char *node, const char *target, GError **error)
{
	if (g_str_equal(source, "-"))
		return up_file(copy, STDIN_FILENO, node, target, "644", "", error);
	struct stat st;
	int fd = stream_open_to_read(source, copy->cancel, error);
	if (fd < 0)
		return FALSE;
	if (fstat(fd, &st) < 0) {
		close(fd);
		return fail_errno(error, "read", source, errno);
	}
	gboolean done;
	if (S_ISDIR(st.st_mode)) {
		done = up_folder(copy, source, node, target, error);
	} else {
		g_autofree char *mode = g_strdup_printf("%o", st.st_mode & 07777);
		g_autofree char *size =
			S_ISREG(st.st_mode) ? g_strdup_printf("%lld", (long long)st.st_size) : g_strdup("");
		done = up_file(copy, fd, node, target, mode, size, error);
	}
	close(fd);
	return done;
}

static const char *const *read_file(const char *source, const char *argv[3])
{
	argv[0] = "/bin/cat";
	argv[1] = source;
	argv[2] = NULL;
	return argv;
}

static const char *const *read_folder(const char *source, const char *argv[7])
{
	const char *words[] = {"/bin/tar", "-C", source, "-cf", "-", ".", NULL};
	memcpy(argv, words, sizeof words);
	return argv;
}

/* What it is. A path that ends with a slash is a folder, whatever the node says. */
static gboolean look_at_source(
	const Copy *copy, const char *node, const char *source, CopyKind *kind, unsigned *mode, GError **error)
{
	if (!copy_look(copy, node, source, kind, mode, error))
		return FALSE;
	if (*kind == COPY_NOTHING)
		return cli_failed(error, "there is no \"%s\" on node \"%s\"", source, node), FALSE;
	if (*kind == COPY_FILE && g_str_has_suffix(source, "/"))
		return cli_failed(error, "\"%s\" on node \"%s\" is not a folder", source, node), FALSE;
	return TRUE;
}

gboolean copy_out(const Copy *copy, const char *node, const char *source, GError **error)
{
	CopyKind kind;
	unsigned mode;
	const char *argv[7];
	return look_at_source(copy, node, source, &kind, &mode, error) &&
		carry(copy, node, kind == COPY_FOLDER ? read_folder(source, argv) : read_file(source, argv), -1,
			STDOUT_FILENO, error);
}

/* A file, into the place where it arrives. */
static gboolean down_file(
	const Copy *copy, const char *node, const char *source, const char *path, unsigned mode, GError **error)
{
	const char *argv[3];
	const TransferOptions options = {.lab = copy->lab,
		.node = node,
		.argv = read_file(source, argv),
		.from = -1,
		.to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600),
		.limit = copy->limit,
		.cancel = copy->cancel};
	if (options.to < 0)
		return fail_errno(error, "write", path, errno);
	gboolean done = transfer(&options, error);
	if (done && fchmod(options.to, mode & 0777) < 0)
		done = fail_errno(error, "write", path, errno);
	if (close(options.to) < 0 && done)
		done = fail_errno(error, "write", path, errno);
	return done;
}

/* All that is in a folder, likewise. */
static gboolean down_folder(Copy *copy, const char *node, const char *source, const char *path, GError **error)
{
	const char *argv[7];
	if (g_mkdir(path, 0700) < 0)
		return fail_errno(error, "create the folder", path, errno);
	g_autoptr(Unpacker) unpacker = unpacker_new(path, copy->limit, copy->unconfined, error);
	if (!unpacker)
		return FALSE;
	const TransferOptions options = {.lab = copy->lab,
		.node = node,
		.argv = read_folder(source, argv),
		.from = -1,
		.to = unpacker_fd(unpacker),
		.limit = copy->limit,
		.beside = unpacker_beside(unpacker),
		.cancel = copy->cancel};
	g_autoptr(GError) failure = NULL;
	if (!transfer(&options, &failure) && !unpacker_has_ended(unpacker)) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return FALSE;
	}
	/* When tar has ended before the archive, it says why. */
	if (!unpacker_finish(unpacker, &copy->left_out, error))
		return FALSE;
	if (failure)
		g_propagate_error(error, g_steal_pointer(&failure));
	return !error || !*error;
}

static gboolean down_stream(const Copy *copy, const char *node, const char *source, const char *target, GError **error)
{
	const char *argv[3];
	int fd = stream_open_to_write(target, copy->cancel, error);
	if (fd < 0)
		return FALSE;
	gboolean done = carry(copy, node, read_file(source, argv), -1, fd, error);
	close(fd);
	return done;
}

/** Copies a file or folder of NODE to be TARGET on this machine. */
gboolean copy_down(Copy *copy, const char *node, const char *source, const char *target, gboolean typed, GError **error)
{
	CopyKind kind;
	unsigned mode;
	if (!look_at_source(copy, node, source, &kind, &mode, error))
		return FALSE;
	if (typed && kind == COPY_FILE && stream_is(target))
		return down_stream(copy, node, source, target, error);
	/* The node says what it is, but what is here decides what it may be. */
	g_autoptr(Arrival) arrival = arrival_new(target, error);
	if (!arrival || !arrival_can_be(arrival, kind == COPY_FOLDER, error))
		return FALSE;
	gboolean done = kind == COPY_FOLDER ? down_folder(copy, node, source, arrival_path(arrival), error)
					    : down_file(copy, node, source, arrival_path(arrival), mode, error);
	return done && arrival_settle(arrival, copy->limit, &copy->left_out, error);
}
