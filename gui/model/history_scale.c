/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/model/history_scale.h"

#include <math.h>

double history_value(const SceneFlow *flow, guint seconds)
{
	return seconds < SCENE_HISTORY
		? (double)flow->history[(flow->next + SCENE_HISTORY - 1 - seconds) % SCENE_HISTORY]
		: 0;
}

double history_largest(const SceneFlow flows[2])
{
	double largest = 0;
	for (guint i = 0; i < SCENE_HISTORY; i++)
		largest = MAX(largest, MAX((double)flows[0].history[i], (double)flows[1].history[i]));
	return largest;
}

double history_top(double largest)
{
	static const double steps[] = {1, 2, 5, 10};
	double unit = pow(10, floor(log10(MAX(largest, 1000))));
	for (gsize i = 0; i < G_N_ELEMENTS(steps); i++)
		if (steps[i] * unit >= largest)
			return steps[i] * unit;
	return 10 * unit;
}

void history_place(const SceneFlow *flow, guint seconds, double top, double width, double height, double *x, double *y)
{
	*x = width - width * seconds / (SCENE_HISTORY - 1);
	*y = CLAMP(history_value(flow, seconds) / top, 0, 1) * height;
}
