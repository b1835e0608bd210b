/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A supervisor that does not answer: a process that holds the lock of a lab and listens, and nothing more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "netlab/client/error.h"
#include "netlab/client/lab_connection.h"
#include "netlab/client/lab_supervisor.h"
#include "netlab/client/wait.h"
#include "netlab/host/process.h"
#include "tests/unit/netlab/fake_lab.h"

/* Long enough for one that answers on a busy machine, and short enough to wait for one that does not. */
#define PATIENCE_MS 10000u
#define DEADLINE_MS 300u

typedef struct {
	char *runtime;
	LabDirectory lab;
	pid_t pid, below; /* the supervisor and a process that it started */
	int pidfd;
} Rig;

/* Holds the lock, writes its number into it, listens without ever accepting, and has a child that dies with it. */
static void be_silent(const Rig *rig, int ready)
{
	g_autofree char *lock = g_build_filename(rig->lab.directory, "lock", NULL);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	g_autofree char *text = g_strdup_printf("%d\n", getpid());
	int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600),
	    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	g_snprintf(address.sun_path, sizeof address.sun_path, "%s/control", rig->lab.directory);
	if (fcntl(fd, F_OFD_SETLK, &(struct flock){.l_type = F_WRLCK}) < 0 || write(fd, text, strlen(text)) < 0 ||
		bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 0) < 0)
		_exit(1);
	pid_t parent = getpid(), child = fork();
	if (child == 0) {
		close(fd);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (getppid() == parent)
			pause();
		_exit(0);
	}
	if (write(ready, &child, sizeof child) != sizeof child)
		_exit(1);
	for (;;)
		pause();
}

static int set_up(void **state)
{
	Rig *rig = g_new0(Rig, 1);
	int ends[2];
	rig->runtime = g_dir_make_tmp("netlab-XXXXXX", NULL);
	g_setenv("XDG_RUNTIME_DIR", rig->runtime, TRUE);
	rig->lab.name = g_strdup("mute");
	rig->lab.directory = g_build_filename(rig->runtime, "netlab", "mute", NULL);
	rig->lab.alive = TRUE;
	g_mkdir_with_parents(rig->lab.directory, 0700);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	rig->pid = fork();
	if (rig->pid == 0)
		be_silent(rig, ends[1]);
	rig->pidfd = pidfd_open(rig->pid, 0);
	close(ends[1]);
	assert_int_equal(read(ends[0], &rig->below, sizeof rig->below), sizeof rig->below);
	close(ends[0]);
	*state = rig;
	return 0;
}

static int tear_down(void **state)
{
	Rig *rig = *state;
	kill(rig->pid, SIGKILL);
	waitpid(rig->pid, NULL, 0);
	close(rig->pidfd);
	lab_remove_tree(rig->runtime, NULL);
	g_free(rig->runtime);
	g_free(rig->lab.name);
	g_free(rig->lab.directory);
	g_free(rig);
	return 0;
}

static void assert_silent(const Rig *rig, const char *part)
{
	g_autoptr(GError) error = NULL;
	assert_null(lab_connection_new(&rig->lab, DEADLINE_MS, &error));
	if (!g_error_matches(error, CLIENT_ERROR, CLIENT_ERROR_STUCK) || !strstr(error->message, part) ||
		!strstr(error->message, "netlab stop --force mute"))
		fail_msg("%s", error->message);
}

static void one_that_does_not_answer_is_given_up(void **state)
{
	const Rig *rig = *state;
	g_autofree char *part = g_strdup_printf("does not answer: its process is %d;", rig->pid);
	assert_silent(rig, part);
}

static void one_that_is_stopped_is_named(void **state)
{
	const Rig *rig = *state;
	g_autofree char *part = g_strdup_printf(
		"process %d is stopped (SIGSTOP); \"kill -CONT %d\" lets it continue;", rig->pid, rig->pid);
	kill(rig->pid, SIGSTOP);
	for (gint64 until = g_get_monotonic_time() + PATIENCE_MS * 1000; process_state(rig->pid) != 'T';) {
		assert_true(g_get_monotonic_time() < until);
		poll(NULL, 0, 1);
	}
	assert_silent(rig, part);
}

