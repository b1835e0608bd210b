/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The protocol of uml_switch (package uml-utilities, uml_router/uml_switch.c), with which the "daemon" transport
 * of User-Mode Linux, VDE clients and others connect to a network. A client sends a request on a stream socket. The reply is
 * the address of a Unix datagram socket for its frames; frames to the client go to the socket named in the request. A client
 * that closes the stream socket has left.
 *
 * uml_switch itself (tested: 20070815.4 of Debian 12) accepts versions 1 and 3, reads a request at once and ignores the rest.
 * It refuses version 2. Only kernels before 2.4.18 used version 0. */
#pragma once

#include <gio/gio.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/un.h>

/** Where uml_switch listens unless told otherwise, and for how many ms it remembers a station. */
#define UML_SWITCH_SOCKET "/tmp/uml.ctl"
enum { UML_SWITCH_AGEING_MS = 100000 };

/** Bytes of the longest request; what a client sends beyond (padding of a struct, VDE's description) means nothing. */
enum { UML_REQUEST_MAX = 124 };

typedef enum {
	UML_REQUEST_MORE, /* so far it is one, but not all of it is there */
	UML_REQUEST_READY,
	UML_REQUEST_REFUSED, /* it is none, or of a version that we do not speak */
} UmlRequestState;

/** Reads a request of which size bytes have come. READY: address is where the client wants its frames, an AF_UNIX
 *  address. REFUSED: error (G_IO_ERROR_INVALID_DATA, _NOT_SUPPORTED) says why. */
UmlRequestState uml_request_read(const uint8_t *bytes, size_t size, struct sockaddr_un *address, GError **error);

/** Makes the datagram socket for a client: bound to an abstract address of its own, which is the answer, and connected to
 *  the client's, so that it takes frames from nobody else, and needs no address to send to. The whole of both structs
 *  counts as address, as clients take it. -1 and error when there is no socket at the client's address. */
int uml_data_socket_new(const struct sockaddr_un *client, struct sockaddr_un *answer, GError **error);
