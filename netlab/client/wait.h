/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting for an asynchronous call, for programs that do one thing at a time:
 *
 *   g_autoptr(GAsyncResult) result = NULL;
 *   something_async(..., wait_take, &result);
 *   wait_for(&result);
 *   return something_finish(result, error); */
#pragma once

#include <gio/gio.h>

/** A GAsyncReadyCallback that puts a reference to the result where data (a GAsyncResult **) points. */
void wait_take(GObject *source, GAsyncResult *result, gpointer data);
/** Runs the main loop of this thread until the result is there. */
void wait_for(GAsyncResult **result);
