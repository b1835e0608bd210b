/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Editing changes what was meant and no other byte, can be taken back, and leaves a lab that starts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glib.h>
#include <string.h>

#include "gui/editor/text/draw.h"

#define SCHEMA TEST_SCHEMA
#define HEAD "<lab xmlns=\"urn:netlab:lab:1\" name=\"t\">\n"

typedef struct {
	Undo *undo;
	Document *document;
} Desk;

static Desk desk_new(const char *path, const char *text)
{
	Undo *undo = undo_new();
	Desk desk = {undo, document_new(SCHEMA, undo)};

	document_open(desk.document, path, text);
	return desk;
}

static void desk_clear(Desk *desk)
{
	g_object_unref(desk->document);
	g_object_unref(desk->undo);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Desk, desk_clear)

static void assert_text(const Desk *desk, const char *expected)
{
	assert_string_equal(document_text(desk->document), expected);
}

static void assert_has(const Desk *desk, const char *part, gboolean there)
{
	if ((strstr(document_text(desk->document), part) != NULL) != there)
		fail_msg("expected %s%s in:\n%s", there ? "" : "no ", part, document_text(desk->document));
}

static void assert_no_errors(const Desk *desk)
{
	g_autofree char *messages = lab_diagnostics_to_text(document_diagnostics(desk->document));

	if (!document_lab(desk->document))
		fail_msg("%s\n%s", messages, document_text(desk->document));
}

static void assert_undoes(const Desk *desk, const char *before)
{
	g_autofree char *after = g_strdup(document_text(desk->document));

	assert_true(undo_undo(desk->undo));
	assert_text(desk, before);
	assert_true(undo_redo(desk->undo));
	assert_text(desk, after);
	assert_true(undo_undo(desk->undo));
	assert_text(desk, before);
}