/* Its backlog is full: connect(2) does not wait then, it fails. */
static void one_with_many_clients_is_waited_for(void **state)
{
	const Rig *rig = *state;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fds[8];
	gboolean full = FALSE;
	g_snprintf(address.sun_path, sizeof address.sun_path, "%s/control", rig->lab.directory);
	for (gsize i = 0; i < G_N_ELEMENTS(fds); i++) {
		fds[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		full |= connect(fds[i], (struct sockaddr *)&address, sizeof address) < 0 && errno == EAGAIN;
	}
	assert_true(full);
	assert_silent(rig, "does not answer");
	for (gsize i = 0; i < G_N_ELEMENTS(fds); i++)
		close(fds[i]);
}

/* The caller gives up, and hears that and nothing else. */
static void a_caller_can_give_up(void **state)
{
	const Rig *rig = *state;
	g_autoptr(GCancellable) cancel = g_cancellable_new();
	g_autoptr(GAsyncResult) result = NULL;
	g_autoptr(GError) error = NULL;
	lab_connection_new_async(&rig->lab, PATIENCE_MS, cancel, wait_take, &result);
	g_cancellable_cancel(cancel);
	wait_for(&result);
	assert_null(lab_connection_new_finish(result, &error));
	assert_true(g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
}

static void others_are_reached_meanwhile(void **state)
{
	Rig *rig = *state;
	FakeLab *fake = fake_lab_new(rig->runtime, "other");
	g_autofree char *path = g_build_filename(rig->runtime, "netlab", "other", NULL);
	LabDirectory other = {(char *)"other", path, TRUE}, dead = {(char *)"dead", path, FALSE};
	g_autoptr(GPtrArray) labs = g_ptr_array_new();
	LabConnection *connections[3] = {NULL};
	GError *errors[3] = {NULL};
	g_ptr_array_add(labs, &rig->lab);
	g_ptr_array_add(labs, &dead);
	g_ptr_array_add(labs, &other);
	lab_connection_new_all(labs, PATIENCE_MS / 10, connections, errors);
	assert_null(connections[0]);
	assert_true(g_error_matches(errors[0], CLIENT_ERROR, CLIENT_ERROR_STUCK));
	assert_true(!connections[1] && !errors[1]);
	assert_non_null(connections[2]);
	assert_string_equal(netlab_lab1_get_name(connections[2]->proxy), "other");
	g_error_free(errors[0]);
	lab_connection_free(connections[2]);
	fake_lab_free(fake);
}

static gboolean has_ended(int pidfd)
{
	return poll(&(struct pollfd){.fd = pidfd, .events = POLLIN}, 1, (int)PATIENCE_MS) > 0;
}

static void one_can_be_killed(void **state)
{
	const Rig *rig = *state;
	g_autoptr(GError) error = NULL;
	int below = pidfd_open(rig->below, 0);
	kill(rig->below, SIGSTOP);
	kill(rig->pid, SIGSTOP);
	assert_true(lab_supervisor_kill(&rig->lab, &error));
	assert_null(error);
	assert_true(has_ended(rig->pidfd));
	assert_true(has_ended(below));
	assert_false(g_file_test(rig->lab.directory, G_FILE_TEST_EXISTS));
	close(below);
}

/* The number in the lock may be another process's by now: that one is left alone. */
static void another_process_is_not_killed(void **state)
{
	const Rig *rig = *state;
	g_autofree char *lock = g_build_filename(rig->lab.directory, "lock", NULL);
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;
	pid_t bystander = fork();
	if (bystander == 0)
		for (;;)
			pause();
	text = g_strdup_printf("%d\n", bystander);
	int fd = open(lock, O_WRONLY | O_TRUNC | O_CLOEXEC);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	assert_false(lab_supervisor_kill(&rig->lab, &error));
	assert_non_null(strstr(error->message, "fuser"));
	assert_int_equal(waitpid(bystander, NULL, WNOHANG), 0);
	kill(bystander, SIGKILL);
	waitpid(bystander, NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_that_does_not_answer_is_given_up, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_that_is_stopped_is_named, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_with_many_clients_is_waited_for, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_caller_can_give_up, set_up, tear_down),
		cmocka_unit_test_setup_teardown(others_are_reached_meanwhile, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_can_be_killed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(another_process_is_not_killed, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("lab_supervisor", tests, NULL, NULL);
}
