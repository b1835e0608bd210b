/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be undone and redone: a list of changes, each with what was before and what is after.
 *
 * Signal:
 *   "changed" ()   undo_can_undo(), undo_can_redo() or their labels have changed */
#pragma once

#include <glib-object.h>

enum { UNDO_DEPTH = 500 }; /* changes that are kept */

#define UNDO_TYPE (undo_get_type())
G_DECLARE_FINAL_TYPE(Undo, undo, UNDO, UNDO, GObject)

/** Makes things as STATE says. */
typedef void (*UndoApply)(gpointer target, GVariant *state);

Undo *undo_new(void);
/** Notes a change that has been made.
 *  @label: what it was, for "Undo LABEL", translated
 *  @merge: changes with the same merge within a second count as one; NULL: never
 *  @target: what apply gets; must outlive self, or call undo_clear()
 *  @before, @after: floating or not */
void undo_push(Undo *self, const char *label, const char *merge, UndoApply apply, gpointer target, GVariant *before,
	GVariant *after);
/** Undoes the last change, or redoes the last one undone; FALSE: there is none. */
gboolean undo_undo(Undo *self);
gboolean undo_redo(Undo *self);
/** Label of what undo_undo() or undo_redo() would do; NULL: nothing. Borrowed. */
const char *undo_undo_label(Undo *self);
const char *undo_redo_label(Undo *self);
/** Forgets all. */
void undo_clear(Undo *self);
