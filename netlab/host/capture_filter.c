/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/host/capture_filter.h"

#include <gio/gio.h>

#include "netlab/host/paths.h"

gboolean capture_filter_check(const char *filter, GError **error)
{
	g_autofree char *program = path_libexec("netlab-switch"),
			*option = g_strconcat("--check-filter=", filter, NULL);
	g_autofree char *said = NULL;
	char *argv[] = {program, option, NULL};
	int status;
	gboolean ran = g_spawn_sync(NULL, argv, NULL, 0, NULL, NULL, &said, NULL, &status, error);
	if (ran && status && *said) {
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, g_strchomp(said));
		return FALSE;
	}
	if (ran && g_spawn_check_wait_status(status, error))
		return TRUE;
	g_prefix_error(error, "cannot check capture filter \"%s\": ", filter);
	return FALSE;
}
