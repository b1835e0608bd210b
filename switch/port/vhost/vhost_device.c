/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The switch never reads or writes a descriptor from a guest in a way that could block: the guest shares the file flags and
 * could clear O_NONBLOCK. So kicks are only polled (edge-triggered), and all other descriptors are sockets. */
#include "switch/port/vhost/vhost_device.h"

#include <linux/ethtool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define BIT(feature) (UINT64_C(1) << (feature))

/* Messages in one go, so that a guest that sends nothing else does not keep others waiting. */
#define MESSAGES_AT_ONCE 16

static const uint64_t always_offered = BIT(VIRTIO_F_VERSION_1) | BIT(VIRTIO_RING_F_EVENT_IDX) |
	BIT(VIRTIO_NET_F_MRG_RXBUF) | BIT(VIRTIO_NET_F_MAC) | BIT(VIRTIO_NET_F_MTU) | BIT(VIRTIO_NET_F_STATUS) |
	BIT(VIRTIO_NET_F_SPEED_DUPLEX) | VHOST_F_PROTOCOL_FEATURES;
static const uint64_t protocol_offered = VHOST_PROTOCOL_REPLY_ACK | VHOST_PROTOCOL_BACKEND_REQ | VHOST_PROTOCOL_CONFIG;

static void replace_fd(int *fd, int by)
{
	if (*fd >= 0)
		vhost_close(*fd);
	*fd = by;
}

void vhost_device_init(VhostDevice *device)
{
	device->socket = device->requests = -1;
	device->config.speed = (uint32_t)SPEED_UNKNOWN;
	device->config.duplex = DUPLEX_UNKNOWN;
	for (unsigned i = 0; i < VHOST_RINGS; i++)
		device->rings[i].kick = device->rings[i].call = -1;
}

static void stop_ring(VhostDevice *device, unsigned ring)
{
	if (!vring_is_running(&device->rings[ring].vring))
		return;
	vring_stop(&device->rings[ring].vring);
	device->ring_changed(device, ring, false);
}

/* Starts the ring when the guest has said all that it takes. Returns a problem. */
static const char *start_ring(VhostDevice *device, unsigned ring)
{
	Vring *vring = &device->rings[ring].vring;
	if (vring_is_running(vring) || !device->rings[ring].enabled || device->rings[ring].kick < 0)
		return NULL;
	if (!vhost_device_has(device, VIRTIO_F_VERSION_1))
		return "its driver is older than virtio 1.0";
	const char *problem = vring_start(vring, &device->memory, vhost_device_has(device, VIRTIO_RING_F_EVENT_IDX),
		vhost_device_has(device, VIRTIO_RING_F_INDIRECT_DESC));
	if (!problem)
		device->ring_changed(device, ring, true);
	return problem;
}

void vhost_device_open(VhostDevice *device, int socket)
{
	device->socket = socket;
}

void vhost_device_close(VhostDevice *device)
{
	for (unsigned i = 0; i < VHOST_RINGS; i++) {
		stop_ring(device, i);
		replace_fd(&device->rings[i].kick, -1);
		replace_fd(&device->rings[i].call, -1);
		device->rings[i].vring = (Vring){0};
		device->rings[i].enabled = false;
	}
	guest_memory_unguard(&device->memory);
	guest_memory_unmap(&device->memory);
	vhost_message_clear(&device->message);
	replace_fd(&device->requests, -1);
	replace_fd(&device->socket, -1);
	device->features = device->protocol_features = 0;
}

/* What the messages do. Each returns a problem, or NULL. */

static const char *set_memory(VhostDevice *device, VhostMessage *message)
{
	unsigned n = message->payload.memory.n;
	bool ran[VHOST_RINGS];
	if (n > GUEST_MEMORY_REGIONS || n != message->n_fds ||
		message->header.size < offsetof(VhostPayload, memory.regions) + n * sizeof(GuestRegion))
		return "its memory table is incomplete";
	for (unsigned i = 0; i < VHOST_RINGS; i++) {
		ran[i] = vring_is_running(&device->rings[i].vring);
		stop_ring(device, i);
	}
	guest_memory_unguard(&device->memory);
	guest_memory_unmap(&device->memory);
	const char *problem = guest_memory_map(&device->memory, message->payload.memory.regions, message->fds, n);
	guest_memory_guard(&device->memory);
	for (unsigned i = 0; i < VHOST_RINGS && !problem; i++)
		problem = ran[i] ? start_ring(device, i) : NULL;
	return problem;
}

