/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/session/capture_check.h"

#include <glib/gi18n.h>

#include "netlab/client/capture_session.h"

static void tried(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(GTask) task = data;
	GError *error = NULL;
	if (capture_try_finish(result, &error))
		g_task_return_boolean(task, TRUE);
	else
		g_task_return_error(task, error);
}

void capture_check(Session *session, const char *const *places, const char *filter, GCancellable *cancellable,
	GAsyncReadyCallback callback, gpointer data)
{
	GTask *task = g_task_new(session, cancellable, callback, data);
	NetlabLab1 *proxy = session_proxy(session);
	const CaptureRequest request = {.where = places, .filter = filter, .format = "pcapng", .snaplen = 1};
	if (proxy) {
		capture_try_async(proxy, &request, cancellable, tried, task);
		return;
	}
	g_task_return_new_error(
		task, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED, _("The lab is not running. Start it before you capture."));
	g_object_unref(task);
}

gboolean capture_check_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_boolean(G_TASK(result), error);
}
