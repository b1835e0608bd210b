/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netlab-switch without a lab: one network that anybody may join who speaks uml_switch's protocol. Takes uml_switch's
 * options, with one dash or two, and its place when it is called by that name. */
#pragma once

#include <glib.h>

/** Do the arguments, or the name that the program was called by, ask for it? */
gboolean standalone_is_asked(int argc, char **argv);
/** Runs it until a signal, or the end of a terminal on standard input, ends it. Returns the exit status. */
int standalone_main(int argc, char **argv);