static const char *set_ring(VhostDevice *device, const VhostMessage *message)
{
	const VhostPayload *payload = &message->payload;
	unsigned index = payload->vring.index; /* of the addresses too */
	if (index >= VHOST_RINGS)
		return "it refers to a ring that its device does not have";
	Vring *vring = &device->rings[index].vring;
	stop_ring(device, index);
	switch (message->header.request) {
	case VHOST_SET_VRING_NUM:
		vring->size = payload->vring.number;
		break;
	case VHOST_SET_VRING_BASE:
		vring->next = (uint16_t)payload->vring.number;
		break;
	case VHOST_SET_VRING_ADDR:
		vring->desc = payload->address.desc;
		vring->avail = payload->address.avail;
		vring->used = payload->address.used;
		break;
	default:
		device->rings[index].enabled = payload->vring.number != 0;
		break;
	}
	return start_ring(device, index);
}

static bool is_socket(int fd)
{
	struct stat file;
	return fstat(fd, &file) == 0 && S_ISSOCK(file.st_mode);
}

/* Neither a file nor a device: those may do in poll(2) what they like. An eventfd has no type at all. */
static bool is_pollable(int fd)
{
	struct stat file;
	return fstat(fd, &file) == 0 && (!(file.st_mode & S_IFMT) || S_ISSOCK(file.st_mode) || S_ISFIFO(file.st_mode));
}

static const char *set_ring_fd(VhostDevice *device, VhostMessage *message)
{
	unsigned index = message->payload.number & VHOST_VRING_MASK;
	int fd = vhost_message_take_fd(message);
	bool is_kick = message->header.request == VHOST_SET_VRING_KICK;
	if (message->header.request == VHOST_SET_VRING_ERR || index >= VHOST_RINGS || fd < 0 ||
		!(is_kick ? is_pollable(fd) : is_socket(fd))) {
		if (fd >= 0)
			vhost_close(fd);
		if (message->header.request == VHOST_SET_VRING_ERR)
			return NULL; /* errors go to the supervisor */
		return "it sent the wrong kind of descriptor for a ring: kicks need an eventfd, calls a socket";
	}
	if (!is_kick) {
		replace_fd(&device->rings[index].call, fd);
		return NULL;
	}
	stop_ring(device, index);
	replace_fd(&device->rings[index].kick, fd);
	return start_ring(device, index);
}

static const char *set_requests(VhostDevice *device, VhostMessage *message)
{
	int fd = vhost_message_take_fd(message);
	if (fd < 0 || !is_socket(fd)) {
		if (fd >= 0)
			vhost_close(fd);
		return "its descriptor for requests is not a socket";
	}
	replace_fd(&device->requests, fd);
	return NULL;
}

static bool reply_number(VhostDevice *device, const VhostMessage *message, uint64_t number)
{
	return vhost_message_reply(device->socket, &message->header, &number, sizeof(number));
}

/* The guest may ask for less than the configuration, or more. */
static bool reply_config(VhostDevice *device, const VhostMessage *message)
{
	VhostPayload reply = {
		.config = {.offset = message->payload.config.offset, .size = message->payload.config.size}};
	uint32_t offset = reply.config.offset, size = reply.config.size;
	if (size > VHOST_CONFIG_MAX)
		return false;
	if (offset < sizeof(device->config))
		memcpy(reply.config.data, (const uint8_t *)&device->config + offset,
			size < sizeof(device->config) - offset ? size : sizeof(device->config) - offset);
	return vhost_message_reply(
		device->socket, &message->header, &reply, (uint32_t)offsetof(VhostPayload, config.data) + size);
}

/* The ring has stopped with that, and its memory may become something else: only another kick descriptor starts it
 * again. */
static bool reply_base(VhostDevice *device, const VhostMessage *message)
{
	VhostPayload reply = {.vring.index = message->payload.vring.index};
	if (reply.vring.index >= VHOST_RINGS)
		return false;
	stop_ring(device, reply.vring.index);
	replace_fd(&device->rings[reply.vring.index].kick, -1);
	reply.vring.number = device->rings[reply.vring.index].vring.next;
	return vhost_message_reply(device->socket, &message->header, &reply, sizeof(reply.vring));
}

