/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "netlab/cmd/table.h"
#include "netlab/cmd/terminal.h"

static char *shown;

static void draw(void)
{
	guint16 rows, columns;
	g_autofree char *line = g_strdup(shown);
	terminal_size(&rows, &columns);
	/* A wrapped line could not be taken back. */
	while (*line && table_width(line) >= columns)
		*g_utf8_find_prev_char(line, line + strlen(line)) = '\0';
	fprintf(stderr, "\r\033[K%s", line);
	fflush(stderr);
}

/** Prints a line that stays. */
void progress_line(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	if (shown)
		fputs("\r\033[K", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	if (shown)
		draw();
}

/** Shows TEXT in the redrawn line of a terminal; NULL takes it away. */
void progress_show(const char *text)
{
	if (!isatty(STDERR_FILENO) || g_strcmp0(g_getenv("TERM"), "dumb") == 0)
		return;
	if (!text && shown)
		fputs("\r\033[K", stderr);
	g_free(shown);
	shown = g_strdup(text);
	if (shown)
		draw();
}
