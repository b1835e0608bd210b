/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands in guests and copies, against a supervisor whose guest is this machine. */
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/netlab/fake_lab.h"
#include "netlab/client/capture_session.h"
#include "netlab/client/error.h"
#include "netlab/cmd/cli.h"
#include "netlab/cmd/copy.h"
#include "netlab/cmd/exec_parallel.h"
#include "netlab/cmd/stream.h"
#include "netlab/client/exec_session.h"

typedef struct {
	char *base;
	FakeLab *fake;
	LabConnection *lab;
} Rig;

static int set_up(void **state)
{
	Rig *rig = g_new0(Rig, 1);
	g_autoptr(GError) error = NULL;
	rig->base = g_dir_make_tmp("netlab-exec-XXXXXX", NULL);
	rig->fake = fake_lab_new(rig->base, "fake");
	rig->lab = lab_connect(NULL, &error);
	if (!rig->lab)
		fail_msg("%s", error->message);
	*state = rig;
	return 0;
}

static int tear_down(void **state)
{
	Rig *rig = *state;
	lab_connection_free(rig->lab);
	if (rig->fake)
		fake_lab_free(rig->fake);
	lab_remove_tree(rig->base, NULL);
	g_free(rig->base);
	g_free(rig);
	return 0;
}

static int sh(Rig *rig, const char *node, const char *script, GString *out, GString *err, GError **error)
{
	const char *argv[] = {"/bin/sh", "-c", script, NULL};
	return exec_run(rig->lab, node, argv, out, err, 20000, NULL, error);
}

static void streams_are_apart_and_status_is_kept(void **state)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(GString) err = g_string_new(NULL);
	assert_int_equal(sh(*state, "here", "echo a; echo b >&2; exit 7", out, err, NULL), 7);
	assert_string_equal(out->str, "a\n");
	assert_string_equal(err->str, "b\n");
}

static void signals_become_128_and_more(void **state)
{
	assert_int_equal(sh(*state, "here", "kill -TERM $$", NULL, NULL, NULL), 128 + SIGTERM);
}

static void missing_command_is_127(void **state)
{
	const char *argv[] = {"/no/such/command", NULL};
	assert_int_equal(exec_run(((Rig *)*state)->lab, "here", argv, NULL, NULL, 20000, NULL, NULL), 127);
}

static gboolean cancel_now(gpointer cancel)
{
	g_cancellable_cancel(cancel);
	return G_SOURCE_REMOVE;
}

static void cancelling_kills(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GCancellable) cancel = g_cancellable_new();
	const char *argv[] = {"/bin/sleep", "1000", NULL};
	g_idle_add(cancel_now, cancel);
	assert_int_equal(exec_run(((Rig *)*state)->lab, "here", argv, NULL, NULL, 0, cancel, &error), -1);
	assert_true(g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
}

static void timeout_kills(void **state)
{
	g_autoptr(GError) error = NULL;
	const char *argv[] = {"/bin/sleep", "1000", NULL};
	assert_int_equal(exec_run(((Rig *)*state)->lab, "here", argv, NULL, NULL, 50, NULL, &error), -1);
	assert_true(g_error_matches(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT));
}

static void lost_node_is_told(void **state)
{
	g_autoptr(GError) error = NULL;
	assert_int_equal(sh(*state, "lost", "true", NULL, NULL, &error), -1);
	assert_non_null(strstr(error->message, "the node died"));
}

static void misspelt_node_gets_a_hint(void **state)
{
	g_autoptr(GError) error = NULL;
	assert_int_equal(sh(*state, "hree", "true", NULL, NULL, &error), -1);
	assert_non_null(strstr(error->message, "did you mean \"here\"?"));
}

static void parallel_gives_the_highest_status(void **state)
{
	const char *nodes[] = {"here", "here", NULL}, *bad[] = {"here", "nowhere", NULL};
	const char *argv[] = {"/bin/sh", "-c", "printf 'one\\ntwo'; exit 3", NULL};
	assert_int_equal(exec_parallel(((Rig *)*state)->lab, nodes, argv), 3);
	assert_int_equal(exec_parallel(((Rig *)*state)->lab, bad, argv), 125);
}

static gboolean up(const Rig *rig, const char *source, const char *target, GError **error)
{
	g_autoptr(GCancellable) cancel = g_cancellable_new();
	const Copy copy = {.lab = rig->lab, .cancel = cancel};
	return copy_up(&copy, source, "here", target, error);
}

static gboolean down(const Rig *rig, const char *source, const char *target, guint64 limit, GError **error)
{
	g_autoptr(GCancellable) cancel = g_cancellable_new();
	Copy copy = {.lab = rig->lab, .cancel = cancel, .limit = limit};
	return copy_down(&copy, "here", source, target, TRUE, error);
}

