/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/editor/text/edit.h"

#include <string.h>

#include "gui/editor/text/indent.h"

/* Bytes that give way to others. */
typedef struct {
	MarkupRange range;
	char *text;
} Splice;

typedef struct {
	const MarkupElement *parent;
	GPtrArray *fragments; /* of char * */
} Filling;

struct Edit {
	const Markup *markup;
	char *unit;          /* of indentation */
	GPtrArray *splices;  /* of Splice, in the order of their making */
	GPtrArray *fillings; /* of Filling: elements without children that get some */
	GPtrArray *removed;  /* of MarkupElement, borrowed */
	gboolean settled;    /* splices hold all: fillings and what they and removals entail too */
};

/* The order of children where nothing else decides. */
static const char *const ranks[] = {"title", "description", "defaults", "network", "uplink", "node", "link", "capture",
	"check", "mirror", "interface", "route", "sysctl", "file", "run"};

static void splice_free(gpointer data)
{
	Splice *self = data;

	g_free(self->text);
	g_free(self);
}

static void filling_free(gpointer data)
{
	Filling *self = data;

	g_ptr_array_unref(self->fragments);
	g_free(self);
}

/** edit_new() - an edit that changes nothing yet
 *  @markup: what is to be changed; must outlive the edit
 *  Returns it; the caller owns it. */
Edit *edit_new(const Markup *markup)
{
	Edit *self = g_new0(Edit, 1);

	self->markup = markup;
	self->splices = g_ptr_array_new_with_free_func(splice_free);
	self->fillings = g_ptr_array_new_with_free_func(filling_free);
	self->removed = g_ptr_array_new();
	return self;
}

/** edit_free() - an edit
 *  @self: may be NULL */
void edit_free(Edit *self)
{
	if (!self)
		return;
	g_free(self->unit);
	g_ptr_array_unref(self->splices);
	g_ptr_array_unref(self->fillings);
	g_ptr_array_unref(self->removed);
	g_free(self);
}

/** edit_markup() - what is edited. Borrowed. */
const Markup *edit_markup(const Edit *self)
{
	return self->markup;
}

static void splice(Edit *self, gsize start, gsize end, char *text)
{
	Splice *one = g_new(Splice, 1);

	*one = (Splice){{start, end}, text};
	g_ptr_array_add(self->splices, one);
}

/** edit_unit() - what one level of indentation is in this text, two spaces where it does not show. Borrowed. */
const char *edit_unit(Edit *self)
{
	const MarkupElement *root = self->markup->root;

	for (guint i = 0; !self->unit && i < root->children->len; i++) {
		const MarkupElement *child = root->children->pdata[i];
		g_autofree char *indent = indent_of(self->markup->text, child->open.start);

		if (*indent && indent_starts_line(self->markup->text, child->open.start))
			self->unit = g_steal_pointer(&indent);
	}
	if (!self->unit)
		self->unit = g_strdup("  ");
	return self->unit;
}

/** edit_outdented() - an element as it is written, its lines moved to the left margin; the caller frees it. */
char *edit_outdented(const Markup *markup, const MarkupElement *element)
{
	g_autofree char *indent = indent_of(markup->text, element->open.start);
	g_autofree char *raw = g_strndup(markup->text + element->open.start, element->close.end - element->open.start);

	return indent_shift(raw, indent, "");
}

/* -- Changes ------------------------------------------------------------------------------------------------------- */

/** edit_set_attribute() - gives an attribute a value; a new one comes after the others
 *  @element: of the markup
 *  @value: NULL takes the attribute out */
void edit_set_attribute(Edit *self, const MarkupElement *element, const char *name, const char *value)
{
	const MarkupAttribute *attribute = markup_attribute(element, name);
	const char *text = self->markup->text;
	g_autoptr(GString) out = g_string_new(NULL);

	if (!g_strcmp0(attribute ? attribute->value : NULL, value))
		return;
	if (attribute && value) {
		/* Quotes stay as they are, so both kinds are escaped. */
		g_autoptr(GString) escaped = markup_escape(value, TRUE);

		g_string_replace(escaped, "'", text[attribute->value_range.end] == '\'' ? "&apos;" : "'", 0);
		splice(self, attribute->value_range.start, attribute->value_range.end, g_strdup(escaped->str));
	} else if (attribute) {
		gsize start = attribute->range.start;

		while (strchr(" \t\r\n", text[start - 1]))
			start--;
		splice(self, start, attribute->range.end, g_strdup(""));
	} else {
		gsize at = element->open.end - (text[element->open.end - 2] == '/' ? 2 : 1);

		while (strchr(" \t\r\n", text[at - 1]))
			at--;
		markup_append_attribute(out, name, value);
		splice(self, at, at, g_strdup(out->str));
	}
}

/** edit_set_text() - replaces what an element holds
 *  @element: of the markup; it has no child elements
 *  @text: as it is meant: several lines are indented, as value_block() takes it off. NULL or "": nothing */
