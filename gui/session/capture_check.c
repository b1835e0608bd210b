/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/session/capture_check.h"

#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <glib/gi18n.h>
#include <unistd.h>

void capture_begin(NetlabLab1 *proxy, const char *const *places, GVariant *options, int fd, GCancellable *cancellable,
	GAsyncReadyCallback callback, gpointer data)
{
	static const char *const everywhere[] = {NULL};
	g_autoptr(GVariant) owned = g_variant_ref_sink(options);
	g_autoptr(GUnixFDList) list = g_unix_fd_list_new_from_array(&fd, 1);
	netlab_lab1_call_start_capture(
		proxy, places ? places : everywhere, owned, g_variant_new_handle(0), list, cancellable, callback, data);
}

gboolean capture_begin_finish(GObject *proxy, GAsyncResult *result, guint *id, gint64 *since, GError **error)
{
	g_autoptr(GVariant) facts = NULL;
	if (!netlab_lab1_call_start_capture_finish(NETLAB_LAB1(proxy), id, &facts, NULL, result, error)) {
		if (error && *error)
			g_dbus_error_strip_remote_error(*error);
		return FALSE;
	}
	if (since && !g_variant_lookup(facts, "since", "x", since))
		*since = 0;
	return TRUE;
}

static void check_began(GObject *proxy, GAsyncResult *result, gpointer data)
{
	g_autoptr(GTask) task = data;
	GError *error = NULL;
	guint id;
	if (!capture_begin_finish(proxy, result, &id, NULL, &error)) {
		g_task_return_error(task, error);
		return;
	}
	netlab_lab1_call_stop_capture(NETLAB_LAB1(proxy), id, NULL, NULL, NULL);
	g_task_return_boolean(task, TRUE);
}

void capture_check(Session *session, const char *const *places, const char *filter, GCancellable *cancellable,
	GAsyncReadyCallback callback, gpointer data)
{
	GTask *task = g_task_new(session, cancellable, callback, data);
	NetlabLab1 *proxy = session_proxy(session);
	int fd = proxy ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;
	if (fd < 0) {
		g_task_return_new_error(task, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED,
			_("The lab is not running. Start it before you capture."));
		g_object_unref(task);
		return;
	}
	GVariantDict options;
	g_variant_dict_init(&options, NULL);
	g_variant_dict_insert(&options, "filter", "s", filter);
	g_variant_dict_insert(&options, "snaplen", "u", 1);
	/* Not cancelled: the answer has the number of what is to be stopped. */
	capture_begin(proxy, places, g_variant_dict_end(&options), fd, NULL, check_began, task);
}

gboolean capture_check_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_boolean(G_TASK(result), error);
}
