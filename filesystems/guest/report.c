/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "filesystems/guest/report.h"

#include <stdio.h>
#include <string.h>

#include "filesystems/guest/line.h"

/* Formats TEXT and prints it on the console, so that the boot log has it even when the line is down. */
static void compose(char *text, size_t size, const char *format, va_list arguments)
{
	vsnprintf(text, size, format, arguments);
	fprintf(stderr, "netlab-agent: %s\n", text);
}

void report_warning(const char *format, ...)
{
	char text[1024];
	va_list arguments;

	va_start(arguments, format);
	compose(text, sizeof text, format, arguments);
	va_end(arguments);
	line_send_tagged(AGENT_REPORT, 0, 'w', text, strlen(text));
}

void report_failure(const char *format, va_list arguments)
{
	char text[1024];

	compose(text, sizeof text, format, arguments);
	line_send(AGENT_FAILED, 0, text, strlen(text));
}
