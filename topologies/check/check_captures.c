/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors about captures. */
#include "topologies/check/checker.h"

static void check_capture_file(Checker *self, const LabCapture *capture)
{
	const LabFolder *folder = self->lab->folder;
	/* A ring begins with this file, whatever the number of its files. */
	g_autofree char *first = capture->ring_size ? lab_ring_file(capture->file, 1) : g_strdup(capture->file);
	g_autofree char *parent = g_path_get_dirname(first);
	g_autoptr(GError) reason = NULL;

	if (g_str_equal(first, self->lab->file))
		checker_error(self, capture->pos, "capture: %s is the lab file itself; use a different file", first);
	else if (!lab_folder_check(folder, first, LAB_OPEN_PARENT, &reason) &&
		g_error_matches(reason, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
		checker_error(self, capture->pos, "capture: the folder %s does not exist; create it", parent);
	else if (!reason && !lab_folder_check(folder, first, LAB_OPEN_WRITE, &reason) &&
		g_error_matches(reason, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY))
		checker_error(self, capture->pos, "capture: %s is a folder; give the path of a file", first);
	else if (reason && reason->domain == LAB_FOLDER_ERROR)
		checker_error(self, capture->pos, "capture: cannot write %s: %s", first, reason->message);
}

/* @known: set of the filters that are good: a process is started for each check. */
static void check_filter(Checker *self, const LabCapture *capture, GHashTable *known)
{
	g_autoptr(GError) error = NULL;

	if (!self->filter_check || !capture->filter || g_hash_table_contains(known, capture->filter) ||
		lab_diagnostics_are_many(self->diagnostics))
		return;
	if (self->filter_check(capture->filter, &error))
		g_hash_table_add(known, capture->filter);
	else
		checker_error(self, capture->pos, "%s", error->message);
}

/** check_captures() - reports what is wrong with captures; looks at the disk for the folders of their files. */
void check_captures(Checker *self)
{
	g_autoptr(GHashTable) files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
			      filters = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < self->lab->captures->len; i++) {
		const LabCapture *capture = self->lab->captures->pdata[i];
		g_autofree char *first =
			capture->file ? checker_first_use(files, g_strdup(capture->file), &capture->pos) : NULL;

		if (first)
			checker_error(self, capture->pos,
				"capture: %s is already used by another capture (%s); use a different file",
				capture->file, first);
		else if (capture->file)
			check_capture_file(self, capture);
		if (capture->interface && !capture->interface->network && !capture->interface->link)
			checker_error(self, capture->pos, "capture: interface \"%s\" is not connected",
				capture->interface_name);
		/* A pcap file has no names of interfaces: frames of several cables could not be told apart. */
		if (capture->format == LAB_CAPTURE_PCAP && !capture->link_name && !capture->interface_name)
			checker_error(self, capture->pos,
				"capture: a pcap file can hold only one link or interface; add link= or interface=, or "
				"set format=\"pcapng\"");
		check_filter(self, capture, filters);
	}
}
