/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The agent in real guests: every verb and frame of filesystems/guest/protocol.h.
 * NETLAB_TINY names the initramfs of the image "tiny", NETLAB_AGENT the one with the agent alone. */
#include <glib/gstdio.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/e2e/guest.h"

static Guest *boot_tiny(const char *first, const char *second)
{
	g_autofree char *initrd = g_strdup_printf("initrd=%s", g_getenv("NETLAB_TINY"));
	const char *parameters[] = {initrd, "mem=64M", first, second, NULL};

	return guest_boot(parameters);
}

/* One guest serves the tests that do not change it. */
static int boot_shared(void **state)
{
	Guest *guest = boot_tiny(NULL, NULL);

	guest_start(guest);
	*state = guest;
	return 0;
}

static int free_shared(void **state)
{
	guest_free(*state);
	return 0;
}

static void assert_exit(Result *result, char how, guint8 code)
{
	if (result->how != how || result->code != code)
		fail_msg("expected '%c' %u, got '%c' %u %s; stderr: %s", how, code, result->how, result->code,
			result->text, result_text(result, 2));
}

static void streams_and_status_are_kept_apart(void **state)
{
	g_autoptr(GBytes) input = g_bytes_new_static("in\n", 3);
	const char *const argv[] = {"sh", "-c", "read x; echo \"got $x\"; echo err >&2; exit 7", NULL};
	g_autoptr(Result) result = NULL, killed = NULL;

	guest_exec(*state, 5, NULL, argv);
	result = guest_finish(*state, 5, input);
	assert_exit(result, 'e', 7);
	assert_string_equal(result_text(result, 1), "got in\n");
	assert_string_equal(result_text(result, 2), "err\n");
	killed = guest_shell(*state, "kill -SEGV $$");
	assert_exit(killed, 's', SIGSEGV);
}

static void environment_and_folder_are_those_of_root(void **state)
{
	const guint8 prefix[7] = {0, 0, 0, 0, 0, 3, 0};
	const char *const words[] = {"sh", "-c", "echo $HOME $PWD $PATH $TERM $X $USER", "TERM=xterm", "X=1", NULL};
	g_autoptr(Result) result = NULL;

	guest_send_words(*state, AGENT_EXEC, 5, prefix, sizeof prefix, words);
	result = guest_finish(*state, 5, NULL);
	assert_string_equal(result_text(result, 1),
		"/root /root /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin xterm 1 root\n");
}

static void what_cannot_be_started_is_told(void **state)
{
	const char *const argv[] = {"no-such-program", NULL};
	g_autoptr(Result) result = NULL, again = NULL;

	guest_exec(*state, 5, NULL, argv);
	result = guest_finish(*state, 5, NULL);
	assert_exit(result, 'f', 2);
	assert_string_equal(result->text, "no-such-program: No such file or directory");
	again = guest_shell(*state, "exec /etc/passwd");
	assert_exit(again, 'e', 126);
}

static void no_command_is_a_login_shell(void **state)
{
	const char *const none[] = {NULL};
	g_autoptr(GBytes) input = g_bytes_new_static("echo shell $0\nexit 3\n", 21);
	g_autoptr(Result) result = NULL;

	guest_exec(*state, 5, NULL, none);
	result = guest_finish(*state, 5, input);
	assert_exit(result, 'e', 3);
	assert_string_equal(result_text(result, 1), "shell /bin/sh\n");
}

/* Waits until the session's output holds TEXT. */
static void wait_for_output(Guest *guest, guint16 channel, GString *seen, const char *text)
{
	g_autoptr(GByteArray) payload = g_byte_array_new();

	while (!strstr(seen->str, text)) {
		AgentHeader header = guest_receive(guest, payload);

		assert_int_equal(header.channel, channel);
		if (header.type == AGENT_DATA)
			g_string_append_len(seen, (char *)payload->data + 1, payload->len - 1);
		else if (header.type == AGENT_CREDIT)
			guest->window += agent_get_u32(payload->data + 1);
		else
			fail_msg("the session ended without saying %s; it said: %s", text, seen->str);
	}
}

static void send_text(Guest *guest, guint16 channel, const char *text)
{
	g_autofree char *payload = g_strconcat(" ", text, NULL);

	payload[0] = AGENT_STDIN;
	guest_send(guest, AGENT_DATA, channel, payload, strlen(text) + 1);
	guest->window -= (guint32)strlen(text);
}

