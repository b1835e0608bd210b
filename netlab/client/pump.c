/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/client/pump.h"

#include <errno.h>
#include <glib-unix.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

struct Pump {
	int from, to; /* to: -1 with a sink */
	PumpFilter filter;
	PumpSink sink;
	PumpDone done;
	gpointer data;
	guint source; /* 0 once ended */
	guint8 buffer[PIPE_BUF];
	gsize start, end;
	gboolean last; /* the filter said this is the end */
};

static gboolean readable(int fd, GIOCondition condition, gpointer data);

static gboolean finish(Pump *self, int write_errno)
{
	self->source = 0;
	self->done(self, write_errno, self->data);
	return G_SOURCE_REMOVE;
}

static gboolean writable(int fd, GIOCondition condition, gpointer data)
{
	Pump *self = data;
	ssize_t n = write(self->to, self->buffer + self->start, self->end - self->start);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return G_SOURCE_CONTINUE;
	if (n < 0)
		return finish(self, errno);
	self->start += (gsize)n;
	if (self->start < self->end)
		return G_SOURCE_CONTINUE;
	if (self->last)
		return finish(self, 0);
	self->source = g_unix_fd_add(self->from, G_IO_IN | G_IO_HUP | G_IO_ERR, readable, self);
	return G_SOURCE_REMOVE;
}

static gboolean readable(int fd, GIOCondition condition, gpointer data)
{
	Pump *self = data;
	ssize_t n = read(self->from, self->buffer, sizeof self->buffer);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return G_SOURCE_CONTINUE;
	/* A read error is an end of input: EIO is how a terminal says that it has gone. */
	if (n <= 0)
		return finish(self, 0);
	self->start = 0;
	self->end = (gsize)n;
	if (self->filter && !self->filter(self->buffer, &self->end, self->data))
		self->last = TRUE;
	if (self->sink)
		self->sink(self->buffer, self->end, self->data);
	if (self->sink || self->end == 0)
		return self->last ? finish(self, 0) : G_SOURCE_CONTINUE;
	self->source = g_unix_fd_add(self->to, G_IO_OUT | G_IO_HUP | G_IO_ERR, writable, self);
	return G_SOURCE_REMOVE;
}

static Pump *start(int from, int to, PumpFilter filter, PumpSink sink, PumpDone done, gpointer data)
{
	Pump *self = g_new0(Pump, 1);
	*self = (Pump){.from = from, .to = to, .filter = filter, .sink = sink, .done = done, .data = data};
	self->source = g_unix_fd_add(from, G_IO_IN | G_IO_HUP | G_IO_ERR, readable, self);
	return self;
}

/** Starts to carry FROM to TO: see pump.h. Caller frees with pump_free(). */
Pump *pump_new(int from, int to, PumpFilter filter, PumpDone done, gpointer data)
{
	return start(from, to, filter, NULL, done, data);
}

/** Starts to carry FROM to a function. Caller frees with pump_free(). */
Pump *pump_new_sink(int from, PumpSink sink, PumpDone done, gpointer data)
{
	return start(from, -1, NULL, sink, done, data);
}

/** Stops it at once; DONE is not called. */
void pump_free(Pump *self)
{
	if (self->source)
		g_source_remove(self->source);
	g_free(self);
}