enum { LIMIT = 1 << 20 };

static char *in_base(const Rig *rig, const char *name)
{
	return g_build_filename(rig->base, name, NULL);
}

static void files_go_up_and_down(void **state)
{
	Rig *rig = *state;
	g_autofree char *source = in_base(rig, "source"), *there = in_base(rig, "up"), *back = in_base(rig, "down");
	g_autofree char *bytes = g_malloc(300001), *got = NULL;
	struct stat st;
	gsize length;
	for (gsize i = 0; i < 300001; i++)
		bytes[i] = (char)(i * 7 % 251);
	assert_true(g_file_set_contents_full(source, bytes, 300001, G_FILE_SET_CONTENTS_NONE, 0640, NULL));
	assert_true(up(rig, source, there, NULL));
	assert_int_equal(stat(there, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_true(down(rig, there, back, LIMIT, NULL));
	assert_true(g_file_get_contents(back, &got, &length, NULL));
	assert_int_equal(length, 300001);
	assert_memory_equal(got, bytes, length);
}

static void folders_go_up_and_down(void **state)
{
	Rig *rig = *state;
	g_autofree char *source = in_base(rig, "site"), *there = in_base(rig, "www"), *back = in_base(rig, "back");
	g_autofree char *inner = g_build_filename(source, "a", "b", NULL),
			*page = g_build_filename(inner, "page", NULL);
	g_autofree char *result = g_build_filename(back, "a", "b", "page", NULL), *text = NULL;
	g_mkdir_with_parents(inner, 0755);
	g_file_set_contents(page, "hello", -1, NULL);
	g_chmod(page, 04755);
	assert_true(up(rig, source, there, NULL));
	assert_true(down(rig, there, back, LIMIT, NULL));
	assert_true(g_file_get_contents(result, &text, NULL, NULL));
	assert_string_equal(text, "hello");
	struct stat st;
	assert_int_equal(stat(result, &st), 0);
	assert_int_equal(st.st_mode & 07000, 0); /* a guest's set-user-id bit stays in the guest */
}

static void failed_copy_leaves_what_was(void **state)
{
	Rig *rig = *state;
	g_autofree char *target = in_base(rig, "target"), *text = NULL;
	g_autoptr(GError) error = NULL;
	g_file_set_contents(target, "old", -1, NULL);
	assert_false(down(rig, "/no/such/file", target, LIMIT, &error));
	assert_non_null(strstr(error->message, "there is no \"/no/such/file\""));
	assert_true(g_file_get_contents(target, &text, NULL, NULL));
	assert_string_equal(text, "old");
	g_clear_error(&error);
	assert_false(up(rig, target, "/no/such/folder/file", &error));
	assert_non_null(strstr(error->message, "node \"here\""));
}

static guint entries_of(const char *folder)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	guint n = 0;
	while (g_dir_read_name(dir))
		n++;
	return n;
}

/* An endless file or folder; and nothing of it stays. */
static void a_copy_has_a_limit(void **state)
{
	Rig *rig = *state;
	g_autofree char *source = in_base(rig, "large"), *file = g_build_filename(source, "file", NULL),
			*target = in_base(rig, "small");
	g_autoptr(GError) error = NULL;
	guint before = entries_of(rig->base) + 1;
	g_mkdir(source, 0755);
	assert_true(g_file_set_contents(file, "", 0, NULL));
	assert_int_equal(truncate(file, LIMIT + 1), 0);
	assert_false(down(rig, "/dev/zero", target, LIMIT, &error));
	assert_non_null(strstr(error->message, "the node sends more than 1.0\302\240MiB; --limit allows more"));
	g_clear_error(&error);
	assert_false(down(rig, source, target, LIMIT, &error));
	assert_non_null(strstr(error->message, "1.0\302\240MiB"));
	assert_int_equal(entries_of(rig->base), before);
	assert_true(down(rig, source, target, 2 * LIMIT, NULL));
}

typedef struct {
	const char *base;
	guint before; /* what is in base */
	GCancellable *cancel;
} Begun;

static gboolean cancel_when_begun(gpointer data)
{
	const Begun *begun = data;
	if (entries_of(begun->base) == begun->before)
		return G_SOURCE_CONTINUE;
	g_cancellable_cancel(begun->cancel);
	return G_SOURCE_REMOVE;
}

static void a_cancelled_copy_leaves_nothing(void **state)
{
	Rig *rig = *state;
	static const char *const sources[] = {"/dev/zero", "/usr"};
	g_autofree char *target = in_base(rig, "cancelled");
	guint before = entries_of(rig->base);
	for (guint i = 0; i < 6; i++) {
		g_autoptr(GCancellable) cancel = g_cancellable_new();
		g_autoptr(GError) error = NULL;
		Copy copy = {.lab = rig->lab, .cancel = cancel, .limit = G_MAXINT64};
		Begun begun = {rig->base, before, cancel};
		/* While it runs, or while its sandbox is still being made. */
		if (i < 2)
			g_timeout_add(50, cancel_now, cancel);
		else
			g_idle_add(cancel_when_begun, &begun);
		assert_false(copy_down(&copy, "here", sources[i % 2], target, TRUE, &error));
		assert_int_equal(entries_of(rig->base), before);
	}
}

static gboolean has(const char *path, const char *content)
{
	g_autofree char *text = NULL;
	return g_file_get_contents(path, &text, NULL, NULL) && g_str_equal(text, content);
}

static gboolean is_link(const char *path)
{
	return g_file_test(path, G_FILE_TEST_IS_SYMLINK);
}

/* A pipe, or a link to one, is written to; a link to a file is replaced, and the file stays as it was. */
static void what_is_no_file_is_not_replaced(void **state)
{
	Rig *rig = *state;
	g_autofree char *source = in_base(rig, "news"), *fifo = in_base(rig, "fifo"),
			*to_fifo = in_base(rig, "to-fifo"), *old = in_base(rig, "old"),
			*to_old = in_base(rig, "to-old"), *opened = NULL;
	g_file_set_contents(source, "news", -1, NULL);
	g_file_set_contents(old, "much older", -1, NULL);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(symlink("fifo", to_fifo), 0);
	assert_int_equal(symlink("old", to_old), 0);
	int reader = open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC), file = open(old, O_RDWR | O_CLOEXEC);
	const char *const targets[] = {fifo, to_fifo};
	for (gsize i = 0; i < G_N_ELEMENTS(targets); i++) {
		char got[16] = "";
		assert_true(down(rig, source, targets[i], LIMIT, NULL));
		assert_int_equal(read(reader, got, sizeof got), 4);
		assert_string_equal(got, "news");
	}
	assert_true(is_link(to_fifo));
	assert_true(down(rig, source, to_old, LIMIT, NULL));
	assert_false(is_link(to_old));
	assert_true(has(to_old, "news") && has(old, "much older"));
	/* What an open descriptor leads to is no link that a copy has left. */
	opened = g_strdup_printf("/proc/self/fd/%d", file);
	assert_true(down(rig, source, opened, LIMIT, NULL));
	assert_true(has(old, "news"));
	close(file);
	close(reader);
}

