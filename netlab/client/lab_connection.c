/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/client/lab_connection.h"

#include <unistd.h>

#include "netlab/client/error.h"
#include "netlab/client/lab_supervisor.h"
#include "netlab/client/wait.h"

enum { END_MS = 10000 }; /* for a supervisor that has stopped the lab, to end itself */

/* -- Connecting -- */

/* How long to wait until a busy supervisor accepts one more client. */
enum { AGAIN_MS = 50 };

/* An attempt to connect. The supervisor's part of it is over in milliseconds, so there is a deadline for all of it: the socket,
 * the authentication, the properties. What the client asks for later may take as long as it likes. */
typedef struct {
	LabConnection *lab;
	LabDirectory where;
	GCancellable *cancel; /* of the attempt, by the caller or by the deadline */
	gulong chained;       /* handler in the caller's */
	GSource *deadline, *again;
	gboolean late;
} Attempt;

static void drop_source(GSource **source)
{
	if (*source)
		g_source_destroy(*source);
	g_clear_pointer(source, g_source_unref);
}

static void attempt_free(gpointer data)
{
	Attempt *self = data;
	drop_source(&self->deadline);
	drop_source(&self->again);
	g_clear_pointer(&self->lab, lab_connection_free);
	g_object_unref(self->cancel);
	g_free(self->where.name);
	g_free(self->where.directory);
	g_free(self);
}

/* Ends the attempt; takes the error, NULL is success. */
static void attempt_over(GTask *task, GError *error)
{
	Attempt *self = g_task_get_task_data(task);
	drop_source(&self->deadline);
	g_cancellable_disconnect(g_task_get_cancellable(task), self->chained);
	if (!error) {
		g_task_return_pointer(task, g_steal_pointer(&self->lab), (GDestroyNotify)lab_connection_free);
	} else if (self->late) {
		g_clear_error(&error);
		lab_supervisor_is_silent(&self->where, &error);
		g_task_return_error(task, error);
	} else {
		g_task_return_error(task, error);
	}
}

static void got_proxy(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(GTask) task = data;
	Attempt *self = g_task_get_task_data(task);
	GError *error = NULL;
	self->lab->proxy = netlab_lab1_proxy_new_finish(result, &error);
	attempt_over(task, error);
}

static void attempt(GTask *task);

static gboolean on_again(gpointer data)
{
	GTask *task = data;
	drop_source(&((Attempt *)g_task_get_task_data(task))->again);
	attempt(g_object_ref(task));
	return G_SOURCE_REMOVE;
}

static GSource *timer_new(guint ms, GSourceFunc call, gpointer data, GDestroyNotify data_free)
{
	GSource *timer = g_timeout_source_new(ms);
	g_source_set_callback(timer, call, data, data_free);
	g_source_attach(timer, g_main_context_get_thread_default());
	return timer;
}

static void got_connection(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(GTask) task = data;
	Attempt *self = g_task_get_task_data(task);
	GError *error = NULL;
	self->lab->connection = g_dbus_connection_new_for_address_finish(result, &error);
	if (self->lab->connection) {
		netlab_lab1_proxy_new(self->lab->connection, G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START, NULL,
			"/org/netlab/Lab", self->cancel, got_proxy, g_steal_pointer(&task));
	} else if (!self->late && g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
		/* Many are waiting for the supervisor (listen(2), the backlog). */
		g_error_free(error);
		self->again = timer_new(AGAIN_MS, on_again, g_object_ref(task), g_object_unref);
	} else {
		attempt_over(task, error);
	}
}

/* Takes a reference of the task. */
static void attempt(GTask *task)
{
	Attempt *self = g_task_get_task_data(task);
	g_autofree char *path = g_build_filename(self->where.directory, "control", NULL);
	g_autofree char *escaped = g_dbus_address_escape_value(path);
	g_autofree char *address = g_strconcat("unix:path=", escaped, NULL);
	g_dbus_connection_new_for_address(
		address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL, self->cancel, got_connection, task);
}

static gboolean on_deadline(gpointer data)
{
	Attempt *self = data;
	self->late = TRUE;
	g_cancellable_cancel(self->cancel);
	return G_SOURCE_REMOVE;
}

static void on_cancelled(GCancellable *cancellable, gpointer cancel)
{
	g_cancellable_cancel(cancel);
}

void lab_connection_new_async(const LabDirectory *lab, guint deadline_ms, GCancellable *cancellable,
	GAsyncReadyCallback callback, gpointer data)
{
	GTask *task = g_task_new(NULL, cancellable, callback, data);
	Attempt *self = g_new0(Attempt, 1);
	self->where = (LabDirectory){g_strdup(lab->name), g_strdup(lab->directory), TRUE};
	self->lab = g_new0(LabConnection, 1);
	self->lab->name = g_strdup(lab->name);
	self->lab->directory = g_strdup(lab->directory);
	self->cancel = g_cancellable_new();
	g_task_set_task_data(task, self, attempt_free);
	self->deadline = timer_new(deadline_ms, on_deadline, self, NULL);
	if (cancellable)
		self->chained = g_cancellable_connect(
			cancellable, G_CALLBACK(on_cancelled), g_object_ref(self->cancel), g_object_unref);
	attempt(task);
}

LabConnection *lab_connection_new_finish(GAsyncResult *result, GError **error)
{
	LabConnection *self = g_task_propagate_pointer(G_TASK(result), error);
	if (!self)
		lab_remote_failed(error);
	return self;
}

static LabConnection *connected(const LabDirectory *lab, GAsyncResult *result, GError **error)
{
	GError *failure = NULL;
	LabConnection *self = lab_connection_new_finish(result, &failure);
	if (self)
		return self;
	if (!g_error_matches(failure, CLIENT_ERROR, CLIENT_ERROR_STUCK))
		g_prefix_error(&failure, "cannot connect to the supervisor of lab \"%s\": ", lab->name);
	g_propagate_error(error, failure);
	return NULL;
}

LabConnection *lab_connection_new(const LabDirectory *lab, guint deadline_ms, GError **error)
{
	g_autoptr(GAsyncResult) result = NULL;
	lab_connection_new_async(lab, deadline_ms, NULL, wait_take, &result);
	wait_for(&result);
	return connected(lab, result, error);
}

void lab_connection_new_all(const GPtrArray *labs, guint deadline_ms, LabConnection **connections, GError **errors)
{
	g_autofree GAsyncResult **results = g_new0(GAsyncResult *, labs->len);
	for (guint i = 0; i < labs->len; i++)
		if (((const LabDirectory *)g_ptr_array_index(labs, i))->alive)
			lab_connection_new_async(g_ptr_array_index(labs, i), deadline_ms, NULL, wait_take, &results[i]);
	for (guint i = 0; i < labs->len; i++) {
		const LabDirectory *lab = g_ptr_array_index(labs, i);
		if (!lab->alive)
			continue;
		wait_for(&results[i]);
		connections[i] = connected(lab, results[i], &errors[i]);
		g_object_unref(results[i]);
	}
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
	return lab ? lab_connection_new(lab, LAB_ANSWER_MS, error) : NULL;
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
	g_set_error(error, CLIENT_ERROR, CLIENT_ERROR_STUCK,
		"lab \"%s\" has stopped, but its supervisor does not end; \"netlab stop --force %s\" ends it",
		self->name, self->name);
	return FALSE;
}
