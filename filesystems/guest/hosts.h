/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /etc/hosts: the lab's lines beside those of the image and of the user. */
#pragma once

#include <stdbool.h>

/** Appends TEXT (lines; changed here) to the file at PATH. Each line gets a mark.
 *  @first: the first time since boot: lines with a mark, from an earlier boot of a persistent node, are removed
 *  Returns 0, or -1 with errno. The file then keeps its content, unless it could not be written. */
int hosts_add(const char *path, char *text, bool first);
