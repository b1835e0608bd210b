/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/worker.h"

#include <errno.h>
#include <gio/gio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

/* Bytes for one frame: the largest MTU there is, and a header. Not a power of two, so that frames of a batch do not all
 * fall into the same lines of the cache. */
#define FRAME_ROOM (PORT_MTU_MAX + FRAME_HEADER + FRAME_TAGS + 107)

struct Worker {
	GThread *thread;
	Clock clock;
	int epoll;
	int wake; /* eventfd: there is a task */
	gboolean running;
	Port *touched;
	GPtrArray *taps;
	Batch batch;

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
static void flush(Worker *worker)
{
	while (worker->touched) {
		Port *port = worker->touched;
		worker->touched = port->next_touched;
		port->touched = false;
		port->ops->flush(port);
	}
	for (guint i = 0; i < worker->taps->len; i++)
		tap_commit(worker->taps->pdata[i]);
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

static gpointer worker_main(gpointer data)
{
	Worker *worker = data;
	while (worker->running) {
		struct epoll_event events[64];
		gboolean task = FALSE;
		int n = epoll_wait(worker->epoll, events, G_N_ELEMENTS(events), -1);
		for (int i = 0; i < n; i++) {
			Port *port = events[i].data.ptr;
			if (port) {
				port->ops->ready(port, events[i].events);
				flush(worker);
			} else {
				task = TRUE;
			}
		}
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
	worker->taps = g_ptr_array_new();
	worker->epoll = epoll_create1(EPOLL_CLOEXEC);
	worker->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	g_mutex_init(&worker->mutex);
	g_cond_init(&worker->done);
	/* Untouched pages of it cost nothing, and frames of 1500 bytes touch one each. */
	worker->batch.memory = g_malloc((gsize)WORKER_BATCH * FRAME_ROOM);
	for (unsigned i = 0; i < WORKER_BATCH; i++) {
		worker->batch.vectors[i] = (struct iovec){worker->batch.memory + (gsize)i * FRAME_ROOM, FRAME_ROOM};
		worker->batch.messages[i].msg_hdr = (struct msghdr){.msg_iov = &worker->batch.vectors[i], .msg_iovlen = 1};
	}
	if (worker->epoll < 0 || worker->wake < 0 || !worker_watch(worker, NULL, worker->wake, EPOLLIN))
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "a forwarding thread cannot start: %s",
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
	g_ptr_array_unref(worker->taps);
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
		g_error("A forwarding thread cannot be woken: %s.", g_strerror(errno));
	while (worker->task)
		g_cond_wait(&worker->done, &worker->mutex);
	g_mutex_unlock(&worker->mutex);
}

gboolean worker_watch(Worker *worker, Port *port, int fd, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = port};
	if (!events)
		return epoll_ctl(worker->epoll, EPOLL_CTL_DEL, fd, NULL) == 0;
	return epoll_ctl(worker->epoll, EPOLL_CTL_MOD, fd, &event) == 0 ||
	       (errno == ENOENT && epoll_ctl(worker->epoll, EPOLL_CTL_ADD, fd, &event) == 0);
}

void worker_touch(Worker *worker, Port *port)
{
	if (port->touched)
		return;
	port->touched = true;
	port->next_touched = worker->touched;
	worker->touched = port;
}

Batch *worker_batch(Worker *worker)
{
	return &worker->batch;
}

Moment worker_now(Worker *worker)
{
	Moment now;
	worker->clock(&now);
	return now;
}

void worker_add_tap(Worker *worker, Tap *tap)
{
	g_ptr_array_add(worker->taps, tap);
}

void worker_remove_tap(Worker *worker, Tap *tap)
{
	g_ptr_array_remove(worker->taps, tap);
}
