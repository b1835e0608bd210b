/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A worker: the thread that forwards the frames of some networks and links of the lab, with all their ports.
 *
 * Workers share nothing. To change or read what a worker owns, the control thread has it run a task between two batches.
 * So the frame path needs neither locks nor atomics. */
#pragma once

#include "switch/capture/recorder.h"
#include "switch/frame/frame_pool.h"
#include "switch/loop/timers.h"

#include <sys/queue.h>
#include <sys/socket.h>

enum { WORKER_BATCH = 64 };

/** Room for a batch of frames from one port; the worker has one for all its ports, as each batch is forwarded and
 *  flushed before the next. Ready for recvmmsg(2): every vector is as long as a port's frame may be, and more. */
typedef struct {
	struct mmsghdr messages[WORKER_BATCH];
	struct iovec vectors[WORKER_BATCH];
	uint8_t *memory;
} Batch;

typedef struct Worker Worker;
typedef struct Handler Handler;

/** What a worker calls, in its own thread. */
typedef struct {
	/* epoll(7) said so for this descriptor, or worker_again() asked for it (then events is 0): read a batch, write what
	 * waits. */
	void (*ready)(Handler *handler, int fd, uint32_t events);
	/* The batch is over, and worker_touch() asked for it: send what was kept of it, or copy it. */
	void (*flush)(Handler *handler);
	/* After ready(), once everybody was flushed: the bytes that ready() passed on are needed no more. Or NULL. */
	void (*done)(Handler *handler);
} HandlerOps;

/** Embedded in what a worker serves, as its first member. */
struct Handler {
	const HandlerOps *ops;
	bool touched; /* it is on the worker's list of those to flush */
	Handler *next_touched;
};

/** Starts a worker. NULL and error when the host refuses a thread or a descriptor. */
Worker *worker_new(Clock clock, GError **error);
/** Ends the thread. Nothing may be attached to it any more. */
void worker_free(Worker *worker);

/** Control thread only: runs task in the worker's thread and waits for it. */
void worker_call(Worker *worker, void (*task)(void *data), void *data);

/* The rest is for the worker's own thread: tasks and handlers. */

/** A descriptor of a handler, embedded in it. */
typedef struct Watch Watch;
struct Watch {
	Handler *handler;
	int fd; /* -1: closed */
	enum {
		WATCH_IDLE,
		WATCH_AGAIN,   /* will be served without an event */
		WATCH_BLOCKED, /* the same after worker_unblock() */
	} state;               /* the worker's */
	TAILQ_ENTRY(Watch) entry;
};

/** Asks epoll(7) to report events of a descriptor to its handler's ready(): again with other events replaces them, 0 ends
 *  it, which must come before the descriptor is closed. FALSE and errno when the host refuses. */
gboolean worker_watch(Worker *worker, Watch *watch, uint32_t events);
/** The handler's ready() will be called without an event (0) after others have had their turn. */
void worker_again(Worker *worker, Watch *watch);

/* Back-pressure. A port that cannot deliver a frame to its guest immediately keeps it and calls worker_congest(). The port
 * that the frame came from then stops reading until there is room again, if its guest can be made to wait. Frames on an
 * impaired cable wait there. A port that makes others wait must ensure that this ends soon. */

/** A frame had to be kept. Nothing comes of it when it went to several: one that reads slowly must not hold back the
 *  others. */
void worker_congest(Worker *worker);
/** Has one been kept since the call of ready() that is under way began? */
bool worker_is_congested(const Worker *worker);
/** The handler's ready() will be called without an event after room has been made. */
void worker_block(Worker *worker, Watch *watch);
/** Room has been made, or is not waited for any longer. */
void worker_unblock(Worker *worker);

/** The handler's flush() will be called at the end of this batch. */
void worker_touch(Worker *worker, Handler *handler);
Batch *worker_batch(Worker *worker);
/** What goes with the frames of a batch that is read now: call it once a batch, its time is that of all its frames. */
Pass *worker_pass(Worker *worker);
/** The time of the batch that is being forwarded. */
const Moment *worker_now(const Worker *worker);
/** Timers that fire in the worker's thread, each followed by a flush. */
Timers *worker_timers(Worker *worker);
/** Memory for frames that have to wait; NULL when the host has none. */
FramePool *worker_frames(Worker *worker);
/** The source is committed after each batch until it is removed. */
void worker_add_recorder(Worker *worker, RecorderSource *recorder);
void worker_remove_recorder(Worker *worker, RecorderSource *recorder);
