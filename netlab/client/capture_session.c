/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/client/capture_session.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <unistd.h>

#include "netlab/client/error.h"
#include "netlab/client/lab_facts.h"
#include "netlab/client/wait.h"

#define PROGRESS_MS 500

/* -- The beginning of a capture -- */

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

void capture_begin(NetlabLab1 *proxy, const CaptureRequest *request, int fd, GCancellable *cancellable,
	GAsyncReadyCallback callback, gpointer data)
{
	static const char *const everywhere[] = {NULL};
	g_autoptr(GUnixFDList) list = g_unix_fd_list_new_from_array(&fd, 1);
	netlab_lab1_call_start_capture(proxy, request->where ? request->where : everywhere, options_of(request),
		g_variant_new_handle(0), list, cancellable, callback, data);
}

gboolean capture_begin_finish(GObject *proxy, GAsyncResult *result, guint *id, gint64 *since, GError **error)
{
	g_autoptr(GVariant) facts = NULL;
	GError *failure = NULL;
	if (since)
		*since = 0;
	if (netlab_lab1_call_start_capture_finish(NETLAB_LAB1(proxy), id, &facts, NULL, result, &failure)) {
		if (since)
			g_variant_lookup(facts, "since", "x", since);
		return TRUE;
	}
	lab_remote_failed(&failure);
	/* This is how the switch rejects a filter or a format; GDBus carries domain and code of its error across. */
	if (g_error_matches(failure, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT)) {
		failure->domain = CLIENT_ERROR;
		failure->code = CLIENT_ERROR_INVALID;
	}
	g_propagate_error(error, failure);
	return FALSE;
}

/* -- A capture, from beginning to end -- */

/* Calls that are not answered yet hold a reference. */
struct CaptureSession {
	NetlabLab1 *proxy;
	GDBusConnection *connection;
	guint id;         /* 0: not begun */
	GPtrArray *early; /* of GVariant (utts): ends that came before the number was known */
	gboolean stopping, ended, freed;
	CaptureOutcome outcome;
	GError *error;
	CaptureHooks hooks;
	gpointer data;
};

static void clear(gpointer data)
{
	CaptureSession *self = data;
	g_object_unref(self->proxy);
	g_object_unref(self->connection);
	g_ptr_array_unref(self->early);
	g_free(self->outcome.reason);
	g_clear_error(&self->error);
}

static void release(CaptureSession *self)
{
	g_rc_box_release_full(self, clear);
}

/* Takes error over. */
static void end(CaptureSession *self, GError *error)
{
	if (self->ended) {
		g_clear_error(&error);
		return;
	}
	self->ended = TRUE;
	self->error = error;
	g_rc_box_acquire(self);
	if (self->hooks.ended && !self->freed)
		self->hooks.ended(self, self->data);
	release(self);
}

static void ended_with(CaptureSession *self, guint64 captured, guint64 dropped, const char *reason)
{
	if (self->ended)
		return;
	self->outcome.captured = captured;
	self->outcome.dropped = dropped;
	self->outcome.reason = g_strdup(reason);
	end(self, NULL);
}

static void on_ended(NetlabLab1 *proxy, guint id, guint64 captured, guint64 dropped, const char *reason, gpointer data)
{
	CaptureSession *self = data;
	if (!self->id)
		g_ptr_array_add(
			self->early, g_variant_ref_sink(g_variant_new("(utts)", id, captured, dropped, reason)));
	else if (id == self->id)
		ended_with(self, captured, dropped, reason);
}

static void on_closed(GDBusConnection *connection, gboolean remote, GError *error, gpointer data)
{
	CaptureSession *self = data;
	const char *name = netlab_lab1_get_name(self->proxy);
	end(self,
		g_error_new(CLIENT_ERROR, CLIENT_ERROR_DEAD,
			"lab \"%s\" ended during the capture; what was captured until then is complete",
			name ? name : ""));
}

static void take_early_end(CaptureSession *self)
{
	for (guint i = 0; i < self->early->len; i++) {
		guint id;
		guint64 captured, dropped;
		const char *reason;
		g_variant_get(self->early->pdata[i], "(utt&s)", &id, &captured, &dropped, &reason);
		if (id == self->id)
			ended_with(self, captured, dropped, reason);
	}
}