static const char *set_features(uint64_t *features, uint64_t offered, uint64_t wanted)
{
	if (wanted & ~offered)
		return "it selected features that were not offered";
	*features = wanted;
	return NULL;
}

/* Requests that are answered with more than whether they succeeded. Sets done to whether it is one of these. */
static const char *answer(VhostDevice *device, const VhostMessage *message, bool *done)
{
	static const char *problem = "it does not read replies, or requests too much";
	*done = true;
	switch (message->header.request) {
	case VHOST_GET_FEATURES:
		return reply_number(device, message, always_offered | device->offered) ? NULL : problem;
	case VHOST_GET_PROTOCOL_FEATURES:
		return reply_number(device, message, protocol_offered) ? NULL : problem;
	case VHOST_GET_CONFIG:
		return reply_config(device, message) ? NULL : problem;
	case VHOST_GET_VRING_BASE:
		return reply_base(device, message) ? NULL : problem;
	default:
		*done = false;
		return NULL;
	}
}

static const char *obey(VhostDevice *device, VhostMessage *message)
{
	switch (message->header.request) {
	case VHOST_SET_OWNER:
	case VHOST_RESET_OWNER:
	case VHOST_SET_CONFIG: /* nothing of it is the guest's to change: MAC and MTU are its own business inside */
		return NULL;
	case VHOST_SET_FEATURES:
		return set_features(&device->features, always_offered | device->offered, message->payload.number);
	case VHOST_SET_PROTOCOL_FEATURES:
		return set_features(&device->protocol_features, protocol_offered, message->payload.number);
	case VHOST_SET_MEM_TABLE:
		return set_memory(device, message);
	case VHOST_SET_VRING_NUM:
	case VHOST_SET_VRING_ADDR:
	case VHOST_SET_VRING_BASE:
	case VHOST_SET_VRING_ENABLE:
		return set_ring(device, message);
	case VHOST_SET_VRING_KICK:
	case VHOST_SET_VRING_CALL:
	case VHOST_SET_VRING_ERR:
		return set_ring_fd(device, message);
	case VHOST_SET_BACKEND_REQ_FD:
		return set_requests(device, message);
	default:
		return "it sent a request that was not negotiated";
	}
}

static const char *handle(VhostDevice *device, VhostMessage *message)
{
	bool answered;
	const char *problem = answer(device, message, &answered);
	if (problem || answered)
		return problem;
	problem = obey(device, message);
	if (!problem && message->header.flags & VHOST_NEED_REPLY &&
		device->protocol_features & VHOST_PROTOCOL_REPLY_ACK && !reply_number(device, message, 0))
		return "it does not read the replies to its requests";
	return problem;
}

VhostRead vhost_device_read(VhostDevice *device, const char **problem)
{
	for (unsigned i = 0; i < MESSAGES_AT_ONCE; i++) {
		VhostRead read = vhost_message_read(&device->message, device->socket);
		*problem = read == VHOST_BAD ? "it sent data that is not a vhost-user message" : NULL;
		if (read != VHOST_WHOLE)
			return read;
		*problem = handle(device, &device->message);
		if (*problem)
			return VHOST_BAD;
		vhost_message_clear(&device->message);
	}
	return VHOST_MORE;
}

void vhost_device_set_carrier(VhostDevice *device, bool carrier)
{
	uint16_t status = carrier ? VIRTIO_NET_S_LINK_UP : 0;
	if (device->config.status == status)
		return;
	device->config.status = status;
	if (device->requests >= 0)
		vhost_message_config_change(device->requests);
}

void vhost_device_set_speed(VhostDevice *device, unsigned speed)
{
	if (device->config.speed == speed && device->config.duplex == DUPLEX_FULL)
		return;
	device->config.speed = speed;
	device->config.duplex = DUPLEX_FULL;
	if (device->requests >= 0)
		vhost_message_config_change(device->requests);
}

void vhost_device_call(const VhostDevice *device, unsigned ring)
{
	static const uint64_t one = 1;
	if (device->rings[ring].call < 0)
		return;
	/* A socket that takes no more has told the guest already. */
	ssize_t ignored = send(device->rings[ring].call, &one, sizeof(one), MSG_DONTWAIT | MSG_NOSIGNAL);
	(void)ignored;
}
