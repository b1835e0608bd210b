/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/model/test_output.h"

#include <string.h>

struct TestOutput {
	TestOutputTake take;
	gpointer data;
	gboolean open;     /* result waits: a block may follow it */
	gboolean inside;   /* of its block */
	TestResult result; /* details grows in text */
	GString *text;
};

TestOutput *test_output_new(TestOutputTake take, gpointer data)
{
	TestOutput *self = g_new0(TestOutput, 1);
	self->take = take;
	self->data = data;
	self->text = g_string_new(NULL);
	return self;
}

static void clear(TestOutput *self)
{
	g_clear_pointer(&self->result.name, g_free);
	g_clear_pointer(&self->result.took, g_free);
	g_clear_pointer(&self->result.node, g_free);
	g_string_truncate(self->text, 0);
	self->open = self->inside = FALSE;
}

void test_output_free(TestOutput *self)
{
	clear(self);
	g_string_free(self->text, TRUE);
	g_free(self);
}

void test_output_end(TestOutput *self)
{
	if (!self->open)
		return;
	self->result.details = self->text->str;
	self->open = FALSE;
	self->take(&self->result, self->data);
	clear(self);
}

/* "12 - name # took" */
static void begin(TestOutput *self, gboolean holds, const char *rest)
{
	rest += strspn(rest, " 0123456789");
	if (g_str_has_prefix(rest, "- "))
		rest += 2;
	const char *took = g_strrstr(rest, " # ");
	self->open = TRUE;
	self->result.holds = holds;
	self->result.name = took ? g_strndup(rest, (gsize)(took - rest)) : g_strdup(rest);
	self->result.took = g_strdup(took ? took + 3 : "");
}

static void detail(TestOutput *self, const char *line)
{
	static const char indent[] = "  ", node[] = "node: ";
	if (g_str_has_prefix(line, indent))
		line += strlen(indent);
	/* Its own key alone: what a command wrote is indented more. */
	if (!self->result.node && g_str_has_prefix(line, node))
		self->result.node = g_strdup(line + strlen(node));
	g_string_append_printf(self->text, "%s\n", line);
}

void test_output_line(TestOutput *self, const char *line)
{
	if (self->open && self->inside) {
		if (g_str_equal(line, "  ..."))
			test_output_end(self);
		else
			detail(self, line);
	} else if (self->open && g_str_equal(line, "  ---")) {
		self->inside = TRUE;
	} else if (g_str_has_prefix(line, "ok ") || g_str_has_prefix(line, "not ok ")) {
		gboolean holds = line[0] == 'o';
		test_output_end(self);
		begin(self, holds, line + strlen(holds ? "ok " : "not ok "));
		/* Only what does not hold has a block: what holds is reported at once. */
		if (holds)
			test_output_end(self);
	}
}
