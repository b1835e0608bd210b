/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames in and out. Whatever comes is from a guest, so it is checked, and a breach ends the conversation. */
#include "netlab/supervisor/agent/agent_line.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What can wait does so while more than this is queued. */
#define QUEUE_ENOUGH 65536u

/* Every change is made by a frame of the agent, but for the first: agent_client_new(). */
typedef enum {
	TALK_SILENT, /* no HELLO yet: nothing may be sent, the guest's tty would echo it */
	TALK_OPEN,   /* HELLO came */
	TALK_OVER,   /* the line closed or the agent broke the protocol */
} Talk;

struct AgentClient {
	int fd;
	const AgentEvents *events;
	gpointer data;
	Talk talk;
	guint in, out;     /* sources; out only while something is queued */
	GByteArray *queue; /* to be sent; the first SENT bytes are */
	gsize sent;
	gsize window; /* bytes that the line may be sent before the agent's next credit: see protocol.h */
	guint8 input[AGENT_HEADER_SIZE + AGENT_MAX_PAYLOAD];
	gsize length;
	AgentSessions *sessions;
	AgentSetup *setup; /* while it is being sent */
	gboolean refilling;
};

static void end_talk(AgentClient *self)
{
	self->talk = TALK_OVER;
	g_clear_handle_id(&self->in, g_source_remove);
	g_clear_handle_id(&self->out, g_source_remove);
	g_clear_pointer(&self->setup, agent_setup_free);
	g_byte_array_set_size(self->queue, 0);
	self->sent = 0;
}

