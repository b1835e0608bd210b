/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest agent: PID 1 of every node. Assembles the root, then serves the supervisor over the serial line until it is
 * asked to shut down, somebody inside powers the machine off, or the supervisor is gone. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "filesystems/guest/clock.h"
#include "filesystems/guest/disk.h"
#include "filesystems/guest/line.h"
#include "filesystems/guest/loop.h"
#include "filesystems/guest/mounts.h"
#include "filesystems/guest/netlink.h"
#include "filesystems/guest/network.h"
#include "filesystems/guest/report.h"
#include "filesystems/guest/session.h"
#include "filesystems/guest/setup.h"
#include "filesystems/guest/shutdown.h"
#include "filesystems/guest/startup.h"

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
		shutdown_after_failure("cannot watch signals: %m");
}

/* -- the line -- */

static void on_frame(const AgentHeader *header, uint8_t *payload)
{
	switch ((AgentType)header->type) {
	case AGENT_SETUP:
		setup_handle(payload, header->length);
		break;
	case AGENT_FILE_DATA:
		setup_file_data(payload, header->length);
		break;
	case AGENT_FILE_END:
		setup_file_end();
		break;
	case AGENT_GO:
		startup_go();
		break;
	case AGENT_SHUTDOWN:
		shutdown_now(false);
	case AGENT_STEP_CLOCK:
		clock_step(payload, header->length);
		break;
	case AGENT_DISK:
		disk_limit(payload, header->length);
		break;
	case AGENT_EXEC:
		session_exec(header->channel, payload, header->length);
		break;
	case AGENT_RESIZE:
	case AGENT_SIGNAL:
	case AGENT_DATA:
	case AGENT_EOF:
	case AGENT_CREDIT:
		if (header->channel)
			session_frame(header, payload);
		else
			line_count_credits();
		break;
	default:
		shutdown_after_failure("the host sent a frame of type %u, which only the agent may send", header->type);
	}
}

static void on_broken(const char *why)
{
	shutdown_after_failure("%s", why);
}

/* The supervisor is gone, and nobody is left who could use this node. */
static void on_closed(void)
{
	shutdown_now(false);
}

static const LineEvents line_events = {on_frame, session_resume_all, on_broken, on_closed};

int main(void)
{
	uint8_t version[4];
	char why[256];

	if (getpid() != 1) {
		fputs("netlab-agent: this program is process 1 of a netlab node and cannot be used elsewhere\n",
			stderr);
		return 2;
	}
	reboot(RB_DISABLE_CAD);
	mounts_begin();
	if (loop_open() < 0 || line_open(&line_events) < 0) {
		/* without the line the console is the only place to report anything */
		perror("netlab-agent: /dev/ttyS0");
		shutdown_now(false);
	}
	watch_signals();
	if (mounts_enter_root(why, sizeof why) < 0)
		shutdown_after_failure("%s", why);
	if (disk_watch() < 0)
		report_warning("cannot watch for errors of this node's disk: %m");
	if (netlink_open(why, sizeof why) < 0 || network_up("lo", why, sizeof why) < 0)
		shutdown_after_failure("network: %s", why);
	setup_tcp_memory();
	agent_put_u32(version, AGENT_VERSION);
	line_send(AGENT_HELLO, 0, version, sizeof version);
	mounts_modules(); /* what is sent before hello nobody reads */
	loop_run();
}
