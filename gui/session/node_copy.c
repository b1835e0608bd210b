/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/session/node_copy.h"

#include <signal.h>
#include <string.h>

#include "netlab/host/paths.h"

#define SIGN "netlab: " /* what its messages start with */

static void interrupt(GCancellable *cancel, gpointer process)
{
	g_subprocess_send_signal(process, SIGINT);
}

static void ended(GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(GTask) task = data;
	GSubprocess *process = G_SUBPROCESS(object);
	g_autofree char *said = NULL;
	GError *error = NULL;
	gboolean read = g_subprocess_communicate_utf8_finish(process, result, NULL, &said, &error);
	g_signal_handlers_disconnect_by_data(g_task_get_cancellable(task), process);
	if (g_task_return_error_if_cancelled(task)) {
		g_clear_error(&error);
	} else if (!read) {
		g_task_return_error(task, error);
	} else if (g_subprocess_get_successful(process)) {
		g_task_return_boolean(task, TRUE);
	} else {
		const char *own = said ? strstr(said, SIGN) : NULL;
		g_autofree char *words = g_strstrip(g_strdup(own ? own + strlen(SIGN) : said ? said : ""));
		g_task_return_new_error(task, G_IO_ERROR, G_IO_ERROR_FAILED, "%s", words);
	}
}

void node_copy(const char *lab, const GPtrArray *words, GCancellable *cancel, GAsyncReadyCallback done, gpointer data)
{
	g_autoptr(GCancellable) own = cancel ? g_object_ref(cancel) : g_cancellable_new();
	GTask *task = g_task_new(NULL, own, done, data);
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	g_autofree char *program = path_program("netlab");
	const char *const head[] = {program, "cp", "--lab", lab, "--"};
	GError *error = NULL;
	for (gsize i = 0; i < G_N_ELEMENTS(head); i++)
		g_ptr_array_add(argv, (gpointer)head[i]);
	for (guint i = 0; i < words->len; i++)
		g_ptr_array_add(argv, words->pdata[i]);
	g_ptr_array_add(argv, NULL);
	g_autoptr(GSubprocess) process = g_subprocess_newv((const char *const *)argv->pdata,
		G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &error);
	if (!process) {
		g_task_return_error(task, error);
		g_object_unref(task);
		return;
	}
	g_signal_connect_object(own, "cancelled", G_CALLBACK(interrupt), process, 0);
	g_subprocess_communicate_utf8_async(process, NULL, NULL, ended, task);
}

gboolean node_copy_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_boolean(G_TASK(result), error);
}
