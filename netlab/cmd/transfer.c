/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/transfer.h"

#include "netlab/cmd/arrival.h"
#include "netlab/cmd/cli.h"
#include "netlab/client/plain_text.h"
#include "netlab/client/exec_session.h"
#include "netlab/cmd/progress.h"
#include "netlab/client/pump.h"

#define PROGRESS_MS 500u

typedef struct {
	const TransferOptions *options;
	GMainLoop *loop;
	ExecSession *session;
	GString *errors;
	guint open; /* output, errors, the command */
	int write_errno;
	gboolean too_large;
	guint64 carried; /* bytes, whichever way they go */
	gint64 begin;    /* monotonic time */
} Transfer;

static void one_less(Transfer *self)
{
	if (--self->open == 0)
		g_main_loop_quit(self->loop);
}

static void on_ended(ExecSession *session, gpointer data)
{
	one_less(data);
}

static void on_input_over(Pump *pump, int write_errno, gpointer data)
{
	exec_session_close(((Transfer *)data)->session, 0);
}

static void on_output_over(Pump *pump, int write_errno, gpointer data)
{
	Transfer *self = data;
	self->write_errno = write_errno;
	if (write_errno)
		g_main_loop_quit(self->loop);
	one_less(self);
}

static void on_errors_over(Pump *pump, int write_errno, gpointer data)
{
	one_less(data);
}

static void on_errors(const guint8 *bytes, gsize length, gpointer data)
{
	Transfer *self = data;
	if (self->errors->len < 4096)
		g_string_append_len(self->errors, (const char *)bytes, (gssize)length);
}

static void on_thrown_away(const guint8 *bytes, gsize length, gpointer data)
{
}

static gboolean count(guint8 *bytes, gsize *length, gpointer data)
{
	Transfer *self = data;
	const TransferOptions *options = self->options;
	self->carried += *length;
	if (options->limit && self->carried + (options->beside ? *options->beside : 0) > options->limit) {
		self->too_large = TRUE;
		g_main_loop_quit(self->loop);
	}
	return !self->too_large;
}

static gboolean on_progress(gpointer data)
{
	const Transfer *self = data;
	g_autofree char *amount = g_format_size(self->carried);
	double seconds = (double)(g_get_monotonic_time() - self->begin) / G_USEC_PER_SEC;
	g_autofree char *rate = g_format_size((guint64)((double)self->carried / seconds));
	g_autofree char *text = g_strdup_printf("%s copied, %s/s", amount, rate);
	if (seconds >= 1)
		progress_show(text);
	return G_SOURCE_CONTINUE;
}

static void on_cancelled(GCancellable *cancel, gpointer data)
{
	g_main_loop_quit(((Transfer *)data)->loop);
}

static gboolean verdict(Transfer *self, GError **error)
{
	const char *node = self->options->node;
	g_autofree char *said = printable_text(g_strstrip(self->errors->str));
	int status = exec_session_status(self->session);
	const char *message = exec_session_message(self->session);
	if (g_cancellable_is_cancelled(self->options->cancel))
		g_set_error_literal(error, CLI_ERROR, CLI_ERROR_INTERRUPTED, "interrupted");
	else if (self->too_large)
		arrival_too_large(self->options->limit, error);
	else if (self->write_errno)
		cli_failed(error, "cannot write: %s", g_strerror(self->write_errno));
	else if (*message)
		cli_failed(error, "node \"%s\": %s", node, message);
	else if (status)
		cli_failed(error, "node \"%s\": %s", node, *said ? said : "the copy failed");
	else
		return TRUE;
	return FALSE;
}

/** Runs a command on a node: see transfer.h. */
gboolean transfer(const TransferOptions *options, GError **error)
{
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	g_autoptr(GString) errors = g_string_new(NULL);
	Transfer self = {
		.options = options, .loop = loop, .errors = errors, .open = 3, .begin = g_get_monotonic_time()};
	const ExecCommand command = {.node = options->node, .argv = options->argv};
	g_autoptr(ExecSession) session = exec_session_new(options->lab, &command, on_ended, &self, error);
	if (!session)
		return FALSE;
	self.session = session;
	guint progress = g_timeout_add(PROGRESS_MS, on_progress, &self);
	gulong handler = g_signal_connect(options->cancel, "cancelled", G_CALLBACK(on_cancelled), &self);
	g_autoptr(Pump) in = NULL;
	if (options->from >= 0)
		in = pump_new(options->from, exec_session_fd(session, 0), count, on_input_over, &self);
	else
		exec_session_close(session, 0);
	int output = exec_session_fd(session, 1);
	g_autoptr(Pump) out = options->to >= 0 ? pump_new(output, options->to, count, on_output_over, &self)
					       : pump_new_sink(output, on_thrown_away, on_output_over, &self);
	g_autoptr(Pump) err = pump_new_sink(exec_session_fd(session, 2), on_errors, on_errors_over, &self);
	if (!g_cancellable_is_cancelled(options->cancel))
		g_main_loop_run(loop);
	g_signal_handler_disconnect(options->cancel, handler);
	g_source_remove(progress);
	progress_show(NULL);
	return verdict(&self, error);
}
