/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The labs that were opened last: the desktop's list of recent files, those of it that are labs. */
#pragma once

#include <gtk/gtk.h>

/** Notes that a lab's file was opened. */
void recent_add(GFile *file);
/** Fills a menu with the labs opened last, the last one first, each an app.open-file of its path; keeps it so as long as
 *  the menu lives. */
void recent_fill_menu(GMenu *menu);