static void terminal_has_size_and_interrupts(void **state)
{
	const guint16 size[] = {33, 101};
	const char *const argv[] = {"sh", NULL};
	const guint8 larger[] = {40, 0, 120, 0};
	g_autoptr(GString) seen = g_string_new(NULL);
	g_autoptr(Result) result = NULL;

	guest_exec(*state, 6, size, argv);
	send_text(*state, 6, "stty size; tty\n");
	wait_for_output(*state, 6, seen, "33 101\r\n/dev/pts/");
	guest_send(*state, AGENT_RESIZE, 6, larger, sizeof larger);
	send_text(*state, 6, "stty size\n");
	wait_for_output(*state, 6, seen, "40 120");
	/* One process from the word on, so that the signal cannot come between two.
	 * Ctrl-C ends the foreground job and not the shell, so this is a terminal that controls */
	send_text(*state, 6, "sh -c \"echo wai''ting; exec sleep 1000\"\n");
	wait_for_output(*state, 6, seen, "waiting");
	send_text(*state, 6, "\003");
	send_text(*state, 6, "echo after-$?\n");
	wait_for_output(*state, 6, seen, "after-130\r\n~ # ");
	/* end of input is Ctrl-D, which a shell at its prompt obeys */
	result = guest_finish(*state, 6, NULL);
	assert_exit(result, 'e', 0);
}

/* There a first Ctrl-D only hands on what was typed. */
static void input_may_end_in_the_midst_of_a_line(void **state)
{
	const guint16 size[] = {24, 80};
	const char *const argv[] = {"cat", NULL};
	g_autoptr(GBytes) input = g_bytes_new_static("abc", 3);
	g_autoptr(Result) result = NULL;

	guest_exec(*state, 6, size, argv);
	result = guest_finish(*state, 6, input);
	assert_exit(result, 'e', 0);
	assert_non_null(strstr(result_text(result, 1), "abc"));
}

static void signals_reach_the_foreground(void **state)
{
	const guint16 size[] = {24, 80};
	const char *const sleeper[] = {"sh", "-c", "echo up; sleep 1000", NULL}, *const shell[] = {"sh", NULL};
	const guint8 kill_it[] = {SIGKILL}, interrupt[] = {SIGINT};
	g_autoptr(GString) seen = g_string_new(NULL);
	g_autoptr(Result) result = NULL, other = NULL;

	guest_exec(*state, 7, NULL, sleeper);
	wait_for_output(*state, 7, seen, "up\n");
	guest_send(*state, AGENT_SIGNAL, 7, kill_it, 1);
	result = guest_finish(*state, 7, NULL);
	assert_exit(result, 's', SIGKILL);
	guest_exec(*state, 8, size, shell);
	send_text(*state, 8, "sh -c \"echo wai''ting; exec sleep 1000\"\n");
	g_string_truncate(seen, 0);
	wait_for_output(*state, 8, seen, "waiting");
	guest_send(*state, AGENT_SIGNAL, 8, interrupt, 1);
	send_text(*state, 8, "echo after-$?\n");
	wait_for_output(*state, 8, seen, "after-130\r\n~ # ");
	other = guest_finish(*state, 8, NULL);
	assert_exit(other, 'e', 0);
}

/* 10 MB there and back again through cat; compared byte by byte. */
static gint64 guest_clock(Guest *guest)
{
	g_autoptr(Result) result = guest_shell(guest, "date +%s");

	return g_ascii_strtoll(result_text(result, 1), NULL, 10);
}

static void clock_follows_a_jump(void **state)
{
	/* an hour forward, one and a half seconds back */
	static const gint64 steps[] = {3600 * G_GINT64_CONSTANT(1000000000), -G_GINT64_CONSTANT(1500000000)};
	gint64 ahead = 0;

	for (guint i = 0; i < G_N_ELEMENTS(steps); i++) {
		guint8 payload[8];
		gint64 before, after;

		agent_put_i64(payload, steps[i]);
		guest_send(*state, AGENT_STEP_CLOCK, 0, payload, sizeof payload);
		ahead += steps[i];
		before = g_get_real_time() + ahead / 1000;
		after = guest_clock(*state);
		assert_in_range(
			after, before / G_USEC_PER_SEC - 1, (g_get_real_time() + ahead / 1000) / G_USEC_PER_SEC);
	}
}

