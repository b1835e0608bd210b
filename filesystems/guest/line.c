// SPDX-License-Identifier: GPL-2.0-or-later
/* Frames on the serial line: cut from what arrives, and queued until the line takes them. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <termios.h>
#include <unistd.h>

#include "filesystems/guest/agent.h"

/* Session output waits while more than this is queued; the answers and reports that do not ask are small. */
#define QUEUE_ENOUGH 32768
/* What was read is acknowledged in steps of this. */
#define LINE_CREDIT_STEP (AGENT_LINE_WINDOW / 2)

static void on_line(Watch *watch, uint32_t events);

static Watch line = {.fd = -1, .ready = on_line};
static struct {
	uint8_t *bytes;
	size_t start, end, size;
} queue;
static bool somebody_waits; /* was told that there is no room, and is owed a session_resume_all() */
static struct {
	uint8_t bytes[AGENT_HEADER_SIZE + AGENT_MAX_PAYLOAD];
	size_t length;
	bool counted;            /* the host asked for credits */
	uint32_t unacknowledged; /* bytes read since the last */
} input;

int line_open(void)
{
	struct termios mode;

	line.fd = open("/dev/ttyS0", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (line.fd < 0 || tcgetattr(line.fd, &mode) < 0)
		return -1;
	cfmakeraw(&mode);
	mode.c_cflag |= CLOCAL | CREAD;
	if (tcsetattr(line.fd, TCSANOW, &mode) < 0)
		return -1;
	return watch_add(&line, EPOLLIN);
}

bool line_has_room(void)
{
	somebody_waits |= queue.end - queue.start >= QUEUE_ENOUGH;
	return queue.end - queue.start < QUEUE_ENOUGH;
}

/* What somebody waits for is told from the loop only, even if the queue is emptied elsewhere: never in the midst of a
 * sender's work. */
static void watch_line(void)
{
	watch_set(&line, queue.start < queue.end || somebody_waits ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void write_queue(void)
{
	while (queue.start < queue.end) {
		ssize_t n = write(line.fd, queue.bytes + queue.start, queue.end - queue.start);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		queue.start += (size_t)n;
	}
	if (queue.start == queue.end)
		queue.start = queue.end = 0;
}

static uint8_t *queue_extend(size_t length)
{
	uint8_t *place;

	if (queue.end + length > queue.size && queue.start > 0) {
		memmove(queue.bytes, queue.bytes + queue.start, queue.end - queue.start);
		queue.end -= queue.start;
		queue.start = 0;
	}
	if (queue.end + length > queue.size) {
		size_t size = (queue.end + length) * 2;
		uint8_t *bytes = realloc(queue.bytes, size);

		/* a node without memory for a few kilobytes cannot be helped */
		if (!bytes)
			shutdown_now(false);
		queue.bytes = bytes;
		queue.size = size;
	}
	place = queue.bytes + queue.end;
	queue.end += length;
	return place;
}

static void send_parts(AgentType type, uint16_t channel, const void *a, size_t a_length, const void *b, size_t b_length)
{
	AgentHeader header = {.length = (uint32_t)(a_length + b_length), .channel = channel, .type = type};
	uint8_t *place = queue_extend(AGENT_HEADER_SIZE + header.length);

	agent_header_encode(&header, place);
	if (a_length)
		memcpy(place + AGENT_HEADER_SIZE, a, a_length);
	if (b_length)
		memcpy(place + AGENT_HEADER_SIZE + a_length, b, b_length);
	write_queue();
	watch_line();
}

void line_send(AgentType type, uint16_t channel, const void *payload, size_t length)
{
	send_parts(type, channel, payload, length, NULL, 0);
}

void line_send_tagged(AgentType type, uint16_t channel, uint8_t tag, const void *data, size_t length)
{
	send_parts(type, channel, &tag, 1, data, length);
}

void line_flush(void)
{
	if (line.fd < 0)
		return;
	fcntl(line.fd, F_SETFL, fcntl(line.fd, F_GETFL) & ~O_NONBLOCK);
	write_queue();
	tcdrain(line.fd);
}

static void dispatch(const AgentHeader *header, uint8_t *payload)
{
	switch ((AgentType)header->type) {
	case AGENT_SETUP:
		setup_handle(payload, header->length);
		break;
	case AGENT_FILE_DATA:
		setup_file_data(payload, header->length);
		break;
	case AGENT_FILE_END:
		setup_file_end();
		break;
	case AGENT_GO:
		startup_go();
		break;
	case AGENT_SHUTDOWN:
		shutdown_now(false);
	case AGENT_STEP_CLOCK:
		clock_step(payload, header->length);
		break;
	case AGENT_EXEC:
		session_exec(header->channel, payload, header->length);
		break;
	case AGENT_RESIZE:
	case AGENT_SIGNAL:
	case AGENT_DATA:
	case AGENT_EOF:
	case AGENT_CREDIT:
		if (header->channel)
			session_frame(header, payload);
		else
			input.counted = true;
		break;
	default: /* what only we send */
		report_failure("the host sent a frame of type %u, which is the agent's own", header->type);
	}
}

static void acknowledge(void)
{
	uint8_t payload[5] = {0};

	if (!input.counted || input.unacknowledged < LINE_CREDIT_STEP)
		return;
	agent_put_u32(payload + 1, input.unacknowledged);
	input.unacknowledged = 0;
	line_send(AGENT_CREDIT, 0, payload, sizeof payload);
}

static void read_line(void)
{
	bool counted;
	AgentHeader header;
	size_t start = 0;
	ssize_t n = read(line.fd, input.bytes + input.length, sizeof input.bytes - input.length);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) /* hung up: the supervisor is gone, and a node without one is nobody's */
		shutdown_now(false);
	input.length += (size_t)n;
	input.unacknowledged += (uint32_t)n;
	while (input.length - start >= AGENT_HEADER_SIZE) {
		if (agent_header_decode(input.bytes + start, &header) < 0)
			report_failure("the serial line is out of step: what should be a header is none");
		if (input.length - start < AGENT_HEADER_SIZE + header.length)
			break;
		counted = input.counted;
		dispatch(&header, input.bytes + start + AGENT_HEADER_SIZE);
		start += AGENT_HEADER_SIZE + header.length;
		/* only what comes after the frame that asks */
		if (!counted)
			input.unacknowledged = (uint32_t)(input.length - start);
	}
	memmove(input.bytes, input.bytes + start, input.length - start);
	input.length -= start;
	acknowledge();
}

static void on_line(Watch *watch, uint32_t events)
{
	if (events & EPOLLOUT) {
		write_queue();
		if (somebody_waits && queue.end - queue.start < QUEUE_ENOUGH) {
			somebody_waits = false;
			session_resume_all();
		}
		watch_line();
	}
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		read_line();
}
