/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/canvas/colours.h"

#include <math.h>

GdkRGBA colours_mix(const GdkRGBA *a, const GdkRGBA *b, double part)
{
	return (GdkRGBA){a->red + (b->red - a->red) * part, a->green + (b->green - a->green) * part,
		a->blue + (b->blue - a->blue) * part, 1};
}

/* Relative luminance (WCAG 2.1, "Definitions"). */
static double linear(double part)
{
	return part <= 0.03928 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4);
}

static double luminance(const GdkRGBA *colour)
{
	return 0.2126 * linear(colour->red) + 0.7152 * linear(colour->green) + 0.0722 * linear(colour->blue);
}

double colours_contrast(const GdkRGBA *a, const GdkRGBA *b)
{
	double first = luminance(a), second = luminance(b);
	return (MAX(first, second) + 0.05) / (MIN(first, second) + 0.05);
}

GdkRGBA colours_readable(const GdkRGBA *colour, const GdkRGBA *ground, const GdkRGBA *ink, double contrast)
{
	enum { STEPS = 50 };
	GdkRGBA mixed = *colour;
	for (int step = 1; step <= STEPS && colours_contrast(&mixed, ground) < contrast; step++)
		mixed = colours_mix(colour, ink, (double)step / STEPS);
	return mixed;
}

CanvasColours colours_of(const GdkRGBA *paper, const GdkRGBA *ink, const GdkRGBA *accent)
{
	static const GdkRGBA bad = COLOURS_BAD, way = COLOURS_WAY, pill = COLOURS_PILL;
	GdkRGBA faint = colours_mix(ink, paper, 0.33), line = colours_mix(ink, paper, 0.55);
	CanvasColours colours = {
		.paper = *paper,
		.ink = *ink,
		.faint = colours_readable(&faint, paper, ink, COLOURS_TEXT),
		.line = colours_readable(&line, paper, ink, COLOURS_GRAPHIC),
		.accent = colours_readable(accent, paper, ink, COLOURS_GRAPHIC),
		.trouble = colours_readable(&bad, paper, ink, COLOURS_TEXT),
		.way = colours_readable(&way, paper, ink, COLOURS_GRAPHIC),
		.pill = colours_mix(paper, &pill, 0.75),
	};
	colours.busy = colours_mix(&colours.accent, ink, 0.12);
	colours.selected = colours_mix(paper, &colours.accent, COLOURS_SELECTED);
	return colours;
}
