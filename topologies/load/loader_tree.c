/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes to tree: reads the lab's file and the files it includes into one tree whose elements know their place.
 *
 * libxml2's own tree keeps no columns, and its XInclude loses the place of what it brings. So the tree is built here,
 * from the parser's SAX events: at each start tag the parser's byte offset leads back to the '<' in the text, and an
 * include is simply another file whose events go to the same tree. Everything dangerous is refused: a
 * document type (and with it every entity), other sources than local files, great depth, great size. */
#include "topologies/load/loader.h"

#include <errno.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define XINCLUDE_NS "http://www.w3.org/2001/XInclude"
#define MAX_INCLUDE_DEPTH 8

typedef struct {
	LabTree *tree;
	const LabFolder *folder; /* what is included may be there */
	GPtrArray *touches;      /* of LabTouch: gets the files that were read */
	LabDiagnostics *diagnostics;
	xmlNode *parent; /* gets the next element or text; NULL before the root */
	xmlNs *ns;
	GString *
		text; /* of parent, not yet in the tree: appending to a text node piece by piece takes quadratic time */
	unsigned depth; /* of open elements, over all files */
	gsize budget;   /* bytes that may still be read */
	GBytes *given;  /* the lab's own text, where it does not come from its file; or NULL */
	gboolean broken;
} Reader;

/* One file while it is being read. */
typedef struct Source {
	Reader *reader;
	const struct Source *includer;
	const char *path; /* interned */
	const char *text;
	gsize length;
	xmlParserCtxt *parser;
	gsize offset; /* line and column are those of this byte */
	int line, column;
	unsigned level;    /* of open elements of this file that are in the tree */
	unsigned left_out; /* of open elements that are not: an include and what is in it, foreign elements */
	gboolean splice;   /* the root stays out, its children come in */
	gboolean stopped;  /* a message was given, what follows is of no interest */
} Source;

static void read_source(
	Reader *reader, const Source *includer, const char *path, const char *href, LabPos from, gboolean splice);

/* Columns count characters, as editors do. */
static LabPos place(Source *self, gsize offset)
{
	offset = MIN(offset, self->length);
	if (offset < self->offset) {
		self->offset = 0;
		self->line = self->column = 1;
	}
	for (; self->offset < offset; self->offset++) {
		unsigned char c = (unsigned char)self->text[self->offset];

		if (c == '\n') {
			self->line++;
			self->column = 1;
		} else if ((c & 0xc0) != 0x80) {
			self->column++;
		}
	}
	return (LabPos){self->path, self->line, self->column};
}

/* Where the parser is. The text is UTF-8 without byte order mark, so what it consumed is an offset in our text. */
static LabPos parser_place(Source *self)
{
	long offset = xmlByteConsumed(self->parser);

	return place(self, offset > 0 ? (gsize)offset : 0);
}

/* Called at the end of a start tag, with the parser before its '>': there is no '<' between that and the tag's own. */
static LabPos start_tag_place(Source *self)
{
	long consumed = xmlByteConsumed(self->parser);
	gsize offset = consumed > 0 ? MIN((gsize)consumed, self->length) : 0;

	while (offset > 0 && self->text[offset] != '<')
		offset--;
	return place(self, offset);
}

static void fail(Source *self, LabPos pos, const char *format, ...) G_GNUC_PRINTF(3, 4);

static void fail(Source *self, LabPos pos, const char *format, ...)
{
	g_autofree char *message = NULL;
	va_list args;

	va_start(args, format);
	message = g_strdup_vprintf(format, args);
	va_end(args);
	if (!self->stopped)
		lab_diagnostics_add(self->reader->diagnostics, LAB_ERROR, pos, "%s", message);
	self->reader->broken = TRUE;
}

static void stop(Source *self)
{
	self->stopped = TRUE;
	xmlStopParser(self->parser);
}

static void flush_text(Reader *reader)
{
	if (reader->text->len && reader->parent)
		xmlAddChild(reader->parent,
			xmlNewDocTextLen(reader->tree->doc, BAD_CAST reader->text->str, (int)reader->text->len));
	g_string_truncate(reader->text, 0);
}

/* Reads a whole regular file. @href, @from: the include that asks for it, NULL for the lab itself.
 * Returns NULL when that was refused, with the message given. */
