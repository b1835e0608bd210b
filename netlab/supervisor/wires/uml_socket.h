/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A network's socket="PATH": programs on the host that speak uml_switch's protocol join the network. The handshake is done
 * here, because the switch has no access to files; it gets one descriptor per client, as for any datagram port. */
#pragma once

#include "netlab/supervisor/wires/switch_link.h"
#include "topologies/model/model.h"

typedef struct UmlSocket UmlSocket;

/** Listens for clients of the same user (0600). Fails (G_IO_ERROR_EXISTS and others) when the path is in use or a socket
 *  cannot be created there, also because FOLDER, the lab's, does not let it; the message names the network. network and wires must outlive it. Caller frees. */
UmlSocket *uml_socket_new(const LabNetwork *network, const LabFolder *folder, SwitchLink *wires, GError **error);
/** Borrowed. */
const LabNetwork *uml_socket_network(const UmlSocket *self);
/** Clients that have joined and not left; their ports are called "client:NETWORK:NUMBER". */
guint uml_socket_clients(const UmlSocket *self);
/** Hangs up on the clients and removes the socket. */
void uml_socket_free(UmlSocket *self);
