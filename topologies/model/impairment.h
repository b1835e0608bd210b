/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a cable does to the frames of one direction, and its written form: attributes in a lab's XML, and the words of
 * `netlab link set LINK delay=50ms loss=1%`. All zero is a perfect wire. */
#pragma once

#include <gio/gio.h>

/** How jitter spreads the delay: evenly over delay ± jitter, or normally with jitter for standard deviation. */
typedef enum { LAB_DISTRIBUTION_UNIFORM, LAB_DISTRIBUTION_NORMAL } LabDistribution;

typedef struct {
	guint64 delay_ns, jitter_ns;
	LabDistribution distribution;
	double loss;  /* share of frames, 0..1; so are the next ones but burst */
	double burst; /* mean length of a loss burst in frames, 1 and more (Gilbert-Elliott); 0: each loss by itself */
	double duplicate;
	double corrupt; /* frames with one bit turned over */
	double reorder; /* frames that skip the delay and so overtake */
	guint64 rate;   /* bit/s on the wire; 0: no limit */
	guint64 queue;  /* bytes that may wait at the rate; 0: LAB_QUEUE_DEFAULT_FRAMES full frames */
	gboolean down;  /* nothing passes; a link that is down in either direction has no carrier */
} LabImpairment;

#define LAB_DELAY_MAX_NS (60 * G_GUINT64_CONSTANT(1000000000))
#define LAB_QUEUE_DEFAULT_FRAMES 100

/** Names of the settings, in the order of documentation; NULL-terminated. */
extern const char *const lab_impairment_names[];

gboolean lab_impairment_set(LabImpairment *self, const char *name, const char *value, GError **error);
gboolean lab_impairment_is_clear(const LabImpairment *self);
gboolean lab_impairment_equal(const LabImpairment *a, const LabImpairment *b);
char **lab_impairment_to_strings(const LabImpairment *self);
