/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/node/boot_log.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

#include "netlab/client/plain_text.h"

#define TAIL_MAX 8192u /* a panic with its register dump and stack fits */

struct BootLog {
	int file, pipe;
	guint source;
	gsize written;
	GString *tail;
};

static void keep(BootLog *self, const char *bytes, gsize n)
{
	g_string_append_len(self->tail, bytes, (gssize)n);
	if (self->tail->len > TAIL_MAX)
		g_string_erase(self->tail, 0, (gssize)(self->tail->len - TAIL_MAX));
	if (self->written >= BOOT_LOG_MAX)
		return;
	static const char full[] = "\n[the boot log is full; further output is dropped]\n";
	gsize room = BOOT_LOG_MAX - self->written;
	/* When the disk is full, the guest continues without a log. */
	if (write(self->file, bytes, MIN(n, room)) < 0 || (n >= room && write(self->file, full, sizeof full - 1) < 0))
		self->written = BOOT_LOG_MAX;
	self->written += MIN(n, room);
}

/* Reads one piece; FALSE when there is none now, *end when no more will come. */
static gboolean take_piece(BootLog *self, gboolean *end)
{
	char bytes[4096];
	ssize_t n = read(self->pipe, bytes, sizeof bytes);
	*end = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
	if (n > 0)
		keep(self, bytes, (gsize)n);
	return n > 0;
}

static gboolean on_output(int fd, GIOCondition condition, gpointer data)
{
	BootLog *self = data;
	gboolean end;
	/* One piece a turn: a guest that floods its console must not keep the others waiting. */
	take_piece(self, &end);
	if (!end)
		return G_SOURCE_CONTINUE;
	self->source = 0;
	return G_SOURCE_REMOVE;
}

/** Opens a boot log: see boot_log.h. */
BootLog *boot_log_new(const char *path, int *input, GError **error)
{
	int ends[2] = {-1, -1};
	/* A new file for each boot: a program that still reads the last one keeps it, and sees that this is another file. */
	unlink(path);
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (file < 0 || pipe2(ends, O_CLOEXEC) < 0) {
		int code = errno;
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code), "cannot open the boot log \"%s\": %s", path,
			g_strerror(code));
		if (file >= 0)
			close(file);
		return NULL;
	}
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	BootLog *self = g_new0(BootLog, 1);
	*self = (BootLog){.file = file, .pipe = ends[0], .tail = g_string_new(NULL)};
	self->source = g_unix_fd_add(self->pipe, G_IO_IN | G_IO_HUP, on_output, self);
	*input = ends[1];
	return self;
}

void boot_log_free(BootLog *self)
{
	if (self->source)
		g_source_remove(self->source);
	close(self->file);
	close(self->pipe);
	g_string_free(self->tail, TRUE);
	g_free(self);
}

/** Reads what is in the pipe now, at most as much as a pipe holds: others may still write. */
void boot_log_drain(BootLog *self)
{
	gboolean end = FALSE;
	for (unsigned i = 0; i < 64 && take_piece(self, &end); i++)
		;
}

/** Why the guest died, according to its console. */
char *boot_log_last_words(BootLog *self, unsigned n)
{
	/* It may be cut in the middle of a character, and a guest may write anything. */
	g_autofree char *tail = printable_bytes(self->tail->str, self->tail->len);
	const char *panic = g_strrstr(tail, "Kernel panic - ");
	if (panic)
		return g_strndup(panic, strcspn(panic, "\n"));
	g_auto(GStrv) lines = g_strsplit(tail, "\n", -1);
	g_autoptr(GPtrArray) last = g_ptr_array_new();
	for (guint i = g_strv_length(lines); i > 0 && last->len < n; i--)
		if (*g_strstrip(lines[i - 1]))
			g_ptr_array_insert(last, 0, lines[i - 1]);
	g_ptr_array_add(last, NULL);
	return g_strjoinv(" | ", (char **)last->pdata);
}
