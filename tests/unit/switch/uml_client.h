/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client of uml_switch's protocol, as they are out there: for tests of those who serve it, and for benchmarks. */
#pragma once

#include <stdint.h>
#include <sys/types.h>
#include <sys/un.h>

typedef enum {
	UML_SENDTO,    /* names the switch with each frame, as UML's daemon transport did */
	UML_CONNECTED, /* connects its socket to the switch's, as libvdeplug does */
} UmlManner;

typedef struct {
	int control, data;
	UmlManner manner;
	struct sockaddr_un own, peer; /* own: the whole struct counts, as everywhere in this protocol */
} UmlClient;

/** Writes a request of a version (1, 2, 3 and whatever a test wants) to join from an address; at most 124 bytes. Returns
 *  its size. */
size_t uml_client_request(uint8_t *bytes, uint32_t version, const struct sockaddr_un *own);

/** Joins the switch that listens at a path, from an abstract address, or, if own_path is not NULL, from a socket made
 *  there. Waits for the answer, as for every frame later, at most 20 s. 0; -1 and errno on failure (ECONNRESET: it hung up
 *  on us). */
int uml_client_join(UmlClient *client, const char *control, uint32_t version, UmlManner manner, const char *own_path);
/** Hangs up. A path that it was bound to stays. */
void uml_client_leave(UmlClient *client);

/** Sends a frame; -1 and errno. */
ssize_t uml_client_send(const UmlClient *client, const void *frame, size_t size);
/** Waits for a frame; -1 and errno. */
ssize_t uml_client_receive(const UmlClient *client, void *frame, size_t size);
