/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/sandbox/sandbox.h"

#include <stdarg.h>
#include <string.h>

/* For the guest kernel's pid file and management socket. */
#define TMP_SIZE (256u << 10)

static void add(GPtrArray *command, ...) G_GNUC_NULL_TERMINATED;

static void add(GPtrArray *command, ...)
{
	va_list args;
	va_start(args, command);
	for (const char *word; (word = va_arg(args, const char *));)
		g_ptr_array_add(command, g_strdup(word));
	va_end(args);
}

static void add_tmpfs(GPtrArray *command, const char *path, guint64 size)
{
	g_autofree char *bytes = g_strdup_printf("%" G_GUINT64_FORMAT, size);
	add(command, "--size", bytes, "--perms", "0700", "--tmpfs", path, NULL);
}

/** The command that runs argv in a sandbox: see sandbox.h. */
char **sandbox_command(const SandboxOptions *options, const char *const *argv)
{
	GPtrArray *command = g_ptr_array_new();
	g_autofree char *filter = g_strdup_printf("%d", options->filter_fd);
	add(command, options->bwrap, "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL",
		"--clearenv", "--setenv", "HOME", "/", NULL); /* HOME: see spawn.c */
	if (options->host_network)
		add(command, "--share-net", NULL);
	/* Libraries outside the loader's default folders are found by its cache alone. */
	add(command, "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache", NULL);
	for (const char *const *library = options->libraries; *library; library++)
		add(command, "--ro-bind", *library, *library, NULL);
	for (unsigned i = 0; i < options->n_files; i++)
		if (options->files[i].host)
			add(command, options->files[i].writable ? "--bind" : "--ro-bind", options->files[i].host,
				options->files[i].inside, NULL);
	if (options->memory) {
		/* The kernel executes itself again through /proc/self/exe, reads /proc/cpuinfo, and puts its memory in a file
		 * on /dev/shm: the size of that file system is what the guest can have, whatever it writes there. */
		add(command, "--proc", "/proc", NULL);
		static const char *const devices[] = {"/dev/null", "/dev/random", "/dev/urandom"};
		for (gsize i = 0; i < G_N_ELEMENTS(devices); i++)
			add(command, "--dev-bind", devices[i], devices[i], NULL);
		add_tmpfs(command, "/tmp", TMP_SIZE);
		add_tmpfs(command, "/dev/shm", options->memory);
	}
	/* The root is a tmpfs without a size limit. */
	add(command, "--remount-ro", "/", "--chdir", "/", "--seccomp", filter, "--", NULL);
	for (; *argv; argv++)
		add(command, *argv, NULL);
	g_ptr_array_add(command, NULL);
	return (char **)g_ptr_array_free(command, FALSE);
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
