/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reports when labs come and go: something changed in the folder of running labs, or in one of the labs' folders. */
#pragma once

#include <gio/gio.h>

typedef struct LabWatch LabWatch;

/** CHANGED is called on the main loop of the calling thread: a lab's folder was made or removed, its supervisor listens,
 *  or has written its state. NULL and error when the folder of running labs cannot be watched. Caller frees. */
LabWatch *lab_watch_new(void (*changed)(gpointer data), gpointer data, GError **error);
void lab_watch_free(LabWatch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LabWatch, lab_watch_free)