void edit_set_text(Edit *self, const MarkupElement *element, const char *text)
{
	g_autofree char *indent = indent_of(self->markup->text, element->open.start), *before = markup_block(element),
			*after = g_strchomp(g_strdup(text ? text : ""));
	g_auto(GStrv) lines = NULL;
	g_autoptr(GString) escaped = NULL, out = g_string_new(NULL);
	gboolean closed = element->close.end > element->close.start;
	gsize start = element->open.end, end = element->close.start;

	if (!strcmp(before, after))
		return;
	if (!closed)
		start = element->open.end - 2;
	while (!closed && strchr(" \t\r\n", self->markup->text[start - 1]))
		start--;
	if (!closed)
		g_string_append_c(out, '>');
	escaped = markup_escape(after, FALSE);
	lines = g_strsplit(escaped->str, "\n", -1);
	if (!*after) {
		splice(self, element->open.end - 1, element->close.end, g_strdup("/>"));
		return;
	}
	for (guint i = 0; lines[i]; i++) {
		if (lines[1])
			g_string_append_printf(
				out, "\n%s%s", *lines[i] ? indent : "", *lines[i] ? edit_unit(self) : "");
		g_string_append(out, lines[i]);
	}
	if (lines[1])
		g_string_append_printf(out, "\n%s", indent);
	if (!closed)
		g_string_append_printf(out, "</%s>", element->name);
	splice(self, start, end, g_strdup(out->str));
}

static guint rank_of(const char *name, gsize length)
{
	for (guint i = 0; i < G_N_ELEMENTS(ranks); i++)
		if (strlen(ranks[i]) == length && !strncmp(ranks[i], name, length))
			return i;
	return G_N_ELEMENTS(ranks);
}

/* The child that the fragment comes after: the last of its name, else of those that come before such; NULL: none. */
static const MarkupElement *predecessor(Edit *self, const MarkupElement *parent, const char *fragment)
{
	const MarkupElement *same = NULL, *lower = NULL;
	gsize length = strcspn(fragment + 1, " \t\r\n/>");
	guint rank = rank_of(fragment + 1, length);

	for (guint i = 0; i < parent->children->len; i++) {
		const MarkupElement *child = parent->children->pdata[i];
		guint other = rank_of(child->name, strlen(child->name));

		if (edit_removes(self, child))
			continue;
		if (strlen(child->name) == length && !strncmp(child->name, fragment + 1, length))
			same = child;
		if (other < rank || rank == G_N_ELEMENTS(ranks))
			lower = child;
	}
	return same ? same : lower;
}

static void fill(Edit *self, const MarkupElement *parent, const char *fragment)
{
	Filling *filling = NULL;

	for (guint i = 0; i < self->fillings->len; i++)
		if (((Filling *)self->fillings->pdata[i])->parent == parent)
			filling = self->fillings->pdata[i];
	if (!filling) {
		filling = g_new(Filling, 1);
		*filling = (Filling){parent, g_ptr_array_new_with_free_func(g_free)};
		g_ptr_array_add(self->fillings, filling);
	}
	g_ptr_array_add(filling->fragments, g_strdup(fragment));
}

/** edit_insert() - puts an element into another, at the place that is usual for its kind
 *  @parent: of the markup
 *  @fragment: one element, as XML; its first line at the margin, the others indented against that
 *  What is to be removed beside it is removed before. */
void edit_insert(Edit *self, const MarkupElement *parent, const char *fragment)
{
	const char *text = self->markup->text;
	const MarkupElement *before = predecessor(self, parent, fragment), *next;
	g_autofree char *indent = NULL, *shifted = NULL;
	gsize at;

	if (!parent->children->len) {
		fill(self, parent, fragment);
		return;
	}
	next = before ? before : parent->children->pdata[0];
	indent = indent_starts_line(text, next->open.start) ? indent_of(text, next->open.start) : g_strdup("");
	shifted = indent_shift(fragment, "", indent);
	if (!indent_starts_line(text, next->open.start)) {
		at = before ? before->close.end : next->open.start;
		splice(self, at, at, g_steal_pointer(&shifted));
	} else if (before) {
		at = indent_rest_of_line(text, before->close.end);
		splice(self, at, at, g_strconcat("\n", indent, shifted, NULL));
	} else {
		at = indent_line_start(text, next->open.start);
		splice(self, at, at, g_strconcat(indent, shifted, "\n", NULL));
	}
}

static void apply_filling(Edit *self, const Filling *filling)
{
	const MarkupElement *parent = filling->parent;
	const char *text = self->markup->text;
	g_autofree char *outer = indent_of(text, parent->open.start),
			*inner = g_strconcat(outer, edit_unit(self), NULL);
	g_autoptr(GString) out = g_string_new(NULL);
	gsize at = parent->close.start;

	for (guint i = 0; i < filling->fragments->len; i++) {
		g_autofree char *shifted = indent_shift(filling->fragments->pdata[i], "", inner);

		g_string_append_printf(out, "\n%s%s", inner, shifted);
	}
	if (parent->close.start == parent->close.end) {
		at = parent->open.end - 2;
		while (strchr(" \t\r\n", text[at - 1]))
			at--;
		g_string_prepend(out, ">");
		g_string_append_printf(out, "\n%s</%s>", outer, parent->name);
		splice(self, at, parent->open.end, g_strdup(out->str));
		return;
	}
	while (at > parent->open.end && strchr(" \t\r\n", text[at - 1]))
		at--;
	g_string_append_printf(out, "\n%s", outer);
	splice(self, at, parent->close.start, g_strdup(out->str));
}

