/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a right file becomes, and what is refused before it is read. Messages: tests/golden/bad. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "topologies/topology.h"

#define SCHEMA TEST_SCHEMA
#define HEAD "<lab xmlns=\"urn:netlab:lab:1\" xmlns:xi=\"http://www.w3.org/2001/XInclude\" name=\"t\">"

static char *folder;

static void write_file(const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);

	assert_true(g_file_set_contents(path, text, -1, NULL));
}

/* Reads FOLDER/NAME; *messages gets what was said. */
static Lab *read_lab(const char *name, char **messages)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	g_autoptr(LabDiagnostics) diagnostics = lab_diagnostics_new();
	Lab *lab = lab_read(path, FALSE, SCHEMA, diagnostics);

	*messages = lab_diagnostics_to_text(diagnostics);
	return lab;
}

static Lab *read_good(const char *text)
{
	g_autofree char *messages = NULL;
	Lab *lab;

	write_file("lab.xml", text);
	lab = read_lab("lab.xml", &messages);
	assert_string_equal(messages, "");
	assert_non_null(lab);
	return lab;
}

static void refused(const char *name, const char *because)
{
	g_autofree char *messages = NULL;

	assert_null(read_lab(name, &messages));
	if (!strstr(messages, because))
		fail_msg("expected \"%s\" in: %s", because, messages);
}

static const char complete[] =
	HEAD "<title>\n A lab\n with everything </title><description>\n   One.\n     Two.\n </description><defaults "
	     "image=\"debian\" memory=\"128M\" isolation=\"on\"/><check name=\"c\" timeout=\"5s\"><run "
	     "node=\"pc\">true</run><run node=\"r1\" expect=\"fail\">\n  false\n</run></check><node name=\"r1\" "
	     "kind=\"router\" image=\"tiny\" memory=\"32M\" persistent=\"yes\" isolation=\"off\"> <interface "
	     "name=\"eth0\" network=\"lan\" address=\"10.0.1.1/24\n 2001:db8:1::1/64\" mac=\"02:00:00:00:00:0a\" "
	     "mtu=\"9000\"/> <interface name=\"eth1\" address=\"10.9.0.1/30\"/> <route to=\"10.5.0.0/16\" "
	     "dev=\"eth1\"/> <sysctl name=\"net.ipv4.ip_forward\" value=\"1\"/> <file path=\"/etc/a\" "
	     "source=\"a.txt\"/> <file path=\"/etc/b\" mode=\"0600\"><![CDATA[\n    x < y\n      & z\n  ]]></file> "
	     "<file path=\"/etc/c\"/> <run background=\"yes\">sleep 1 &amp;&amp; <!-- not this -->echo \"&#65;\"</run> "
	     "<run>two</run></node><node name=\"pc\"><interface name=\"eth0\" network=\"lan\" "
	     "address=\"10.0.1.2/24\"/> <route to=\"default\" via=\"10.0.1.1\" dev=\"eth0\"/></node><node name=\"r2\" "
	     "kind=\"firewall\"/><link><end node=\"r1\" interface=\"eth1\"/><end node=\"r2\" interface=\"eth7\" "
	     "address=\"10.9.0.2/30\" mtu=\"1400\"/></link><link><end node=\"r1\" interface=\"eth2\"/><end node=\"r2\" "
	     "interface=\"eth2\"/></link><network name=\"lan\" type=\"hub\"/></lab>";

