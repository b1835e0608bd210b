/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/frame/vlan.h"

enum {
	TYPE_VLAN = 0x8100, /* IEEE 802.1Q-2018, table 9-1 */
	ADDRESSES = 12,     /* bytes of both */
	ID = 0x0fff,        /* of the tag's control information: 9.6 */
	PRIORITY = 0xf000,  /* PCP and DEI */
	UNTAGGED = 0,
	TAGGED = 1,
};

void vlan_port_access(VlanPort *port, unsigned vlan)
{
	*port = (VlanPort){.untagged = (uint16_t)vlan};
	port->carried[vlan / 64] = UINT64_C(1) << vlan % 64;
}

static bool has_tag(const VlanFrame *self)
{
	return self->header_size > FRAME_HEADER;
}

bool vlan_frame_init(VlanFrame *self, const Frame *frame)
{
	self->frame = frame;
	self->header_size = FRAME_HEADER;
	self->vlan = self->priority = 0;
	self->as[UNTAGGED].n_parts = self->as[TAGGED].n_parts = 0;
	if (!frame_copy(frame, 0, FRAME_HEADER, self->header))
		return false;
	if (read_be16(self->header + ADDRESSES) != TYPE_VLAN)
		return true;
	self->header_size = FRAME_HEADER + VLAN_TAG;
	/* The rest of it; the beginning is not read again. */
	return frame_copy(frame, FRAME_HEADER, VLAN_TAG, self->header + FRAME_HEADER);
}

Mac vlan_frame_destination(const VlanFrame *self)
{
	return mac_of(self->header);
}

Mac vlan_frame_source(const VlanFrame *self)
{
	return mac_of(self->header + 6);
}

Counter vlan_frame_enter(VlanFrame *self, const VlanPort *port)
{
	uint16_t control = has_tag(self) ? read_be16(self->header + FRAME_HEADER) : 0;
	const Offload *offload = &self->frame->offload;
	/* What the sender has left to do must not reach into what has been looked at. */
	if (offload->checksum && offload->checksum_start < self->header_size)
		return COUNTER_DROP_BAD_OFFLOAD;
	self->priority = control & PRIORITY;
	self->vlan = control & ID;
	/* 6.9.1: without a tag, or with one of VLAN 0, which only says a priority. */
	if (self->vlan == 0)
		self->vlan = port->untagged;
	else if (!port->trunk)
		return COUNTER_DROP_TAGGED;
	if (self->vlan == 0)
		return COUNTER_DROP_UNTAGGED;
	return self->vlan <= VLAN_MAX && vlan_port_carries(port, self->vlan) ? COUNTER_NONE : COUNTER_DROP_VLAN;
}

const Frame *vlan_frame_leave(VlanFrame *self, const VlanPort *port, Pass *pass)
{
	unsigned kind = self->vlan == port->untagged ? UNTAGGED : TAGGED;
	Frame *out = &self->as[kind];
	if (out->n_parts)
		return out;
	size_t size = FRAME_HEADER + (kind == TAGGED ? VLAN_TAG : 0), rest = self->frame->length - self->header_size;
	struct iovec *parts = self->parts[kind];
	uint8_t *header = pass_take(pass, size);
	unsigned n = rest ? frame_slice(self->frame, self->header_size, rest, parts + 1, FRAME_PARTS - 1) : 0;
	if (!header || (rest && !n))
		return NULL;
	memcpy(header, self->header, ADDRESSES);
	if (kind == TAGGED) {
		write_be16(header + ADDRESSES, TYPE_VLAN);
		write_be16(header + ADDRESSES + 2, (uint16_t)(self->priority | self->vlan));
	}
	memcpy(header + size - 2, self->header + self->header_size - 2, 2);
	parts[0] = (struct iovec){header, size};
	*out = (Frame){.parts = parts, .n_parts = n + 1, .length = size + rest, .offload = self->frame->offload};
	if (out->offload.checksum)
		out->offload.checksum_start = (uint16_t)(out->offload.checksum_start + size - self->header_size);
	return out;
}
