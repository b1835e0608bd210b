/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a hostile guest may have had unpacked, and what is in its place already. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netlab/cmd/arrival.h"

enum { LIMIT = 1 << 20 };

typedef struct {
	char *base, *place; /* a folder of the user's; where the copy goes in it */
	Arrival *arrival;
	GError *error;
	guint left_out;
} World;

/* Runs a shell command in the base; $1 is where the copy arrives. */
static void sh(World *world, const char *script)
{
	const char *argv[] = {"/bin/sh", "-ec", script, "sh", arrival_path(world->arrival), NULL};
	int status = -1;
	assert_true(g_spawn_sync(world->base, (char **)argv, NULL, 0, NULL, NULL, NULL, NULL, &status, NULL));
	assert_int_equal(status, 0);
}

static void begin(World *world, const char *name)
{
	g_clear_pointer(&world->arrival, arrival_free);
	g_clear_error(&world->error);
	g_free(world->place);
	world->place = g_build_filename(world->base, name, NULL);
	world->arrival = arrival_new(world->place, &world->error);
	assert_non_null(world->arrival);
}

static gboolean settle(World *world)
{
	return arrival_settle(world->arrival, LIMIT, &world->left_out, &world->error);
}

static int set_up(void **state)
{
	World *world = g_new0(World, 1);
	world->base = g_dir_make_tmp("netlab-arrival-XXXXXX", NULL);
	*state = world;
	begin(world, "place");
	return 0;
}

/* Nothing but the user's files may be left. */
static int tear_down(void **state)
{
	World *world = *state;
	const char *argv[] = {"rm", "-rf", world->base, NULL};
	g_autofree char *fresh = g_path_get_dirname(arrival_path(world->arrival));
	g_clear_pointer(&world->arrival, arrival_free);
	gboolean left = g_file_test(fresh, G_FILE_TEST_EXISTS);
	g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
	g_clear_error(&world->error);
	g_free(world->base);
	g_free(world->place);
	g_free(world);
	return left ? -1 : 0;
}

static void assert_text(World *world, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(world->base, name, NULL), *got = NULL;
	assert_true(g_file_get_contents(path, &got, NULL, NULL));
	assert_string_equal(got, text);
}

static void assert_error(World *world, const char *text)
{
	assert_false(settle(world));
	if (!strstr(world->error->message, text))
		fail_msg("\"%s\" is not in \"%s\"", text, world->error->message);
}

static mode_t mode_of(World *world, const char *name)
{
	struct stat st;
	g_autofree char *path = g_build_filename(world->base, name, NULL);
	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode;
}

static void files_and_folders_get_their_place(void **state)
{
	World *world = *state;
	sh(world, "mkdir -p \"$1/a\"; echo new >\"$1/a/b\"; ln -s /nowhere \"$1/link\"");
	assert_true(settle(world));
	assert_text(world, "place/a/b", "new\n");
	assert_true(S_ISLNK(mode_of(world, "place/link")));
	begin(world, "file");
	sh(world, "echo one >\"$1\"");
	assert_true(settle(world));
	begin(world, "file");
	sh(world, "echo two >\"$1\"");
	assert_true(settle(world));
	assert_text(world, "file", "two\n");
}

static void a_folder_is_merged(void **state)
{
	World *world = *state;
	sh(world,
		"mkdir -p place/both/deep; echo old >place/kept; echo old >place/both/same; echo old >place/both/deep/kept");
	sh(world, "mkdir -p \"$1/both/new\"; echo new >\"$1/both/same\"; echo new >\"$1/both/new/file\"");
	assert_true(settle(world));
	assert_text(world, "place/kept", "old\n");
	assert_text(world, "place/both/deep/kept", "old\n");
	assert_text(world, "place/both/same", "new\n");
	assert_text(world, "place/both/new/file", "new\n");
}

