/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/sandbox/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where sandbox.c has put memory file systems. */
static const char *const file_systems[] = {"/tmp", "/dev/shm"};

/* What the process inside reports: a step and how it failed. The descriptor comes along when there is one. */
typedef struct {
	int step, code;
} Report;

static const char *const steps[] = {"open its namespaces", "enter its namespaces", "open sock_diag", "limit its files"};

static int open_namespace(pid_t init, const char *name)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/ns/%s", init, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* Only system calls: this process has its parent's memory (vfork(2)), which other threads use. Returns the step that failed,
 * or -1. */
static int enter(pid_t init, const char *limit, int *diag)
{
	int user = open_namespace(init, "user"), network = open_namespace(init, "net"),
	    mounts = open_namespace(init, "mnt");
	if (user < 0 || network < 0 || mounts < 0)
		return 0;
	if (setns(user, CLONE_NEWUSER) < 0 || setns(network, CLONE_NEWNET) < 0)
		return 1;
	/* It stays in this network namespace, whoever has it. */
	*diag = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (*diag < 0)
		return 2;
	if (setns(mounts, CLONE_NEWNS) < 0)
		return 1;
	for (size_t i = 0; i < G_N_ELEMENTS(file_systems); i++)
		if (mount("tmpfs", file_systems[i], NULL, MS_REMOUNT | MS_NOSUID | MS_NODEV, limit) < 0)
			return 3;
	return -1;
}

static void in_child(pid_t init, const char *limit, int out)
{
	int diag = -1;
	Report report = {.step = enter(init, limit, &diag), .code = errno};
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec part = {&report, sizeof report};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	if (report.step < 0) {
		message.msg_control = &control;
		message.msg_controllen = sizeof control.bytes;
		control.header = (struct cmsghdr){CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
		memcpy(CMSG_DATA(&control.header), &diag, sizeof diag);
	}
	_exit(sendmsg(out, &message, MSG_NOSIGNAL) < 0);
}

/* The report, and the descriptor if there is one, else -1. */
static int receive(int in, Report *report)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec part = {report, sizeof *report};
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.bytes};
	int diag = -1;
	if (recvmsg(in, &message, MSG_CMSG_CLOEXEC) == (ssize_t)sizeof *report && report->step < 0 &&
		CMSG_FIRSTHDR(&message))
		memcpy(&diag, CMSG_DATA(&control.header), sizeof diag);
	return diag;
}

int inside_enter(pid_t init, unsigned files, GError **error)
{
	g_autofree char *limit = g_strdup_printf("nr_inodes=%u", files);
	Report report = {.step = 1, .code = ESRCH};
	int ends[2], diag = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
		report.code = errno;
	} else {
		/* A copy of this process for each guest would take longer than all that is done in it. */
		pid_t pid = vfork();
		if (pid == 0)
			in_child(init, limit, ends[1]);
		report.code = pid < 0 ? errno : report.code;
		close(ends[1]);
		diag = pid > 0 ? receive(ends[0], &report) : -1;
		close(ends[0]);
		while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (diag >= 0)
		return diag;
	gboolean too_many = report.step == 3 && report.code == EINVAL; /* shmem_reconfigure() in mm/shmem.c */
	g_set_error(error, G_IO_ERROR, too_many ? G_IO_ERROR_NO_SPACE : g_io_error_from_errno(report.code),
		"cannot %s: %s", steps[CLAMP(report.step, 0, 3)], g_strerror(report.code));
	return -1;
}

/* -- sockets -- */

static gboolean ask(int diag)
{
	struct {
		struct nlmsghdr header;
		struct unix_diag_req request;
	} message = {
		.header = {.nlmsg_len = sizeof message,
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
		.request = {.sdiag_family = AF_UNIX, .udiag_states = ~0u, .udiag_show = UDIAG_SHOW_MEMINFO},
	};
	return send(diag, &message, sizeof message, MSG_DONTWAIT) == (ssize_t)sizeof message;
}

/* The buffers of one socket: data on its way is in the account of the one that sent it. */
static guint64 memory_of(const struct nlmsghdr *header)
{
	const struct rtattr *attribute =
		(const struct rtattr *)((const char *)NLMSG_DATA(header) + NLMSG_ALIGN(sizeof(struct unix_diag_msg)));
	int left = (int)header->nlmsg_len - (int)NLMSG_SPACE(sizeof(struct unix_diag_msg));
	for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
		const guint32 *info = RTA_DATA(attribute);
		if (attribute->rta_type == UNIX_DIAG_MEMINFO &&
			RTA_PAYLOAD(attribute) > SK_MEMINFO_WMEM_ALLOC * sizeof *info)
			return (guint64)info[SK_MEMINFO_RMEM_ALLOC] + info[SK_MEMINFO_WMEM_ALLOC];
	}
	return 0;
}

guint64 inside_socket_memory(int diag)
{
	/* The kernel fills a message of this size at most (af_netlink.c, netlink_dump()). */
	_Alignas(struct nlmsghdr) char bytes[32768];
	guint64 sum = 0;
	if (!ask(diag))
		return 0;
	/* The first part of the answer is there when the question has been sent, and each further one when one was received. */
	for (ssize_t n; (n = recv(diag, bytes, sizeof bytes, MSG_DONTWAIT)) > 0;) {
		int left = (int)n;
		for (const struct nlmsghdr *header = (const struct nlmsghdr *)bytes; NLMSG_OK(header, left);
			header = NLMSG_NEXT(header, left)) {
			if (header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR)
				return sum;
			sum += memory_of(header);
		}
	}
	return sum;
}