static void test_complete(void **state)
{
	g_autoptr(Lab) lab = NULL;
	g_autofree char *address = NULL;
	const LabNode *r1, *pc, *r2;
	const LabInterface *eth0;
	const LabLink *link;
	const LabFile *file;
	const LabCheck *check;
	const LabRoute *route;
	const guint8 mac[] = {2, 0, 0, 0, 0, 10};

	write_file("a.txt", "a\n");
	lab = read_good(complete);
	assert_string_equal(lab->name, "t");
	assert_string_equal(lab->title, "A lab with everything");
	assert_string_equal(lab->description, "One.\n  Two.");
	assert_string_equal(lab->folder->path, folder);
	assert_int_equal(lab->nodes->len, 3);
	r1 = lab_find_node(lab, "r1");
	assert_int_equal(r1->kind, LAB_NODE_ROUTER);
	assert_string_equal(r1->image, "tiny");
	assert_int_equal(r1->memory, 32 << 20);
	assert_true(r1->persistent);
	assert_int_equal(r1->isolation, LAB_ISOLATION_OFF);
	assert_int_equal(r1->interfaces->len, 3);
	eth0 = lab_node_find_interface(r1, "eth0");
	assert_ptr_equal(eth0->node, r1);
	assert_ptr_equal(eth0->network, lab_find_network(lab, "lan"));
	assert_int_equal(eth0->network->type, LAB_NETWORK_HUB);
	assert_int_equal(eth0->addresses->len, 2);
	address = g_inet_address_to_string(((LabAddress *)eth0->addresses->pdata[1])->address);
	assert_string_equal(address, "2001:db8:1::1");
	assert_memory_equal(eth0->mac, mac, 6);
	assert_int_equal(eth0->mtu, 9000);
	/* Implied by the kind, and first. */
	assert_int_equal(r1->sysctls->len, 3);
	assert_string_equal(((LabSysctl *)r1->sysctls->pdata[1])->name, "net.ipv6.conf.all.forwarding");
	file = r1->files->pdata[0];
	assert_true(g_str_has_suffix(file->source, "/a.txt"));
	file = r1->files->pdata[1];
	assert_int_equal(g_bytes_get_size(file->inline_content), strlen("x < y\n  & z\n"));
	assert_memory_equal(g_bytes_get_data(file->inline_content, NULL), "x < y\n  & z\n", strlen("x < y\n  & z\n"));
	assert_int_equal(file->mode, 0600);
	file = r1->files->pdata[2];
	assert_int_equal(g_bytes_get_size(file->inline_content), 0);
	assert_int_equal(file->mode, 0644);
	assert_string_equal(((LabRun *)r1->runs->pdata[0])->command, "sleep 1 && echo \"A\"");
	assert_true(((LabRun *)r1->runs->pdata[0])->background);
	assert_false(((LabRun *)r1->runs->pdata[1])->background);

	pc = lab_find_node(lab, "pc");
	assert_string_equal(pc->image, "debian");
	assert_int_equal(pc->memory, 128 << 20);
	assert_int_equal(pc->isolation, LAB_ISOLATION_ON);
	route = pc->routes->pdata[0];
	assert_true(route->is_default);
	assert_null(route->to);
	assert_string_equal(route->dev, "eth0");

	r2 = lab_find_node(lab, "r2");
	link = lab_find_link(lab, "r1-r2");
	assert_ptr_equal(link->ends[0].interface, lab_node_find_interface(r1, "eth1"));
	assert_ptr_equal(link->ends[1].interface, lab_node_find_interface(r2, "eth7"));
	assert_int_equal(link->ends[1].interface->mtu, 1400);
	assert_ptr_equal(link->ends[1].interface->node, r2);
	assert_ptr_equal(link->ends[1].interface->link, link);
	assert_non_null(lab_find_link(lab, "r1-r2-2"));

	check = lab->checks->pdata[0];
	assert_int_equal(check->timeout_ms, 5000);
	assert_int_equal(check->runs->len, 2);
	assert_ptr_equal(((LabCheckRun *)check->runs->pdata[0])->node, pc);
	assert_true(((LabCheckRun *)check->runs->pdata[1])->expect_failure);
	assert_string_equal(((LabCheckRun *)check->runs->pdata[1])->command, "false");
}

static void test_defaults(void **state)
{
	g_autoptr(Lab) lab = NULL, other = NULL;
	const LabNode *a, *b;
	const LabInterface *eth0;
	g_autofree char *path = g_build_filename(folder, "mode", NULL);

	write_file("mode", "x");
	assert_int_equal(g_chmod(path, 0750), 0);
	lab = read_good(HEAD "<network name=\"n\"/><node name=\"a\"><interface name=\"eth0\" network=\"n\"/></node>"
			     "<node name=\"b\" image=\"debian\"><interface name=\"eth0\" network=\"n\"/>"
			     "<file path=\"/m\" source=\"mode\"/></node></lab>");
	a = lab_find_node(lab, "a");
	b = lab_find_node(lab, "b");
	assert_string_equal(a->image, "tiny");
	assert_int_equal(a->memory, 32 << 20);
	assert_int_equal(b->memory, 96 << 20);
	assert_int_equal(a->isolation, LAB_ISOLATION_OFF);
	assert_int_equal(((LabFile *)b->files->pdata[0])->mode, 0755);
	eth0 = lab_node_find_interface(a, "eth0");
	assert_int_equal(eth0->mtu, 1500);
	assert_int_equal(((LabNetwork *)lab->networks->pdata[0])->type, LAB_NETWORK_SWITCH);
	/* printf 't\0a\0eth0' | sha256sum: addresses may never change from version to version. */
	assert_memory_equal(eth0->mac, ((const guint8[]){0x02, 0xdb, 0x68, 0xd8, 0x0f, 0x63}), 6);
	assert_memory_not_equal(eth0->mac, lab_node_find_interface(b, "eth0")->mac, 6);
	/* What else is in the lab does not matter. */
	other = read_good(HEAD "<network name=\"n\"/><node name=\"z\"><interface name=\"eth0\" network=\"n\"/></node>"
			       "<node name=\"a\"><interface name=\"eth0\" network=\"n\"/></node></lab>");
	assert_memory_equal(eth0->mac, lab_node_find_interface(lab_find_node(other, "a"), "eth0")->mac, 6);
}

