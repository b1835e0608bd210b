/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/agent/agent_line.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Frames that can wait do so while more than this is queued. */
#define QUEUE_ENOUGH 65536u

/* Only a frame from the agent, a hang-up or agent_line_break() changes it. */
typedef enum {
	LINE_SILENT, /* no HELLO yet: nothing may be sent, because the guest's tty would echo it */
	LINE_OPEN,   /* HELLO came */
	LINE_OVER,   /* the line was closed, or the agent broke the protocol */
} LineState;

struct AgentLine {
	int fd;
	const AgentLineEvents *events;
	gpointer data;
	LineState state;
	guint in, out;     /* sources; out only while something is queued */
	GByteArray *queue; /* to be sent; the first SENT bytes are sent already */
	gsize sent;
	gsize window; /* bytes that may be sent before the agent's next credit: see protocol.h */
	guint8 input[AGENT_HEADER_SIZE + AGENT_MAX_PAYLOAD];
	gsize length;
};

static void end(AgentLine *self)
{
	self->state = LINE_OVER;
	g_clear_handle_id(&self->in, g_source_remove);
	g_clear_handle_id(&self->out, g_source_remove);
	g_byte_array_set_size(self->queue, 0);
	self->sent = 0;
}

void agent_line_break(AgentLine *self, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	g_autofree char *message = g_strdup_vprintf(format, args);
	va_end(args);
	end(self);
	self->events->broken(message, self->data);
}

/* -- out -- */

static gboolean on_writable(int fd, GIOCondition condition, gpointer data);

static void flush(AgentLine *self)
{
	while (self->sent < self->queue->len && self->window > 0) {
		ssize_t n = send(self->fd, self->queue->data + self->sent,
			MIN(self->queue->len - self->sent, self->window), MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break; /* full: on_writable() continues; broken: the reading side finds out */
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

static gboolean on_writable(int fd, GIOCondition condition, gpointer data)
{
	AgentLine *self = data;
	self->out = 0;
	if (condition & (G_IO_HUP | G_IO_ERR))
		return G_SOURCE_REMOVE;
	flush(self);
	if (agent_line_has_room(self))
		self->events->room(self->data);
	return G_SOURCE_REMOVE;
}

void agent_line_send(AgentLine *self, AgentType type, guint16 channel, const void *head, gsize head_length,
	const void *tail, gsize tail_length)
{
	guint8 header[AGENT_HEADER_SIZE];
	g_assert(head_length + tail_length <= AGENT_MAX_PAYLOAD);
	if (self->state != LINE_OPEN)
		return;
	agent_header_encode(&(AgentHeader){(uint32_t)(head_length + tail_length), channel, (uint8_t)type}, header);
	g_byte_array_append(self->queue, header, sizeof header);
	g_byte_array_append(self->queue, head, (guint)head_length);
	g_byte_array_append(self->queue, tail, (guint)tail_length);
	if (!self->out)
		flush(self);
}

gboolean agent_line_is_open(const AgentLine *self)
{
	return self->state == LINE_OPEN;
}

gboolean agent_line_has_room(const AgentLine *self)
{
	return self->state == LINE_OPEN && self->queue->len - self->sent < QUEUE_ENOUGH;
}

/* -- in -- */

static void on_hello(AgentLine *self, const AgentHeader *header, const guint8 *payload)
{
	guint32 version = header->length == 4 ? agent_get_u32(payload) : 0;
	if (self->state != LINE_SILENT) {
		agent_line_break(self, "the agent said hello twice");
	} else if (version != AGENT_VERSION) {
		agent_line_break(self,
			"the agent in the image speaks version %u of the protocol, but this netlab speaks version %u; "
			"build the image again: netlab image build",
			version, AGENT_VERSION);
	} else {
		self->state = LINE_OPEN;
		/* the frame that asks for credits is not counted itself */
		self->window = AGENT_HEADER_SIZE + AGENT_LINE_WINDOW;
		agent_line_send(self, AGENT_CREDIT, 0, NULL, 0, NULL, 0);
		self->events->hello(self->data);
	}
}

static void on_credit(AgentLine *self, const AgentHeader *header, const guint8 *payload)
{
	guint32 read = header->length == 5 ? agent_get_u32(payload + 1) : 0;
	if (self->state != LINE_OPEN || read == 0 || read > AGENT_LINE_WINDOW - self->window) {
		agent_line_break(self, "the agent broke the protocol: it acknowledged bytes that were not sent");
		return;
	}
	self->window += read;
	flush(self);
	if (agent_line_has_room(self))
		self->events->room(self->data);
}

static void on_frame(AgentLine *self, const AgentHeader *header, const guint8 *payload)
{
	if (header->type == AGENT_HELLO && !header->channel)
		on_hello(self, header, payload);
	else if (header->type == AGENT_CREDIT && !header->channel)
		on_credit(self, header, payload);
	else
		self->events->frame(header, payload, self->data);
}

/* Before the agent has made the line raw, the guest's kernel may echo or print on it; the first frame is the HELLO. Returns
 * how many bytes to throw away. */
static gsize noise(const AgentLine *self)
{
	static const guint8 hello[AGENT_HEADER_SIZE] = {4, 0, 0, 0, 0, 0, AGENT_HELLO, 0};
	gsize skip = 0;
	if (self->state != LINE_SILENT)
		return 0;
	while (skip < self->length && memcmp(self->input + skip, hello, MIN(sizeof hello, self->length - skip)) != 0)
		skip++;
	return skip;
}

/* Takes one frame from the input; FALSE when there is no whole one. */
static gboolean take_frame(AgentLine *self)
{
	AgentHeader header;
	gsize skip = noise(self);
	memmove(self->input, self->input + skip, self->length -= skip);
	if (self->length < AGENT_HEADER_SIZE)
		return FALSE;
	if (agent_header_decode(self->input, &header) < 0) {
		agent_line_break(self, "the agent broke the protocol: it sent something that is not a frame");
		return FALSE;
	}
	gsize whole = AGENT_HEADER_SIZE + header.length;
	if (self->length < whole)
		return FALSE;
	on_frame(self, &header, self->input + AGENT_HEADER_SIZE);
	memmove(self->input, self->input + whole, self->length -= whole);
	return self->state != LINE_OVER;
}

static gboolean on_readable(int fd, GIOCondition condition, gpointer data)
{
	AgentLine *self = data;
	ssize_t n = recv(fd, self->input + self->length, sizeof self->input - self->length, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return G_SOURCE_CONTINUE;
	if (n <= 0) {
		/* The guest is gone; its pidfd will tell why. */
		self->in = 0;
		end(self);
		return G_SOURCE_REMOVE;
	}
	self->length += (gsize)n;
	while (take_frame(self))
		;
	return self->in ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* -- life -- */

AgentLine *agent_line_new(int fd, const AgentLineEvents *events, gpointer data)
{
	AgentLine *self = g_new0(AgentLine, 1);
	self->fd = fd;
	self->events = events;
	self->data = data;
	self->queue = g_byte_array_new();
	self->in = g_unix_fd_add(fd, G_IO_IN | G_IO_HUP, on_readable, self);
	return self;
}

void agent_line_free(AgentLine *self)
{
	end(self);
	g_byte_array_unref(self->queue);
	close(self->fd);
	g_free(self);
}
