/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/packets/past.h"

#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <glib-unix.h>
#include <glib/gi18n.h>

#include "netlab/client/capture_session.h"

enum { PAST_MAX = 64 << 20, PIECE = 256 << 10 }; /* bytes */

typedef struct {
	GInputStream *stream;
	GByteArray *bytes;
	gboolean answered, ended; /* the supervisor did; the bytes did */
	gboolean returned;
} Fetching;

static void fetching_free(gpointer data)
{
	Fetching *fetching = data;
	g_object_unref(fetching->stream);
	g_byte_array_unref(fetching->bytes);
	g_free(fetching);
}

static void fail(GTask *task, GError *error)
{
	Fetching *fetching = g_task_get_task_data(task);
	if (fetching->returned) {
		g_error_free(error);
		return;
	}
	fetching->returned = TRUE;
	g_task_return_error(task, error);
}

/* Bytes end also when nothing began: only with the answer it is known which. */
static void end_if_done(GTask *task)
{
	Fetching *fetching = g_task_get_task_data(task);
	if (fetching->returned || !fetching->answered || !fetching->ended)
		return;
	fetching->returned = TRUE;
	g_task_return_pointer(
		task, g_bytes_new(fetching->bytes->data, fetching->bytes->len), (GDestroyNotify)g_bytes_unref);
}

static void read_on(GTask *task);

static void got_piece(GObject *stream, GAsyncResult *result, gpointer data)
{
	g_autoptr(GTask) task = data;
	Fetching *fetching = g_task_get_task_data(task);
	GError *error = NULL;
	g_autoptr(GBytes) piece = g_input_stream_read_bytes_finish(G_INPUT_STREAM(stream), result, &error);
	gsize size;
	if (!piece) {
		fail(task, error);
		return;
	}
	const guint8 *bytes = g_bytes_get_data(piece, &size);
	g_byte_array_append(fetching->bytes, bytes, (guint)size);
	fetching->ended = !size || fetching->bytes->len >= PAST_MAX;
	if (fetching->ended)
		end_if_done(task);
	else
		read_on(task);
}

static void read_on(GTask *task)
{
	Fetching *fetching = g_task_get_task_data(task);
	g_input_stream_read_bytes_async(fetching->stream, PIECE, G_PRIORITY_DEFAULT_IDLE, g_task_get_cancellable(task),
		got_piece, g_object_ref(task));
}

static void began(GObject *proxy, GAsyncResult *result, gpointer data)
{
	g_autoptr(GTask) task = data;
	GError *error = NULL;
	if (!capture_begin_finish(proxy, result, NULL, NULL, &error)) {
		fail(task, error);
		return;
	}
	((Fetching *)g_task_get_task_data(task))->answered = TRUE;
	end_if_done(task);
}

void packet_past_fetch(
	Session *session, guint seconds, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
	g_autoptr(GTask) task = g_task_new(session, cancellable, callback, data);
	NetlabLab1 *proxy = session_proxy(session);
	GError *error = NULL;
	int ends[2];
	if (!proxy || !g_unix_open_pipe(ends, FD_CLOEXEC, &error)) {
		g_task_return_error(task,
			error ? error
			      : g_error_new_literal(G_IO_ERROR, G_IO_ERROR_CLOSED, _("The lab is not running.")));
		return;
	}
	Fetching *fetching = g_new(Fetching, 1);
	*fetching = (Fetching){.stream = g_unix_input_stream_new(ends[0], TRUE), .bytes = g_byte_array_new()};
	g_task_set_task_data(task, fetching, fetching_free);
	const CaptureRequest request = {.format = "pcapng", .last_ms = seconds * 1000, .only_past = TRUE};
	capture_begin(proxy, &request, ends[1], cancellable, began, g_object_ref(task));
	read_on(task);
}

GBytes *packet_past_fetch_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_pointer(G_TASK(result), error);
}
