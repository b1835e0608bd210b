/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/client/wait.h"

void wait_take(GObject *source, GAsyncResult *result, gpointer data)
{
	*(GAsyncResult **)data = g_object_ref(result);
}

void wait_for(GAsyncResult **result)
{
	g_autoptr(GMainContext) context = g_main_context_ref_thread_default();
	while (!*result)
		g_main_context_iteration(context, TRUE);
}
