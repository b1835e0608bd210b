/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/switch/uml_client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

size_t uml_client_request(uint8_t *bytes, uint32_t version, const struct sockaddr_un *own)
{
	const uint32_t words[] = {0xfeedface, version, 0};
	static const uint8_t mac[6] = {0xfe, 0xfd, 0, 0, 0, 1};
	if (version == 1) {
		const uint32_t head[] = {words[0], 0};
		memcpy(bytes, head, sizeof(head));
		memcpy(bytes + 8, mac, sizeof(mac));
		memcpy(bytes + 14, own, sizeof(*own));
		return 14 + sizeof(*own);
	}
	memset(bytes, 0, 124);
	memcpy(bytes, words, sizeof(words));
	memcpy(bytes + 12, own, sizeof(*own));
	return 124; /* with the padding of a struct, as UML sent it */
}

static void name_socket(struct sockaddr_un *own, const char *path)
{
	static unsigned counter;
	*own = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (path)
		snprintf(own->sun_path, sizeof(own->sun_path), "%s", path);
	else
		snprintf(own->sun_path + 1, sizeof(own->sun_path) - 1, "netlab-test/%d/%u", (int)getpid(), counter++);
}

static int connect_to(const char *control)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", control);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	int code = errno;
	close(fd);
	errno = code;
	return -1;
}

static int ask(UmlClient *client, uint32_t version)
{
	uint8_t request[124];
	size_t size = uml_client_request(request, version, &client->own);
	if (send(client->control, request, size, MSG_NOSIGNAL) != (ssize_t)size)
		return -1;
	ssize_t n = recv(client->control, &client->peer, sizeof(client->peer), MSG_WAITALL);
	if (n == (ssize_t)sizeof(client->peer))
		return 0;
	if (n >= 0)
		errno = ECONNRESET;
	return -1;
}

int uml_client_join(UmlClient *client, const char *control, uint32_t version, UmlManner manner, const char *own_path)
{
	const struct timeval patience = {.tv_sec = 20};
	client->manner = manner;
	client->control = connect_to(control);
	if (client->control < 0)
		return -1;
	name_socket(&client->own, own_path);
	client->data = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	setsockopt(client->control, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(client->data, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(client->data, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (bind(client->data, (struct sockaddr *)&client->own, sizeof(client->own)) == 0 &&
		ask(client, version) == 0 &&
		(manner == UML_SENDTO ||
			connect(client->data, (struct sockaddr *)&client->peer, sizeof(client->peer)) == 0))
		return 0;
	int code = errno;
	uml_client_leave(client);
	errno = code;
	return -1;
}

void uml_client_leave(UmlClient *client)
{
	close(client->control);
	close(client->data);
	client->control = client->data = -1;
}

ssize_t uml_client_send(const UmlClient *client, const void *frame, size_t size)
{
	if (client->manner == UML_CONNECTED)
		return send(client->data, frame, size, 0);
	return sendto(client->data, frame, size, 0, (const struct sockaddr *)&client->peer, sizeof(client->peer));
}

ssize_t uml_client_receive(const UmlClient *client, void *frame, size_t size)
{
	return recv(client->data, frame, size, 0);
}
