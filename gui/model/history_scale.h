/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the values of a flow's history are in a plot. Arithmetic only. */
#pragma once

#include "gui/model/scene.h"

/** The value of so many seconds ago, 0 the newest. */
double history_value(const SceneFlow *flow, guint seconds);
/** The largest of both directions. */
double history_largest(const SceneFlow flows[2]);
/** A round number that is not below: 1, 2 or 5 and noughts; at least 1000. */
double history_top(double largest);
/** Where a value is: x from the left, y from the axis away, in pixels. */
void history_place(const SceneFlow *flow, guint seconds, double top, double width, double height, double *x, double *y);
