/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The links of a running lab: found by name, changed, and reported. What is in force is what the switch says (GetCables of
 * org.netlab.Switch1); nothing of it is kept here. */
#pragma once

#include "topologies/plan/plan.h"

/** What a change starts from. */
typedef enum {
	LINK_AS_IT_IS,
	LINK_AS_DECLARED, /* in the lab's file */
	LINK_PERFECT,
} LinkBase;

/** The cable that a link's name or a "NODE:IFACE" means; borrowed. NULL and error (G_IO_ERROR_NOT_FOUND) with the nearest
 *  name when there is none. */
const PlanCable *links_find(const Plan *plan, const char *where, GError **error);
/** Changes settings, of one direction or of both.
 *  @settings: by the end (0 or 1) that frames come from; as they are now, and changed where this succeeds
 *  @from: the node, interface or network at the end that the direction comes from; empty: both directions
 *  @attributes: a{ss}, names and values of topologies/model/link_settings.h
 *  FALSE and error (G_IO_ERROR_INVALID_ARGUMENT), and nothing has changed, when one is wrong. */
gboolean links_change(const PlanCable *cable, LinkSettings settings[2], const char *from, LinkBase base,
	GVariant *attributes, GError **error);
/** What is in force.
 *  @cables: what GetCables answered; NULL: the switch is gone
 *  FALSE when the switch does not know the cable: then nothing is. */
gboolean links_in_force(GVariant *cables, const PlanCable *cable, LinkSettings settings[2]);
/** Adds what the switch says of a cable to the facts of GetLinks: down, impairment, carrier and wire. */
void links_report(GVariantDict *facts, GVariant *cables, const PlanCable *cable);
/** The end's name: of its port or its network. */
static inline const char *links_end_name(const PlanCable *cable, unsigned end)
{
	return cable->ends[end].port ? cable->ends[end].port : cable->ends[end].network;
}
/** The speed in Mbit/s that the cards at both ends see: of the slower direction. */
unsigned links_speed(const LinkSettings settings[2]);
/** Bytes of the longest frame that the cable carries. */
guint32 links_longest_frame(const Plan *plan, const PlanCable *cable);
