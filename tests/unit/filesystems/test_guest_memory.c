/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest agent is PID 1: when it dies, the node's kernel panics. What it does when memory runs out in the middle of a
 * set-up: the functions that allocate are wrapped (ld, --wrap) and fail when told to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/route.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "filesystems/guest/hosts.h"
#include "filesystems/guest/netlink.h"
#include "filesystems/guest/network.h"

static const char *failing; /* name of the function that fails; NULL: none */

static int fails(const char *function)
{
	if (!failing || strcmp(failing, function) != 0)
		return 0;
	errno = ENOMEM;
	return 1;
}

#define WRAP_ALLOCATOR(type, function)                                                                                 \
	type *__real_##function(void);                                                                                 \
	type *__wrap_##function(void);                                                                                 \
	type *__wrap_##function(void)                                                                                  \
	{                                                                                                              \
		return fails(#function) ? NULL : __real_##function();                                                  \
	}

WRAP_ALLOCATOR(struct rtnl_link, rtnl_link_alloc)
WRAP_ALLOCATOR(struct rtnl_addr, rtnl_addr_alloc)
WRAP_ALLOCATOR(struct rtnl_route, rtnl_route_alloc)
WRAP_ALLOCATOR(struct rtnl_nexthop, rtnl_route_nh_alloc)

struct nl_addr *__real_nl_addr_build(int family, const void *bytes, size_t size);
struct nl_addr *__wrap_nl_addr_build(int family, const void *bytes, size_t size);
struct nl_addr *__wrap_nl_addr_build(int family, const void *bytes, size_t size)
{
	return fails("nl_addr_build") ? NULL : __real_nl_addr_build(family, bytes, size);
}

FILE *__real_open_memstream(char **text, size_t *size);
FILE *__wrap_open_memstream(char **text, size_t *size);
FILE *__wrap_open_memstream(char **text, size_t *size)
{
	return fails("open_memstream") ? NULL : __real_open_memstream(text, size);
}

ssize_t __real_getdelim(char **line, size_t *size, int delimiter, FILE *file);
ssize_t __wrap_getdelim(char **line, size_t *size, int delimiter, FILE *file);
ssize_t __wrap_getdelim(char **line, size_t *size, int delimiter, FILE *file)
{
	return fails("getdelim") ? -1 : __real_getdelim(line, size, delimiter, file);
}

/* A stream in memory says only when it is closed that there was no memory for its text. */
int __real_fclose(FILE *file);
int __wrap_fclose(FILE *file);
int __wrap_fclose(FILE *file)
{
	int result = __real_fclose(file);

	return fails("fclose") ? EOF : result;
}

static int no_failure(void **state)
{
	failing = NULL;
	return 0;
}

/* -- /etc/hosts -- */

static char path[] = "/tmp/netlab-hosts.XXXXXX";

static void put(const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(__real_fclose(file), 0);
}

static void assert_content(const char *wanted)
{
	char text[512] = "";
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	__real_fclose(file);
	assert_string_equal(text, wanted);
}

static int add(const char *text, bool first)
{
	char lines[128];

	snprintf(lines, sizeof lines, "%s", text);
	return hosts_add(path, lines, first);
}

static void hosts_replaces_the_lines_of_the_last_boot(void **state)
{
	put("127.0.0.1 localhost\n10.0.0.9 old\t# netlab\n192.0.2.1 mine\n");
	assert_int_equal(add("10.0.0.1 a\n10.0.0.2 b\n", true), 0);
	assert_content("127.0.0.1 localhost\n192.0.2.1 mine\n10.0.0.1 a\t# netlab\n10.0.0.2 b\t# netlab\n");
	assert_int_equal(add("10.0.0.3 c\n", false), 0);
	assert_content("127.0.0.1 localhost\n192.0.2.1 mine\n10.0.0.1 a\t# netlab\n10.0.0.2 b\t# netlab\n"
		       "10.0.0.3 c\t# netlab\n");
}

static void hosts_may_be_empty_or_missing(void **state)
{
	put("");
	assert_int_equal(add("10.0.0.1 a\n", true), 0);
	assert_content("10.0.0.1 a\t# netlab\n");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(add("10.0.0.1 a\n", true), 0);
	assert_content("10.0.0.1 a\t# netlab\n");
}

/* The user's lines must not be lost because there was no memory to read them. */
static void hosts_keeps_its_content_without_memory(void **state)
{
	static const char *const functions[] = {"open_memstream", "getdelim", "fclose"};
	static const char before[] = "127.0.0.1 localhost\n192.0.2.1 mine\n";

	for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
		put(before);
		failing = functions[i];
		assert_int_equal(add("10.0.0.1 a\n", true), -1);
		assert_int_equal(errno, ENOMEM);
		failing = NULL;
		assert_content(before);
	}
}

/* -- interfaces -- */

static void assert_out_of_memory(int result, char *why)
{
	assert_int_equal(result, -1);
	assert_string_equal(why, "out of memory");
	why[0] = '\0';
}

static void interfaces_say_that_memory_ran_out(void **state)
{
	char why[128] = "";

	assert_int_equal(netlink_open(why, sizeof why), 0);
	failing = "rtnl_link_alloc";
	assert_out_of_memory(network_up("lo", why, sizeof why), why);
	failing = "rtnl_addr_alloc";
	assert_out_of_memory(network_address("lo", "192.0.2.1/32", why, sizeof why), why);
	failing = "rtnl_route_alloc";
	assert_out_of_memory(network_route("192.0.2.0/24", "192.0.2.1", "", why, sizeof why), why);
	failing = "rtnl_route_nh_alloc";
	assert_out_of_memory(network_route("192.0.2.0/24", "", "lo", why, sizeof why), why);
	failing = "nl_addr_build";
	assert_out_of_memory(network_route("default4", "192.0.2.1", "", why, sizeof why), why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(hosts_replaces_the_lines_of_the_last_boot, no_failure),
		cmocka_unit_test_setup(hosts_may_be_empty_or_missing, no_failure),
		cmocka_unit_test_setup(hosts_keeps_its_content_without_memory, no_failure),
		cmocka_unit_test_setup(interfaces_say_that_memory_ran_out, no_failure),
	};
	int descriptor = mkstemp(path), result;

	if (descriptor < 0)
		return 1;
	close(descriptor);
	result = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return result;
}
