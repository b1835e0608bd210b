/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/unpack.h"

#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <string.h>

#include "netlab/client/pump.h"
#include "netlab/client/plain_text.h"
#include "netlab/cmd/arrival.h"
#include "netlab/cmd/cli.h"
#include "netlab/confined/confined.h"

enum { ERRORS_MAX = 64 << 10 };

struct Unpacker {
	GSubprocess *process;
	Pump *names, *errors;
	guint64 beside;
	GString *said;
	guint open; /* streams that have not ended: when none is left, all of the sandbox has ended */
};

static void on_names(const guint8 *bytes, gsize length, gpointer data)
{
	Unpacker *self = data;
	/* tar writes a line for each, and "\n" for a newline in a name */
	for (gsize i = 0; i < length; i++)
		self->beside += bytes[i] == '\n' ? ARRIVAL_ENTRY : 0;
}

static void on_errors(const guint8 *bytes, gsize length, gpointer data)
{
	Unpacker *self = data;
	if (self->said->len < ERRORS_MAX)
		g_string_append_len(self->said, (const char *)bytes, (gssize)length);
}

static void on_over(Pump *pump, int write_errno, gpointer data)
{
	((Unpacker *)data)->open--;
}

static int descriptor(GInputStream *stream)
{
	return g_unix_input_stream_get_fd(G_UNIX_INPUT_STREAM(stream));
}

Unpacker *unpacker_new(const char *folder, guint64 limit, gboolean unconfined, GError **error)
{
	const char *argv[] = {"tar", "--no-same-owner", "--no-same-permissions", "--delay-directory-restore",
		"--quoting-style=escape", "-C", folder, "-xvf", "-", NULL};
	const SandboxFile files[] = {{folder, "/copy", TRUE}};
	const ConfinedReader reader = {
		.argv = argv, .files = files, .n_files = 1, .file_size = limit, .unconfined = unconfined};
	GSubprocess *process = confined_start(&reader,
		G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, error);
	if (!process) {
		g_prefix_error(error, "what a guest sends cannot be unpacked safely: ");
		return NULL;
	}
	Unpacker *self = g_new0(Unpacker, 1);
	self->process = process;
	self->said = g_string_new(NULL);
	self->open = 2;
	self->names = pump_new_sink(descriptor(g_subprocess_get_stdout_pipe(process)), on_names, on_over, self);
	self->errors = pump_new_sink(descriptor(g_subprocess_get_stderr_pipe(process)), on_errors, on_over, self);
	return self;
}

int unpacker_fd(const Unpacker *self)
{
	return g_unix_output_stream_get_fd(G_UNIX_OUTPUT_STREAM(g_subprocess_get_stdin_pipe(self->process)));
}

const guint64 *unpacker_beside(const Unpacker *self)
{
	return &self->beside;
}

/* Until no process is left that could still write into the folder. */
static void wait_for_end(Unpacker *self)
{
	while (self->open)
		g_main_context_iteration(NULL, TRUE);
	g_subprocess_wait(self->process, NULL, NULL);
}

void unpacker_free(Unpacker *self)
{
	confined_end(self->process);
	wait_for_end(self);
	pump_free(self->names);
	pump_free(self->errors);
	g_object_unref(self->process);
	g_string_free(self->said, TRUE);
	g_free(self);
}

gboolean unpacker_has_ended(const Unpacker *self)
{
	return self->open == 0;
}

static gboolean has_one_of(const char *line, const char *const *parts, gsize n)
{
	for (gsize i = 0; i < n; i++)
		if (strstr(line, parts[i]))
			return TRUE;
	return FALSE;
}

/* The first of tar's complaints that is not about a special file; NULL: there is none. Caller frees. */
static char *complaint_of(const char *said, guint *left_out)
{
	static const char *const special[] = {": Cannot mknod: ", ": Cannot mkfifo: "};
	static const char *const no_reason[] = {": Removing leading ", ": Exiting with failure status"};
	g_auto(GStrv) lines = g_strsplit(said, "\n", -1);
	for (char **line = lines; *line; line++) {
		gboolean is_special = has_one_of(*line, special, G_N_ELEMENTS(special));
		*left_out += is_special;
		if (**line && !is_special && !has_one_of(*line, no_reason, G_N_ELEMENTS(no_reason)))
			return printable_text(*line);
	}
	return NULL;
}

gboolean unpacker_finish(Unpacker *self, guint *left_out, GError **error)
{
	g_output_stream_close(g_subprocess_get_stdin_pipe(self->process), NULL, NULL);
	wait_for_end(self);
	if (g_subprocess_get_successful(self->process))
		return TRUE;
	gboolean by_itself = g_subprocess_get_if_exited(self->process) && *self->said->str;
	g_autofree char *complaint =
		by_itself ? complaint_of(self->said->str, left_out) : g_strdup("tar did not end in order");
	if (complaint)
		cli_failed(error, "what the node sends cannot be unpacked: %s", complaint);
	return !complaint;
}
