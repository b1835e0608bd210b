/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files are sent piece by piece: they may be larger than what should be held in memory. */
#include "netlab/supervisor/agent/agent_setup.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "topologies/plan/plan.h"

struct AgentSetup {
	AgentLine *line;
	const GPtrArray *steps; /* of PlanSetup */
	guint next;             /* the step to send */
	const PlanSetup *open;  /* the file whose content is being sent, or NULL */
	int source;             /* its source, or -1 */
	guint64 offset;         /* of its content */
};

AgentSetup *agent_setup_new(AgentLine *line, const GPtrArray *steps)
{
	AgentSetup *self = g_new0(AgentSetup, 1);
	*self = (AgentSetup){.line = line, .steps = steps, .source = -1};
	return self;
}

void agent_setup_free(AgentSetup *self)
{
	if (self->source >= 0)
		close(self->source);
	g_free(self);
}

static GByteArray *pack_words(char **words)
{
	GByteArray *payload = g_byte_array_new();
	for (char **word = words; *word; word++)
		g_byte_array_append(payload, (const guint8 *)*word, (guint)strlen(*word) + 1);
	return payload;
}

void agent_setup_say(AgentLine *line, char **words)
{
	g_autoptr(GByteArray) payload = pack_words(words);
	agent_line_send(line, AGENT_SETUP, 0, payload->data, payload->len, NULL, 0);
}

static gboolean send_words(AgentSetup *self, char **words, GError **error)
{
	g_autoptr(GByteArray) payload = pack_words(words);
	if (payload->len > AGENT_MAX_PAYLOAD) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			"set-up step \"%s %.40s...\" is longer than %d bytes; put the text into a <file>", words[0],
			words[1] ? words[1] : "", AGENT_MAX_PAYLOAD);
		return FALSE;
	}
	agent_line_send(self->line, AGENT_SETUP, 0, payload->data, payload->len, NULL, 0);
	return TRUE;
}

static gboolean cannot_read(const PlanSetup *step, const char *why, GError **error)
{
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "cannot read file \"%s\" (%s:%d): %s", step->source,
		step->pos.file, step->pos.line, why);
	return FALSE;
}

static gboolean open_source(AgentSetup *self, const PlanSetup *step, GError **error)
{
	g_autoptr(GError) why = NULL;
	self->source = lab_folder_open(step->folder, step->source, LAB_OPEN_READ, &why);
	return self->source >= 0 || cannot_read(step, why->message, error);
}

/* The next piece of the open file, or its end. */
static gboolean send_piece(AgentSetup *self, GError **error)
{
	guint8 bytes[AGENT_MAX_PAYLOAD];
	gssize n;
	if (self->source >= 0) {
		n = read(self->source, bytes, sizeof bytes);
		if (n < 0)
			return errno == EINTR || cannot_read(self->open, g_strerror(errno), error);
		/* It may be a file that grows, or one of a file system that makes it up. */
		self->offset += (guint64)n;
		if (self->offset > LAB_MAX_SOURCE_SIZE)
			return cannot_read(self->open, "it is too large", error);
	} else {
		gsize size = 0;
		const guint8 *content = self->open->content ? g_bytes_get_data(self->open->content, &size) : NULL;
		n = (gssize)MIN(size - self->offset, sizeof bytes);
		if (n)
			memcpy(bytes, content + self->offset, (gsize)n);
		self->offset += (guint64)n;
	}
	if (n > 0) {
		agent_line_send(self->line, AGENT_FILE_DATA, 0, bytes, (gsize)n, NULL, 0);
		return TRUE;
	}
	agent_line_send(self->line, AGENT_FILE_END, 0, NULL, 0, NULL, 0);
	if (self->source >= 0)
		close(self->source);
	self->source = -1;
	self->open = NULL;
	return TRUE;
}

static gboolean send_step(AgentSetup *self, GError **error)
{
	const PlanSetup *step = g_ptr_array_index(self->steps, self->next++);
	if (step->source && !open_source(self, step, error))
		return FALSE;
	if (!send_words(self, step->words, error))
		return FALSE;
	if (g_str_equal(step->words[0], "file")) {
		self->open = step;
		self->offset = 0;
	}
	return TRUE;
}

gboolean agent_setup_send(AgentSetup *self, gboolean *done, GError **error)
{
	while (agent_line_has_room(self->line)) {
		if (self->open) {
			if (!send_piece(self, error))
				return FALSE;
		} else if (self->next < self->steps->len) {
			if (!send_step(self, error))
				return FALSE;
		} else {
			agent_line_send(self->line, AGENT_GO, 0, NULL, 0, NULL, 0);
			*done = TRUE;
			return TRUE;
		}
	}
	return TRUE;
}