static char *read_file(Reader *reader, const char *path, const char *href, LabPos from, gsize *length)
{
	g_autofree char *text = NULL, *prefix = href ? g_strdup_printf("include: \"%s\": ", href) : g_strdup("");
	LabPos here = href ? from : (LabPos){g_intern_string(path), 0, 0};
	/* The user has named the lab's own file, wherever that is. */
	const LabFolder anywhere = {.trusted = TRUE};
	g_autoptr(GError) reason = NULL;
	int fd = lab_folder_open(href ? reader->folder : &anywhere, path, LAB_OPEN_READ, &reason);
	struct stat info;
	gsize size = 0;
	ssize_t got = 1;

	lab_touch(reader->touches, LAB_TOUCH_READ, here, path);
	if (fd < 0 || fstat(fd, &info) != 0) {
		gboolean odd = g_error_matches(reason, LAB_FOLDER_ERROR, LAB_FOLDER_ERROR_KIND) ||
			g_error_matches(reason, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);

		lab_diagnostics_add(reader->diagnostics, LAB_ERROR, here, "%s%s%s", prefix, odd ? "" : "cannot open: ",
			odd              ? "not a regular file"
				: reason ? reason->message
					 : g_strerror(errno));
	} else if ((guint64)info.st_size > reader->budget) {
		lab_diagnostics_add(reader->diagnostics, LAB_ERROR, here,
			"%sthe file has %" G_GUINT64_FORMAT
			" bytes, but a lab and everything it includes can have at most %u",
			prefix, (guint64)info.st_size, LAB_MAX_FILE_SIZE);
	} else {
		text = g_malloc((gsize)info.st_size + 1);
		while (got > 0 && size < (gsize)info.st_size) {
			got = read(fd, text + size, (gsize)info.st_size - size);
			size += got > 0 ? (gsize)got : 0;
		}
		text[size] = '\0';
		if (got < 0) {
			lab_diagnostics_add(
				reader->diagnostics, LAB_ERROR, here, "%scannot read: %s", prefix, g_strerror(errno));
			g_clear_pointer(&text, g_free);
		}
	}
	if (fd >= 0)
		close(fd);
	*length = size;
	return g_steal_pointer(&text);
}

/* A copy of the text that was handed in instead of the lab's file. */
static char *copy_given(Reader *reader, const char *path, gsize *length)
{
	const char *data = g_bytes_get_data(reader->given, length);
	char *text;

	if (*length > reader->budget) {
		lab_diagnostics_add(reader->diagnostics, LAB_ERROR, (LabPos){g_intern_string(path), 0, 0},
			"the text has %" G_GSIZE_FORMAT
			" bytes, but a lab and everything it includes can have at most %u",
			*length, LAB_MAX_FILE_SIZE);
		return NULL;
	}
	text = g_malloc(*length + 1);
	if (*length)
		memcpy(text, data, *length);
	text[*length] = '\0';
	return text;
}

/* UTF-8 text without byte order mark, from where it comes from. Arguments and result as read_file()'s. */
static char *read_text(Reader *reader, const char *path, const char *href, LabPos from, gsize *length)
{
	gsize size = 0;
	g_autofree char *text =
		!href && reader->given ? copy_given(reader, path, &size) : read_file(reader, path, href, from, &size);
	const char *invalid;

	if (!text) {
		reader->broken = TRUE;
		return NULL;
	}
	reader->budget -= size;
	if (g_str_has_prefix(text, "\xef\xbb\xbf")) {
		size -= 3;
		memmove(text, text + 3, size + 1);
	}
	if (!g_utf8_validate(text, (gssize)size, &invalid)) {
		Source at = {.path = g_intern_string(path), .text = text, .length = size, .line = 1, .column = 1};

		lab_diagnostics_add(reader->diagnostics, LAB_ERROR, place(&at, (gsize)(invalid - text)),
			"this byte is not valid UTF-8; save the file as UTF-8");
		reader->broken = TRUE;
		return NULL;
	}
	*length = size;
	return g_steal_pointer(&text);
}

/* The value of an attribute without namespace, from SAX's array of five pointers each; NULL when it is not there. */
static char *sax_attribute(const xmlChar **attributes, int n, const char *name)
{
	for (int i = 0; i < n; i++, attributes += 5)
		if (!attributes[2] && !strcmp((const char *)attributes[0], name))
			return g_strndup((const char *)attributes[3], (gsize)(attributes[4] - attributes[3]));
	return NULL;
}

/* <xi:include href="FILE" parse="xml|text" xpointer="xpointer(/...)"/> (XInclude 1.1, W3C Note 2016): the part that
 * makes sense without a network. */
