/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What resolve.c and resolve_networks.c share. Nothing else includes this header. */
#pragma once

#include "topologies/check/check.h"

typedef struct {
	Lab *lab;
	GHashTable *cables;  /* set of the names of networks and links */
	GHashTable *numbers; /* default name of links (owned) -> how many links have tried it */
	GHashTable *dropped;
	LabDiagnostics *diagnostics;
} Resolver;

/** The names of all elements of ARRAY, as the last two arguments of resolver_missing(). */
#define NAMES_OF(array, Type) (array), G_STRUCT_OFFSET(Type, name)
void resolver_missing(Resolver *self, LabPos pos, const char *label, const char *verb, const char *kind,
	const char *name, const GPtrArray *elements, gsize offset);
LabNetwork *resolver_network(Resolver *self, LabPos pos, const char *label, const char *name);

/* resolve_networks.c */
void resolve_network_ends(Resolver *self, LabPendingEnd *a, LabPendingEnd *b);
void resolve_networks(Resolver *self);
