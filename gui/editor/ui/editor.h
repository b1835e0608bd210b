/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The editor of a window: joins the document (the text), the scene (the drawing) and the session (the file).
 *
 * The document leads. What the file says comes into it; what it says goes to the scene at once, and to the file when
 * it is saved. Where the text has errors, the scene shows what it said before.
 *
 * A window owns its editor and hands it what it needs: a PanelContext. The editor does not know the window's type; it
 * reports by signals what the window may have to show.
 *
 * Its actions, which it adds to those of the window:
 *   save save-as save-to(s) · cut copy paste delete duplicate · draw (stateful: tools and properties are shown)
 *   tool(s) (stateful): select host router firewall server switch network hub uplink link
 *   add(s): puts one of those on the canvas, where there is room · join(ss): scene_key(), twice
 *   connect: what is selected · properties · show-source
 *
 * Signals:
 *   "drawing" ()           editor_is_drawing() has changed
 *   "title-changed" ()     the lab's title, or editor_has_changes(), may have changed
 *   "actions-changed" ()   what can be done now may have changed */
#pragma once

#include "gui/editor/text/draw.h"
#include "gui/panels/panel.h"

#define EDITOR_TYPE (editor_get_type())
G_DECLARE_FINAL_TYPE(Editor, editor, EDITOR, EDITOR, GObject)

typedef void (*EditorThen)(Editor *self);

Editor *editor_new(const PanelContext *context);
Document *editor_document(Editor *self);
const PanelContext *editor_context(const Editor *self);
Session *editor_session(const Editor *self);
Scene *editor_scene(const Editor *self);
void editor_complain(const Editor *self, const char *message);
gboolean editor_has_changes(Editor *self);
gboolean editor_is_used(Editor *self);

void editor_new_lab(Editor *self);
void editor_save(Editor *self, EditorThen then);
void editor_save_as(Editor *self, EditorThen then);
void editor_save_to(Editor *self, GFile *file, EditorThen then);
void editor_start_lab(Editor *self);

Editor *editor_hold(Editor *self);
void editor_release(Editor *self);
gboolean editor_is_open(const Editor *self);

gboolean editor_is_drawing(Editor *self);
void editor_set_drawing(Editor *self, gboolean drawing);
gboolean editor_can_draw(Editor *self);
void editor_rename(Editor *self, Edit *edit, ItemKind kind, const char *from, const char *to);
GArray *editor_selection(Editor *self);
void editor_place(Editor *self, SceneWhat what, const char *name, double x, double y);
/** editor_actions.c */
void editor_add_actions(Editor *self);