static void include(Source *self, LabPos pos, const xmlChar **attributes, int n)
{
	g_autofree char *href = sax_attribute(attributes, n, "href");
	g_autofree char *parse = sax_attribute(attributes, n, "parse");
	g_autofree char *xpointer = sax_attribute(attributes, n, "xpointer");
	g_autofree char *scheme = href ? g_uri_parse_scheme(href) : NULL;
	g_autofree char *file = href ? g_uri_unescape_string(href, NULL) : NULL;
	g_autofree char *folder = g_path_get_dirname(self->path);
	g_autofree char *path = file ? g_canonicalize_filename(file, folder) : NULL;
	Reader *reader = self->reader;
	unsigned depth = 1;

	if (!href || !*href) {
		fail(self, pos, "include: href is missing; add href=\"FILE\"");
	} else if (scheme) {
		fail(self, pos, "include: \"%s\" is not a local file; netlab never fetches files from the network",
			href);
	} else if (!file || href[0] == '/' || strpbrk(href, "?#")) {
		fail(self, pos,
			"include: \"%s\" is not a relative path; write the path of a file relative to this file", href);
	} else if (parse && !strcmp(parse, "text")) {
		gsize length;
		g_autofree char *text = read_text(reader, path, href, pos, &length);

		if (text)
			g_string_append_len(reader->text, text, (gssize)length);
	} else if (parse && strcmp(parse, "xml") != 0) {
		fail(self, pos, "include: parse \"%s\" is not \"xml\" or \"text\"", parse);
	} else if (xpointer && strcmp(xpointer, "xpointer(/*/*)") != 0) {
		fail(self, pos,
			"include: xpointer \"%s\" is not supported; use \"xpointer(/*/*)\" to include the contents of "
			"the root element",
			xpointer);
	} else {
		for (const Source *s = self; s; s = s->includer, depth++)
			if (!strcmp(s->path, path)) {
				fail(self, pos,
					"include: \"%s\" is already being read; a file cannot include itself, "
					"directly or indirectly",
					href);
				return;
			}
		if (depth > MAX_INCLUDE_DEPTH) {
			fail(self, pos, "include: \"%s\" is nested more than %d includes deep", href,
				MAX_INCLUDE_DEPTH);
			return;
		}
		read_source(reader, self, path, href, pos, xpointer != NULL);
	}
}

static void add_attributes(Source *self, xmlNode *node, LabPos pos, const xmlChar **attributes, int n)
{
	for (int i = 0; i < n; i++, attributes += 5) {
		const char *name = (const char *)attributes[0], *uri = (const char *)attributes[2];
		g_autofree char *value = g_strndup((const char *)attributes[3], (gsize)(attributes[4] - attributes[3]));

		if (!uri)
			xmlNewNsProp(node, NULL, attributes[0], BAD_CAST value);
		else if (!strcmp(uri, "http://www.w3.org/2001/XMLSchema-instance"))
			continue; /* hints for editors; libxml2 would go and load the schema that they name */
		else if (strcmp(uri, (const char *)XML_XML_NAMESPACE) != 0 || !strcmp(name, "base"))
			lab_diagnostics_add(self->reader->diagnostics, LAB_ERROR, pos,
				"attribute \"%s:%s\" is not part of the lab language; remove it",
				(const char *)attributes[1], name);
	}
}

static void start_element(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
	int n_namespaces, const xmlChar **namespaces, int n_attributes, int n_defaulted, const xmlChar **attributes)
{
	Source *self = ((xmlParserCtxt *)context)->_private;
	Reader *reader = self->reader;
	LabPos pos = start_tag_place(self);
	xmlNode *node;

	reader->depth++;
	if (self->stopped)
		return;
	if (reader->depth > LAB_MAX_DEPTH) {
		fail(self, pos, "<%s> is nested more than %d elements deep", (const char *)name, LAB_MAX_DEPTH);
		stop(self);
		return;
	}
	if (self->left_out) {
		self->left_out++;
		return;
	}
	if (uri && !strcmp((const char *)uri, XINCLUDE_NS) && reader->parent) {
		self->left_out = 1;
		if (!strcmp((const char *)name, "include"))
			include(self, pos, attributes, n_attributes);
		else
			fail(self, pos, "<%s:%s> is not supported", prefix ? (const char *)prefix : "",
				(const char *)name);
		return;
	}
	/* A missing namespace is reported once, at the root; the tree is read as if it were there. */
	if (!uri && self->level == 0)
		lab_diagnostics_add(reader->diagnostics, LAB_ERROR, pos,
			"<%s> has no namespace; write <%s xmlns=\"" LAB_XMLNS "\"%s", (const char *)name,
			(const char *)name, n_attributes ? " ...>" : ">");
	else if (uri && strcmp((const char *)uri, LAB_XMLNS) != 0) {
		lab_diagnostics_add(reader->diagnostics, LAB_ERROR, pos,
			"<%s> is in namespace \"%s\"; the elements of a lab must be in \"" LAB_XMLNS "\"",
			(const char *)name, (const char *)uri);
		self->left_out = 1;
		if (!reader->parent)
			reader->broken = TRUE;
		return;
	}
	if (self->level++ == 0 && self->splice)
		return;
	flush_text(reader);
	node = xmlNewDocNode(reader->tree->doc, NULL, name, NULL);
	if (reader->parent) {
		xmlAddChild(reader->parent, node);
	} else {
		xmlDocSetRootElement(reader->tree->doc, node);
		reader->ns = xmlNewNs(node, BAD_CAST LAB_XMLNS, NULL);
	}
	xmlSetNs(node, reader->ns);
	node->_private = g_memdup2(&pos, sizeof(pos));
	g_ptr_array_add(reader->tree->places, node->_private);
	add_attributes(self, node, pos, attributes, n_attributes);
	reader->parent = node;
}

