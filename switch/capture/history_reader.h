/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Converts copies of histories to frames for a recorder: merged by time, segmented, and assigned to interfaces. */
#pragma once

#include "switch/capture/history.h"
#include "switch/capture/recorder.h"

typedef struct HistoryReader HistoryReader;

/** since: nanoseconds since 1970; what is older is left out. */
HistoryReader *history_reader_new(uint64_t since);
/** bytes: all that history_copy() gave of one worker; owned. */
void history_reader_add(HistoryReader *self, GByteArray *bytes);
/** The cable of this number is wanted, as point has it. missing: frames from each end that came after its last record. */
void history_reader_want(HistoryReader *self, uint16_t cable, const RecorderPoint *point, const uint64_t missing[2]);
/** The time of the oldest record that was remembered of any cable, in nanoseconds since 1970; 0: nothing. */
uint64_t history_reader_oldest(const HistoryReader *self);
/** What a recorder begins with. It owns the reader from now on. */
RecorderPrelude history_reader_prelude(HistoryReader *self);
void history_reader_free(void *self);