/* What the first copy left must not lead the second elsewhere. */
static void no_link_is_followed(void **state)
{
	World *world = *state;
	sh(world, "mkdir place home; echo mine >home/file; ln -s ../home place/folder; ln -s ../home/file place/file");
	sh(world, "mkdir -p \"$1/folder\"; echo theirs >\"$1/folder/file\"");
	assert_error(world, "place/folder\" is a link, which is not followed");
	assert_text(world, "home/file", "mine\n");
	/* a file takes the place of the link itself */
	begin(world, "place");
	sh(world, "mkdir \"$1\"; echo theirs >\"$1/file\"");
	assert_true(settle(world));
	assert_text(world, "home/file", "mine\n");
	assert_text(world, "place/file", "theirs\n");
	assert_true(S_ISREG(mode_of(world, "place/file")));
	/* nor is the place itself */
	begin(world, "place/folder");
	sh(world, "mkdir \"$1\"; echo theirs >\"$1/file\"");
	assert_error(world, "is a link, which is not followed");
	assert_text(world, "home/file", "mine\n");
}

static void what_is_there_says_what_may_come(void **state)
{
	World *world = *state;
	sh(world, "echo old >place");
	assert_false(arrival_can_be(world->arrival, TRUE, &world->error));
	g_clear_error(&world->error);
	assert_true(arrival_can_be(world->arrival, FALSE, &world->error));
	sh(world, "mkdir \"$1\"");
	assert_error(world, "place\" is not a folder");
	begin(world, "folder");
	sh(world, "mkdir folder");
	assert_false(arrival_can_be(world->arrival, FALSE, &world->error));
	g_clear_error(&world->error);
	sh(world, "echo new >\"$1\"");
	assert_error(world, "folder\" is a folder");
	begin(world, "pipe");
	sh(world, "mkfifo pipe; echo new >\"$1\"");
	assert_error(world, "is neither a file nor a folder");
	begin(world, "link");
	sh(world, "ln -s pipe link; echo new >\"$1\"");
	assert_error(world, "is a link to a device, pipe or socket");
	begin(world, "to-nothing");
	sh(world, "ln -s nothing to-nothing; echo new >\"$1\"");
	assert_true(settle(world));
	assert_true(S_ISREG(mode_of(world, "to-nothing")));
}

/* All of it, or nothing. */
static void a_conflict_changes_nothing(void **state)
{
	World *world = *state;
	sh(world, "mkdir -p place/b place/z; echo old >place/a");
	sh(world, "mkdir -p \"$1/b\" \"$1/new\"; echo new >\"$1/a\"; echo new >\"$1/b/c\"; echo new >\"$1/z\"");
	assert_error(world, "place/z\" is a folder");
	assert_text(world, "place/a", "old\n");
	g_autofree char *new = g_build_filename(world->base, "place", "new", NULL),
			*inner = g_build_filename(world->base, "place", "b", "c", NULL);
	assert_false(g_file_test(new, G_FILE_TEST_EXISTS));
	assert_false(g_file_test(inner, G_FILE_TEST_EXISTS));
}

static void no_bits_and_no_special_files(void **state)
{
	World *world = *state;
	mode_t mask = umask(022);
	sh(world,
		"mkdir -p \"$1/shut/in\" \"$1/open\"; mkfifo \"$1/pipe\" \"$1/open/pipe\"; echo x >\"$1/program\"\n"
		"chmod 7777 \"$1/program\" \"$1/open\"; echo x >\"$1/shut/in/file\"; chmod 0 \"$1/shut/in\" \"$1/shut\" \"$1\"");
	assert_true(settle(world));
	umask(mask);
	assert_int_equal(world->left_out, 2);
	assert_int_equal(mode_of(world, "place/program") & 07777, 0755);
	assert_int_equal(mode_of(world, "place/open") & 07777, 0755);
	assert_int_equal(mode_of(world, "place/shut") & 07777, 0700);
	assert_text(world, "place/shut/in/file", "x\n");
	g_autofree char *pipe = g_build_filename(world->base, "place", "pipe", NULL);
	assert_false(g_file_test(pipe, G_FILE_TEST_EXISTS));
	/* nothing but a pipe */
	begin(world, "other");
	sh(world, "mkfifo \"$1\"");
	assert_error(world, "neither a file nor a folder");
}

