/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/lab_start.h"

#include <errno.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "netlab/cmd/cli.h"
#include "netlab/client/plain_text.h"
#include "netlab/host/images.h"
#include "netlab/client/lab_facts.h"
#include "netlab/host/paths.h"
#include "netlab/cmd/progress.h"
#include "topologies/topology.h"

enum {
	CONNECT_MS = 60000, /* for a supervisor that has just said that it is there */
	END_MS = 15000,     /* for a supervisor whose start is taken back */
};

/* A start goes through these in order; only the functions named write them, all on the main loop. */
typedef enum {
	PHASE_SPAWNED, /* netlabd runs, its ready line is awaited (spawn) */
	PHASE_BOOTING, /* connected, nodes boot (connect_to_lab) */
	PHASE_OVER,    /* done or failed (finish) */
} Phase;

typedef struct {
	const LabStart *options;
	LabDirectory where; /* borrowed strings */
	GMainLoop *loop;
	Phase phase;
	GPid pid; /* netlabd, 0 once reaped */
	GIOChannel *ready;
	LabConnection *lab;
	GHashTable *pending; /* names of nodes that are not ready, failed or stopped */
	GHashTable *states;  /* node -> state last reported */
	guint nodes, failed;
	gint64 began; /* monotonic microseconds */
	gboolean interrupted;
	GError *error;
} Start;

/** Reads and checks a lab, printing what is wrong or doubtful. Caller frees. */
Lab *lab_read_or_print(const char *file, gboolean trusted, GError **error)
{
	g_autofree char *schema = path_share("lab.xsd");
	g_autoptr(LabDiagnostics) diagnostics = lab_diagnostics_new();
	Lab *lab = lab_read(file, trusted, schema, diagnostics);
	if (lab)
		images_check(lab, diagnostics);
	g_autofree char *text = lab_diagnostics_to_text(diagnostics);
	fputs(text, stderr);
	if (!lab) {
		unsigned n = lab_diagnostics_count(diagnostics, LAB_ERROR);
		g_set_error(error, CLI_ERROR, CLI_ERROR_USAGE, "the lab has %u error%s", n, n == 1 ? "" : "s");
	}
	return lab;
}

static void finish(Start *self, GError *error)
{
	if (self->phase == PHASE_OVER) {
		g_clear_error(&error);
		return;
	}
	self->phase = PHASE_OVER;
	self->error = error;
	g_main_loop_quit(self->loop);
}

