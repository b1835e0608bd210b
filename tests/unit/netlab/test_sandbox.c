/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "netlab/confined/filter.h"
#include "netlab/confined/libraries.h"
#include "netlab/confined/sandbox.h"

static const SandboxFile files[] = {
	{"/cache/linux", "/linux", FALSE},
	{"/cache/a b/initramfs.cpio", "/initramfs", FALSE},
	{NULL, "/image", FALSE},
	{"/state/r1.disk", "/disk", TRUE},
};

/* What bubblewrap reads, joined, for looking at. */
static char *joined(const SandboxOptions *options)
{
	g_autoptr(GBytes) bytes = sandbox_arguments(options);
	gsize size;
	const char *words = g_bytes_get_data(bytes, &size);
	GString *text = g_string_new(" ");
	assert_int_equal(words[size - 1], '\0');
	for (const char *word = words; word < words + size; word += strlen(word) + 1)
		g_string_append_printf(text, "%s ", word);
	return g_string_free(text, FALSE);
}

static char *arguments_text(guint64 memory)
{
	static const char *const libraries[] = {"/lib/libc.so.6", NULL};
	const SandboxOptions options = {.libraries = libraries,
		.files = files,
		.n_files = G_N_ELEMENTS(files),
		.memory = memory,
		.filter_fd = 7};
	return joined(&options);
}

static void nothing_is_shared_and_nothing_kept(void **state)
{
	static const char *const wanted[] = {" --unshare-all ", " --die-with-parent ", " --new-session ",
		" --cap-drop ALL ", " --clearenv ", " --remount-ro / ", " --seccomp 7 ",
		" --ro-bind /lib/libc.so.6 /lib/libc.so.6 ", " --ro-bind /cache/linux /linux ",
		" --ro-bind /cache/a b/initramfs.cpio /initramfs ", " --bind /state/r1.disk /disk ",
		" --proc /proc --remount-ro /proc ", " --size 34603008 --perms 0700 --tmpfs /dev/shm "};
	g_autofree char *text = arguments_text(33u << 20);
	for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++)
		if (!strstr(text, wanted[i]))
			fail_msg("no \"%s\" in \"%s\"", wanted[i], text);
	assert_null(strstr(text, "/image"));
	assert_null(strstr(text, "--share"));
	/* Only what is named is writable. */
	char *first = strstr(text, " --bind ");
	assert_null(strstr(first + 1, " --bind "));
}

/* It can be read inside. */
static void the_command_line_has_no_path_of_the_host(void **state)
{
	static const char *const argv[] = {"/linux", "mem=32M", NULL};
	g_auto(GStrv) command = sandbox_command("/usr/bin/bwrap", 8, argv);
	g_autofree char *text = g_strjoinv(" ", command);
	assert_string_equal(text, "/usr/bin/bwrap --args 8 -- /linux mem=32M");
}

static void without_memory_there_are_no_devices(void **state)
{
	g_autofree char *text = arguments_text(0);
	assert_null(strstr(text, "/dev"));
	assert_null(strstr(text, "/proc"));
	assert_null(strstr(text, "--tmpfs"));
}

static void the_host_s_network_is_shared_when_asked_for(void **state)
{
	const SandboxOptions options = {.filter_fd = 5, .host_network = TRUE};
	g_autofree char *text = joined(&options);
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
	for (int kind = FILTER_GUEST; kind <= FILTER_READER; kind++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GBytes) program = filter_program((FilterKind)kind, &error);
		char byte;
		assert_non_null(program);
		assert_int_equal(g_bytes_get_size(program) % 8, 0); /* struct sock_filter */
		int fd = sandbox_descriptor(program, &error);
		assert_true(fd >= 0);
		assert_int_equal(read(fd, &byte, 1), 1); /* from its beginning */
		assert_int_equal(byte, *(const char *)g_bytes_get_data(program, NULL));
		close(fd);
	}
}

/* The error that a process under a filter gets from connecting, by either way; 0: none. */
static void under_filter(FilterKind kind, int *connected, int *fast_open)
{
	struct sockaddr_in nobody = {
		.sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	g_autoptr(GBytes) bytes = filter_program(kind, NULL);
	gsize size;
	const void *code = g_bytes_get_data(bytes, &size);
	struct sock_fprog program = {(unsigned short)(size / 8), (struct sock_filter *)code};
	int *errors = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), status;
	pid_t pid = fork();
	if (pid == 0) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
			_exit(1);
		errors[0] = connect(fd, (struct sockaddr *)&nobody, sizeof nobody) < 0 ? errno : 0;
		errors[1] = sendto(fd, "x", 1, MSG_FASTOPEN, (struct sockaddr *)&nobody, sizeof nobody) < 0 ? errno : 0;
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	*connected = errors[0];
	*fast_open = errors[1];
	munmap(errors, 4096);
}

/* A socket that was handed in belongs to the host's network, and must not be connected there. */
static void a_restricted_uplink_connects_nothing(void **state)
{
	int connected, fast_open;
	under_filter(FILTER_UPLINK, &connected, &fast_open);
	assert_int_not_equal(connected, ENOSYS);
	assert_int_not_equal(fast_open, ENOSYS);
	under_filter(FILTER_UPLINK_RESTRICTED, &connected, &fast_open);
	assert_int_equal(connected, ENOSYS);
	assert_int_equal(fast_open, ENOSYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_shared_and_nothing_kept),
		cmocka_unit_test(the_command_line_has_no_path_of_the_host),
		cmocka_unit_test(without_memory_there_are_no_devices),
		cmocka_unit_test(the_host_s_network_is_shared_when_asked_for),
		cmocka_unit_test(paths_become_those_inside),
		cmocka_unit_test(libraries_of_a_program_are_found),
		cmocka_unit_test(filters_can_be_made_and_passed_on),
		cmocka_unit_test(a_restricted_uplink_connects_nothing),
	};
	return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
