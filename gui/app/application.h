/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program: one process a session, one window a lab. Actions: open, new-window, about, quit; open-file(s), attach(s)
 * for tests. */
#pragma once

#include <gtk/gtk.h>

#define LAB_TYPE_APPLICATION (lab_application_get_type())
G_DECLARE_FINAL_TYPE(LabApplication, lab_application, LAB, APPLICATION, GtkApplication)

LabApplication *lab_application_new(void);
/** Asks for a lab file with a dialog and opens it, in a window without a lab or a new one. */
void lab_application_ask_open(LabApplication *self, GtkWindow *parent);
