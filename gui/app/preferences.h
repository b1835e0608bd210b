/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The window of settings that have no place in a menu. */
#pragma once

#include <gtk/gtk.h>

/** Shows it over parent, which may be NULL. */
void preferences_show(GtkWindow *parent);
