/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/loop/worker.h"

#include <errno.h>
#include <gio/gio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

/* Bytes for one frame: the largest MTU there is, and a header. Not a power of two, so that frames of a batch do not all
 * fall into the same lines of the cache. */
#define FRAME_ROOM (FRAME_MTU_MAX + FRAME_HEADER + FRAME_TAGS + 107)

/* Untouched pages of it cost nothing. */
#define SCRATCH_SIZE (8u << 20)

#define LONG_WAIT 5000000 /* nanoseconds */

TAILQ_HEAD(Watches, Watch);

struct Worker {
	GThread *thread;
	Clock clock;
	int epoll;
	int wake; /* eventfd: there is a task */
	gboolean running;
	Handler *touched;
	struct Watches again, blocked;
	unsigned n_again;
	GPtrArray *recorders; /* of RecorderSource */
	Batch batch;
	Pass pass;
	Timers timers;
	FramePool *frames; /* NULL until somebody wants it */

	GMutex mutex; /* for what follows */
	GCond done;
	void (*task)(void *data); /* NULL: none waits */
	void *data;
};

void clock_host(Moment *now)
{
	struct timespec monotonic, wall;
	clock_gettime(CLOCK_MONOTONIC, &monotonic);
	clock_gettime(CLOCK_REALTIME, &wall);
	now->monotonic = (uint64_t)monotonic.tv_sec * 1000000000 + (uint64_t)monotonic.tv_nsec;
	now->wall = (uint64_t)wall.tv_sec * 1000000000 + (uint64_t)wall.tv_nsec;
}

/* Sends on what the last batch brought. */
static void flush(void *data)
{
	Worker *worker = data;
	while (worker->touched) {
		Handler *handler = worker->touched;
		worker->touched = handler->next_touched;
		handler->touched = false;
		handler->ops->flush(handler);
	}
	for (guint i = 0; i < worker->recorders->len; i++)
		recorder_commit(worker->recorders->pdata[i]);
	worker->pass.taken = 0;
	worker->pass.batch++;
}

static void run_task(Worker *worker)
{
	uint64_t ignored;
	if (read(worker->wake, &ignored, sizeof(ignored)) < 0)
		return; /* woken for nothing */
	g_mutex_lock(&worker->mutex);
	if (worker->task)
		worker->task(worker->data);
	worker->task = NULL;
	g_cond_signal(&worker->done);
	g_mutex_unlock(&worker->mutex);
}

/* Takes the watch out of the queue that it is in. */
static void forget(Worker *worker, Watch *watch)
{
	if (watch->state == WATCH_AGAIN) {
		TAILQ_REMOVE(&worker->again, watch, entry);
		worker->n_again--;
	} else if (watch->state == WATCH_BLOCKED) {
		TAILQ_REMOVE(&worker->blocked, watch, entry);
	}
	watch->state = WATCH_IDLE;
}

/* Has a handler read, and sends on what that brought. */
static void serve(Worker *worker, const Watch *watch, uint32_t events)
{
	Handler *handler = watch->handler;
	if (watch->fd < 0)
		return; /* closed since epoll spoke */
	worker->pass.congested = false;
	handler->ops->ready(handler, watch->fd, events);
	flush(worker);
	if (handler->ops->done)
		handler->ops->done(handler);
}

static void fire_timers(Worker *worker)
{
	if (timers_wait(&worker->timers, 0) == TIMERS_NEVER)
		return;
	timers_fire(&worker->timers, worker_pass(worker));
	flush(worker);
}

/* Once each: what asks to be served again meanwhile waits for the next time. */
static void serve_again(Worker *worker)
{
	for (unsigned n = worker->n_again; n > 0 && worker->n_again > 0; n--) {
		Watch *watch = TAILQ_FIRST(&worker->again);
		forget(worker, watch);
		serve(worker, watch, 0);
	}
}

static int await_events(Worker *worker, struct epoll_event *events, int max)
{
	int64_t wait = TIMERS_NEVER;
	Moment now;
	if (worker->n_again > 0) {
		wait = 0;
	} else if (timers_wait(&worker->timers, 0) != TIMERS_NEVER) {
		worker->clock(&now);
		wait = timers_wait(&worker->timers, now.monotonic);
		/* A long timeout may be late by a thousandth of it (Linux, fs/select.c, __estimate_accuracy()), too much for a
		 * frame that travels for a second: wake a little before, and wait for the rest anew. */
		if (wait > LONG_WAIT)
			wait -= wait / 256;
	}
	struct timespec timeout = {.tv_sec = wait / 1000000000, .tv_nsec = wait % 1000000000};
	return epoll_pwait2(worker->epoll, events, max, wait == TIMERS_NEVER ? NULL : &timeout, NULL);
}

static gpointer worker_main(gpointer data)
{
	Worker *worker = data;
	/* Timers are late by 50 µs otherwise, in favour of a processor that need not wake up. */
	prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
	while (worker->running) {
		struct epoll_event events[64];
		gboolean task = FALSE;
		int n = await_events(worker, events, G_N_ELEMENTS(events));
		for (int i = 0; i < n; i++) {
			if (events[i].data.ptr)
				serve(worker, events[i].data.ptr, events[i].events);
			else
				task = TRUE;
		}
		serve_again(worker);
		fire_timers(worker);
		/* Last, for a task may free a port that is still among the events. */
		if (task)
			run_task(worker);
	}
	return NULL;
}

