/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of an XML text and their indentation. */
#pragma once

#include "gui/editor/text/markup.h"

gsize indent_line_start(const char *text, gsize offset);
char *indent_of(const char *text, gsize offset);
gboolean indent_starts_line(const char *text, gsize offset);
gsize indent_rest_of_line(const char *text, gsize offset);
gboolean indent_is_blank(const char *text);
char *indent_shift(const char *fragment, const char *take, const char *indent);
