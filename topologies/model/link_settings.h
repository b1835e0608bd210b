/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The settings of a link: what it does to frames that travel in one direction.
 *
 * LINK_SETTINGS is the only list of them. Made from its rows: the fields of LinkSettings, the attributes in lab.xsd and the
 * loader, the words of `netlab link set LINK delay=50ms loss=1%`, its help, completion and manual pages, the D-Bus calls
 * between supervisor and switch, the sliders and fields of the viewer. A new setting is a row here and its arithmetic in
 * switch/wire/impairment.c. Needs nothing else of topologies/ but quantities, so the switch includes it, too. */
#pragma once

#include <gio/gio.h>

/** How a setting is written, in what unit it is kept, and by what type. */
typedef enum {
	LINK_DURATION, /* 20ms; guint64, nanoseconds */
	LINK_SHARE,    /* 1%; double, from 0 to 1. Its range is in billionths */
	LINK_COUNT,    /* 2.5; double */
	LINK_RATE,     /* 10Mbit; guint64, bit/s */
	LINK_SIZE,     /* 64K; guint64, bytes */
	LINK_WORD,     /* normal; unsigned, the word's place in its list */
} LinkKind;

#define LINK_DURATION_TYPE guint64
#define LINK_SHARE_TYPE double
#define LINK_COUNT_TYPE double
#define LINK_RATE_TYPE guint64
#define LINK_SIZE_TYPE guint64
#define LINK_WORD_TYPE unsigned

#define LINK_WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define LINK_NO_WORDS NULL
/** Marks what the viewer translates (gui/po/extract). */
#define LINK_TEXT(text) text

#define LINK_SECOND G_GUINT64_CONSTANT(1000000000)
#define LINK_WHOLE G_GUINT64_CONSTANT(1000000000) /* 100% */
#define LINK_KIB G_GUINT64_CONSTANT(1024)

/* Each row: name (also the field's), kind, smallest and largest (0 is always allowed: not set), words to choose from (the
 * first is the default), the setting that it has no effect without, whether it is often used, an example, the default as
 * people read it, a label, and what it means, in one sentence. */
/* clang-format off */
#define LINK_SETTINGS(ROW)                                                                                                       \
	ROW(delay, DURATION, 0, 60 * LINK_SECOND, LINK_NO_WORDS, NULL, TRUE, "20ms", "none",                                       \
		LINK_TEXT("Delay"), LINK_TEXT("Time that each frame spends on the wire."))                                         \
	ROW(jitter, DURATION, 0, 60 * LINK_SECOND, LINK_NO_WORDS, NULL, TRUE, "2ms", "none",                                       \
		LINK_TEXT("Jitter"), LINK_TEXT("The delay varies by up to this much in either direction; frames may overtake."))   \
	ROW(distribution, WORD, 0, 1, LINK_WORDS("uniform", "normal"), "jitter", FALSE, "normal", "uniform",                       \
		LINK_TEXT("Distribution"), LINK_TEXT("How jitter is spread; normal takes it as the standard deviation."))          \
	ROW(loss, SHARE, 0, LINK_WHOLE, LINK_NO_WORDS, NULL, TRUE, "1%", "none",                                                   \
		LINK_TEXT("Loss"), LINK_TEXT("Share of frames that are lost."))                                                    \
	ROW(burst, COUNT, 1, 1000000, LINK_NO_WORDS, "loss", FALSE, "5", "none",                                                   \
		LINK_TEXT("Burst"), LINK_TEXT("Mean number of frames lost in a row; without it, losses are independent."))        \
	ROW(duplicate, SHARE, 0, LINK_WHOLE, LINK_NO_WORDS, NULL, FALSE, "0.1%", "none",                                           \
		LINK_TEXT("Duplicates"), LINK_TEXT("Share of frames that arrive twice."))                                          \
	ROW(corrupt, SHARE, 0, LINK_WHOLE, LINK_NO_WORDS, NULL, FALSE, "0.1%", "none",                                             \
		LINK_TEXT("Corruption"), LINK_TEXT("Share of frames with one bit flipped."))                                       \
	ROW(reorder, SHARE, 0, LINK_WHOLE, LINK_NO_WORDS, "delay", FALSE, "1%", "none",                                            \
		LINK_TEXT("Reordering"), LINK_TEXT("Share of frames that skip the delay and overtake others."))                    \
	ROW(rate, RATE, 100, 1000000000000, LINK_NO_WORDS, NULL, TRUE, "10Mbit", "no limit",                                       \
		LINK_TEXT("Rate"), LINK_TEXT("Bits per second, counting frames with their Ethernet header, as tc(8) does."))       \
	ROW(queue, SIZE, LINK_KIB, LINK_KIB << 20, LINK_NO_WORDS, "rate", FALSE, "64K", "100 full frames",                         \
		LINK_TEXT("Queue"), LINK_TEXT("Bytes that may wait at the rate; frames beyond that are dropped."))                 \
	ROW(ecn, SIZE, LINK_KIB, LINK_KIB << 20, LINK_NO_WORDS, "rate", FALSE, "30K", "none",                                      \
		LINK_TEXT("ECN threshold"), LINK_TEXT("Marks ECN-capable packets (CE) when more bytes than this wait at the rate."))  \
	ROW(down, WORD, 0, 1, LINK_WORDS("no", "yes"), NULL, FALSE, "yes", "no",                                                   \
		LINK_TEXT("Unplugged"), LINK_TEXT("Unplugs the cable: no frames pass, and both ends lose their carrier."))
/* clang-format on */

#define LINK_FIELD(name, kind, ...) LINK_##kind##_TYPE name;
/** Zero where nothing is set; all zero is a perfect wire. */
typedef struct {
	LINK_SETTINGS(LINK_FIELD)
} LinkSettings;
#undef LINK_FIELD

/** Places in the words of distribution: jitter spreads evenly over delay ± jitter, or is the standard deviation. */
enum { LINK_DISTRIBUTION_UNIFORM, LINK_DISTRIBUTION_NORMAL };

/** Mbit/s that the cards at a link without a rate see. */
enum { LINK_SPEED_USUAL = 10000 };

/** A queue without a size holds so many of the link's longest frames. */
enum { LINK_QUEUE_FRAMES = 100 };

/** A row of the table. */
typedef struct {
	const char *name;
	LinkKind kind;
	gsize offset; /* in LinkSettings */
	guint64 smallest, largest;
	const char *const *words; /* NULL but for LINK_WORD */
	const char *needs;        /* the setting that it has no effect without; NULL: none */
	gboolean common;          /* often used: the viewer always shows it */
	const char *example, *usual, *label, *meaning;
} LinkSetting;

/** All settings, in the order of documentation; the last one's name is NULL. */
extern const LinkSetting link_setting_table[];
/** Their names; NULL-terminated. */
extern const char *const link_setting_names[];

unsigned link_speed(guint64 rate);
const LinkSetting *link_setting_find(const char *name);
char *link_setting_range(const LinkSetting *self);
gboolean link_setting_is_idle(const LinkSetting *self, const LinkSettings *settings);

gboolean link_settings_set(LinkSettings *self, const char *name, const char *value, GError **error);
gboolean link_settings_is_clear(const LinkSettings *self);
gboolean link_settings_equal(const LinkSettings *a, const LinkSettings *b);
gboolean link_settings_only(const LinkSettings *self, const char *name);
char **link_settings_to_strings(const LinkSettings *self);
GVariant *link_settings_to_variant(const LinkSettings *self);
gboolean link_settings_from_variant(LinkSettings *self, GVariant *dict, GError **error);
