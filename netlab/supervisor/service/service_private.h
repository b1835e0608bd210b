/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by service.c (start, end and connections) and service_methods.c (the calls of clients). */
#pragma once

#include <sys/types.h>

#include "netlab/supervisor/service/connection.h"
#include "netlab/supervisor/service/service.h"

struct Service {
	RunningLab *run;
	RunDir *directory;
	GDBusServer *server;
	NetlabLab1 *object;
	GHashTable *connections;   /* GDBusConnection -> Connection */
	GPtrArray *stopping;       /* of GDBusMethodInvocation: Stop */
	GPtrArray *stopping_nodes; /* of NodeStop */
	/* the process whose end is the lab's end, until Detach: see abandon() */
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

/** Connects every method of org.netlab.Lab1 to its handler. */
void service_connect_methods(Service *self);
/** The lab no longer depends on its starter: it continues when the starter ends. */
void service_detach(Service *self);
