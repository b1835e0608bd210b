/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/uml/uml_switch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAGIC 0xfeedfaceu
#define TYPE_NEW_PORT 0u

/* Both in the byte order of the host; an address is a struct sockaddr_un.
 * Version 1: magic, type, a MAC address that nobody uses, address. Version 3: magic, version, type, address. */
enum {
	VERSION_1_ADDRESS = 4 + 4 + 6,
	VERSION_3_TYPE = 4 + 4,
	VERSION_3_ADDRESS = 4 + 4 + 4,
};
G_STATIC_ASSERT(VERSION_1_ADDRESS + sizeof(struct sockaddr_un) == UML_REQUEST_MAX);
G_STATIC_ASSERT(VERSION_3_ADDRESS + sizeof(struct sockaddr_un) <= UML_REQUEST_MAX);

static uint32_t word(const uint8_t *bytes, size_t offset)
{
	uint32_t value;
	memcpy(&value, bytes + offset, sizeof(value));
	return value;
}

static UmlRequestState read_address(
	const uint8_t *bytes, size_t size, size_t offset, struct sockaddr_un *address, GError **error)
{
	if (size < offset + sizeof(*address))
		return UML_REQUEST_MORE;
	memcpy(address, bytes + offset, sizeof(*address));
	if (address->sun_family == AF_UNIX)
		return UML_REQUEST_READY;
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
		"its address has family %u; it must be that of a Unix socket", address->sun_family);
	return UML_REQUEST_REFUSED;
}

UmlRequestState uml_request_read(const uint8_t *bytes, size_t size, struct sockaddr_un *address, GError **error)
{
	if (size >= 4 && word(bytes, 0) != MAGIC) {
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
			"it is not a request of the uml_switch protocol, version 1 or 3");
		return UML_REQUEST_REFUSED;
	}
	if (size < 8)
		return UML_REQUEST_MORE;
	/* Version 1 has its type here, of which there is but one. */
	uint32_t version = word(bytes, 4);
	if (version == TYPE_NEW_PORT)
		return read_address(bytes, size, VERSION_1_ADDRESS, address, error);
	if (version != 3) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
			"it uses version %u of the uml_switch protocol; only versions 1 and 3 are supported", version);
		return UML_REQUEST_REFUSED;
	}
	if (size < VERSION_3_ADDRESS)
		return UML_REQUEST_MORE;
	if (word(bytes, VERSION_3_TYPE) == TYPE_NEW_PORT)
		return read_address(bytes, size, VERSION_3_ADDRESS, address, error);
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
		"it has type %u; only type 0 (a new port) is supported", word(bytes, VERSION_3_TYPE));
	return UML_REQUEST_REFUSED;
}

/* Of an address in a message: abstract names begin with a NUL and are no text. */
static char *describe(const struct sockaddr_un *address)
{
	if (address->sun_path[0])
		return g_strdup_printf("\"%.*s\"", (int)sizeof(address->sun_path), address->sun_path);
	return g_strdup("an abstract address");
}

int uml_data_socket_new(const struct sockaddr_un *client, struct sockaddr_un *answer, GError **error)
{
	uint64_t name[2];
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	*answer = (struct sockaddr_un){.sun_family = AF_UNIX};
	/* First connected, then bound: there is no moment in which somebody else could send to it. */
	if (fd >= 0 && connect(fd, (const struct sockaddr *)client, sizeof(*client)) == 0 &&
		getentropy(name, sizeof(name)) == 0) {
		snprintf(answer->sun_path + 1, sizeof(answer->sun_path) - 1,
			"netlab/%016" G_GINT64_MODIFIER "x%016" G_GINT64_MODIFIER "x", name[0], name[1]);
		if (bind(fd, (const struct sockaddr *)answer, sizeof(*answer)) == 0)
			return fd;
	}
	int code = errno;
	g_autofree char *where = describe(client);
	g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code),
		"cannot connect a data socket to %s: %s; a client must bind its socket before it sends the request",
		where, g_strerror(code));
	if (fd >= 0)
		close(fd);
	return -1;
}