/* Calls with the path and text of each lab that comes with netlab. */
static void each_example(void (*test)(const char *path, const char *text))
{
	g_autoptr(GDir) dir = g_dir_open(TEST_SOURCE_DIR "/examples", 0, NULL);
	const char *name;
	unsigned count = 0;

	while ((name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(TEST_SOURCE_DIR "/examples", name, "lab.xml", NULL),
				*text = NULL;

		if (g_file_get_contents(path, &text, NULL, NULL)) {
			test(path, text);
			count++;
		}
	}
	assert_true(count >= 6);
}

/* -- Markup -------------------------------------------------------------------------------------------------------- */

static void check_places(const Markup *markup, const MarkupElement *element)
{
	gsize name = strlen(element->name);

	assert_int_equal(markup->text[element->open.start], '<');
	assert_memory_equal(markup->text + element->open.start + 1, element->name, name);
	assert_int_equal(markup->text[element->open.end - 1], '>');
	if (element->close.end > element->close.start) {
		assert_memory_equal(markup->text + element->close.start, "</", 2);
		assert_int_equal(markup->text[element->close.end - 1], '>');
	} else {
		assert_memory_equal(markup->text + element->close.end - 2, "/>", 2);
	}
	for (guint i = 0; i < element->attributes->len; i++) {
		const MarkupAttribute *attribute = element->attributes->pdata[i];

		assert_memory_equal(markup->text + attribute->range.start, attribute->name, strlen(attribute->name));
		assert_non_null(strchr("\"'", markup->text[attribute->value_range.end]));
	}
	for (guint i = 0; i < element->children->len; i++)
		check_places(markup, element->children->pdata[i]);
}

static void places_of(const char *path, const char *text)
{
	g_autoptr(Markup) markup = markup_parse(text);

	assert_non_null(markup);
	check_places(markup, markup->root);
}

static void test_places(void **state)
{
	each_example(places_of);
	places_of("",
		"\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<!-- <a> -->\r\n<a b = 'x>y' \r\n "
		"c=\"/\"><!--<d>--><d/>\xc3\xa4<e ></e ><![CDATA[<f>]]></a >\r\n<!-- > -->");
}

static void test_values(void **state)
{
	g_autoptr(Markup) markup =
		markup_parse("<a b='1 &lt; &#50; &quot;' xmlns:x='u' x:c=\"d\">t&amp;<![CDATA[<u>]]>v<b/>w</a>");

	assert_string_equal(markup_get(markup->root, "b"), "1 < 2 \"");
	assert_string_equal(markup_get(markup->root, "x:c"), "d");
	assert_string_equal(markup->root->text, "t&<u>vw");
	assert_null(markup_get(markup->root, "z"));
	assert_null(markup_parse("<a>"));
	assert_null(markup_parse(""));
	assert_null(markup_parse("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"));
	assert_null(markup_parse("<l:lab xmlns:l=\"urn:netlab:lab:1\"/>"));
}

/* -- Edits --------------------------------------------------------------------------------------------------------- */

static const char *edited(Edit *edit)
{
	static char *text;

	g_free(text);
	text = edit_apply(edit);
	edit_free(edit);
	return text;
}

static void nothing_changes(const char *path, const char *text)
{
	g_auto(Desk) desk = desk_new(path, text);
	g_autoptr(Markup) markup = markup_parse(text);
	Edit *edit = edit_new(markup);

	assert_no_errors(&desk);
	assert_false(document_is_modified(desk.document));
	/* What sets things to what they are changes nothing. */
	for (guint i = 0; i < markup->root->children->len; i++) {
		const MarkupElement *element = markup->root->children->pdata[i];

		edit_set_attribute(edit, element, "name", markup_get(element, "name"));
		for (guint k = 0; k < element->children->len; k++) {
			const MarkupElement *child = element->children->pdata[k];
			g_autofree char *block = markup_block(child);

			if (!strcmp(child->name, "run") || !strcmp(child->name, "file"))
				edit_set_text(edit, child, block);
		}
	}
	assert_string_equal(edited(edit), text);
}

static void test_nothing(void **state)
{
	each_example(nothing_changes);
}

static void test_attributes(void **state)
{
	g_autoptr(Markup) markup = markup_parse("<a  b='1'\n   c=\"2\" /><!-- x -->");
	Edit *edit = edit_new(markup);

	edit_set_attribute(edit, markup->root, "b", "it's \"<&");
	edit_set_attribute(edit, markup->root, "d", "a\nb");
	assert_string_equal(edited(edit), "<a  b='it&apos;s &quot;&lt;&amp;'\n   c=\"2\" d=\"a&#10;b\" /><!-- x -->");
	edit = edit_new(markup);
	edit_set_attribute(edit, markup->root, "b", NULL);
	edit_set_attribute(edit, markup->root, "c", NULL);
	edit_set_attribute(edit, markup->root, "e", NULL);
	assert_string_equal(edited(edit), "<a /><!-- x -->");
}

static const MarkupElement *child_of(const Markup *markup, guint i)
{
	return markup->root->children->pdata[i];
}

static void test_text(void **state)
{
	g_autoptr(Markup) markup =
		markup_parse("<a>\n\t<run>one &amp; two</run>\n\t<run/>\n\t<run>\n\t\tx\n\t\t  y\n\t</run>\n</a>");
	Edit *edit = edit_new(markup);
	g_autofree char *block = markup_block(child_of(markup, 2));

	assert_string_equal(block, "x\n  y");
	edit_set_text(edit, child_of(markup, 0), "a < b ]]>\n\n  c\n");
	edit_set_text(edit, child_of(markup, 1), "z");
	edit_set_text(edit, child_of(markup, 2), "");
	assert_string_equal(
		edited(edit), "<a>\n\t<run>\n\t\ta &lt; b ]]&gt;\n\n\t\t  c\n\t</run>\n\t<run>z</run>\n\t<run/>\n</a>");
}

static void test_insert(void **state)
{
	g_autoptr(Markup) markup = markup_parse("<lab>\r\n    <network name=\"a\"/> <!-- of a -->\r\n\r\n    <node "
						"name=\"n\"/>\r\n    <check/>\r\n</lab>\r\n");
	Edit *edit = edit_new(markup);

	edit_insert(edit, markup->root, "<network name=\"b\"/>");
	edit_insert(edit, markup->root, "<link>\n    <end/>\n</link>");
	edit_insert(edit, markup->root, "<title>T</title>");
	edit_insert(edit, child_of(markup, 1), "<interface/>");
	edit_insert(edit, child_of(markup, 1), "<route/>");
	assert_string_equal(edited(edit),
		"<lab>\r\n    <title>T</title>\r\n    <network name=\"a\"/> <!-- of a -->\r\n    <network "
		"name=\"b\"/>\r\n\r\n"
		"    <node name=\"n\">\r\n        <interface/>\r\n        <route/>\r\n    </node>\r\n"
		"    <link>\r\n        <end/>\r\n    </link>\r\n    <check/>\r\n</lab>\r\n");
}

static void test_insert_inline(void **state)
{
	g_autoptr(Markup) markup = markup_parse("<lab><node name=\"a\"><!-- c --></node></lab>");
	Edit *edit = edit_new(markup);

	edit_insert(edit, markup->root, "<node name=\"b\"/>");
	assert_string_equal(edited(edit), "<lab><node name=\"a\"><!-- c --></node><node name=\"b\"/></lab>");
	edit = edit_new(markup);
	edit_insert(edit, child_of(markup, 0), "<run/>");
	assert_string_equal(edited(edit), "<lab><node name=\"a\"><!-- c -->\n  <run/>\n</node></lab>");
}

static void test_insert_keeps_text(void **state)
{
	g_autoptr(Markup) markup = markup_parse("<lab>\n  <node name=\"a\"/>\n</lab>");
	Edit *edit = edit_new(markup);

	edit_insert(edit, markup->root, "<node>\n  <file>one\ntwo\n</file>\n  <run>\n    three\n  </run>\n</node>");
	assert_string_equal(edited(edit),
		"<lab>\n  <node name=\"a\"/>\n  <node>\n    <file>one\ntwo\n</file>\n    <run>\n"
		"      three\n    </run>\n  </node>\n</lab>");
}

static void test_remove(void **state)
{
	g_autoptr(Markup) markup = markup_parse("<lab>\n  <!-- of a -->\n  <node name=\"a\"/>\n\n  <node name=\"b\">\n "
						"   <run/>\n  </node>\n\n  <x/><y/>\n</lab>");
	Edit *edit = edit_new(markup);

	edit_remove(edit, child_of(markup, 0));
	edit_remove(edit, child_of(markup, 1)->children->pdata[0]);
	edit_remove(edit, child_of(markup, 2));
	assert_string_equal(edited(edit), "<lab>\n  <!-- of a -->\n\n  <node name=\"b\"/>\n\n  <y/>\n</lab>");
	edit = edit_new(markup);
	edit_remove(edit, child_of(markup, 1)->children->pdata[0]);
	edit_remove(edit, child_of(markup, 1));
	assert_string_equal(edited(edit), "<lab>\n  <!-- of a -->\n  <node name=\"a\"/>\n\n  <x/><y/>\n</lab>");
}

/* -- The document -------------------------------------------------------------------------------------------------- */

typedef struct {
	char *text;
	guint count;
} Mirror;

static void follow(Document *document, guint64 offset, guint64 removed, const char *inserted, Mirror *mirror)
{
	g_autofree char *before = mirror->text;

	assert_true(g_utf8_validate(inserted, -1, NULL));
	mirror->text = g_strdup_printf("%.*s%s%s", (int)offset, before, inserted, before + offset + removed);
	mirror->count++;
}

static void test_spliced(void **state)
{
	static const char *const texts[] = {
		"<a>\xc3\xa4</a>", "<a>\xc3\xb6</a>", "<a>\xc3\xb6\xc3\xb6</a>", "", "x", "<a>", "<aa>", "<a>"};
	g_auto(Desk) desk = desk_new(NULL, "");
	Mirror mirror = {g_strdup(""), 0};

	g_signal_connect(desk.document, "spliced", G_CALLBACK(follow), &mirror);
	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		document_set_text(desk.document, texts[i], "type", NULL);
		assert_string_equal(mirror.text, texts[i]);
	}
	while (undo_undo(desk.undo))
		assert_string_equal(mirror.text, document_text(desk.document));
	assert_string_equal(mirror.text, "");
	g_free(mirror.text);
}