/** edit_remove() - takes an element out, and the line that it leaves empty. Comments beside it stay.
 *  @element: of the markup; not the root */
void edit_remove(Edit *self, const MarkupElement *element)
{
	const char *text = self->markup->text;
	gsize start = element->open.start, end = element->close.end, blank = strspn(text + end, " \t\r");

	if (edit_removes(self, element))
		return;
	g_ptr_array_add(self->removed, (gpointer)element);
	if (indent_starts_line(text, start) && text[end + blank] == '\n') {
		start = indent_line_start(text, start);
		end += blank + 1;
		/* Of the empty lines around it one is enough. */
		if (start >= 2 && text[start - 2] == '\n' && text[end] == '\n')
			end++;
	}
	splice(self, start, end, g_strdup(""));
}

/** edit_removes() - whether the element, or one that it is in, is taken out. */
gboolean edit_removes(const Edit *self, const MarkupElement *element)
{
	for (; element; element = element->parent)
		if (g_ptr_array_find(self->removed, element, NULL))
			return TRUE;
	return FALSE;
}

/* Elements that nothing is left of but blanks become <a/>. */
static void close_emptied(Edit *self)
{
	g_autoptr(GPtrArray) seen = g_ptr_array_new();

	for (guint i = 0; i < self->removed->len; i++) {
		const MarkupElement *parent = ((MarkupElement *)self->removed->pdata[i])->parent;
		gboolean empty = parent && !parent->has_comment && indent_is_blank(parent->text) && parent->parent;

		if (!empty || edit_removes(self, parent) || g_ptr_array_find(seen, parent, NULL))
			continue;
		for (guint k = 0; k < parent->children->len && empty; k++)
			empty = edit_removes(self, parent->children->pdata[k]);
		for (guint k = 0; k < self->splices->len && empty; k++) {
			const Splice *one = self->splices->pdata[k];

			empty = !*one->text || one->range.start < parent->open.end ||
				one->range.start > parent->close.start;
		}
		g_ptr_array_add(seen, (gpointer)parent);
		if (empty)
			splice(self, parent->open.end - 1, parent->close.end, g_strdup("/>"));
	}
}

static gint compare(gconstpointer a, gconstpointer b, gpointer data)
{
	const Splice *left = *(Splice *const *)a, *right = *(Splice *const *)b;
	guint i, k;

	if (left->range.start != right->range.start)
		return left->range.start < right->range.start ? -1 : 1;
	/* Insertions come before removals; a larger removal includes the smaller ones in it. */
	if (left->range.end != right->range.end &&
		(left->range.end == left->range.start || right->range.end == right->range.start))
		return left->range.end == left->range.start ? -1 : 1;
	if (left->range.end != right->range.end)
		return left->range.end > right->range.end ? -1 : 1;
	g_ptr_array_find(data, left, &i);
	g_ptr_array_find(data, right, &k);
	return i < k ? -1 : i > k;
}

/** edit_apply() - the text with all changes made; the caller frees it. What is inside something removed goes with it.
 *  After it nothing more can be added to the edit. */
char *edit_apply(Edit *self)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(GPtrArray) sorted = NULL;
	const char *text = self->markup->text;
	gboolean crlf = strstr(text, "\r\n") != NULL;
	gsize done = 0;

	for (guint i = 0; !self->settled && i < self->fillings->len; i++)
		apply_filling(self, self->fillings->pdata[i]);
	if (!self->settled)
		close_emptied(self);
	self->settled = TRUE;
	sorted = g_ptr_array_copy(self->splices, NULL, NULL);
	g_ptr_array_set_free_func(sorted, NULL);
	g_ptr_array_sort_with_data(sorted, compare, self->splices);
	for (guint i = 0; i < sorted->len; i++) {
		const Splice *one = sorted->pdata[i];
		g_autoptr(GString) with = g_string_new(one->text);

		/* Within what is taken out, or reaching out of it. */
		if (one->range.start < done) {
			done = MAX(done, one->range.end);
			continue;
		}
		/* What is copied from this text or another one brings its own. */
		g_string_replace(with, "\r\n", "\n", 0);
		if (crlf)
			g_string_replace(with, "\n", "\r\n", 0);
		g_string_append_len(out, text + done, (gssize)(one->range.start - done));
		g_string_append(out, with->str);
		done = one->range.end;
	}
	g_string_append(out, text + done);
	return g_string_free(g_steal_pointer(&out), FALSE);
}
