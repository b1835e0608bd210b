/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in the place of a guest kernel and tries to get out of the sandbox, as hostile code in a guest would.
 *
 * netlabd starts it exactly as it starts a kernel: same namespaces, filter, descriptors, limits. It is told what to go
 * for through its node's name, pPORT-PID: a listener on the host's loopback and a process of the host. It writes one
 * line for each try to its standard output, which is the boot log: "GOT name" or "nothing name (why)". At last it takes
 * memory in as many processes as it can, with a line "took" for each MiB, until somebody ends it. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MIB (1024ul * 1024)

/* What takes memory at the end: so many processes for so long. */
#define TAKERS 100
#define HOLD_SECONDS 10

static void report(const char *name, int got)
{
	if (got)
		dprintf(1, "GOT %s\n", name);
	else
		dprintf(1, "nothing %s (%s)\n", name, strerror(errno));
}

static int seen_secret, seen_writable;

static int visit(const char *path, const struct stat *st, int type, struct FTW *where)
{
	const char *name = path + where->base;
	if (!strncmp(path, "/proc", 5) || !strncmp(path, "/sys", 4))
		return 0;
	if (!strcmp(name, "netlab-secret"))
		seen_secret = 1;
	/* A file of the host that can be written: not the sandbox's own scratch memory or devices. */
	if (type == FTW_F && S_ISREG(st->st_mode) && access(path, W_OK) == 0) {
		dprintf(1, "writable: %s\n", path);
		seen_writable = 1;
	}
	return 0;
}

/* How much a process may take, in MiB. Untouched, it is not there yet, and nobody is to take offence before the end. */
static unsigned long take_memory(void)
{
	static char *taken[4096];
	unsigned long n = 0;
	while (n < 4096 &&
		(taken[n] = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) != MAP_FAILED)
		n++;
	for (unsigned long i = 0; i < n; i++)
		munmap(taken[i], MIB);
	return n;
}

static void *take_all(void *arg)
{
	char *p;
	while ((p = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) != MAP_FAILED) {
		memset(p, 1, MIB);
		dprintf(1, "took\n");
	}
	sleep(HOLD_SECONDS);
	exit(0);
}

/* Processes that take what they are given and hold it. Each hides as well as it can: its parent has ended, and so has its
 * first thread, which is the one that /proc shows. */
static void take_memory_in_many(void)
{
	pthread_t thread;
	for (int i = 0; i < TAKERS; i++) {
		if (fork() != 0)
			continue;
		if (fork() != 0)
			_exit(0);
		if (pthread_create(&thread, NULL, take_all, NULL) == 0)
			pthread_exit(NULL);
		take_all(NULL);
	}
	sleep(HOLD_SECONDS);
}

/* Whether a file of /proc tells where something of the user's is on the host. */
static int tells_a_path(const char *name)
{
	static char text[65536];
	int fd = open(name, O_RDONLY);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof text) : 0;
	if (fd >= 0)
		close(fd);
	return n > 0 && memmem(text, (size_t)n, "/netlab/", 8) != NULL;
}

static int write_file(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY);
	if (fd < 0)
		return 0;
	ssize_t n = write(fd, text, strlen(text));
	close(fd);
	return n == (ssize_t)strlen(text);
}

static unsigned long fill_file(const char *path)
{
	static char block[MIB];
	unsigned long n = 0;
	int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
	if (fd < 0)
		return 0;
	while (n < 4096 && write(fd, block, sizeof block) == (ssize_t)sizeof block)
		n++;
	close(fd);
	unlink(path);
	return n;
}

int main(int argc, char **argv)
{
	int port = 0, pid = 0;
	for (int i = 1; i < argc; i++) {
		const char *p = strstr(argv[i], "=p");
		if (p && sscanf(p, "=p%d-%d", &port, &pid) == 2)
			break;
	}
	signal(SIGXFSZ, SIG_IGN); /* a file-size limit then shows as an error */
	dprintf(1, "attack on port %d and process %d\n", port, pid);

	nftw("/", visit, 32, FTW_PHYS);
	errno = ENOENT;
	report("a secret of the host", seen_secret);
	report("a writable file of the host", seen_writable);

	report("a path of the host", tells_a_path("/proc/1/cmdline") || tells_a_path("/proc/1/environ"));
	report("another OOM score", write_file("/proc/self/oom_score_adj", "0"));

	int s = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	report("the host's loopback", s >= 0 && connect(s, (struct sockaddr *)&to, sizeof to) == 0);
	report("a raw socket", socket(AF_PACKET, SOCK_RAW, 0) >= 0);
	report("a signal to a host process", kill(pid, SIGTERM) == 0);
	report("the memory of a host process", ptrace(PTRACE_ATTACH, pid, 0, 0) == 0);
	report("a user namespace", unshare(CLONE_NEWUSER) == 0);
	report("a mount", mount("none", "/tmp", "tmpfs", 0, NULL) == 0);
	report("the umount of a cover", umount2("/tmp", MNT_DETACH) == 0);
	report("a new root", chroot("/proc/1/root") == 0);
	report("a BPF map", syscall(SYS_bpf, BPF_MAP_CREATE, NULL, 0) >= 0 || (errno != EPERM && errno != ENOSYS));
	report("a keyring", syscall(SYS_keyctl, 0, -3, 1) >= 0);
	report("io_uring", syscall(SYS_io_uring_setup, 1, NULL) >= 0 || (errno != EPERM && errno != ENOSYS));
	report("userfaultfd", syscall(SYS_userfaultfd, 0) >= 0);
	report("another user's id", setuid(12345) == 0);
	report("a file in nobody's memory", syscall(SYS_memfd_create, "fill", 0) >= 0);
	report("shared memory in no file",
		mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);

	unsigned long memory = take_memory();
	dprintf(1, "memory %lu MiB\n", memory);
	unsigned long files = fill_file("/tmp/fill") + fill_file("/dev/shm/fill");
	dprintf(1, "files %lu MiB\n", files);
	errno = ENOMEM;
	report("more than 40 MiB of memory in one process", memory > 40);
	report("more than 40 MiB of files in memory", files > 40);
	dprintf(1, "attack over\n");
	take_memory_in_many();
	return 0;
}