static void test_modified(void **state)
{
	g_auto(Desk) desk = desk_new("lab.xml", HEAD "</lab>");

	assert_false(document_is_modified(desk.document));
	document_set_text(desk.document, HEAD " </lab>", "type", NULL);
	assert_true(document_is_modified(desk.document));
	undo_undo(desk.undo);
	assert_false(document_is_modified(desk.document));
	undo_redo(desk.undo);
	document_set_saved(desk.document, "other.xml", document_text(desk.document));
	assert_false(document_is_modified(desk.document));
	undo_undo(desk.undo);
	assert_true(document_is_modified(desk.document));
}

/* The file is written by somebody else, or while one types on: what was in it before is not what is in it now. */
static void test_modified_by_others(void **state)
{
	g_auto(Desk) desk = desk_new("lab.xml", HEAD "</lab>");

	document_set_text(desk.document, HEAD " </lab>", "type", NULL);
	document_set_saved(desk.document, "lab.xml", HEAD "  </lab>");
	assert_text(&desk, HEAD " </lab>");
	assert_true(document_is_modified(desk.document));
	undo_undo(desk.undo);
	assert_text(&desk, HEAD "</lab>");
	assert_true(document_is_modified(desk.document));
	document_set_text(desk.document, HEAD "  </lab>", "type", NULL);
	assert_false(document_is_modified(desk.document));
	/* A new lab gets its file, although more was typed meanwhile. */
	document_open(desk.document, NULL, HEAD "</lab>");
	document_set_saved(desk.document, "new.xml", HEAD "   </lab>");
	assert_string_equal(document_path(desk.document), "new.xml");
	assert_text(&desk, HEAD "</lab>");
	assert_true(document_is_modified(desk.document));
}

