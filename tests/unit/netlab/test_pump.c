/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "netlab/client/pump.h"

typedef struct {
	GMainLoop *loop;
	int in[2], out[2]; /* the pump reads in[0] and writes out[1] */
	int write_errno;
	gboolean done;
	GString *got;
} Rig;

static void on_done(Pump *pump, int write_errno, gpointer data)
{
	Rig *rig = data;
	rig->done = TRUE;
	rig->write_errno = write_errno;
	g_main_loop_quit(rig->loop);
}

static gboolean on_deadline(gpointer data)
{
	fail_msg("the pump did not end in time");
	return G_SOURCE_REMOVE;
}

static int set_up(void **state)
{
	Rig *rig = g_new0(Rig, 1);
	rig->loop = g_main_loop_new(NULL, FALSE);
	rig->got = g_string_new(NULL);
	*state = rig;
	return g_unix_open_pipe(rig->in, FD_CLOEXEC, NULL) && g_unix_open_pipe(rig->out, FD_CLOEXEC, NULL) ? 0 : -1;
}

static int tear_down(void **state)
{
	Rig *rig = *state;
	for (int i = 0; i < 2; i++) {
		if (rig->in[i] >= 0)
			close(rig->in[i]);
		if (rig->out[i] >= 0)
			close(rig->out[i]);
	}
	g_main_loop_unref(rig->loop);
	g_string_free(rig->got, TRUE);
	g_free(rig);
	return 0;
}

static void run(Rig *rig)
{
	guint deadline = g_timeout_add_seconds(10, on_deadline, rig);
	if (!rig->done)
		g_main_loop_run(rig->loop);
	g_source_remove(deadline);
}

static void shut(int *fd)
{
	close(*fd);
	*fd = -1;
}

static gboolean feed(int fd, GIOCondition condition, gpointer data)
{
	gsize *left = data;
	char bytes[1000];
	memset(bytes, 'x', sizeof bytes);
	gsize n = MIN(*left, sizeof bytes);
	if (n)
		*left -= (gsize)write(fd, bytes, n);
	if (*left == 0)
		close(fd);
	return *left ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static gboolean drain(int fd, GIOCondition condition, gpointer data)
{
	char bytes[777];
	ssize_t n = read(fd, bytes, sizeof bytes);
	*(gsize *)data += (gsize)MAX(n, 0);
	return n > 0;
}

/* More than a pipe holds, written and read in odd pieces. */
static void carries_everything(void **state)
{
	Rig *rig = *state;
	const gsize total = 1 << 20;
	gsize left = total, got = 0;
	g_autoptr(Pump) pump = pump_new(rig->in[0], rig->out[1], NULL, on_done, rig);
	g_unix_fd_add(rig->in[1], G_IO_OUT, feed, &left);
	guint drainer = g_unix_fd_add(rig->out[0], G_IO_IN, drain, &got);
	rig->in[1] = -1;
	run(rig);
	g_source_remove(drainer);
	shut(&rig->out[1]);
	while (drain(rig->out[0], G_IO_IN, &got))
		;
	assert_int_equal(got, total);
	assert_int_equal(rig->write_errno, 0);
}

static void tells_a_reader_that_left(void **state)
{
	Rig *rig = *state;
	g_autoptr(Pump) pump = pump_new(rig->in[0], rig->out[1], NULL, on_done, rig);
	shut(&rig->out[0]);
	assert_int_equal(write(rig->in[1], "x", 1), 1);
	run(rig);
	assert_int_equal(rig->write_errno, EPIPE);
}

static gboolean stop_at_escape(guint8 *bytes, gsize *length, gpointer data)
{
	guint8 *found = memchr(bytes, 0x1d, *length);
	if (found)
		*length = (gsize)(found - bytes);
	return !found;
}

static void filter_ends_it_after_what_came_before(void **state)
{
	Rig *rig = *state;
	char bytes[16];
	g_autoptr(Pump) pump = pump_new(rig->in[0], rig->out[1], stop_at_escape, on_done, rig);
	assert_int_equal(write(rig->in[1], "abc\035def", 7), 7);
	run(rig);
	assert_int_equal(read(rig->out[0], bytes, sizeof bytes), 3);
	assert_memory_equal(bytes, "abc", 3);
}

static void append(const guint8 *bytes, gsize length, gpointer data)
{
	g_string_append_len(((Rig *)data)->got, (const char *)bytes, (gssize)length);
}

static void sink_gets_everything(void **state)
{
	Rig *rig = *state;
	g_autoptr(Pump) pump = pump_new_sink(rig->in[0], append, on_done, rig);
	assert_int_equal(write(rig->in[1], "hello", 5), 5);
	shut(&rig->in[1]);
	run(rig);
	assert_string_equal(rig->got->str, "hello");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(carries_everything, set_up, tear_down),
		cmocka_unit_test_setup_teardown(tells_a_reader_that_left, set_up, tear_down),
		cmocka_unit_test_setup_teardown(filter_ends_it_after_what_came_before, set_up, tear_down),
		cmocka_unit_test_setup_teardown(sink_gets_everything, set_up, tear_down),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
