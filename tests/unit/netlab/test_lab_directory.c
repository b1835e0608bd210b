/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <unistd.h>
#include <cmocka.h>

#include "netlab/client/lab_directory.h"

static char *base;

/* A runtime folder with one lab, "ring". */
static int make_base(void **state)
{
	base = g_dir_make_tmp("netlab-dirs-XXXXXX", NULL);
	g_setenv("XDG_RUNTIME_DIR", base, TRUE);
	g_autofree char *nodes = g_build_filename(base, "netlab", "ring", "nodes", "r1", NULL);
	g_autofree char *lock = g_build_filename(base, "netlab", "ring", "lock", NULL);
	g_autofree char *json = g_build_filename(base, "netlab", "ring", "state.json", NULL);
	return g_mkdir_with_parents(nodes, 0700) == 0 && g_file_set_contents(lock, "", 0, NULL) &&
			g_file_set_contents(json, "{\"file\": \"/labs/ring.xml\"}", -1, NULL)
		? 0
		: -1;
}

static int remove_base(void **state)
{
	lab_remove_tree(base, NULL);
	g_clear_pointer(&base, g_free);
	return 0;
}

static int hold_lock(void)
{
	g_autofree char *lock = g_build_filename(base, "netlab", "ring", "lock", NULL);
	int fd = open(lock, O_RDWR | O_CLOEXEC);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &(struct flock){.l_type = F_WRLCK}), 0);
	return fd;
}

static void dead_lab_is_found_and_removed(void **state)
{
	g_autoptr(LabDirectory) lab = lab_directory_find("ring", NULL);
	assert_non_null(lab);
	assert_false(lab->alive);
	g_autoptr(JsonNode) json = lab_directory_state(lab);
	assert_string_equal(json_object_get_string_member(json_node_get_object(json), "file"), "/labs/ring.xml");
	assert_true(lab_directory_remove(lab, NULL));
	assert_false(g_file_test(lab->directory, G_FILE_TEST_EXISTS));
}

static void living_lab_is_not_removed(void **state)
{
	int fd = hold_lock();
	g_autoptr(GError) error = NULL;
	g_autoptr(LabDirectory) lab = lab_directory_find("ring", NULL);
	assert_true(lab->alive);
	assert_false(lab_directory_remove(lab, &error));
	assert_true(g_file_test(lab->directory, G_FILE_TEST_IS_DIR));
	close(fd);
}

static void broken_state_is_no_state(void **state)
{
	g_autofree char *json = g_build_filename(base, "netlab", "ring", "state.json", NULL);
	g_autoptr(LabDirectory) lab = lab_directory_find("ring", NULL);
	g_file_set_contents(json, "[1,", -1, NULL);
	assert_null(lab_directory_state(lab));
	g_file_set_contents(json, "[]", -1, NULL);
	assert_null(lab_directory_state(lab));
}

static void removal_follows_no_link(void **state)
{
	g_autofree char *outside = g_build_filename(base, "outside", NULL);
	g_autofree char *kept = g_build_filename(outside, "kept", NULL);
	g_autofree char *link = g_build_filename(base, "netlab", "ring", "link", NULL);
	g_mkdir(outside, 0700);
	g_file_set_contents(kept, "", 0, NULL);
	assert_int_equal(symlink(outside, link), 0);
	g_autoptr(LabDirectory) lab = lab_directory_find("ring", NULL);
	assert_true(lab_directory_remove(lab, NULL));
	assert_true(g_file_test(kept, G_FILE_TEST_EXISTS));
}

static gpointer free_lock_later(gpointer fd)
{
	g_usleep(400000);
	close(GPOINTER_TO_INT(fd));
	return NULL;
}

static glong wake_ups(void)
{
	struct rusage usage;
	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nvcsw;
}

/* Woken by the end of the supervisor, and not by looking for it again and again: ten milliseconds apart, that would be 40
 * times. */
