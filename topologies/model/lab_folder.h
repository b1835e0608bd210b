/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The only way to open a path that a lab's file names. A lab may come from a stranger: unless the user trusts it, its paths
 * stay in its own folder, symbolic links included, at the moment of opening (openat2(2) with RESOLVE_BENEATH). Hard links are
 * files of the folder. */
#pragma once

#include <gio/gio.h>

/** What a lab may open. */
typedef struct {
	char *path;       /* absolute: the folder with the lab's own file, also for files that it includes */
	gboolean trusted; /* --trust: paths may lead anywhere */
} LabFolder;

typedef enum {
	LAB_OPEN_READ,   /* a regular file */
	LAB_OPEN_WRITE,  /* a regular file, made where there is none, emptied */
	LAB_OPEN_PARENT, /* the folder that the path is in, for functions like unlinkat(2) (O_PATH) */
} LabOpen;

#define LAB_FOLDER_ERROR lab_folder_error_quark()
GQuark lab_folder_error_quark(void);

typedef enum {
	LAB_FOLDER_ERROR_OUTSIDE, /* the path leads out of the folder of a lab that is not trusted */
	LAB_FOLDER_ERROR_KIND,    /* neither file nor folder: a pipe, a device */
	LAB_FOLDER_ERROR_KERNEL,  /* older than Linux 5.6 */
} LabFolderError;

LabFolder *lab_folder_new(const char *file, gboolean trusted);
void lab_folder_free(LabFolder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LabFolder, lab_folder_free)

int lab_folder_open(const LabFolder *self, const char *path, LabOpen how, GError **error);
gboolean lab_folder_check(const LabFolder *self, const char *path, LabOpen how, GError **error);
gboolean lab_folder_remove(const LabFolder *self, const char *path, GError **error);
