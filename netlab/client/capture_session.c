/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/client/capture_session.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <glib-unix.h>
#include <signal.h>
#include <unistd.h>

#include "netlab/cmd/cli.h"
#include "netlab/client/dbus/lab_answers.h"

#define PROGRESS_MS 500

typedef struct {
	GMainLoop *loop;
	LabConnection *lab;
	guint id;
	gboolean ended, shown;
	CaptureOutcome *outcome;
} Session;

static void on_ended(NetlabLab1 *proxy, guint id, guint64 captured, guint64 dropped, const char *reason, gpointer data)
{
	Session *self = data;
	if (id != self->id)
		return;
	self->ended = TRUE;
	self->outcome->captured = captured;
	self->outcome->dropped = dropped;
	self->outcome->reason = g_strdup(reason);
	g_main_loop_quit(self->loop);
}

static void on_closed(GDBusConnection *connection, gboolean remote, GError *error, gpointer data)
{
	g_main_loop_quit(((Session *)data)->loop);
}

static gboolean on_enough(gpointer data)
{
	g_main_loop_quit(((Session *)data)->loop);
	return G_SOURCE_CONTINUE;
}

static gboolean on_progress(gpointer data)
{
	Session *self = data;
	g_autoptr(GVariant) captures = NULL;
	GVariantIter iter;
	GVariant *facts;
	if (!netlab_lab1_call_get_captures_sync(self->lab->proxy, &captures, NULL, NULL))
		return G_SOURCE_CONTINUE;
	g_variant_iter_init(&iter, captures);
	while (g_variant_iter_loop(&iter, "@a{sv}", &facts)) {
		guint id;
		guint64 captured, dropped;
		capture_counts(facts, &id, &captured, &dropped);
		if (id != self->id)
			continue;
		fprintf(stderr, "\r%" G_GUINT64_FORMAT " frames captured, %" G_GUINT64_FORMAT " dropped", captured,
			dropped);
		self->shown = TRUE;
	}
	return G_SOURCE_CONTINUE;
}

static GVariant *options_of(const CaptureRequest *request)
{
	GVariantDict options;
	g_variant_dict_init(&options, NULL);
	g_variant_dict_insert(&options, "filter", "s", request->filter ? request->filter : "");
	g_variant_dict_insert(&options, "format", "s", request->format);
	g_variant_dict_insert(&options, "snaplen", "u", request->snaplen);
	g_variant_dict_insert(&options, "count", "t", request->count);
	if (request->last_ms)
		g_variant_dict_insert(&options, "last", "d", request->last_ms / 1000.0);
	if (request->last_ms)
		g_variant_dict_insert(&options, "only_past", "b", request->only_past);
	return g_variant_dict_end(&options);
}

static gboolean begin(Session *self, const CaptureRequest *request, int fd, GError **error)
{
	g_autoptr(GUnixFDList) list = g_unix_fd_list_new();
	g_autoptr(GVariant) facts = NULL;
	int handle = g_unix_fd_list_append(list, fd, error);
	if (handle < 0)
		return FALSE;
	if (netlab_lab1_call_start_capture_sync(self->lab->proxy, request->where, options_of(request),
		    g_variant_new_handle(handle), list, &self->id, &facts, NULL, NULL, error)) {
		g_variant_lookup(facts, "since", "x", &self->outcome->since);
		return TRUE;
	}
	lab_remote_failed(error);
	/* So the switch says that the filter or the format will not do; GDBus carries domain and code of its error across. */
	if (g_error_matches(*error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT)) {
		(*error)->domain = NETLAB_ERROR;
		(*error)->code = STATUS_USAGE;
	}
	return FALSE;
}

static gboolean end(Session *self, GError **error)
{
	g_autoptr(GError) failure = NULL;
	gboolean done = netlab_lab1_call_stop_capture_sync(
		self->lab->proxy, self->id, &self->outcome->captured, &self->outcome->dropped, NULL, &failure);
	/* It may just have ended by itself, or failed to write what it had left: that was told before the answer. */
	while (!self->ended && g_main_context_iteration(NULL, FALSE))
		;
	if (done || self->ended)
		return TRUE;
	lab_remote_failed(&failure);
	g_propagate_error(error, g_steal_pointer(&failure));
	return FALSE;
}

gboolean capture_try(LabConnection *lab, const CaptureRequest *request, GError **error)
{
	CaptureOutcome outcome = {0};
	Session self = {.lab = lab, .outcome = &outcome};
	CaptureRequest attempt = *request;
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	/* It must not end by itself before we end it. */
	attempt.only_past = FALSE;
	attempt.count = 0;
	gboolean good = begin(&self, &attempt, fd, error);
	close(fd);
	return good && end(&self, error);
}

/* Waits for the end, and makes one at Ctrl-C; gets the counts either way. */
static gboolean wait_for_end(Session *self, const CaptureRequest *request, GError **error)
{
	guint sources[] = {
		g_unix_signal_add(SIGINT, on_enough, self),
		g_unix_signal_add(SIGTERM, on_enough, self),
		g_unix_signal_add(SIGHUP, on_enough, self),
		request->duration_ms ? g_timeout_add(request->duration_ms, on_enough, self) : 0,
		request->progress ? g_timeout_add(PROGRESS_MS, on_progress, self) : 0,
	};
	g_main_loop_run(self->loop);
	gboolean done = TRUE;
	if (!self->ended && g_dbus_connection_is_closed(self->lab->connection)) {
		done = FALSE;
		cli_failed(error, "lab \"%s\" ended during the capture; what came until then is complete",
			self->lab->name);
	} else if (!self->ended) {
		done = end(self, error);
	}
	for (guint i = 0; i < G_N_ELEMENTS(sources); i++)
		if (sources[i])
			g_source_remove(sources[i]);
	if (self->shown)
		fputs("\r\033[K", stderr);
	return done;
}

gboolean capture_run(LabConnection *lab, const CaptureRequest *request, int fd, CaptureOutcome *outcome, GError **error)
{
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	Session self = {.loop = loop, .lab = lab, .outcome = outcome};
	*outcome = (CaptureOutcome){0};
	g_signal_connect(lab->proxy, "capture-ended", G_CALLBACK(on_ended), &self);
	g_signal_connect(lab->connection, "closed", G_CALLBACK(on_closed), &self);
	gboolean done = begin(&self, request, fd, error);
	/* Ours goes, so that a reader of the pipe sees its end when the switch closes. */
	close(fd);
	if (done)
		done = wait_for_end(&self, request, error);
	g_signal_handlers_disconnect_by_data(lab->proxy, &self);
	g_signal_handlers_disconnect_by_data(lab->connection, &self);
	return done;
}

gboolean capture_ended_well(const CaptureOutcome *outcome, gboolean to_pipe)
{
	const char *reason = outcome->reason;
	return !reason || g_str_equal(reason, "count") || g_str_equal(reason, "complete") ||
		(to_pipe && g_str_equal(reason, g_strerror(EPIPE)));
}
