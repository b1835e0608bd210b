/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libslirp, which only nat.c uses: NAT between frames and sockets of the host. */
#pragma once

#include "switch/uplink/uplink_options.h"

typedef struct Nat Nat;

/** What it tells whoever has it. */
typedef struct {
	/** A frame for the lab. */
	void (*send)(Nat *nat, const guint8 *frame, gsize length, gpointer data);
	/** It opened a socket: in nat_input() for a guest, else for a client of the forward, which is NULL for a guest. */
	void (*opened)(Nat *nat, int fd, const Forward *forward, gpointer data);
	void (*closed)(Nat *nat, int fd, gpointer data);
	/** Whether it may accept a client of a forward now. */
	gboolean (*has_room)(gpointer data);
	gpointer data;
} NatOwner;

/** @for_forwards: for datagrams of forwards alone; what the options forbid guests does not hold for it. options: borrowed
 *  for the call; owner must outlive it. Caller frees. */
Nat *nat_new(const UplinkOptions *options, gboolean for_forwards, const NatOwner *owner, GError **error);
void nat_free(Nat *self);
/** Whether libslirp sends echo requests by IPv6. */
gboolean nat_has_echo6(void);

/** Serves a forward on a socket that is bound (forward_socket.h); owned, even on failure. forward must outlive it. */
gboolean nat_serve(Nat *self, const Forward *forward, int fd, GError **error);
/** Takes a frame from the lab. */
void nat_input(Nat *self, const guint8 *frame, gsize length);

/** Appends what it waits for to FDS (of struct pollfd), and shortens TIMEOUT_MS to what it can wait for at most. */
void nat_prepare(Nat *self, GArray *fds, guint32 *timeout_ms);
/** Handles what came. @failed: poll(2) failed; its results are of no use. */
void nat_dispatch(Nat *self, const GArray *fds, gboolean failed);
