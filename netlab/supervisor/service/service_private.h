/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What service.c (its life and its connections) and service_methods.c (what clients ask) share. */
#pragma once

#include <sys/types.h>

#include "netlab/supervisor/service/connection.h"
#include "netlab/supervisor/service/service.h"

struct Service {
	RunningLab *run;
	RunDir *directory;
	GDBusServer *server;
	NetlabLab1 *object;
	GHashTable *clients;       /* GDBusConnection -> Client */
	GPtrArray *stopping;       /* of GDBusMethodInvocation: Stop */
	GPtrArray *stopping_nodes; /* of NodeStop */
	/* who the lab belongs to until Detach: see abandon() */
	pid_t starter;
	int starter_pidfd;
	GDBusConnection *starter_connection; /* borrowed */
	guint starter_source, nobody_source;
	void (*over)(gpointer data);
	gpointer data;
};

/* A StopNode that is answered when the node is down. */
typedef struct {
	Node *node;
	GDBusMethodInvocation *invocation;
} NodeStop;

/** Connects every method of org.netlab.Lab1 to what does it. */
void service_connect_methods(Service *self);
/** The lab belongs to its starter no longer: it goes on without. */
void service_detach(Service *self);
