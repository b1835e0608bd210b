/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes between a user's descriptors and a channel of the line; credit limits how many are on the way in each direction. */
#include "netlab/supervisor/agent/agent_session.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlab/client/plain_text.h"

/* Acknowledge in steps: a credit frame for each small write would double the frames. */
#define CREDIT_STEP (AGENT_WINDOW / 4)

typedef struct {
	AgentSession *session;
	guint8 stream;
	int fd;              /* where the bytes go; -1: nobody reads them, they are thrown away */
	GByteArray *waiting; /* not taken by fd yet; at most AGENT_WINDOW */
	guint32 consumed;    /* not acknowledged yet */
	gboolean at_end;     /* AGENT_EOF came: close when nothing waits */
	guint source;
} Output;

struct AgentSession {
	AgentSessions *owner;
	guint16 channel;
	gboolean terminal;
	struct {
		int fd;         /* -1 when closed */
		guint32 window; /* bytes that may be sent before the next credit */
		guint source;
		gboolean blocked; /* readable, but the window or the line is full */
	} input;
	Output outputs[2];
	AgentSessionEnded ended; /* NULL once hung up */
	gpointer data;
	GDestroyNotify data_free;
	const char *how; /* set by AGENT_EXIT; the session ends when its output is handed over */
	int code;
	char *message;
	guint finishing; /* idle source that ends the session */
};

struct AgentSessions {
	AgentLine *line;        /* borrowed */
	GHashTable *by_channel; /* owns the sessions */
	guint16 last;           /* channel given last */
};

static void watch_input(AgentSession *self);

/* -- life -- */

static void close_input(AgentSession *self)
{
	g_clear_handle_id(&self->input.source, g_source_remove);
	if (self->input.fd >= 0)
		close(self->input.fd);
	self->input.fd = -1;
}

static void close_output(Output *output)
{
	g_clear_handle_id(&output->source, g_source_remove);
	if (output->fd >= 0)
		close(output->fd);
	output->fd = -1;
	g_byte_array_set_size(output->waiting, 0);
}

static void session_free(gpointer data)
{
	AgentSession *self = data;
	g_clear_handle_id(&self->finishing, g_source_remove);
	close_input(self);
	for (int i = 0; i < 2; i++) {
		close_output(&self->outputs[i]);
		g_byte_array_unref(self->outputs[i].waiting);
	}
	if (self->data_free)
		self->data_free(self->data);
	g_free(self->message);
	g_free(self);
}

static gboolean finish(gpointer data)
{
	AgentSession *self = data;
	AgentSessions *owner = self->owner;
	self->finishing = 0;
	g_hash_table_steal(owner->by_channel, GUINT_TO_POINTER(self->channel));
	close_input(self);
	for (int i = 0; i < 2; i++)
		close_output(&self->outputs[i]);
	if (self->ended)
		self->ended(self, self->how, self->code, self->message, self->data);
	session_free(self);
	return G_SOURCE_REMOVE;
}

/* The command has ended and nothing of its output waits: the session ends, from the loop and not below our caller. */
static void finish_if_done(AgentSession *self)
{
	if (self->how && !self->outputs[0].waiting->len && !self->outputs[1].waiting->len && !self->finishing)
		self->finishing = g_idle_add_full(G_PRIORITY_DEFAULT, finish, self, NULL);
}

/* -- output: from the guest to the user -- */

static void acknowledge(Output *output, gsize n)
{
	guint8 payload[5] = {output->stream};
	output->consumed += (guint32)n;
	if (output->consumed < CREDIT_STEP)
		return;
	agent_put_u32(payload + 1, output->consumed);
	output->consumed = 0;
	agent_line_send(
		output->session->owner->line, AGENT_CREDIT, output->session->channel, payload, sizeof payload, NULL, 0);
}

static gboolean on_output_writable(int fd, GIOCondition condition, gpointer data);

