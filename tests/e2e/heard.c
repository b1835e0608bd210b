/* SPDX-License-Identifier: GPL-2.0-or-later */
/* heard LAB: says "listening", then the name of each link that a running lab says has changed, until the lab ends. */
#include <stdio.h>

#include "lab-dbus.h"

static void on_link_changed(NetlabLab1 *lab, const char *link, gpointer data)
{
	puts(link);
	fflush(stdout);
}

static void on_closed(GDBusConnection *connection, gboolean vanished, GError *error, gpointer loop)
{
	g_main_loop_quit(loop);
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	g_autofree char *path =
		g_build_filename(g_get_user_runtime_dir(), "netlab", argc == 2 ? argv[1] : "", "control", NULL);
	g_autofree char *escaped = g_dbus_address_escape_value(path),
			*address = g_strconcat("unix:path=", escaped, NULL);
	g_autoptr(GDBusConnection) connection = g_dbus_connection_new_for_address_sync(
		address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL, NULL, &error);
	g_autoptr(NetlabLab1) lab = connection
		? netlab_lab1_proxy_new_sync(connection, G_DBUS_PROXY_FLAGS_NONE, NULL, "/org/netlab/Lab", NULL, &error)
		: NULL;
	if (!lab) {
		fprintf(stderr, "heard: %s\n", error->message);
		return 1;
	}
	g_signal_connect(lab, "link-changed", G_CALLBACK(on_link_changed), NULL);
	g_signal_connect(connection, "closed", G_CALLBACK(on_closed), loop);
	puts("listening");
	fflush(stdout);
	if (!g_dbus_connection_is_closed(connection))
		g_main_loop_run(loop);
	return 0;
}
