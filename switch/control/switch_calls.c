/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/control/switch_calls.h"

#include <unistd.h>

GDBusConnection *switch_connect(int fd, GDBusConnectionFlags flags, GError **error)
{
	g_autoptr(GSocket) socket = g_socket_new_from_fd(fd, error);
	if (!socket) {
		close(fd);
		g_prefix_error(error, "descriptor %d is not a control connection: ", fd);
		return NULL;
	}
	g_autoptr(GSocketConnection) stream = g_socket_connection_factory_create_connection(socket);
	g_autofree char *guid = flags & G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_SERVER ? g_dbus_generate_guid() : NULL;
	GDBusConnection *connection = g_dbus_connection_new_sync(G_IO_STREAM(stream), guid, flags, NULL, NULL, error);
	if (connection)
		g_dbus_connection_set_exit_on_close(connection, FALSE);
	else
		g_prefix_error(error, "cannot connect the supervisor and the switch: ");
	return connection;
}

SwSwitch1 *switch_calls_new(int fd, GError **error)
{
	/* Anonymous too: in the switch's user namespace its user may have another number than here. Nobody else can have the
	 * descriptor. */
	g_autoptr(GDBusConnection) connection = switch_connect(fd,
		G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_SERVER | G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_ALLOW_ANONYMOUS,
		error);
	if (!connection)
		return NULL;
	return sw_switch1_proxy_new_sync(
		connection, G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES, NULL, SWITCH_PATH, NULL, error);
}

SwSwitch1 *switch_calls_again(SwSwitch1 *calls, int timeout_ms, GError **error)
{
	SwSwitch1 *again = sw_switch1_proxy_new_sync(g_dbus_proxy_get_connection(G_DBUS_PROXY(calls)),
		G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES | G_DBUS_PROXY_FLAGS_DO_NOT_CONNECT_SIGNALS, NULL,
		SWITCH_PATH, NULL, error);
	if (again)
		g_dbus_proxy_set_default_timeout(G_DBUS_PROXY(again), timeout_ms);
	return again;
}
