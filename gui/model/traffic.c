/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/model/traffic.h"

#include <math.h>
#include <string.h>

#define THINNEST 1.6
#define THICKEST 7.0
#define LARGEST_STEP 0.25 /* seconds: after a pause nothing is made up for */

double traffic_dot_rate(double frame_rate)
{
	/* As many as frames up to three a second, then slower and slower: ten times the frames, two dots more. */
	if (frame_rate <= 3)
		return MAX(frame_rate, 0);
	return MIN(3 + 2 * log10(frame_rate / 3), TRAFFIC_MOST);
}

double traffic_most(double scale, guint busy)
{
	enum { MANY = 40 };
	return TRAFFIC_MOST * CLAMP(scale, 0.25, 1) * MIN(1, (double)MANY / MAX(busy, 1));
}

void traffic_advance(TrafficFlow *self, double rate, double most, double now, double length)
{
	double step = CLAMP(now - self->last, 0, LARGEST_STEP);
	guint arrived = 0;
	while (arrived < self->count && traffic_dot(self, arrived, now) >= length)
		arrived++;
	self->count -= arrived;
	memmove(self->born, self->born + arrived, self->count * sizeof self->born[0]);
	self->last = now;
	if (rate <= 0) {
		self->credit = 0;
		return;
	}
	self->credit += MIN(traffic_dot_rate(rate), most) * step;
	if (self->credit < 1)
		return;
	self->credit = MIN(self->credit - 1, 1);
	if (self->count < TRAFFIC_DOTS)
		self->born[self->count++] = now;
}

double traffic_dot(const TrafficFlow *self, guint index, double now)
{
	return (now - self->born[index]) * TRAFFIC_SPEED;
}

double traffic_width(double bit_rate)
{
	/* A kilobit is just seen, a gigabit is the thickest. */
	double level = bit_rate > 1000 ? log10(bit_rate / 1000) / 6 : 0;
	return THINNEST + (THICKEST - THINNEST) * MIN(level, 1);
}

char *traffic_text(double bit_rate)
{
	static const char *const units[] = {"bit/s", "kbit/s", "Mbit/s", "Gbit/s"};
	guint unit = 0;
	while (bit_rate >= 999.5 && unit + 1 < G_N_ELEMENTS(units)) {
		bit_rate /= 1000;
		unit++;
	}
	return g_strdup_printf(bit_rate < 9.95 && unit > 0 ? "%.1f %s" : "%.0f %s", bit_rate, units[unit]);
}
