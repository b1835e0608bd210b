/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/sandbox/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "netlab/host/process.h"
#include "netlab/supervisor/sandbox/processes.h"

struct Child {
	pid_t pid;
	int pidfd;
	guint source; /* 0 once it has ended */
	ChildEnded ended;
	gpointer data;
};

/* How often to look for orphans that have ended, while there are any. */
#define ORPHANS_MS 200u

/* Of Child, those that are not reaped yet; other children of this process are orphans that it has adopted. */
static GSList *running;
static gboolean adopts;
static guint orphans_source;

/* Everything between fork and exec is async-signal-safe: GDBus runs a thread that may hold any lock. */
static void die(const char *what, const char *program)
{
	const char *parts[] = {"netlabd: cannot start ", program, ": ", what, ": ", strerrordesc_np(errno), "\n"};
	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
		if (write(STDERR_FILENO, parts[i], strlen(parts[i])) < 0)
			break;
	_exit(127);
}

static void limit(int resource, guint64 bytes)
{
	if (bytes)
		setrlimit(resource, &(struct rlimit){bytes, bytes});
}

static void take_descriptors(const SpawnOptions *options, int *moved)
{
	/* First move them out of the way, so that none is overwritten before it was moved. */
	for (unsigned i = 0; i < options->n_fds; i++)
		moved[i] = fcntl(options->fds[i], F_DUPFD_CLOEXEC, (int)options->n_fds);
	for (unsigned i = 0; i < options->n_fds; i++)
		if (moved[i] < 0 || dup2(moved[i], (int)i) < 0)
			die("cannot pass descriptors", options->argv[0]);
	close_range(options->n_fds, ~0u, CLOSE_RANGE_CLOEXEC);
}

static void raise_oom_score(int score)
{
	char text[8], *at = text + sizeof text;
	if (!score)
		return;
	for (; score; score /= 10)
		*--at = (char)('0' + score % 10);
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	/* After a failure it starts all the same. */
	if (fd >= 0 && write(fd, at, (size_t)(text + sizeof text - at)) < 0)
		errno = 0;
	if (fd >= 0)
		close(fd);
}

static void in_child(const SpawnOptions *options, pid_t parent, int *moved)
{
	/* A guest kernel takes the highest variable for the top of its address space (get_top_address() in um_arch.c), after it
	 * has moved PATH elsewhere: without another one it dies as it starts init. */
	static const char *const environment[] = {"PATH=/usr/bin:/bin", "HOME=/", NULL};
	sigset_t ours;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	take_descriptors(options, moved);
	setsid();
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	/* A logout or a shutdown signals every process of the session at once. Ending the guests in order is up to netlabd: a
	 * kernel that ends on its own loses what it has not written to its disk yet. */
	sigemptyset(&ours);
	sigaddset(&ours, SIGTERM);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGHUP);
	sigprocmask(SIG_SETMASK, &ours, NULL);
	raise_oom_score(options->oom_score);
	if (options->cpu >= 0) {
		cpu_set_t set;
		CPU_ZERO(&set);
		CPU_SET(options->cpu, &set);
		if (sched_setaffinity(0, sizeof set, &set) < 0)
			die("cannot use its CPU", options->argv[0]);
	}
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	limit(RLIMIT_FSIZE, options->file_size);
	limit(RLIMIT_DATA, options->data);
	limit(RLIMIT_STACK, options->stack);
	limit(RLIMIT_AS, options->address_space);
	limit(RLIMIT_NOFILE, options->files);
	limit(RLIMIT_SIGPENDING, options->signals);
	execve(options->argv[0], (char *const *)options->argv, (char *const *)environment);
	die("exec failed", options->argv[0]);
}

/* -- orphans -- */

static gint compare_pid(gconstpointer child, gconstpointer pid)
{
	return ((const Child *)child)->pid != GPOINTER_TO_INT(pid);
}

/* Reaps orphans that have ended; returns one that has not, or 0. */
static pid_t reap_orphans(void)
{
	g_autoptr(GArray) children = process_children(getpid());
	pid_t left = 0;
	for (guint i = 0; i < children->len; i++) {
		pid_t pid = g_array_index(children, pid_t, i);
		if (!g_slist_find_custom(running, GINT_TO_POINTER(pid), compare_pid) &&
			waitpid(pid, NULL, WNOHANG) == 0)
			left = pid;
	}
	return left;
}

static gboolean on_orphans(gpointer data)
{
	if (reap_orphans())
		return G_SOURCE_CONTINUE;
	orphans_source = 0;
	return G_SOURCE_REMOVE;
}

void child_adopt_orphans(void)
{
	adopts = prctl(PR_SET_CHILD_SUBREAPER, 1) == 0;
}

