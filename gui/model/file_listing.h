/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A folder in a guest: the command that lists it, and its answer. */
#pragma once

#include <glib.h>

typedef struct {
	char *name;
	gboolean is_folder;
	guint64 size;   /* bytes */
	gint64 changed; /* seconds since the epoch */
} FileEntry;

void file_entry_free(FileEntry *self);

/** Arguments of /bin/sh that list a folder (an absolute path); caller frees. */
char **file_listing_command(const char *folder);
/** What it wrote; of FileEntry: folders first, then by name. Caller unrefs. */
GPtrArray *file_listing_parse(const char *output);
