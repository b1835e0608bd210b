/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/client/guest_command.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <unistd.h>

#include "netlab/client/exec_session.h"

enum {
	PIECE = 32 << 10, /* bytes of one read */
	SHARE = 96 << 10, /* bytes until the others have their turn */
	REST = 15,        /* ms, then: at most some 6 MB a second, which a terminal draws with ease */
};

enum { INPUT, OUTPUT, ERRORS, N_STREAMS };

struct _GuestCommand {
	GObject parent_instance;
	ExecSession *session; /* NULL once it is closed */
	gboolean terminal;
	int fds[N_STREAMS];
	guint sources[N_STREAMS];
	gsize taken; /* bytes since the last rest */
	GByteArray *input;
	ExecOutcome end;
	int code;
	char *message;
	gboolean over; /* "ended" was emitted, or it was closed */
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
	self->over = TRUE;
	for (int i = 0; i < N_STREAMS; i++)
		close_stream(self, i);
	g_clear_pointer(&self->session, exec_session_free);
}

static void guest_command_dispose(GObject *object)
{
	guest_command_close(GUEST_COMMAND(object));
	G_OBJECT_CLASS(guest_command_parent_class)->dispose(object);
}

static void guest_command_finalize(GObject *object)
{
	GuestCommand *self = GUEST_COMMAND(object);
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
	self->input = g_byte_array_new();
}

/* -- The end -- */

/* Emitted when how it ended is known and all that it wrote was read. */
static void check_end(GuestCommand *self)
{
	if (self->over || self->end == EXEC_RUNNING || self->fds[OUTPUT] >= 0 || self->fds[ERRORS] >= 0)
		return;
	self->over = TRUE;
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
	check_end(self);
}

static void on_ended(ExecSession *session, gpointer data)
{
	g_autoptr(GuestCommand) self = g_object_ref(data);
	set_end(self, exec_session_outcome(session), exec_session_code(session), exec_session_message(session));
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
		check_end(self);
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
		g_byte_array_set_size(self->input, 0); /* its output shows the end */
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
	if (self->end != EXEC_RUNNING || self->over)
		return;
	g_byte_array_append(self->input, (const guint8 *)bytes, (guint)length);
	flush(self);
}

/* -- The start -- */

/* A terminal has one descriptor, for both directions. */
static gboolean take_descriptors(GuestCommand *self, GError **error)
{
	for (int i = 0; i < N_STREAMS; i++)
		self->fds[i] = exec_session_steal_fd(self->session, i);
	if (self->terminal && (self->fds[OUTPUT] = fcntl(self->fds[INPUT], F_DUPFD_CLOEXEC, 0)) < 0) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES, "too many open files: %s",
			g_strerror(errno));
		return FALSE;
	}
	if (!self->terminal)
		close_stream(self, INPUT);
	for (int i = 0; i < N_STREAMS; i++)
		if (self->fds[i] >= 0 && !g_unix_set_fd_nonblocking(self->fds[i], TRUE, error))
			return FALSE;
	return TRUE;
}

static void on_started(ExecSession *session, gpointer data)
{
	g_autoptr(GuestCommand) self = g_object_ref(data);
	g_autoptr(GError) error = NULL;
	if (!take_descriptors(self, &error)) {
		for (int i = 0; i < N_STREAMS; i++)
			close_stream(self, i);
		set_end(self, EXEC_REFUSED, 0, error->message);
		return;
	}
	for (int i = OUTPUT; i < N_STREAMS; i++)
		watch(self, i);
	flush(self);
}

GuestCommand *guest_command_new(
	NetlabLab1 *proxy, const char *node, const char *const *argv, guint16 rows, guint16 columns)
{
	static const char *const environment[] = {"TERM=xterm-256color", "COLORTERM=truecolor", NULL};
	static const ExecHooks hooks = {on_started, on_ended};
	const ExecCommand command = {
		.node = node, .argv = argv, .environment = rows ? environment : NULL, .rows = rows, .columns = columns};
	GuestCommand *self = g_object_new(GUEST_COMMAND_TYPE, NULL);
	self->terminal = rows > 0;
	self->session = exec_session_start(proxy, &command, &hooks, self);
	return self;
}

void guest_command_resize(GuestCommand *self, guint16 rows, guint16 columns)
{
	if (self->session)
		exec_session_resize(self->session, rows, columns);
}

void guest_command_signal(GuestCommand *self, int number)
{
	if (self->session)
		exec_session_signal(self->session, number);
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