gboolean child_reap_orphans(int timeout_ms)
{
	gint64 deadline = g_get_monotonic_time() + timeout_ms * G_TIME_SPAN_MILLISECOND;
	g_clear_handle_id(&orphans_source, g_source_remove);
	for (pid_t pid; adopts && (pid = reap_orphans());) {
		gint64 left = (deadline - g_get_monotonic_time()) / G_TIME_SPAN_MILLISECOND;
		int pidfd = pidfd_open(pid, 0);
		kill(pid, SIGKILL);
		int ended = pidfd < 0 || left <= 0
			? 0
			: poll(&(struct pollfd){.fd = pidfd, .events = POLLIN}, 1, (int)left);
		if (pidfd >= 0)
			close(pidfd);
		if (ended == 0)
			return FALSE;
	}
	return TRUE;
}

/* -- children -- */

static gboolean reap(Child *self, int flags, ChildEnd *end)
{
	siginfo_t info = {0};
	int result;
	do
		result = waitid((idtype_t)P_PIDFD, (id_t)self->pidfd, &info, WEXITED | flags);
	while (result < 0 && errno == EINTR);
	if (result < 0 || info.si_pid == 0)
		return FALSE;
	*end = (ChildEnd){info.si_code != CLD_EXITED, info.si_status};
	running = g_slist_remove(running, self);
	/* what it left behind comes to us */
	if (adopts && !orphans_source)
		orphans_source = g_timeout_add(ORPHANS_MS, on_orphans, NULL);
	return TRUE;
}

static gboolean on_pidfd(int fd, GIOCondition condition, gpointer data)
{
	Child *self = data;
	ChildEnd end;
	if (!reap(self, WNOHANG, &end))
		return G_SOURCE_CONTINUE;
	self->source = 0;
	self->ended(self, &end, self->data);
	return G_SOURCE_REMOVE;
}

/** Starts a child: see spawn.h. */
Child *child_spawn(const SpawnOptions *options, ChildEnded ended, gpointer data, GError **error)
{
	g_autofree int *moved = g_new(int, options->n_fds);
	pid_t parent = getpid(), pid = fork();
	if (pid == 0)
		in_child(options, parent, moved);
	int pidfd = pid > 0 ? pidfd_open(pid, 0) : -1;
	if (pidfd < 0) {
		int code = errno;
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code), "cannot start \"%s\": %s%s",
			options->argv[0], g_strerror(code),
			code == EAGAIN ? "; the user's process limit is reached (ulimit -u)" : "");
		if (pid > 0) {
			kill(pid, SIGKILL);
			waitpid(pid, NULL, 0);
		}
		return NULL;
	}
	Child *self = g_new0(Child, 1);
	*self = (Child){.pid = pid, .pidfd = pidfd, .ended = ended, .data = data};
	self->source = g_unix_fd_add(pidfd, G_IO_IN, on_pidfd, self);
	running = g_slist_prepend(running, self);
	return self;
}

pid_t child_pid(const Child *self)
{
	return self->pid;
}

/** Kills the child. It is better to kill a sandbox's own init: the kernel kills its whole pid namespace before the
 *  sandbox can be reaped (pid_namespaces(7)), so "reaped" means that nothing is left. */
void child_kill(Child *self)
{
	if (!self->source)
		return;
	pid_t init = processes_first_child(self->pid);
	if (init > 0 && processes_is_namespace_init(init)) {
		kill(init, SIGKILL);
		/* The sandbox has to see it: somebody may have stopped it. */
		pidfd_send_signal(self->pidfd, SIGCONT, NULL, 0);
	} else {
		pidfd_send_signal(self->pidfd, SIGKILL, NULL, 0);
	}
}

void child_wait(Child *self, int timeout_ms)
{
	ChildEnd end;
	if (self->source && poll(&(struct pollfd){.fd = self->pidfd, .events = POLLIN}, 1, timeout_ms) > 0 &&
		reap(self, WNOHANG, &end))
		g_clear_handle_id(&self->source, g_source_remove);
}

void child_free(Child *self)
{
	ChildEnd end;
	if (self->source) {
		child_kill(self);
		g_source_remove(self->source);
		reap(self, 0, &end);
	}
	close(self->pidfd);
	g_free(self);
}

/** How it ended, in words. */
char *child_end_text(const ChildEnd *end)
{
	gboolean killed = end->killed || end->code > 128;
	int number = end->killed ? end->code : end->code - 128;
	if (killed)
		return g_strdup_printf("killed by signal %d (%s)", number, g_strsignal(number));
	return g_strdup_printf("exited with status %d", end->code);
}
