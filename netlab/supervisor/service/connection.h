/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One connected client of the lab: its commands and its captures, which end with it. */
#pragma once

#include "lab-dbus.h"
#include "netlab/supervisor/service/running_lab.h"

#define LAB_PATH "/org/netlab/Lab"
#define LAB_INTERFACE "org.netlab.Lab1"

typedef struct Client Client;

/** connection is referenced. Caller frees. */
Client *client_new(GDBusConnection *connection, RunningLab *run);
/** Hangs its commands up and stops its captures. */
void client_free(Client *self);

/* Methods of org.netlab.Lab1; each answers the invocation, now or later. */
void client_exec(Client *self, NetlabLab1 *object, GDBusMethodInvocation *invocation, Node *node,
	const char *const *argv, gboolean terminal, GVariant *options);
/** FALSE when the client has no such session. */
gboolean client_resize(Client *self, guint session, guint16 rows, guint16 columns);
gboolean client_signal(Client *self, guint session, guint8 number);
void client_start_capture(Client *self, NetlabLab1 *object, GDBusMethodInvocation *invocation, GUnixFDList *fds,
	const char *const *where, GVariant *options, GVariant *output);
void client_stop_capture(Client *self, NetlabLab1 *object, GDBusMethodInvocation *invocation, guint id);
/** Adds to builder, of aa{sv}, what GetCaptures tells of this client's; counts: a(utt), as the switch has them, or NULL. */
void client_capture_facts(const Client *self, GVariant *counts, GVariantBuilder *builder);
/** The switch says that a capture ended. FALSE when it is none of this client's. */
gboolean client_capture_ended(Client *self, guint id, guint64 captured, guint64 dropped, const char *reason);
/** The switch died: all captures end. */
void client_switch_died(Client *self);
