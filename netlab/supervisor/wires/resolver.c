/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/wires/resolver.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <unistd.h>

#define HOSTS_OWN "/etc/resolv.conf"
/* Often it is a link to a file that some service moves into place, so it is read, and not watched. */
#define SECONDS 5

struct Resolver {
	char *path, *text;
	int fd;
	guint source;
};

static gboolean copy(gpointer data)
{
	Resolver *self = data;
	g_autofree char *text = NULL;
	gsize length = 0;
	if (!g_file_get_contents(HOSTS_OWN, &text, &length, NULL))
		text = g_strdup("");
	if (self->text && g_str_equal(text, self->text))
		return G_SOURCE_CONTINUE;
	if (ftruncate(self->fd, 0) < 0 || pwrite(self->fd, text, length, 0) != (ssize_t)length)
		g_warning("cannot write \"%s\": %s", self->path, g_strerror(errno));
	g_free(self->text);
	self->text = g_steal_pointer(&text);
	return G_SOURCE_CONTINUE;
}

/** The host's resolv.conf, copied: see resolver.h. */
Resolver *resolver_new(const char *path, GError **error)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		int code = errno;
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code),
			"cannot write \"%s\" for the lab's uplinks: %s", path, g_strerror(code));
		return NULL;
	}
	Resolver *self = g_new0(Resolver, 1);
	self->path = g_strdup(path);
	self->fd = fd;
	copy(self);
	self->source = g_timeout_add_seconds(SECONDS, copy, self);
	return self;
}

void resolver_free(Resolver *self)
{
	g_source_remove(self->source);
	close(self->fd);
	g_free(self->path);
	g_free(self->text);
	g_free(self);
}

const char *resolver_path(const Resolver *self)
{
	return self->path;
}
