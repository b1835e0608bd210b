/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/port/vhost/vhost_message.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void vhost_close(int fd)
{
	static const struct linger at_once = {.l_onoff = 1};
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(fd);
}

/* Takes in the descriptors that came. False when there are too many. */
static bool collect(VhostMessage *message, struct msghdr *header)
{
	bool fits = !(header->msg_flags & MSG_CTRUNC);
	for (struct cmsghdr *control = CMSG_FIRSTHDR(header); control; control = CMSG_NXTHDR(header, control)) {
		if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS)
			continue;
		size_t n = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(control) + i * sizeof(int), sizeof(int));
			if (message->n_fds < VHOST_FDS) {
				message->fds[message->n_fds++] = fd;
			} else {
				vhost_close(fd);
				fits = false;
			}
		}
	}
	return fits;
}

VhostRead vhost_message_read(VhostMessage *message, int fd)
{
	for (;;) {
		size_t begin = 0, end = sizeof(message->header);
		uint8_t *bytes = (uint8_t *)&message->header;
		if (message->have >= end) {
			if (message->header.size > sizeof(message->payload) ||
				(message->header.flags & VHOST_VERSION_MASK) != VHOST_VERSION)
				return VHOST_BAD;
			begin = end;
			end += message->header.size;
			bytes = (uint8_t *)&message->payload;
			if (message->have == end)
				return VHOST_WHOLE;
		}
		union {
			struct cmsghdr header;
			uint8_t room[CMSG_SPACE(VHOST_FDS * sizeof(int))];
		} control;
		struct iovec vector = {bytes + (message->have - begin), end - message->have};
		struct msghdr header = {.msg_iov = &vector,
			.msg_iovlen = 1,
			.msg_control = &control,
			.msg_controllen = sizeof(control)};
		ssize_t n = recvmsg(fd, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
		if (n > 0 && !collect(message, &header))
			return VHOST_BAD;
		if (n > 0)
			message->have += (size_t)n;
		else if (n < 0 && errno == EAGAIN)
			return VHOST_MORE;
		else if (n == 0 || errno != EINTR)
			return VHOST_CLOSED;
	}
}

void vhost_message_clear(VhostMessage *message)
{
	for (unsigned i = 0; i < message->n_fds; i++)
		vhost_close(message->fds[i]);
	memset(message, 0, sizeof(*message));
}

int vhost_message_take_fd(VhostMessage *message)
{
	if (message->n_fds != 1)
		return -1;
	message->n_fds = 0;
	return message->fds[0];
}

bool vhost_message_reply(int fd, const VhostHeader *header, const void *payload, uint32_t size)
{
	VhostHeader reply = {header->request, VHOST_VERSION | VHOST_REPLY, size};
	struct iovec vectors[] = {{&reply, sizeof(reply)}, {(void *)payload, size}};
	struct msghdr message = {.msg_iov = vectors, .msg_iovlen = 2};
	return sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)(sizeof(reply) + size);
}

void vhost_message_config_change(int fd)
{
	VhostHeader request = {VHOST_BACKEND_CONFIG_CHANGE, VHOST_VERSION, 0};
	/* A socket that takes no more holds many of these that the guest has yet to read. */
	ssize_t ignored = send(fd, &request, sizeof(request), MSG_DONTWAIT | MSG_NOSIGNAL);
	(void)ignored;
}
