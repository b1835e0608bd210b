// SPDX-License-Identifier: GPL-2.0-or-later
/* The guest agent: PID 1 of every node. Assembles the root, then serves the host over the serial line until it is told
 * to shut down, somebody inside says poweroff, or the host is gone. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "filesystems/guest/agent.h"

static int loop = -1;

int watch_add(Watch *watch, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = watch};

	return epoll_ctl(loop, EPOLL_CTL_ADD, watch->fd, &event);
}

void watch_set(Watch *watch, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = watch};

	if (watch->fd < 0)
		return;
	/* without events epoll still reports a hang-up, for ever: a quiet descriptor has to leave the set */
	if (events == 0)
		epoll_ctl(loop, EPOLL_CTL_DEL, watch->fd, NULL);
	else if (epoll_ctl(loop, EPOLL_CTL_MOD, watch->fd, &event) < 0)
		epoll_ctl(loop, EPOLL_CTL_ADD, watch->fd, &event);
}

void watch_close(Watch *watch)
{
	if (watch->fd < 0)
		return;
	/* by hand: a child that holds a copy of the descriptor would keep it in the set */
	epoll_ctl(loop, EPOLL_CTL_DEL, watch->fd, NULL);
	close(watch->fd);
	watch->fd = -1;
}

static void reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (!startup_exited(pid, status))
			session_exited(pid, status);
	}
}

/* SIGINT is the kernel's Ctrl-Alt-Del (mconsole "cad"); USR1, USR2 and TERM are what halt, poweroff and reboot of
 * busybox and sysvinit send to PID 1. */
static void on_signal(Watch *watch, uint32_t events)
{
	struct signalfd_siginfo info;

	while (read(watch->fd, &info, sizeof info) == sizeof info) {
		switch (info.ssi_signo) {
		case SIGCHLD:
			reap();
			break;
		case SIGTERM:
			shutdown_now(true);
		default:
			shutdown_now(false);
		}
	}
}

static void watch_signals(void)
{
	static Watch signals = {.ready = on_signal};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signals.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals.fd < 0 || watch_add(&signals, EPOLLIN) < 0)
		report_failure("cannot watch signals: %m");
}

int main(void)
{
	uint8_t version[4];
	char why[256];

	if (getpid() != 1) {
		fputs("netlab-agent: this is the first process of a netlab node, of no use elsewhere\n", stderr);
		return 2;
	}
	reboot(RB_DISABLE_CAD);
	mounts_begin();
	loop = epoll_create1(EPOLL_CLOEXEC);
	if (loop < 0 || line_open() < 0) {
		/* no line, no way to say more than this */
		perror("netlab-agent: /dev/ttyS0");
		shutdown_now(false);
	}
	watch_signals();
	mounts_enter_root();
	if (network_open(why, sizeof why) < 0 || network_up("lo", why, sizeof why) < 0)
		report_failure("network: %s", why);
	setup_tcp_memory();
	agent_put_u32(version, AGENT_VERSION);
	line_send(AGENT_HELLO, 0, version, sizeof version);
	for (;;) {
		struct epoll_event event;

		/* one at a time: a handler may free the owner of any other watch */
		if (epoll_wait(loop, &event, 1, -1) == 1) {
			Watch *watch = event.data.ptr;

			watch->ready(watch, event.events);
		}
	}
}
