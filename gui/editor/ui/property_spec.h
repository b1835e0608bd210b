/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which properties things have, and how one sets them. Tables; no code. */
#pragma once

#include <glib.h>

typedef enum {
	PROPERTY_ENTRY,   /* an attribute, typed */
	PROPERTY_CHOICE,  /* an attribute with few values; the first is what holds when it is not written */
	PROPERTY_IMAGE,   /* an image: those that are there, or another */
	PROPERTY_NETWORK, /* the name of a network of the lab, or none */
	PROPERTY_NODE,    /* the name of a node of the lab, or none */
	PROPERTY_NAME,    /* the name: others that refer to it follow */
	PROPERTY_TEXT,    /* what the element holds, several lines */
	PROPERTY_LINE,    /* what the element holds, in one line */
} PropertyKind;

typedef struct {
	PropertyKind kind;
	const char *attribute; /* NULL: the element's text */
	const char *label;     /* marked by N_() */
	const char *hint;      /* what holds when nothing is written, shown grey; or NULL. Marked by N_() */
	const char *const *choices;
	gboolean rare; /* under "More" */
} PropertySpec;

/** Elements in the one whose properties are shown. */
typedef struct PropertySection {
	const char *element; /* "interface" */
	const char *title;   /* "Interfaces"; marked by N_() */
	const char *add;     /* button that adds one; NULL: their number is fixed. Marked by N_() */
	const PropertySpec *properties;
	gboolean single;                     /* there is at most one, shown without its own heading */
	const struct PropertySection *inner; /* elements in each, at least one; or NULL */
} PropertySection;

/** Where a property is: in the subject itself (no section), in an element of a section, in an element in that. */
typedef struct {
	const PropertySection *section;
	guint index;
	const PropertySection *inner;
	guint inner_index;
} PropertyPlace;

typedef struct {
	const char *element;
	const PropertySpec *properties;  /* up to one without label */
	const PropertySection *sections; /* up to one without element */
} PropertyPage;

extern const PropertyPage property_pages[];
extern const PropertySpec property_link_interface[];
const PropertyPage *property_page(const char *element);
