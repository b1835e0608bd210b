/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a misspelt word probably meant. */
#pragma once

/** The candidate nearest to WORD by edit distance (at most a third of its length), or NULL. Borrowed from candidates. */
const char *lab_nearest(const char *word, const char *const *candidates);