static void links_in_a_guest_are_followed(void **state)
{
	Rig *rig = *state;
	static const char *const targets[] = {"old", "new"};
	g_autofree char *source = in_base(rig, "source"), *old = in_base(rig, "old");
	g_file_set_contents(source, "news", -1, NULL);
	g_file_set_contents(old, "old", -1, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(targets); i++) {
		g_autofree char *name = g_strconcat("to-", targets[i], NULL), *link = in_base(rig, name),
				*target = in_base(rig, targets[i]);
		assert_int_equal(symlink(targets[i], link), 0);
		assert_true(up(rig, source, link, NULL));
		assert_true(is_link(link) && has(target, "news"));
	}
}

/* A pipe that nobody else opens. */
static void a_cancelled_copy_does_not_wait_for_a_pipe(void **state)
{
	Rig *rig = *state;
	static const char *const names[] = {"read", "write"};
	for (gsize write = 0; write < G_N_ELEMENTS(names); write++) {
		g_autofree char *fifo = in_base(rig, names[write]);
		g_autoptr(GCancellable) cancel = g_cancellable_new();
		g_autoptr(GError) error = NULL;
		assert_int_equal(mkfifo(fifo, 0600), 0);
		g_timeout_add(50, cancel_now, cancel);
		assert_int_equal(
			write ? stream_open_to_write(fifo, cancel, &error) : stream_open_to_read(fifo, cancel, &error),
			-1);
		assert_true(g_error_matches(error, CLI_ERROR, CLI_ERROR_INTERRUPTED));
	}
}

static void stop_waits_until_it_is_gone(void **state)
{
	Rig *rig = *state;
	assert_true(lab_stop(rig->lab, 1000, NULL));
	assert_false(lab_directory_alive(rig->lab->directory));
}

static void labs_are_found(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(LabDirectory) lab = lab_locate("fake", FALSE, NULL);
	assert_non_null(lab);
	assert_true(lab->alive);
	assert_null(lab_locate("fkae", FALSE, &error));
	assert_non_null(strstr(error->message, "did you mean \"fake\"?"));
}

#define RIGGED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static gboolean capture_for_a_moment(Rig *rig, const char *where, CaptureOutcome *outcome, GError **error)
{
	const char *places[] = {where, NULL};
	CaptureRequest request = {.where = places, .format = "pcapng"};
	const CaptureWatch watch = {.duration_ms = 1};
	return capture_run(rig->lab, &request, open("/dev/null", O_WRONLY | O_CLOEXEC), &watch, outcome, error);
}

