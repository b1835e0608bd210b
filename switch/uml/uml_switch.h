/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The protocol of uml_switch (package uml-utilities, uml_router/uml_switch.c), by which User-Mode Linux' "daemon"
 * transport, VDE clients and others join a network: a request on a stream socket, answered by the address of a Unix
 * datagram socket to send frames to; frames come back to the socket that the request named. Who hangs up has left.
 *
 * What uml_switch itself takes was seen with the one of Debian 12 (20070815.4): versions 1 and 3, of which a request is
 * read at once and the rest ignored; version 2 it refuses, version 0 only the kernels before 2.4.18 spoke. */
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
