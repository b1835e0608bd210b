/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/host/disk_owner.h"

#include <errno.h>
#include <gio/gio.h>
#include <sys/stat.h>

/* No disk has this name: they end in ".disk". */
static char *record_of(const char *folder)
{
	return g_build_filename(folder, "lab", NULL);
}

static gboolean is_same_file(const char *a, const char *b)
{
	struct stat one, other;
	return g_str_equal(a, b) ||
		(stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev &&
			one.st_ino == other.st_ino);
}

char *disk_owner_other(const char *folder, const char *lab_file)
{
	g_autofree char *record = record_of(folder), *owner = NULL;
	if (!g_file_get_contents(record, &owner, NULL, NULL) || is_same_file(owner, lab_file) ||
		!g_file_test(owner, G_FILE_TEST_EXISTS))
		return NULL;
	return g_steal_pointer(&owner);
}

gboolean disk_owner_claim(const char *folder, const char *lab_file, gboolean trusted, GError **error)
{
	g_autofree char *record = record_of(folder), *other = disk_owner_other(folder, lab_file);
	g_autofree char *name = g_path_get_basename(folder), *known = NULL;
	if (other && !trusted) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
			"the disks in \"%s\" belong to another lab with the same name, %s; start this one under "
			"another name (--name), remove the disks (netlab clean %s --disks), or use --trust if this lab "
			"may use them",
			folder, other, name);
		return FALSE;
	}
	/* Not again: there may be no room left. */
	if (other || (g_file_get_contents(record, &known, NULL, NULL) && g_str_equal(known, lab_file)))
		return TRUE;
	if (g_mkdir_with_parents(folder, 0700) == 0)
		return g_file_set_contents_full(record, lab_file, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, error);
	int code = errno;
	g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code), "cannot create the folder \"%s\": %s", folder,
		g_strerror(code));
	return FALSE;
}
