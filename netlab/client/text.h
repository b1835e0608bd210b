/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text for people, made from what users wrote. */
#pragma once

#include <glib.h>

/** "; did you mean "x"?" for the one of NAMES (of char *) that is nearest to WORD, or "". Caller frees. */
char *did_you_mean(const char *word, const GPtrArray *names);
