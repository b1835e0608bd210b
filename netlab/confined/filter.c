/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of what is allowed; found by tracing the programs under load, and by what libc may use instead.
 *
 * Everything else fails with ENOSYS, as in a kernel that never had it: libraries have a way round that. It must not
 * kill: the filter that a guest kernel puts on its own user space traps (SECCOMP_RET_TRAP), and of several filters the
 * sternest verdict holds (seccomp(2)), so an error gives way to the trap and a kill would not. For the same reason a call
 * of the 32-bit ABI, which a guest's program may try, is an error and no kill. */
#include "netlab/confined/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

G_DEFINE_AUTO_CLEANUP_FREE_FUNC(scmp_filter_ctx, seccomp_release, NULL)

/* libc, threads, memory, time, waiting, and input and output on descriptors that are open. */
static const int common[] = {
	SCMP_SYS(read),
	SCMP_SYS(readv),
	SCMP_SYS(pread64),
	SCMP_SYS(write),
	SCMP_SYS(writev),
	SCMP_SYS(pwrite64),
	SCMP_SYS(close),
	SCMP_SYS(lseek),
	SCMP_SYS(ioctl),
	SCMP_SYS(dup),
	SCMP_SYS(dup2),
	SCMP_SYS(dup3),
	SCMP_SYS(fstat),
	SCMP_SYS(newfstatat),
	SCMP_SYS(stat),
	SCMP_SYS(lstat),
	SCMP_SYS(statx),
	SCMP_SYS(access),
	SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2),
	SCMP_SYS(open),
	SCMP_SYS(openat),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(getcwd),
	SCMP_SYS(fsync),
	SCMP_SYS(fdatasync),
	SCMP_SYS(munmap),
	SCMP_SYS(mprotect),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(brk),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(epoll_create),
	SCMP_SYS(epoll_create1),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_pwait2),
	SCMP_SYS(eventfd2),
	SCMP_SYS(signalfd4),
	SCMP_SYS(timerfd_create),
	SCMP_SYS(timerfd_settime),
	SCMP_SYS(timerfd_gettime),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg),
	SCMP_SYS(recvmmsg),
	SCMP_SYS(getsockopt),
	SCMP_SYS(getsockname),
	SCMP_SYS(getpeername),
	SCMP_SYS(shutdown),
	SCMP_SYS(futex),
	SCMP_SYS(futex_waitv),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(get_robust_list),
	SCMP_SYS(rseq),
	SCMP_SYS(set_tid_address),
	SCMP_SYS(arch_prctl),
	SCMP_SYS(membarrier),
	SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(getcpu),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(rt_sigsuspend),
	SCMP_SYS(rt_sigpending),
	SCMP_SYS(rt_sigtimedwait),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(kill),
	SCMP_SYS(tkill),
	SCMP_SYS(tgkill),
	SCMP_SYS(pause),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_getres),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(nanosleep),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(times),
	SCMP_SYS(getrandom),
	SCMP_SYS(getpid),
	SCMP_SYS(getppid),
	SCMP_SYS(gettid),
	SCMP_SYS(getpgrp),
	SCMP_SYS(getuid),
	SCMP_SYS(geteuid),
	SCMP_SYS(getgid),
	SCMP_SYS(getegid),
	SCMP_SYS(getresuid),
	SCMP_SYS(getresgid),
	SCMP_SYS(uname),
	SCMP_SYS(sysinfo),
	SCMP_SYS(getrlimit),
	SCMP_SYS(prlimit64),
	SCMP_SYS(getrusage),
	SCMP_SYS(prctl),
	SCMP_SYS(execve),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	/* the sandbox's own init, which waits for the program */
	SCMP_SYS(wait4),
	SCMP_SYS(waitid),
};

/* What the switch and uplinks have in common, and a guest kernel has no use for: its pipes are pairs of sockets. So that it cannot
 * fill the host's memory with buffers of pipes, nor make those of its sockets larger than the host gives them unasked. */
static const int programs[] = {
	SCMP_SYS(fcntl),
	SCMP_SYS(pipe),
	SCMP_SYS(pipe2),
	SCMP_SYS(setsockopt),
};

/* What a guest kernel does with fcntl (os-Linux/file.c); libc needs no more. No F_SETPIPE_SZ, leases, or locks. */
static const scmp_datum_t guest_fcntl[] = {
	F_DUPFD,
	F_DUPFD_CLOEXEC,
	F_GETFD,
	F_SETFD,
	F_GETFL,
	F_SETFL,
	F_SETOWN,
	F_SETSIG,
};

