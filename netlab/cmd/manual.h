/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Showing a page of our own manual, installed or not. */
#pragma once

/** Shows PAGE ("netlab-lab.5") of PREFIX/share/man with man(1), in place of this process. Returns only when that fails,
 * with the reason printed: an exit status. */
int manual_show(const char *page);
