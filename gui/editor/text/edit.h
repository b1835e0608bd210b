/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes to a lab's text that leave all other bytes as they are.
 *
 * An edit collects what is to change, all of it in terms of the markup as it is; edit_apply() then makes the new
 * text at once. So one step of a user (a rename and all that refers to it, say) is one edit, one new text, one undo. */
#pragma once

#include "gui/editor/text/markup.h"

typedef struct Edit Edit;

Edit *edit_new(const Markup *markup);
void edit_free(Edit *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Edit, edit_free)

const Markup *edit_markup(const Edit *self);
const char *edit_unit(Edit *self);
void edit_set_attribute(Edit *self, const MarkupElement *element, const char *name, const char *value);
void edit_set_text(Edit *self, const MarkupElement *element, const char *text);
void edit_insert(Edit *self, const MarkupElement *parent, const char *fragment);
void edit_remove(Edit *self, const MarkupElement *element);
gboolean edit_removes(const Edit *self, const MarkupElement *element);
char *edit_apply(Edit *self);
char *edit_outdented(const Markup *markup, const MarkupElement *element);
