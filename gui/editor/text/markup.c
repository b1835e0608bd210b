/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/editor/text/markup.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <string.h>

#include "topologies/model/values.h"

#define XMLNS "urn:netlab:lab:1"
#define BOM "\xef\xbb\xbf"

typedef struct {
	Markup *markup;
	gsize base; /* of the parser's text in ours: a byte order mark is not handed to it */
	MarkupElement *current;
	GString *characters;
	xmlParserCtxt *parser;
	gboolean refused;
} Reader;

static void attribute_free(gpointer data)
{
	MarkupAttribute *self = data;

	g_free(self->name);
	g_free(self->value);
	g_free(self);
}

static void element_free(gpointer data)
{
	MarkupElement *self = data;

	g_free(self->name);
	g_free(self->text);
	g_ptr_array_unref(self->attributes);
	g_ptr_array_unref(self->children);
	g_free(self);
}

static Reader *reader_of(void *context)
{
	return ((xmlParserCtxt *)context)->_private;
}

static gsize offset_of(const Reader *self)
{
	long consumed = xmlByteConsumed(self->parser);

	return MIN(self->base + (consumed > 0 ? (gsize)consumed : 0), self->markup->length);
}

static void flush(Reader *self)
{
	if (self->current && self->characters->len) {
		char *text = g_strconcat(self->current->text, self->characters->str, NULL);

		g_free(self->current->text);
		self->current->text = text;
	}
	g_string_truncate(self->characters, 0);
}

static char *qualified(const xmlChar *prefix, const xmlChar *name)
{
	return prefix ? g_strdup_printf("%s:%s", (const char *)prefix, (const char *)name)
		      : g_strdup((const char *)name);
}

/* The value as the parser understood it; namespaces it does not hand out. */
static char *value_of(const char *name, const xmlChar **attributes, int n, const char *raw, gsize length)
{
	for (int i = 0; i < n; i++, attributes += 5) {
		g_autofree char *own = qualified(attributes[1], attributes[0]);

		if (!strcmp(own, name))
			return g_strndup((const char *)attributes[3], (gsize)(attributes[4] - attributes[3]));
	}
	return g_strndup(raw, length);
}

/* The text is well-formed up to here (the parser has read the tag): only attributes follow the name. */
static void scan_attributes(Reader *self, MarkupElement *element, const xmlChar **attributes, int n)
{
	const char *text = self->markup->text, *p = text + element->open.start + 1;

	p += strcspn(p, " \t\r\n/>");
	for (p += strspn(p, " \t\r\n"); *p && *p != '/' && *p != '>'; p += strspn(p, " \t\r\n")) {
		MarkupAttribute *attribute = g_new0(MarkupAttribute, 1);
		const char *start = p, *end;

		g_ptr_array_add(element->attributes, attribute);
		p += strcspn(p, " \t\r\n=");
		attribute->name = g_strndup(start, (gsize)(p - start));
		p += strspn(p, " \t\r\n=");
		end = *p ? strchr(p + 1, *p) : NULL;
		if (!end)
			break;
		attribute->range = (MarkupRange){(gsize)(start - text), (gsize)(end + 1 - text)};
		attribute->value_range = (MarkupRange){(gsize)(p + 1 - text), (gsize)(end - text)};
		attribute->value = value_of(attribute->name, attributes, n, p + 1, (gsize)(end - p - 1));
		p = end + 1;
	}
}

