/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the writer of a recorder puts its blocks: a descriptor that gets complete blocks only. If the reader at the other end
 * reads nothing for too long, it is abandoned. */
#pragma once

#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
	int fd;
	gboolean is_file;         /* a regular file: writing never waits for a reader */
	int wake;                 /* eventfd: look at hurry */
	const atomic_bool *hurry; /* a reader that takes nothing for two seconds is given up */
	GByteArray *bytes;        /* whole blocks that are not written yet */
	GArray *ends;             /* of uint32_t: where in bytes each frame's block ends */
	GArray *others;           /* of uint32_t: where each other block ends */
	_Atomic uint64_t frames;  /* whole ones written */
} RecorderOutput;

/** Owns fd. FALSE and errno when it cannot be looked at; fd is not owned then. */
gboolean recorder_output_init(RecorderOutput *self, int fd, int wake, const atomic_bool *hurry);
void recorder_output_clear(RecorderOutput *self);
/** What was appended to bytes is a block. */
void recorder_output_end_block(RecorderOutput *self, gboolean is_frame);
/** Is there so much that it should be flushed? */
gboolean recorder_output_is_full(const RecorderOutput *self);
/** Writes what there is. Returns 0, or the error (ETIMEDOUT: the reader does not read); a file then ends with a whole
 *  block. */
int recorder_output_flush(RecorderOutput *self);
/** Closes the descriptor. Returns 0, or the error that some file systems tell only here. */
int recorder_output_close(RecorderOutput *self);