static void much_data_passes_unharmed(void **state)
{
	const gsize length = 10 * 1000 * 1000;
	guint8 *bytes = g_malloc(length);
	g_autoptr(GRand) random = g_rand_new_with_seed(1);
	g_autoptr(GBytes) input = NULL;
	const char *const argv[] = {"cat", NULL};
	g_autoptr(Result) result = NULL;

	for (gsize i = 0; i < length; i++)
		bytes[i] = (guint8)g_rand_int(random);
	input = g_bytes_new_take(bytes, length);
	guest_exec(*state, 9, NULL, argv);
	result = guest_finish(*state, 9, input);
	assert_exit(result, 'e', 0);
	assert_int_equal(result->streams[1]->len, length);
	assert_memory_equal(result->streams[1]->data, bytes, length);
}

/* Nobody takes the flood's output: it stops at its window, and others go on. */
static void slow_reader_stops_nobody_else(void **state)
{
	const char *const flood[] = {"cat", "/dev/zero", NULL};
	const guint8 kill_it[] = {SIGKILL};
	g_autoptr(GByteArray) payload = g_byte_array_new();
	g_autoptr(Result) other = NULL, result = NULL;
	gsize got = 0;

	guest_exec(*state, 10, NULL, flood);
	while (got < AGENT_WINDOW) {
		AgentHeader header = guest_receive(*state, payload);

		assert_int_equal(header.channel, 10);
		assert_int_equal(header.type, AGENT_DATA);
		got += payload->len - 1;
	}
	assert_int_equal(got, AGENT_WINDOW);
	other = guest_shell(*state, "echo still here");
	assert_string_equal(result_text(other, 1), "still here\n");
	guest_send(*state, AGENT_SIGNAL, 10, kill_it, 1);
	/* what it had written and nobody took still comes, then the end */
	guest_send(*state, AGENT_CREDIT, 10, (const guint8[]){AGENT_STDOUT, 0, 0, 1, 0}, 5);
	result = guest_finish(*state, 10, NULL);
	assert_exit(result, 's', SIGKILL);
	/* a write that was under way may still have filled up the pipe */
	assert_in_range(result->streams[1]->len, 0, 2 * AGENT_WINDOW);
}

static void daemon_left_behind_does_not_hold_the_session(void **state)
{
	const char *const argv[] = {"sh", "-c", "sleep 1000 & yes > /dev/null & echo done", NULL};
	const guint16 size[] = {24, 80};
	g_autoptr(Result) result = guest_shell(*state, "sleep 1000 & echo done"), terminal = NULL;

	assert_exit(result, 'e', 0);
	assert_string_equal(result_text(result, 1), "done\n");
	guest_exec(*state, 11, size, argv);
	terminal = guest_finish(*state, 11, NULL);
	assert_exit(terminal, 'e', 0);
	assert_non_null(strstr(result_text(terminal, 1), "done\r\n"));
}

static void closed_input_is_no_error(void **state)
{
	g_autofree guint8 *bytes = g_malloc0(300000);
	g_autoptr(GBytes) input = g_bytes_new_static(bytes, 300000);
	const char *const argv[] = {"sh", "-c", "exec < /dev/null; echo closed; sleep 0.2", NULL};
	g_autoptr(Result) result = NULL;

	guest_exec(*state, 12, NULL, argv);
	result = guest_finish(*state, 12, input);
	assert_exit(result, 'e', 0);
}

/* -- set-up -- */

