/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text for people, made from what labs and users wrote. */
#pragma once

#include <glib.h>

/** TEXT (NULL: "") with control characters replaced, so that a guest cannot send escape sequences to the user's terminal.
 *  Caller frees. */
char *printable_text(const char *text);
/** "; did you mean "x"?" for the one of NAMES (of char *) that is nearest to WORD, or "". Caller frees. */
char *did_you_mean(const char *word, const GPtrArray *names);
