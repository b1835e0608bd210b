/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/session/guest_command.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <glib-unix.h>
#include <unistd.h>

enum {
	PIECE = 32 << 10, /* bytes of one read */
	SHARE = 96 << 10, /* bytes until the others have their turn */
	REST = 15,        /* ms, then: at most some 6 MB a second, which a terminal draws with ease */
};

enum { INPUT, OUTPUT, ERRORS, N_STREAMS };

struct _GuestCommand {
	GObject parent_instance;
	NetlabLab1 *proxy;
	GCancellable *cancel; /* of the call that starts it */
	guint id;             /* of the session; 0: not known yet */
	GPtrArray *early;     /* of GVariant (usis): ends that were told before the id was known */
	int fds[N_STREAMS];
	guint sources[N_STREAMS];
	gsize taken; /* bytes since the last rest */
	GByteArray *input;
	guint16 rows, columns, told_rows, told_columns;
	ExecOutcome end;
	int code;
	char *message;
	gboolean told; /* "ended" was */
};

G_DEFINE_FINAL_TYPE(GuestCommand, guest_command, G_TYPE_OBJECT)

enum { SIGNAL_OUTPUT, SIGNAL_ENDED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void close_stream(GuestCommand *self, int stream)
{
	g_clear_handle_id(&self->sources[stream], g_source_remove);
	if (self->fds[stream] >= 0)
		close(self->fds[stream]);
	self->fds[stream] = -1;
}

void guest_command_close(GuestCommand *self)
{
	self->told = TRUE;
	g_cancellable_cancel(self->cancel);
	for (int i = 0; i < N_STREAMS; i++)
		close_stream(self, i);
	if (self->proxy) {
		g_signal_handlers_disconnect_by_data(self->proxy, self);
		g_signal_handlers_disconnect_by_data(g_dbus_proxy_get_connection(G_DBUS_PROXY(self->proxy)), self);
	}
	g_clear_object(&self->proxy);
}

static void guest_command_dispose(GObject *object)
{
	guest_command_close(GUEST_COMMAND(object));
	G_OBJECT_CLASS(guest_command_parent_class)->dispose(object);
}

static void guest_command_finalize(GObject *object)
{
	GuestCommand *self = GUEST_COMMAND(object);
	g_object_unref(self->cancel);
	g_ptr_array_unref(self->early);
	g_byte_array_unref(self->input);
	g_free(self->message);
	G_OBJECT_CLASS(guest_command_parent_class)->finalize(object);
}

static void guest_command_class_init(GuestCommandClass *class)
{
	G_OBJECT_CLASS(class)->dispose = guest_command_dispose;
	G_OBJECT_CLASS(class)->finalize = guest_command_finalize;
	signals[SIGNAL_OUTPUT] = g_signal_new("output", GUEST_COMMAND_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
		G_TYPE_NONE, 2, G_TYPE_INT, G_TYPE_BYTES);
	signals[SIGNAL_ENDED] =
		g_signal_new("ended", GUEST_COMMAND_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void guest_command_init(GuestCommand *self)
{
	for (int i = 0; i < N_STREAMS; i++)
		self->fds[i] = -1;
	self->cancel = g_cancellable_new();
	self->input = g_byte_array_new();
	self->early = g_ptr_array_new_with_free_func((GDestroyNotify)g_variant_unref);
}

/* -- The end -- */

/* Told when how it ended is known and all that it wrote was read. */
static void tell_end(GuestCommand *self)
{
	if (self->told || self->end == EXEC_RUNNING || self->fds[OUTPUT] >= 0 || self->fds[ERRORS] >= 0)
		return;
	self->told = TRUE;
	close_stream(self, INPUT);
	g_signal_emit(self, signals[SIGNAL_ENDED], 0);
}

static void watch(GuestCommand *self, int stream);

static void set_end(GuestCommand *self, ExecOutcome end, int code, const char *message)
{
	if (self->end != EXEC_RUNNING)
		return;
	self->end = end;
	self->code = code;
	self->message = g_strdup(message);
	/* What is in the descriptors now is all there will be. */
	for (int i = OUTPUT; i < N_STREAMS; i++)
		watch(self, i);
	tell_end(self);
}

static void take_end(GuestCommand *self, const char *how, int code, const char *message)
{
	set_end(self, exec_outcome(how), code, message);
}

static void on_session_ended(
	NetlabLab1 *proxy, guint id, const char *how, int code, const char *message, GuestCommand *self)
{
	g_autoptr(GuestCommand) kept = g_object_ref(self);
	if (self->id && id == self->id)
		take_end(self, how, code, message);
	if (self->id)
		return;
	/* It may be ours: the answer to the call is on its way. */
	g_ptr_array_add(self->early, g_variant_ref_sink(g_variant_new("(usis)", id, how, code, message)));
}

static void on_closed(GDBusConnection *connection, gboolean remote, GError *error, GuestCommand *self)
{
	g_autoptr(GuestCommand) kept = g_object_ref(self);
	set_end(self, EXEC_LOST, 0, "the lab's supervisor has stopped");
}

/* -- Output -- */

/* One read; FALSE: nothing more will come. */
static gboolean take(GuestCommand *self, int stream)
{
	char bytes[PIECE];
	ssize_t n = read(self->fds[stream], bytes, sizeof bytes);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return self->end == EXEC_RUNNING || errno == EINTR;
	if (n <= 0)
		return FALSE;
	g_autoptr(GBytes) copy = g_bytes_new(bytes, (gsize)n);
	self->taken += (gsize)n;
	g_signal_emit(self, signals[SIGNAL_OUTPUT], 0, stream, copy);
	return TRUE;
}

static gboolean on_rested(gpointer data)
{
	GuestCommand *self = data;
	self->taken = 0;
	for (int i = OUTPUT; i < N_STREAMS; i++)
		watch(self, i);
	return G_SOURCE_REMOVE; /* watch() has replaced it */
}

static gboolean read_stream(GuestCommand *self, int stream)
{
	g_autoptr(GuestCommand) kept = g_object_ref(self);
	gboolean more = take(self, stream);
	if (self->fds[stream] < 0)
		return G_SOURCE_REMOVE;
	if (!more) {
		close_stream(self, stream);
		tell_end(self);
	} else if (self->taken > SHARE) {
		for (int i = OUTPUT; i < N_STREAMS; i++)
			g_clear_handle_id(&self->sources[i], g_source_remove);
		self->sources[stream] = g_timeout_add(REST, on_rested, self);
	}
	return G_SOURCE_CONTINUE;
}

static gboolean on_output(int fd, GIOCondition condition, gpointer data)
{
	return read_stream(data, OUTPUT);
}

static gboolean on_errors(int fd, GIOCondition condition, gpointer data)
{
	return read_stream(data, ERRORS);
}

static gboolean on_rest_of_output(gpointer data)
{
	return read_stream(data, OUTPUT);
}

static gboolean on_rest_of_errors(gpointer data)
{
	return read_stream(data, ERRORS);
}

/* After the end, without waiting for the descriptor: it may be kept open by someone else. */
static void watch(GuestCommand *self, int stream)
{
	g_clear_handle_id(&self->sources[stream], g_source_remove);
	if (self->fds[stream] < 0)
		return;
	self->sources[stream] = self->end == EXEC_RUNNING
		? g_unix_fd_add(self->fds[stream], G_IO_IN | G_IO_HUP | G_IO_ERR,
			  stream == OUTPUT ? on_output : on_errors, self)
		: g_idle_add(stream == OUTPUT ? on_rest_of_output : on_rest_of_errors, self);
}

/* -- Input -- */

/* Writes what the guest takes now; FALSE: nothing is left, or nobody reads it. */
static gboolean write_some(GuestCommand *self)
{
	ssize_t n = write(self->fds[INPUT], self->input->data, self->input->len);
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		g_byte_array_set_size(self->input, 0); /* its output tells the end */
	else if (n > 0)
		g_byte_array_remove_range(self->input, 0, (guint)n);
	return self->input->len > 0;
}

static gboolean on_room(int fd, GIOCondition condition, gpointer data)
{
	GuestCommand *self = data;
	if (write_some(self))
		return G_SOURCE_CONTINUE;
	self->sources[INPUT] = 0;
	return G_SOURCE_REMOVE;
}

static void flush(GuestCommand *self)
{
	if (self->fds[INPUT] >= 0 && !self->sources[INPUT] && self->input->len && write_some(self))
		self->sources[INPUT] = g_unix_fd_add(self->fds[INPUT], G_IO_OUT | G_IO_ERR, on_room, self);
}

void guest_command_write(GuestCommand *self, const char *bytes, gsize length)
{
	if (self->end != EXEC_RUNNING || self->told)
		return;
	g_byte_array_append(self->input, (const guint8 *)bytes, (guint)length);
	flush(self);
}

/* -- The start -- */

static void tell_size(GuestCommand *self)
{
	if (!self->id || self->end != EXEC_RUNNING || !self->proxy ||
		(self->rows == self->told_rows && self->columns == self->told_columns))
		return;
	self->told_rows = self->rows;
	self->told_columns = self->columns;
	netlab_lab1_call_resize_terminal(self->proxy, self->id, self->rows, self->columns, NULL, NULL, NULL);
}

/* Takes the descriptors of the answer: with a terminal there is one, both ways; without three. */
static gboolean take_descriptors(GuestCommand *self, GVariant *handles, GUnixFDList *list, GError **error)
{
	gsize wanted = self->rows ? 1 : N_STREAMS, n = g_variant_n_children(handles);
	if (n < wanted || !list) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED,
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
	if (self->rows && (self->fds[OUTPUT] = fcntl(self->fds[INPUT], F_DUPFD_CLOEXEC, 0)) < 0) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "too many open files: %s", g_strerror(errno));
		return FALSE;
	}
	if (!self->rows)
		close_stream(self, INPUT);
	for (int i = 0; i < N_STREAMS; i++)
		if (self->fds[i] >= 0 && !g_unix_set_fd_nonblocking(self->fds[i], TRUE, error))
			return FALSE;
	return TRUE;
}

static void refuse(GuestCommand *self, GError *error)
{
	for (int i = 0; i < N_STREAMS; i++)
		close_stream(self, i);
	g_dbus_error_strip_remote_error(error);
	set_end(self, EXEC_REFUSED, 0, error->message);
}

static void take_early_end(GuestCommand *self)
{
	for (guint i = 0; i < self->early->len; i++) {
		guint id;
		int code;
		const char *how, *message;
		g_variant_get(self->early->pdata[i], "(u&si&s)", &id, &how, &code, &message);
		if (id == self->id)
			take_end(self, how, code, message);
	}
}

static void started(GObject *proxy, GAsyncResult *result, gpointer data)
{
	g_autoptr(GuestCommand) self = data;
	g_autoptr(GVariant) handles = NULL;
	g_autoptr(GUnixFDList) list = NULL;
	g_autoptr(GError) error = NULL;
	guint id = 0;
	gboolean done = netlab_lab1_call_exec_finish(NETLAB_LAB1(proxy), &id, &handles, &list, result, &error);
	/* Hung up, or lost, meanwhile: list goes, and with it the command. */
	if (self->told || self->end != EXEC_RUNNING)
		return;
	if (!done || !take_descriptors(self, handles, list, &error)) {
		refuse(self, error);
		return;
	}
	self->id = id;
	for (int i = OUTPUT; i < N_STREAMS; i++)
		watch(self, i);
	flush(self);
	tell_size(self);
	take_early_end(self);
}

GuestCommand *guest_command_new(
	NetlabLab1 *proxy, const char *node, const char *const *argv, guint16 rows, guint16 columns)
{
	GuestCommand *self = g_object_new(GUEST_COMMAND_TYPE, NULL);
	GVariantDict options;
	self->proxy = g_object_ref(proxy);
	self->rows = self->told_rows = rows;
	self->columns = self->told_columns = columns;
	g_variant_dict_init(&options, NULL);
	if (rows) {
		static const char *const environment[] = {"TERM=xterm-256color", "COLORTERM=truecolor", NULL};
		g_variant_dict_insert(&options, "rows", "q", rows);
		g_variant_dict_insert(&options, "columns", "q", columns);
		g_variant_dict_insert(&options, "environment", "^as", environment);
	}
	g_signal_connect_object(proxy, "session-ended", G_CALLBACK(on_session_ended), self, 0);
	g_signal_connect_object(
		g_dbus_proxy_get_connection(G_DBUS_PROXY(proxy)), "closed", G_CALLBACK(on_closed), self, 0);
	netlab_lab1_call_exec(proxy, node, argv, rows > 0, g_variant_dict_end(&options), NULL, self->cancel, started,
		g_object_ref(self));
	return self;
}

void guest_command_resize(GuestCommand *self, guint16 rows, guint16 columns)
{
	self->rows = rows;
	self->columns = columns;
	tell_size(self);
}

void guest_command_signal(GuestCommand *self, int number)
{
	if (self->id && self->end == EXEC_RUNNING && self->proxy)
		netlab_lab1_call_signal_session(self->proxy, self->id, number, NULL, NULL, NULL);
}

ExecOutcome guest_command_end(GuestCommand *self)
{
	return self->end;
}

int guest_command_code(GuestCommand *self)
{
	return self->code;
}

const char *guest_command_message(GuestCommand *self)
{
	return self->message ? self->message : "";
}
