/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/e2e/guest.h"

char *guest_kernel(void)
{
	const char *given = g_getenv("NETLAB_KERNEL");
	g_autofree char *path = given
		? g_strdup(given)
		: g_build_filename(g_get_user_cache_dir(), "netlab", "kernel", "current", "linux", NULL);

	return access(path, X_OK) == 0 ? g_steal_pointer(&path) : NULL;
}

Guest *guest_boot(const char *const *parameters)
{
	g_autofree char *kernel = guest_kernel(), *log = NULL;
	g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
	Guest *guest = g_new0(Guest, 1);
	int ends[2];

	guest->folder = g_dir_make_tmp("netlab-agent-XXXXXX", NULL);
	assert_non_null(guest->folder);
	log = g_build_filename(guest->folder, "boot.log", NULL);
	guest->input = g_byte_array_new();
	guest->reports = g_string_new(NULL);
	for (const char *const *p = (const char *const[]){kernel, "con0=null,fd:1", "con=null", "ssl0=fd:3", "ssl=null",
		     "seccomp=on", "umid=agent", NULL};
		*p; p++)
		g_ptr_array_add(argv, g_strdup(*p));
	g_ptr_array_add(argv, g_strdup_printf("uml_dir=%s/", guest->folder));
	for (; *parameters; parameters++)
		g_ptr_array_add(argv, g_strdup(*parameters));
	g_ptr_array_add(argv, NULL);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	guest->pid = fork();
	assert_true(guest->pid >= 0);
	if (guest->pid == 0) {
		int out = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600), in = open("/dev/null", O_RDONLY);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(in, 0);
		dup2(out, 1);
		dup2(out, 2);
		if (ends[1] == 3)
			fcntl(3, F_SETFD, 0);
		else
			dup2(ends[1], 3);
		execv(kernel, (char **)argv->pdata);
		_exit(127);
	}
	close(ends[1]);
	guest->line = ends[0];
	return guest;
}

int guest_wait(Guest *guest)
{
	gint64 deadline = g_get_monotonic_time() + GUEST_DEADLINE * G_USEC_PER_SEC;
	struct pollfd ends[] = {{.fd = (int)syscall(SYS_pidfd_open, guest->pid, 0), .events = POLLIN},
		{.fd = guest->line, .events = POLLIN}};
	char rest[4096];
	int status;

	assert_true(ends[0].fd >= 0);
	while (!(ends[0].revents & POLLIN)) {
		/* last words are taken off the line, for a guest that waits to be rid of them would not end */
		if ((ends[1].revents & (POLLIN | POLLHUP)) && recv(guest->line, rest, sizeof rest, 0) <= 0)
			ends[1].fd = -1;
		if (g_get_monotonic_time() > deadline || poll(ends, 2, GUEST_DEADLINE * 1000) <= 0)
			fail_msg("the guest still runs after %d s", GUEST_DEADLINE);
	}
	close(ends[0].fd);
	assert_true(waitpid(guest->pid, &status, 0) == guest->pid);
	guest->pid = -1;
	return status;
}

static void remove_tree(const char *path)
{
	g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
	const char *name;

	while (folder && (name = g_dir_read_name(folder))) {
		g_autofree char *child = g_build_filename(path, name, NULL);

		remove_tree(child);
	}
	g_remove(path);
}

void guest_free(Guest *guest)
{
	if (guest->pid > 0) {
		kill(guest->pid, SIGKILL);
		waitpid(guest->pid, NULL, 0);
	}
	if (guest->line >= 0)
		close(guest->line);
	remove_tree(guest->folder);
	g_free(guest->folder);
	g_byte_array_unref(guest->input);
	g_string_free(guest->reports, TRUE);
	g_free(guest);
}