/* Writes what is waiting. When the reader is gone, the command gets a signal as from a pipe, and the rest is thrown away. */
static void pump_output(Output *output)
{
	gsize done = 0;
	while (output->fd >= 0 && done < output->waiting->len) {
		ssize_t n = write(output->fd, output->waiting->data + done, output->waiting->len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n <= 0) {
			acknowledge(output, output->waiting->len - done);
			close_output(output);
			agent_session_signal(output->session, output->session->terminal ? SIGHUP : SIGPIPE);
			done = 0;
			break;
		}
		done += (gsize)n;
		acknowledge(output, (gsize)n);
	}
	g_byte_array_remove_range(output->waiting, 0, (guint)done);
	if (output->waiting->len && !output->source)
		output->source = g_unix_fd_add(output->fd, G_IO_OUT, on_output_writable, output);
	/* With a terminal the descriptor goes with the session: it is the input's too. */
	if (!output->waiting->len && output->at_end && !output->session->terminal)
		close_output(output);
	finish_if_done(output->session);
}

static gboolean on_output_writable(int fd, GIOCondition condition, gpointer data)
{
	Output *output = data;
	output->source = 0;
	pump_output(output);
	return G_SOURCE_REMOVE;
}

/* FALSE when the agent sent more than its window. */
static gboolean take_data(AgentSession *self, const guint8 *payload, gsize length)
{
	if (length < 1 || (payload[0] != AGENT_STDOUT && payload[0] != AGENT_STDERR))
		return FALSE;
	Output *output = &self->outputs[payload[0] - AGENT_STDOUT];
	if (output->waiting->len + output->consumed + length - 1 > AGENT_WINDOW || output->at_end)
		return FALSE;
	if (output->fd < 0) {
		acknowledge(output, length - 1);
		return TRUE;
	}
	g_byte_array_append(output->waiting, payload + 1, (guint)length - 1);
	if (!output->source)
		pump_output(output);
	return TRUE;
}

static gboolean take_end(AgentSession *self, const guint8 *payload, gsize length)
{
	if (length != 1 || (payload[0] != AGENT_STDOUT && payload[0] != AGENT_STDERR))
		return FALSE;
	Output *output = &self->outputs[payload[0] - AGENT_STDOUT];
	output->at_end = TRUE;
	if (!output->source)
		pump_output(output);
	return TRUE;
}

static gboolean take_exit(AgentSession *self, const guint8 *payload, gsize length)
{
	if (length < 2 || self->how)
		return FALSE;
	switch (payload[0]) {
	case 'e':
		self->how = "exited";
		break;
	case 's':
		self->how = "killed";
		break;
	case 'f':
		self->how = "failed";
		break;
	default:
		return FALSE;
	}
	self->code = payload[1];
	self->message = printable_bytes(payload + 2, length - 2);
	finish_if_done(self);
	return TRUE;
}

/* -- input: from the user to the guest -- */

static void send_input(AgentSession *self)
{
	static const guint8 stream = AGENT_STDIN;
	guint8 bytes[AGENT_MAX_PAYLOAD - 1];
	AgentLine *line = self->owner->line;
	gsize most = MIN(sizeof bytes, self->input.window);
	self->input.blocked = most == 0 || !agent_line_has_room(line);
	if (self->input.blocked) {
		g_clear_handle_id(&self->input.source, g_source_remove);
		return;
	}
	ssize_t n = read(self->input.fd, bytes, most);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		self->input.window -= (guint32)n;
		agent_line_send(line, AGENT_DATA, self->channel, &stream, 1, bytes, (gsize)n);
		return;
	}
	close_input(self);
	agent_line_send(line, AGENT_EOF, self->channel, &stream, 1, NULL, 0);
}

