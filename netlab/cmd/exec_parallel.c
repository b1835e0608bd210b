/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/exec_parallel.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "netlab/cmd/cli.h"
#include "netlab/client/exec_session.h"
#include "netlab/client/plain_text.h"
#include "netlab/client/pump.h"
#include "netlab/cmd/table.h"

typedef struct Parallel Parallel;

typedef struct {
	const char *prefix; /* borrowed from the node */
	FILE *to;
	gboolean terminal;
	PlainText plain;
	GString *line; /* what came after the last newline */
	Pump *pump;
	Parallel *all;
} Stream;

typedef struct {
	char *name, *prefix;
	ExecSession *session;
	Stream streams[2];
	Parallel *all;
} Node;

struct Parallel {
	GMainLoop *loop;
	GPtrArray *nodes;
	guint open; /* streams and commands that have not ended */
	guint interrupts;
	gboolean unread; /* nobody reads our output any more */
};

static void one_less(Parallel *all)
{
	if (--all->open == 0)
		g_main_loop_quit(all->loop);
}

static void write_line(Stream *self, const char *text, gsize length)
{
	fputs(self->prefix, self->to);
	fwrite(text, 1, length, self->to);
	fputc('\n', self->to);
}

static void on_bytes(const guint8 *bytes, gsize length, gpointer data)
{
	Stream *self = data;
	enum { LINE_MAX_BYTES = 1 << 16 }; /* a line without an end must not fill the memory */
	/* Whose line it is must be true on a terminal: no node may write over another's. */
	g_autofree char *plain = self->terminal ? plain_text_take(&self->plain, (const char *)bytes, length) : NULL;
	g_string_append_len(self->line, plain ? plain : (const char *)bytes, plain ? -1 : (gssize)length);
	for (char *end; (end = memchr(self->line->str, '\n', self->line->len));) {
		gsize n = (gsize)(end - self->line->str);
		write_line(self, self->line->str, n);
		g_string_erase(self->line, 0, (gssize)n + 1);
	}
	if (self->line->len > LINE_MAX_BYTES) {
		write_line(self, self->line->str, self->line->len);
		g_string_truncate(self->line, 0);
	}
	if (fflush(self->to) != 0 && !self->all->unread) {
		self->all->unread = TRUE;
		if (errno != EPIPE)
			fprintf(stderr, "netlab: cannot write: %s\n", g_strerror(errno));
		g_main_loop_quit(self->all->loop);
	}
}

static void on_over(Pump *pump, int write_errno, gpointer data)
{
	Stream *self = data;
	if (self->line->len)
		write_line(self, self->line->str, self->line->len);
	fflush(self->to);
	one_less(self->all);
}

static void on_ended(ExecSession *session, gpointer data)
{
	one_less(((Node *)data)->all);
}

/* The first is for the commands, the second for us. */
static gboolean on_interrupt(gpointer data)
{
	Parallel *all = data;
	if (all->interrupts++)
		g_main_loop_quit(all->loop);
	for (guint i = 0; i < all->nodes->len; i++) {
		Node *node = g_ptr_array_index(all->nodes, i);
		if (node->session)
			exec_session_signal(node->session, SIGINT);
	}
	return G_SOURCE_CONTINUE;
}

static void node_free(gpointer data)
{
	Node *node = data;
	for (int i = 0; i < 2; i++) {
		g_clear_pointer(&node->streams[i].pump, pump_free);
		if (node->streams[i].line)
			g_string_free(node->streams[i].line, TRUE);
	}
	g_clear_pointer(&node->session, exec_session_free);
	g_free(node->name);
	g_free(node->prefix);
	g_free(node);
}

static void start(Parallel *all, LabConnection *lab, Node *node, const char *const *argv)
{
	g_autoptr(GError) error = NULL;
	const ExecCommand command = {.node = node->name, .argv = argv};
	node->session = exec_session_new(lab, &command, on_ended, node, &error);
	if (!node->session) {
		fprintf(stderr, "%snetlab: %s\n", node->prefix, error->message);
		return;
	}
	exec_session_close(node->session, 0);
	for (int i = 0; i < 2; i++) {
		Stream *stream = &node->streams[i];
		*stream = (Stream){.prefix = node->prefix,
			.to = i ? stderr : stdout,
			.terminal = isatty(i ? STDERR_FILENO : STDOUT_FILENO),
			.line = g_string_new(NULL),
			.all = all};
		stream->pump = pump_new_sink(exec_session_fd(node->session, i + 1), on_bytes, on_over, stream);
	}
	all->open += 3;
}

static int status_of(const Node *node)
{
	if (!node->session)
		return 125;
	const char *message = exec_session_message(node->session);
	if (*message)
		fprintf(stderr, "%snetlab: %s\n", node->prefix, message);
	return exec_session_status(node->session);
}

/** Runs a command on several nodes at once: see exec_parallel.h. */
int exec_parallel(LabConnection *lab, const char *const *nodes, const char *const *argv)
{
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(node_free);
	Parallel all = {.loop = loop, .nodes = list};
	unsigned width = 0;
	int status = 0;
	for (guint i = 0; nodes[i]; i++)
		width = MAX(width, table_width(nodes[i]));
	for (guint i = 0; nodes[i]; i++) {
		Node *node = g_new0(Node, 1);
		node->name = g_strdup(nodes[i]);
		node->prefix = g_strdup_printf("%-*s | ", (int)width, nodes[i]);
		node->all = &all;
		g_ptr_array_add(list, node);
		start(&all, lab, node, argv);
	}
	guint sources[] = {
		g_unix_signal_add(SIGINT, on_interrupt, &all),
		g_unix_signal_add(SIGTERM, on_interrupt, &all),
	};
	if (all.open && !all.unread)
		g_main_loop_run(loop);
	for (guint i = 0; i < G_N_ELEMENTS(sources); i++)
		g_source_remove(sources[i]);
	for (guint i = 0; i < list->len; i++)
		status = MAX(status, status_of(g_ptr_array_index(list, i)));
	if (all.unread)
		return 128 + SIGPIPE;
	return all.interrupts > 1 ? STATUS_INTERRUPTED : status;
}