static void set_up_configures_the_node(void **state)
{
	static const char hosts[] = "127.0.0.1 localhost\n10.0.0.9 r2\t# netlab\n10.0.0.8 mine # netlab's";
	int cables[2][2];
	g_autofree char *vec0 = NULL, *vec1 = NULL;
	g_autoptr(Result) result = NULL;
	Guest *guest;

	for (int i = 0; i < 2; i++)
		assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, cables[i]), 0);
	vec0 = g_strdup_printf("vec0:transport=fd,fd=%d,mac=02:00:00:00:00:0a", cables[0][1]);
	vec1 = g_strdup_printf("vec1:transport=fd,fd=%d,mac=02:00:00:00:00:0b", cables[1][1]);
	guest = boot_tiny(vec0, vec1);
	guest_hello(guest);
	guest_setup(guest, "hostname", "r1", NULL);
	/* names crossed: each new name is the other's old one */
	guest_setup(guest, "interface", "02:00:00:00:00:0a", "vec1", "1400", NULL);
	guest_setup(guest, "interface", "02:00:00:00:00:0b", "vec0", "1500", NULL);
	guest_setup(guest, "interface", "02:00:00:00:00:0b", "eth1", "1500", NULL);
	guest_setup(guest, "interface", "02:00:00:00:00:0c", "eth7", "1500", NULL);
	guest_setup(guest, "address", "vec1", "10.0.0.1/24", NULL);
	guest_setup(guest, "address", "vec1", "2001:db8::1/64", NULL);
	guest_setup(guest, "address", "eth9", "10.0.0.1/24", NULL);
	guest_setup(guest, "address", "vec1", "10.0.0.300/24", NULL);
	guest_setup(guest, "address", "vec1", "10.0.0.1/24", NULL);
	guest_setup(guest, "route", "default4", "10.0.0.254", "", NULL);
	guest_setup(guest, "route", "default6", "2001:db8::fe", "vec1", NULL);
	guest_setup(guest, "route", "192.0.2.0/24", "", "eth1", NULL);
	guest_setup(guest, "route", "198.51.100.0/24", "203.0.113.1", "", NULL);
	guest_setup(guest, "sysctl", "net.ipv4.ip_forward", "1", NULL);
	guest_setup(guest, "sysctl", "net/ipv4/conf/vec1/rp_filter", "2", NULL);
	guest_setup(guest, "sysctl", "net.ipv4.no_such", "1", NULL);
	/* as if at an earlier start of a persistent node */
	guest_setup(guest, "file", "/etc/hosts", "644", NULL);
	guest_send(guest, AGENT_FILE_DATA, 0, hosts, sizeof hosts - 1);
	guest_send(guest, AGENT_FILE_END, 0, NULL, 0);
	guest_setup(guest, "hosts", "10.0.0.2 r2\n10.0.0.3 r3\n", NULL);
	guest_setup(guest, "hosts", "10.0.0.4 r4\n", NULL);
	guest_setup(guest, "file", "/etc/deep/er/file", "640", NULL);
	guest_send(guest, AGENT_FILE_DATA, 0, "one\n", 4);
	guest_send(guest, AGENT_FILE_DATA, 0, "two\n", 4);
	guest_send(guest, AGENT_FILE_END, 0, NULL, 0);
	guest_setup(guest, "file", "/proc/nothing", "644", NULL);
	guest_send(guest, AGENT_FILE_DATA, 0, "lost", 4);
	guest_send(guest, AGENT_FILE_END, 0, NULL, 0);
	guest_setup(guest, "nonsense", "1", NULL);
	guest_setup(guest, "hostname", NULL);
	guest_send(guest, AGENT_GO, 0, NULL, 0);
	g_free(guest_expect(guest, AGENT_READY));
	assert_string_equal(guest->reports->str,
		"interface eth7: this machine has no interface with MAC address 02:00:00:00:00:0c\n"
		"interface eth9: address 10.0.0.1/24: there is no such interface\n"
		"interface vec1: address 10.0.0.300/24: \"10.0.0.300/24\" is not an address\n"
		"interface vec1: address 10.0.0.1/24: File exists (ipv4: Address already assigned)\n"
		"route to 198.51.100.0/24 via 203.0.113.1: Network is unreachable (Nexthop has invalid gateway)\n"
		"sysctl net.ipv4.no_such = 1: the kernel has no such setting\n"
		"file /proc/nothing: No such file or directory\n"
		"unknown set-up \"nonsense\"; the agent may be older than netlab, build the image again with: netlab "
		"image build\n"
		"set-up \"hostname\" takes 1 arguments, but got 0\n");
	result = guest_shell(guest,
		"hostname; cat /etc/hostname; cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/vec1/rp_filter;"
		"cat /etc/hosts; cat /etc/deep/er/file; stat -c %a /etc/deep/er/file; cat /sys/class/net/vec1/mtu"
		"  /sys/class/net/vec1/address /sys/class/net/eth1/address;"
		"ip -4 address show vec1 | grep -o 'inet [^ ]*'; ip -6 address show vec1 | grep -o 'inet6 2001.*';"
		"ip route | sort; ip -6 route show default");
	assert_string_equal(result_text(result, 1),
		"r1\nr1\n1\n2\n"
		"127.0.0.1 localhost\n10.0.0.8 mine # netlab's\n10.0.0.2 r2\t# netlab\n10.0.0.3 r3\t# netlab\n10.0.0.4 "
		"r4\t# netlab\n"
		"one\ntwo\n640\n1400\n02:00:00:00:00:0a\n02:00:00:00:00:0b\n"
		"inet 10.0.0.1/24\ninet6 2001:db8::1/64 scope global flags 02 \n"
		"10.0.0.0/24 dev vec1 scope link  src 10.0.0.1 \n192.0.2.0/24 dev eth1 scope link \ndefault via "
		"10.0.0.254 dev vec1 \n"
		"default via 2001:db8::fe dev vec1  metric 1024 \n");
	guest_free(guest);
	for (int i = 0; i < 4; i++)
		close(cables[i / 2][i % 2]);
}