/* A guest kernel: processes for its user space (watched by seccomp or by ptrace), timers for its clock, its disk, its pid
 * file and management socket, the sockets of its interfaces. No memfd_create: its pages would be in nobody's account. The kernel then keeps the program
 * of its user processes in an unlinked file beside its memory, which is bounded (init_stub_exe_fd() in process.c). */
static const int guest[] = {
	SCMP_SYS(execveat),
	SCMP_SYS(fork),
	SCMP_SYS(vfork),
	SCMP_SYS(ptrace),
	SCMP_SYS(seccomp),
	SCMP_SYS(personality),
	SCMP_SYS(modify_ldt),
	SCMP_SYS(set_thread_area),
	SCMP_SYS(get_thread_area),
	SCMP_SYS(close_range),
	SCMP_SYS(setsid),
	SCMP_SYS(setpgid),
	SCMP_SYS(timer_create),
	SCMP_SYS(timer_settime),
	SCMP_SYS(timer_gettime),
	SCMP_SYS(timer_getoverrun),
	SCMP_SYS(timer_delete),
	SCMP_SYS(setitimer),
	SCMP_SYS(getitimer),
	SCMP_SYS(alarm),
	SCMP_SYS(statfs),
	SCMP_SYS(fstatfs),
	SCMP_SYS(getdents64),
	SCMP_SYS(ftruncate),
	SCMP_SYS(fallocate),
	SCMP_SYS(fchmod),
	SCMP_SYS(mkdir),
	SCMP_SYS(mkdirat),
	SCMP_SYS(rmdir),
	SCMP_SYS(unlink),
	SCMP_SYS(unlinkat),
	SCMP_SYS(bind),
	SCMP_SYS(connect),
	SCMP_SYS(msync),
};

/* The switch: guests connect to the sockets of their interfaces. */
static const int network_switch[] = {
	SCMP_SYS(accept4),
};

/* An uplink: sockets of the internet. None of AF_UNIX, not even a pair: it shares the host's network, where names without
 * a file (unix(7), abstract) are in reach of whoever has a socket to connect. */
static const int uplink[] = {
	SCMP_SYS(bind),
	SCMP_SYS(listen),
	SCMP_SYS(accept),
	SCMP_SYS(accept4),
};

/* A reader of what guests send: it looks for its own data, and may write files and folders, but no special files. */
static const int reader[] = {
	SCMP_SYS(getdents64),
	SCMP_SYS(statfs),
	SCMP_SYS(fstatfs),
	SCMP_SYS(umask),
	SCMP_SYS(chdir),
	SCMP_SYS(fchdir),
	SCMP_SYS(ftruncate),
	SCMP_SYS(fadvise64),
	SCMP_SYS(mkdir),
	SCMP_SYS(mkdirat),
	SCMP_SYS(unlink),
	SCMP_SYS(unlinkat),
	SCMP_SYS(rmdir),
	SCMP_SYS(rename),
	SCMP_SYS(renameat),
	SCMP_SYS(renameat2),
	SCMP_SYS(link),
	SCMP_SYS(linkat),
	SCMP_SYS(symlink),
	SCMP_SYS(symlinkat),
	SCMP_SYS(chmod),
	SCMP_SYS(fchmod),
	SCMP_SYS(fchmodat),
	SCMP_SYS(utimensat),
};

/* Kernel memory, or a way to it, that none has a use for, hides in no call of the lists above; these flags would give
 * a process namespaces of its own, and with them capabilities. */
#define NEW_NAMESPACES                                                                                                 \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

/* Bytes of memory shared between processes without a file. */
#define SHARED_MAX 8192

static int allow(scmp_filter_ctx filter, const int *calls, gsize n)
{
	int result = 0;
	for (gsize i = 0; i < n && !result; i++)
		result = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	return result;
}

/* A socket that listens in another network namespace can be shut down and connected there, and MSG_FASTOPEN connects
 * without connect(2) (tcp(7)). */
static int add_sending(scmp_filter_ctx filter, FilterKind kind)
{
	static const struct {
		int call;
		unsigned flags; /* which argument has them */
	} calls[] = {{SCMP_SYS(sendto), 3}, {SCMP_SYS(sendmsg), 2}, {SCMP_SYS(sendmmsg), 3}};
	int result = 0;
	for (gsize i = 0; i < G_N_ELEMENTS(calls) && !result; i++)
		result = kind == FILTER_UPLINK_RESTRICTED
			? seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i].call, 1,
				  SCMP_CMP(calls[i].flags, SCMP_CMP_MASKED_EQ, MSG_FASTOPEN, 0))
			: seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i].call, 0);
	if (!result && kind == FILTER_UPLINK)
		result = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(connect), 0);
	return result;
}