/* Its count was reached as it was told to end: that is no error. */
static void capture_that_just_ended_has_ended(void **state)
{
	g_autoptr(GError) error = NULL;
	CaptureOutcome outcome;
	assert_true(capture_for_a_moment(*state, "wire", &outcome, &error));
	assert_int_equal(outcome.captured, 10);
	assert_true(capture_ended_well(&outcome, FALSE));
	g_free(outcome.reason);
}

/* What it had left could not be written: that is one, however it was told to end. */
static void capture_that_could_not_be_written_is_told(void **state)
{
	g_autoptr(GError) error = NULL;
	CaptureOutcome outcome;
	assert_true(capture_for_a_moment(*state, "full", &outcome, &error));
	assert_int_equal(outcome.dropped, 2);
	assert_false(capture_ended_well(&outcome, FALSE));
	assert_string_equal(outcome.reason, g_strerror(ENOSPC));
	g_free(outcome.reason);
}

/* Also before it has begun. */
static void capture_is_stopped_by_its_cancellable(void **state)
{
	Rig *rig = *state;
	const char *places[] = {"wire", NULL};
	const CaptureRequest request = {.where = places, .format = "pcapng"};
	for (guint ms = 0; ms <= 50; ms += 50) {
		g_autoptr(GCancellable) cancel = g_cancellable_new();
		const CaptureWatch watch = {.cancel = cancel};
		CaptureOutcome outcome;
		g_timeout_add(ms, cancel_now, cancel);
		assert_true(capture_run(
			rig->lab, &request, open("/dev/null", O_WRONLY | O_CLOEXEC), &watch, &outcome, NULL));
		assert_int_equal(outcome.captured, 10);
		g_free(outcome.reason);
	}
}

static gboolean end_lab(gpointer data)
{
	Rig *rig = data;
	fake_lab_free(g_steal_pointer(&rig->fake));
	return G_SOURCE_REMOVE;
}

static void capture_ends_with_its_lab(void **state)
{
	Rig *rig = *state;
	g_autoptr(GError) error = NULL;
	const CaptureRequest request = {.format = "pcapng"};
	const CaptureWatch watch = {.duration_ms = 20000};
	CaptureOutcome outcome;
	g_timeout_add(100, end_lab, rig);
	assert_false(
		capture_run(rig->lab, &request, open("/dev/null", O_WRONLY | O_CLOEXEC), &watch, &outcome, &error));
	assert_true(g_error_matches(error, CLIENT_ERROR, CLIENT_ERROR_DEAD));
	assert_non_null(strstr(error->message, "lab \"fake\" ended during the capture"));
}

static void errors_of_the_library_have_codes(void **state)
{
	Rig *rig = *state;
	g_autoptr(GError) error = NULL;
	assert_null(lab_locate("nothing", FALSE, &error));
	assert_true(g_error_matches(error, CLIENT_ERROR, CLIENT_ERROR_NOT_RUNNING));
	g_clear_error(&error);
	assert_int_equal(sh(rig, "heer", "true", NULL, NULL, &error), -1);
	assert_true(g_error_matches(error, CLIENT_ERROR, CLIENT_ERROR_NOT_FOUND));
	g_clear_error(&error);
	assert_int_equal(sh(rig, "lost", "exec sleep 5", NULL, NULL, &error), -1);
	assert_true(g_error_matches(error, CLIENT_ERROR, CLIENT_ERROR_DEAD));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIGGED(streams_are_apart_and_status_is_kept),
		RIGGED(signals_become_128_and_more),
		RIGGED(missing_command_is_127),
		RIGGED(timeout_kills),
		RIGGED(cancelling_kills),
		RIGGED(lost_node_is_told),
		RIGGED(misspelt_node_gets_a_hint),
		RIGGED(parallel_gives_the_highest_status),
		RIGGED(capture_that_just_ended_has_ended),
		RIGGED(capture_that_could_not_be_written_is_told),
		RIGGED(capture_is_stopped_by_its_cancellable),
		RIGGED(capture_ends_with_its_lab),
		RIGGED(errors_of_the_library_have_codes),
		RIGGED(files_go_up_and_down),
		RIGGED(folders_go_up_and_down),
		RIGGED(failed_copy_leaves_what_was),
		RIGGED(a_copy_has_a_limit),
		RIGGED(a_cancelled_copy_leaves_nothing),
		RIGGED(what_is_no_file_is_not_replaced),
		RIGGED(links_in_a_guest_are_followed),
		RIGGED(a_cancelled_copy_does_not_wait_for_a_pipe),
		RIGGED(stop_waits_until_it_is_gone),
		RIGGED(labs_are_found),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