static void start_up_runs_in_order_and_tells_failures(void **state)
{
	g_autoptr(Result) early = NULL, order = NULL;
	g_autofree char *log = NULL, *text = NULL;
	Guest *guest = boot_tiny(NULL, NULL);

	guest_hello(guest);
	guest_setup(guest, "hostname", "here", NULL);
	guest_setup(guest, "run", "background",
		"echo b >> /tmp/order; while [ ! -e /tmp/fail ]; do sleep 0.01; done; exit 4", NULL);
	guest_setup(
		guest, "run", "foreground", "while [ ! -e /tmp/go ]; do sleep 0.01; done; echo 1 >> /tmp/order", NULL);
	guest_setup(guest, "run", "foreground", "echo said; echo why it failed >&2; echo ^ >&2; exit 5", NULL);
	guest_setup(guest, "run", "foreground", "echo 2 >> /tmp/order; sleep 1000 &", NULL);
	guest_setup(guest, "run", "foreground", "kill -9 $$", NULL);
	guest_setup(guest, "run", "foreground", "\n  true\n  echo alone >&2; exit 6\n", NULL);
	guest_send(guest, AGENT_GO, 0, NULL, 0);
	/* sessions are served while start-up waits */
	early = guest_shell(guest, "touch /tmp/go");
	assert_exit(early, 'e', 0);
	g_free(guest_expect(guest, AGENT_READY));
	assert_string_equal(guest->reports->str,
		"run \"echo said; echo why it failed >&2; echo ^ >&2; exit 5\": exit status 5: why it failed "
		"(and 1 more line: netlab logs here)\n"
		"run \"kill -9 $$\": killed by signal 9 (Killed): no error output; \"netlab logs here\" shows what it "
		"printed\n"
		"run \"true ...\": exit status 6: alone\n");
	order = guest_shell(guest, "sort /tmp/order | tr '\\n' ' '; touch /tmp/fail");
	assert_string_equal(result_text(order, 1), "1 2 b ");
	while (!strstr(guest->reports->str, "exit status 4"))
		result_free(guest_shell(guest, "true"));
	log = g_build_filename(guest->folder, "boot.log", NULL);
	assert_true(g_file_get_contents(log, &text, NULL, NULL));
	assert_non_null(strstr(text, "said"));
	assert_non_null(strstr(text, "why it failed"));
	guest_free(guest);
}

/* What a start-up command leaves behind may write errors without end, as fast as it can. */
static void babbler_left_behind_does_not_hold_start_up(void **state)
{
	Guest *guest = boot_tiny(NULL, NULL);
	g_autoptr(Result) result = NULL;

	guest_hello(guest);
	guest_setup(guest, "run", "foreground", "yes >&2 & echo $! > /tmp/babbler", NULL);
	guest_send(guest, AGENT_GO, 0, NULL, 0);
	g_free(guest_expect(guest, AGENT_READY));
	result = guest_shell(guest, "kill $(cat /tmp/babbler)");
	assert_exit(result, 'e', 0);
	guest_free(guest);
}

/* A full root says so, and nobody is killed for want of memory. */
static void root_in_memory_has_an_end(void **state)
{
	Guest *guest = boot_tiny("rootfstype=tmpfs", NULL);
	g_autoptr(Result) full = NULL, still = NULL;

	guest_start(guest);
	full = guest_shell(guest, "cat /dev/zero > /root/full");
	assert_exit(full, 'e', 1);
	assert_non_null(strstr(result_text(full, 2), "No space left on device"));
	still = guest_shell(guest, "rm /root/full && echo well > /root/full && cat /root/full");
	assert_string_equal(result_text(still, 1), "well\n");
	guest_free(guest);
}

