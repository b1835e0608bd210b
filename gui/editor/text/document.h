/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A lab that is being edited: its text, and what that means. Free of GTK.
 *
 * The text is the one truth: the drawing changes it through edits (edit.h), the source view by typing, and each change
 * is a step in the window's Undo. After each the text is read again, by topologies' own loader.
 *
 * Signals:
 *   "spliced" (guint64 offset, guint64 removed, const char *inserted)   the text has changed just there; bytes
 *   "changed" ()    what the functions below return may have changed; after "spliced" */
#pragma once

#include "gui/editor/text/edit.h"
#include "gui/model/undo.h"
#include "topologies/model/diagnostics.h"

#define DOCUMENT_TYPE (document_get_type())
G_DECLARE_FINAL_TYPE(Document, document, DOCUMENT, DOCUMENT, GObject)

Document *document_new(const char *schema, Undo *undo);
void document_open(Document *self, const char *path, const char *text);
void document_set_saved(Document *self, const char *path, const char *text);
void document_set_trusted(Document *self, gboolean trusted);

const char *document_text(Document *self);
const char *document_path(Document *self);
const Markup *document_markup(Document *self);
const Lab *document_lab(Document *self);
LabDiagnostics *document_diagnostics(Document *self);
gboolean document_is_modified(Document *self);

void document_set_text(Document *self, const char *text, const char *label, const char *merge);
void document_commit(Document *self, Edit *edit, const char *label, const char *merge);
char *document_refusal(Document *self, Edit *edit);
char *document_template(const char *name);
