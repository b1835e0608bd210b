/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames are cut from the bytes that arrive, and queued until the line takes them. */
#include "filesystems/guest/line.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <termios.h>
#include <unistd.h>

#include "filesystems/guest/loop.h"

/* Session output waits while more than this is queued; answers and reports, which do not wait, are small. */
#define QUEUE_ENOUGH 32768
/* Room for this much is there from the start: enough for any frame when memory has run out. */
#define QUEUE_RESERVE (AGENT_HEADER_SIZE + AGENT_MAX_PAYLOAD)
/* Bytes that were read are acknowledged in steps of this. */
#define LINE_CREDIT_STEP (AGENT_LINE_WINDOW / 2)

static void on_line(Watch *watch, uint32_t ready);

static Watch line = {.fd = -1, .ready = on_line};
static const LineEvents *events;
static struct {
	uint8_t *bytes;
	size_t start, end, size;
} queue;
static bool somebody_waits; /* was told that there is no room: events->room() is due */
static struct {
	uint8_t bytes[AGENT_HEADER_SIZE + AGENT_MAX_PAYLOAD];
	size_t length;
	bool counted;            /* the host asked for credits */
	uint32_t unacknowledged; /* bytes read since the last */
} input;

int line_open(const LineEvents *line_events)
{
	struct termios mode;

	events = line_events;
	queue.bytes = malloc(QUEUE_RESERVE);
	if (!queue.bytes)
		return -1;
	queue.size = QUEUE_RESERVE;
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

/* events->room() is called from the loop only, even if the queue is emptied elsewhere: never in the middle of a sender's
 * work. */
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

/* Room for LENGTH more bytes; NULL when there is none. Then the line is broken, which its reader finds out. */
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

		if (bytes) {
			queue.bytes = bytes;
			queue.size = size;
		} else {
			/* no memory: everybody waits until the line has taken what is queued, and the reserve is free */
			line_flush();
			fcntl(line.fd, F_SETFL, fcntl(line.fd, F_GETFL) | O_NONBLOCK);
		}
	}
	if (queue.end + length > queue.size)
		return NULL;
	place = queue.bytes + queue.end;
	queue.end += length;
	return place;
}

static void send_parts(AgentType type, uint16_t channel, const void *a, size_t a_length, const void *b, size_t b_length)
{
	AgentHeader header = {.length = (uint32_t)(a_length + b_length), .channel = channel, .type = type};
	uint8_t *place = queue_extend(AGENT_HEADER_SIZE + header.length);

	if (!place)
		return;
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

void line_count_credits(void)
{
	input.counted = true;
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
	if (n <= 0)
		events->closed();
	input.length += (size_t)n;
	input.unacknowledged += (uint32_t)n;
	while (input.length - start >= AGENT_HEADER_SIZE) {
		if (agent_header_decode(input.bytes + start, &header) < 0)
			events->broken("the serial line is out of step: the host sent something that is not a frame");
		if (input.length - start < AGENT_HEADER_SIZE + header.length)
			break;
		counted = input.counted;
		events->frame(&header, input.bytes + start + AGENT_HEADER_SIZE);
		start += AGENT_HEADER_SIZE + header.length;
		/* only what comes after the frame that asks */
		if (!counted)
			input.unacknowledged = (uint32_t)(input.length - start);
	}
	memmove(input.bytes, input.bytes + start, input.length - start);
	input.length -= start;
	acknowledge();
}

static void on_line(Watch *watch, uint32_t ready)
{
	if (ready & EPOLLOUT) {
		write_queue();
		if (somebody_waits && queue.end - queue.start < QUEUE_ENOUGH) {
			somebody_waits = false;
			events->room();
		}
		watch_line();
	}
	if (ready & (EPOLLIN | EPOLLHUP | EPOLLERR))
		read_line();
}
