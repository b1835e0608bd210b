/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a program said last before it ended: the reason, as a rule. */
#pragma once

#include <gio/gio.h>

typedef struct LastWords LastWords;

/** Reads the errors of PROCESS, which was started with G_SUBPROCESS_FLAGS_STDERR_PIPE, on the main loop, so that it never
 *  waits for room. Caller frees. */
LastWords *last_words_new(GSubprocess *process);
void last_words_free(LastWords *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LastWords, last_words_free)
/** The last line of them that is not empty, fit to be shown; NULL: none so far. Caller frees. */
char *last_words_get(LastWords *self);
