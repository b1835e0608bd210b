/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What editor.c (drawing and document), editor_file.c (file and document) share. */
#pragma once

#include "gui/editor/ui/editor.h"

typedef struct {
	double x, y;
	gboolean placed;
} Place;

struct _Editor {
	GObject parent_instance;
	const PanelContext *context; /* borrowed: the window that owns this has it */
	Document *document;
	Undo *undo;
	GHashTable *places; /* scene_key() -> Place: also of vertices that are gone, for undo */
	GCancellable *arranging;
	gboolean reading;    /* the document takes over what the scene shows already */
	gboolean unreadable; /* the file is there, and no text that could be edited */
	gboolean gone;       /* the file is not there any more: what is here is all there is */
	gboolean drawing;
	gboolean closing;    /* the user has agreed */
	GtkWidget *question; /* open now, or NULL */
	char *on_disk;       /* what the file last held, as far as is known */
};

/** Notes where all vertices are. */
void editor_remember_places(Editor *self);
/** Shows a lab on the canvas. */
void editor_show_lab(Editor *self, const Lab *lab);
/** Sets which actions can be done now, and says "title-changed" and "actions-changed". */
void editor_update(Editor *self);
/** Takes over what the session's file says, from now on, and asks before something is lost. */
void editor_follow_file(Editor *self);