static void test_include(void **state)
{
	g_autoptr(Lab) lab = NULL;
	const LabNode *node;
	g_autofree char *sub = g_build_filename(folder, "sub", NULL);

	assert_int_equal(g_mkdir(sub, 0700), 0);
	write_file("sub/node.xml",
		"<node xmlns=\"urn:netlab:lab:1\" xmlns:xi=\"http://www.w3.org/2001/XInclude\" name=\"a\">\n"
		" <file path=\"/f\" source=\"here.txt\"/>\n"
		" <run><xi:include href=\"start%20up.sh\" parse=\"text\"/></run></node>");
	write_file("sub/start up.sh", "echo 1 < 2\n");
	write_file("sub/here.txt", "here");
	write_file(
		"sub/part.xml", "<lab xmlns=\"urn:netlab:lab:1\"><title>From the part</title><node name=\"b\"/></lab>");
	lab = read_good(
		HEAD "<xi:include href=\"sub/node.xml\"/>"
		     "<xi:include href=\"sub/part.xml\" xpointer=\"xpointer(/*/*)\"/>"
		     "<node name=\"c\"><interface name=\"eth0\"/></node>"
		     "<link><end node=\"a\" interface=\"eth0\"/><end node=\"b\" interface=\"eth0\"/></link>"
		     "<link><end node=\"c\" interface=\"eth0\"/><end node=\"b\" interface=\"eth1\"/></link></lab>");
	assert_int_equal(lab->nodes->len, 3);
	assert_string_equal(lab->title, "From the part");
	node = lab_find_node(lab, "a");
	assert_true(g_str_has_suffix(node->pos.file, "/sub/node.xml"));
	assert_int_equal(node->pos.line, 1);
	assert_true(g_str_has_suffix(((LabFile *)node->files->pdata[0])->source, "/sub/here.txt"));
	assert_string_equal(((LabRun *)node->runs->pdata[0])->command, "echo 1 < 2");
}

static void test_include_depth(void **state)
{
	for (int i = 0; i < 12; i++) {
		g_autofree char *name = g_strdup_printf("d%d.xml", i);
		g_autofree char *text =
			g_strdup_printf(HEAD "<xi:include href=\"d%d.xml\" xpointer=\"xpointer(/*/*)\"/></lab>", i + 1);

		write_file(name, text);
	}
	refused("d0.xml", "nested more than 8 includes deep");
}

static void test_folder(void **state)
{
	g_autoptr(LabDiagnostics) diagnostics = lab_diagnostics_new();
	g_autoptr(Lab) lab = NULL;

	write_file("lab.xml", HEAD "<node name=\"a\"/></lab>");
	lab = lab_read(folder, FALSE, SCHEMA, diagnostics);
	assert_non_null(lab);
	assert_true(g_str_has_suffix(lab->file, "/lab.xml"));
}

static void test_hints_for_editors(void **state)
{
	/* libxml2 would fetch the schema that is named here. */
	g_autoptr(Lab) lab =
		read_good("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			  "<?xml-model href=\"lab.xsd\"?><!-- a comment -->\n"
			  "<n:lab xmlns:n=\"urn:netlab:lab:1\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
			  "xsi:schemaLocation=\"urn:netlab:lab:1 no/such/lab.xsd\" xml:lang=\"en\" name=\"x\">"
			  "<n:node name=\"a\"/></n:lab>");

	assert_string_equal(lab->name, "x");
}

