/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose disks they are. The disks of persistent nodes are kept by the name of the lab, and the lab of a stranger may have the
 * name of the user's: it must not get what is on the user's disks. So the folder of the disks has a file that names the lab's. */
#pragma once

#include <glib.h>

/** The other lab that the disks in FOLDER belong to.
 *  @folder: with the disks of one lab; need not exist
 *  @lab_file: absolute path of the lab that asks
 *  Returns the path of the other lab's file; NULL: they are this one's, or nobody's, also because the other's file is gone: labs
 *  are moved. Caller frees. */
char *disk_owner_other(const char *folder, const char *lab_file);
/** Makes the lab the owner of the disks, unless they have another.
 *  @trusted: the user lets it use the other's; those stay the other's
 *  FALSE and error: they belong to another lab, or the folder cannot be written. */
gboolean disk_owner_claim(const char *folder, const char *lab_file, gboolean trusted, GError **error);
