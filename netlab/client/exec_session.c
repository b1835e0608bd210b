/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/client/exec_session.h"

#include <errno.h>
#include <gio/gunixfdlist.h>
#include <signal.h>
#include <unistd.h>

#include "netlab/client/error.h"
#include "netlab/client/lab_facts.h"
#include "netlab/client/pump.h"

enum { STREAMS = 3 };

/* The call that starts it holds a reference until it is answered. */
struct ExecSession {
	NetlabLab1 *proxy;
	GDBusConnection *connection;
	GCancellable *cancel; /* of the call that starts it */
	guint id;             /* 0: not known yet */
	GPtrArray *early;     /* of GVariant (usis): ends that were reported before the number was known */
	gboolean terminal, freed;
	guint16 rows, columns;           /* of its terminal, as wanted */
	guint16 sent_rows, sent_columns; /* as the guest knows it */
	int fds[STREAMS];
	ExecOutcome outcome;
	int code;
	char *message;
	GError *refusal; /* with EXEC_REFUSED */
	gboolean held;   /* exec_session_new() waits: "ended" comes later */
	guint late_end;  /* source */
	ExecHooks hooks;
	gpointer data;
};

static void clear(gpointer data)
{
	ExecSession *self = data;
	g_object_unref(self->proxy);
	g_object_unref(self->connection);
	g_object_unref(self->cancel);
	g_ptr_array_unref(self->early);
	g_clear_error(&self->refusal);
	g_free(self->message);
}

static void release(ExecSession *self)
{
	g_rc_box_release_full(self, clear);
}

/* -- The end -- */

static gboolean on_late_end(gpointer data)
{
	ExecSession *self = data;
	self->late_end = 0;
	if (self->hooks.ended)
		self->hooks.ended(self, self->data);
	return G_SOURCE_REMOVE;
}

static void end(ExecSession *self, ExecOutcome outcome, int code, const char *message)
{
	if (self->outcome != EXEC_RUNNING)
		return;
	self->outcome = outcome;
	self->code = code;
	self->message = g_strdup(message);
	if (self->held)
		self->late_end = g_idle_add(on_late_end, self);
	else if (self->hooks.ended && !self->freed)
		self->hooks.ended(self, self->data);
}

static void on_session_ended(NetlabLab1 *proxy, guint id, const char *how, int code, const char *message, gpointer data)
{
	ExecSession *self = data;
	if (!self->id) /* It may be ours: the answer to the call is on its way. */
		g_ptr_array_add(self->early, g_variant_ref_sink(g_variant_new("(usis)", id, how, code, message)));
	else if (id == self->id)
		end(self, exec_outcome(how), code, message);
}

static void on_closed(GDBusConnection *connection, gboolean remote, GError *error, gpointer data)
{
	end(data, EXEC_LOST, 0, "the lab's supervisor has stopped");
}

static void take_early_end(ExecSession *self)
{
	for (guint i = 0; i < self->early->len; i++) {
		guint id;
		int code;
		const char *how, *message;
		g_variant_get(self->early->pdata[i], "(u&si&s)", &id, &how, &code, &message);
		if (id == self->id)
			end(self, exec_outcome(how), code, message);
	}
}

/* -- The start -- */

/* Takes the descriptors of the answer: with a terminal there is one, without there are three. */
static gboolean take_descriptors(ExecSession *self, GVariant *handles, GUnixFDList *list, GError **error)
{
	gsize wanted = self->terminal ? 1 : STREAMS, n = g_variant_n_children(handles);
	if (n < wanted || !list) {
		g_set_error(error, CLIENT_ERROR, CLIENT_ERROR_FAILED,
			"the supervisor sent %zu file descriptors instead of %zu", n, wanted);
		return FALSE;
	}
	for (gsize i = 0; i < wanted; i++) {
		gint32 handle;
		g_variant_get_child(handles, i, "h", &handle);
		if (handle < 0 || handle >= g_unix_fd_list_get_length(list)) {
			g_set_error(error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES,
				"too many open files: some file descriptors from the supervisor were not received");
			return FALSE;
		}
		self->fds[i] = g_unix_fd_list_get(list, handle, error);
		if (self->fds[i] < 0)
			return FALSE;
	}
	return TRUE;
}

static void refuse(ExecSession *self, GError *error)
{
	for (int i = 0; i < STREAMS; i++)
		exec_session_close(self, i);
	lab_remote_failed(&error);
	self->refusal = error;
	end(self, EXEC_REFUSED, 0, error->message);
}

static void send_size(ExecSession *self)
{
	if (!self->id || self->outcome != EXEC_RUNNING ||
		(self->rows == self->sent_rows && self->columns == self->sent_columns))
		return;
	self->sent_rows = self->rows;
	self->sent_columns = self->columns;
	netlab_lab1_call_resize_terminal(self->proxy, self->id, self->rows, self->columns, NULL, NULL, NULL);
}

static void answered(GObject *proxy, GAsyncResult *result, gpointer data)
{
	ExecSession *self = data;
	g_autoptr(GVariant) handles = NULL;
	g_autoptr(GUnixFDList) list = NULL;
	GError *error = NULL;
	guint id = 0;
	gboolean done = netlab_lab1_call_exec_finish(NETLAB_LAB1(proxy), &id, &handles, &list, result, &error);
	if (self->freed || self->outcome != EXEC_RUNNING) {
		/* Freed, or lost, meanwhile: list goes, and with it the command. */
		g_clear_error(&error);
	} else if (!done || !take_descriptors(self, handles, list, &error)) {
		refuse(self, error);
	} else {
		self->id = id;
		if (self->hooks.started)
			self->hooks.started(self, self->data);
		if (!self->freed) {
			send_size(self);
			take_early_end(self);
		}
	}
	release(self);
}

