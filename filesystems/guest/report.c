// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "filesystems/guest/agent.h"

void report_warning(const char *format, ...)
{
	char text[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	fprintf(stderr, "netlab-agent: %s\n", text);
	line_send_tagged(AGENT_REPORT, 0, 'w', text, strlen(text));
}

void report_failure(const char *format, ...)
{
	char text[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	fprintf(stderr, "netlab-agent: %s\n", text);
	line_send(AGENT_FAILED, 0, text, strlen(text));
	shutdown_now(false);
}
