/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A session is a program with pipes or a terminal, whose streams are carried over the line.
 *
 * It lasts from AGENT_EXEC to AGENT_EXIT, which is sent when the process has ended and each output stream is over: closed
 * by every process, or, once the process has ended, emptied of what was in it then. A daemon that the process left behind
 * and that holds the stream open must not keep the session. */
#include "filesystems/guest/session.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "filesystems/guest/line.h"
#include "filesystems/guest/loop.h"
#include "filesystems/guest/process.h"
#include "filesystems/guest/report.h"
#include "filesystems/guest/shutdown.h"

#define MAX_SESSIONS 256
#define MAX_WORDS 4096
/* Consumed input is acknowledged in steps of this, so that credits stay few and the window never runs dry. */
#define CREDIT_STEP (AGENT_WINDOW / 4)
#define END_OF_TRANSMISSION 4 /* Ctrl-D: what a terminal's line discipline takes for end of file */

typedef struct Session Session;

typedef struct {
	Watch watch;
	Session *session;
	uint8_t stream;
	uint32_t window; /* bytes that may be sent before the next credit */
	int left;        /* after the process ended: bytes that were in the pipe then; -1 before, and with a terminal */
} Output;

struct Session {
	Session *next;
	uint16_t channel;
	bool terminal, ended;
	pid_t pid;
	int status;
	struct {
		Watch watch; /* with a terminal a second descriptor of the same */
		uint8_t bytes[AGENT_WINDOW];
		size_t start, length; /* a ring */
		uint32_t unacknowledged;
		bool closing;  /* AGENT_EOF was seen */
		bool closed;   /* and handed on to the program */
		bool mid_line; /* what was handed on last ended no line */
	} input;
	Output outputs[2];
};

static Session *sessions;
static unsigned n_sessions;

static void send_exit(uint16_t channel, char how, uint8_t code, const char *text)
{
	uint8_t payload[2 + 128] = {(uint8_t)how, code};
	size_t length = strnlen(text, sizeof payload - 2);

	memcpy(payload + 2, text, length);
	line_send(AGENT_EXIT, channel, payload, 2 + length);
}

static Session *find_session(uint16_t channel)
{
	Session *session = sessions;

	while (session && session->channel != channel)
		session = session->next;
	return session;
}

/* Says EXIT and forgets the session, if it is over; true then. */
static bool finish(Session *session)
{
	Session **place = &sessions;

	if (!session->ended || session->outputs[0].watch.fd >= 0 || session->outputs[1].watch.fd >= 0)
		return false;
	if (WIFSIGNALED(session->status))
		send_exit(session->channel, 's', (uint8_t)WTERMSIG(session->status), "");
	else
		send_exit(session->channel, 'e', (uint8_t)WEXITSTATUS(session->status), "");
	watch_close(&session->input.watch);
	while (*place != session)
		place = &(*place)->next;
	*place = session->next;
	free(session);
	n_sessions--;
	return true;
}

/* -- output: from the program to the host -- */

static void end_output(Output *output)
{
	watch_close(&output->watch);
	line_send_tagged(AGENT_EOF, output->session->channel, output->stream, NULL, 0);
}

static bool may_send(const Output *output)
{
	return output->watch.fd >= 0 && output->window > 0 && line_has_room();
}

/* Sends one piece; false when there is none now. */
static bool send_piece(Output *output)
{
	uint8_t bytes[AGENT_MAX_PAYLOAD - 1];
	size_t most = output->window < sizeof bytes ? output->window : sizeof bytes;
	ssize_t n;

	if (output->left >= 0 && (size_t)output->left < most)
		most = (size_t)output->left;
	n = read(output->watch.fd, bytes, most);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	/* a terminal without users returns EIO */
	if (n <= 0) {
		end_output(output);
		return false;
	}
	if (output->left >= 0)
		output->left -= (int)n;
	output->window -= (uint32_t)n;
	line_send_tagged(AGENT_DATA, output->session->channel, output->stream, bytes, (size_t)n);
	return true;
}

