/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client's connection to the lab: the commands and captures of the client, which end with it. */
#pragma once

#include "lab-dbus.h"
#include "netlab/supervisor/service/running_lab.h"

#define LAB_PATH "/org/netlab/Lab"
#define LAB_INTERFACE "org.netlab.Lab1"

typedef struct Connection Connection;

/** bus is referenced. Caller frees. */
Connection *connection_new(GDBusConnection *bus, RunningLab *run);
/** Hangs up its commands and stops its captures. */
void connection_free(Connection *self);

/* Methods of org.netlab.Lab1; each answers the invocation, now or later. */
void connection_exec(Connection *self, NetlabLab1 *object, GDBusMethodInvocation *invocation, Node *node,
	const char *const *argv, gboolean terminal, GVariant *options);
/** FALSE when the client has no such session. */
gboolean connection_resize(Connection *self, guint session, guint16 rows, guint16 columns);
gboolean connection_signal(Connection *self, guint session, guint8 number);
void connection_start_capture(Connection *self, NetlabLab1 *object, GDBusMethodInvocation *invocation, GUnixFDList *fds,
	const char *const *where, GVariant *options, GVariant *output);
void connection_stop_capture(Connection *self, NetlabLab1 *object, GDBusMethodInvocation *invocation, guint id);
/** Adds to builder, of aa{sv}, what GetCaptures reports of this client's captures; counts: a(utt), as the switch has them, or NULL. */
void connection_capture_facts(const Connection *self, GVariant *counts, GVariantBuilder *builder);
/** The switch reported that a capture ended. FALSE when it does not belong to this client. */
gboolean connection_capture_ended(Connection *self, guint id, guint64 captured, guint64 dropped, const char *reason);
/** The switch died: all captures end. */
void connection_switch_died(Connection *self);