static gboolean on_input(int fd, GIOCondition condition, gpointer data)
{
	AgentSession *self = data;
	guint source = self->input.source;
	send_input(self);
	/* The user closed the terminal, and not only its input: the same as a closed window for a shell. */
	if (self->terminal && self->input.fd < 0 && condition & G_IO_HUP)
		agent_session_signal(self, SIGHUP);
	return self->input.source == source && source ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void watch_input(AgentSession *self)
{
	self->input.blocked = FALSE;
	if (self->input.fd >= 0 && !self->input.source)
		self->input.source = g_unix_fd_add(self->input.fd, G_IO_IN | G_IO_HUP, on_input, self);
}

static gboolean take_credit(AgentSession *self, const guint8 *payload, gsize length)
{
	guint32 n = length == 5 && payload[0] == AGENT_STDIN ? agent_get_u32(payload + 1) : 0;
	if (n == 0 || n > AGENT_WINDOW - self->input.window)
		return FALSE;
	self->input.window += n;
	if (self->input.blocked)
		watch_input(self);
	return TRUE;
}

/* -- all sessions of a guest -- */

AgentSessions *agent_sessions_new(AgentLine *line)
{
	AgentSessions *self = g_new0(AgentSessions, 1);
	self->line = line;
	self->by_channel = g_hash_table_new_full(NULL, NULL, NULL, session_free);
	return self;
}

void agent_sessions_free(AgentSessions *self)
{
	GHashTableIter iter;
	gpointer value;
	for (;;) {
		/* From the start each time: an end may cause other ends. */
		g_hash_table_iter_init(&iter, self->by_channel);
		if (!g_hash_table_iter_next(&iter, NULL, &value))
			break;
		AgentSession *session = value;
		if (!session->how) {
			session->how = "lost";
			session->message = g_strdup("the node ended");
		}
		g_clear_handle_id(&session->finishing, g_source_remove);
		finish(session);
	}
	g_hash_table_unref(self->by_channel);
	g_free(self);
}

gboolean agent_sessions_frame(AgentSessions *self, const AgentHeader *header, const guint8 *payload)
{
	AgentSession *session = g_hash_table_lookup(self->by_channel, GUINT_TO_POINTER(header->channel));
	if (!session)
		return TRUE;
	switch ((AgentType)header->type) {
	case AGENT_DATA:
		return take_data(session, payload, header->length);
	case AGENT_EOF:
		return take_end(session, payload, header->length);
	case AGENT_CREDIT:
		return take_credit(session, payload, header->length);
	case AGENT_EXIT:
		return take_exit(session, payload, header->length);
	default:
		return FALSE;
	}
}

void agent_sessions_resume(AgentSessions *self)
{
	GHashTableIter iter;
	gpointer session;
	g_hash_table_iter_init(&iter, self->by_channel);
	while (g_hash_table_iter_next(&iter, NULL, &session))
		if (((AgentSession *)session)->input.blocked && ((AgentSession *)session)->input.window)
			watch_input(session);
}

/* -- a new session -- */

/* Our ends and the user's: with a terminal a stream socket, else three pipes. Only our ends are non-blocking: the user may
 * pass its ends to a program that expects a pipe as a shell makes it. */
static gboolean open_ends(gboolean terminal, int ours[3], int theirs[3], GError **error)
{
	int ends[2], n = terminal ? 1 : 3;
	for (int i = 0; i < n; i++) {
		if ((terminal ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) : pipe2(ends, O_CLOEXEC)) <
			0) {
			int code = errno;
			g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code),
				"cannot open a pipe for the command: %s", g_strerror(code));
			return FALSE;
		}
		gboolean we_read = i == 0;
		ours[i] = ends[!we_read];
		theirs[i] = ends[we_read];
		fcntl(ours[i], F_SETFL, O_NONBLOCK);
	}
	if (terminal)
		ours[1] = fcntl(ours[0], F_DUPFD_CLOEXEC, 0);
	return !terminal || ours[1] >= 0;
}

