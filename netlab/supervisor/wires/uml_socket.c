/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/wires/uml_socket.h"

#include "switch/uml/uml_listener.h"

struct UmlSocket {
	const LabNetwork *network;
	SwitchLink *wires;
	UmlListener *listener;
	guint cables; /* laid so far; client N, whoever that is at the time, is plugged into cable N */
};

/* Of client N's port and cable; a node's name has no colon before its interface's. Caller frees. */
static char *name_of(const UmlSocket *self, guint number)
{
	return g_strdup_printf("client:%s:%u", self->network->name, number);
}

static gboolean on_joined(guint number, int socket, gpointer data, GError **error)
{
	UmlSocket *self = data;
	while (self->cables < number) {
		g_autofree char *cable = name_of(self, ++self->cables);
		switch_link_add_cable(self->wires, cable, cable, self->network->name);
	}
	g_autofree char *port = name_of(self, number);
	switch_link_add_port(self->wires, port, LAB_MTU_CARD, socket);
	return TRUE;
}

static void on_left(guint number, gpointer data)
{
	UmlSocket *self = data;
	g_autofree char *port = name_of(self, number);
	switch_link_remove_port(self->wires, port);
}

static void on_refused(const char *why, gpointer data)
{
	UmlSocket *self = data;
	g_warning("network \"%s\": socket \"%s\": %s", self->network->name, self->network->socket, why);
}

static const UmlListenerEvents events = {on_joined, on_left, on_refused};

UmlSocket *uml_socket_new(const LabNetwork *network, const LabFolder *folder, SwitchLink *wires, GError **error)
{
	int parent = lab_folder_open(folder, network->socket, LAB_OPEN_PARENT, error);
	if (parent < 0) {
		g_prefix_error(error, "%s:%d: network \"%s\": cannot listen on \"%s\": ", network->pos.file,
			network->pos.line, network->name, network->socket);
		return NULL;
	}
	UmlSocket *self = g_new0(UmlSocket, 1);
	self->network = network;
	self->wires = wires;
	self->listener = uml_listener_new(network->socket, parent, 0600, &events, self, error);
	if (self->listener)
		return self;
	g_prefix_error(error, "network \"%s\": ", network->name);
	g_free(self);
	return NULL;
}

const LabNetwork *uml_socket_network(const UmlSocket *self)
{
	return self->network;
}

guint uml_socket_clients(const UmlSocket *self)
{
	return uml_listener_clients(self->listener);
}

void uml_socket_free(UmlSocket *self)
{
	uml_listener_free(self->listener);
	g_free(self);
}
