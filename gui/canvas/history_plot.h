/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a cable carried in the last two minutes: one direction above the axis, the other below. */
#pragma once

#include <gtk/gtk.h>

#include "gui/model/scene.h"

#define HISTORY_TYPE_PLOT (history_plot_get_type())
G_DECLARE_FINAL_TYPE(HistoryPlot, history_plot, HISTORY, PLOT, GtkDrawingArea)

/** Floating. */
GtkWidget *history_plot_new(void);
/** Takes a copy of what is to be shown. names: of the ends. */
void history_plot_show(HistoryPlot *self, const SceneFlow flows[2], const char *const names[2]);