/** Starts a command: see exec_session.h. */
ExecSession *exec_session_start(NetlabLab1 *proxy, const ExecCommand *command, const ExecHooks *hooks, gpointer data)
{
	ExecSession *self = g_rc_box_new0(ExecSession);
	GVariantDict options;
	for (int i = 0; i < STREAMS; i++)
		self->fds[i] = -1;
	self->proxy = g_object_ref(proxy);
	self->connection = g_object_ref(g_dbus_proxy_get_connection(G_DBUS_PROXY(proxy)));
	self->cancel = g_cancellable_new();
	self->early = g_ptr_array_new_with_free_func((GDestroyNotify)g_variant_unref);
	self->terminal = command->rows > 0;
	self->rows = self->sent_rows = command->rows;
	self->columns = self->sent_columns = command->columns;
	self->hooks = *hooks;
	self->data = data;
	g_variant_dict_init(&options, NULL);
	if (self->terminal) {
		g_variant_dict_insert(&options, "rows", "q", command->rows);
		g_variant_dict_insert(&options, "columns", "q", command->columns);
	}
	if (command->environment)
		g_variant_dict_insert(&options, "environment", "^as", command->environment);
	/* Before the call: the end may be reported right behind the answer. */
	g_signal_connect(self->proxy, "session-ended", G_CALLBACK(on_session_ended), self);
	g_signal_connect(self->connection, "closed", G_CALLBACK(on_closed), self);
	netlab_lab1_call_exec(self->proxy, command->node, command->argv, self->terminal, g_variant_dict_end(&options),
		NULL, self->cancel, answered, g_rc_box_acquire(self));
	return self;
}

/* An unknown node gets a hint at the nearest name. Asked only after a failure: the answer costs the supervisor a look at
 * every process. */
static void explain(LabConnection *lab, const ExecSession *session, const char *node, GError **error)
{
	GError *better = NULL;
	g_autoptr(NodeFacts) facts = session->outcome == EXEC_REFUSED ? lab_node(lab, node, &better) : NULL;
	if (better)
		g_propagate_error(error, better);
	else if (session->refusal)
		g_propagate_error(error, g_error_copy(session->refusal));
	else
		g_set_error_literal(error, CLIENT_ERROR, CLIENT_ERROR_DEAD, session->message);
}

/** Starts a command, waiting until it runs: see exec_session.h. */
ExecSession *exec_session_new(
	LabConnection *lab, const ExecCommand *command, ExecEnded ended, gpointer data, GError **error)
{
	const ExecHooks hooks = {.ended = ended};
	g_autoptr(GMainContext) context = g_main_context_ref_thread_default();
	ExecSession *self = exec_session_start(lab->proxy, command, &hooks, data);
	self->held = TRUE;
	while (!self->id && self->outcome == EXEC_RUNNING)
		g_main_context_iteration(context, TRUE);
	self->held = FALSE;
	if (self->id)
		return self;
	explain(lab, self, command->node, error);
	exec_session_free(self);
	return NULL;
}

void exec_session_free(ExecSession *self)
{
	self->freed = TRUE;
	g_cancellable_cancel(self->cancel);
	g_signal_handlers_disconnect_by_data(self->proxy, self);
	g_signal_handlers_disconnect_by_data(self->connection, self);
	g_clear_handle_id(&self->late_end, g_source_remove);
	for (int i = 0; i < STREAMS; i++)
		exec_session_close(self, i);
	release(self);
}

/* -- What can be done with it -- */

int exec_session_fd(const ExecSession *self, int stream)
{
	return self->fds[stream];
}

int exec_session_steal_fd(ExecSession *self, int stream)
{
	int fd = self->fds[stream];
	self->fds[stream] = -1;
	return fd;
}

/** Closes one descriptor; harmless when it is closed. */
void exec_session_close(ExecSession *self, int stream)
{
	if (self->fds[stream] >= 0)
		close(self->fds[stream]);
	self->fds[stream] = -1;
}

/** Sends a signal. Nothing is awaited: the command may end at any time. */
void exec_session_signal(ExecSession *self, int number)
{
	if (self->id && self->outcome == EXEC_RUNNING)
		netlab_lab1_call_signal_session(self->proxy, self->id, number, NULL, NULL, NULL);
}

void exec_session_resize(ExecSession *self, guint16 rows, guint16 columns)
{
	self->rows = rows;
	self->columns = columns;
	send_size(self);
}

ExecOutcome exec_session_outcome(const ExecSession *self)
{
	return self->outcome;
}

int exec_session_code(const ExecSession *self)
{
	return self->code;
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

/** Why it was refused, not started or lost; "" otherwise. */
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
	const ExecCommand command = {.node = node, .argv = argv};
	g_autoptr(ExecSession) session = exec_session_new(lab, &command, run_ended, &run, error);
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
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "not finished after %.1f s", timeout_ms / 1000.0);
		return -1;
	}
	if (exec_session_outcome(session) == EXEC_LOST) {
		g_set_error(
			error, CLIENT_ERROR, CLIENT_ERROR_DEAD, "node \"%s\": %s", node, exec_session_message(session));
		return -1;
	}
	return exec_session_status(session);
}
