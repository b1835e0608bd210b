/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "filesystems/guest/protocol.h"

static void numbers_are_little_endian(void **state)
{
	uint8_t bytes[8];

	agent_put_u16(bytes, 0xa1b2);
	assert_memory_equal(bytes, "\xb2\xa1", 2);
	assert_int_equal(agent_get_u16(bytes), 0xa1b2);
	agent_put_u32(bytes, 0xfedcba98);
	assert_memory_equal(bytes, "\x98\xba\xdc\xfe", 4);
	assert_true(agent_get_u32(bytes) == 0xfedcba98);
	agent_put_i64(bytes, -2);
	assert_memory_equal(bytes, "\xfe\xff\xff\xff\xff\xff\xff\xff", 8);
	assert_true(agent_get_i64(bytes) == -2);
	agent_put_i64(bytes, INT64_C(0x0123456789abcdef));
	assert_memory_equal(bytes, "\xef\xcd\xab\x89\x67\x45\x23\x01", 8);
	assert_true(agent_get_i64(bytes) == INT64_C(0x0123456789abcdef));
}

static void header_has_its_documented_form(void **state)
{
	const AgentHeader header = {.length = 8192, .channel = 0x1234, .type = AGENT_EXEC};
	uint8_t bytes[AGENT_HEADER_SIZE];
	AgentHeader again;

	agent_header_encode(&header, bytes);
	assert_memory_equal(bytes, "\x00\x20\x00\x00\x34\x12\x20\x00", sizeof bytes);
	assert_int_equal(agent_header_decode(bytes, &again), 0);
	assert_int_equal(again.length, header.length);
	assert_int_equal(again.channel, header.channel);
	assert_int_equal(again.type, header.type);
}

/* every type of the enum, and no other */
static void only_known_types_are_headers(void **state)
{
	static const uint8_t known[] = {1, 2, 3, 4, 16, 17, 18, 19, 20, 21, 22, 32, 33, 34, 48, 49, 50, 64};

	for (unsigned type = 0; type < 256; type++) {
		uint8_t bytes[AGENT_HEADER_SIZE] = {0, 0, 0, 0, 0, 0, (uint8_t)type, 0};
		AgentHeader header;

		assert_int_equal(agent_header_decode(bytes, &header), memchr(known, (int)type, sizeof known) ? 0 : -1);
	}
}

static void nonsense_is_refused(void **state)
{
	static const uint8_t too_long[] = {1, 0x20, 0, 0, 0, 0, AGENT_DATA, 0},
			     huge[] = {0, 0, 0, 0x80, 0, 0, AGENT_DATA, 0},
			     not_zero[] = {0, 0, 0, 0, 0, 0, AGENT_DATA, 1};
	AgentHeader header;

	assert_int_equal(agent_header_decode(too_long, &header), -1);
	assert_int_equal(agent_header_decode(huge, &header), -1);
	assert_int_equal(agent_header_decode(not_zero, &header), -1);
	assert_int_equal(agent_header_decode((const uint8_t *)"[    0.1", &header), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_little_endian),
		cmocka_unit_test(header_has_its_documented_form),
		cmocka_unit_test(only_known_types_are_headers),
		cmocka_unit_test(nonsense_is_refused),
	};

	return cmocka_run_group_tests_name("protocol", tests, NULL, NULL);
}
