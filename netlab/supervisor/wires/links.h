/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the cables of a running lab do to frames: as the plan has it, until it is changed. Knows no switch. */
#pragma once

#include "topologies/plan/plan.h"

typedef struct Links Links;

/** What a change starts from. */
typedef enum {
	LINK_AS_IT_IS,
	LINK_AS_DECLARED, /* in the lab's file */
	LINK_PERFECT,
} LinkBase;

/** plan is borrowed. Caller frees. */
Links *links_new(const Plan *plan);
void links_free(Links *self);

/** The cable that a link's name or a "NODE:IFACE" means; borrowed. NULL and error (G_IO_ERROR_NOT_FOUND) with the nearest
 *  name when there is none. */
const PlanCable *links_find(const Links *self, const char *where, GError **error);
/** Changes a cable.
 *  @from: the node, interface or network at the end that the direction comes from; empty: both directions
 *  @attributes: a{ss}, names and values of topologies/model/link_settings.h
 *  FALSE and error (G_IO_ERROR_INVALID_ARGUMENT, _NOT_FOUND), and nothing has changed, when one is wrong. */
gboolean links_change(
	Links *self, const PlanCable *cable, const char *from, LinkBase base, GVariant *attributes, GError **error);
/** What happens to frames that come from that end (0 or 1); borrowed. */
const LinkSettings *links_impairment(const Links *self, const PlanCable *cable, unsigned from);
/** Whether the cable is unplugged: one direction that is down takes the carrier from both ends. */
gboolean links_is_down(const Links *self, const PlanCable *cable);
/** The end's name: of its port or its network. */
static inline const char *links_end_name(const PlanCable *cable, unsigned end)
{
	return cable->ends[end].port ? cable->ends[end].port : cable->ends[end].network;
}

/** What the switch's SetImpairment wants (a{sv}), floating. A queue that nobody has sized holds
 *  LINK_QUEUE_FRAMES of the cable's longest frames. */
GVariant *links_settings(const Plan *plan, const PlanCable *cable, const LinkSettings *impairment);
