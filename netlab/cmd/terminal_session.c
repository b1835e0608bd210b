/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/terminal_session.h"

#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlab/cmd/cli.h"
#include "netlab/client/exec_session.h"
#include "netlab/client/pump.h"
#include "netlab/cmd/terminal.h"

enum { ESCAPE_KEY = 0x1d /* Ctrl-] as telnet and virsh console have it */ };

typedef struct {
	GMainLoop *loop;
	ExecSession *session;
	gboolean escape, left, output_over;
} Terminal;

static void check_over(Terminal *self)
{
	if (self->output_over && exec_session_outcome(self->session) != EXEC_RUNNING)
		g_main_loop_quit(self->loop);
}

static void on_ended(ExecSession *session, gpointer data)
{
	check_over(data);
}

static void on_output_over(Pump *pump, int write_errno, gpointer data)
{
	Terminal *self = data;
	self->output_over = TRUE;
	check_over(self);
}

/* The user's input ended: pass that on, and keep reading what the command still writes. */
static void on_input_over(Pump *pump, int write_errno, gpointer data)
{
	Terminal *self = data;
	if (self->left)
		g_main_loop_quit(self->loop);
	else
		shutdown(exec_session_fd(self->session, 0), SHUT_WR);
}

static gboolean look_for_escape(guint8 *bytes, gsize *length, gpointer data)
{
	Terminal *self = data;
	const guint8 *found = self->escape ? memchr(bytes, ESCAPE_KEY, *length) : NULL;
	if (!found)
		return TRUE;
	*length = (gsize)(found - bytes);
	self->left = TRUE;
	return FALSE;
}

static gboolean on_resize(gpointer data)
{
	guint16 rows, columns;
	terminal_size(&rows, &columns);
	exec_session_resize(((Terminal *)data)->session, rows, columns);
	return G_SOURCE_CONTINUE;
}

/* kill or a closed terminal window: the guest's side is hung up when the session is freed. */
static gboolean on_hangup(gpointer data)
{
	Terminal *self = data;
	self->left = TRUE;
	g_main_loop_quit(self->loop);
	return G_SOURCE_CONTINUE;
}

/** Runs a command on the user's terminal: see terminal_session.h. */
int terminal_session(LabConnection *lab, const char *node, const char *const *argv, gboolean escape, GError **error)
{
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	Terminal self = {.loop = loop, .escape = escape};
	const char *term = g_getenv("TERM");
	g_autofree char *type = g_strconcat("TERM=", term ? term : "dumb", NULL);
	const char *environment[] = {type, NULL};
	ExecCommand command = {.node = node, .argv = argv, .environment = environment};
	terminal_size(&command.rows, &command.columns);
	g_autoptr(ExecSession) session = exec_session_new(lab, &command, on_ended, &self, error);
	if (!session || (isatty(STDIN_FILENO) && !terminal_raw(error)))
		return -1;
	self.session = session;
	int fd = exec_session_fd(session, 0);
	guint sources[] = {
		g_unix_signal_add(SIGWINCH, on_resize, &self),
		g_unix_signal_add(SIGTERM, on_hangup, &self),
		g_unix_signal_add(SIGHUP, on_hangup, &self),
	};
	g_autoptr(Pump) in = pump_new(STDIN_FILENO, fd, look_for_escape, on_input_over, &self);
	g_autoptr(Pump) out = pump_new(fd, STDOUT_FILENO, NULL, on_output_over, &self);
	g_main_loop_run(loop);
	for (guint i = 0; i < G_N_ELEMENTS(sources); i++)
		g_source_remove(sources[i]);
	terminal_restore();
	if (self.left)
		return STATUS_OK;
	const char *message = exec_session_message(session);
	if (*message)
		cli_failed(error, "node \"%s\": %s", node, message);
	return exec_session_status(session);
}
