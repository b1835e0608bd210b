/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/model/link_slider.h"

#include <math.h>
#include <string.h>

/* Where the sliders of a kind go. Words have none. */
typedef struct {
	const char *unit;    /* what a bare number gets */
	double least, most;  /* in units of .unit; least > 0 */
	gboolean none_right; /* nothing set is at the right end: a rate without a limit */
	gboolean whole;      /* no decimals */
} Range;

static const Range ranges[] = {
	[LINK_DURATION] = {"ms", 0.1, 10000, FALSE, FALSE},
	[LINK_SHARE] = {"%", 0.01, 100, FALSE, FALSE},
	[LINK_COUNT] = {"", 1, 1000, FALSE, FALSE},
	[LINK_RATE] = {"Mbit", 0.01, 10000, TRUE, FALSE},
	[LINK_SIZE] = {"K", 1, 65536, FALSE, TRUE},
};

#define NONE 0.01 /* of the slider, at the end where nothing is set */

/* Two digits are what one reads off a slider. */
static double round_to_two(double value)
{
	double step = pow(10, floor(log10(value)) - 1);
	return round(value / step) * step;
}

static gboolean is_none(const char *value)
{
	return !*value || g_str_equal(value, "none");
}

char *link_slider_canonical(const LinkSetting *self, const char *value)
{
	LinkSettings settings = {0};
	if (is_none(value) || !link_settings_set(&settings, self->name, value, NULL))
		return g_strdup("");
	g_auto(GStrv) words = link_settings_to_strings(&settings);
	return g_strdup(words[0] ? words[1] : "");
}

char *link_slider_at(const LinkSetting *self, double position)
{
	const Range *range = &ranges[self->kind];
	char number[G_ASCII_DTOSTR_BUF_SIZE];
	if (range->none_right ? position > 1 - NONE / 2 : position < NONE / 2)
		return g_strdup("none");
	double share = CLAMP((range->none_right ? position : position - NONE) / (1 - NONE), 0, 1);
	double value =
		CLAMP(round_to_two(range->least * pow(range->most / range->least, share)), range->least, range->most);
	g_ascii_formatd(number, sizeof number, "%.10g", range->whole ? round(value) : value);
	g_autofree char *written = g_strconcat(number, range->unit, NULL);
	return link_slider_canonical(self, written);
}

/* In units of .unit. */
static double amount_of(const Range *self, const char *value)
{
	static const struct {
		const char *name;
		double factor;
	} units[] = {
		{"ns", 1e-9},
		{"us", 1e-6},
		{"ms", 1e-3},
		{"s", 1},
		{"bit", 1},
		{"kbit", 1e3},
		{"Mbit", 1e6},
		{"Gbit", 1e9},
		{"%", 1},
		{"K", 1024},
		{"M", 1024 * 1024},
		{"G", 1024.0 * 1024 * 1024},
		{"", 1},
	};
	char *end;
	double number = g_ascii_strtod(value, &end), factor = 1, own = 1;
	for (gsize i = 0; i < G_N_ELEMENTS(units); i++) {
		if (g_str_equal(units[i].name, end))
			factor = units[i].factor;
		if (g_str_equal(units[i].name, self->unit))
			own = units[i].factor;
	}
	return number * factor / own;
}

double link_slider_position(const LinkSetting *self, const char *value)
{
	const Range *range = &ranges[self->kind];
	double amount = is_none(value) ? 0 : amount_of(range, value);
	if (!(amount > 0))
		return range->none_right ? 1 : 0;
	double share = CLAMP(log(amount / range->least) / log(range->most / range->least), 0, 1);
	return share * (1 - NONE) + (range->none_right ? 0 : NONE);
}

char *link_slider_complete(const LinkSetting *self, const char *typed, GError **error)
{
	g_autofree char *text = g_strstrip(g_strdelimit(g_strdup(typed), ",", '.'));
	LinkSettings settings = {0};
	/* "20 ms" is how people write it. */
	for (char *blank; (blank = strchr(text, ' '));)
		memmove(blank, blank + 1, strlen(blank));
	if (is_none(text) || g_str_equal(text, "0"))
		return g_strdup("none");
	gboolean bare = strspn(text, "0123456789.") == strlen(text);
	char *value = g_strconcat(text, bare ? ranges[self->kind].unit : "", NULL);
	if (link_settings_set(&settings, self->name, value, error))
		return value;
	g_free(value);
	return NULL;
}

char *link_slider_of(const char *settings, const char *name)
{
	g_auto(GStrv) words = g_strsplit(settings, " ", -1);
	gsize length = strlen(name);
	for (char **word = words; *word; word++)
		if (g_str_has_prefix(*word, name) && (*word)[length] == '=')
			return g_strdup(*word + length + 1);
	return g_strdup("");
}

gint64 link_throttle_wait(LinkThrottle *self, gint64 now)
{
	if (self->last && now < self->last + LINK_THROTTLE)
		return self->last + LINK_THROTTLE - now;
	self->last = now;
	return 0;
}
