/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/client/lab_connection.h"

#include <unistd.h>

#include "netlab/client/error.h"
#include "netlab/client/wait.h"

enum { END_MS = 10000 }; /* for a supervisor that has stopped the lab, to end itself */

/* -- Connecting -- */

static void got_proxy(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(GTask) task = data;
	LabConnection *self = g_task_get_task_data(task);
	GError *error = NULL;
	self->proxy = netlab_lab1_proxy_new_finish(result, &error);
	if (self->proxy)
		g_task_return_boolean(task, TRUE);
	else
		g_task_return_error(task, error);
}

static void got_connection(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(GTask) task = data;
	LabConnection *self = g_task_get_task_data(task);
	GError *error = NULL;
	self->connection = g_dbus_connection_new_for_address_finish(result, &error);
	if (!self->connection) {
		g_task_return_error(task, error);
		return;
	}
	netlab_lab1_proxy_new(self->connection, G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START, NULL, "/org/netlab/Lab",
		g_task_get_cancellable(task), got_proxy, g_object_ref(task));
}

void lab_connection_new_async(
	const LabDirectory *lab, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
	g_autofree char *path = g_build_filename(lab->directory, "control", NULL);
	g_autofree char *escaped = g_dbus_address_escape_value(path);
	g_autofree char *address = g_strconcat("unix:path=", escaped, NULL);
	GTask *task = g_task_new(NULL, cancellable, callback, data);
	LabConnection *self = g_new0(LabConnection, 1);
	self->name = g_strdup(lab->name);
	self->directory = g_strdup(lab->directory);
	g_task_set_task_data(task, self, (GDestroyNotify)lab_connection_free);
	g_dbus_connection_new_for_address(
		address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL, cancellable, got_connection, task);
}

LabConnection *lab_connection_new_finish(GAsyncResult *result, GError **error)
{
	LabConnection *from = g_task_get_task_data(G_TASK(result)), *self;
	if (!g_task_propagate_boolean(G_TASK(result), error)) {
		lab_remote_failed(error);
		return NULL;
	}
	self = g_new(LabConnection, 1);
	*self = *from;
	*from = (LabConnection){0};
	return self;
}

LabConnection *lab_connection_new(const LabDirectory *lab, GError **error)
{
	g_autoptr(GAsyncResult) result = NULL;
	lab_connection_new_async(lab, NULL, wait_take, &result);
	wait_for(&result);
	LabConnection *self = lab_connection_new_finish(result, error);
	if (!self)
		g_prefix_error(error, "cannot connect to the supervisor of lab \"%s\": ", lab->name);
	return self;
}

void lab_connection_free(LabConnection *self)
{
	g_clear_object(&self->proxy);
	g_clear_object(&self->connection);
	g_free(self->name);
	g_free(self->directory);
	g_free(self);
}

LabConnection *lab_connect(const char *which, GError **error)
{
	g_autoptr(LabDirectory) lab = lab_locate(which, FALSE, error);
	return lab ? lab_connection_new(lab, error) : NULL;
}

gboolean lab_remote_failed(GError **error)
{
	if (error && *error)
		g_dbus_error_strip_remote_error(*error);
	return FALSE;
}

/* -- Stopping -- */

static gboolean ask_to_stop(LabConnection *self, guint deadline_ms, GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autoptr(GAsyncResult) result = NULL;
	guint64 limit = (guint64)deadline_ms + 30000;
	g_dbus_proxy_set_default_timeout(G_DBUS_PROXY(self->proxy), (int)MIN(limit, G_MAXINT));
	netlab_lab1_call_stop(self->proxy, deadline_ms, NULL, wait_take, &result);
	wait_for(&result);
	/* A supervisor that ends before it has answered has done what it was asked to do. */
	if (netlab_lab1_call_stop_finish(self->proxy, result, &failure) ||
		g_dbus_connection_is_closed(self->connection))
		return TRUE;
	lab_remote_failed(&failure);
	g_propagate_prefixed_error(error, g_steal_pointer(&failure), "cannot stop lab \"%s\": ", self->name);
	return FALSE;
}

gboolean lab_stop(LabConnection *self, guint deadline_ms, GError **error)
{
	/* Opened before the folder goes: the kernel frees the lock with the process, which is the very end. */
	int lock = lab_lock_open(self->directory);
	if (!ask_to_stop(self, deadline_ms, error)) {
		if (lock >= 0)
			close(lock);
		return FALSE;
	}
	if (lock < 0 || lab_lock_wait(lock, END_MS))
		return TRUE;
	g_set_error(error, CLIENT_ERROR, CLIENT_ERROR_STUCK, "lab \"%s\" has stopped, but its supervisor does not end",
		self->name);
	return FALSE;
}