/* Looks through what came up to the last whole frame, and takes the line's own credits out. */
static void take_line_credits(Guest *guest)
{
	GByteArray *input = guest->input;
	AgentHeader header;

	for (gsize at = guest->looked_at; at + AGENT_HEADER_SIZE <= input->len; guest->looked_at = at) {
		assert_int_equal(agent_header_decode(input->data + at, &header), 0);
		if (at + AGENT_HEADER_SIZE + header.length > input->len)
			return;
		if (header.type != AGENT_CREDIT || header.channel != 0) {
			at += AGENT_HEADER_SIZE + header.length;
			continue;
		}
		assert_int_equal(header.length, 5);
		guest->line_window += agent_get_u32(input->data + at + AGENT_HEADER_SIZE + 1);
		assert_true(guest->line_window <= AGENT_LINE_WINDOW);
		g_byte_array_remove_range(input, (guint)at, AGENT_HEADER_SIZE + header.length);
	}
}

/* Waits for bytes. */
static void take_bytes(Guest *guest)
{
	struct pollfd line = {.fd = guest->line, .events = POLLIN};
	guint8 bytes[65536];
	ssize_t n;

	if (poll(&line, 1, GUEST_DEADLINE * 1000) != 1)
		fail_msg("no answer for %d s; reports so far: %s", GUEST_DEADLINE, guest->reports->str);
	n = recv(guest->line, bytes, sizeof bytes, 0);
	if (n <= 0)
		fail_msg("the guest hung up; reports so far: %s", guest->reports->str);
	g_byte_array_append(guest->input, bytes, (guint)n);
	take_line_credits(guest);
}

void guest_send(Guest *guest, AgentType type, guint16 channel, const void *payload, gsize length)
{
	guint8 frame[AGENT_HEADER_SIZE + AGENT_MAX_PAYLOAD];
	AgentHeader header = {.length = (guint32)length, .channel = channel, .type = type};

	assert_true(length <= AGENT_MAX_PAYLOAD);
	agent_header_encode(&header, frame);
	if (length)
		memcpy(frame + AGENT_HEADER_SIZE, payload, length);
	length += AGENT_HEADER_SIZE;
	for (gsize done = 0; done < length;) {
		gsize most = length - done;
		ssize_t n;

		if (guest->counted) {
			while (guest->line_window == 0)
				take_bytes(guest);
			most = MIN(most, guest->line_window);
		}
		n = send(guest->line, frame + done, most, MSG_NOSIGNAL);
		assert_true(n > 0);
		done += (gsize)n;
		guest->line_window -= (guint32)n;
	}
}

void guest_send_words(Guest *guest, AgentType type, guint16 channel, const void *prefix, gsize prefix_length,
	const char *const *words)
{
	g_autoptr(GByteArray) payload = g_byte_array_new();

	g_byte_array_append(payload, prefix, (guint)prefix_length);
	for (; *words; words++)
		g_byte_array_append(payload, (const guint8 *)*words, (guint)strlen(*words) + 1);
	guest_send(guest, type, channel, payload->data, payload->len);
}

void guest_setup(Guest *guest, const char *verb, ...)
{
	const char *words[8] = {verb};
	unsigned n = 1;
	va_list arguments;

	va_start(arguments, verb);
	while (n < 7 && (words[n] = va_arg(arguments, const char *)))
		n++;
	va_end(arguments);
	guest_send_words(guest, AGENT_SETUP, 0, NULL, 0, words);
}

AgentHeader guest_receive(Guest *guest, GByteArray *payload)
{
	AgentHeader header;

	for (;;) {
		while (guest->looked_at == 0)
			take_bytes(guest);
		assert_int_equal(agent_header_decode(guest->input->data, &header), 0);
		g_byte_array_set_size(payload, 0);
		g_byte_array_append(payload, guest->input->data + AGENT_HEADER_SIZE, header.length);
		g_byte_array_remove_range(guest->input, 0, AGENT_HEADER_SIZE + header.length);
		guest->looked_at -= AGENT_HEADER_SIZE + header.length;
		if (header.type != AGENT_REPORT)
			return header;
		assert_true(payload->len > 1 && payload->data[0] == 'w');
		g_string_append_printf(guest->reports, "%.*s\n", (int)payload->len - 1, payload->data + 1);
	}
}

char *guest_expect(Guest *guest, AgentType type)
{
	g_autoptr(GByteArray) payload = g_byte_array_new();
	AgentHeader header = guest_receive(guest, payload);

	if (header.type != type)
		fail_msg("expected frame %d, got %d: %.*s", type, header.type, (int)payload->len, payload->data);
	return g_strndup((char *)payload->data, payload->len);
}