static GByteArray *exec_payload(const AgentCommand *command, GError **error)
{
	guint8 head[7] = {command->terminal};
	GByteArray *payload = g_byte_array_new();
	guint argc = g_strv_length((char **)command->argv);
	agent_put_u16(head + 1, command->rows);
	agent_put_u16(head + 3, command->columns);
	agent_put_u16(head + 5, (guint16)MIN(argc, G_MAXUINT16));
	g_byte_array_append(payload, head, sizeof head);
	for (const char *const *word = command->argv; *word; word++)
		g_byte_array_append(payload, (const guint8 *)*word, (guint)strlen(*word) + 1);
	for (const char *const *word = command->environment; word && *word; word++)
		g_byte_array_append(payload, (const guint8 *)*word, (guint)strlen(*word) + 1);
	if (payload->len <= AGENT_MAX_PAYLOAD)
		return payload;
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
		"the command with its environment is %u bytes long, but at most %d are allowed; copy it to the node as "
		"a script (netlab cp) and run that",
		payload->len, AGENT_MAX_PAYLOAD);
	g_byte_array_unref(payload);
	return NULL;
}

static guint16 free_channel(AgentSessions *self)
{
	for (guint i = 0; i < G_MAXUINT16; i++) {
		self->last = self->last == G_MAXUINT16 ? 1 : self->last + 1;
		if (!g_hash_table_contains(self->by_channel, GUINT_TO_POINTER(self->last)))
			return self->last;
	}
	return 0;
}

static gboolean prepare(
	AgentSessions *owner, const AgentCommand *command, guint16 *channel, int ours[3], int fds[3], GError **error)
{
	*channel = free_channel(owner);
	if (!*channel) {
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_BUSY, "too many commands are running on this node");
		return FALSE;
	}
	return open_ends(command->terminal, ours, fds, error);
}

AgentSession *agent_sessions_start(AgentSessions *owner, const AgentCommand *command, int fds[3],
	AgentSessionEnded ended, gpointer data, GDestroyNotify data_free, GError **error)
{
	g_autoptr(GByteArray) payload = exec_payload(command, error);
	int ours[3] = {-1, -1, -1};
	guint16 channel;
	fds[0] = fds[1] = fds[2] = -1;
	if (!payload || !prepare(owner, command, &channel, ours, fds, error)) {
		for (int i = 0; i < 3; i++) {
			if (ours[i] >= 0)
				close(ours[i]);
			if (fds[i] >= 0)
				close(fds[i]);
		}
		if (data_free)
			data_free(data);
		return NULL;
	}
	AgentSession *self = g_new0(AgentSession, 1);
	*self = (AgentSession){.owner = owner,
		.channel = channel,
		.terminal = command->terminal,
		.ended = ended,
		.data = data,
		.data_free = data_free};
	self->input.fd = ours[0];
	self->input.window = AGENT_WINDOW;
	for (int i = 0; i < 2; i++)
		self->outputs[i] = (Output){.session = self,
			.stream = (guint8)(AGENT_STDOUT + i),
			.fd = ours[1 + i],
			.waiting = g_byte_array_new()};
	g_hash_table_insert(owner->by_channel, GUINT_TO_POINTER(channel), self);
	agent_line_send(owner->line, AGENT_EXEC, channel, payload->data, payload->len, NULL, 0);
	watch_input(self);
	return self;
}

void agent_session_resize(AgentSession *self, guint16 rows, guint16 columns)
{
	guint8 payload[4];
	agent_put_u16(payload, rows);
	agent_put_u16(payload + 2, columns);
	agent_line_send(self->owner->line, AGENT_RESIZE, self->channel, payload, sizeof payload, NULL, 0);
}

void agent_session_signal(AgentSession *self, guint8 number)
{
	if (!self->how)
		agent_line_send(self->owner->line, AGENT_SIGNAL, self->channel, &number, 1, NULL, 0);
}

void agent_session_hang_up(AgentSession *self)
{
	static const guint8 stream = AGENT_STDIN;
	self->ended = NULL;
	agent_session_signal(self, SIGHUP);
	if (self->input.fd >= 0)
		agent_line_send(self->owner->line, AGENT_EOF, self->channel, &stream, 1, NULL, 0);
	close_input(self);
	for (int i = 0; i < 2; i++) {
		acknowledge(&self->outputs[i], self->outputs[i].waiting->len);
		close_output(&self->outputs[i]);
	}
	finish_if_done(self);
}
