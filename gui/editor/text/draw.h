/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one draws with: elements added, joined, renamed and taken away so that the lab stays one that starts. Each is
 * one step of the document's undo. Free of GTK. */
#pragma once

#include "gui/editor/text/document.h"
#include "gui/editor/text/suggest.h"

const char *draw_node_base(LabNodeKind kind);
const char *draw_network_base(LabNetworkType type);
char *draw_node(Document *document, LabNodeKind kind);
char *draw_network(Document *document, LabNetworkType type);
char *draw_connection(Document *document, Item from, Item to, GError **error);
gboolean draw_delete(Document *document, const Item *items, gsize n);
void draw_route_others(Edit *edit, const char *network, const char *gateway);
/** draw_uplink.c */
char *draw_uplink_name(Document *document);
char *draw_uplink(Document *document, const char *network);
gboolean draw_move_uplink(Document *document, const char *uplink, const char *network, GError **error);
void draw_forget_uplink(Edit *edit, const MarkupElement *uplink);
char *suggest_uplink_addresses(const Markup *markup, const char *network);
char *suggest_forward(const Markup *markup, const MarkupElement *uplink);
/** clip.c */
char *draw_copy(Document *document, const Item *items, gsize n);
GPtrArray *draw_paste(Document *document, const char *clip, const char *label, GError **error);

/** rename.c: adds to an edit what a new name means elsewhere, and the name itself. */
void rename_item(Edit *edit, ItemKind kind, const char *from, const char *to);
void rename_interface(Edit *edit, const char *node, const char *from, const char *to);
