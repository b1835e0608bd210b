/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The captures that a lab's file asks for: begun before the first frame, ended with the lab. */
#pragma once

#include "switch/control/client.h"
#include "topologies/plan/plan.h"

typedef struct DeclaredCaptures DeclaredCaptures;

/** Opens the files. Fails when one cannot be written, with the place in the lab's file. Caller frees. */
DeclaredCaptures *declared_captures_new(const Plan *plan, GError **error);
/** Starts them all; waits for the switch to answer. Fails when the switch refuses one, as for a wrong filter. */
gboolean declared_captures_start(DeclaredCaptures *self, SwSwitch1 *network_switch, GError **error);
/** The switch says that a capture ended. FALSE when it is none of these. */
gboolean declared_captures_ended(
	DeclaredCaptures *self, guint id, guint64 captured, guint64 dropped, const char *reason);
/** Adds to builder, of aa{sv}, what GetCaptures of org.netlab.Lab1 tells of them; counts: a(utt), as the switch has
 *  them. */
void declared_captures_facts(const DeclaredCaptures *self, GVariant *counts, GVariantBuilder *builder);
/** Waits until all is written; to be called once the switch is gone. */
void declared_captures_free(DeclaredCaptures *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DeclaredCaptures, declared_captures_free)

/** The counts of a capture in a(utt); 0 when it is not there. */
void capture_counts(GVariant *counts, guint id, guint64 *captured, guint64 *dropped);
