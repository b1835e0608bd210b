/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a cable does to the frames of one direction: the arithmetic of topologies/model/link_settings.h.
 *
 * In this order, as on a line with a modem at its near end: a frame may be lost; it waits until the wire has taken
 * those before it and then itself, at the rate, is marked (ECN, RFC 3168) when more waits than the threshold, or dropped
 * when the queue is full; then it travels for the delay, give or take the jitter, unless it is one of those that skip it. So a frame never waits for another because of the
 * delay, and with jitter one may overtake another, as with tc-netem(8). A bit may be flipped, and a second copy may
 * follow.
 *
 * Frames under way lie in the worker's pool, in the order of time; one timer waits for the first. Nobody sleeps, and
 * memory is allocated only when settings change. Each direction has random generators of its own, one for each effect:
 * the same seed and the same frames give the same losses, whatever else is set. */
#pragma once

#include "switch/frame/frame_pool.h"
#include "switch/loop/timers.h"
#include "switch/frame/verdict.h"
#include "topologies/model/link_settings.h"

typedef struct Impairment Impairment;

/** deliver gets each frame as it comes out at the far end, in the timers' thread; what it gets is good until the end of
 *  the batch. timers and pool are borrowed. */
Impairment *impairment_new(uint64_t seed, Timers *timers, FramePool *pool,
	void (*deliver)(const Frame *frame, Pass *pass, void *data), void *data);
/** What is under way is lost. */
void impairment_free(Impairment *self);

/** New settings, from now on; down is for the cable, and a queue has a size where there is a rate. They hold for frames that wait at the rate as if those entered now, in their order; those
 *  on the wire come out when they would have, or sooner where the delay is less now. */
void impairment_set(Impairment *self, const LinkSettings *settings, const Pass *pass);
/** Loses all that is under way. Returns how many frames that were. */
unsigned impairment_lose(Impairment *self, const Pass *pass);
/** Delivers all that is under way, now. */
void impairment_deliver(Impairment *self, Pass *pass);

/** Does it make no difference whether the frame crosses as it is, with what its sender left to do, or in the pieces
 *  that a wire would see? A delay alone treats them all alike. */
bool impairment_takes_whole(const Impairment *self, const Frame *frame);
/** Decides what becomes of a frame (or, where verdict says so, of a copy) that enters now; fills in all of verdict but
 *  what it was given, from and is_copy. The frame has nothing left to do, unless impairment_takes_whole(). */
void impairment_judge(Impairment *self, const Frame *frame, const Pass *pass, Verdict *verdict);
/** Takes a frame on its way that was judged to arrive with a delay, before another is judged. */
void impairment_hold(Impairment *self, const Frame *frame, const Verdict *verdict, const Pass *pass);
