/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "filesystems/guest/loop.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <unistd.h>

static int loop = -1;

int loop_open(void)
{
	loop = epoll_create1(EPOLL_CLOEXEC);
	return loop < 0 ? -1 : 0;
}

void loop_run(void)
{
	for (;;) {
		struct epoll_event event;

		/* one at a time: a handler may free the owner of any other watch */
		if (epoll_wait(loop, &event, 1, -1) == 1) {
			Watch *watch = event.data.ptr;

			watch->ready(watch, event.events);
		}
	}
}

int watch_add(Watch *watch, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = watch};

	return epoll_ctl(loop, EPOLL_CTL_ADD, watch->fd, &event);
}

int watch_set(Watch *watch, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = watch};

	if (watch->fd < 0)
		return 0;
	/* Without events epoll still reports a hang-up, again and again: the descriptor has to leave the set. */
	if (events == 0) {
		epoll_ctl(loop, EPOLL_CTL_DEL, watch->fd, NULL);
		return 0;
	}
	if (epoll_ctl(loop, EPOLL_CTL_MOD, watch->fd, &event) == 0)
		return 0;
	return errno == ENOENT ? watch_add(watch, events) : -1;
}

void watch_close(Watch *watch)
{
	if (watch->fd < 0)
		return;
	/* explicitly: a child that holds a copy of the descriptor would keep it in the set */
	epoll_ctl(loop, EPOLL_CTL_DEL, watch->fd, NULL);
	close(watch->fd);
	watch->fd = -1;
}
