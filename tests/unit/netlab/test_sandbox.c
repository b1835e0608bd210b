/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "netlab/supervisor/sandbox/filter.h"
#include "netlab/supervisor/sandbox/libraries.h"
#include "netlab/supervisor/sandbox/sandbox.h"

static const SandboxFile files[] = {
	{"/cache/linux", "/linux", FALSE},
	{"/cache/a b/initramfs.cpio", "/initramfs", FALSE},
	{NULL, "/image", FALSE},
	{"/state/r1.disk", "/disk", TRUE},
};

/* The command after the program's words, joined, for looking at. */
static char *command_text(guint64 memory)
{
	static const char *const libraries[] = {"/lib/libc.so.6", NULL}, *const argv[] = {"/linux", "mem=32M", NULL};
	const SandboxOptions options = {"/usr/bin/bwrap", libraries, files, G_N_ELEMENTS(files), memory, 7, FALSE};
	g_auto(GStrv) command = sandbox_command(&options, argv);
	return g_strjoinv(" ", command);
}

static void nothing_is_shared_and_nothing_kept(void **state)
{
	static const char *const wanted[] = {"/usr/bin/bwrap ", " --unshare-all ", " --die-with-parent ",
		" --new-session ", " --cap-drop ALL ", " --clearenv ", " --remount-ro / ", " --seccomp 7 ",
		" --ro-bind /lib/libc.so.6 /lib/libc.so.6 ", " --ro-bind /cache/linux /linux ",
		" --ro-bind /cache/a b/initramfs.cpio /initramfs ", " --bind /state/r1.disk /disk ",
		" --size 34603008 --perms 0700 --tmpfs /dev/shm "};
	g_autofree char *text = command_text(33u << 20);
	for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++)
		if (!strstr(text, wanted[i]))
			fail_msg("no \"%s\" in \"%s\"", wanted[i], text);
	assert_true(g_str_has_suffix(text, " -- /linux mem=32M"));
	assert_null(strstr(text, "/image"));
	assert_null(strstr(text, "--share"));
	/* Only what is named is writable. */
	char *first = strstr(text, " --bind ");
	assert_null(strstr(first + 1, " --bind "));
}

static void without_memory_there_are_no_devices(void **state)
{
	g_autofree char *text = command_text(0);
	assert_null(strstr(text, "/dev"));
	assert_null(strstr(text, "/proc"));
	assert_null(strstr(text, "--tmpfs"));
}

static void the_host_s_network_is_shared_when_asked_for(void **state)
{
	static const char *const libraries[] = {NULL}, *const argv[] = {"/netlab-uplink", NULL};
	const SandboxOptions options = {.bwrap = "bwrap", .libraries = libraries, .filter_fd = 5, .host_network = TRUE};
	g_auto(GStrv) command = sandbox_command(&options, argv);
	g_autofree char *text = g_strjoinv(" ", command);
	assert_non_null(strstr(text, " --unshare-all "));
	assert_non_null(strstr(text, " --share-net ")); /* of all that is not shared, the network is */
	assert_non_null(strstr(text, " --cap-drop ALL "));
}

static void paths_become_those_inside(void **state)
{
	static const char *const argv[] = {"/cache/linux", "initrd=/cache/a b/initramfs.cpio",
		"ubdb=\"/state/r1.disk\"", "ubda=/state/r1.disk2", "mem=32M", "quiet", NULL};
	g_auto(GStrv) inside = sandbox_translate(argv, files, G_N_ELEMENTS(files));
	g_autofree char *text = g_strjoinv("|", inside);
	assert_string_equal(text, "/linux|initrd=/initramfs|ubdb=/disk|ubda=/state/r1.disk2|mem=32M|quiet");
}

static void libraries_of_a_program_are_found(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *self = g_file_read_link("/proc/self/exe", &error);
	g_auto(GStrv) libraries = libraries_of(self, &error);
	gboolean libc = FALSE, loader = FALSE;
	assert_non_null(libraries);
	for (char **path = libraries; *path; path++) {
		assert_int_equal(access(*path, R_OK), 0);
		libc |= g_str_has_suffix(*path, "/libc.so.6");
		loader |= strstr(*path, "/ld-") != NULL;
	}
	assert_true(libc && loader);
	assert_null(libraries_of("/dev/null", &error));
	assert_non_null(error);
	g_clear_error(&error);
	assert_null(libraries_of("/nonexistent", &error));
	assert_non_null(error);
}

static void filters_can_be_made_and_passed_on(void **state)
{
	for (int kind = FILTER_GUEST; kind <= FILTER_UPLINK; kind++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GBytes) program = filter_program((FilterKind)kind, &error);
		char byte;
		assert_non_null(program);
		assert_int_equal(g_bytes_get_size(program) % 8, 0); /* struct sock_filter */
		int fd = filter_descriptor(program, &error);
		assert_true(fd >= 0);
		assert_int_equal(read(fd, &byte, 1), 1); /* from its beginning */
		assert_int_equal(byte, *(const char *)g_bytes_get_data(program, NULL));
		close(fd);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_shared_and_nothing_kept),
		cmocka_unit_test(without_memory_there_are_no_devices),
		cmocka_unit_test(the_host_s_network_is_shared_when_asked_for),
		cmocka_unit_test(paths_become_those_inside),
		cmocka_unit_test(libraries_of_a_program_are_found),
		cmocka_unit_test(filters_can_be_made_and_passed_on),
	};
	return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
