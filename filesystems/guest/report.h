/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Telling the user what went wrong: through the supervisor, and on the console, which is the boot log. */
#pragma once

#include <stdarg.h>

/** Reports a problem; the node continues without what failed (AGENT_REPORT 'w'). */
void report_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
/** Reports why this node cannot continue (AGENT_FAILED). Ending it is up to shutdown.c. */
void report_failure(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));