static void end_element(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	Source *self = ((xmlParserCtxt *)context)->_private;
	Reader *reader = self->reader;

	reader->depth--;
	if (self->stopped)
		return;
	if (self->left_out) {
		self->left_out--;
		return;
	}
	if (--self->level == 0 && self->splice)
		return;
	flush_text(reader);
	reader->parent = reader->parent->parent->type == XML_ELEMENT_NODE ? reader->parent->parent : NULL;
}

static void characters(void *context, const xmlChar *text, int length)
{
	Source *self = ((xmlParserCtxt *)context)->_private;

	if (!self->left_out && !self->stopped)
		g_string_append_len(self->reader->text, (const char *)text, length);
}

/* A document type is what entities come from: bombs, and looks into other files. A lab needs none. */
static void document_type(void *context, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
	Source *self = ((xmlParserCtxt *)context)->_private;

	fail(self, start_tag_place(self),
		"a document type (<!DOCTYPE ...>) is not allowed, because it can define entities; remove it");
	stop(self);
}

static void on_error(void *context, LabXmlError error)
{
	Source *self = ((xmlParserCtxt *)context)->_private;
	g_autofree char *message = g_strstrip(g_strdup(error->message ? error->message : "unknown reason"));
	LabPos pos;

	/* Only the first: the parser's later ones are mostly consequences. */
	if (error->level < XML_ERR_ERROR || self->stopped)
		return;
	pos = parser_place(self);
	if (error->code == XML_ERR_TAG_NAME_MISMATCH && error->str1 && error->str2)
		fail(self, pos, "malformed XML: </%s> does not match <%s> in line %d; is </%s> missing?", error->str2,
			error->str1, error->int1, error->str1);
	else if (error->code == XML_ERR_UNDECLARED_ENTITY && error->str1)
		fail(self, pos, "malformed XML: entity \"&%s;\" is not defined; write \"&amp;\" for a plain \"&\"",
			error->str1);
	else if (error->code == XML_ERR_NAME_REQUIRED || error->code == XML_ERR_ENTITYREF_SEMICOL_MISSING)
		fail(self, pos,
			"malformed XML: a name is missing here; "
			"write \"&lt;\" for a plain \"<\" and \"&amp;\" for a plain \"&\"");
	else if (error->code == XML_NS_ERR_UNDEFINED_NAMESPACE)
		fail(self, pos, "malformed XML: %s; declare it, for example xmlns:xi=\"" XINCLUDE_NS "\"", message);
	else if (error->code == XML_ERR_DOCUMENT_EMPTY)
		fail(self, pos, "malformed XML: there is no element here; a lab must start with <lab>");
	else if (error->code == XML_ERR_TAG_NOT_FINISHED)
		fail(self, pos, "malformed XML: the file ends before all elements are closed%s%s%s",
			error->str1 ? "; <" : "", error->str1 ? error->str1 : "", error->str1 ? "> is still open" : "");
	else
		fail(self, pos, "malformed XML: %s", message);
	self->stopped = TRUE;
}

