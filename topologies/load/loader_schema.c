/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks the tree against lab.xsd. libxml2 finds the errors; the messages are made here from the tree and the schema,
 * because those of libxml2 read "Element '{urn:netlab:lab:1}nod': This element is not expected."
 *
 * After an unexpected child, libxml2 ignores the rest of its parent. So such a child is removed and the tree is checked
 * again, until there is nothing left to remove: one run reports all errors. */
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <string.h>

#include "topologies/load/loader.h"

#define XSD_NS "http://www.w3.org/2001/XMLSchema"
/* Bounds the time that a hostile file takes. */
#define MAX_ROUNDS 50

typedef struct {
	LabTree *tree;
	xmlDoc *schema;
	LabFindings *findings;
	LabDiagnostics *diagnostics;
	GPtrArray *unexpected; /* of xmlNode, in this round */
	GHashTable *bereft;    /* set of xmlNode that had children removed: what they lack is not reported */
	GHashTable *
		explained; /* set of xmlNode whose attributes were explained: libxml2 reports each one, in each round */
} Judge;

static gboolean is_xsd(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && !strcmp((const char *)node->name, name);
}

/* The attributeGroup that a reference names. */
static const xmlNode *find_group(const xmlNode *reference)
{
	const xmlNode *root = xmlDocGetRootElement(reference->doc);

	for (const xmlNode *child = root->children; child; child = child->next)
		if (is_xsd(child, "attributeGroup") &&
			!g_strcmp0(lab_tree_attribute(child, "name"), lab_tree_attribute(reference, "ref")))
			return child;
	return NULL;
}

/* Appends the declarations called KIND ("element", "attribute") below NODE, without going into nested elements. */
static void declarations(const xmlNode *node, const char *kind, GPtrArray *found)
{
	for (xmlNode *child = node->children; child; child = child->next) {
		const xmlNode *group =
			is_xsd(child, "attributeGroup") && lab_tree_attribute(child, "ref") ? find_group(child) : NULL;

		if (is_xsd(child, kind))
			g_ptr_array_add(found, child);
		else if (group)
			declarations(group, kind, found);
		else if (child->type == XML_ELEMENT_NODE && !is_xsd(child, "element"))
			declarations(child, kind, found);
	}
}

/* The schema's declarations of KIND for ELEMENT: its children or its attributes. */
static GPtrArray *declared(const Judge *self, const xmlNode *element, const char *kind)
{
	const xmlNode *declaration = NULL;
	GPtrArray *found = g_ptr_array_new();

	if (!element || element->type != XML_ELEMENT_NODE) {
		declarations(xmlDocGetRootElement(self->schema), kind, found);
		return found;
	} else {
		g_autoptr(GPtrArray) siblings = declared(self, element->parent, "element");

		for (guint i = 0; i < siblings->len && !declaration; i++)
			if (!g_strcmp0(lab_tree_attribute(siblings->pdata[i], "name"), (const char *)element->name))
				declaration = siblings->pdata[i];
	}
	if (declaration)
		declarations(declaration, kind, found);
	return found;
}

/* The names of DECLARATIONS, borrowed, NULL-terminated; the caller frees the array. */
static const char **names_of(const GPtrArray *declarations)
{
	const char **names = g_new0(const char *, declarations->len + 1);

	for (guint i = 0; i < declarations->len; i++)
		names[i] = lab_tree_attribute(declarations->pdata[i], "name");
	return names;
}

/* "; expected A, B or C; did you mean B?" with each name between OPEN and CLOSE. */
static char *expected(
	const Judge *self, const char *word, const char *const *names, const char *open, const char *close)
{
	const char *nearest = lab_diagnostics_are_many(self->diagnostics) ? NULL : lab_nearest(word, names);
	g_autoptr(GString) out = g_string_new(NULL);

	for (unsigned i = 0; names[i]; i++)
		g_string_append_printf(out, "%s%s%s%s",
			!i                     ? "; expected "
				: names[i + 1] ? ", "
					       : " or ",
			open, names[i], close);
	if (nearest)
		g_string_append_printf(out, "; did you mean %s%s%s?", open, nearest, close);
	return g_string_free(g_steal_pointer(&out), FALSE);
}