/* -- ends -- */

static void assert_powered_off(Guest *guest)
{
	int status = guest_wait(guest);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	guest_free(guest);
}

static void shutdown_ends_even_the_stubborn(void **state)
{
	Guest *guest = boot_tiny(NULL, NULL);
	const char *const argv[] = {"sh", "-c", "trap '' TERM HUP; while :; do sleep 1; done", NULL};

	guest_start(guest);
	guest_exec(guest, 1, NULL, argv);
	guest_send(guest, AGENT_SHUTDOWN, 0, NULL, 0);
	assert_powered_off(guest);
}

static void interactive_shell_does_not_delay_shutdown(void **state)
{
	Guest *guest = boot_tiny(NULL, NULL);
	const char *const argv[] = {"sh", NULL};
	const guint16 size[] = {24, 80};
	g_autoptr(GString) seen = g_string_new(NULL);
	gint64 start;

	guest_start(guest);
	guest_exec(guest, 1, size, argv);
	wait_for_output(guest, 1, seen, "#");
	start = g_get_monotonic_time();
	guest_send(guest, AGENT_SHUTDOWN, 0, NULL, 0);
	assert_powered_off(guest);
	assert_true(g_get_monotonic_time() - start < 1500 * 1000);
}

static void poweroff_inside_works(void **state)
{
	Guest *guest = boot_tiny(NULL, NULL);
	const char *const argv[] = {"poweroff", NULL};

	guest_start(guest);
	guest_exec(guest, 1, NULL, argv);
	assert_powered_off(guest);
}

static void guest_without_supervisor_ends(void **state)
{
	Guest *guest = boot_tiny(NULL, NULL);

	guest_start(guest);
	shutdown(guest->line, SHUT_RDWR);
	close(guest->line);
	guest->line = -1;
	assert_powered_off(guest);
}

static void line_out_of_step_is_fatal(void **state)
{
	Guest *guest = boot_tiny(NULL, NULL);
	g_autofree char *text = NULL;

	guest_start(guest);
	assert_int_equal(send(guest->line, "not a frame", 11, MSG_NOSIGNAL), 11);
	text = guest_expect(guest, AGENT_FAILED);
	assert_non_null(strstr(text, "out of step"));
	assert_powered_off(guest);
}

/* -- roots -- */

static Guest *boot_root(const char *image, const char *disk)
{
	g_autofree char *initrd = g_strdup_printf("initrd=%s", g_getenv("NETLAB_AGENT"));
	g_autofree char *ubda = g_strdup_printf("ubdarc=%s", image), *ubdb = g_strdup_printf("ubdb=%s", disk);
	const char *parameters[] = {
		initrd, "mem=96M", ubda, "netlab.root=ubda", disk ? ubdb : NULL, "netlab.disk=ubdb", NULL};

	return guest_boot(parameters);
}

static void damaged_image_is_told(void **state)
{
	g_autofree char *path = NULL, *text = NULL;
	g_autofree char *zero = g_malloc0(1 << 20);
	int fd = g_file_open_tmp("netlab-damaged-XXXXXX", &path, NULL);
	Guest *guest;

	assert_int_equal(write(fd, zero, 1 << 20), 1 << 20);
	close(fd);
	guest = boot_root(path, NULL);
	text = guest_expect(guest, AGENT_FAILED);
	g_unlink(path);
	assert_non_null(strstr(text, "root image: cannot mount /dev/ubda as squashfs, erofs or ext4"));
	assert_powered_off(guest);
}

/* A root of static busybox alone, made here: needs neither the Debian image nor a network. */
static char *make_image(const char *folder)
{
	g_autofree char *quoted = g_shell_quote(folder);
	g_autofree char *command = g_strdup_printf(
		"cd %s && mkdir -p root/bin root/etc && cp \"$(command -v busybox)\" root/bin/busybox && for name in "
		"sh cat ls mount grep sync; do ln -s busybox root/bin/$name; done && echo base > root/etc/base && tar "
		"-C root --owner=0 --group=0 -cf - . | tar2sqfs -q -c lz4 image",
		quoted);

	assert_int_equal(system(command), 0);
	return g_build_filename(folder, "image", NULL);
}

