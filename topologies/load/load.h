/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first pass: a lab's XML becomes a draft, a model whose names are still names. Programs call lab_read()
 * (topology.h). */
#pragma once

#include "topologies/model/diagnostics.h"
#include "topologies/model/elements.h"

/** An <end> as written: an interface that has yet to find its node, or a network's name. */
typedef struct {
	LabLink *link;
	unsigned index;          /* in link->ends */
	char *node_name;         /* NULL when it is a network, or the attribute is missing (reported already) */
	char *network_name;      /* NULL when it is a node's */
	LabInterface *interface; /* owned until a node takes it; freed when the node declares one of this name itself */
	gboolean has_settings;   /* address, mac, mtu or offload were written */
} LabPendingEnd;

/** What the loader hands to lab_resolve() (check.h). */
typedef struct {
	Lab *lab;
	GPtrArray *ends;     /* of LabPendingEnd, two for each link */
	GHashTable *dropped; /* set of names of elements that were left out because of their own errors: nobody
			      * complains that they are missing */
} LabDraft;

/** Reads FILE, or TEXT in its place where that is not NULL, into a model without defaults. Everything wrong goes to
 *  DIAGNOSTICS; elements that could not be understood are left out. A TEXT is being written: that it has no node yet is
 *  a warning. TRUSTED: its paths may leave its folder. The caller owns the draft; NULL when there is no tree to read at all
 *  (unreadable, malformed). */
LabDraft *lab_load(const char *file, GBytes *text, gboolean trusted, const char *schema, LabDiagnostics *diagnostics);
void lab_draft_free(LabDraft *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LabDraft, lab_draft_free)