static void report(Judge *self, const xmlNode *element, const char *format, ...) G_GNUC_PRINTF(3, 4);

static void report(Judge *self, const xmlNode *element, const char *format, ...)
{
	g_autofree char *message = NULL;
	va_list args;

	va_start(args, format);
	message = g_strdup_vprintf(format, args);
	va_end(args);
	lab_diagnostics_add(self->diagnostics, LAB_ERROR, lab_tree_pos(element), "%s", message);
	self->findings->incomplete = TRUE;
}

static unsigned count_children(const xmlNode *element, const char *name)
{
	unsigned count = 0;

	for (const xmlNode *child = element->children; child; child = child->next)
		count += child->type == XML_ELEMENT_NODE && !strcmp((const char *)child->name, name);
	return count;
}

static void explain_unexpected(Judge *self, const xmlNode *element, const GPtrArray *allowed, const char *const *names)
{
	const xmlNode *parent = element->parent;
	const char *name = (const char *)element->name;
	g_autofree char *hint = expected(self, name, names, "<", ">"), *label = lab_tree_label(parent);

	for (guint i = 0; i < allowed->len; i++) {
		if (strcmp(names[i], name) != 0)
			continue;
		/* It is allowed here, but not so often. */
		report(self, element, "%s has %u <%s>; the maximum is %s", label, count_children(parent, name), name,
			lab_tree_attribute(allowed->pdata[i], "maxOccurs") ?: "1");
		return;
	}
	report(self, element, "element <%s> is not allowed in <%s>%s%s", name, (const char *)parent->name, hint,
		strcmp(name, "lab")
			? ""
			: "; to include the contents of a lab, add xpointer=\"xpointer(/*/*)\" to the include");
}

static void explain_missing_children(Judge *self, const xmlNode *element)
{
	g_autoptr(GPtrArray) allowed = declared(self, element, "element");
	g_autofree char *label = lab_tree_label(element);

	for (guint i = 0; i < allowed->len && !g_hash_table_contains(self->bereft, element); i++) {
		const char *name = lab_tree_attribute(allowed->pdata[i], "name");
		const char *min = lab_tree_attribute(allowed->pdata[i], "minOccurs") ?: "0";
		unsigned count = count_children(element, name);

		if (count < g_ascii_strtoull(min, NULL, 10))
			report(self, element, "%s has %u <%s>; the minimum is %s", label, count, name, min);
	}
}

static void explain_attributes(Judge *self, const xmlNode *element)
{
	if (!g_hash_table_add(self->explained, (xmlNode *)element))
		return;
	g_autoptr(GPtrArray) allowed = declared(self, element, "attribute");
	g_autofree const char **names = names_of(allowed);
	g_autofree char *label = lab_tree_label(element);
	gboolean unknown = FALSE;

	for (const xmlAttr *attribute = element->properties; attribute; attribute = attribute->next) {
		g_autofree char *hint = NULL;

		if (g_strv_contains(names, (const char *)attribute->name))
			continue;
		unknown = TRUE;
		g_hash_table_add(self->findings->strange, (xmlNode *)element);
		hint = expected(self, (const char *)attribute->name, names, "\"", "\"");
		report(self, element, "%s: attribute \"%s\" is not allowed%s", label, (const char *)attribute->name,
			hint);
	}
	for (guint i = 0; i < allowed->len; i++) {
		gboolean required = !g_strcmp0(lab_tree_attribute(allowed->pdata[i], "use"), "required");
		gboolean misspelt = FALSE;

		if (!required || lab_tree_attribute(element, names[i]))
			continue;
		/* <node nam="r1">: the unknown attribute is this one, misspelt; say so once. */
		for (const xmlAttr *a = element->properties; a && unknown && !misspelt; a = a->next)
			misspelt |= lab_nearest((const char *)a->name, names) == names[i];
		if (!misspelt)
			report(self, element, "%s: attribute \"%s\" is missing", label, names[i]);
	}
}