static void test_long_text(void **state)
{
	g_autoptr(GString) text = g_string_new(HEAD "<node name=\"a\"><file path=\"/f\">");
	g_autoptr(Lab) lab = NULL;
	const LabFile *file;

	/* A piece for each entity: quadratic handling would take minutes. */
	for (int i = 0; i < 1000000; i++)
		g_string_append(text, "&amp;");
	g_string_append(text, "</file></node></lab>");
	lab = read_good(text->str);
	file = ((LabNode *)lab->nodes->pdata[0])->files->pdata[0];
	assert_int_equal(g_bytes_get_size(file->inline_content), 1000001);
}

static void test_too_big(void **state)
{
	g_autofree char *path = g_build_filename(folder, "big.xml", NULL);
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 100 << 20), 0);
	close(fd);
	refused("big.xml",
		"the file has 104857600 bytes, but a lab and everything it includes can have at most 8388608");
	write_file("lab.xml", HEAD "<xi:include href=\"big.xml\"/></lab>");
	refused("lab.xml", ":1:83: error: include: \"big.xml\": the file has 104857600 bytes");
	/* Many small ones count together. */
	assert_int_equal(truncate(path, 1 << 20), 0);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	for (int i = 0; i < 1 << 10; i++) {
		g_autofree char *blank = g_strnfill(1 << 10, ' ');

		assert_int_equal(write(fd, blank, 1 << 10), 1 << 10);
	}
	close(fd);
	write_file("lab.xml",
		HEAD "<node name=\"a\"><run><xi:include href=\"big.xml\" parse=\"text\"/><xi:include href=\"big.xml\" "
		     "parse=\"text\"/><xi:include href=\"big.xml\" parse=\"text\"/><xi:include href=\"big.xml\" "
		     "parse=\"text\"/><xi:include href=\"big.xml\" parse=\"text\"/><xi:include href=\"big.xml\" "
		     "parse=\"text\"/><xi:include href=\"big.xml\" parse=\"text\"/><xi:include href=\"big.xml\" "
		     "parse=\"text\"/></run></node></lab>");
	refused("lab.xml", "can have at most 8388608");
}

static void test_not_files(void **state)
{
	g_autofree char *fifo = g_build_filename(folder, "fifo", NULL);
	g_autoptr(LabDiagnostics) diagnostics = lab_diagnostics_new();
	g_autofree char *text = NULL;

	assert_int_equal(mkfifo(fifo, 0600), 0);
	refused("fifo", "not a regular file"); /* and does not wait for a writer */
	refused("missing.xml", "missing.xml: error: cannot open: No such file or directory");
	assert_null(lab_read("/dev/zero", FALSE, SCHEMA, diagnostics));
	text = lab_diagnostics_to_text(diagnostics);
	assert_string_equal(text, "/dev/zero: error: not a regular file\n");
}

static void test_unreadable(void **state)
{
	g_autofree char *path = NULL;

	if (geteuid() == 0)
		skip(); /* root reads everything */
	path = g_build_filename(folder, "secret.xml", NULL);
	write_file("secret.xml", HEAD "<node name=\"a\"/></lab>");
	write_file("lab.xml", HEAD "<node name=\"a\"><file path=\"/s\" source=\"secret.xml\"/></node></lab>");
	assert_int_equal(g_chmod(path, 0), 0);
	refused("secret.xml", "cannot open: Permission denied");
	refused("lab.xml", "file \"/s\": cannot read source");
}

static void test_bad_schema(void **state)
{
	g_autofree char *path = g_build_filename(folder, "lab.xml", NULL);
	g_autoptr(LabDiagnostics) diagnostics = lab_diagnostics_new();
	g_autofree char *text = NULL;

	write_file("lab.xml", HEAD "<node name=\"a\"/></lab>");
	assert_null(lab_read(path, FALSE, "/nonexistent/lab.xsd", diagnostics));
	text = lab_diagnostics_to_text(diagnostics);
	assert_string_equal(text,
		"/nonexistent/lab.xsd: error: cannot read this schema; the installation of netlab is incomplete, so "
		"install netlab again\n");
}