static void test_broken(void **state)
{
	g_auto(Desk) desk = desk_new("lab.xml", HEAD "<node name=\"a\"></lab>");
	const LabDiagnostic *first = lab_diagnostics_all(document_diagnostics(desk.document))->pdata[0];

	assert_null(document_markup(desk.document));
	assert_null(document_lab(desk.document));
	assert_int_equal(first->pos.line, 2);
	assert_non_null(strstr(first->message, "</node>"));
}

static void test_refusal(void **state)
{
	g_auto(Desk) desk = desk_new("lab.xml", HEAD "  <node name=\"a\"/>\n  <node name=\"b\"/>\n</lab>");
	const Markup *markup = document_markup(desk.document);
	Edit *edit = edit_new(markup);
	g_autofree char *memory = NULL, *name = NULL;

	edit_set_attribute(edit, child_of(markup, 0), "memory", "64");
	memory = document_refusal(desk.document, edit);
	assert_string_equal(memory, "node \"a\": memory \"64\" has no unit; write \"64M\"");
	edit_free(edit);
	edit = edit_new(markup);
	rename_item(edit, ITEM_NODE, "a", "b");
	name = document_refusal(desk.document, edit);
	assert_non_null(strstr(name, "node \"b\" is already defined"));
	edit_free(edit);
	edit = edit_new(markup);
	edit_set_attribute(edit, child_of(markup, 0), "memory", "64M");
	assert_null(document_refusal(desk.document, edit));
	edit_free(edit);
}

/* -- Drawing ------------------------------------------------------------------------------------------------------- */

static void join(
	Desk *desk, ItemKind from_kind, const char *from, ItemKind to_kind, const char *to, const char *expected)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *cable = draw_connection(desk->document, (Item){from_kind, from}, (Item){to_kind, to}, &error);

	assert_null(error);
	assert_string_equal(cable, expected);
	assert_no_errors(desk);
}

static void test_draw(void **state)
{
	g_autofree char *new = document_template("drawn");
	g_auto(Desk) desk = desk_new(NULL, new);
	Document *document = desk.document;
	g_autofree char *lan = draw_network(document, LAB_NETWORK_SWITCH), *a = draw_node(document, LAB_NODE_HOST),
			*b = draw_node(document, LAB_NODE_SERVER), *r = draw_node(document, LAB_NODE_ROUTER),
			*r2 = draw_node(document, LAB_NODE_ROUTER), *hub = draw_network(document, LAB_NETWORK_HUB);

	assert_true(document_is_modified(document));
	assert_string_equal(lan, "lan1");
	assert_string_equal(r2, "r2");
	join(&desk, ITEM_NODE, "pc1", ITEM_NETWORK, "lan1", "pc1:eth0");
	join(&desk, ITEM_NETWORK, "lan1", ITEM_NODE, "server1", "server1:eth0");
	join(&desk, ITEM_NODE, "r1", ITEM_NETWORK, "lan1", "r1:eth0");
	join(&desk, ITEM_NODE, "r1", ITEM_NODE, "r2", "r1-r2");
	join(&desk, ITEM_NETWORK, "lan1", ITEM_NETWORK, "hub1", "lan1-hub1");
	join(&desk, ITEM_NODE, "r2", ITEM_NETWORK, "hub1", "r2:eth1");
	assert_text(&desk,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<lab xmlns=\"urn:netlab:lab:1\" name=\"drawn\">\n"
		"  <title>A new lab</title>\n"
		"  <defaults image=\"tiny\"/>\n"
		"  <network name=\"lan1\"/>\n"
		"  <network name=\"hub1\" type=\"hub\"/>\n"
		"  <node name=\"pc1\">\n"
		"    <interface name=\"eth0\" network=\"lan1\" address=\"10.0.1.2/24\"/>\n"
		"    <route to=\"default\" via=\"10.0.1.1\"/>\n"
		"  </node>\n"
		"  <node name=\"server1\" kind=\"server\">\n"
		"    <interface name=\"eth0\" network=\"lan1\" address=\"10.0.1.3/24\"/>\n"
		"    <route to=\"default\" via=\"10.0.1.1\"/>\n"
		"  </node>\n"
		"  <node name=\"r1\" kind=\"router\">\n"
		"    <interface name=\"eth0\" network=\"lan1\" address=\"10.0.1.1/24\"/>\n"
		"  </node>\n"
		"  <node name=\"r2\" kind=\"router\">\n"
		"    <interface name=\"eth1\" network=\"hub1\" address=\"10.0.1.4/24\"/>\n"
		"  </node>\n"
		"  <link name=\"r1-r2\">\n"
		"    <end node=\"r1\" interface=\"eth1\" address=\"10.255.0.1/30\"/>\n"
		"    <end node=\"r2\" interface=\"eth0\" address=\"10.255.0.2/30\"/>\n"
		"  </link>\n"
		"  <link name=\"lan1-hub1\">\n"
		"    <end network=\"lan1\"/>\n"
		"    <end network=\"hub1\"/>\n"
		"  </link>\n"
		"</lab>\n");
	while (undo_undo(desk.undo))
		;
	assert_text(&desk, new);
}