static void start_element(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
	int n_namespaces, const xmlChar **namespaces, int n_attributes, int n_defaulted, const xmlChar **attributes)
{
	Reader *self = reader_of(context);
	const char *text = self->markup->text;
	MarkupElement *element = g_new0(MarkupElement, 1);
	gsize end = offset_of(self), start = end;

	/* Called with the parser before ">" or "/>"; there is no "<" between that and the tag's own. */
	while (start > 0 && text[start] != '<')
		start--;
	flush(self);
	element->name = qualified(prefix, name);
	element->text = g_strdup("");
	element->parent = self->current;
	element->attributes = g_ptr_array_new_with_free_func(attribute_free);
	element->children = g_ptr_array_new_with_free_func(element_free);
	element->open = (MarkupRange){start, end + (text[end] == '/' ? 2 : 1)};
	element->close = (MarkupRange){element->open.end, element->open.end};
	scan_attributes(self, element, attributes, n_attributes);
	if (self->current)
		g_ptr_array_add(self->current->children, element);
	else
		self->markup->root = element;
	/* What we write has no prefix. */
	if (prefix && !g_strcmp0((const char *)uri, XMLNS))
		self->refused = TRUE;
	self->current = element;
}

static void end_element(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	Reader *self = reader_of(context);
	MarkupElement *element = self->current;
	const char *text = self->markup->text;
	gsize end = offset_of(self), start = end - 1;

	flush(self);
	/* Behind its end tag now, or still behind <a/>. */
	if (text[element->open.end - 2] != '/') {
		while (start > element->open.end && text[start] != '<')
			start--;
		element->close = (MarkupRange){start, end};
	}
	self->current = element->parent;
}

static void characters(void *context, const xmlChar *text, int length)
{
	Reader *self = reader_of(context);

	g_string_append_len(self->characters, (const char *)text, length);
}

static void comment(void *context, const xmlChar *text)
{
	Reader *self = reader_of(context);

	if (self->current)
		self->current->has_comment = TRUE;
}

static void instruction(void *context, const xmlChar *target, const xmlChar *data)
{
	comment(context, data);
}

/* Entities would make the text something else than it shows; the loader refuses it too, and says so. */
static void document_type(void *context, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
	reader_of(context)->refused = TRUE;
	xmlStopParser(context);
}

static void on_error(void *context, const xmlError *error)
{
	/* The loader reports it with its place. */
}

/** markup_parse() - finds the elements of a text
 *  @text: UTF-8
 *  Returns them (the caller owns them), or NULL when the text is not well-formed XML, has a document type, or gives the
 *  language of labs a prefix. */
Markup *markup_parse(const char *text)
{
	static const xmlSAXHandler handler = {
		.initialized = XML_SAX2_MAGIC,
		.startElementNs = start_element,
		.endElementNs = end_element,
		.characters = characters,
		.cdataBlock = characters,
		.ignorableWhitespace = characters,
		.comment = comment,
		.processingInstruction = instruction,
		.internalSubset = document_type,
		.serror = (xmlStructuredErrorFunc)on_error,
	};
	g_autoptr(Markup) markup = g_new0(Markup, 1);
	g_autoptr(GString) buffer = g_string_new(NULL);
	Reader self = {.markup = markup, .characters = buffer};
	gboolean good;

	markup->text = g_strdup(text);
	markup->length = strlen(text);
	self.base = g_str_has_prefix(text, BOM) ? strlen(BOM) : 0;
	if (markup->length - self.base > G_MAXINT)
		return NULL;
	self.parser = xmlNewParserCtxt();
	if (!self.parser)
		g_error("out of memory");
	*self.parser->sax = handler;
	self.parser->_private = &self;
	/* As the loader reads: loader_tree.c. */
	xmlFreeDoc(xmlCtxtReadMemory(self.parser, markup->text + self.base, (int)(markup->length - self.base), NULL,
		NULL, XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_IGNORE_ENC));
	good = self.parser->wellFormed && !self.refused && markup->root;
	xmlFreeParserCtxt(self.parser);
	return good ? g_steal_pointer(&markup) : NULL;
}

/** markup_free() - the elements
 *  @self: may be NULL */
void markup_free(Markup *self)
{
	if (!self)
		return;
	if (self->root)
		element_free(self->root);
	g_free(self->text);
	g_free(self);
}

