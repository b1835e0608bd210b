/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/netlab/facts.h"
#include "netlab/cmd/facts_json.h"
#include "netlab/cmd/sockets_table.h"

static GPtrArray *sockets(const char *text)
{
	g_autoptr(GVariant) variant = facts_answer("a{sa{sv}}", text);
	return lab_sockets_from_variant(variant);
}

#define TWO                                                                                                            \
	"{'lan': {'path': <'/tmp/lan.ctl'>, 'clients': <uint32 1>,"                                                    \
	" 'counters': <{'client:lan:2': {'rx_frames': uint64 7, 'rx_bytes': 0, 'tx_bytes': 2048, 'drop_queue_full': "  \
	"3}}>}, 'bare': {}}"

static void json_has_all(void **state)
{
	g_autoptr(GPtrArray) two = sockets(TWO);
	g_autofree char *text = facts_json(lab_sockets_to_json, two);
	assert_string_equal(text,
		"{\"sockets\":[{\"network\":\"lan\",\"path\":\"/tmp/"
		"lan.ctl\",\"clients\":1,\"counters\":{\"client:lan:2\":"
		"{\"rx_frames\":7,\"rx_bytes\":0,\"tx_bytes\":2048,\"drop_queue_full\":3}}},"
		"{\"network\":\"bare\",\"path\":\"\",\"clients\":0,\"counters\":{}}]}");
}

/* What the switch receives, the client has sent. */
static void table_has_a_row_a_client(void **state)
{
	g_autoptr(GPtrArray) two = sockets(TWO);
	g_autoptr(GString) text = g_string_new(NULL);
	sockets_table(two, text);
	g_auto(GStrv) lines = g_strsplit(text->str, "\n", -1);
	assert_int_equal(g_strv_length(lines), 4);
	assert_true(g_regex_match_simple(
		"^/tmp/lan.ctl +lan +1 +client:lan:2 +7 +0 B +0 +2.0.kB +3 queue_full", lines[1], 0, 0));
	assert_true(g_regex_match_simple("^ +bare +0", lines[2], 0, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(json_has_all), cmocka_unit_test(table_has_a_row_a_client)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
