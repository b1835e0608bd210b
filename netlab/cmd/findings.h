/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The checks of "netlab doctor": each gives one finding. */
#pragma once

#include <glib.h>

typedef enum {
	FINDING_OK,
	FINDING_NOTE,    /* works, with a limitation or an optional improvement */
	FINDING_MISSING, /* labs cannot run */
} FindingLevel;

typedef struct {
	FindingLevel level;
	const char *subject; /* static */
	char *found;
	char *remedy; /* what to do; NULL when ok */
} Finding;

/** Looks at everything. Array of Finding; caller unrefs. */
GPtrArray *findings_gather(void);
