/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tools one draws with, in a row above the canvas; shown while one draws. */
#pragma once

#include "gui/editor/ui/editor.h"

/** What action win.tool takes: "select", a node's kind, "network", "hub", "uplink", "link". */
typedef struct {
	const char *id;
	const char *title, *tip; /* marked by N_() */
	CanvasMode mode;
	SceneWhat what; /* of CANVAS_PLACE: which of the two next counts, if any */
	LabNodeKind kind;
	LabNetworkType type;
} Tool;

extern const Tool tools[];
extern const guint n_tools;

const Tool *tool_find(const char *id);
GtkWidget *palette_new(Editor *editor);
void palette_connect(Editor *editor);
char *palette_draw(Editor *editor, const Tool *tool, double x, double y);
