/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a lab takes time in proportion to its size, whatever is in it: for each way to write much, four times as much takes
 * about four times as long. Processor time, so that a busy machine makes no difference; the bound is half way to what
 * quadratic work would take. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <string.h>
#include <time.h>

#include "topologies/model/elements.h"
#include "topologies/topology.h"

#define HEAD "<lab xmlns=\"urn:netlab:lab:1\" xmlns:xi=\"http://www.w3.org/2001/XInclude\" name=\"l\">\n"
#define LONG_ENOUGH 0.03 /* seconds: less is not measured well */
#define MAX_TEXT (LAB_MAX_FILE_SIZE / 4)
#define MAX_RATIO 9.0

static char *folder;

/* Otherwise strstr() and memmem() first look at the whole text, and memory that was freed is not used again. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "intercept_strstr=0:intercept_memmem=0:quarantine_size_mb=0:thread_local_quarantine_size_kb=0";
}

static void repeat(GString *out, unsigned n, const char *text)
{
	while (n--)
		g_string_append(out, text);
}

static void attributes(GString *out, unsigned n)
{
	g_string_append(out, "<node name=\"a\"");
	for (unsigned i = 0; i < n; i++)
		g_string_append_printf(out, " attribute%u=\"\"", i);
	g_string_append(out, "/>");
}

static void few_attributes_each(GString *out, unsigned n)
{
	for (unsigned i = 0; i < n / 50; i++) {
		g_string_append_printf(out, "<node name=\"a%u\"", i);
		for (unsigned k = 0; k < 50; k++)
			g_string_append_printf(out, " tansport%u=\"\"", k);
		g_string_append(out, "/>");
	}
}

static void elements(GString *out, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		g_string_append_printf(out, "<nod%u/>", i);
}

static void children(GString *out, unsigned n)
{
	g_string_append(out, "<node name=\"a\">");
	repeat(out, n, "<runn>x</runn><interface name=\"eth0\"/>");
	g_string_append(out, "</node>");
}

static void nodes(GString *out, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		g_string_append_printf(out, "<node name=\"n%u\"><interface name=\"eth0\" network=\"lan\"/></node>", i);
	g_string_append(out, "<network name=\"lan\"/>");
}

static void same_names(GString *out, unsigned n)
{
	repeat(out, n, "<node name=\"a\"><interface name=\"eth0\"/><interface name=\"eth0\"/></node>");
}

static void same_files(GString *out, unsigned n)
{
	g_string_append(out, "<node name=\"a\">");
	repeat(out, n, "<file path=\"/etc/a\">x</file>");
	g_string_append(out, "</node>");
}

static void missing_nodes(GString *out, unsigned n)
{
	for (unsigned i = 0; i < MIN(n, 1000); i++)
		g_string_append_printf(out, "<node name=\"node-with-a-long-name-%u\"/>", i);
	g_string_append(out, "<check name=\"c\">");
	repeat(out, n, "<run node=\"nod-with-a-long-name-\">true</run>");
	g_string_append(out, "</check>");
}

static void missing_networks(GString *out, unsigned n)
{
	for (unsigned i = 0; i < n / 50; i++) {
		g_string_append_printf(out, "<network name=\"network%u\"/><node name=\"n%u\">", i, i);
		for (unsigned k = 0; k < 50; k++)
			g_string_append_printf(out, "<interface name=\"eth%u\" network=\"netwrk\"/>", k);
		g_string_append(out, "</node>");
	}
}

static void links(GString *out, unsigned n)
{
	g_string_append(out, "<node name=\"a\"/><node name=\"b\"/>");
	for (unsigned i = 0; i < n; i++)
		g_string_append_printf(out,
			"<link><end node=\"a\" interface=\"i%u\"/><end node=\"b\" interface=\"i%u\"/></link>", i, i);
}

static void routes(GString *out, unsigned n)
{
	g_string_append(out,
		"<network name=\"lan\"/><node name=\"a\"><interface name=\"eth0\" network=\"lan\" "
		"address=\"10.0.0.1/8\"/><run>true</run>");
	for (unsigned i = 0; i < n; i++)
		g_string_append_printf(out,
			"<route to=\"10.%u.%u.0/24\" via=\"10.1.%u.%u\"/><route to=\"default\" "
			"dev=\"eth0\"/><file path=\"/%u\">text %u</file>",
			i >> 8 & 255, i & 255, i >> 8 & 255, i & 255, i, i);
	g_string_append(out,
		"</node><node name=\"b\"><interface name=\"eth0\" network=\"lan\" address=\"10.0.0.2/8\"/>"
		"</node>");
}

static void sysctls(GString *out, unsigned n)
{
	g_string_append(out,
		"<network name=\"lan\"/><node name=\"a\"><interface name=\"eth0\" network=\"lan\" "
		"address=\"10.0.0.1/8\"/>");
	repeat(out, n, "<route to=\"10.1.0.0/24\" via=\"10.0.0.2\"/>");
	g_string_append(
		out, "</node><node name=\"b\"><interface name=\"eth0\" network=\"lan\" address=\"10.0.0.2/8\"/>");
	repeat(out, n, "<sysctl name=\"net.ipv4.ip_forward\" value=\"0\"/>");
	g_string_append(out, "</node>");
}

static void strangers(GString *out, unsigned n)
{
	g_string_append(out, "<network name=\"lan\"/>");
	for (unsigned i = 0; i < n / 50; i++) {
		g_string_append_printf(out, "<node name=\"n%u\">", i);
		for (unsigned k = 0; k < 50; k++)
			g_string_append_printf(out,
				"<interface name=\"eth%u\" network=\"lan\" "
				"address=\"%u.%u.%u.1/24\"/>",
				k, 1 + (i >> 8), i & 255, k);
		g_string_append(out, "</node>");
	}
}

static void addresses(GString *out, unsigned n)
{
	g_string_append(
		out, "<network name=\"lan\"/><node name=\"a\"><interface name=\"eth0\" network=\"lan\" address=\"");
	for (unsigned i = 0; i < n; i++)
		g_string_append_printf(out, "10.%u.%u.%u/32 ", i >> 16, i >> 8 & 255, i & 255);
	g_string_append(out, "\"/></node>");
}

static void macs(GString *out, unsigned n)
{
	for (unsigned i = 0; i < n / 50; i++) {
		g_string_append_printf(out, "<node name=\"n%u\">", i);
		for (unsigned k = 0; k < 50; k++)
			g_string_append_printf(out, "<interface name=\"eth%u\" mac=\"02:00:00:00:00:%02x\"/>", k, k);
		g_string_append(out, "</node>");
	}
}

static void mirrors(GString *out, unsigned n)
{
	g_string_append(
		out, "<node name=\"a\"><interface name=\"eth0\" network=\"lan\"/></node><network name=\"lan\">");
	repeat(out, n, "<mirror from=\"a:eth1\" to=\"a:eth0\"/>");
	g_string_append(out, "</network>");
}

static void depth(GString *out, unsigned n)
{
	repeat(out, n, "<node name=\"a\">");
	repeat(out, n, "</node>");
}

static void long_name(GString *out, unsigned n)
{
	g_string_append(out, "<node name=\"");
	repeat(out, n, "aaaaaaaaaa");
	g_string_append(out, "\">");
	repeat(out, n, "<run bakground=\"yes\"/><file path=\"/a\"/><interface name=\"e\" mtu=\"x\"/>");
	g_string_append(out, "</node><check name=\"");
	repeat(out, n, "bbbbbbbbbb");
	g_string_append(out, "\">");
	repeat(out, n, "<run node=\"x\"/>");
	g_string_append(out, "</check>");
}

static void long_texts(GString *out, unsigned n)
{
	g_string_append(out, "<node name=\"a\"><run>");
	repeat(out, n, "echo &amp;\n");
	g_string_append(out, "</run><file path=\"/a\">");
	repeat(out, n, "line <!-- no --> <![CDATA[x]]>\n");
	g_string_append(out, "</file></node>");
}

static void long_values(GString *out, unsigned n)
{
	static const char *const names[] = {"memory", "image", "transport", "persistent", "isolation", "kind"};

	g_string_append(out, "<node name=\"a\"><interface name=\"eth0\" trunk=\"");
	repeat(out, n, "10-20 ");
	g_string_append(out, "\" rate=\"");
	repeat(out, n, "1234");
	g_string_append(out, "Mbit\" mac=\"");
	repeat(out, n, "02:");
	g_string_append(out, "\"/></node><node name=\"b\"");
	for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
		g_string_append_printf(out, " %s=\"", names[i]);
		repeat(out, n, "1234");
		g_string_append(out, "\"");
	}
	g_string_append(out, "/>");
}

static void includes(GString *out, unsigned n)
{
	g_string_append(out, "<node name=\"a\"><file path=\"/a\">");
	repeat(out, n, "<xi:include href=\"words\" parse=\"text\"/>");
	g_string_append(out, "</file></node>");
	repeat(out, n, "<xi:include href=\"empty.xml\" xpointer=\"xpointer(/*/*)\"/>");
}

