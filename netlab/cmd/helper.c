/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/helper.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "netlab/host/paths.h"

static void in_child(gpointer data)
{
	signal(SIGINT, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
}

/** Runs a program of ours and waits: see helper.h. */
int helper_run(const char *name, const char *const *arguments, GError **error)
{
	g_autofree char *program = path_share(name);
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	GPid pid;
	int status;
	g_ptr_array_add(argv, program);
	for (; arguments && *arguments; arguments++)
		g_ptr_array_add(argv, (char *)*arguments);
	g_ptr_array_add(argv, NULL);
	fflush(stdout);
	signal(SIGINT, SIG_IGN);
	gboolean started = g_spawn_async(NULL, (char **)argv->pdata, NULL,
		G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_CHILD_INHERITS_STDIN, in_child, NULL, &pid, error);
	while (started && waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			g_error("waitpid: %s", g_strerror(errno));
	signal(SIGINT, SIG_DFL);
	if (!started)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