/* N folders in each other, with a file in each. */
static void dig(const char *path, guint n)
{
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (guint i = 0; i < n; i++) {
		assert_int_equal(mkdirat(folder, "folder", 0700), 0);
		int next = openat(folder, "folder", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		close(openat(folder, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
		close(folder);
		folder = next;
	}
	close(folder);
}

static void what_is_too_large_stays_out(void **state)
{
	World *world = *state;
	sh(world, "mkdir \"$1\"; truncate -s 2M \"$1/hole\"");
	assert_error(world, "more than 1.0\302\240MiB; --limit allows more");
	begin(world, "many");
	sh(world, "mkdir \"$1\"; cd \"$1\"; i=0; while [ $i -lt 300 ]; do : >$i; i=$((i + 1)); done");
	assert_error(world, "more than 1.0\302\240MiB");
	begin(world, "deep");
	sh(world, "mkdir \"$1\"");
	dig(arrival_path(world->arrival), 120);
	assert_error(world, "more than 100 folders in each other");
}

/* It goes, however deep it is and whatever its modes are: a descriptor or a path for each level would not do. */
static void what_is_left_is_removed(void **state)
{
	World *world = *state;
	g_autofree char *fresh = g_path_get_dirname(arrival_path(world->arrival));
	sh(world, "mkdir \"$1\"");
	dig(arrival_path(world->arrival), 1200);
	sh(world,
		"mkdir -p \"$1/shut/in\"; : >\"$1/shut/in/file\"; ln -s / \"$1/shut/root\"; chmod 0 \"$1/shut/in\" \"$1/shut\" \"$1\"");
	g_clear_pointer(&world->arrival, arrival_free);
	assert_false(g_file_test(fresh, G_FILE_TEST_EXISTS));
	begin(world, "place");
}

static void a_place_that_cannot_be_is_said(void **state)
{
	World *world = *state;
	g_autofree char *path = g_build_filename(world->base, "no", "such", "folder", NULL);
	assert_null(arrival_new(path, &world->error));
	assert_non_null(strstr(world->error->message, "cannot write into \""));
	assert_non_null(strstr(world->error->message, "/no/such\": No such file"));
	/* a slash at the end changes nothing */
	begin(world, "place///");
	sh(world, "mkdir \"$1\"");
	assert_true(settle(world));
	assert_true(S_ISDIR(mode_of(world, "place")));
}

/* Nothing is written there, not even if this fails. */
static void folders_of_the_system_are_left_alone(void **state)
{
	World *world = *state;
	static const char *const system[] = {"/dev", "/dev/", "/usr/../dev/.", "/dev/fd", "/proc", "/proc/self",
		"/sys/kernel"},
				 *const others[] = {"/", "/dev/shm", "/tmp", "/development", "/no/such/folder"};
	g_autofree char *link = g_build_filename(world->base, "link", NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(system); i++)
		assert_true(arrival_is_of_system(system[i]));
	for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
		assert_false(arrival_is_of_system(others[i]));
	assert_int_equal(symlink("/dev", link), 0);
	assert_true(arrival_is_of_system(link));
	assert_null(arrival_new("/proc/self/file", &world->error));
	assert_non_null(strstr(world->error->message, "\"/proc/self\" is a folder of the system"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(files_and_folders_get_their_place, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_folder_is_merged, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_link_is_followed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_there_says_what_may_come, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_conflict_changes_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_bits_and_no_special_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_too_large_stays_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_left_is_removed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_place_that_cannot_be_is_said, set_up, tear_down),
		cmocka_unit_test_setup_teardown(folders_of_the_system_are_left_alone, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("arrival", tests, NULL, NULL);
}
