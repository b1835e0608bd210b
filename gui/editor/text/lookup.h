/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is what in a lab's markup: elements by name, and who refers to whom. */
#pragma once

#include "gui/editor/text/markup.h"
#include "topologies/model/model.h"

/** Something that is drawn. Links also stand for what an interface of a node has on a network: "NODE:INTERFACE". */
typedef enum { ITEM_NODE, ITEM_NETWORK, ITEM_UPLINK, ITEM_LINK } ItemKind;

typedef struct {
	ItemKind kind;
	const char *name; /* borrowed */
} Item;

MarkupElement *lookup(const Markup *markup, ItemKind kind, const char *name);
char *lookup_link_name(const Markup *markup, const MarkupElement *link);
char *lookup_uplink_name(const Markup *markup, const MarkupElement *uplink);
GPtrArray *lookup_interfaces(const Markup *markup, const char *node);
gboolean lookup_is_router(const MarkupElement *node);
