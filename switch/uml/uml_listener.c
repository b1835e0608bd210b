/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/uml/uml_listener.h"

#include "switch/uml/uml_switch.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct UmlListener {
	int folder; /* -1: none */
	char *place; /* the path as the kernel is told: absolute, because the folder we work in may change; or in FOLDER */
	int fd;
	guint source; /* 0: descriptors have run out, nobody is let in until somebody leaves */
	struct stat identity;
	GPtrArray *clients; /* of Client, at its number less one; NULL where there is none */
	const UmlListenerEvents *events;
	gpointer data;
};

typedef struct {
	UmlListener *listener;
	guint number, source;
	int fd;
	gboolean joined;
	uint8_t request[UML_REQUEST_MAX];
	gsize size; /* of what has come of it */
} Client;

static gboolean on_connection(int fd, GIOCondition condition, gpointer data);

static void let_in(UmlListener *self)
{
	if (!self->source)
		self->source = g_unix_fd_add(self->fd, G_IO_IN, on_connection, self);
}

static void drop(Client *client)
{
	UmlListener *self = client->listener;
	if (client->joined)
		self->events->left(client->number, self->data);
	g_source_remove(client->source);
	close(client->fd);
	self->clients->pdata[client->number - 1] = NULL;
	g_free(client);
	let_in(self);
}

static gboolean serve(Client *client, const struct sockaddr_un *address, GError **error)
{
	UmlListener *self = client->listener;
	struct sockaddr_un answer;
	int data_socket = uml_data_socket_new(address, &answer, error);
	if (data_socket < 0 || !self->events->joined(client->number, data_socket, self->data, error))
		return FALSE;
	client->joined = TRUE;
	/* The first that is sent on this connection: there is room for it. */
	if (send(client->fd, &answer, sizeof(answer), MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof(answer))
		return TRUE;
	g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "cannot send it the reply: %s", g_strerror(errno));
	return FALSE;
}

static void read_request(Client *client)
{
	UmlListener *self = client->listener;
	g_autoptr(GError) error = NULL;
	struct sockaddr_un address;
	UmlRequestState state = uml_request_read(client->request, client->size, &address, &error);
	if (state == UML_REQUEST_MORE || (state == UML_REQUEST_READY && serve(client, &address, &error)))
		return;
	g_autofree char *why = g_strdup_printf("rejected a client's request: %s", error->message);
	self->events->refused(why, self->data);
	drop(client);
}

static gboolean on_client(int fd, GIOCondition condition, gpointer data)
{
	Client *client = data;
	uint8_t ignored[256];
	ssize_t n = client->joined
		? recv(fd, ignored, sizeof(ignored), MSG_DONTWAIT)
		: recv(fd, client->request + client->size, sizeof(client->request) - client->size, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return G_SOURCE_CONTINUE;
	if (n <= 0) {
		drop(client);
	} else if (!client->joined) {
		client->size += (gsize)n;
		read_request(client);
	}
	return G_SOURCE_CONTINUE; /* of no effect once the source was removed */
}

static void add_client(UmlListener *self, int fd)
{
	guint i = 0;
	while (i < self->clients->len && self->clients->pdata[i])
		i++;
	if (i == self->clients->len)
		g_ptr_array_add(self->clients, NULL);
	Client *client = g_new0(Client, 1);
	client->listener = self;
	client->number = i + 1;
	client->fd = fd;
	client->source = g_unix_fd_add(fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_client, client);
	self->clients->pdata[i] = client;
}

static gboolean on_connection(int listening, GIOCondition condition, gpointer data)
{
	UmlListener *self = data;
	int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
	if (fd >= 0) {
		add_client(self, fd);
		return G_SOURCE_CONTINUE;
	}
	if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM)
		return G_SOURCE_CONTINUE; /* it has gone again */
	g_autofree char *why =
		g_strdup_printf("cannot accept another client until one disconnects: %s", g_strerror(errno));
	self->events->refused(why, self->data);
	self->source = 0;
	return G_SOURCE_REMOVE;
}

