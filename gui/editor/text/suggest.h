/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names, addresses and subnets that are free in a lab's markup, for what is drawn. */
#pragma once

#include "gui/editor/text/lookup.h"

char *suggest_name(const Markup *markup, ItemKind kind, const char *base);
char *suggest_interface(const Markup *markup, const char *node);
char *suggest_addresses(const Markup *markup, const char *network, gboolean router);
char *suggest_bridged_addresses(const Markup *markup, const char *bridge, gboolean router);
void suggest_link_addresses(const Markup *markup, char *addresses[2]);
char *suggest_subnet(const Markup *markup, unsigned prefix, const GPtrArray *more);
char *suggest_gateway(const Markup *markup, const char *network);
GHashTable *lookup_group(const Markup *markup, const char *network);
GPtrArray *lookup_addresses(const Markup *markup, GHashTable *networks);