/* A node that bridges: those around it share a subnet, and itself has no address. */
static void test_draw_bridge(void **state)
{
	g_autofree char *new = document_template("drawn");
	g_auto(Desk) desk = desk_new(NULL, new);
	static const LabNodeKind kinds[] = {LAB_NODE_SWITCH, LAB_NODE_HOST, LAB_NODE_HOST};

	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
		g_free(draw_node(desk.document, kinds[i]));
	join(&desk, ITEM_NODE, "sw1", ITEM_NODE, "pc1", "sw1-pc1");
	join(&desk, ITEM_NODE, "pc2", ITEM_NODE, "sw1", "pc2-sw1");
	assert_has(&desk, "<end node=\"sw1\" interface=\"eth0\"/>", TRUE);
	assert_has(&desk, "<end node=\"pc1\" interface=\"eth0\" address=\"10.0.1.2/24\"/>", TRUE);
	assert_has(&desk, "<end node=\"pc2\" interface=\"eth0\" address=\"10.0.1.3/24\"/>", TRUE);
}

static void test_draw_refused(void **state)
{
	g_auto(Desk) desk = desk_new(NULL, HEAD "<node name=\"a\"/></lab>");
	g_autoptr(GError) error = NULL;

	assert_null(draw_connection(desk.document, (Item){ITEM_NODE, "a"}, (Item){ITEM_NODE, "a"}, &error));
	g_clear_error(&error);
	assert_null(draw_connection(desk.document, (Item){ITEM_NODE, "a"}, (Item){ITEM_NODE, "b"}, &error));
	assert_non_null(strstr(error->message, "includes"));
	assert_false(draw_delete(desk.document, &(Item){ITEM_NODE, "b"}, 1));
	assert_false(undo_undo(desk.undo));
}

static const char wired[] = HEAD "  <network name=\"lan\">\n"
				 "    <mirror from=\"a:eth0\" to=\"b:eth0\"/>\n"
				 "  </network>\n"
				 "  <network name=\"far\"/>\n"
				 "  <uplink network=\"lan\"/>\n"
				 "  <!-- the first -->\n"
				 "  <node name=\"a\">\n"
				 "    <interface name=\"eth0\" network=\"lan\" address=\"10.0.2.20/24\"/>\n"
				 "    <route to=\"10.9.0.0/16\" dev=\"eth1\"/>\n"
				 "  </node>\n"
				 "  <node name=\"b\" kind=\"router\">\n"
				 "    <interface name=\"eth0\" network=\"lan\" address=\"10.0.2.1/24\"/>\n"
				 "  </node>\n"
				 "  <link>\n"
				 "    <end node=\"a\" interface=\"eth1\" address=\"10.9.0.1/30\"/>\n"
				 "    <end node=\"b\" interface=\"eth1\" address=\"10.9.0.2/30\"/>\n"
				 "  </link>\n"
				 "  <link>\n"
				 "    <end network=\"lan\"/>\n"
				 "    <end network=\"far\"/>\n"
				 "  </link>\n"
				 "  <capture file=\"a.pcap\" interface=\"a:eth0\"/>\n"
				 "  <capture file=\"b.pcap\" link=\"a-b\"/>\n"
				 "  <capture file=\"c.pcap\" network=\"lan\"/>\n"
				 "  <check name=\"one\">\n"
				 "    <run node=\"a\">true</run>\n"
				 "  </check>\n"
				 "  <check name=\"both\">\n"
				 "    <run node=\"a\">true</run>\n"
				 "    <run node=\"b\">true</run>\n"
				 "  </check>\n"
				 "</lab>\n";

