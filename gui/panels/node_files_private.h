/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What node_files.c (the window and its list) and node_files_copy.c (copies in and out) share. */
#pragma once

#include <gtk/gtk.h>

#include "netlab/client/guest_command.h"
#include "gui/session/session.h"

enum { COLUMN_ICON, COLUMN_NAME, COLUMN_FOLDER, COLUMN_SIZE, COLUMN_CHANGED };

/* Owned by its window. */
typedef struct {
	GtkWindow *window;
	Session *session; /* of the window that it goes with */
	char *node, *folder;
	GtkEntry *path;
	GtkTreeView *view;
	GtkTreeSelection *selection;
	GtkListStore *store;
	GtkLabel *message;
	GtkSpinner *spinner;
	GtkWidget *copy_out, *cancel_button;
	GuestCommand *lister;
	GString *listed, *errors;
	guint copies;         /* that are under way */
	GCancellable *cancel; /* of those */
	gboolean quiet;       /* what is listed says nothing of how much: the last words stay */
	char *opened_in;      /* folder of copies that were opened, until the window closes; NULL none */
	gboolean closed;      /* only copies that are under way keep it */
} Files;

/** Of a window of files. Borrowed. */
Files *files_of(gpointer window);
/** Shows a message below the list. */
void files_say(Files *self, const char *text);
/** Shows whether something is under way. */
void files_update_busy(Files *self);
/** Lists the folder again; aloud: and says how much is in it. */
void files_list(Files *self, gboolean aloud);

/** Copies files of this machine, of GFile, into the folder. */
void files_copy_in(Files *self, GSList *files);
/** Asks for files, and copies them into the folder. */
void files_choose_in(Files *self);
/** Asks for a folder, and copies what is selected there. */
void files_choose_out(Files *self);
/** Ends the copies that are under way. */
void files_cancel_copies(Files *self);
/** Copies a file of the folder to this machine, and opens the copy. */
void files_open(Files *self, const char *name);