static int add_sockets(scmp_filter_ctx filter, FilterKind kind)
{
	static const scmp_datum_t own[] = {AF_UNIX}, internet[] = {AF_INET, AF_INET6};
	if (kind == FILTER_READER)
		return 0;
	gboolean is_uplink = kind == FILTER_UPLINK || kind == FILTER_UPLINK_RESTRICTED;
	const scmp_datum_t *families = is_uplink ? internet : own;
	gsize n = is_uplink ? G_N_ELEMENTS(internet) : G_N_ELEMENTS(own);
	int result = is_uplink ? 0 : seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socketpair), 0);
	for (gsize i = 0; i < n && !result; i++)
		result = seccomp_rule_add(
			filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_EQ, families[i]));
	return result;
}

/* No locks: one of a range of bytes is kernel memory in nobody's account, and nothing bounds their number. The supervisor has the
 * lock of a disk (node/disk.c). */
static int add_guest_fcntl(scmp_filter_ctx filter)
{
	int result = 0;
	for (gsize i = 0; i < G_N_ELEMENTS(guest_fcntl) && !result; i++)
		result = seccomp_rule_add(
			filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1, SCMP_A1(SCMP_CMP_EQ, guest_fcntl[i]));
	return result;
}

static int add_rules(scmp_filter_ctx filter, FilterKind kind)
{
	int result = allow(filter, common, G_N_ELEMENTS(common));
	if (!result && kind == FILTER_GUEST)
		result = allow(filter, guest, G_N_ELEMENTS(guest));
	if (!result && kind == FILTER_GUEST)
		result = add_guest_fcntl(filter);
	if (!result && kind != FILTER_GUEST)
		result = allow(filter, programs, G_N_ELEMENTS(programs));
	if (!result && kind == FILTER_SWITCH)
		result = allow(filter, network_switch, G_N_ELEMENTS(network_switch));
	if (!result && (kind == FILTER_UPLINK || kind == FILTER_UPLINK_RESTRICTED))
		result = allow(filter, uplink, G_N_ELEMENTS(uplink));
	if (!result)
		result = add_sending(filter, kind);
	if (!result && kind == FILTER_READER)
		result = allow(filter, reader, G_N_ELEMENTS(reader));
	/* clone3 takes its flags in memory, out of the filter's sight: not allowed, and libc falls back on clone. A reader has
	 * threads, but no processes. */
	scmp_datum_t looked_at = NEW_NAMESPACES | (kind == FILTER_READER ? CLONE_THREAD : 0);
	if (!result)
		result = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
			SCMP_A0(SCMP_CMP_MASKED_EQ, looked_at, looked_at & CLONE_THREAD));
	/* mmap, but no memory that is shared and in no file: it would be in no account that memory_watch.c sums up. All types of
	 * shared mappings have the bit of MAP_SHARED. The guest kernel needs two pages, to try seccomp with (start_up.c). */
	static const scmp_datum_t fine[] = {0, MAP_SHARED, MAP_ANONYMOUS};
	for (gsize i = 0; i < G_N_ELEMENTS(fine) && !result; i++)
		result = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
			SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_SHARED | MAP_ANONYMOUS, fine[i]));
	if (!result)
		result = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, SCMP_A1(SCMP_CMP_LE, SHARED_MAX));
	return result ? result : add_sockets(filter, kind);
}

static int export(scmp_filter_ctx filter, GBytes **program)
{
	int fd = memfd_create("filter", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	int result = seccomp_export_bpf(filter, fd);
	off_t size = lseek(fd, 0, SEEK_END);
	g_autofree char *bytes = g_malloc((gsize)MAX(size, 1));
	if (!result && pread(fd, bytes, (size_t)size, 0) != size)
		result = -EIO;
	if (!result)
		*program = g_bytes_new(bytes, (gsize)size);
	close(fd);
	return result;
}

/** The filter as a BPF program: see filter.h. */
GBytes *filter_program(FilterKind kind, GError **error)
{
	GBytes *program = NULL;
	g_auto(scmp_filter_ctx) filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int result = filter ? seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS)) : -ENOMEM;
	/* A tree instead of a list: guests make some hundred thousand calls a second. */
	if (!result)
		result = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (!result)
		result = add_rules(filter, kind);
	if (!result)
		result = export(filter, &program);
	if (result)
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(-result),
			"cannot create the system-call filter: %s", g_strerror(-result));
	return program;
}
