/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/frame/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t bytes[] = {0x02, 0x00, 0x5e, 0x10, 0x00, 0xff, 0x52, 0x54, 0x00, 0x12, 0x34, 0x56, 0x08, 0x00};

static void reads_the_header(void **state)
{
	struct iovec part = {(void *)bytes, sizeof(bytes)};
	Frame frame = frame_of(&part);
	uint64_t type;
	assert_int_equal(mac_of(bytes), 0x02005e1000ff);
	assert_int_equal(mac_of(bytes + 6), 0x525400123456);
	assert_true(frame_read(&frame, 12, 2, &type));
	assert_int_equal(type, 0x0800);
}

/* Every length, at every offset, in a block of just that size: AddressSanitizer sees a step too far. */
static void never_reads_beyond(void **state)
{
	for (size_t length = 0; length <= sizeof(bytes); length++) {
		uint8_t *exact = malloc(length ? length : 1);
		memcpy(exact, bytes, length);
		struct iovec part = {exact, length};
		Frame frame = frame_of(&part);
		for (size_t offset = 0; offset < 20; offset++) {
			for (size_t size = 0; size <= 9; size++) {
				uint64_t value = 42;
				assert_int_equal(
					frame_read(&frame, offset, size, &value), size <= 8 && offset + size <= length);
			}
		}
		free(exact);
	}
}

static void huge_offsets_do_not_wrap(void **state)
{
	struct iovec part = {(void *)bytes, sizeof(bytes)};
	Frame frame = frame_of(&part);
	uint64_t value = 42;
	assert_false(frame_read(&frame, SIZE_MAX, 6, &value));
	assert_false(frame_read(&frame, SIZE_MAX - 5, 6, &value));
	assert_false(frame_read(&frame, 0, SIZE_MAX, &value));
	assert_int_equal(value, 42);
}

static void knows_addresses(void **state)
{
	assert_true(mac_is_group(0xffffffffffff));
	assert_true(mac_is_group(0x01005e000001));
	assert_false(mac_is_group(0x525400123456));
	assert_true(mac_is_station(0x525400123456));
	assert_false(mac_is_station(0));
	assert_false(mac_is_station(0x333300000001));
	assert_int_equal(frame_limit(1500), 1522);
}

static void reads_addresses(void **state)
{
	static const char *bad[] = {"", "52:54:00:00:00", "52:54:00:00:00:01:02", "52-54-00-00-00-01",
		"5:54:00:00:00:01", "52:54:00:00:00:0g", "ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00", "53:54:00:00:00:01"};
	uint8_t octets[6], expected[6] = {0x52, 0x54, 0, 0, 0xab, 1};
	assert_true(mac_parse("52:54:00:00:aB:01", octets));
	assert_memory_equal(octets, expected, 6);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(mac_parse(bad[i], octets));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_header),
		cmocka_unit_test(never_reads_beyond),
		cmocka_unit_test(huge_offsets_do_not_wrap),
		cmocka_unit_test(knows_addresses),
		cmocka_unit_test(reads_addresses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
