/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A field for a filter in pcap-filter(7) syntax: what is wrong with it is shown below it while the user types.
 *
 * Signal:
 *   "accepted" (const char *filter)   another filter is in it, and is a good one */
#pragma once

#include <gtk/gtk.h>

#include "gui/session/session.h"

#define FILTER_TYPE_ENTRY (filter_entry_get_type())
G_DECLARE_FINAL_TYPE(FilterEntry, filter_entry, FILTER, ENTRY, GtkBox)

/** Floating. */
GtkWidget *filter_entry_new(Session *session);
/** The last good filter; "" none. Borrowed. */
const char *filter_entry_get(FilterEntry *self);
/** What is typed, good or not. Borrowed. */
const char *filter_entry_text(FilterEntry *self);
void filter_entry_set(FilterEntry *self, const char *filter);
