/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/model/link_setting.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

const LinkSetting link_settings[] = {
	{"delay", N_("Delay"), N_("Delay of each frame: 20ms"), "ms", 0.1, 10000, FALSE, FALSE, TRUE},
	{"jitter", N_("Jitter"), N_("Variation of the delay, plus or minus: 2ms"), "ms", 0.1, 10000, FALSE, FALSE,
		TRUE},
	{"loss", N_("Loss"), N_("Percentage of frames lost: 1%"), "%", 0.01, 100, FALSE, FALSE, TRUE},
	{"rate", N_("Rate"), N_("Bits per second: 10Mbit"), "Mbit", 0.01, 10000, TRUE, FALSE, TRUE},
	{"burst", N_("Burst"), N_("Frames lost in a row, on average: 5"), "", 1, 1000, FALSE, FALSE, FALSE},
	{"duplicate", N_("Duplicate"), N_("Percentage of frames delivered twice: 0.1%"), "%", 0.01, 100, FALSE, FALSE,
		FALSE},
	{"corrupt", N_("Corrupt"), N_("Percentage of frames with one bit flipped: 0.1%"), "%", 0.01, 100, FALSE, FALSE,
		FALSE},
	{"reorder", N_("Reorder"), N_("Percentage of frames sent without delay: 1%"), "%", 0.01, 100, FALSE, FALSE,
		FALSE},
	{"queue", N_("Queue"), N_("Bytes the rate limit can queue: 64K"), "K", 1, 65536, FALSE, TRUE, FALSE},
	{0},
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

char *link_setting_canonical(const LinkSetting *self, const char *value)
{
	LabImpairment impairment = {0};
	if (is_none(value) || !lab_impairment_set(&impairment, self->name, value, NULL))
		return g_strdup("");
	g_auto(GStrv) words = lab_impairment_to_strings(&impairment);
	return g_strdup(words[0] ? words[1] : "");
}

char *link_setting_at(const LinkSetting *self, double position)
{
	char number[G_ASCII_DTOSTR_BUF_SIZE];
	if (self->none_right ? position > 1 - NONE / 2 : position < NONE / 2)
		return g_strdup("none");
	double share = CLAMP((self->none_right ? position : position - NONE) / (1 - NONE), 0, 1);
	double value = CLAMP(round_to_two(self->least * pow(self->most / self->least, share)), self->least, self->most);
	g_ascii_formatd(number, sizeof number, "%.10g", self->whole ? round(value) : value);
	g_autofree char *written = g_strconcat(number, self->unit, NULL);
	return link_setting_canonical(self, written);
}

/* In units of .unit. */
static double amount_of(const LinkSetting *self, const char *value)
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

double link_setting_position(const LinkSetting *self, const char *value)
{
	double amount = is_none(value) ? 0 : amount_of(self, value);
	if (!(amount > 0))
		return self->none_right ? 1 : 0;
	double share = CLAMP(log(amount / self->least) / log(self->most / self->least), 0, 1);
	return share * (1 - NONE) + (self->none_right ? 0 : NONE);
}

char *link_setting_complete(const LinkSetting *self, const char *typed, GError **error)
{
	g_autofree char *text = g_strstrip(g_strdelimit(g_strdup(typed), ",", '.'));
	LabImpairment impairment = {0};
	/* "20 ms" is how people write it. */
	for (char *blank; (blank = strchr(text, ' '));)
		memmove(blank, blank + 1, strlen(blank));
	if (is_none(text) || g_str_equal(text, "0"))
		return g_strdup("none");
	gboolean bare = strspn(text, "0123456789.") == strlen(text);
	char *value = g_strconcat(text, bare ? self->unit : "", NULL);
	if (lab_impairment_set(&impairment, self->name, value, error))
		return value;
	g_free(value);
	return NULL;
}

char *link_setting_of(const char *impairments, const char *name)
{
	g_auto(GStrv) words = g_strsplit(impairments, " ", -1);
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
