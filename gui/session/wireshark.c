/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/session/wireshark.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "netlab/host/paths.h"

enum { PLACES_MOST = 8 }; /* windows at once */

typedef struct {
	Session *session;
	char *temporary; /* or NULL */
} Run;

static Run *run_new(Session *session, const char *temporary)
{
	Run *run = g_new(Run, 1);
	*run = (Run){g_object_ref(session), g_strdup(temporary)};
	return run;
}

static void run_free(Run *run)
{
	if (run->temporary)
		g_unlink(run->temporary);
	g_free(run->temporary);
	g_object_unref(run->session);
	g_free(run);
}

static void ended(GObject *process, GAsyncResult *result, gpointer data)
{
	Run *run = data;
	g_autoptr(GError) error = NULL;
	g_autofree char *said = NULL;
	GSubprocess *wireshark = G_SUBPROCESS(process);
	if (!g_subprocess_communicate_utf8_finish(wireshark, result, NULL, &said, &error)) {
		session_complain(run->session, error);
	} else if (!g_subprocess_get_successful(wireshark) && said) {
		/* What "netlab" says is fit to show; Wireshark's own complaints it shows itself. */
		const char *words = strstr(said, "netlab: ");
		g_autofree char *message = words ? g_strstrip(g_strdup(words + strlen("netlab: "))) : NULL;
		if (message)
			g_signal_emit_by_name(run->session, "problem", message);
	}
	run_free(run);
}

static void spawn(const char *const *argv, Run *run)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GSubprocess) process =
		g_subprocess_newv(argv, G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &error);
	if (process) {
		g_subprocess_communicate_utf8_async(process, NULL, NULL, ended, run);
		return;
	}
	session_complain(run->session, error);
	run_free(run);
}

void wireshark_open_places(Session *session, const char *const *places)
{
	g_autofree char *program = path_program("netlab");
	guint n = places ? g_strv_length((char **)places) : 0;
	for (guint i = 0; i < MIN(MAX(n, 1), PLACES_MOST); i++) {
		const char *argv[] = {program, "wireshark", "--lab", session_name(session), n ? places[i] : NULL, NULL};
		spawn(argv, run_new(session, NULL));
	}
}

void wireshark_open_file(Session *session, const char *path, guint64 frame, gboolean temporary)
{
	g_autofree char *program = g_find_program_in_path("wireshark");
	g_autofree char *number = g_strdup_printf("%" G_GUINT64_FORMAT, frame);
	Run *run = run_new(session, temporary ? path : NULL);
	if (!program) {
		g_signal_emit_by_name(session, "problem",
			_("Wireshark is not installed (apt-get install wireshark). You can capture to a file and open "
			  "it on another computer."));
		run_free(run);
		return;
	}
	const char *argv[] = {program, "-r", path, frame ? "-g" : NULL, number, NULL};
	spawn(argv, run);
}

typedef struct {
	Session *session;
	char *path;
	guint64 frame;
} Opening;

static void written(GObject *file, GAsyncResult *result, gpointer data)
{
	g_autofree Opening *opening = data;
	g_autoptr(Session) session = opening->session;
	g_autofree char *path = opening->path;
	g_autoptr(GError) error = NULL;
	if (g_file_replace_contents_finish(G_FILE(file), result, NULL, &error)) {
		wireshark_open_file(session, path, opening->frame, TRUE);
		return;
	}
	g_unlink(path);
	session_complain(session, error);
}

void wireshark_open_bytes(Session *session, GBytes *capture, guint64 frame)
{
	g_autoptr(GError) error = NULL;
	char *path = NULL;
	int fd = g_file_open_tmp("netlab-XXXXXX.pcapng", &path, &error);
	if (fd < 0) {
		session_complain(session, error);
		return;
	}
	close(fd);
	g_autoptr(GFile) file = g_file_new_for_path(path);
	Opening *opening = g_new(Opening, 1);
	*opening = (Opening){g_object_ref(session), path, frame};
	g_file_replace_contents_bytes_async(file, capture, NULL, FALSE, G_FILE_CREATE_PRIVATE, NULL, written, opening);
}
