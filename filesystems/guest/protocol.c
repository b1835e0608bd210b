/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "filesystems/guest/protocol.h"

void agent_put_u16(uint8_t *bytes, uint16_t value)
{
	bytes[0] = value & 0xff;
	bytes[1] = value >> 8;
}

void agent_put_u32(uint8_t *bytes, uint32_t value)
{
	agent_put_u16(bytes, value & 0xffff);
	agent_put_u16(bytes + 2, value >> 16);
}

uint16_t agent_get_u16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] | bytes[1] << 8);
}

uint32_t agent_get_u32(const uint8_t *bytes)
{
	return agent_get_u16(bytes) | (uint32_t)agent_get_u16(bytes + 2) << 16;
}

void agent_put_i64(uint8_t *bytes, int64_t value)
{
	agent_put_u32(bytes, (uint32_t)((uint64_t)value & 0xffffffff));
	agent_put_u32(bytes + 4, (uint32_t)((uint64_t)value >> 32));
}

int64_t agent_get_i64(const uint8_t *bytes)
{
	return (int64_t)(agent_get_u32(bytes) | (uint64_t)agent_get_u32(bytes + 4) << 32);
}

static int is_type(uint8_t type)
{
	switch ((AgentType)type) {
	case AGENT_HELLO:
	case AGENT_READY:
	case AGENT_FAILED:
	case AGENT_REPORT:
	case AGENT_SETUP:
	case AGENT_FILE_DATA:
	case AGENT_FILE_END:
	case AGENT_GO:
	case AGENT_SHUTDOWN:
	case AGENT_STEP_CLOCK:
	case AGENT_DISK:
	case AGENT_EXEC:
	case AGENT_RESIZE:
	case AGENT_SIGNAL:
	case AGENT_DATA:
	case AGENT_EOF:
	case AGENT_CREDIT:
	case AGENT_EXIT:
		return 1;
	}
	return 0;
}

void agent_header_encode(const AgentHeader *header, uint8_t bytes[AGENT_HEADER_SIZE])
{
	agent_put_u32(bytes, header->length);
	agent_put_u16(bytes + 4, header->channel);
	bytes[6] = header->type;
	bytes[7] = 0;
}

int agent_header_decode(const uint8_t bytes[AGENT_HEADER_SIZE], AgentHeader *header)
{
	header->length = agent_get_u32(bytes);
	header->channel = agent_get_u16(bytes + 4);
	header->type = bytes[6];
	return header->length <= AGENT_MAX_PAYLOAD && is_type(header->type) && bytes[7] == 0 ? 0 : -1;
}