void guest_hello(Guest *guest)
{
	g_free(guest_expect(guest, AGENT_HELLO));
	guest_send(guest, AGENT_CREDIT, 0, NULL, 0);
	guest->counted = TRUE;
	guest->line_window = AGENT_LINE_WINDOW;
}

void guest_start(Guest *guest)
{
	guest_hello(guest);
	guest_send(guest, AGENT_GO, 0, NULL, 0);
	g_free(guest_expect(guest, AGENT_READY));
}

void guest_exec(Guest *guest, guint16 channel, const guint16 *size, const char *const *argv)
{
	guint8 prefix[7] = {size ? 1 : 0};

	agent_put_u16(prefix + 1, size ? size[0] : 0);
	agent_put_u16(prefix + 3, size ? size[1] : 0);
	agent_put_u16(prefix + 5, (guint16)g_strv_length((char **)argv));
	guest->window = AGENT_WINDOW;
	guest_send_words(guest, AGENT_EXEC, channel, prefix, sizeof prefix, argv);
}

static void send_input(Guest *guest, guint16 channel, GBytes *input, gsize *done)
{
	gsize length = input ? g_bytes_get_size(input) : 0;
	const guint8 *bytes = input ? g_bytes_get_data(input, NULL) : NULL;
	guint8 payload[AGENT_MAX_PAYLOAD] = {AGENT_STDIN};

	while (*done < length && guest->window > 0) {
		gsize n = MIN(MIN(length - *done, guest->window), sizeof payload - 1);

		memcpy(payload + 1, bytes + *done, n);
		guest_send(guest, AGENT_DATA, channel, payload, n + 1);
		*done += n;
		guest->window -= (guint32)n;
	}
	if (*done == length) {
		guest_send(guest, AGENT_EOF, channel, payload, 1);
		(*done)++; /* said once */
	}
}

Result *guest_finish(Guest *guest, guint16 channel, GBytes *input)
{
	g_autoptr(GByteArray) payload = g_byte_array_new();
	Result *result = g_new0(Result, 1);
	gsize done = 0;

	result->streams[1] = g_byte_array_new();
	result->streams[2] = g_byte_array_new();
	while (!result->how) {
		AgentHeader header;

		send_input(guest, channel, input, &done);
		header = guest_receive(guest, payload);
		assert_int_equal(header.channel, channel);
		if (header.type == AGENT_DATA) {
			guint8 credit[5] = {payload->data[0]};

			assert_in_range(payload->data[0], 1, 2);
			g_byte_array_append(result->streams[payload->data[0]], payload->data + 1, payload->len - 1);
			agent_put_u32(credit + 1, payload->len - 1);
			guest_send(guest, AGENT_CREDIT, channel, credit, sizeof credit);
		} else if (header.type == AGENT_CREDIT) {
			guest->window += agent_get_u32(payload->data + 1);
			assert_true(guest->window <= AGENT_WINDOW);
		} else if (header.type == AGENT_EXIT) {
			assert_true(payload->len >= 2);
			result->how = (char)payload->data[0];
			result->code = payload->data[1];
			result->text = g_strndup((char *)payload->data + 2, payload->len - 2);
		} else {
			assert_int_equal(header.type, AGENT_EOF);
		}
	}
	return result;
}

Result *guest_shell(Guest *guest, const char *command)
{
	const char *const argv[] = {"sh", "-c", command, NULL};

	guest_exec(guest, 999, NULL, argv);
	return guest_finish(guest, 999, NULL);
}

void result_free(Result *result)
{
	g_byte_array_unref(result->streams[1]);
	g_byte_array_unref(result->streams[2]);
	g_free(result->text);
	g_free(result);
}

const char *result_text(Result *result, int stream)
{
	GByteArray *bytes = result->streams[stream];

	g_byte_array_append(bytes, (const guint8 *)"", 1);
	g_byte_array_set_size(bytes, bytes->len - 1);
	return (const char *)bytes->data;
}
