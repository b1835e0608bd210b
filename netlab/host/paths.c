/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/host/paths.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* The prefix is the nearest folder above the program that holds share/netlab: PREFIX/bin/netlab finds it one step up,
 * PREFIX/libexec/netlab/netlabd two, a test program in the build tree wherever it stands. */
static const char *prefix(void)
{
	static char *found;
	if (g_once_init_enter(&found)) {
		g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
		g_autofree char *folder = program ? g_path_get_dirname(program) : g_strdup("/");
		g_autofree char *start = g_path_get_dirname(folder);
		char *result = NULL;
		while (!result) {
			g_autofree char *share = g_build_filename(folder, "share", "netlab", NULL);
			char *up = g_path_get_dirname(folder);
			if (g_file_test(share, G_FILE_TEST_IS_DIR))
				result = g_strdup(folder);
			else if (g_str_equal(up, folder))
				result = g_strdup(start);
			g_free(folder);
			folder = up;
		}
		g_once_init_leave(&found, result);
	}
	return found;
}

/** PREFIX/libexec/netlab/NAME. */
char *path_libexec(const char *name)
{
	return g_build_filename(prefix(), "libexec", "netlab", name, NULL);
}

/** PREFIX/bin/NAME. */
char *path_program(const char *name)
{
	return g_build_filename(prefix(), "bin", name, NULL);
}

/** PREFIX/share/netlab/NAME. */
char *path_share(const char *name)
{
	return g_build_filename(prefix(), "share", "netlab", name, NULL);
}

/* ${VARIABLE:-~/FALLBACK}/netlab. The variable is read here and not through GLib's cached g_get_user_*_dir(), and a
 * relative value is ignored, as the XDG base directory specification asks. */
static char *xdg(const char *variable, const char *fallback)
{
	const char *value = g_getenv(variable);
	if (value && g_path_is_absolute(value))
		return g_build_filename(value, "netlab", NULL);
	return g_build_filename(g_get_home_dir(), fallback, "netlab", NULL);
}

/** ${XDG_CACHE_HOME:-~/.cache}/netlab/NAME. */
char *path_cache(const char *name)
{
	g_autofree char *base = xdg("XDG_CACHE_HOME", ".cache");
	return g_build_filename(base, name, NULL);
}

/** ${XDG_STATE_HOME:-~/.local/state}/netlab. */
char *path_state(void)
{
	return xdg("XDG_STATE_HOME", ".local/state");
}

/* The user's own run-time folder; NULL: there is none. Sessions that logind does not know (su, cron, some ways of ssh) do
 * not have the variable, and still mean the labs in that folder. */
static char *runtime_base(void)
{
	const char *set = g_getenv("XDG_RUNTIME_DIR");
	if (set && g_path_is_absolute(set))
		return g_strdup(set);
	g_autofree char *usual = g_strdup_printf("/run/user/%u", (unsigned)geteuid());
	struct stat st;
	return g_lstat(usual, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() ? g_steal_pointer(&usual)
											 : NULL;
}

/** The folder of running labs: see paths.h. Another user could have made the one in /tmp first, or put a link there, so
 *  it is looked at without following links and refused unless it is a folder of ours. Nor is one made in what belongs
 *  to another user, whom it would lock out: a shell of root may have XDG_RUNTIME_DIR from where it was called. */
char *path_runtime(GError **error)
{
	g_autofree char *base = runtime_base();
	g_autofree char *path =
		base ? g_build_filename(base, "netlab", NULL) : g_strdup_printf("/tmp/netlab-%u", (unsigned)geteuid());
	struct stat st;
	if (base && g_stat(base, &st) == 0 && st.st_uid != geteuid() && st.st_uid != 0) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
			"cannot keep running labs in \"%s\", which belongs to another user; unset XDG_RUNTIME_DIR, or "
			"set it to a folder that you own",
			base);
		return NULL;
	}
	if (g_mkdir(path, 0700) < 0 && errno != EEXIST) {
		int code = errno;
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code),
			"cannot create the folder \"%s\" for running labs: %s%s", path, g_strerror(code),
			base ? "; set XDG_RUNTIME_DIR to a folder that you own, or unset it" : "");
		return NULL;
	}
	if (g_lstat(path, &st) < 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid()) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
			"cannot keep running labs in \"%s\", which is not a folder that you own; remove it, or set "
			"XDG_RUNTIME_DIR to a folder that you own",
			path);
		return NULL;
	}
	if ((st.st_mode & 077) && g_chmod(path, 0700) < 0) {
		int code = errno;
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code), "cannot make \"%s\" private: %s", path,
			g_strerror(code));
		return NULL;
	}
	return g_steal_pointer(&path);
}
