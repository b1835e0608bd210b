/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Colours that can be read on their ground, whatever the theme. Arithmetic: knows no widget. */
#pragma once

#include <gdk/gdk.h>

/* What WCAG 2 asks for. */
#define COLOURS_TEXT 4.5
#define COLOURS_GRAPHIC 3.0

/* What has its own background: the white edge and sign of a badge, the pill beneath a text. */
#define COLOURS_STOPPED                                                                                                \
	{                                                                                                              \
		0.42, 0.46, 0.51, 1                                                                                    \
	}
#define COLOURS_BOOTING                                                                                                \
	{                                                                                                              \
		0.11, 0.44, 0.85, 1                                                                                    \
	}
#define COLOURS_GOOD                                                                                                   \
	{                                                                                                              \
		0.13, 0.55, 0.29, 1                                                                                    \
	}
#define COLOURS_PAUSED                                                                                                 \
	{                                                                                                              \
		0.78, 0.47, 0.02, 1                                                                                    \
	}
#define COLOURS_BAD                                                                                                    \
	{                                                                                                              \
		0.80, 0.13, 0.16, 1                                                                                    \
	}
#define COLOURS_WAY                                                                                                    \
	{                                                                                                              \
		0.77, 0.31, 0.0, 1                                                                                     \
	} /* of a packet; a number on it is white */
#define COLOURS_PILL                                                                                                   \
	{                                                                                                              \
		0.95, 0.66, 0.0, 1                                                                                     \
	}
#define COLOURS_PILL_INK                                                                                               \
	{                                                                                                              \
		0.15, 0.12, 0.05, 1                                                                                    \
	}

#define COLOURS_SELECTED 0.20 /* of the accent, behind what is selected */

/** Colours of a picture: of the theme on the screen, light on paper. */
typedef struct {
	GdkRGBA paper, ink, faint, line, busy, accent;
	GdkRGBA trouble;  /* a text or a line that says what is wrong */
	GdkRGBA way;      /* the links that a packet crossed */
	GdkRGBA selected; /* ground of what is selected */
	GdkRGBA pill;     /* ground of what a cable does to frames */
} CanvasColours;

/** The first colour with a part (0 to 1) of the second. */
GdkRGBA colours_mix(const GdkRGBA *a, const GdkRGBA *b, double part);
/** Contrast of two opaque colours as WCAG 2 computes it: 1 (none) to 21. */
double colours_contrast(const GdkRGBA *a, const GdkRGBA *b);
/** A colour with as much of the ink as it needs for a contrast with its ground; the ink itself where that is not enough. */
GdkRGBA colours_readable(const GdkRGBA *colour, const GdkRGBA *ground, const GdkRGBA *ink, double contrast);
/** All colours of a picture from three of a theme. */
CanvasColours colours_of(const GdkRGBA *paper, const GdkRGBA *ink, const GdkRGBA *accent);
