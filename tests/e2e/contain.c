/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs a test so that nothing it leaves behind can hide.
 *
 *   contain COMMAND ARG...
 *
 * The test gets a runtime folder, a state folder and a scratch folder of its own ($XDG_RUNTIME_DIR, $XDG_STATE_HOME,
 * $SCRATCH). contain is the subreaper (prctl(2), PR_SET_CHILD_SUBREAPER) of all that the test starts: a process that
 * outlives the test becomes its child, is named, killed, and fails the test. So does anything left in the runtime
 * folder. Exit status: the test's own, or 99 when it left something. */
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A lab that was told to stop may need this long for its last processes to be reaped. */
#define GRACE_SECONDS 10

static double now_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Collects what has ended; true when no child is left. */
static int reap(pid_t test, int *status)
{
	int s;
	pid_t pid;
	while ((pid = waitpid(-1, &s, WNOHANG)) > 0)
		if (pid == test)
			*status = s;
	return pid < 0 && errno == ECHILD;
}

static int parent_of(int pid)
{
	char path[64], line[512];
	int parent = -1;
	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	FILE *f = fopen(path, "r");
	if (!f)
		return -1;
	if (fgets(line, sizeof line, f)) {
		const char *after_name = strrchr(line, ')');
		if (after_name && sscanf(after_name + 1, " %*c %d", &parent) != 1)
			parent = -1;
	}
	fclose(f);
	return parent;
}

/* Names and kills every child; returns how many there were. */
static int kill_leftovers(void)
{
	int n = 0;
	DIR *proc = opendir("/proc");
	for (struct dirent *e; proc && (e = readdir(proc));) {
		int pid = atoi(e->d_name);
		if (pid <= 0 || parent_of(pid) != getpid())
			continue;
		char path[64], cmd[256];
		snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
		FILE *f = fopen(path, "r");
		size_t len = f ? fread(cmd, 1, sizeof cmd - 1, f) : 0;
		if (f)
			fclose(f);
		for (size_t i = 0; i < len; i++)
			if (!cmd[i])
				cmd[i] = ' ';
		cmd[len] = 0;
		fprintf(stderr, "contain: left behind: process %d: %s\n", pid, cmd);
		kill(pid, SIGKILL);
		n++;
	}
	if (proc)
		closedir(proc);
	return n;
}

static int name_entry(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st, (void)type;
	if (where->level > 0)
		fprintf(stderr, "contain: left behind: %s\n", path);
	return 0;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st, (void)type, (void)where;
	return remove(path);
}

static int entries(const char *path)
{
	int n = 0;
	DIR *d = opendir(path);
	for (struct dirent *e; d && (e = readdir(d));)
		n += strcmp(e->d_name, ".") && strcmp(e->d_name, "..");
	if (d)
		closedir(d);
	return n;
}

static void make_dir(const char *base, const char *name, const char *variable, char out[64])
{
	snprintf(out, 64, "%s/%s", base, name);
	if (mkdir(out, 0700) < 0 || setenv(variable, out, 1) < 0) {
		perror(out);
		exit(98);
	}
}

int main(int argc, char **argv)
{
	char base[] = "/tmp/nlt.XXXXXX", runtime[64], labs[80], state[64], scratch[64];
	if (argc < 2) {
		fprintf(stderr, "usage: contain COMMAND ARG...\n");
		return 2;
	}
	if (!mkdtemp(base)) {
		perror("mkdtemp");
		return 98;
	}
	make_dir(base, "run", "XDG_RUNTIME_DIR", runtime);
	make_dir(base, "state", "XDG_STATE_HOME", state);
	make_dir(base, "scratch", "SCRATCH", scratch);
	snprintf(labs, sizeof labs, "%s/netlab", runtime);
	prctl(PR_SET_CHILD_SUBREAPER, 1);

	int status = 0, failed = 0;
	pid_t test = fork();
	if (test < 0) {
		perror("fork");
		return 98;
	}
	if (test == 0) {
		execvp(argv[1], argv + 1);
		perror(argv[1]);
		_exit(127);
	}
	/* Orphans are reaped as they end, so that a test which looks for them does not see their remains. */
	for (pid_t pid = 0; pid != test;) {
		int s;
		if ((pid = waitpid(-1, &s, 0)) == test)
			status = s;
		else if (pid < 0 && errno != EINTR)
			break;
	}
	double deadline = now_s() + GRACE_SECONDS;
	while (!reap(test, &status) && now_s() < deadline)
		poll(NULL, 0, 20);
	while (!reap(test, &status)) {
		failed |= kill_leftovers() > 0;
		poll(NULL, 0, 20);
	}
	if (entries(labs)) {
		nftw(labs, name_entry, 16, FTW_PHYS);
		failed = 1;
	}
	nftw(base, remove_entry, 16, FTW_PHYS | FTW_DEPTH);
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return code ? code : failed ? 99 : 0;
}
