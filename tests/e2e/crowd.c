/* SPDX-License-Identifier: GPL-2.0-or-later */
/* crowd LAB NODE N: from each of some threads, N clients of a running lab, one after another: each connects, asks for a command
 * in NODE and for the nodes, and leaves without an answer. */
#include <stdio.h>
#include <stdlib.h>

#include "lab-dbus.h"

#define N_THREADS 4

typedef struct {
	const char *address, *node;
	int n;
} Order;

static gboolean visit(const Order *order, GError **error)
{
	const char *const argv[] = {"true", NULL};
	g_autoptr(GDBusConnection) connection = g_dbus_connection_new_for_address_sync(
		order->address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL, NULL, error);
	if (!connection)
		return FALSE;
	g_dbus_connection_call(connection, NULL, "/org/netlab/Lab", "org.netlab.Lab1", "GetNodes", NULL, NULL,
		G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
	g_dbus_connection_call(connection, NULL, "/org/netlab/Lab", "org.netlab.Lab1", "Exec",
		g_variant_new("(s^asb@a{sv})", order->node, argv, FALSE, g_variant_new("a{sv}", NULL)), NULL,
		G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
	return g_dbus_connection_flush_sync(connection, NULL, error) &&
		g_dbus_connection_close_sync(connection, NULL, error);
}

static gpointer visit_often(gpointer data)
{
	const Order *order = data;
	for (int i = 0; i < order->n; i++) {
		g_autoptr(GError) error = NULL;
		if (!visit(order, &error)) {
			fprintf(stderr, "crowd: client %d: %s\n", i, error->message);
			return GINT_TO_POINTER(1);
		}
	}
	return NULL;
}

int main(int argc, char **argv)
{
	GThread *threads[N_THREADS];
	int status = 0;
	if (argc != 4)
		return 2;
	g_autofree char *path = g_build_filename(g_get_user_runtime_dir(), "netlab", argv[1], "control", NULL);
	g_autofree char *escaped = g_dbus_address_escape_value(path),
			*address = g_strconcat("unix:path=", escaped, NULL);
	Order order = {address, argv[2], atoi(argv[3])};
	for (int i = 0; i < N_THREADS; i++)
		threads[i] = g_thread_new("clients", visit_often, &order);
	for (int i = 0; i < N_THREADS; i++)
		if (g_thread_join(threads[i]))
			status = 1;
	return status;
}