/** markup_attribute() - an attribute of an element; NULL: it has none of this name. Borrowed. */
const MarkupAttribute *markup_attribute(const MarkupElement *element, const char *name)
{
	for (guint i = 0; i < element->attributes->len; i++) {
		const MarkupAttribute *attribute = element->attributes->pdata[i];

		if (!strcmp(attribute->name, name))
			return attribute;
	}
	return NULL;
}

/** markup_get() - the value of an attribute; NULL: it is not there. Borrowed. */
const char *markup_get(const MarkupElement *element, const char *name)
{
	const MarkupAttribute *attribute = markup_attribute(element, name);

	return attribute ? attribute->value : NULL;
}

/** markup_block() - an element's text as its writer meant it (value_block()), without the last newline; caller
 *  frees. */
char *markup_block(const MarkupElement *element)
{
	return g_strchomp(value_block(element->text));
}

/** markup_child() - the first child of a name whose attribute has a value
 *  @parent: where to look; NULL: there is none
 *  @name: of the child
 *  @attribute, @value: what it has; attribute NULL: whatever
 *  Returns it (borrowed), or NULL. */
MarkupElement *markup_child(const MarkupElement *parent, const char *name, const char *attribute, const char *value)
{
	for (guint i = 0; parent && i < parent->children->len; i++) {
		MarkupElement *child = parent->children->pdata[i];

		if (!strcmp(child->name, name) && (!attribute || !g_strcmp0(markup_get(child, attribute), value)))
			return child;
	}
	return NULL;
}

/** markup_line() - the line, from 1, in which an element starts. */
int markup_line(const Markup *self, const MarkupElement *element)
{
	int line = 1;

	for (gsize i = 0; i < element->open.start; i++)
		line += self->text[i] == '\n';
	return line;
}

static gsize offset_of_line(const Markup *self, int line)
{
	const char *p = self->text;

	for (; line > 1 && p; line--) {
		p = strchr(p, '\n');
		p = p ? p + 1 : NULL;
	}
	return p ? (gsize)(p - self->text) : self->length;
}

/** markup_at_line() - the child of the root that a line (from 1) is part of; NULL: none. Borrowed. */
MarkupElement *markup_at_line(const Markup *self, int line)
{
	gsize start = offset_of_line(self, line), end = offset_of_line(self, line + 1);

	for (guint i = 0; i < self->root->children->len; i++) {
		MarkupElement *child = self->root->children->pdata[i];

		if (child->open.start < end && child->close.end > start)
			return child;
	}
	return NULL;
}

/** markup_escape() - a text as it is written in XML
 *  @in_attribute: between double quotes, else between tags
 *  Returns it; the caller frees it. */
GString *markup_escape(const char *text, gboolean in_attribute)
{
	GString *out = g_string_new(NULL);

	for (const char *p = text; *p; p++) {
		if (*p == '&')
			g_string_append(out, "&amp;");
		else if (*p == '<')
			g_string_append(out, "&lt;");
		else if (*p == '>' && p - text >= 2 && p[-1] == ']' && p[-2] == ']')
			g_string_append(out, "&gt;");
		else if (*p == '\r')
			g_string_append(out, "&#13;");
		else if (in_attribute && *p == '"')
			g_string_append(out, "&quot;");
		else if (in_attribute && (*p == '\n' || *p == '\t'))
			g_string_append_printf(out, "&#%d;", *p);
		else if ((unsigned char)*p >= ' ' || *p == '\n' || *p == '\t') /* others are not allowed in XML 1.0 */
			g_string_append_c(out, *p);
	}
	return out;
}

/** markup_append_attribute() - appends ' name="value"'; nothing where the value is NULL. */
void markup_append_attribute(GString *out, const char *name, const char *value)
{
	g_autoptr(GString) escaped = value ? markup_escape(value, TRUE) : NULL;

	if (value)
		g_string_append_printf(out, " %s=\"%s\"", name, escaped->str);
}