static void began(GObject *proxy, GAsyncResult *result, gpointer data)
{
	CaptureSession *self = data;
	GError *error = NULL;
	guint id = 0;
	if (!capture_begin_finish(proxy, result, &id, &self->outcome.since, &error)) {
		end(self, error);
	} else if (self->freed) {
		netlab_lab1_call_stop_capture(self->proxy, id, NULL, NULL, NULL);
	} else if (!self->ended) {
		self->id = id;
		if (self->hooks.began)
			self->hooks.began(self, self->data);
		if (!self->freed)
			take_early_end(self);
	}
	release(self);
}

CaptureSession *capture_session_start(
	NetlabLab1 *proxy, const CaptureRequest *request, int fd, const CaptureHooks *hooks, gpointer data)
{
	CaptureSession *self = g_rc_box_new0(CaptureSession);
	self->proxy = g_object_ref(proxy);
	self->connection = g_object_ref(g_dbus_proxy_get_connection(G_DBUS_PROXY(proxy)));
	self->early = g_ptr_array_new_with_free_func((GDestroyNotify)g_variant_unref);
	self->hooks = *hooks;
	self->data = data;
	g_signal_connect(self->proxy, "capture-ended", G_CALLBACK(on_ended), self);
	g_signal_connect(self->connection, "closed", G_CALLBACK(on_closed), self);
	capture_begin(self->proxy, request, fd, NULL, began, g_rc_box_acquire(self));
	return self;
}

void capture_session_free(CaptureSession *self)
{
	self->freed = TRUE;
	g_signal_handlers_disconnect_by_data(self->proxy, self);
	g_signal_handlers_disconnect_by_data(self->connection, self);
	if (self->id && !self->ended && !self->stopping)
		netlab_lab1_call_stop_capture(self->proxy, self->id, NULL, NULL, NULL);
	release(self);
}

static void stopped(GObject *proxy, GAsyncResult *result, gpointer data)
{
	CaptureSession *self = data;
	GError *error = NULL;
	guint64 captured, dropped;
	gboolean done = netlab_lab1_call_stop_capture_finish(NETLAB_LAB1(proxy), &captured, &dropped, result, &error);
	/* It may have ended by itself just before, or failed to write what it had left: that was reported before the answer. */
	if (done && !self->ended) {
		self->outcome.captured = captured;
		self->outcome.dropped = dropped;
	}
	lab_remote_failed(&error);
	end(self, error);
	release(self);
}

void capture_session_stop(CaptureSession *self)
{
	if (!self->id || self->ended || self->stopping)
		return;
	self->stopping = TRUE;
	netlab_lab1_call_stop_capture(self->proxy, self->id, NULL, stopped, g_rc_box_acquire(self));
}

guint capture_session_id(const CaptureSession *self)
{
	return self->id;
}

const CaptureOutcome *capture_session_outcome(const CaptureSession *self)
{
	return &self->outcome;
}

const GError *capture_session_error(const CaptureSession *self)
{
	return self->error;
}

gboolean capture_ended_well(const CaptureOutcome *outcome, gboolean to_pipe)
{
	const char *reason = outcome->reason;
	return !reason || g_str_equal(reason, "count") || g_str_equal(reason, "complete") ||
		(to_pipe && g_str_equal(reason, g_strerror(EPIPE)));
}

/* -- A try -- */

static void try_began(CaptureSession *session, gpointer data)
{
	capture_session_stop(session);
}

static void try_ended(CaptureSession *session, gpointer data)
{
	g_autoptr(GTask) task = data;
	if (capture_session_error(session))
		g_task_return_error(task, g_error_copy(capture_session_error(session)));
	else
		g_task_return_boolean(task, TRUE);
}