static void end_of_a_supervisor_wakes_who_waits(void **state)
{
	GThread *thread = g_thread_new("holder", free_lock_later, GINT_TO_POINTER(hold_lock()));
	g_autoptr(LabDirectory) lab = lab_directory_find("ring", NULL);
	glong before = wake_ups();
	gint64 begin = g_get_monotonic_time();
	assert_true(lab_lock_wait(lab_lock_open(lab->directory), 10000));
	gint64 took = g_get_monotonic_time() - begin;
	glong woken = wake_ups() - before;
	g_thread_join(thread);
	assert_true(took >= 300000 && took < 5000000);
	assert_true(woken < 20);
	assert_false(lab_directory_alive(lab->directory));
}

static void waiting_for_the_end_has_a_limit(void **state)
{
	int fd = hold_lock();
	g_autoptr(LabDirectory) lab = lab_directory_find("ring", NULL);
	gint64 begin = g_get_monotonic_time();
	assert_false(lab_lock_wait(lab_lock_open(lab->directory), 50));
	assert_true(g_get_monotonic_time() - begin < 5000000);
	close(fd);
}

/* The folder goes before the process: the lock is waited for all the same. */
static void a_lock_without_a_name_is_still_waited_for(void **state)
{
	int fd = hold_lock();
	g_autoptr(LabDirectory) lab = lab_directory_find("ring", NULL);
	int lock = lab_lock_open(lab->directory);
	assert_true(lab_remove_tree(lab->directory, NULL));
	GThread *thread = g_thread_new("holder", free_lock_later, GINT_TO_POINTER(fd));
	gint64 begin = g_get_monotonic_time();
	assert_true(lab_lock_wait(lock, 10000));
	assert_true(g_get_monotonic_time() - begin >= 300000);
	g_thread_join(thread);
	assert_int_equal(lab_lock_open(lab->directory), -1);
}

/* What is removed while the lock is there belongs to nobody else; behind it, another lab may have moved in. */
static void lock_goes_last(void **state)
{
	g_autoptr(LabDirectory) lab = lab_directory_find("ring", NULL);
	union {
		char bytes[4096];
		struct inotify_event first;
	} events;
	g_autofree char *last = NULL;
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	/* More of them than the lock could come behind by chance. */
	for (int i = 0; i < 20; i++) {
		g_autofree char *path = g_strdup_printf("%s/file%d", lab->directory, i);
		assert_true(g_file_set_contents(path, "", 0, NULL));
	}
	assert_true(inotify_add_watch(fd, lab->directory, IN_DELETE) >= 0);
	assert_true(lab_directory_remove(lab, NULL));
	ssize_t n = read(fd, &events, sizeof events);
	for (ssize_t at = 0; at < n;) {
		const struct inotify_event *event = (const void *)(events.bytes + at);
		if (event->mask & IN_DELETE) {
			g_free(last);
			last = g_strdup(event->name);
		}
		at += (ssize_t)(sizeof *event + event->len);
	}
	close(fd);
	assert_string_equal(last, "lock");
}

static void names(void **state)
{
	g_autofree char *long_name = g_strnfill(64, 'a');
	assert_true(lab_name_is_valid("ring-2.b_c"));
	assert_false(lab_name_is_valid(""));
	assert_false(lab_name_is_valid("."));
	assert_false(lab_name_is_valid("../x"));
	assert_false(lab_name_is_valid("a/b"));
	assert_false(lab_name_is_valid(long_name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(dead_lab_is_found_and_removed, make_base, remove_base),
		cmocka_unit_test_setup_teardown(living_lab_is_not_removed, make_base, remove_base),
		cmocka_unit_test_setup_teardown(broken_state_is_no_state, make_base, remove_base),
		cmocka_unit_test_setup_teardown(removal_follows_no_link, make_base, remove_base),
		cmocka_unit_test_setup_teardown(lock_goes_last, make_base, remove_base),
		cmocka_unit_test_setup_teardown(end_of_a_supervisor_wakes_who_waits, make_base, remove_base),
		cmocka_unit_test_setup_teardown(waiting_for_the_end_has_a_limit, make_base, remove_base),
		cmocka_unit_test_setup_teardown(a_lock_without_a_name_is_still_waited_for, make_base, remove_base),
		cmocka_unit_test(names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
