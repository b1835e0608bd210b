/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does what a sender left to do (checksums, TCP segmentation) where a frame must be as on a real wire: for a recorder, on an
 * impaired cable, or for a port that cannot do it itself. */
#pragma once

#include "switch/frame/counters.h"
#include "switch/frame/frame.h"
#include "switch/frame/pass.h"

/** Is what the sender says it has left to do possible with this frame? Fields may be a guest's invention. */
bool offload_is_valid(const Frame *frame);

/** Bytes of the longest frame that this one will be on a wire. */
size_t offload_wire_length(const Frame *frame);

/** How many frames this one will be on a wire. */
unsigned offload_count(const Frame *frame);

/** Gives the frame, or each of its segments, to sink with nothing left to do. The segments' headers lie in the pass's
 *  scratch memory. Of a frame to be segmented only the beginning may be there (parts shorter than length): then only the
 *  beginnings of its segments are, and their checksums are of no use. Returns COUNTER_NONE, or
 *  COUNTER_DROP_BAD_OFFLOAD when the headers are not what the offload says, or none that can be cut: nothing was given;
 *  COUNTER_DROP_NO_MEMORY when the scratch memory is full: the rest was not given. */
Counter offload_resolve(
	const Frame *frame, Pass *pass, void (*sink)(const Frame *frame, Pass *pass, void *data), void *data);