static void fail(Start *self, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void fail(Start *self, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	finish(self, g_error_new_valist(CLI_ERROR, CLI_ERROR_FAILED, format, args));
	va_end(args);
}

static const char interruption[] = "interrupted; the lab was stopped again";

/* Ctrl-C and its like. The loop ends; lab_start() takes back what was begun. */
static gboolean interrupted(gpointer data)
{
	Start *self = data;
	self->interrupted = TRUE;
	finish(self, g_error_new_literal(CLI_ERROR, CLI_ERROR_INTERRUPTED, interruption));
	return G_SOURCE_CONTINUE;
}

static void show_progress(Start *self)
{
	GString *text = g_string_new(NULL);
	GHashTableIter iter;
	gpointer name;
	guint named = 0;
	if (self->options->quiet)
		return;
	g_string_printf(text, "%u of %u nodes ready; waiting for",
		self->nodes - g_hash_table_size(self->pending) - self->failed, self->nodes);
	g_hash_table_iter_init(&iter, self->pending);
	while (named++ < 4 && g_hash_table_iter_next(&iter, &name, NULL)) {
		const char *state = g_hash_table_lookup(self->states, name);
		g_string_append_printf(text, " %s (%s)", (char *)name, state ? state : "starting");
	}
	if (g_hash_table_size(self->pending) > 4)
		g_string_append(text, " …");
	progress_show(g_hash_table_size(self->pending) ? text->str : NULL);
	g_string_free(text, TRUE);
}

/* Somebody ends the lab: all that is left to wait for is its end. */
static gboolean is_being_stopped(const Start *self)
{
	return g_strcmp0(netlab_lab1_get_state(self->lab->proxy), "stopping") == 0;
}

/* A node is in a new state; the last one pending ends the wait. */
static void node_is(Start *self, const char *node, const char *state, const char *message)
{
	gboolean ready = g_str_equal(state, "ready"), failed = g_str_equal(state, "failed");
	gboolean stopped = g_str_equal(state, "stopped") && !is_being_stopped(self);
	g_hash_table_insert(self->states, g_strdup(node), g_strdup(state));
	if ((ready || failed || stopped) && g_hash_table_remove(self->pending, node)) {
		double seconds = (double)(g_get_monotonic_time() - self->began) / G_USEC_PER_SEC;
		g_autofree char *shown = cli_state(state, stderr);
		g_autofree char *why = printable_text(message);
		self->failed += failed;
		self->nodes -= stopped;
		if (stopped)
			progress_line("%s: %s by another command", node, shown);
		else if (failed)
			progress_line("%s: %s: %s", node, shown, why);
		else if (!self->options->quiet)
			progress_line("%s: %s (%.2f s)", node, shown, seconds);
	}
	show_progress(self);
	if (g_hash_table_size(self->pending) == 0)
		finish(self, NULL);
}

static void on_node_changed(NetlabLab1 *proxy, const char *node, const char *state, const char *message, gpointer data)
{
	Start *self = data;
	if (self->phase == PHASE_BOOTING && g_hash_table_contains(self->pending, node))
		node_is(self, node, state, message);
}

static void on_closed(GDBusConnection *connection, gboolean remote, GError *error, gpointer data)
{
	Start *self = data;
	fail(self,
		is_being_stopped(self) ? "lab \"%s\" was stopped while its nodes were booting"
				       : "the supervisor of lab \"%s\" died while its nodes were booting",
		self->where.name);
}

/* Nodes left out by --only are "stopped" and not waited for. */
static void got_nodes(GObject *proxy, GAsyncResult *result, gpointer data)
{
	Start *self = data;
	GError *error = NULL;
	g_autoptr(GVariant) variant = NULL;
	if (!netlab_lab1_call_get_nodes_finish(NETLAB_LAB1(proxy), &variant, result, &error)) {
		lab_remote_failed(&error);
		finish(self, error);
		return;
	}
	if (self->phase != PHASE_BOOTING)
		return;
	g_autoptr(GPtrArray) nodes = lab_nodes_from_variant(variant);
	for (guint i = 0; i < nodes->len; i++) {
		const NodeFacts *node = g_ptr_array_index(nodes, i);
		if (!g_str_equal(node->state, "stopped"))
			g_hash_table_add(self->pending, g_strdup(node->name));
	}
	self->nodes = g_hash_table_size(self->pending);
	for (guint i = 0; i < nodes->len; i++) {
		const NodeFacts *node = g_ptr_array_index(nodes, i);
		if (!g_str_equal(node->state, "stopped"))
			node_is(self, node->name, node->state, node->message);
	}
	if (self->nodes == 0)
		finish(self, NULL);
}

/* The supervisor listens: connect, and watch the nodes. */
static void connect_to_lab(Start *self)
{
	GError *error = NULL;
	self->lab = lab_connection_new(&self->where, CONNECT_MS, &error);
	if (!self->lab) {
		finish(self, error);
		return;
	}
	self->phase = PHASE_BOOTING;
	g_signal_connect(self->lab->proxy, "node-changed", G_CALLBACK(on_node_changed), self);
	g_signal_connect(self->lab->connection, "closed", G_CALLBACK(on_closed), self);
	if (self->options->no_wait)
		finish(self, NULL);
	else
		netlab_lab1_call_get_nodes(self->lab->proxy, NULL, got_nodes, self);
}

/* netlabd writes one line: "ready", or "error: " and a message. No line at all: it died. */
static gboolean on_ready_line(GIOChannel *channel, GIOCondition condition, gpointer data)
{
	Start *self = data;
	g_autofree char *line = NULL;
	g_io_channel_read_line(channel, &line, NULL, NULL, NULL);
	if (line)
		g_strchomp(line);
	if (self->phase != PHASE_SPAWNED)
		return G_SOURCE_REMOVE;
	if (line && g_str_equal(line, "ready"))
		connect_to_lab(self);
	else if (line && g_str_has_prefix(line, "error: "))
		fail(self, "%s", line + strlen("error: "));
	else
		fail(self, "the supervisor of lab \"%s\" ended before it was ready", self->where.name);
	return G_SOURCE_REMOVE;
}

static void in_child(gpointer data)
{
	/* A session of its own: Ctrl-C at the terminal is for netlab, which then tells the supervisor. */
	setsid();
}

static gboolean spawn(Start *self, const Lab *lab, GError **error)
{
	g_autofree char *program = path_libexec("netlabd");
	g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
	int ends[2];
	if (!g_unix_open_pipe(ends, FD_CLOEXEC, error))
		return FALSE;
	enum { READY_FD = 3 };
	g_ptr_array_add(argv, g_strdup(program));
	g_ptr_array_add(argv, g_strdup_printf("--name=%s", self->where.name));
	g_ptr_array_add(argv, g_strdup_printf("--ready-fd=%d", READY_FD));
	if (self->options->only)
		g_ptr_array_add(argv, g_strdup_printf("--only=%s", self->options->only));
	if (self->options->unconfined)
		g_ptr_array_add(argv, g_strdup("--unconfined"));
	if (lab->folder->trusted)
		g_ptr_array_add(argv, g_strdup("--trust"));
	g_ptr_array_add(argv, g_strdup(lab->file));
	g_ptr_array_add(argv, NULL);
	gboolean done = g_spawn_async_with_pipes_and_fds(NULL, (const char *const *)argv->pdata, NULL,
		G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL, in_child, NULL, -1, -1, -1, &ends[1],
		(const int[]){READY_FD}, 1, &self->pid, NULL, NULL, NULL, error);
	close(ends[1]);
	self->ready = g_io_channel_unix_new(ends[0]);
	g_io_channel_set_close_on_unref(self->ready, TRUE);
	g_io_channel_set_encoding(self->ready, NULL, NULL);
	return done;
}

/* A lab of this name is alive: an error. Dead: what is left goes. */
static gboolean make_room(const char *name, GError **error)
{
	GError *failure = NULL;
	g_autoptr(LabDirectory) old = lab_directory_find(name, &failure);
	if (failure) {
		g_propagate_error(error, failure);
		return FALSE;
	}
	if (!old)
		return TRUE;
	if (old->alive) {
		cli_failed(error,
			"a lab \"%s\" is already running; \"netlab stop %s\" stops it, --name starts this one under "
			"another name",
			name, name);
		return FALSE;
	}
	progress_line("lab \"%s\" crashed earlier; removing what it left behind", name);
	return lab_directory_remove(old, error);
}

/* Ends the supervisor, in order or, when it takes too long, by force; its children die with it. */
static void await_end(GPid pid)
{
	struct pollfd process = {.fd = pidfd_open(pid, 0), .events = POLLIN};
	kill(pid, SIGTERM);
	while (process.fd >= 0 && poll(&process, 1, END_MS) < 0 && errno == EINTR)
		;
	if (process.fd < 0 || !process.revents)
		kill(pid, SIGKILL);
	if (process.fd >= 0)
		close(process.fd);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* Undoes a start that did not succeed. The supervisor gets a call over D-Bus if it listens, SIGTERM if it does not
 * yet, and is waited for. */
static void take_back(Start *self)
{
	g_autoptr(GError) ignored = NULL;
	if (self->lab && !g_dbus_connection_is_closed(self->lab->connection)) {
		progress_show(self->options->quiet ? NULL : "stopping …");
		lab_stop(self->lab, 2000, &ignored);
		progress_show(NULL);
	}
	if (!self->pid)
		return;
	await_end(self->pid);
	self->pid = 0;
}

static void watch(Start *self, guint sources[4])
{
	sources[0] = g_unix_signal_add(SIGINT, interrupted, self);
	sources[1] = g_unix_signal_add(SIGTERM, interrupted, self);
	sources[2] = g_unix_signal_add(SIGHUP, interrupted, self);
	sources[3] = g_io_add_watch(self->ready, G_IO_IN | G_IO_HUP | G_IO_ERR, on_ready_line, self);
}

/* From here on the lab lives without us, unless Ctrl-C came during this call. */
static gboolean detach(Start *self)
{
	if (!netlab_lab1_call_detach_sync(self->lab->proxy, NULL, &self->error))
		return lab_remote_failed(&self->error);
	while (g_main_context_iteration(NULL, FALSE))
		;
	if (self->interrupted)
		self->error = g_error_new_literal(CLI_ERROR, CLI_ERROR_INTERRUPTED, interruption);
	return !self->interrupted;
}

/** Starts a lab: see lab_start.h. */
LabConnection *lab_start(const LabStart *options, guint *failed, GError **error)
{
	g_autoptr(Lab) own = options->lab ? NULL : lab_read_or_print(options->file, options->trusted, error);
	const Lab *lab = options->lab ? options->lab : own;
	g_autofree char *runtime = lab ? path_runtime(error) : NULL;
	if (!runtime)
		return NULL;
	g_autofree char *name = g_strdup(options->name ? options->name : lab->name);
	if (!lab_name_is_valid(name)) {
		cli_usage(error,
			"\"%s\" is not a valid lab name; use at most 40 letters, digits, \".\", \"_\" and \"-\"", name);
		return NULL;
	}
	g_autofree char *directory = g_build_filename(runtime, name, NULL);
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	Start self = {
		.options = options,
		.where = {name, directory, TRUE},
		.loop = loop,
		.pending = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
		.states = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
		.began = g_get_monotonic_time(),
	};
	if (make_room(name, error) && spawn(&self, lab, error)) {
		guint sources[4];
		watch(&self, sources);
		g_main_loop_run(loop);
		progress_show(NULL);
		if (self.lab) {
			g_signal_handlers_disconnect_by_data(self.lab->proxy, &self);
			g_signal_handlers_disconnect_by_data(self.lab->connection, &self);
		}
		if (self.error || !detach(&self)) {
			take_back(&self);
			g_clear_pointer(&self.lab, lab_connection_free);
			g_propagate_error(error, self.error);
		}
		/* The ready source is gone when its line came. */
		for (guint i = 0; i < G_N_ELEMENTS(sources); i++) {
			GSource *source = g_main_context_find_source_by_id(NULL, sources[i]);
			if (source)
				g_source_destroy(source);
		}
		if (self.pid)
			g_spawn_close_pid(self.pid);
	}
	g_clear_pointer(&self.ready, g_io_channel_unref);
	g_hash_table_unref(self.pending);
	g_hash_table_unref(self.states);
	*failed = self.failed;
	return self.lab;
}
