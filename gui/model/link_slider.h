/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The settings of a link, as sliders and fields show them: a slider's position is from 0 to 1, a value is as written in a
 * lab's file ("20ms"), "" where nothing is set. Arithmetic alone. Every setting but those that are words has a slider. */
#pragma once

#include "topologies/model/link_settings.h"

static inline gboolean link_has_slider(const LinkSetting *setting)
{
	return !setting->words;
}

/** The value at a position of the slider, rounded to two digits: "20ms"; "none" at the end where nothing is set. Caller
 *  frees. */
char *link_slider_at(const LinkSetting *self, double position);
/** The position of a value; one that is beyond the slider's ends is at the end. */
double link_slider_position(const LinkSetting *self, const char *value);
/** What was typed as a value: "20" is "20ms", "" is "none", "0,5" is "0.5ms". NULL and error where it is none. Caller
 *  frees. */
char *link_slider_complete(const LinkSetting *self, const char *typed, GError **error);
/** A value as everyone writes it, to compare: "1000us" is "1ms", "none" is "". Caller frees. */
char *link_slider_canonical(const LinkSetting *self, const char *value);
/** Reads "delay=20ms loss=1%": the value of a setting, "" if it is not there. Caller frees. */
char *link_slider_of(const char *settings, const char *name);

/** At most so many changes a second are sent while a slider is dragged; the last one always is. */
typedef struct {
	gint64 last; /* when one was sent, microseconds; 0 never */
} LinkThrottle;

enum { LINK_THROTTLE = 100000 }; /* microseconds between two */

/** How long to wait with what is to be sent now, microseconds; 0: send it, which counts from now. */
gint64 link_throttle_wait(LinkThrottle *self, gint64 now);