/* Sends what may be sent and waits for the rest: one piece while the program lives, so that sessions take turns. */
static void pump_output(Output *output)
{
	while (output->left != 0 && may_send(output) && send_piece(output) && output->session->ended)
		;
	if (output->watch.fd >= 0 && output->left == 0)
		end_output(output);
	if (watch_set(&output->watch, may_send(output) ? EPOLLIN : 0) == 0)
		return;
	/* nothing would wake us for this stream again: better a visible end than a session that never ends */
	report_warning("a command's output was cut off: %m");
	end_output(output);
}

static void on_output(Watch *watch, uint32_t events)
{
	Output *output = containing(watch, Output, watch);

	pump_output(output);
	finish(output->session);
}

void session_resume_all(void)
{
	for (Session *session = sessions, *next; session; session = next) {
		next = session->next;
		for (size_t i = 0; i < 2 && line_has_room(); i++)
			pump_output(&session->outputs[i]);
		finish(session);
	}
}

/* -- input: from the host to the program -- */

static void acknowledge(Session *session, size_t n)
{
	uint8_t payload[5] = {AGENT_STDIN};

	session->input.unacknowledged += (uint32_t)n;
	if (session->input.unacknowledged < CREDIT_STEP && session->input.length > 0)
		return;
	if (session->input.unacknowledged == 0)
		return;
	agent_put_u32(payload + 1, session->input.unacknowledged);
	session->input.unacknowledged = 0;
	line_send(AGENT_CREDIT, session->channel, payload, sizeof payload);
}

static void drop_input(Session *session)
{
	size_t n = session->input.length;

	session->input.length = 0;
	acknowledge(session, n);
}

static void end_input(Session *session)
{
	/* in the middle of a line the first one only hands that line on */
	static const uint8_t ends[] = {END_OF_TRANSMISSION, END_OF_TRANSMISSION};
	ssize_t n = session->input.mid_line ? 2 : 1;

	if (!session->terminal)
		watch_close(&session->input.watch);
	session->input.closed = !session->terminal || write(session->input.watch.fd, ends, (size_t)n) == n;
}

static void pump_input(Session *session)
{
	while (session->input.watch.fd >= 0 && session->input.length > 0) {
		size_t start = session->input.start, n = session->input.length;
		ssize_t written;

		if (start + n > AGENT_WINDOW)
			n = AGENT_WINDOW - start;
		written = write(session->input.watch.fd, session->input.bytes + start, n);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0 && errno == EAGAIN)
			break;
		if (written <= 0) { /* nobody reads any more */
			watch_close(&session->input.watch);
			break;
		}
		session->input.mid_line = session->input.bytes[start + (size_t)written - 1] != '\n';
		session->input.start = (start + (size_t)written) % AGENT_WINDOW;
		session->input.length -= (size_t)written;
		acknowledge(session, (size_t)written);
	}
	if (session->input.watch.fd < 0) {
		drop_input(session);
		return;
	}
	if (session->input.length == 0 && session->input.closing && !session->input.closed)
		end_input(session);
	if (watch_set(&session->input.watch,
		    session->input.length > 0 || session->input.closing != session->input.closed ? EPOLLOUT : 0) == 0)
		return;
	/* nothing would tell us when the program reads on */
	report_warning("a command's input was cut off: %m");
	watch_close(&session->input.watch);
	drop_input(session);
}

static void on_input(Watch *watch, uint32_t events)
{
	pump_input(containing(watch, Session, input.watch));
}

static void queue_input(Session *session, const uint8_t *bytes, size_t length)
{
	if (session->input.closing)
		return;
	if (length > AGENT_WINDOW - session->input.length)
		shutdown_after_failure(
			"the host sent more bytes to session %u than its window allows", session->channel);
	for (size_t i = 0; i < length; i++)
		session->input.bytes[(session->input.start + session->input.length + i) % AGENT_WINDOW] = bytes[i];
	session->input.length += length;
	pump_input(session);
}

