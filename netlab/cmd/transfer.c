/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/transfer.h"

#include <glib-unix.h>
#include <signal.h>

#include "netlab/cmd/cli.h"
#include "netlab/client/plain_text.h"
#include "netlab/client/exec_session.h"
#include "netlab/cmd/progress.h"
#include "netlab/client/pump.h"

#define PROGRESS_MS 500u

typedef struct {
	GMainLoop *loop;
	ExecSession *session;
	GString *errors;
	guint open; /* output, errors, the command */
	int write_errno;
	gboolean interrupted;
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
	((Transfer *)data)->carried += *length;
	return TRUE;
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

static gboolean on_interrupt(gpointer data)
{
	Transfer *self = data;
	self->interrupted = TRUE;
	g_main_loop_quit(self->loop);
	return G_SOURCE_CONTINUE;
}

static gboolean verdict(Transfer *self, const char *node, GError **error)
{
	g_autofree char *said = printable_text(g_strstrip(self->errors->str));
	int status = exec_session_status(self->session);
	const char *message = exec_session_message(self->session);
	if (self->interrupted)
		g_set_error_literal(error, CLI_ERROR, CLI_ERROR_INTERRUPTED, "interrupted");
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

/** Runs a command with its input and output joined to descriptors: see transfer.h. */
gboolean transfer(LabConnection *lab, const char *node, const char *const *argv, int from, int to, GError **error)
{
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	g_autoptr(GString) errors = g_string_new(NULL);
	Transfer self = {.loop = loop, .errors = errors, .open = 3, .begin = g_get_monotonic_time()};
	const ExecCommand command = {.node = node, .argv = argv};
	g_autoptr(ExecSession) session = exec_session_new(lab, &command, on_ended, &self, error);
	if (!session)
		return FALSE;
	self.session = session;
	guint sources[] = {
		g_unix_signal_add(SIGINT, on_interrupt, &self),
		g_unix_signal_add(SIGTERM, on_interrupt, &self),
		g_unix_signal_add(SIGHUP, on_interrupt, &self),
		g_timeout_add(PROGRESS_MS, on_progress, &self),
	};
	g_autoptr(Pump) in = NULL;
	if (from >= 0)
		in = pump_new(from, exec_session_fd(session, 0), count, on_input_over, &self);
	else
		exec_session_close(session, 0);
	int output = exec_session_fd(session, 1);
	g_autoptr(Pump) out = to >= 0 ? pump_new(output, to, count, on_output_over, &self)
				      : pump_new_sink(output, on_thrown_away, on_output_over, &self);
	g_autoptr(Pump) err = pump_new_sink(exec_session_fd(session, 2), on_errors, on_errors_over, &self);
	g_main_loop_run(loop);
	for (guint i = 0; i < G_N_ELEMENTS(sources); i++)
		g_source_remove(sources[i]);
	progress_show(NULL);
	return verdict(&self, node, error);
}
