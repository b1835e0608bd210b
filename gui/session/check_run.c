/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/session/check_run.h"

#include <signal.h>
#include <string.h>

#include "netlab/host/paths.h"

/* What is being read keeps it. */
struct CheckRun {
	const CheckRunHooks *hooks;
	gpointer data;
	GSubprocess *test;
	GDataInputStream *lines;
	GCancellable *cancel; /* cancelled: dropped */
	TestOutput *output;
	char *only;
	unsigned open; /* of its two streams: it has ended when none is */
};

static void clear(gpointer data)
{
	CheckRun *self = data;
	g_clear_object(&self->test);
	g_clear_object(&self->lines);
	g_clear_object(&self->cancel);
	g_clear_pointer(&self->output, test_output_free);
	g_free(self->only);
}

static void release(CheckRun *self)
{
	g_rc_box_release_full(self, clear);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CheckRun, release)

static void on_result(const TestResult *result, gpointer data)
{
	CheckRun *self = data;
	if (!g_cancellable_is_cancelled(self->cancel))
		self->hooks->result(result, self->data);
}

static void closed(CheckRun *self)
{
	if (--self->open == 0 && !g_cancellable_is_cancelled(self->cancel))
		self->hooks->ended(self->data);
}

static void read_next(CheckRun *self);

static void got_line(GObject *lines, GAsyncResult *result, gpointer data)
{
	g_autoptr(CheckRun) self = data;
	g_autofree char *line =
		g_data_input_stream_read_line_finish_utf8(G_DATA_INPUT_STREAM(lines), result, NULL, NULL);
	if (g_cancellable_is_cancelled(self->cancel))
		return;
	if (line) {
		test_output_line(self->output, line);
		read_next(self);
		return;
	}
	test_output_end(self->output);
	closed(self);
}

static void read_next(CheckRun *self)
{
	g_data_input_stream_read_line_async(
		self->lines, G_PRIORITY_DEFAULT, self->cancel, got_line, g_rc_box_acquire(self));
}

static void got_words(GObject *stream, GAsyncResult *result, gpointer data)
{
	g_autoptr(CheckRun) self = data;
	g_output_stream_splice_finish(G_OUTPUT_STREAM(stream), result, NULL);
	if (g_cancellable_is_cancelled(self->cancel))
		return;
	gsize length = g_memory_output_stream_get_data_size(G_MEMORY_OUTPUT_STREAM(stream));
	const char *said = g_memory_output_stream_get_data(G_MEMORY_OUTPUT_STREAM(stream));
	g_autofree char *text = length > 0 ? g_utf8_make_valid(said, (gssize)length) : NULL;
	if (text && !strstr(text, "interrupted"))
		self->hooks->words(text, self->data);
	closed(self);
}

static GSubprocess *start(const char *path, gboolean trusted, const char *only, GError **error)
{
	g_autofree char *program = path_program("netlab");
	const char *argv[9] = {program, "test", "--keep"}; /* ends in NULL */
	guint n = 3;
	if (trusted)
		argv[n++] = "--trust";
	if (only) {
		argv[n++] = "--check";
		argv[n++] = only;
	}
	argv[n++] = "--";
	argv[n++] = path;
	return g_subprocess_newv(argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, error);
}

CheckRun *check_run_new(
	const char *path, gboolean trusted, const char *only, const CheckRunHooks *hooks, gpointer data, GError **error)
{
	GSubprocess *test = start(path, trusted, only, error);
	if (!test)
		return NULL;
	CheckRun *self = g_rc_box_new0(CheckRun);
	self->hooks = hooks;
	self->data = data;
	self->test = test;
	self->only = g_strdup(only);
	self->cancel = g_cancellable_new();
	self->open = 2;
	self->output = test_output_new(on_result, self);
	self->lines = g_data_input_stream_new(g_subprocess_get_stdout_pipe(test));
	g_autoptr(GOutputStream) said = g_memory_output_stream_new_resizable();
	g_output_stream_splice_async(said, g_subprocess_get_stderr_pipe(test), G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET,
		G_PRIORITY_DEFAULT, self->cancel, got_words, g_rc_box_acquire(self));
	read_next(self);
	return self;
}

const char *check_run_only(const CheckRun *self)
{
	return self->only;
}

void check_run_stop(CheckRun *self)
{
	g_subprocess_send_signal(self->test, SIGINT);
}

void check_run_drop(CheckRun *self)
{
	g_cancellable_cancel(self->cancel);
	release(self);
}