/* -- start -- */

static void set_size(int fd, const uint8_t *rows_and_columns)
{
	struct winsize size = {
		.ws_row = agent_get_u16(rows_and_columns), .ws_col = agent_get_u16(rows_and_columns + 2)};

	ioctl(fd, TIOCSWINSZ, &size);
}

/* Our ends in OURS and the program's in THEIRS; -1 where there is none. Returns 0, or -1 with errno. */
static int open_terminal(const uint8_t *size, int ours[3], int theirs[3])
{
	int unlocked = 0;

	ours[1] = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (ours[1] < 0 || ioctl(ours[1], TIOCSPTLCK, &unlocked) < 0)
		return -1;
	set_size(ours[1], size);
	ours[0] = fcntl(ours[1], F_DUPFD_CLOEXEC, 0);
	for (int i = 0; i < 3; i++) {
		theirs[i] = i ? fcntl(theirs[0], F_DUPFD_CLOEXEC, 0)
			      : ioctl(ours[1], TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
		if (theirs[i] < 0)
			return -1;
	}
	return ours[0] < 0 ? -1 : 0;
}

static int open_pipes(int ours[3], int theirs[3])
{
	for (int i = 0; i < 3; i++) {
		int ends[2];

		if (pipe2(ends, O_CLOEXEC) < 0)
			return -1;
		ours[i] = ends[i == 0];
		theirs[i] = ends[i != 0];
		fcntl(ours[i], F_SETFL, O_NONBLOCK);
	}
	return 0;
}

/* argv and environment of an AGENT_EXEC. WORDS has room for MAX_WORDS + 2; the parts are parted by a NULL. Returns the
 * number of argv words, or -1 when the payload is not well formed; the environment follows argv's NULL. */
static int parse_words(uint8_t *payload, size_t length, char **words, size_t *n_environment)
{
	unsigned argc = agent_get_u16(payload + 5), count = 0;
	char *word = (char *)payload + 7, *end = (char *)payload + length;

	if (argc > MAX_WORDS || (word < end && end[-1] != '\0'))
		return -1;
	for (; word < end && count <= MAX_WORDS; word += strlen(word) + 1) {
		if (count == argc)
			words[count++] = NULL;
		words[count++] = word;
	}
	if (word < end || count < argc)
		return -1;
	if (count == argc)
		words[count++] = NULL;
	words[count] = NULL;
	*n_environment = count - argc - 1;
	return (int)argc;
}

static Session *new_session(uint16_t channel, bool terminal, pid_t pid, const int ours[3])
{
	Session *session = calloc(1, sizeof *session);

	if (!session)
		return NULL;
	session->channel = channel;
	session->terminal = terminal;
	session->pid = pid;
	session->input.watch = (Watch){.fd = ours[0], .ready = on_input};
	for (uint8_t i = 0; i < 2; i++) {
		Output *output = &session->outputs[i];

		*output = (Output){.watch = {.fd = ours[1 + i], .ready = on_output},
			.session = session,
			.stream = (uint8_t)(AGENT_STDOUT + i),
			.window = AGENT_WINDOW,
			.left = -1};
	}
	if (watch_add(&session->outputs[0].watch, EPOLLIN) < 0 ||
		(ours[2] >= 0 && watch_add(&session->outputs[1].watch, EPOLLIN) < 0)) {
		watch_set(&session->outputs[0].watch, 0);
		free(session);
		return NULL;
	}
	session->next = sessions;
	sessions = session;
	n_sessions++;
	return session;
}

void session_exec(uint16_t channel, uint8_t *payload, size_t length)
{
	char *login[] = {access("/bin/bash", X_OK) == 0 ? "/bin/bash" : "/bin/sh", "-l", NULL};
	char **words = calloc(MAX_WORDS + 3, sizeof *words), **environment = NULL, **argv = words;
	int ours[3] = {-1, -1, -1}, theirs[3] = {-1, -1, -1}, error = 0;
	bool terminal = length > 0 && payload[0];
	size_t n_environment = 0;
	pid_t pid = -1;
	int argc = words && length >= 7 ? parse_words(payload, length, words, &n_environment) : -1;

	if (argc < 0 || channel == 0 || find_session(channel))
		error = EINVAL;
	else if (n_sessions >= MAX_SESSIONS)
		error = EMFILE;
	else if ((terminal ? open_terminal(payload + 1, ours, theirs) : open_pipes(ours, theirs)) < 0)
		error = errno;
	else if (!(environment = process_environment(words + argc + 1, n_environment)))
		error = ENOMEM;
	if (argc == 0)
		argv = login;
	if (!error) {
		Program program = {.argv = argv,
			.environment = environment,
			.in = theirs[0],
			.out = theirs[1],
			.err = theirs[2],
			.terminal = terminal};

		pid = process_start(&program);
		error = pid < 0 ? errno : 0;
	}
	if (!error && !new_session(channel, terminal, pid, ours)) {
		kill(-pid, SIGKILL);
		error = ENOMEM;
	}
	for (int i = 0; i < 3; i++) {
		if (theirs[i] >= 0)
			close(theirs[i]);
		if (error && ours[i] >= 0)
			close(ours[i]);
	}
	if (error) {
		char text[128];

		snprintf(text, sizeof text, "%s%s%s", argc >= 0 ? argv[0] : "", argc >= 0 ? ": " : "", strerror(error));
		send_exit(channel, 'f', (uint8_t)error, text);
	}
	free(environment);
	free(words);
}

/* -- the rest of a session's life -- */

static void send_signal(Session *session, int number)
{
	/* the terminal knows its foreground process group; TIOCSIG takes the number itself, not its address */
	if (session->terminal && ioctl(session->outputs[0].watch.fd, TIOCSIG, number) == 0)
		return;
	kill(-session->pid, number);
}

void session_frame(const AgentHeader *header, const uint8_t *payload)
{
	Session *session = find_session(header->channel);
	size_t length = header->length;

	if (!session)
		return;
	switch ((AgentType)header->type) {
	case AGENT_RESIZE:
		if (length == 4 && session->terminal)
			set_size(session->outputs[0].watch.fd, payload);
		break;
	case AGENT_SIGNAL:
		if (length == 1 && !session->ended)
			send_signal(session, payload[0]);
		break;
	case AGENT_DATA:
		if (length >= 1 && payload[0] == AGENT_STDIN)
			queue_input(session, payload + 1, length - 1);
		break;
	case AGENT_EOF:
		if (length == 1 && payload[0] == AGENT_STDIN) {
			session->input.closing = true;
			pump_input(session);
		}
		break;
	case AGENT_CREDIT:
		if (length == 5 && (payload[0] == AGENT_STDOUT || payload[0] == AGENT_STDERR)) {
			Output *output = &session->outputs[payload[0] - AGENT_STDOUT];

			output->window += agent_get_u32(payload + 1);
			pump_output(output);
			finish(session);
		}
		break;
	default:
		break;
	}
}

bool session_exited(pid_t pid, int status)
{
	Session *session = sessions;

	while (session && (session->ended || session->pid != pid))
		session = session->next;
	if (!session)
		return false;
	session->ended = true;
	session->status = status;
	for (size_t i = 0; i < 2; i++) {
		Output *output = &session->outputs[i];

		/* A terminal is hung up by the kernel when its session leader ends, so it ends automatically, but
		 * what was written may still be on its way to our side: counting it now would cut it off. */
		if (!session->terminal && output->watch.fd >= 0)
			ioctl(output->watch.fd, FIONREAD, &output->left);
		pump_output(output);
	}
	finish(session);
	return true;
}
