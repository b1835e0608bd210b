/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/agent/agent.h"

#include "netlab/client/plain_text.h"
#include "netlab/supervisor/agent/agent_setup.h"

struct Agent {
	const AgentEvents *events;
	gpointer data;
	AgentLine *line;
	AgentSessions *sessions;
	AgentSetup *setup; /* while it is being sent */
	gboolean refilling;
};

/* Continues what waits for room on the line: the set-up first. */
static void refill(gpointer data)
{
	Agent *self = data;
	g_autoptr(GError) error = NULL;
	gboolean done = FALSE;
	if (self->refilling || !agent_line_is_open(self->line))
		return;
	self->refilling = TRUE;
	if (self->setup && !agent_setup_send(self->setup, &done, &error))
		agent_line_break(self->line, "%s", error->message);
	if (done)
		g_clear_pointer(&self->setup, agent_setup_free);
	if (agent_line_has_room(self->line))
		agent_sessions_resume(self->sessions);
	self->refilling = FALSE;
}

static char *text_of(const guint8 *bytes, gsize length)
{
	return g_strchomp(printable_bytes(bytes, length));
}

static void on_hello(gpointer data)
{
	Agent *self = data;
	self->events->hello(self->data);
}

static void on_broken(const char *message, gpointer data)
{
	Agent *self = data;
	g_clear_pointer(&self->setup, agent_setup_free);
	self->events->failed(message, self->data);
}

static void on_report(Agent *self, const AgentHeader *header, const guint8 *payload)
{
	if (header->length < 1)
		return;
	g_autofree char *text = text_of(payload + 1, header->length - 1);
	if (payload[0] == 'w')
		self->events->warned(text, self->data);
	else
		g_debug("agent: %s", text);
}

static void on_frame(const AgentHeader *header, const guint8 *payload, gpointer data)
{
	Agent *self = data;
	if (header->channel) {
		if (!agent_sessions_frame(self->sessions, header, payload))
			agent_line_break(self->line, "the agent broke the protocol: frame of type %u on channel %u",
				header->type, header->channel);
		return;
	}
	switch ((AgentType)header->type) {
	case AGENT_READY:
		self->events->ready(self->data);
		break;
	case AGENT_FAILED: {
		g_autofree char *text = text_of(payload, header->length);
		agent_line_break(self->line, "%s", text);
		break;
	}
	case AGENT_REPORT:
		on_report(self, header, payload);
		break;
	default:
		agent_line_break(
			self->line, "the agent broke the protocol: frame of type %u on channel 0", header->type);
	}
}

static const AgentLineEvents line_events = {on_hello, on_frame, refill, on_broken};

Agent *agent_new(int fd, const AgentEvents *events, gpointer data)
{
	Agent *self = g_new0(Agent, 1);
	self->events = events;
	self->data = data;
	self->line = agent_line_new(fd, &line_events, self);
	self->sessions = agent_sessions_new(self->line);
	return self;
}

void agent_free(Agent *self)
{
	g_clear_pointer(&self->setup, agent_setup_free);
	agent_sessions_free(self->sessions);
	agent_line_free(self->line);
	g_free(self);
}

void agent_set_up(Agent *self, const GPtrArray *setup)
{
	g_assert(!self->setup);
	self->setup = agent_setup_new(self->line, setup);
	refill(self);
}

void agent_step_clock(Agent *self, gint64 step)
{
	guint8 payload[8];
	agent_put_i64(payload, step);
	agent_line_send(self->line, AGENT_STEP_CLOCK, 0, payload, sizeof payload, NULL, 0);
}

gboolean agent_limit_disk(Agent *self, guint64 room, guint64 stored)
{
	guint8 payload[16];
	if (!agent_line_has_room(self->line))
		return FALSE;
	agent_put_i64(payload, (gint64)room);
	agent_put_i64(payload + 8, (gint64)stored);
	agent_line_send(self->line, AGENT_DISK, 0, payload, sizeof payload, NULL, 0);
	return TRUE;
}

void agent_set_speed(Agent *self, const char *interface, unsigned speed)
{
	g_autofree char *text = g_strdup_printf("%u", speed);
	char *words[] = {"speed", (char *)interface, text, NULL};
	agent_setup_say(self->line, words);
}

void agent_shut_down(Agent *self)
{
	agent_line_send(self->line, AGENT_SHUTDOWN, 0, NULL, 0, NULL, 0);
}

AgentSession *agent_exec(Agent *self, const AgentCommand *command, int fds[3], AgentSessionEnded ended, gpointer data,
	GDestroyNotify data_free, GError **error)
{
	return agent_sessions_start(self->sessions, command, fds, ended, data, data_free, error);
}
