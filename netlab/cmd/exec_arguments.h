/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the options of "netlab exec" end and the command begins. */
#pragma once

/** The number of leading arguments (argv[0] included) that are netlab's own; the command is what follows.
 *  "exec OPTIONS NODES -- COMMAND": up to "--". Without "--": up to and with the first argument that is no option,
 * which is NODES, or none of it with --all.
 *  @command: (out) index where the command begins; argc when there is none */
int exec_arguments_split(int argc, char *const *argv, int *command);
