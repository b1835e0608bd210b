/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A control socket for the protocol of uml_switch (switch/uml/uml_switch.h). A program that connects and sends a request
 * becomes a client, with a datagram socket for its frames, until it disconnects. Uses the default main context. */
#pragma once

#include <gio/gio.h>
#include <sys/types.h>

typedef struct UmlListener UmlListener;

typedef struct {
	/** A client has joined. number: from 1, the lowest that no client has. socket: where its frames come and go, whose
	 *  owner the callee becomes. FALSE and error refuse it. */
	gboolean (*joined)(guint number, int socket, gpointer data, GError **error);
	void (*left)(guint number, gpointer data);
	/** Somebody could not be served, for this reason. */
	void (*refused)(const char *why, gpointer data);
} UmlListenerEvents;

/** Listens on a path of the file system. A socket left there by a process that is gone is replaced; one that is served,
 *  or a file of another kind, is an error (G_IO_ERROR_EXISTS).
 *  @folder: descriptor of the folder that PATH is in, or -1 to look that up by PATH; closed with the listener, or on failure
 *  @mode: of the socket, 0600 for the own user alone; 0 leaves it to the umask, as uml_switch does.
 *  events and data must outlive it. Caller frees. */
UmlListener *uml_listener_new(
	const char *path, int folder, mode_t mode, const UmlListenerEvents *events, gpointer data, GError **error);
/** Hangs up on every client (left is called), and removes the socket if it is still this one. */
void uml_listener_free(UmlListener *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UmlListener, uml_listener_free)
/** Clients that have joined and not left. */
guint uml_listener_clients(const UmlListener *self);
