/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The captures in a lab's file: they start before the first frame and end with the lab. */
#pragma once

#include "switch/control/switch_calls.h"
#include "topologies/plan/plan.h"

typedef struct DeclaredCaptures DeclaredCaptures;

/** Opens the files. Fails when one cannot be written, with the place in the lab's file. Caller frees. */
DeclaredCaptures *declared_captures_new(const Plan *plan, GError **error);
/** Starts them all; waits for the switch to answer. Fails when the switch refuses one, as for a wrong filter. */
gboolean declared_captures_start(DeclaredCaptures *self, SwSwitch1 *network_switch, GError **error);
/** The switch reported that a capture ended. FALSE when it is not one of these. */
gboolean declared_captures_ended(
	DeclaredCaptures *self, guint id, guint64 captured, guint64 dropped, const char *reason);
/** Adds to builder, of aa{sv}, what GetCaptures of org.netlab.Lab1 reports about them; counts: a(utt), as the switch has
 *  them. */
void declared_captures_facts(const DeclaredCaptures *self, GVariant *counts, GVariantBuilder *builder);
/** Waits until everything is written; call it when the switch has ended. */
void declared_captures_free(DeclaredCaptures *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DeclaredCaptures, declared_captures_free)

/** The counts of a capture in a(utt); 0 when it is not there. */
void capture_counts(GVariant *counts, guint id, guint64 *captured, guint64 *dropped);