static void test_delete(void **state)
{
	static const struct {
		Item item;
		const char *gone[6], *there[6];
	} cases[] = {
		{{ITEM_NODE, "a"}, {"\"a\"", "a:eth0", "<mirror", "a-b", "\"one\"", NULL},
			{"the first", "\"both\"", "c.pcap", NULL}},
		{{ITEM_NETWORK, "lan"}, {"\"lan\"", "uplink", "a:eth0", "far\"/>\n  </", NULL},
			{"\"far\"", "eth1", "b.pcap", NULL}},
		{{ITEM_LINK, "a-b"}, {"eth1", "b.pcap", NULL}, {"a.pcap", "<end network", NULL}},
		{{ITEM_LINK, "a:eth0"}, {"a:eth0", "a.pcap", "10.0.2.20", NULL}, {"eth1", NULL}},
		{{ITEM_LINK, "lan-far"}, {"<end network", NULL}, {"\"far\"", "uplink", NULL}},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(Desk) desk = desk_new(NULL, wired);

		assert_no_errors(&desk);
		assert_true(draw_delete(desk.document, &cases[i].item, 1));
		assert_no_errors(&desk);
		for (guint k = 0; cases[i].gone[k]; k++)
			assert_has(&desk, cases[i].gone[k], FALSE);
		for (guint k = 0; cases[i].there[k]; k++)
			assert_has(&desk, cases[i].there[k], TRUE);
		assert_undoes(&desk, wired);
	}
}

static void test_rename(void **state)
{
	static const struct {
		ItemKind kind;
		const char *from, *gone[4], *there[6];
	} cases[] = {
		{ITEM_NODE, "a", {"\"a\"", "a:eth0", NULL},
			{"new:eth0", "<run node=\"new\"", "<link name=\"a-b\">", NULL}},
		{ITEM_NETWORK, "lan", {"\"lan\"", NULL}, {"<uplink network=\"new\"", "<end network=\"new\"", NULL}},
		{ITEM_LINK, "a-b", {"link=\"a-b\"", NULL}, {"<link name=\"new\">", "link=\"new\"", NULL}},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(Desk) desk = desk_new(NULL, wired);
		Edit *edit = edit_new(document_markup(desk.document));

		rename_item(edit, cases[i].kind, cases[i].from, "new");
		document_commit(desk.document, edit, "rename", NULL);
		assert_no_errors(&desk);
		for (guint k = 0; cases[i].gone[k]; k++)
			assert_has(&desk, cases[i].gone[k], FALSE);
		for (guint k = 0; cases[i].there[k]; k++)
			assert_has(&desk, cases[i].there[k], TRUE);
		assert_undoes(&desk, wired);
	}
}

static void test_rename_interface(void **state)
{
	g_auto(Desk) desk = desk_new(NULL, wired);
	Edit *edit = edit_new(document_markup(desk.document));

	rename_interface(edit, "a", "eth0", "lan0");
	rename_interface(edit, "a", "eth1", "wan0");
	document_commit(desk.document, edit, "rename", NULL);
	assert_no_errors(&desk);
	assert_has(&desk, "dev=\"wan0\"", TRUE);
	assert_has(&desk, "interface=\"a:lan0\"", TRUE);
	assert_has(&desk, "from=\"a:lan0\"", TRUE);
	assert_undoes(&desk, wired);
}

