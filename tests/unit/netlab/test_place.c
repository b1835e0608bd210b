/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <glib.h>
#include <cmocka.h>

#include "netlab/cmd/place.h"

static void places(void **state)
{
	static const struct {
		const char *text, *node, *path;
	} cases[] = {
		{"r1:/etc/hosts", "r1", "/etc/hosts"},
		{"web-2:site", "web-2", "site"},
		{"r1:", "r1", "."},
		{"r1:/a:b", "r1", "/a:b"},
		{"-", NULL, "-"},
		{"file", NULL, "file"},
		{"./a:b", NULL, "./a:b"},
		{"/tmp/x:y", NULL, "/tmp/x:y"},
		{"a b:c", NULL, "a b:c"},
		{":x", NULL, ":x"},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(Place) place = place_parse(cases[i].text);
		assert_true(g_strcmp0(place.node, cases[i].node) == 0);
		assert_string_equal(place.path, cases[i].path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(places)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
