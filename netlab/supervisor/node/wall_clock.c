/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/node/wall_clock.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define NEVER (G_GINT64_CONSTANT(1) << 40) /* seconds since the epoch: some time */

typedef struct {
	int fd;
	void (*jumped)(gpointer data);
	gpointer data;
} ClockWatch;

static gint64 nanoseconds(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (gint64)now.tv_sec * 1000000000 + now.tv_nsec;
}

gint64 wall_clock_offset(void)
{
	gint64 before = nanoseconds(CLOCK_MONOTONIC), wall = nanoseconds(CLOCK_REALTIME),
	       after = nanoseconds(CLOCK_MONOTONIC);
	return wall - before - (after - before) / 2;
}

/* A jump ends the wait with ECANCELED (timerfd_create(2)); the timer continues to wait. */
static gboolean on_end_of_wait(int fd, GIOCondition condition, gpointer data)
{
	ClockWatch *self = data;
	guint64 ignored;
	if (read(fd, &ignored, sizeof ignored) < 0 && errno == ECANCELED)
		self->jumped(self->data);
	return G_SOURCE_CONTINUE;
}

static void clock_watch_free(gpointer data)
{
	ClockWatch *self = data;
	close(self->fd);
	g_free(self);
}

guint wall_clock_watch(void (*jumped)(gpointer data), gpointer data)
{
	const struct itimerspec never = {.it_value.tv_sec = NEVER};
	int fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (fd < 0)
		return 0;
	if (timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) < 0) {
		close(fd);
		return 0;
	}
	ClockWatch *self = g_new(ClockWatch, 1);
	*self = (ClockWatch){fd, jumped, data};
	return g_unix_fd_add_full(G_PRIORITY_DEFAULT, fd, G_IO_IN, on_end_of_wait, self, clock_watch_free);
}
