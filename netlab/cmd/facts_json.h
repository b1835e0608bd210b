/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The facts of a running lab as JSON: what "netlab status --json" and its like print. */
#pragma once

#include <json-glib/json-glib.h>

#include "netlab/client/lab_facts.h"
#include "netlab/client/lab_networks.h"
#include "netlab/client/lab_sockets.h"

/** Writes counters by port (or NULL) as the JSON object member of this name. */
void lab_counters_to_json(JsonBuilder *json, const char *member, GVariant *counters);
/** Writes facts as the JSON array member of this name, an object each, whose members add() writes. */
typedef void (*FactToJson)(JsonBuilder *json, gconstpointer fact);
void facts_to_json(JsonBuilder *json, const char *member, const GPtrArray *facts, FactToJson add);
/** Writes nodes, links, uplinks or sockets as a JSON array member of that name. */
void lab_nodes_to_json(JsonBuilder *json, const GPtrArray *nodes);
void lab_links_to_json(JsonBuilder *json, const GPtrArray *links);
void lab_uplinks_to_json(JsonBuilder *json, const GPtrArray *uplinks);
void lab_sockets_to_json(JsonBuilder *json, const GPtrArray *sockets);
/** Writes a network and its stations (of StationFacts) as a JSON object. */
void lab_network_to_json(JsonBuilder *json, const NetworkFacts *network, const GPtrArray *stations);
