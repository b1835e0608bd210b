/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dots that travel along a line as frames do: one for every frame while they can be distinguished, fewer beyond that. Arithmetic
 * alone: the clock is an argument. */
#pragma once

#include <glib.h>

enum { TRAFFIC_DOTS = 12 }; /* on one direction of a line at a time */

#define TRAFFIC_SPEED 110.0 /* pixels a second */
#define TRAFFIC_GAP 0.4     /* from the middle of a line to each of its lanes */
#define TRAFFIC_MOST 9.0    /* dots a second that set out */

/** The dots of one direction. All zero: none. */
typedef struct {
	double credit;             /* frames that have not set out yet */
	double last;               /* when advanced, seconds */
	double born[TRAFFIC_DOTS]; /* when each set out, oldest first */
	guint count;
} TrafficFlow;

/** Lets dots set out and arrive.
 *  @rate: frames a second
 *  @most: dots a second that set out at most
 *  @now: seconds, of a clock that never goes back
 *  @length: of the line, in pixels */
void traffic_advance(TrafficFlow *self, double rate, double most, double now, double length);
/** Dots a second that may set out on each line, so that the whole stays calm: fewer the smaller all is drawn, and the more
 *  lines are busy. scale: zoom. */
double traffic_most(double scale, guint busy);
/** How far the dot of this index has come, in pixels. */
double traffic_dot(const TrafficFlow *self, guint index, double now);
/** Dots per second that represent this many frames per second. */
double traffic_dot_rate(double frame_rate);
/** Width of a line that carries this many bits a second, pixels at zoom 1. */
double traffic_width(double bit_rate);
/** "1.2 Mbit/s"; caller frees. */
char *traffic_text(double bit_rate);
