/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in the place of a guest kernel and of its agent, and says what no terminal, no D-Bus message and no JSON file may
 * get. The node "dies" ends before it is ready, and leaves it in its boot log; any other is ready, warns, and lets no command
 * start. */
#include <string.h>
#include <unistd.h>

#include "filesystems/guest/protocol.h"

/* A title, a clear screen, a C1 sequence, a turned line, a line of another's, a zero and bytes that are no UTF-8. */
static const char garbage[] =
	"\033]0;owned\007\033[2J\302\2332J\342\200\256turned\rnetlab: all is well \377\376\0 \303";

enum { LOG = 1, SERIAL = 3 };

static void put(int fd, const void *bytes, size_t length)
{
	for (const char *at = bytes; length;) {
		ssize_t n = write(fd, at, length);
		if (n <= 0)
			_exit(0);
		at += n;
		length -= (size_t)n;
	}
}

static void say(AgentType type, uint16_t channel, const void *head, size_t n)
{
	uint8_t bytes[AGENT_HEADER_SIZE + 256];
	size_t extra = type == AGENT_HELLO || type == AGENT_READY || type == AGENT_CREDIT ? 0 : sizeof garbage - 1;
	AgentHeader header = {(uint32_t)(n + extra), channel, (uint8_t)type};
	agent_header_encode(&header, bytes);
	memcpy(bytes + AGENT_HEADER_SIZE, head, n);
	memcpy(bytes + AGENT_HEADER_SIZE + n, garbage, extra);
	put(SERIAL, bytes, AGENT_HEADER_SIZE + n + extra);
}

static void take(void *bytes, size_t length)
{
	for (char *at = bytes; length;) {
		ssize_t n = read(SERIAL, at, length);
		if (n <= 0)
			_exit(0);
		at += n;
		length -= (size_t)n;
	}
}

int main(int argc, char **argv)
{
	uint8_t version[4], bytes[AGENT_HEADER_SIZE + AGENT_MAX_PAYLOAD], credit[5] = {0};
	AgentHeader header;
	put(LOG, garbage, sizeof garbage - 1);
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "umid=dies"))
			return 1;
	agent_put_u32(version, AGENT_VERSION);
	say(AGENT_HELLO, 0, version, sizeof version);
	say(AGENT_REPORT, 0, "w", 1);
	say(AGENT_READY, 0, "", 0);
	for (;;) {
		take(bytes, AGENT_HEADER_SIZE);
		if (agent_header_decode(bytes, &header) < 0 || header.type == AGENT_SHUTDOWN)
			return 0;
		take(bytes, header.length);
		if (header.type == AGENT_EXEC)
			say(AGENT_EXIT, header.channel, "f\2", 2);
		agent_put_u32(credit + 1, AGENT_HEADER_SIZE + header.length);
		if (header.type != AGENT_CREDIT || header.channel)
			say(AGENT_CREDIT, 0, credit, sizeof credit);
	}
}