static void test_uplinks(void **state)
{
	static const char text[] = HEAD "  <network name=\"lan\"/>\n  <network name=\"far\"/>\n"
					"  <node name=\"a\">\n    <interface name=\"eth0\" network=\"lan\" "
					"address=\"10.0.1.2/24\"/>\n  </node>\n"
					"</lab>\n";
	g_auto(Desk) desk = desk_new(NULL, text);
	g_autofree char *first = draw_uplink(desk.document, "lan"), *second = NULL, *third = NULL, *forward = NULL,
			*after = NULL;
	g_autoptr(GError) error = NULL;
	Edit *edit;

	/* In the subnet that is there, and those that are there go out by it. */
	assert_string_equal(first, "uplink");
	assert_has(&desk, "  <network name=\"far\"/>\n  <uplink network=\"lan\" address=\"10.0.1.3/24\"/>\n", TRUE);
	assert_has(&desk, "<route to=\"default\" via=\"10.0.1.3\"/>", TRUE);
	second = draw_uplink(desk.document, "far");
	assert_string_equal(second, "uplink2");
	assert_has(&desk,
		"<uplink network=\"lan\" address=\"10.0.1.3/24\" name=\"uplink\"/>\n  <uplink network=\"far\" "
		"name=\"uplink2\"/>",
		TRUE);
	third = draw_uplink(desk.document, NULL);
	assert_has(&desk, "<network name=\"lan1\"/>", TRUE);
	assert_has(&desk, "<uplink network=\"lan1\" name=\"uplink3\" address=\"10.0.3.1/24\"/>", TRUE);
	assert_no_errors(&desk);
	assert_non_null(lookup(document_markup(desk.document), ITEM_UPLINK, "uplink2"));
	/* One a network; nodes are not for it. */
	assert_null(
		draw_connection(desk.document, (Item){ITEM_UPLINK, "uplink2"}, (Item){ITEM_NETWORK, "lan"}, &error));
	g_clear_error(&error);
	assert_null(draw_connection(desk.document, (Item){ITEM_NODE, "a"}, (Item){ITEM_UPLINK, "uplink2"}, &error));
	assert_non_null(error);
	assert_true(draw_delete(desk.document, &(Item){ITEM_UPLINK, "uplink"}, 1));
	assert_has(&desk, "<route", FALSE);
	join(&desk, ITEM_UPLINK, "uplink2", ITEM_NETWORK, "lan", "uplink:lan");
	assert_has(&desk, "<uplink network=\"lan\" name=\"uplink2\"/>", TRUE);
	/* Ways in lead to what is there. */
	forward = suggest_forward(
		document_markup(desk.document), lookup(document_markup(desk.document), ITEM_UPLINK, "uplink2"));
	assert_string_equal(forward, "<forward host=\"8080\" to=\"10.0.1.2:80\"/>");
	edit = edit_new(document_markup(desk.document));
	edit_insert(edit, lookup(document_markup(desk.document), ITEM_UPLINK, "uplink2"), forward);
	rename_item(edit, ITEM_UPLINK, "uplink2", "out");
	document_commit(desk.document, edit, "Add", NULL);
	assert_no_errors(&desk);
	assert_has(&desk,
		"<uplink network=\"lan\" name=\"out\">\n    <forward host=\"8080\" to=\"10.0.1.2:80\"/>\n  </uplink>",
		TRUE);
	after = suggest_forward(
		document_markup(desk.document), lookup(document_markup(desk.document), ITEM_UPLINK, "out"));
	assert_non_null(strstr(after, "8081"));
	while (undo_undo_label(desk.undo))
		undo_undo(desk.undo);
	assert_text(&desk, text);
}

static void test_paste_host(void **state)
{
	g_auto(Desk) desk = desk_new(NULL, wired);
	g_autofree char *clip = draw_copy(desk.document, &(Item){ITEM_NODE, "a"}, 1);
	g_autoptr(GPtrArray) names = NULL;

	assert_string_equal(clip,
		"<lab xmlns=\"urn:netlab:lab:1\" name=\"clip\">\n<node name=\"a\">\n"
		"  <interface name=\"eth0\" network=\"lan\" address=\"10.0.2.20/24\"/>\n"
		"  <route to=\"10.9.0.0/16\" dev=\"eth1\"/>\n</node>\n</lab>\n");
	names = draw_paste(desk.document,
		"<node name=\"a\"><interface name=\"eth0\" network=\"lan\" address=\"10.0.2.20/24\" "
		"mac=\"02:00:00:00:00:01\"/></node>",
		"Paste", NULL);
	assert_string_equal(names->pdata[0], "na1");
	assert_no_errors(&desk);
	assert_has(&desk, "network=\"lan\" address=\"10.0.2.4/24\"/>", TRUE);
	assert_undoes(&desk, wired);
}

static void test_paste_all(void **state)
{
	static const Item items[] = {{ITEM_NODE, "a"}, {ITEM_NODE, "b"}, {ITEM_NETWORK, "lan"}, {ITEM_NETWORK, "far"}};
	g_auto(Desk) desk = desk_new(NULL, wired);
	g_autofree char *clip = draw_copy(desk.document, items, G_N_ELEMENTS(items));
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) names = draw_paste(desk.document, clip, "Paste", &error), again = NULL;

	assert_null(error);

	assert_int_equal(names->len, 4);
	assert_no_errors(&desk);
	assert_has(&desk, "<node name=\"a1\">", TRUE);
	assert_has(&desk, "<interface name=\"eth0\" network=\"lan1\" address=\"10.0.1.20/24\"/>", TRUE);
	assert_has(&desk, "<end node=\"b1\" interface=\"eth1\" address=\"10.255.0.2/30\"/>", TRUE);
	again = draw_paste(desk.document, clip, "Paste", NULL);
	assert_non_null(again);
	assert_no_errors(&desk);
	undo_undo(desk.undo);
	undo_undo(desk.undo);
	assert_text(&desk, wired);
}