static void fail(AgentClient *self, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void fail(AgentClient *self, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	g_autofree char *message = g_strdup_vprintf(format, args);
	va_end(args);
	end_talk(self);
	self->events->failed(message, self->data);
}

/* -- out -- */

static gboolean on_writable(int fd, GIOCondition condition, gpointer data);

static void flush(AgentClient *self)
{
	while (self->sent < self->queue->len && self->window > 0) {
		ssize_t n = send(self->fd, self->queue->data + self->sent,
			MIN(self->queue->len - self->sent, self->window), MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break; /* full: on_writable() goes on; broken: the reading side finds out */
		self->sent += (gsize)n;
		self->window -= (gsize)n;
	}
	if (self->sent == self->queue->len || self->sent > QUEUE_ENOUGH) {
		g_byte_array_remove_range(self->queue, 0, (guint)self->sent);
		self->sent = 0;
	}
	if (self->queue->len > self->sent && self->window > 0 && !self->out)
		self->out = g_unix_fd_add(self->fd, G_IO_OUT, on_writable, self);
}

/* Lets those who wait for room go on: the set-up first. */
static void refill(AgentClient *self)
{
	g_autoptr(GError) error = NULL;
	gboolean done = FALSE;
	if (self->refilling || self->talk != TALK_OPEN)
		return;
	self->refilling = TRUE;
	if (self->setup && !agent_setup_send(self->setup, &done, &error))
		fail(self, "%s", error->message);
	if (done)
		g_clear_pointer(&self->setup, agent_setup_free);
	if (self->talk == TALK_OPEN && agent_line_has_room(self))
		agent_sessions_resume(self->sessions);
	self->refilling = FALSE;
}

static gboolean on_writable(int fd, GIOCondition condition, gpointer data)
{
	AgentClient *self = data;
	self->out = 0;
	if (condition & (G_IO_HUP | G_IO_ERR))
		return G_SOURCE_REMOVE;
	flush(self);
	if (agent_line_has_room(self))
		refill(self);
	return G_SOURCE_REMOVE;
}

/** Queues a frame and sends what the line takes. */
void agent_line_send(AgentClient *self, AgentType type, guint16 channel, const void *head, gsize head_length,
	const void *tail, gsize tail_length)
{
	guint8 header[AGENT_HEADER_SIZE];
	g_assert(head_length + tail_length <= AGENT_MAX_PAYLOAD);
	if (self->talk != TALK_OPEN)
		return;
	agent_header_encode(&(AgentHeader){(uint32_t)(head_length + tail_length), channel, (uint8_t)type}, header);
	g_byte_array_append(self->queue, header, sizeof header);
	g_byte_array_append(self->queue, head, (guint)head_length);
	g_byte_array_append(self->queue, tail, (guint)tail_length);
	if (!self->out)
		flush(self);
}

gboolean agent_line_has_room(const AgentClient *self)
{
	return self->talk == TALK_OPEN && self->queue->len - self->sent < QUEUE_ENOUGH;
}

AgentSessions *agent_client_sessions(AgentClient *self)
{
	return self->sessions;
}

/* -- in -- */

static char *text_of(const guint8 *bytes, gsize length)
{
	g_autofree char *raw = g_strndup((const char *)bytes, length);
	char *text = g_utf8_make_valid(raw, -1);
	return g_strchomp(text);
}

static void on_hello(AgentClient *self, const AgentHeader *header, const guint8 *payload)
{
	guint32 version = header->length == 4 ? agent_get_u32(payload) : 0;
	if (self->talk != TALK_SILENT) {
		fail(self, "the agent said hello twice");
	} else if (version != AGENT_VERSION) {
		fail(self,
			"the agent in the image speaks version %u of the protocol, this netlab version %u; build the "
			"image anew: "
			"netlab image build",
			version, AGENT_VERSION);
	} else {
		self->talk = TALK_OPEN;
		/* what asks for credits is not counted itself */
		self->window = AGENT_HEADER_SIZE + AGENT_LINE_WINDOW;
		agent_line_send(self, AGENT_CREDIT, 0, NULL, 0, NULL, 0);
		self->events->hello(self->data);
	}
}

static void on_report(AgentClient *self, const AgentHeader *header, const guint8 *payload)
{
	if (header->length < 1)
		return;
	g_autofree char *text = text_of(payload + 1, header->length - 1);
	if (payload[0] == 'w')
		self->events->warned(text, self->data);
	else
		g_debug("agent: %s", text);
}

static void on_line_credit(AgentClient *self, const AgentHeader *header, const guint8 *payload)
{
	guint32 read = header->length == 5 ? agent_get_u32(payload + 1) : 0;
	if (self->talk != TALK_OPEN || read == 0 || read > AGENT_LINE_WINDOW - self->window) {
		fail(self, "the agent broke the protocol: a credit for what was not sent");
		return;
	}
	self->window += read;
	flush(self);
	if (agent_line_has_room(self))
		refill(self);
}

static void on_frame(AgentClient *self, const AgentHeader *header, const guint8 *payload)
{
	if (header->channel) {
		if (!agent_sessions_frame(self->sessions, header, payload))
			fail(self, "the agent broke the protocol: frame of type %u on channel %u", header->type,
				header->channel);
		return;
	}
	switch ((AgentType)header->type) {
	case AGENT_HELLO:
		on_hello(self, header, payload);
		break;
	case AGENT_READY:
		self->events->ready(self->data);
		break;
	case AGENT_FAILED: {
		g_autofree char *text = text_of(payload, header->length);
		fail(self, "%s", text);
		break;
	}
	case AGENT_CREDIT:
		on_line_credit(self, header, payload);
		break;
	case AGENT_REPORT:
		on_report(self, header, payload);
		break;
	default:
		fail(self, "the agent broke the protocol: frame of type %u on channel 0", header->type);
	}
}

/* Before the agent has made the line raw, the guest's kernel may echo or say things on it; a frame begins with the HELLO.
 * Returns how many bytes are to be thrown away. */
static gsize noise(const AgentClient *self)
{
	static const guint8 hello[AGENT_HEADER_SIZE] = {4, 0, 0, 0, 0, 0, AGENT_HELLO, 0};
	gsize skip = 0;
	if (self->talk != TALK_SILENT)
		return 0;
	while (skip < self->length && memcmp(self->input + skip, hello, MIN(sizeof hello, self->length - skip)) != 0)
		skip++;
	return skip;
}

/* Cuts one frame from the input; FALSE when there is no whole one. */
static gboolean take_frame(AgentClient *self)
{
	AgentHeader header;
	gsize skip = noise(self);
	memmove(self->input, self->input + skip, self->length -= skip);
	if (self->length < AGENT_HEADER_SIZE)
		return FALSE;
	if (agent_header_decode(self->input, &header) < 0) {
		fail(self, "the agent broke the protocol: what came is no frame");
		return FALSE;
	}
	gsize whole = AGENT_HEADER_SIZE + header.length;
	if (self->length < whole)
		return FALSE;
	on_frame(self, &header, self->input + AGENT_HEADER_SIZE);
	memmove(self->input, self->input + whole, self->length -= whole);
	return self->talk != TALK_OVER;
}

static gboolean on_readable(int fd, GIOCondition condition, gpointer data)
{
	AgentClient *self = data;
	ssize_t n = recv(fd, self->input + self->length, sizeof self->input - self->length, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return G_SOURCE_CONTINUE;
	if (n <= 0) {
		/* The guest is gone; its end, which comes by the pidfd, says why. */
		self->in = 0;
		end_talk(self);
		return G_SOURCE_REMOVE;
	}
	self->length += (gsize)n;
	while (take_frame(self))
		;
	return self->in ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* -- the client -- */

/** Begins to listen on FD: see agent_client.h. */
AgentClient *agent_client_new(int fd, const AgentEvents *events, gpointer data)
{
	AgentClient *self = g_new0(AgentClient, 1);
	self->fd = fd;
	self->events = events;
	self->data = data;
	self->queue = g_byte_array_new();
	self->sessions = agent_sessions_new(self);
	self->in = g_unix_fd_add(fd, G_IO_IN | G_IO_HUP, on_readable, self);
	return self;
}

void agent_client_free(AgentClient *self)
{
	end_talk(self);
	agent_sessions_free(self->sessions);
	g_byte_array_unref(self->queue);
	close(self->fd);
	g_free(self);
}

/** Sends the set-up: see agent_client.h. */
void agent_client_set_up(AgentClient *self, const GPtrArray *setup)
{
	g_assert(!self->setup);
	self->setup = agent_setup_new(self, setup);
	refill(self);
}

/** Tells the agent of a jump of the clock: see agent_client.h. */
void agent_client_step_clock(AgentClient *self, gint64 step)
{
	guint8 payload[8];
	agent_put_i64(payload, step);
	agent_line_send(self, AGENT_STEP_CLOCK, 0, payload, sizeof payload, NULL, 0);
}

/** Tells the agent to power off. */
void agent_client_shut_down(AgentClient *self)
{
	agent_line_send(self, AGENT_SHUTDOWN, 0, NULL, 0, NULL, 0);
}
