/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/service/switch_error.h"

void switch_answer_error(const RunningLab *run, GDBusMethodInvocation *invocation, const GError *error)
{
	gboolean late = !error || g_error_matches(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT) ||
		g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CLOSED);
	g_autofree char *fault = late ? running_lab_switch_message(run) : NULL;
	g_autoptr(GError) plain = error ? g_error_copy(error) : NULL;
	if (plain)
		g_dbus_error_strip_remote_error(plain);
	g_dbus_method_invocation_return_dbus_error(invocation, "org.netlab.Error.Failed",
		fault && *fault ? fault
			: plain ? plain->message
				: "failed");
}
