/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/confined/sandbox.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* For the guest kernel's pid file and management socket. */
#define TMP_SIZE (256u << 10)

/* Of nobody and nogroup, on Debian. */
#define NOBODY "65534"

/* Words, each with a zero behind it. */
static void add(GString *arguments, ...) G_GNUC_NULL_TERMINATED;

static void add(GString *arguments, ...)
{
	va_list args;
	va_start(args, arguments);
	for (const char *word; (word = va_arg(args, const char *));)
		g_string_append_len(arguments, word, (gssize)strlen(word) + 1);
	va_end(args);
}

static void add_tmpfs(GString *arguments, const char *path, guint64 size)
{
	g_autofree char *bytes = g_strdup_printf("%" G_GUINT64_FORMAT, size);
	add(arguments, "--size", bytes, "--perms", "0700", "--tmpfs", path, NULL);
}

/* The system's programs. Where /lib is a link into /usr, what it leads to is shown in its place. Not as root, also when root
 * starts them: tshark and tcpdump would give their privileges up, by calls that the filter does not have, and end. */
static void add_programs(GString *arguments)
{
	static const char *const folders[] = {"/lib", "/lib64"};
	add(arguments, "--uid", NOBODY, "--gid", NOBODY, "--ro-bind", "/usr", "/usr", NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(folders); i++)
		add(arguments, "--ro-bind-try", folders[i], folders[i], NULL);
}

char *sandbox_find_bwrap(GError **error)
{
	char *bwrap = g_find_program_in_path("bwrap");
	if (!bwrap)
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
			"bubblewrap (bwrap) is not installed; install the package bubblewrap");
	return bwrap;
}

/** What bubblewrap is told: see sandbox.h. */
GBytes *sandbox_arguments(const SandboxOptions *options)
{
	GString *arguments = g_string_new(NULL);
	g_autofree char *filter = g_strdup_printf("%d", options->filter_fd);
	/* --unshare-all alone does without a user namespace when none can be had and the user is root, at least of a namespace:
	 * then a guest cannot run, and its sandbox would be one of root's. */
	add(arguments, "--unshare-all", "--unshare-user", "--die-with-parent", "--new-session", "--cap-drop", "ALL",
		"--clearenv", "--setenv", "HOME", "/", NULL); /* HOME: see spawn.c */
	if (options->host_network)
		add(arguments, "--share-net", NULL);
	/* Libraries outside the loader's default folders are found by its cache alone. */
	add(arguments, "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache", NULL);
	if (options->programs)
		add_programs(arguments);
	for (const char *const *library = options->libraries; library && *library; library++)
		add(arguments, "--ro-bind", *library, *library, NULL);
	for (unsigned i = 0; i < options->n_files; i++)
		if (options->files[i].host)
			add(arguments, options->files[i].writable ? "--bind" : "--ro-bind", options->files[i].host,
				options->files[i].inside, NULL);
	if (options->memory) {
		/* The kernel executes itself again through /proc/self/exe, reads /proc/cpuinfo, and puts its memory in a file
		 * on /dev/shm: the size of that file system is what the guest can have, whatever it writes there. What could be
		 * written in /proc would change what the host has decided: who is killed when its memory runs out. */
		add(arguments, "--proc", "/proc", "--remount-ro", "/proc", NULL);
		static const char *const devices[] = {"/dev/null", "/dev/random", "/dev/urandom"};
		for (gsize i = 0; i < G_N_ELEMENTS(devices); i++)
			add(arguments, "--dev-bind", devices[i], devices[i], NULL);
		add_tmpfs(arguments, "/tmp", TMP_SIZE);
		add_tmpfs(arguments, "/dev/shm", options->memory);
	}
	/* The root is a tmpfs without a size limit. */
	add(arguments, "--remount-ro", "/", "--chdir", "/", "--seccomp", filter, NULL);
	return g_string_free_to_bytes(arguments);
}

/** The command that runs argv in a sandbox: see sandbox.h. */
char **sandbox_command(const char *bwrap, int arguments_fd, const char *const *argv)
{
	g_autoptr(GStrvBuilder) command = g_strv_builder_new();
	g_autofree char *fd = g_strdup_printf("%d", arguments_fd);
	g_strv_builder_add_many(command, bwrap, "--args", fd, "--", NULL);
	g_strv_builder_addv(command, (const char **)argv);
	return g_strv_builder_end(command);
}

/** A descriptor to read BYTES from. */
int sandbox_descriptor(GBytes *bytes, GError **error)
{
	gsize size;
	const void *data = g_bytes_get_data(bytes, &size);
	int fd = memfd_create("sandbox", MFD_CLOEXEC);
	if (fd >= 0 && pwrite(fd, data, size, 0) == (ssize_t)size)
		return fd;
	int code = errno;
	g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code), "cannot describe the sandbox to bubblewrap: %s",
		g_strerror(code));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* WORD with the path after its "=" (or all of it) replaced, if that is FILE's; else NULL. */
static char *translate(const char *word, const SandboxFile *file)
{
	const char *value = strchr(word, '=');
	value = value && word[0] != '/' ? value + 1 : word;
	g_autofree char *quoted = g_strdup_printf("\"%s\"", file->host);
	if (!g_str_equal(value, file->host) && !g_str_equal(value, quoted))
		return NULL;
	return g_strdup_printf("%.*s%s", (int)(value - word), word, file->inside);
}

/** A guest kernel's arguments with their paths as they are inside. */
char **sandbox_translate(const char *const *argv, const SandboxFile *files, unsigned n_files)
{
	GPtrArray *result = g_ptr_array_new();
	for (; *argv; argv++) {
		char *word = NULL;
		for (unsigned i = 0; i < n_files && !word; i++)
			if (files[i].host)
				word = translate(*argv, &files[i]);
		g_ptr_array_add(result, word ? word : g_strdup(*argv));
	}
	g_ptr_array_add(result, NULL);
	return (char **)g_ptr_array_free(result, FALSE);
}