Worker *worker_new(Clock clock, GError **error)
{
	Worker *worker = g_new0(Worker, 1);
	worker->clock = clock;
	worker->running = TRUE;
	worker->recorders = g_ptr_array_new();
	TAILQ_INIT(&worker->again);
	TAILQ_INIT(&worker->blocked);
	worker->epoll = epoll_create1(EPOLL_CLOEXEC);
	worker->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	g_mutex_init(&worker->mutex);
	g_cond_init(&worker->done);
	/* Untouched pages of it cost nothing, and frames of 1500 bytes touch one each. */
	worker->batch.memory = g_malloc((gsize)WORKER_BATCH * FRAME_ROOM);
	for (unsigned i = 0; i < WORKER_BATCH; i++) {
		worker->batch.vectors[i] = (struct iovec){worker->batch.memory + (gsize)i * FRAME_ROOM, FRAME_ROOM};
		worker->batch.messages[i].msg_hdr =
			(struct msghdr){.msg_iov = &worker->batch.vectors[i], .msg_iovlen = 1};
	}
	worker->pass = (Pass){.memory = g_malloc(SCRATCH_SIZE), .size = SCRATCH_SIZE, .flush = flush, .data = worker};
	timers_init(&worker->timers);
	/* The only event without a watch. */
	struct epoll_event woken = {.events = EPOLLIN};
	if (worker->epoll < 0 || worker->wake < 0 || epoll_ctl(worker->epoll, EPOLL_CTL_ADD, worker->wake, &woken) < 0)
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "cannot start a forwarding thread: %s",
			g_strerror(errno));
	else
		worker->thread = g_thread_try_new("worker", worker_main, worker, error);
	if (!worker->thread)
		g_clear_pointer(&worker, worker_free);
	return worker;
}

static void stop(void *data)
{
	Worker *worker = data;
	worker->running = FALSE;
}

void worker_free(Worker *worker)
{
	if (worker->thread) {
		worker_call(worker, stop, worker);
		g_thread_join(worker->thread);
	}
	if (worker->wake >= 0)
		close(worker->wake);
	if (worker->epoll >= 0)
		close(worker->epoll);
	g_ptr_array_unref(worker->recorders);
	timers_clear(&worker->timers);
	frame_pool_free(worker->frames);
	g_free(worker->pass.memory);
	g_free(worker->batch.memory);
	g_mutex_clear(&worker->mutex);
	g_cond_clear(&worker->done);
	g_free(worker);
}

void worker_call(Worker *worker, void (*task)(void *data), void *data)
{
	uint64_t one = 1;
	g_mutex_lock(&worker->mutex);
	worker->task = task;
	worker->data = data;
	if (write(worker->wake, &one, sizeof(one)) < 0)
		g_error("Cannot wake a forwarding thread: %s.", g_strerror(errno));
	while (worker->task)
		g_cond_wait(&worker->done, &worker->mutex);
	g_mutex_unlock(&worker->mutex);
}

gboolean worker_watch(Worker *worker, Watch *watch, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = watch};
	if (!events) {
		forget(worker, watch);
		return epoll_ctl(worker->epoll, EPOLL_CTL_DEL, watch->fd, NULL) == 0;
	}
	return epoll_ctl(worker->epoll, EPOLL_CTL_MOD, watch->fd, &event) == 0 ||
		(errno == ENOENT && epoll_ctl(worker->epoll, EPOLL_CTL_ADD, watch->fd, &event) == 0);
}

void worker_again(Worker *worker, Watch *watch)
{
	forget(worker, watch);
	watch->state = WATCH_AGAIN;
	TAILQ_INSERT_TAIL(&worker->again, watch, entry);
	worker->n_again++;
}

void worker_congest(Worker *worker)
{
	if (!worker->pass.spread)
		worker->pass.congested = true;
}

bool worker_is_congested(const Worker *worker)
{
	return worker->pass.congested;
}

void worker_block(Worker *worker, Watch *watch)
{
	forget(worker, watch);
	watch->state = WATCH_BLOCKED;
	TAILQ_INSERT_TAIL(&worker->blocked, watch, entry);
}

void worker_unblock(Worker *worker)
{
	Watch *watch;
	while ((watch = TAILQ_FIRST(&worker->blocked)))
		worker_again(worker, watch);
	timers_unblock(&worker->timers);
}

void worker_touch(Worker *worker, Handler *handler)
{
	if (handler->touched)
		return;
	handler->touched = true;
	handler->next_touched = worker->touched;
	worker->touched = handler;
}

Batch *worker_batch(Worker *worker)
{
	return &worker->batch;
}

Pass *worker_pass(Worker *worker)
{
	worker->clock(&worker->pass.now);
	return &worker->pass;
}

const Moment *worker_now(const Worker *worker)
{
	return &worker->pass.now;
}

Timers *worker_timers(Worker *worker)
{
	return &worker->timers;
}

FramePool *worker_frames(Worker *worker)
{
	if (!worker->frames)
		worker->frames = frame_pool_new(FRAME_POOL_BLOCKS);
	return worker->frames;
}

void worker_add_recorder(Worker *worker, RecorderSource *recorder)
{
	g_ptr_array_add(worker->recorders, recorder);
}

void worker_remove_recorder(Worker *worker, RecorderSource *recorder)
{
	g_ptr_array_remove(worker->recorders, recorder);
}