/* Reads a file's events into the tree. @href, @from: as in read_text(). */
static void read_source(
	Reader *reader, const Source *includer, const char *path, const char *href, LabPos from, gboolean splice)
{
	static const xmlSAXHandler handler = {
		.initialized = XML_SAX2_MAGIC,
		.startElementNs = start_element,
		.endElementNs = end_element,
		.characters = characters,
		.cdataBlock = characters,
		.ignorableWhitespace = characters,
		.internalSubset = document_type,
		.serror = on_error,
	};
	Source self = {.reader = reader,
		.includer = includer,
		.path = g_intern_string(path),
		.line = 1,
		.column = 1,
		.splice = splice};
	g_autofree char *text = read_text(reader, path, href, from, &self.length);
	unsigned depth = reader->depth;
	xmlNode *parent = reader->parent;
	gsize crowded;

	if (!text)
		return;
	self.text = text;
	if (lab_scan_attributes(text, self.length, &crowded)) {
		fail(&self, place(&self, crowded), "this element has more than %d attributes", LAB_MAX_ATTRIBUTES);
		return;
	}
	self.parser = xmlNewParserCtxt();
	if (!self.parser)
		g_error("out of memory");
	*self.parser->sax = handler;
	self.parser->_private = &self;
	/* NOENT: without it "&amp;" in an attribute arrives as "&#38;"; there are no entities but the predefined ones,
	 * because document_type() refuses the rest. IGNORE_ENC: the text is known to be UTF-8, whatever it declares. */
	xmlFreeDoc(xmlCtxtReadMemory(self.parser, text, (int)self.length, path, NULL,
		XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_IGNORE_ENC));
	if (!self.parser->wellFormed && !self.stopped)
		fail(&self, parser_place(&self), "malformed XML");
	xmlFreeParserCtxt(self.parser);
	reader->depth = depth;
	reader->parent = parent;
}

/** lab_tree_read() - reads a lab's file, and those that it includes, into one tree
 *  @path: absolute path
 *  @text: what to read instead of the file at @path, or NULL
 *  @folder: of the lab, for what it includes
 *  @touches: gets every file that is read
 *  @diagnostics: gets what is wrong
 *  Returns the tree (the caller owns it), or NULL when a file could not be read or is not well-formed XML. */
LabTree *lab_tree_read(
	const char *path, GBytes *text, const LabFolder *folder, GPtrArray *touches, LabDiagnostics *diagnostics)
{
	g_autoptr(LabTree) tree = g_new0(LabTree, 1);
	Reader reader = {.tree = tree,
		.folder = folder,
		.touches = touches,
		.diagnostics = diagnostics,
		.budget = LAB_MAX_FILE_SIZE,
		.given = text};

	tree->doc = xmlNewDoc(BAD_CAST "1.0");
	tree->places = g_ptr_array_new_with_free_func(g_free);
	tree->dropped = g_ptr_array_new();
	reader.text = g_string_new(NULL);
	read_source(&reader, NULL, path, NULL, (LabPos){0}, FALSE);
	g_string_free(reader.text, TRUE);
	return reader.broken || !xmlDocGetRootElement(tree->doc) ? NULL : g_steal_pointer(&tree);
}

/** lab_tree_free() - the tree and its elements
 *  @self: may be NULL */
void lab_tree_free(LabTree *self)
{
	if (!self)
		return;
	for (guint i = 0; i < self->dropped->len; i++)
		xmlFreeNode(self->dropped->pdata[i]);
	xmlFreeDoc(self->doc);
	g_ptr_array_unref(self->dropped);
	g_ptr_array_unref(self->places);
	g_free(self);
}

/** lab_tree_pos() - the place of an element's start tag. */
LabPos lab_tree_pos(const xmlNode *element)
{
	return *(const LabPos *)element->_private;
}

/** lab_tree_attribute() - the value of an attribute as written, borrowed; NULL when it is not there. */
const char *lab_tree_attribute(const xmlNode *element, const char *name)
{
	const xmlAttr *attribute = xmlHasProp(element, BAD_CAST name);

	if (!attribute)
		return NULL;
	return attribute->children && attribute->children->content ? (const char *)attribute->children->content : "";
}

/** lab_tree_label() - how messages call an element: 'node "r1": interface "eth1"'
 *  @element: any
 *  Returns it; the caller frees it. */
char *lab_tree_label(const xmlNode *element)
{
	static const char *const names[] = {"name", "path", "to", "node", "file", "network"};
	const char *name = NULL;
	g_autofree char *own = NULL, *outer = NULL;

	for (unsigned i = 0; i < G_N_ELEMENTS(names) && !name; i++)
		name = lab_tree_attribute(element, names[i]);
	own = lab_label((const char *)element->name, name);
	if (!element->parent || element->parent->type != XML_ELEMENT_NODE || !element->parent->parent ||
		element->parent->parent->type != XML_ELEMENT_NODE)
		return g_steal_pointer(&own);
	outer = lab_tree_label(element->parent);
	return g_strdup_printf("%s: %s", outer, own);
}