static void overlay_takes_what_is_written(void **state)
{
	g_autofree char *folder = g_dir_make_tmp("netlab-root-XXXXXX", NULL), *image = make_image(folder);
	g_autofree char *disk = g_build_filename(folder, "disk", NULL), *quoted = g_shell_quote(disk);
	g_autofree char *command =
		g_strdup_printf("PATH=$PATH:/sbin:/usr/sbin; truncate -s 16M %s && mkfs.ext4 -q %s", quoted, quoted);
	g_autofree char *check = g_strdup_printf("PATH=$PATH:/sbin:/usr/sbin; e2fsck -fn %s > /dev/null 2>&1", quoted);
	g_autofree char *clean = g_strdup_printf("rm -rf '%s'", folder), *damaged = NULL;
	const char *look = "cat /etc/base /etc/mine; mount | grep -c -E ' "
			   "(/|/dev|/dev/pts|/dev/shm|/proc|/sys|/sys/fs/cgroup|/run|/tmp) '";
	static const char *const expected[] = {"base\n9\n", "base\n9\n", "base\n9\n", "base\nkept\n9\n"};
	FILE *file;

	assert_int_equal(system(command), 0);
	/* twice in memory, where nothing is kept; twice on the disk, where all is */
	for (int i = 0; i < 4; i++) {
		Guest *guest = boot_root(image, i < 2 ? NULL : disk);
		g_autoptr(Result) seen = NULL, written = NULL;

		guest_start(guest);
		seen = guest_shell(guest, look);
		assert_string_equal(result_text(seen, 1), expected[i]);
		written = guest_shell(guest, "echo kept > /etc/mine");
		assert_exit(written, 'e', 0);
		guest_send(guest, AGENT_SHUTDOWN, 0, NULL, 0);
		assert_powered_off(guest);
		/* no journal to replay either: it was unmounted */
		assert_int_equal(system(check), 0);
	}
	file = g_fopen(disk, "r+");
	for (int i = 0; i < 65536; i++)
		assert_int_equal(fputc('x', file), 'x');
	fclose(file);
	{
		Guest *guest = boot_root(image, disk);

		damaged = guest_expect(guest, AGENT_FAILED);
		assert_powered_off(guest);
	}
	assert_non_null(strstr(damaged, "cannot mount this node's own disk /dev/ubdb"));
	assert_int_equal(system(clean), 0);
}

int main(void)
{
	g_autofree char *kernel = guest_kernel();
	const struct CMUnitTest sessions[] = {
		cmocka_unit_test(streams_and_status_are_kept_apart),
		cmocka_unit_test(environment_and_folder_are_those_of_root),
		cmocka_unit_test(what_cannot_be_started_is_told),
		cmocka_unit_test(no_command_is_a_login_shell),
		cmocka_unit_test(terminal_has_size_and_interrupts),
		cmocka_unit_test(input_may_end_in_the_midst_of_a_line),
		cmocka_unit_test(signals_reach_the_foreground),
		cmocka_unit_test(much_data_passes_unharmed),
		cmocka_unit_test(slow_reader_stops_nobody_else),
		cmocka_unit_test(daemon_left_behind_does_not_hold_the_session),
		cmocka_unit_test(closed_input_is_no_error),
		cmocka_unit_test(clock_follows_a_jump),
	};
	const struct CMUnitTest others[] = {
		cmocka_unit_test(set_up_configures_the_node),
		cmocka_unit_test(start_up_runs_in_order_and_tells_failures),
		cmocka_unit_test(babbler_left_behind_does_not_hold_start_up),
		cmocka_unit_test(root_in_memory_has_an_end),
		cmocka_unit_test(shutdown_ends_even_the_stubborn),
		cmocka_unit_test(interactive_shell_does_not_delay_shutdown),
		cmocka_unit_test(poweroff_inside_works),
		cmocka_unit_test(guest_without_supervisor_ends),
		cmocka_unit_test(line_out_of_step_is_fatal),
		cmocka_unit_test(damaged_image_is_told),
		cmocka_unit_test(overlay_takes_what_is_written),
	};

	if (!kernel || !g_getenv("NETLAB_TINY") || !g_getenv("NETLAB_AGENT")) {
		fputs("SKIPPED: needs a guest kernel (NETLAB_KERNEL or the cache), NETLAB_TINY and NETLAB_AGENT\n",
			stderr);
		return 77;
	}
	return cmocka_run_group_tests_name("agent: sessions", sessions, boot_shared, free_shared) +
		cmocka_run_group_tests_name("agent: set-up, ends, roots", others, NULL, NULL);
}