static double seconds(const GString *text, char **messages)
{
	g_autofree char *path = g_build_filename(folder, "lab.xml", NULL);
	g_autoptr(GBytes) bytes = g_bytes_new(text->str, text->len);
	double best = 1e9;

	for (unsigned i = 0; i < 3; i++) {
		g_autoptr(LabDiagnostics) diagnostics = lab_diagnostics_new();
		g_autoptr(Lab) lab = NULL;
		struct timespec from, to;

		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
		lab = lab_read_text(bytes, path, FALSE, TEST_SCHEMA, diagnostics);
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
		best = MIN(best, (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9);
		g_free(*messages);
		*messages = lab_diagnostics_to_text(diagnostics);
	}
	return best;
}

static const struct {
	const char *name;
	void (*write)(GString *out, unsigned n);
} kinds[] = {
	{"attributes", attributes},
	{"few attributes each", few_attributes_each},
	{"elements", elements},
	{"children", children},
	{"nodes", nodes},
	{"same names", same_names},
	{"same files", same_files},
	{"missing nodes", missing_nodes},
	{"missing networks", missing_networks},
	{"links", links},
	{"routes", routes},
	{"sysctls", sysctls},
	{"strangers", strangers},
	{"addresses", addresses},
	{"macs", macs},
	{"mirrors", mirrors},
	{"depth", depth},
	{"long name", long_name},
	{"long texts", long_texts},
	{"long values", long_values},
	{"includes", includes},
};

static GString *text_of(unsigned kind, unsigned n)
{
	GString *text = g_string_new(HEAD);

	kinds[kind].write(text, n);
	g_string_append(text, "</lab>\n");
	return text;
}

static void test_linear(void **state)
{
	unsigned failed = 0;

	for (unsigned kind = 0; kind < G_N_ELEMENTS(kinds); kind++) {
		g_autoptr(GString) text = text_of(kind, 250), large = NULL;
		g_autofree char *messages = NULL;
		double once = seconds(text, &messages), four;
		unsigned n = 250;

		while (once < LONG_ENOUGH && text->len * 2 < MAX_TEXT) {
			n *= 2;
			g_string_free(text, TRUE);
			text = text_of(kind, n);
			once = seconds(text, &messages);
		}
		large = text_of(kind, 4 * n);
		four = seconds(large, &messages);
		print_message("%-20s %7u: %7zu bytes %.3f s, %8zu bytes %.3f s\n", kinds[kind].name, n, text->len, once,
			large->len, four);
		/* What is too quick to measure at such a size is quick enough. */
		if (once >= LONG_ENOUGH / 2 && four > MAX_RATIO * once)
			failed++;
		/* A hundred errors, a hundred warnings and how many more there are. */
		assert_true(strlen(messages) < 202 * 1300);
	}
	assert_int_equal(failed, 0);
}

static int set_up(void **state)
{
	g_autofree char *words = NULL, *empty = NULL;

	folder = g_dir_make_tmp("netlab-growth-XXXXXX", NULL);
	words = g_build_filename(folder, "words", NULL);
	empty = g_build_filename(folder, "empty.xml", NULL);
	return g_file_set_contents(words, "a word\n", -1, NULL) &&
			g_file_set_contents(empty, "<lab xmlns=\"urn:netlab:lab:1\">text</lab>", -1, NULL)
		? 0
		: -1;
}

static int tear_down(void **state)
{
	g_autofree char *words = g_build_filename(folder, "words", NULL),
			*empty = g_build_filename(folder, "empty.xml", NULL);

	g_unlink(words);
	g_unlink(empty);
	g_rmdir(folder);
	g_free(folder);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(test_linear, set_up, tear_down)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
