/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/client/exec_session.h"

#include <errno.h>
#include <gio/gunixfdlist.h>
#include <signal.h>
#include <unistd.h>

#include "netlab/cmd/cli.h"
#include "netlab/client/lab_facts.h"
#include "netlab/client/pump.h"
#include "netlab/cmd/terminal.h"

struct ExecSession {
	NetlabLab1 *proxy;
	GDBusConnection *connection;
	char *node, *message;
	guint id;
	int fds[3];
	ExecOutcome outcome;
	int code;
	ExecEnded ended;
	gpointer data;
};

static void end(ExecSession *self, ExecOutcome outcome, int code, const char *message)
{
	if (self->outcome != EXEC_RUNNING)
		return;
	self->outcome = outcome;
	self->code = code;
	self->message = g_strdup(message);
	if (self->ended)
		self->ended(self, self->data);
}

static void on_session_ended(NetlabLab1 *proxy, guint id, const char *how, int code, const char *message, gpointer data)
{
	ExecSession *self = data;
	if (id != self->id)
		return;
	end(self, exec_outcome(how), code, message);
}

static void on_closed(GDBusConnection *connection, gboolean remote, GError *error, gpointer data)
{
	end(data, EXEC_LOST, 0, "the lab's supervisor is gone");
}

/* Takes the descriptors of the answer; with a terminal there is one, without three. */
static gboolean take_descriptors(
	ExecSession *self, GVariant *handles, GUnixFDList *list, gboolean terminal, GError **error)
{
	gsize wanted = terminal ? 1 : 3, n = g_variant_n_children(handles);
	if (n < wanted || !list)
		return cli_failed(error, "the supervisor sent %zu descriptors instead of %zu", n, wanted), FALSE;
	for (gsize i = 0; i < wanted; i++) {
		gint32 handle;
		g_variant_get_child(handles, i, "h", &handle);
		self->fds[i] = g_unix_fd_list_get(list, handle, error);
		if (self->fds[i] < 0)
			return FALSE;
	}
	return TRUE;
}

/* A node that does not exist is better told with the one that was surely meant. Asked only after a failure: the answer
 * costs the supervisor a look at every process. */
static void explain(LabConnection *lab, const char *node, GError **error)
{
	GError *better = NULL;
	g_autoptr(NodeFacts) facts = lab_node(lab, node, &better);
	lab_remote_failed(error);
	if (!better)
		return;
	g_clear_error(error);
	g_propagate_error(error, better);
}

/** Starts a command: see exec_session.h. */
ExecSession *exec_session_new(LabConnection *lab, const char *node, const char *const *argv, gboolean terminal,
	const char *const *environment, ExecEnded ended, gpointer data, GError **error)
{
	g_autoptr(ExecSession) self = g_new0(ExecSession, 1);
	g_autoptr(GVariant) handles = NULL;
	g_autoptr(GUnixFDList) list = NULL;
	GVariantDict options;
	*self = (ExecSession){.fds = {-1, -1, -1}, .ended = ended, .data = data};
	self->proxy = g_object_ref(lab->proxy);
	self->connection = g_object_ref(lab->connection);
	self->node = g_strdup(node);
	g_variant_dict_init(&options, NULL);
	if (terminal) {
		guint16 rows, columns;
		terminal_size(&rows, &columns);
		g_variant_dict_insert(&options, "rows", "q", rows);
		g_variant_dict_insert(&options, "columns", "q", columns);
	}
	if (environment)
		g_variant_dict_insert(&options, "environment", "^as", environment);
	/* Before the call: the end may be told right behind the answer. */
	g_signal_connect(self->proxy, "session-ended", G_CALLBACK(on_session_ended), self);
	g_signal_connect(self->connection, "closed", G_CALLBACK(on_closed), self);
	if (!netlab_lab1_call_exec_sync(self->proxy, node, argv, terminal, g_variant_dict_end(&options), NULL,
		    &self->id, &handles, &list, NULL, error)) {
		explain(lab, node, error);
		return NULL;
	}
	return take_descriptors(self, handles, list, terminal, error) ? g_steal_pointer(&self) : NULL;
}

void exec_session_free(ExecSession *self)
{
	g_signal_handlers_disconnect_by_data(self->proxy, self);
	g_signal_handlers_disconnect_by_data(self->connection, self);
	for (int i = 0; i < 3; i++)
		exec_session_close(self, i);
	g_object_unref(self->proxy);
	g_object_unref(self->connection);
	g_free(self->node);
	g_free(self->message);
	g_free(self);
}

/** Descriptor STREAM, -1 when closed. */
int exec_session_fd(const ExecSession *self, int stream)
{
	return self->fds[stream];
}

