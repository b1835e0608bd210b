/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The elements of a lab's text, and where each one is in it.
 *
 * Not the model: markup knows bytes, so that an editor can change some and leave the others as they are. Free of GTK;
 * the one file of the viewer that sees libxml2. */
#pragma once

#include <glib.h>

/** Bytes of the text, end exclusive. */
typedef struct {
	gsize start, end;
} MarkupRange;

typedef struct {
	char *name;                     /* with its prefix: "xml:id" */
	char *value;                    /* entities resolved */
	MarkupRange range, value_range; /* name="value"; value, between its quotes */
} MarkupAttribute;

typedef struct MarkupElement MarkupElement;
struct MarkupElement {
	char *name;            /* "node"; with its prefix where it is foreign: "xi:include" */
	char *text;            /* its own characters, entities resolved */
	MarkupElement *parent; /* borrowed; NULL: the root */
	GPtrArray *attributes; /* of MarkupAttribute */
	GPtrArray *children;   /* of MarkupElement */
	MarkupRange open;      /* start tag */
	MarkupRange close;     /* end tag; empty, at open.end, where the element is written <a/> */
	gboolean has_comment;  /* it contains a comment or the like */
};

typedef struct {
	char *text;
	gsize length;
	MarkupElement *root;
} Markup;

Markup *markup_parse(const char *text);
void markup_free(Markup *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Markup, markup_free)

const MarkupAttribute *markup_attribute(const MarkupElement *element, const char *name);
const char *markup_get(const MarkupElement *element, const char *name);
char *markup_block(const MarkupElement *element);
MarkupElement *markup_child(const MarkupElement *parent, const char *name, const char *attribute, const char *value);
MarkupElement *markup_at_line(const Markup *self, int line);
int markup_line(const Markup *self, const MarkupElement *element);
GString *markup_escape(const char *text, gboolean in_attribute);
void markup_append_attribute(GString *out, const char *name, const char *value);
