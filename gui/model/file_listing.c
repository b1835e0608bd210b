/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/model/file_listing.h"

#include <string.h>
#include <sys/stat.h>

void file_entry_free(FileEntry *self)
{
	g_free(self->name);
	g_free(self);
}

char **file_listing_command(const char *folder)
{
	/* Links are followed, so that one to a folder can be entered; one to nowhere is listed as itself. Both busybox and
	 * coreutils have stat -c. */
	static const char script[] =
		"cd -- \"$1\" || exit; for f in .[!.]* ..?* *; do [ -e \"$f\" ] || [ -L \"$f\" ] || continue; "
		"set -- \"$@\" \"./$f\"; done; shift; [ $# = 0 ] && exit; "
		"stat -L -c '%f %s %Y %n' \"$@\" 2>/dev/null; "
		"for f; do [ -e \"$f\" ] || stat -c '%f %s %Y %n' \"$f\"; done";
	const char *argv[] = {"/bin/sh", "-c", script, "sh", folder, NULL};
	return g_strdupv((char **)argv);
}

static FileEntry *parse_line(const char *line)
{
	char *rest;
	guint64 mode = g_ascii_strtoull(line, &rest, 16);
	if (rest == line || *rest != ' ')
		return NULL;
	guint64 size = g_ascii_strtoull(rest + 1, &rest, 10);
	gint64 changed = g_ascii_strtoll(rest, &rest, 10);
	/* What a guest says is not to be believed: a name that leads out of its folder would be a file of the host's when it is
	 * copied. */
	if (!g_str_has_prefix(rest, " ./") || !rest[3] || strchr(rest + 3, '/') || g_str_equal(rest, " ./.."))
		return NULL;
	FileEntry *entry = g_new(FileEntry, 1);
	*entry = (FileEntry){g_strdup(rest + 3), S_ISDIR((mode_t)mode), size, changed};
	return entry;
}

static int compare(gconstpointer a, gconstpointer b)
{
	const FileEntry *left = *(FileEntry *const *)a, *right = *(FileEntry *const *)b;
	return left->is_folder != right->is_folder ? right->is_folder - left->is_folder
						   : strcmp(left->name, right->name);
}

GPtrArray *file_listing_parse(const char *output)
{
	GPtrArray *entries = g_ptr_array_new_with_free_func((GDestroyNotify)file_entry_free);
	g_auto(GStrv) lines = g_strsplit(output, "\n", -1);
	for (char **line = lines; *line; line++) {
		FileEntry *entry = parse_line(*line);
		if (entry)
			g_ptr_array_add(entries, entry);
	}
	g_ptr_array_sort(entries, compare);
	return entries;
}
