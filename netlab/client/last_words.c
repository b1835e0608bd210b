/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/client/last_words.h"

#include <errno.h>
#include <gio/gunixinputstream.h>
#include <glib-unix.h>
#include <unistd.h>

#include "netlab/client/plain_text.h"

enum { KEPT = 4096 };

struct LastWords {
	GInputStream *errors;
	guint source; /* 0: they have ended */
	GString *kept;
};

static int descriptor(const LastWords *self)
{
	return g_unix_input_stream_get_fd(G_UNIX_INPUT_STREAM(self->errors));
}

/* What read(2) says. */
static ssize_t take(LastWords *self)
{
	char piece[KEPT];
	ssize_t n = read(descriptor(self), piece, sizeof piece);
	if (n > 0) {
		g_string_append_len(self->kept, piece, n);
		g_string_erase(self->kept, 0, (gssize)MAX(self->kept->len, KEPT) - KEPT);
	}
	return n;
}

static gboolean on_errors(int fd, GIOCondition condition, gpointer data)
{
	LastWords *self = data;
	ssize_t n = take(self);
	if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
		return G_SOURCE_CONTINUE;
	self->source = 0;
	return G_SOURCE_REMOVE;
}

LastWords *last_words_new(GSubprocess *process)
{
	LastWords *self = g_new0(LastWords, 1);
	self->errors = g_object_ref(g_subprocess_get_stderr_pipe(process));
	self->kept = g_string_new(NULL);
	g_unix_set_fd_nonblocking(descriptor(self), TRUE, NULL);
	self->source = g_unix_fd_add(descriptor(self), G_IO_IN | G_IO_HUP | G_IO_ERR, on_errors, self);
	return self;
}

void last_words_free(LastWords *self)
{
	g_clear_handle_id(&self->source, g_source_remove);
	g_object_unref(self->errors);
	g_string_free(self->kept, TRUE);
	g_free(self);
}

char *last_words_get(LastWords *self)
{
	/* Who has ended has written all before. */
	while (take(self) > 0)
		continue;
	g_auto(GStrv) lines = g_strsplit(self->kept->str, "\n", -1);
	for (guint i = g_strv_length(lines); i > 0; i--) {
		g_autofree char *line = printable_text(g_strstrip(lines[i - 1]));
		if (*line)
			return g_steal_pointer(&line);
	}
	return NULL;
}
