/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/manual.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "netlab/cmd/cli.h"
#include "netlab/host/paths.h"

/** Shows a page of the manual: see manual.h. */
int manual_show(const char *page)
{
	g_autofree char *section = g_strdup_printf("../man/man%s", strrchr(page, '.') + 1);
	g_autofree char *folder = path_share(section);
	g_autofree char *path = g_build_filename(folder, page, NULL);
	execlp("man", "man", "-l", path, NULL);
	fprintf(stderr, "netlab: cannot show %s: man: %s%s\n", path, g_strerror(errno),
		errno == ENOENT ? "; install the package man-db" : "");
	return STATUS_FAILED;
}