static gboolean has_element_child(const xmlNode *element)
{
	return xmlFirstElementChild((xmlNode *)element) != NULL;
}

static void on_error(void *data, LabXmlError error)
{
	Judge *self = data;
	xmlNode *node = error->node, *element = node;

	if (error->level < XML_ERR_ERROR || !node)
		return;
	if (node->type == XML_ATTRIBUTE_NODE)
		element = node->parent;
	if (element->type != XML_ELEMENT_NODE)
		return;
	switch (error->code) {
	case XML_SCHEMAV_CVC_ELT_1: {
		g_autofree char *hint =
			expected(self, (const char *)element->name, (const char *const[]){"lab", NULL}, "<", ">");

		report(self, element, "element <%s> cannot be the root element%s", (const char *)element->name, hint);
		return;
	}
	case XML_SCHEMAV_ELEMENT_CONTENT: {
		g_autoptr(GPtrArray) children = declared(self, element, "element");
		gboolean lacks = FALSE;

		/* One code for two things: the parent that lacks children, or the child that is not expected. */
		for (guint i = 0; i < children->len; i++)
			lacks |= g_ascii_strtoull(lab_tree_attribute(children->pdata[i], "minOccurs") ?: "0", NULL,
					 10) > count_children(element, lab_tree_attribute(children->pdata[i], "name"));
		if (lacks && strstr(error->message ? error->message : "", "Missing child"))
			explain_missing_children(self, element);
		else
			g_ptr_array_add(self->unexpected, element);
		return;
	}
	case XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_1:
	case XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_2:
	case XML_SCHEMAV_CVC_COMPLEX_TYPE_4:
		explain_attributes(self, element);
		return;
	case XML_SCHEMAV_CVC_COMPLEX_TYPE_2_1:
	case XML_SCHEMAV_CVC_COMPLEX_TYPE_2_2:
	case XML_SCHEMAV_CVC_COMPLEX_TYPE_2_3:
	case XML_SCHEMAV_CVC_TYPE_3_1_2: {
		g_autofree char *label = lab_tree_label(element);
		g_autoptr(GPtrArray) children = declared(self, element, "element");

		if (!has_element_child(element) || children->len) {
			report(self, element, "%s: text is not allowed in <%s>", label, (const char *)element->name);
			return;
		}
		/* Text-only or empty: its children are what is wrong. */
		for (xmlNode *child = xmlFirstElementChild(element); child; child = xmlNextElementSibling(child))
			g_ptr_array_add(self->unexpected, child);
		return;
	}
	default: {
		/* A value: the loader reads it and has better messages. libxml2 names the attribute only in its text. */
		const char *start = strstr(error->message ? error->message : "", "attribute '");
		g_auto(GStrv) parts = start ? g_strsplit(start, "'", 3) : NULL;

		g_hash_table_add(self->findings->values, lab_value_key(element, parts && parts[1] ? parts[1] : ""));
	}
	}
}

static void collect_names(const xmlNode *element, GHashTable *names)
{
	const char *name = lab_tree_attribute(element, "name");

	if (name)
		g_hash_table_add(names, g_strdup(name));
	for (xmlNode *child = element->children; child; child = child->next)
		if (child->type == XML_ELEMENT_NODE)
			collect_names(child, names);
}

static void drop(Judge *self, xmlNode *element)
{
	g_hash_table_add(self->bereft, element->parent);
	collect_names(element, self->findings->names);
	xmlUnlinkNode(element);
	g_ptr_array_add(self->tree->dropped, element);
}

