/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "gui/canvas/colours.h"

static GdkRGBA rgb(unsigned value)
{
	return (GdkRGBA){(value >> 16 & 255) / 255.0, (value >> 8 & 255) / 255.0, (value & 255) / 255.0, 1};
}

/* Adwaita's theme_base_color, theme_bg_color, theme_text_color, theme_fg_color, theme_selected_bg_color, and those of
 * HighContrast. */
static const struct {
	unsigned base, background, text, foreground, selected;
} themes[] = {
	{0xffffff, 0xf6f5f4, 0x000000, 0x2e3436, 0x3584e4},
	{0x2d2d2d, 0x353535, 0xffffff, 0xeeeeec, 0x15539e},
	{0xffffff, 0xffffff, 0x000000, 0x000000, 0x000000},
	{0x000000, 0x000000, 0xffffff, 0xffffff, 0xffffff},
};

static void assert_contrast(const GdkRGBA *colour, const GdkRGBA *ground, double least, const char *what)
{
	double contrast = colours_contrast(colour, ground);
	if (contrast < least)
		fail_msg("%s has a contrast of %.2f on its ground, not %.1f", what, contrast, least);
}

static void contrast_is_as_WCAG_computes_it(void **state)
{
	const GdkRGBA black = rgb(0), white = rgb(0xffffff), grey = rgb(0x767676);
	assert_float_equal(colours_contrast(&black, &white), 21, 0.01);
	assert_float_equal(colours_contrast(&white, &white), 1, 0.01);
	assert_float_equal(colours_contrast(&grey, &white), 4.54, 0.01);
}

static void what_can_be_read_stays_as_it_is(void **state)
{
	const GdkRGBA white = rgb(0xffffff), black = rgb(0), blue = rgb(0x0000aa), yellow = rgb(0xffff00);
	GdkRGBA same = colours_readable(&blue, &white, &black, COLOURS_TEXT);
	GdkRGBA darker = colours_readable(&yellow, &white, &black, COLOURS_TEXT);
	assert_true(gdk_rgba_equal(&same, &blue));
	assert_contrast(&darker, &white, COLOURS_TEXT, "yellow, darkened");
	assert_true(darker.red > 0.3);
}

static void a_picture_can_be_read_in_every_theme(void **state)
{
	for (gsize i = 0; i < G_N_ELEMENTS(themes); i++) {
		const GdkRGBA paper = rgb(themes[i].base), ink = rgb(themes[i].text), accent = rgb(themes[i].selected);
		const GdkRGBA pill_ink = COLOURS_PILL_INK;
		CanvasColours colours = colours_of(&paper, &ink, &accent);
		assert_contrast(&colours.ink, &paper, COLOURS_TEXT, "ink");
		assert_contrast(&colours.faint, &paper, COLOURS_TEXT, "faint");
		assert_contrast(&colours.trouble, &paper, COLOURS_TEXT, "trouble");
		assert_contrast(&colours.line, &paper, COLOURS_GRAPHIC, "a line");
		assert_contrast(&colours.busy, &paper, COLOURS_GRAPHIC, "a busy line");
		assert_contrast(&colours.accent, &paper, COLOURS_GRAPHIC, "the frame of the selection");
		assert_contrast(&colours.way, &paper, COLOURS_GRAPHIC, "the way of a packet");
		assert_contrast(&colours.ink, &colours.selected, COLOURS_TEXT, "a selected name");
		/* A cable that is selected lies on the ground of the selection. */
		assert_contrast(&colours.accent, &colours.selected, 2, "the frame of the selection, within");
		assert_contrast(&pill_ink, &colours.pill, COLOURS_TEXT, "what a cable does to frames");
	}
}

static void badges_can_be_read(void **state)
{
	static const GdkRGBA badges[] = {COLOURS_STOPPED, COLOURS_BOOTING, COLOURS_GOOD, COLOURS_PAUSED, COLOURS_BAD};
	static const GdkRGBA way = COLOURS_WAY;
	const GdkRGBA white = rgb(0xffffff);
	for (gsize i = 0; i < G_N_ELEMENTS(badges); i++)
		assert_contrast(&badges[i], &white, COLOURS_GRAPHIC, "a badge");
	assert_contrast(&white, &way, COLOURS_TEXT, "the number of a step");
}

/* Every colour that the style sheet mixes by itself, on all grounds of a panel. */
static void the_style_sheet_can_be_read(void **state)
{
	g_autofree char *sheet = NULL;
	g_autoptr(GRegex) mixed = g_regex_new(
		"@define-color netlab_[a-z]+ mix\\(@theme_fg_color, #([0-9a-f]{6}), ([0-9.]+)\\)", 0, 0, NULL);
	g_autoptr(GRegex) fixed = g_regex_new("color: *(#|rgb|[a-z]+;)", 0, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;
	guint found = 0;
	assert_true(g_file_get_contents(TEST_SOURCE_DIR "/gui/netlab-gui.css", &sheet, NULL, NULL));
	/* What is the same in every theme cannot be right in all of them. */
	assert_false(g_regex_match(fixed, sheet, 0, NULL));
	for (g_regex_match(mixed, sheet, 0, &match); g_match_info_matches(match);
		g_match_info_next(match, NULL), found++) {
		g_autofree char *value = g_match_info_fetch(match, 1), *part = g_match_info_fetch(match, 2);
		const GdkRGBA colour = rgb((unsigned)g_ascii_strtoull(value, NULL, 16));
		for (gsize i = 0; i < G_N_ELEMENTS(themes); i++) {
			const GdkRGBA ink = rgb(themes[i].foreground), base = rgb(themes[i].base),
				      back = rgb(themes[i].background);
			GdkRGBA text = colours_mix(&ink, &colour, g_ascii_strtod(part, NULL));
			assert_contrast(&text, &base, COLOURS_TEXT, value);
			assert_contrast(&text, &back, COLOURS_TEXT, value);
		}
	}
	assert_int_equal(found, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(contrast_is_as_WCAG_computes_it),
		cmocka_unit_test(what_can_be_read_stays_as_it_is),
		cmocka_unit_test(a_picture_can_be_read_in_every_theme),
		cmocka_unit_test(badges_can_be_read),
		cmocka_unit_test(the_style_sheet_can_be_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