void capture_try_async(NetlabLab1 *proxy, const CaptureRequest *request, GCancellable *cancellable,
	GAsyncReadyCallback callback, gpointer data)
{
	static const CaptureHooks hooks = {try_began, try_ended};
	GTask *task = g_task_new(NULL, cancellable, callback, data);
	CaptureRequest attempt = *request;
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (fd < 0) {
		int code = errno;
		g_task_return_new_error(
			task, G_IO_ERROR, g_io_error_from_errno(code), "/dev/null: %s", g_strerror(code));
		g_object_unref(task);
		return;
	}
	/* It must not end by itself before it is stopped. */
	attempt.only_past = FALSE;
	attempt.count = 0;
	/* Not cancelled with the task: the answer has the number of what must be stopped. */
	g_task_set_task_data(
		task, capture_session_start(proxy, &attempt, fd, &hooks, task), (GDestroyNotify)capture_session_free);
}

gboolean capture_try_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_boolean(G_TASK(result), error);
}

gboolean capture_try(LabConnection *lab, const CaptureRequest *request, GError **error)
{
	g_autoptr(GAsyncResult) result = NULL;
	capture_try_async(lab->proxy, request, NULL, wait_take, &result);
	wait_for(&result);
	return capture_try_finish(result, error);
}

/* -- A run -- */

typedef struct {
	GMainLoop *loop;
	CaptureSession *session;
	GCancellable *questions; /* of the calls for counts */
	const CaptureWatch *watch;
	gboolean enough;
	guint progress;
} Run;

static void stop_run(Run *run)
{
	run->enough = TRUE;
	capture_session_stop(run->session);
}

static gboolean on_duration(gpointer data)
{
	stop_run(data);
	return G_SOURCE_CONTINUE;
}

static void on_cancelled(GCancellable *cancel, gpointer data)
{
	stop_run(data);
}

static void got_counts(GObject *proxy, GAsyncResult *result, gpointer data)
{
	g_autoptr(GVariant) answer = NULL;
	if (!netlab_lab1_call_get_captures_finish(NETLAB_LAB1(proxy), &answer, result, NULL))
		return; /* cancelled: run is no more */
	const Run *run = data;
	g_autoptr(GPtrArray) captures = lab_captures_from_variant(answer);
	for (guint i = 0; i < captures->len; i++) {
		const CaptureReport *capture = captures->pdata[i];
		if (capture->id && capture->id == capture_session_id(run->session))
			run->watch->progress(capture->captured, capture->dropped, run->watch->data);
	}
}

static gboolean on_progress(gpointer data)
{
	Run *run = data;
	netlab_lab1_call_get_captures(run->session->proxy, run->questions, got_counts, run);
	return G_SOURCE_CONTINUE;
}

static void run_began(CaptureSession *session, gpointer data)
{
	Run *run = data;
	if (run->enough)
		capture_session_stop(session);
}

static void run_ended(CaptureSession *session, gpointer data)
{
	g_main_loop_quit(((Run *)data)->loop);
}

gboolean capture_run(LabConnection *lab, const CaptureRequest *request, int fd, const CaptureWatch *watch,
	CaptureOutcome *outcome, GError **error)
{
	static const CaptureHooks hooks = {run_began, run_ended};
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	g_autoptr(GCancellable) questions = g_cancellable_new();
	Run run = {.loop = loop, .questions = questions, .watch = watch};
	g_autoptr(CaptureSession) session = capture_session_start(lab->proxy, request, fd, &hooks, &run);
	run.session = session;
	guint timer = watch->duration_ms ? g_timeout_add(watch->duration_ms, on_duration, &run) : 0;
	guint progress = watch->progress ? g_timeout_add(PROGRESS_MS, on_progress, &run) : 0;
	gulong handler =
		watch->cancel ? g_signal_connect(watch->cancel, "cancelled", G_CALLBACK(on_cancelled), &run) : 0;
	g_main_loop_run(loop);
	if (handler)
		g_signal_handler_disconnect(watch->cancel, handler);
	if (timer)
		g_source_remove(timer);
	if (progress)
		g_source_remove(progress);
	g_cancellable_cancel(questions);
	*outcome = session->outcome;
	session->outcome.reason = NULL;
	if (session->error)
		g_propagate_error(error, g_error_copy(session->error));
	return !session->error;
}