/** Closes one descriptor; harmless when it is closed. */
void exec_session_close(ExecSession *self, int stream)
{
	if (self->fds[stream] >= 0)
		close(self->fds[stream]);
	self->fds[stream] = -1;
}

/** Sends a signal to the command's foreground process group. Nothing is awaited: the command may end at any time. */
void exec_session_signal(ExecSession *self, int number)
{
	if (self->outcome == EXEC_RUNNING)
		netlab_lab1_call_signal_session(self->proxy, self->id, number, NULL, NULL, NULL);
}

/** Tells the guest the size of the user's terminal. */
void exec_session_resize(ExecSession *self)
{
	guint16 rows, columns;
	terminal_size(&rows, &columns);
	if (self->outcome == EXEC_RUNNING)
		netlab_lab1_call_resize_terminal(self->proxy, self->id, rows, columns, NULL, NULL, NULL);
}

ExecOutcome exec_session_outcome(const ExecSession *self)
{
	return self->outcome;
}

/** The status that a shell would give. */
int exec_session_status(const ExecSession *self)
{
	switch (self->outcome) {
	case EXEC_EXITED:
		return self->code;
	case EXEC_KILLED:
		return 128 + self->code;
	case EXEC_NOT_STARTED:
		return self->code == ENOENT ? 127 : 126;
	case EXEC_RUNNING:
	case EXEC_LOST:
	case EXEC_REFUSED:
		break;
	}
	return 125;
}

/** Why it was not started or lost; "" otherwise. */
const char *exec_session_message(const ExecSession *self)
{
	return self->outcome >= EXEC_NOT_STARTED && self->message ? self->message : "";
}

/* exec_run(): one command, its output gathered. */
enum { GATHER_MAX = 1 << 20 };

typedef struct {
	GMainLoop *loop;
	GString *gathered[3];
	int open; /* streams that have not ended, and the command itself */
	gboolean timed_out;
	ExecSession *session;
} Run;

typedef struct {
	Run *run;
	GString *into;
} Gather;

static void one_less(Run *run)
{
	if (--run->open == 0)
		g_main_loop_quit(run->loop);
}

static void gather(const guint8 *bytes, gsize length, gpointer data)
{
	Gather *self = data;
	if (self->into && self->into->len < GATHER_MAX)
		g_string_append_len(self->into, (const char *)bytes, (gssize)length);
}

static void gathered(Pump *pump, int write_errno, gpointer data)
{
	one_less(((Gather *)data)->run);
}

static void run_ended(ExecSession *session, gpointer data)
{
	one_less(data);
}

static void kill_run(Run *run)
{
	exec_session_signal(run->session, SIGKILL);
	g_main_loop_quit(run->loop);
}

static gboolean run_timeout(gpointer data)
{
	Run *run = data;
	run->timed_out = TRUE;
	kill_run(run);
	return G_SOURCE_CONTINUE;
}

static void run_cancelled(GCancellable *cancel, gpointer data)
{
	kill_run(data);
}

/** Runs a command to its end: see exec_session.h. */
int exec_run(LabConnection *lab, const char *node, const char *const *argv, GString *output, GString *errors,
	guint timeout_ms, GCancellable *cancel, GError **error)
{
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	Run run = {.loop = loop, .open = 3};
	g_autoptr(ExecSession) session = exec_session_new(lab, node, argv, FALSE, NULL, run_ended, &run, error);
	if (!session)
		return -1;
	run.session = session;
	exec_session_close(session, 0);
	Gather out = {&run, output}, err = {&run, errors};
	g_autoptr(Pump) out_pump = pump_new_sink(exec_session_fd(session, 1), gather, gathered, &out);
	g_autoptr(Pump) err_pump = pump_new_sink(exec_session_fd(session, 2), gather, gathered, &err);
	guint timer = timeout_ms ? g_timeout_add(timeout_ms, run_timeout, &run) : 0;
	gulong handler = cancel ? g_signal_connect(cancel, "cancelled", G_CALLBACK(run_cancelled), &run) : 0;
	if (!g_cancellable_is_cancelled(cancel))
		g_main_loop_run(loop);
	if (handler)
		g_signal_handler_disconnect(cancel, handler);
	if (timer)
		g_source_remove(timer);
	if (g_cancellable_set_error_if_cancelled(cancel, error))
		return -1;
	if (run.timed_out) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "not done after %.1f s", timeout_ms / 1000.0);
		return -1;
	}
	if (exec_session_outcome(session) == EXEC_LOST) {
		cli_failed(error, "node \"%s\": %s", node, exec_session_message(session));
		return -1;
	}
	return exec_session_status(session);
}
