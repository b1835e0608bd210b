/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/netlab/fake_lab.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab-dbus.h"

struct FakeLab {
	int lock;
	GMainContext *context;
	GMainLoop *loop;
	GThread *thread;
	GDBusServer *server;
	NetlabLab1 *lab;
	GPtrArray *connections;
	guint sessions;
	gboolean capture_fails;
	GHashTable *pids; /* session -> pid; the thread's alone */
};

typedef struct {
	FakeLab *fake;
	guint session;
	const char *how;
	int code;
} End;

static gboolean say_end(gpointer data)
{
	End *end = data;
	g_hash_table_remove(end->fake->pids, GUINT_TO_POINTER(end->session));
	netlab_lab1_emit_session_ended(end->fake->lab, end->session, end->how, end->code,
		g_str_equal(end->how, "lost") ? "the node died" : g_strerror(end->code));
	return G_SOURCE_REMOVE;
}

static void end_soon(FakeLab *self, guint session, const char *how, int code)
{
	End end = {self, session, how, code};
	g_autoptr(GSource) source = g_idle_source_new();
	g_source_set_callback(source, say_end, g_memdup2(&end, sizeof end), g_free);
	g_source_attach(source, self->context);
}

static void child_ended(GPid pid, int status, gpointer data)
{
	End *end = data;
	end_soon(end->fake, end->session, WIFEXITED(status) ? "exited" : "killed",
		WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

static void in_child(gpointer data)
{
	setpgid(0, 0);
	signal(SIGPIPE, SIG_DFL);
}

static gboolean on_exec(NetlabLab1 *lab, GDBusMethodInvocation *invocation, GUnixFDList *list, const char *node,
	const char *const *argv, gboolean terminal, GVariant *options, gpointer data)
{
	FakeLab *self = data;
	guint session = ++self->sessions;
	int fds[3] = {-1, -1, -1};
	GPid pid = 0;
	if (!g_str_equal(node, "here") && !g_str_equal(node, "lost") && !g_str_equal(node, "cut")) {
		g_dbus_method_invocation_return_dbus_error(
			invocation, "org.netlab.Error.NoSuchNode", "there is no such node");
		return TRUE;
	}
	if (g_spawn_async_with_pipes(NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, in_child, NULL, &pid,
		    &fds[0], &fds[1], &fds[2], NULL)) {
		End end = {.fake = self, .session = session};
		g_autoptr(GSource) source = g_child_watch_source_new(pid);
		g_source_set_callback(source, G_SOURCE_FUNC(child_ended), g_memdup2(&end, sizeof end), g_free);
		g_source_attach(source, self->context);
		g_hash_table_insert(self->pids, GUINT_TO_POINTER(session), GINT_TO_POINTER(pid));
	} else {
		for (int i = 0; i < 3; i++)
			fds[i] = open("/dev/null", O_RDWR | O_CLOEXEC);
		end_soon(self, session, "failed", ENOENT);
	}
	if (g_str_equal(node, "lost"))
		end_soon(self, session, "lost", 0);
	g_autoptr(GUnixFDList) out = g_unix_fd_list_new_from_array(fds, 3);
	/* What a program gets that has too many files open: the kernel leaves descriptors out. */
	int last = g_str_equal(node, "cut") ? 3 : 2;
	netlab_lab1_complete_exec(
		lab, invocation, out, session, g_variant_new_parsed("[handle 0, handle 1, %h]", last));
	return TRUE;
}

static gboolean on_signal_session(
	NetlabLab1 *lab, GDBusMethodInvocation *invocation, guint session, int number, gpointer data)
{
	FakeLab *self = data;
	int pid = GPOINTER_TO_INT(g_hash_table_lookup(self->pids, GUINT_TO_POINTER(session)));
	if (pid)
		kill(-pid, number);
	netlab_lab1_complete_signal_session(lab, invocation);
	return TRUE;
}

static gboolean on_start_capture(NetlabLab1 *lab, GDBusMethodInvocation *invocation, GUnixFDList *list,
	const char *const *where, GVariant *options, GVariant *output, gpointer data)
{
	((FakeLab *)data)->capture_fails = g_strcmp0(where[0], "full") == 0;
	netlab_lab1_complete_start_capture(lab, invocation, NULL, 7, g_variant_new("a{sv}", NULL));
	return TRUE;
}

/* It ended just before: by its count; or by what was left to write as it was stopped. */
static gboolean on_stop_capture(NetlabLab1 *lab, GDBusMethodInvocation *invocation, guint id, gpointer data)
{
	gboolean fails = ((FakeLab *)data)->capture_fails;
	netlab_lab1_emit_capture_ended(lab, id, 10, fails ? 2 : 0, fails ? g_strerror(ENOSPC) : "count");
	if (fails)
		netlab_lab1_complete_stop_capture(lab, invocation, 10, 2);
	else
		g_dbus_method_invocation_return_dbus_error(
			invocation, "org.netlab.Error.Failed", "there is no such capture");
	return TRUE;
}

static gboolean on_get_nodes(NetlabLab1 *lab, GDBusMethodInvocation *invocation, gpointer data)
{
	netlab_lab1_complete_get_nodes(
		lab, invocation, g_variant_new_parsed("{'here': {'state': <'ready'>}, 'lost': {'state': <'ready'>}}"));
	return TRUE;
}

static gboolean quit(gpointer data)
{
	FakeLab *self = data;
	g_main_loop_quit(self->loop);
	return G_SOURCE_REMOVE;
}

/* As the real one: answers when all is down, then goes. */
static gboolean on_stop(NetlabLab1 *lab, GDBusMethodInvocation *invocation, guint deadline_ms, gpointer data)
{
	FakeLab *self = data;
	g_autoptr(GSource) source = g_idle_source_new();
	netlab_lab1_complete_stop(lab, invocation);
	g_dbus_connection_flush_sync(g_dbus_method_invocation_get_connection(invocation), NULL, NULL);
	g_source_set_callback(source, quit, self, NULL);
	g_source_attach(source, self->context);
	return TRUE;
}

static gboolean on_connection(GDBusServer *server, GDBusConnection *connection, gpointer data)
{
	FakeLab *self = data;
	g_ptr_array_add(self->connections, g_object_ref(connection));
	return g_dbus_interface_skeleton_export(
		G_DBUS_INTERFACE_SKELETON(self->lab), connection, "/org/netlab/Lab", NULL);
}

static gpointer run(gpointer data)
{
	FakeLab *self = data;
	g_main_context_push_thread_default(self->context);
	g_main_loop_run(self->loop);
	for (guint i = 0; i < self->connections->len; i++)
		g_dbus_connection_close_sync(g_ptr_array_index(self->connections, i), NULL, NULL);
	close(self->lock);
	g_main_context_pop_thread_default(self->context);
	return NULL;
}

/** Makes it: see fake_lab.h. */
FakeLab *fake_lab_new(const char *runtime, const char *name)
{
	FakeLab *self = g_new0(FakeLab, 1);
	g_autofree char *directory = g_build_filename(runtime, "netlab", name, NULL);
	g_autofree char *lock = g_build_filename(directory, "lock", NULL);
	g_autofree char *address = g_strdup_printf("unix:path=%s/control", directory);
	g_autofree char *guid = g_dbus_generate_guid();
	g_setenv("XDG_RUNTIME_DIR", runtime, TRUE);
	g_mkdir_with_parents(directory, 0700);
	self->lock = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	fcntl(self->lock, F_OFD_SETLK, &(struct flock){.l_type = F_WRLCK});
	self->context = g_main_context_new();
	self->loop = g_main_loop_new(self->context, FALSE);
	self->connections = g_ptr_array_new_with_free_func(g_object_unref);
	self->pids = g_hash_table_new(NULL, NULL);
	g_main_context_push_thread_default(self->context);
	self->lab = netlab_lab1_skeleton_new();
	netlab_lab1_set_name(self->lab, name);
	g_signal_connect(self->lab, "handle-exec", G_CALLBACK(on_exec), self);
	g_signal_connect(self->lab, "handle-signal-session", G_CALLBACK(on_signal_session), self);
	g_signal_connect(self->lab, "handle-start-capture", G_CALLBACK(on_start_capture), self);
	g_signal_connect(self->lab, "handle-stop-capture", G_CALLBACK(on_stop_capture), self);
	g_signal_connect(self->lab, "handle-get-nodes", G_CALLBACK(on_get_nodes), self);
	g_signal_connect(self->lab, "handle-stop", G_CALLBACK(on_stop), self);
	self->server = g_dbus_server_new_sync(address, G_DBUS_SERVER_FLAGS_NONE, guid, NULL, NULL, NULL);
	g_signal_connect(self->server, "new-connection", G_CALLBACK(on_connection), self);
	g_dbus_server_start(self->server);
	g_main_context_pop_thread_default(self->context);
	self->thread = g_thread_new("fake lab", run, self);
	return self;
}

/** Ends it. */
void fake_lab_free(FakeLab *self)
{
	g_main_context_invoke(self->context, quit, self);
	g_thread_join(self->thread);
	g_dbus_server_stop(self->server);
	while (g_main_context_iteration(self->context, FALSE))
		;
	g_dbus_interface_skeleton_unexport(G_DBUS_INTERFACE_SKELETON(self->lab));
	g_object_unref(self->lab);
	g_object_unref(self->server);
	g_ptr_array_unref(self->connections);
	/* Guests that end take their processes along. */
	GHashTableIter left;
	gpointer pid;
	g_hash_table_iter_init(&left, self->pids);
	while (g_hash_table_iter_next(&left, NULL, &pid)) {
		kill(-GPOINTER_TO_INT(pid), SIGKILL);
		waitpid(GPOINTER_TO_INT(pid), NULL, 0);
	}
	g_hash_table_unref(self->pids);
	g_main_loop_unref(self->loop);
	g_main_context_unref(self->context);
	g_free(self);
}