/* Somebody answers there, or it is no socket: not ours to remove. */
static gboolean is_taken(const struct sockaddr_un *address)
{
	struct stat status;
	if (lstat(address->sun_path, &status) < 0 || !S_ISSOCK(status.st_mode))
		return TRUE;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	gboolean dead =
		fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 && errno == ECONNREFUSED;
	if (fd >= 0)
		close(fd);
	return !dead;
}

static void close_folder(int folder)
{
	if (folder >= 0)
		close(folder);
}

static gboolean bind_path(int fd, const struct sockaddr_un *address, const char *path, GError **error)
{
	if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) == 0)
		return TRUE;
	int code = errno;
	if (code == EADDRINUSE && is_taken(address)) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_EXISTS,
			"\"%s\" is in use: another switch listens there, or the file is not a "
			"socket; stop or remove it, or choose another path",
			path);
		return FALSE;
	}
	if (code == EADDRINUSE) {
		if (unlink(address->sun_path) == 0 && bind(fd, (const struct sockaddr *)address, sizeof(*address)) == 0)
			return TRUE;
		code = errno;
	}
	g_set_error(
		error, G_IO_ERROR, g_io_error_from_errno(code), "cannot listen on \"%s\": %s", path, g_strerror(code));
	return FALSE;
}

UmlListener *uml_listener_new(
	const char *path, int folder, mode_t mode, const UmlListenerEvents *events, gpointer data, GError **error)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	g_autofree char *name = g_path_get_basename(path);
	g_autofree char *place = folder >= 0 ? g_strdup_printf("/proc/self/fd/%d/%s", folder, name) : g_strdup(path);
	if (MAX(strlen(path), strlen(place)) >= sizeof(address.sun_path)) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			"cannot listen on \"%s\": the path of a socket can have at most %zu "
			"bytes, this one has %zu; choose a shorter path",
			path, sizeof(address.sun_path) - 1, MAX(strlen(path), strlen(place)));
		close_folder(folder);
		return NULL;
	}
	memcpy(address.sun_path, place, strlen(place));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* The mode of the file that bind(2) will make (net/unix/af_unix.c, unix_bind_bsd()). */
	if (fd < 0 || (mode && fchmod(fd, mode) < 0)) {
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "cannot listen on \"%s\": %s", path,
			g_strerror(errno));
		if (fd >= 0)
			close(fd);
		close_folder(folder);
		return NULL;
	}
	if (!bind_path(fd, &address, path, error)) {
		close(fd);
		close_folder(folder);
		return NULL;
	}
	UmlListener *self = g_new0(UmlListener, 1);
	self->folder = folder;
	self->place = g_canonicalize_filename(place, NULL);
	self->fd = fd;
	self->clients = g_ptr_array_new();
	self->events = events;
	self->data = data;
	if (lstat(self->place, &self->identity) < 0 || listen(fd, SOMAXCONN) < 0) {
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "cannot listen on \"%s\": %s", path,
			g_strerror(errno));
		uml_listener_free(self);
		return NULL;
	}
	let_in(self);
	return self;
}

void uml_listener_free(UmlListener *self)
{
	struct stat now;
	for (guint i = 0; i < self->clients->len; i++)
		if (self->clients->pdata[i])
			drop(self->clients->pdata[i]);
	g_ptr_array_unref(self->clients);
	g_clear_handle_id(&self->source, g_source_remove);
	close(self->fd);
	if (lstat(self->place, &now) == 0 && now.st_dev == self->identity.st_dev && now.st_ino == self->identity.st_ino)
		unlink(self->place);
	close_folder(self->folder);
	g_free(self->place);
	g_free(self);
}

guint uml_listener_clients(const UmlListener *self)
{
	guint n = 0;
	for (guint i = 0; i < self->clients->len; i++) {
		const Client *client = self->clients->pdata[i];
		n += client && client->joined;
	}
	return n;
}
