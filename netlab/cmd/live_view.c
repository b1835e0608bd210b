/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/live_view.h"

#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <stdio.h>

#include "netlab/client/last_words.h"
#include "netlab/client/plain_text.h"
#include "netlab/client/pump.h"
#include "netlab/cmd/cli.h"
#include "netlab/confined/confined.h"

struct LiveView {
	GSubprocess *process;
	Pump *output;
	LastWords *errors;
	PlainText text;
	gboolean over;        /* its output */
	gboolean reader_gone; /* of ours: "| head" */
};

static void on_output(const guint8 *bytes, gsize length, gpointer data)
{
	LiveView *self = data;
	g_autofree char *text = plain_text_take(&self->text, (const char *)bytes, length);
	fputs(text, stdout);
	if (fflush(stdout) == 0 || self->reader_gone)
		return;
	/* With it the switch loses its reader, and the capture ends. */
	self->reader_gone = TRUE;
	confined_end(self->process);
}

static void on_over(Pump *pump, int write_errno, gpointer data)
{
	((LiveView *)data)->over = TRUE;
}

/* A user's PATH may be without the folders of system programs. */
static const char *find_tcpdump(void)
{
	static const char by_path[] = "/usr/sbin/tcpdump";
	g_autofree char *found = g_find_program_in_path("tcpdump");
	return !found && g_file_test(by_path, G_FILE_TEST_IS_EXECUTABLE) ? by_path : "tcpdump";
}

LiveView *live_view_new(gboolean unconfined, int *fd, GError **error)
{
	const char *argv[] = {find_tcpdump(), "-l", "-n", "-e", "-r", "-", NULL};
	const ConfinedReader reader = {.argv = argv, .unconfined = unconfined};
	GSubprocess *process = confined_start(&reader,
		G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, error);
	if (!process) {
		g_prefix_error(error, "the frames cannot be shown (--write FILE needs no tcpdump): ");
		return NULL;
	}
	LiveView *self = g_new0(LiveView, 1);
	GOutputStream *input = g_subprocess_get_stdin_pipe(process);
	GInputStream *output = g_subprocess_get_stdout_pipe(process);
	self->process = process;
	self->errors = last_words_new(process);
	self->output = pump_new_sink(g_unix_input_stream_get_fd(G_UNIX_INPUT_STREAM(output)), on_output, on_over, self);
	*fd = fcntl(g_unix_output_stream_get_fd(G_UNIX_OUTPUT_STREAM(input)), F_DUPFD_CLOEXEC, 0);
	g_output_stream_close(input, NULL, NULL);
	return self;
}

gboolean live_view_finish(LiveView *self, GError **error)
{
	while (!self->over)
		g_main_context_iteration(NULL, TRUE);
	g_subprocess_wait(self->process, NULL, NULL);
	if (self->reader_gone || g_subprocess_get_successful(self->process))
		return TRUE;
	g_autofree char *reason = last_words_get(self->errors);
	cli_failed(error, "tcpdump failed: %s", reason ? reason : "it ended without a word");
	return FALSE;
}

void live_view_free(LiveView *self)
{
	confined_end(self->process);
	pump_free(self->output);
	last_words_free(self->errors);
	g_object_unref(self->process);
	g_free(self);
}