static void test_paste_refused(void **state)
{
	g_auto(Desk) desk = desk_new(NULL, wired);
	g_autoptr(GError) error = NULL;

	assert_null(draw_paste(desk.document, "hello & goodbye", "Paste", &error));
	assert_non_null(error);
	g_clear_error(&error);
	assert_null(draw_paste(desk.document, "hello", "Paste", &error));
	g_clear_error(&error);
	assert_text(&desk, wired);
}

/* Copies every lab into itself, node by node, and takes each away: never an error, and all bytes back in the end. */
static void doubled(const char *path, const char *text)
{
	g_auto(Desk) desk = desk_new(path, text);
	guint n = document_markup(desk.document)->root->children->len;

	for (guint i = 0; i < n; i++) {
		const MarkupElement *element = document_markup(desk.document)->root->children->pdata[i];
		g_autofree char *name = g_strdup(markup_get(element, "name")), *clip = NULL;
		gboolean node = !strcmp(element->name, "node");
		g_autoptr(GPtrArray) names = NULL;
		Item item = {node ? ITEM_NODE : ITEM_NETWORK, name};

		if (!node && strcmp(element->name, "network") != 0)
			continue;
		clip = draw_copy(desk.document, &item, 1);
		names = draw_paste(desk.document, clip, "Paste", NULL);
		assert_non_null(names);
		assert_no_errors(&desk);
		assert_true(draw_delete(desk.document, &item, 1));
		assert_true(document_lab(desk.document) || strstr(text, "<uplink"));
		undo_undo(desk.undo);
		undo_undo(desk.undo);
		assert_text(&desk, text);
	}
}

/* A text that is being written is no lab yet: a node may have no name so far. */
static void test_delete_unfinished(void **state)
{
	g_auto(Desk) desk = desk_new(NULL,
		HEAD "<network name=\"lan\"/>\n"
		     "<node><interface name=\"eth0\" network=\"lan\"/></node>\n"
		     "<node name=\"a\"><interface network=\"lan\"/><interface name=\"eth1\"/></node>\n"
		     "<capture interface=\"a:eth1\" file=\"x\"/>\n"
		     "</lab>");

	assert_true(draw_delete(desk.document, &(Item){ITEM_NETWORK, "lan"}, 1));
	assert_text(&desk,
		HEAD "<node/>\n"
		     "<node name=\"a\"><interface name=\"eth1\"/></node>\n"
		     "<capture interface=\"a:eth1\" file=\"x\"/>\n"
		     "</lab>");
}

/* Lines end as they do in the rest of the text, also those of a copy. */
static void test_paste_crlf(void **state)
{
	g_auto(Desk) desk = desk_new(NULL, HEAD "<node name=\"a\">\r\n  <run>true</run>\r\n</node>\r\n</lab>");
	g_autofree char *clip = draw_copy(desk.document, &(Item){ITEM_NODE, "a"}, 1);
	g_autoptr(GPtrArray) names = draw_paste(desk.document, clip, "Paste", NULL);

	assert_non_null(names);
	assert_has(&desk, "\r\r", FALSE);
	assert_has(&desk, "<node name=\"a1\">\r\n  <run>true</run>\r\n</node>", TRUE);
}

static void test_doubled(void **state)
{
	each_example(doubled);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_attributes),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_insert),
		cmocka_unit_test(test_insert_inline),
		cmocka_unit_test(test_insert_keeps_text),
		cmocka_unit_test(test_remove),
		cmocka_unit_test(test_spliced),
		cmocka_unit_test(test_modified),
		cmocka_unit_test(test_modified_by_others),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_refusal),
		cmocka_unit_test(test_draw),
		cmocka_unit_test(test_draw_bridge),
		cmocka_unit_test(test_draw_refused),
		cmocka_unit_test(test_delete),
		cmocka_unit_test(test_rename),
		cmocka_unit_test(test_rename_interface),
		cmocka_unit_test(test_paste_host),
		cmocka_unit_test(test_paste_all),
		cmocka_unit_test(test_paste_refused),
		cmocka_unit_test(test_doubled),
		cmocka_unit_test(test_uplinks),
		cmocka_unit_test(test_delete_unfinished),
		cmocka_unit_test(test_paste_crlf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
