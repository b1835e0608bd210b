/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "topologies/model/nearest.h"

#include <glib.h>
#include <string.h>

/* Optimal string alignment distance without regard to case: insert, delete, replace, swap neighbours. */
static unsigned distance(const char *a, const char *b)
{
	gsize n = strlen(a), m = strlen(b);
	g_autofree unsigned *rows = g_new0(unsigned, 3 * (m + 1));
	unsigned *before = rows, *last = rows + m + 1, *now = rows + 2 * (m + 1), *swap;

	for (gsize j = 0; j <= m; j++)
		last[j] = (unsigned)j;
	for (gsize i = 1; i <= n; i++) {
		now[0] = (unsigned)i;
		for (gsize j = 1; j <= m; j++) {
			char x = g_ascii_tolower(a[i - 1]), y = g_ascii_tolower(b[j - 1]);

			now[j] = MIN(MIN(last[j], now[j - 1]) + 1, last[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == g_ascii_tolower(b[j - 2]) && g_ascii_tolower(a[i - 2]) == y)
				now[j] = MIN(now[j], before[j - 2] + 1);
		}
		swap = before;
		before = last;
		last = now;
		now = swap;
	}
	return last[m];
}

/** lab_nearest() - what a misspelt word probably meant
 *  @word: as written
 *  @candidates: what exists, NULL-terminated
 *  Returns the nearest candidate (borrowed; the first of equals), or NULL when none is within a third of WORD's length. */
const char *lab_nearest(const char *word, const char *const *candidates)
{
	gsize length = strlen(word);
	unsigned best = (unsigned)(length / 3) + 1;
	const char *nearest = NULL;

	/* Nothing that long is a name; do not spend quadratic time on it. */
	for (; length <= 64 && *candidates; candidates++) {
		unsigned d = strlen(*candidates) <= 128 ? distance(word, *candidates) : G_MAXUINT;

		if (d < best) {
			best = d;
			nearest = *candidates;
		}
	}
	return nearest;
}
