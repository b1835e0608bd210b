/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is what in a lab's markup: elements by name, who refers to whom, names and addresses that are free. */
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

char *suggest_name(const Markup *markup, ItemKind kind, const char *base);
char *suggest_interface(const Markup *markup, const char *node);
char *suggest_addresses(const Markup *markup, const char *network, gboolean router);
char *suggest_bridged_addresses(const Markup *markup, const char *bridge, gboolean router);
void suggest_link_addresses(const Markup *markup, char *addresses[2]);
char *suggest_subnet(const Markup *markup, unsigned prefix, const GPtrArray *more);
char *suggest_gateway(const Markup *markup, const char *network);
GHashTable *lookup_group(const Markup *markup, const char *network);
GPtrArray *lookup_addresses(const Markup *markup, GHashTable *networks);
gboolean lookup_is_router(const MarkupElement *node);