static void test_many_errors(void **state)
{
	g_autoptr(GString) text = g_string_new(HEAD "\n");
	g_autofree char *messages = NULL;
	g_auto(GStrv) lines = NULL;

	for (int i = 0; i < 500; i++)
		g_string_append_printf(text, "<nod name=\"a%d\"/>\n<node name=\"b%d\"><interfac/></node>\n", i, i);
	g_string_append(text, "</lab>");
	write_file("lab.xml", text->str);
	assert_null(read_lab("lab.xml", &messages));
	lines = g_strsplit(messages, "\n", -1);
	assert_int_equal(g_strv_length(lines) - 1, 101);
	assert_non_null(strstr(lines[0], "lab.xml:2:1: error: element <nod> is not allowed in <lab>"));
	assert_non_null(strstr(lines[100], "lab.xml: error: there are at least "));
}

static void test_bounds(void **state)
{
	g_autoptr(GString) text = g_string_new(HEAD);
	g_autoptr(GString) ports = g_string_new(HEAD "<node name=\"a\">");
	g_autoptr(GString) datagram = g_string_new(HEAD "<node name=\"a\" transport=\"datagram\">");
	g_autofree char *command = g_strnfill(8000, 'x');
	g_autofree char *run = g_strdup_printf(HEAD "<node name=\"a\"><run>%s</run></node></lab>", command);

	for (int i = 0; i < 1025; i++)
		g_string_append_printf(text, "<node name=\"n%d\"/>", i);
	for (int i = 0; i < 129; i++)
		g_string_append_printf(ports, "<interface name=\"eth%d\"/>", i);
	for (int i = 0; i < 65; i++)
		g_string_append_printf(datagram, "<interface name=\"eth%d\"/>", i);
	g_string_append(text, "</lab>");
	g_string_append(ports, "</node></lab>");
	g_string_append(datagram, "</node></lab>");
	write_file("lab.xml", text->str);
	refused("lab.xml", "this is <node> number 1025, but a lab can have only 1024");
	write_file("lab.xml", ports->str);
	refused("lab.xml", "node \"a\" has too many interfaces; the limit is 128");
	write_file("lab.xml", datagram->str);
	refused("lab.xml",
		"node \"a\" has too many interfaces; the limit is 64 with transport=\"datagram\", and 128 without");
	write_file("lab.xml", run);
	refused("lab.xml", "node \"a\": run is longer than 8000 bytes");
}

static int remove_folder(void **state)
{
	const char *command[] = {"rm", "-rf", folder, NULL};
	gboolean ok =
		g_spawn_sync(NULL, (char **)command, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);

	g_clear_pointer(&folder, g_free);
	return ok ? 0 : -1;
}

static int make_folder(void **state)
{
	folder = g_dir_make_tmp("netlab-loader-XXXXXX", NULL);
	return folder ? 0 : -1;
}

/* A text in place of the file: the same reader, the same words; without a node it is a beginning. */
static void test_text(void **state)
{
	static const char good[] = HEAD "<node name=\"a\"><file path=\"/f\" source=\"here.txt\"/></node></lab>",
			  bad[] = HEAD "\n<nod/></lab>", empty[] = HEAD "</lab>";
	static const struct {
		const char *text;
		gboolean good;
		const char *message;
	} cases[] = {{good, TRUE, NULL}, {bad, FALSE, ":2:1: error: element <nod>"},
		{empty, TRUE, "warning: lab \"t\" has no nodes"}, {"", FALSE, "malformed XML"},
		{"\xff", FALSE, "not valid UTF-8"}};
	g_autofree char *path = g_build_filename(folder, "not-there.xml", NULL);

	write_file("here.txt", "x");
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GBytes) text = g_bytes_new_static(cases[i].text, strlen(cases[i].text));
		g_autoptr(LabDiagnostics) diagnostics = lab_diagnostics_new();
		g_autoptr(Lab) lab = lab_read_text(text, path, FALSE, SCHEMA, diagnostics);
		g_autofree char *messages = lab_diagnostics_to_text(diagnostics);

		assert_int_equal(lab != NULL, cases[i].good);
		if (cases[i].message && !strstr(messages, cases[i].message))
			fail_msg("expected \"%s\" in: %s", cases[i].message, messages);
		if (!cases[i].message)
			assert_string_equal(messages, "");
	}
	write_file("lab.xml", empty);
	refused("lab.xml", "error: lab \"t\" has no nodes");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_text),
		TEST(test_complete),
		TEST(test_defaults),
		TEST(test_include),
		TEST(test_include_depth),
		TEST(test_folder),
		TEST(test_hints_for_editors),
		TEST(test_long_text),
		TEST(test_too_big),
		TEST(test_not_files),
		TEST(test_unreadable),
		TEST(test_bad_schema),
		TEST(test_many_errors),
		TEST(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
