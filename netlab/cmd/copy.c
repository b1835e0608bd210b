/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netlab/cmd/cli.h"
#include "netlab/client/plain_text.h"
#include "netlab/client/exec_session.h"
#include "netlab/cmd/transfer.h"

/** What PATH on NODE is. */
gboolean copy_look(
	LabConnection *lab, const char *node, const char *path, CopyKind *kind, unsigned *mode, GError **error)
{
	static const char script[] = "if [ -d \"$1\" ]; then echo folder\n"
				     "elif [ -e \"$1\" ]; then stat -L -c 'file %a' \"$1\"\n"
				     "else echo nothing; fi";
	const char *argv[] = {"/bin/sh", "-c", script, "sh", path, NULL};
	g_autoptr(GString) output = g_string_new(NULL);
	g_autoptr(GString) errors = g_string_new(NULL);
	int status = exec_run(lab, node, argv, output, errors, 0, NULL, error);
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

/* A file. The guest gets it beside its place and moves it there, so that an interrupted copy leaves the old one; the
 * size, where it is known, tells an input that ended from one that was cut off. What is not a regular file (a link, a
 * device, a file of /proc) is written to directly. */
static gboolean up_file(LabConnection *lab, int fd, const char *node, const char *target, const char *mode,
	const char *size, GError **error)
{
	static const char script[] =
		"if [ -e \"$1\" ] && { [ -L \"$1\" ] || [ ! -f \"$1\" ] || [ ! -s \"$1\" ]; }; then\n"
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
	return transfer(lab, node, argv, fd, -1, error);
}

/* Everything in a folder, as root's. */
static gboolean up_folder(LabConnection *lab, const char *source, const char *node, const char *target, GError **error)
{
	static const char script[] = "mkdir -p \"$1\" && exec tar -C \"$1\" -xf -";
	const char *argv[] = {"/bin/sh", "-c", script, "sh", target, NULL};
	const char *tar[] = {"tar", "--owner=0", "--group=0", "--numeric-owner", "-C", source, "-cf", "-", ".", NULL};
	g_autoptr(GSubprocess) process = g_subprocess_newv(tar, G_SUBPROCESS_FLAGS_STDOUT_PIPE, error);
	if (!process)
		return FALSE;
	int fd = g_unix_input_stream_get_fd(G_UNIX_INPUT_STREAM(g_subprocess_get_stdout_pipe(process)));
	if (!transfer(lab, node, argv, fd, -1, error)) {
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
gboolean copy_up(LabConnection *lab, const char *source, const char *node, const char *target, GError **error)
{
	if (g_str_equal(source, "-"))
		return up_file(lab, STDIN_FILENO, node, target, "644", "", error);
	struct stat st;
	int fd = open(source, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return fail_errno(error, "read", source, errno);
	gboolean done;
	if (S_ISDIR(st.st_mode)) {
		done = up_folder(lab, source, node, target, error);
	} else {
		g_autofree char *mode = g_strdup_printf("%o", st.st_mode & 07777);
		g_autofree char *size =
			S_ISREG(st.st_mode) ? g_strdup_printf("%lld", (long long)st.st_size) : g_strdup("");
		done = up_file(lab, fd, node, target, mode, size, error);
	}
	close(fd);
	return done;
}

/* A file: gathered beside its place, then moved there, so that a failure leaves what was. */
static gboolean down_file(
	LabConnection *lab, const char *node, const char *source, const char *target, unsigned mode, GError **error)
{
	const char *argv[] = {"/bin/cat", source, NULL};
	struct stat st;
	if (g_str_equal(target, "-"))
		return transfer(lab, node, argv, -1, STDOUT_FILENO, error);
	gboolean special = stat(target, &st) == 0 && !S_ISREG(st.st_mode);
	g_autofree char *part = special ? g_strdup(target) : g_strconcat(target, ".netlab-XXXXXX", NULL);
	int fd = special ? open(part, O_WRONLY | O_CLOEXEC) : g_mkstemp_full(part, O_WRONLY | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail_errno(error, "write", target, errno);
	gboolean done = transfer(lab, node, argv, -1, fd, error);
	mode_t mask = umask(0);
	umask(mask);
	/* No set-user-id bit from a guest: there it is root's, here it would be yours. */
	if (done && !special && (fchmod(fd, mode & 0777 & ~mask) < 0 || g_rename(part, target) < 0))
		done = fail_errno(error, "write", target, errno);
	if (close(fd) < 0 && done)
		done = fail_errno(error, "write", target, errno);
	if (!done && !special)
		unlink(part);
	return done;
}

/* What a guest sends is not to be trusted: GNU tar keeps it below the folder, the options drop owners and set-user-id
 * bits, and without CAP_MKNOD even root's tar makes no device. Harmless where the capability is not there. */
static void before_unpacking(gpointer data)
{
	prctl(PR_CAPBSET_DROP, CAP_MKNOD, 0, 0, 0);
	umask((mode_t)GPOINTER_TO_UINT(data) | S_ISUID | S_ISGID);
}

/* A folder: all that is in it goes into TARGET, which is made. */
static gboolean down_folder(
	LabConnection *lab, const char *node, const char *source, const char *target, GError **error)
{
	const char *argv[] = {"/bin/tar", "-C", source, "-cf", "-", ".", NULL};
	const char *tar[] = {"tar", "--no-same-owner", "--no-same-permissions", "-C", target, "-xf", "-", NULL};
	if (g_str_equal(target, "-"))
		return transfer(lab, node, argv, -1, STDOUT_FILENO, error);
	if (g_mkdir_with_parents(target, 0777) < 0)
		return fail_errno(error, "create the folder", target, errno);
	g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDIN_PIPE);
	mode_t mask = umask(0);
	umask(mask);
	g_subprocess_launcher_set_child_setup(launcher, before_unpacking, GUINT_TO_POINTER(mask), NULL);
	g_autoptr(GSubprocess) process = g_subprocess_launcher_spawnv(launcher, tar, error);
	if (!process)
		return FALSE;
	GOutputStream *stream = g_subprocess_get_stdin_pipe(process);
	int fd = g_unix_output_stream_get_fd(G_UNIX_OUTPUT_STREAM(stream));
	gboolean done = transfer(lab, node, argv, -1, fd, error);
	g_output_stream_close(stream, NULL, NULL);
	if (!g_subprocess_wait(process, NULL, done ? error : NULL))
		return FALSE;
	if (done && !g_subprocess_get_successful(process))
		return cli_failed(error, "some files from \"%s:%s\" could not be written", node, source), FALSE;
	return done;
}

/** Copies a file or folder of NODE to be TARGET on this machine. */
gboolean copy_down(LabConnection *lab, const char *node, const char *source, const char *target, GError **error)
{
	CopyKind kind;
	unsigned mode;
	if (!copy_look(lab, node, source, &kind, &mode, error))
		return FALSE;
	if (kind == COPY_NOTHING)
		return cli_failed(error, "there is no \"%s\" on node \"%s\"", source, node), FALSE;
	return kind == COPY_FOLDER ? down_folder(lab, node, source, target, error)
				   : down_file(lab, node, source, target, mode, error);
}