/* Takes the unexpected elements out of the tree, and those of their later siblings that would come next. */
static void drop_unexpected(Judge *self)
{
	for (guint i = 0; i < self->unexpected->len; i++) {
		xmlNode *element = self->unexpected->pdata[i], *next;
		const char *name = (const char *)element->name;
		g_autoptr(GPtrArray) allowed = NULL;
		g_autofree const char **names = NULL;
		gboolean too_many;

		if (!element->parent)
			continue; /* gone already */
		allowed = declared(self, element->parent, "element");
		names = names_of(allowed);
		too_many = g_strv_contains(names, name);
		explain_unexpected(self, element, allowed, names);
		for (xmlNode *sibling = xmlNextElementSibling(element); sibling; sibling = next) {
			gboolean known = g_strv_contains(names, (const char *)sibling->name);

			next = xmlNextElementSibling(sibling);
			if (!known)
				explain_unexpected(self, sibling, allowed, names);
			if (!known || (too_many && !strcmp((const char *)sibling->name, name)))
				drop(self, sibling);
		}
		drop(self, element);
	}
}

static void ignore(void *data, LabXmlError error)
{
}

/** lab_schema_check() - checks a tree against the schema; reports and takes out what may not be there
 *  @tree: changed: elements that are not allowed are moved to tree->dropped
 *  @schema: path of lab.xsd
 *  @findings: gets what the loader should know
 *  @diagnostics: gets what is wrong
 *  Returns FALSE when the tree is not a lab at all, or the schema cannot be read. */
gboolean lab_schema_check(LabTree *tree, const char *schema, LabFindings *findings, LabDiagnostics *diagnostics)
{
	g_autoptr(GPtrArray) unexpected = g_ptr_array_new();
	g_autoptr(GHashTable) bereft = g_hash_table_new(NULL, NULL), explained = g_hash_table_new(NULL, NULL);
	Judge self = {.tree = tree,
		.findings = findings,
		.diagnostics = diagnostics,
		.unexpected = unexpected,
		.bereft = bereft,
		.explained = explained};
	xmlSchemaParserCtxt *parser = NULL;
	xmlSchemaValidCtxt *validator = NULL;
	xmlSchema *compiled = NULL;
	xmlNode *root = xmlDocGetRootElement(tree->doc);

	self.schema = xmlReadFile(schema, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	if (self.schema)
		parser = xmlSchemaNewDocParserCtxt(self.schema);
	if (parser) {
		xmlSchemaSetParserStructuredErrors(parser, ignore, NULL);
		compiled = xmlSchemaParse(parser);
	}
	if (compiled)
		validator = xmlSchemaNewValidCtxt(compiled);
	if (validator) {
		xmlSchemaSetValidStructuredErrors(validator, on_error, &self);
		for (unsigned round = 0; round < MAX_ROUNDS; round++) {
			g_ptr_array_set_size(unexpected, 0);
			xmlSchemaValidateDoc(validator, tree->doc);
			if (!unexpected->len || lab_diagnostics_are_many(diagnostics))
				break;
			drop_unexpected(&self);
		}
	} else {
		lab_diagnostics_add(diagnostics, LAB_ERROR, (LabPos){g_intern_string(schema), 0, 0},
			"cannot read this schema; the installation of netlab is incomplete, so install netlab again");
	}
	xmlSchemaFreeValidCtxt(validator);
	xmlSchemaFree(compiled);
	xmlSchemaFreeParserCtxt(parser);
	xmlFreeDoc(self.schema);
	return validator != NULL && !strcmp((const char *)root->name, "lab");
}

/** lab_findings_new() - no findings; the caller owns them. */
LabFindings *lab_findings_new(void)
{
	LabFindings *self = g_new0(LabFindings, 1);

	self->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	self->values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	self->strange = g_hash_table_new(NULL, NULL);
	return self;
}

/** lab_findings_free() - findings
 *  @self: may be NULL */
void lab_findings_free(LabFindings *self)
{
	if (!self)
		return;
	g_hash_table_unref(self->names);
	g_hash_table_unref(self->values);
	g_hash_table_unref(self->strange);
	g_free(self);
}

/** lab_value_key() - the key of an attribute in LabFindings.values; the caller frees it. */
char *lab_value_key(const xmlNode *element, const char *attribute)
{
	return g_strdup_printf("%p@%s", (const void *)element, attribute);
}
