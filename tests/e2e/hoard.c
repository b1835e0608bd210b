/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in the place of a guest kernel and takes as much of one resource of the host's kernel as it gets, before any agent says
 * hello. The resource is in its node's name, hoard-RESOURCE. Writes "took N", the sum so far, to its standard output, which is the
 * boot log, and holds what it has until somebody ends it. N is in the unit that tests/e2e/hoard.sh says. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MIB (1024ul * 1024)
#define HOLD_SECONDS 4
#define LONGEST_SECONDS 30

/* Processes that take something at the same time, where one alone is bounded. */
#define TAKERS 100

/* Shared by all takers: in a file, because memory in no file is refused. */
static unsigned long *sum;

static void took(unsigned long n, unsigned long step)
{
	unsigned long now = __atomic_add_fetch(sum, n, __ATOMIC_RELAXED);
	if (now / step != (now - n) / step)
		dprintf(1, "took %lu\n", now);
}

/* For every taker: what take() gets, it keeps until the sandbox ends. Waits until all have what they get. */
static void in_many(void (*take)(void))
{
	unsigned long *done = sum + 1;
	for (int i = 0; i < TAKERS; i++) {
		pid_t pid = fork();
		if (pid == 0) {
			take();
			__atomic_add_fetch(done, 1, __ATOMIC_RELAXED);
			for (;;)
				pause();
		}
		if (pid < 0)
			__atomic_add_fetch(done, 1, __ATOMIC_RELAXED);
	}
	for (int i = 0; i < LONGEST_SECONDS * 100 && __atomic_load_n(done, __ATOMIC_RELAXED) < TAKERS; i++)
		poll(NULL, 0, 10);
}

static void take_tasks(void)
{
	for (pid_t pid; *sum < 50000 && (pid = fork()) >= 0; took(1, 50))
		while (pid == 0)
			pause();
}

/* KiB that wait in sockets. */
static void take_sockets(void)
{
	static char block[16384];
	int pair[2], large = 16 * (int)MIB;
	while (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0)
		for (int i = 0; i < 2; i++) {
			setsockopt(pair[i], SOL_SOCKET, SO_SNDBUF, &large, sizeof large);
			for (ssize_t n; (n = write(pair[i], block, sizeof block)) > 0;)
				took((unsigned long)n / 1024, 1024);
		}
}

/* KiB that wait in pipes. */
static void take_pipes(void)
{
	static char block[16384];
	int ends[2];
	while (pipe2(ends, O_NONBLOCK) == 0) {
		fcntl(ends[1], F_SETPIPE_SZ, (int)MIB);
		for (ssize_t n; (n = write(ends[1], block, sizeof block)) > 0;)
			took((unsigned long)n / 1024, 1024);
	}
}

static void take_files(void)
{
	static const char *const folders[] = {"/dev/shm", "/tmp"};
	char path[64];
	for (int i = 0; i < 2; i++)
		for (int fd = 0, n = 0; fd >= 0 && n < 1000000; n++) {
			snprintf(path, sizeof path, "%s/%d", folders[i], n);
			fd = open(path, O_CREAT | O_WRONLY, 0600);
			if (fd >= 0)
				took(1, 500);
			close(fd);
		}
}

static void take_timers(void)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	timer_t timer;
	while (*sum < 1000000 && timer_create(CLOCK_MONOTONIC, &event, &timer) == 0)
		took(1, 50);
}

/* KiB of page tables: one for every 2 MiB of which a page is looked at. */
static void take_tables(void)
{
	size_t size = 480 * MIB;
	const volatile char *memory = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	for (size_t at = 0; memory != MAP_FAILED && at < size; at += 2 * MIB) {
		(void)memory[at];
		took(4, 1024);
	}
}

/* The locks that the host's kernel knows of afterwards. */
static void take_locks(void)
{
	int fd = open("/dev/shm/locks", O_CREAT | O_RDWR, 0600);
	for (off_t at = 0; at < 200000; at += 2) {
		struct flock lock = {.l_type = F_WRLCK, .l_start = at, .l_len = 1};
		fcntl(fd, F_SETLK, &lock);
		fcntl(fd, F_OFD_SETLK, &lock);
	}
	FILE *file = fopen("/proc/locks", "r");
	char line[256];
	int pid;
	while (file && fgets(line, sizeof line, file))
		if (sscanf(line, "%*d: %*s %*s %*s %d", &pid) == 1 && pid == getpid())
			took(1, 1);
}

static const struct {
	const char *name;
	void (*take)(void);
	int many; /* in many processes */
} resources[] = {
	{"tasks", take_tasks, 0},
	{"sockets", take_sockets, 1},
	{"pipes", take_pipes, 1},
	{"files", take_files, 0},
	{"timers", take_timers, 1},
	{"tables", take_tables, 1},
	{"locks", take_locks, 0},
};

int main(int argc, char **argv)
{
	int fd = open("/dev/shm/sum", O_CREAT | O_RDWR, 0600);
	if (fd < 0 || ftruncate(fd, 4096) < 0 ||
		(sum = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)) == MAP_FAILED) {
		dprintf(1, "no memory to share: %s\n", strerror(errno));
		return 1;
	}
	for (int i = 1; i < argc; i++) {
		const char *name = strstr(argv[i], "hoard-");
		for (size_t k = 0; name && k < sizeof resources / sizeof *resources; k++) {
			if (strcmp(name + strlen("hoard-"), resources[k].name))
				continue;
			dprintf(1, "hoarding %s\n", resources[k].name);
			if (resources[k].many)
				in_many(resources[k].take);
			else
				resources[k].take();
			sleep(HOLD_SECONDS);
			dprintf(1, "took %lu\nhoarding over\n", *sum);
			return 0;
		}
	}
	dprintf(1, "no resource is named\n");
	return 1;
}
