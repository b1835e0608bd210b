/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netlab-switch without a lab: one network for all programs that speak the protocol of uml_switch. It accepts the options
 * of uml_switch, with one dash or two, and replaces uml_switch when it is started under that name. */
#pragma once

#include <glib.h>

/** Do the arguments, or the name that the program was called by, ask for it? */
gboolean standalone_is_asked(int argc, char **argv);
/** Runs it until a signal, or the end of a terminal on standard input, ends it. Returns the exit status. */
int standalone_main(int argc, char **argv);
