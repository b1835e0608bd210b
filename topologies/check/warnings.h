/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What warnings.c and warnings_*.c share. Nothing else includes this header. */
#pragma once

#include "topologies/check/segments.h"

typedef struct {
	const Lab *lab;
	Segments *segments;
	GHashTable *gateways;    /* set of LabNode that have been warned about */
	GHashTable *forwards[2]; /* of IPv4, IPv6: LabNode -> whether it may forward packets, where that was asked */
	gsize effort; /* what may still be spent on comparing pairs and searching texts; see warner_may_spend() */
	LabDiagnostics *diagnostics;
} Warner;

void warn_at(Warner *self, LabPos pos, const char *format, ...) G_GNUC_PRINTF(3, 4);
/** Takes STEPS (comparisons, or some bytes of text each) from what the warnings of a lab may cost. FALSE when that is used up:
 *  then say nothing, because it is not certain. Only labs that were made for it get there. */
gboolean warner_may_spend(Warner *self, gsize steps);
/** Whether the node's commands or files contain WORD: then the node may do what the lab file does not say. */
gboolean warner_mentions(Warner *self, const LabNode *node, const char *word);

/* warnings_links.c: links, networks and loops of them. */
void warn_of_links(Warner *self);
/* warnings_uplinks.c */
void warn_of_uplinks(Warner *self);
