/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The places of a lab's vertices, beside its file: "lab.layout" of "lab.xml". A key file:
 *   [Node fw]
 *   x=120
 *   y=40.5
 *   [Network lan]
 *   … */
#pragma once

#include "gui/model/scene.h"

/** Path of the layout file of a lab file; caller frees. */
char *layout_file_path(const char *lab_file);
/** Takes over the places that are in the file; vertices that it does not name are not placed any more. What it names and
 *  the scene has not, is ignored. Fails with G_FILE_ERROR_NOENT where there is no file: then nothing changes. */
gboolean layout_file_load(const char *path, Scene *scene, GError **error);
/** Writes the places of all vertices that were placed by hand; without any, the file goes. */
gboolean layout_file_save(const char *path, Scene *scene, GError **error);
