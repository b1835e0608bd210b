/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What warnings.c and warnings_*.c share. Nothing else includes this header. */
#pragma once

#include "topologies/check/segments.h"

typedef struct {
	const Lab *lab;
	Segments *segments;
	GHashTable *gateways; /* set of LabNode that have been warned about */
	LabDiagnostics *diagnostics;
} Warner;

void warn_at(Warner *self, LabPos pos, const char *format, ...) G_GNUC_PRINTF(3, 4);
/** Whether the node's commands or files contain WORD: then the node may do what the lab file does not say. */
gboolean warner_mentions(const LabNode *node, const char *word);

/* warnings_links.c: links, networks and loops of them. */
void warn_of_links(Warner *self);
/* warnings_uplinks.c */
void warn_of_uplinks(Warner *self);
