/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes of a running lab's links, one after the other: each starts from what the switch says is in force, is sent to it as
 * a whole, and counts once the switch has answered. So two changes at a time both hold, and one that the switch refuses
 * leaves everything as it was. */
#pragma once

#include "netlab/supervisor/wires/links.h"
#include "switch/control/switch_calls.h"

typedef struct LinkChanges LinkChanges;

typedef struct {
	const PlanCable *cable;
	const char *from; /* as for links_change(), as are base and attributes */
	LinkBase base;
	GVariant *attributes;
} LinkChange;

/** The switch has answered; error is borrowed, NULL: it is in force. speed: in Mbit/s, what the cards at both ends are to say
 *  from now on; 0: as before. */
typedef void (*LinkChangeDone)(const GError *error, unsigned speed, gpointer data);

/** plan is borrowed. Caller frees. */
LinkChanges *link_changes_new(const Plan *plan);
/** What still waits fails. */
void link_changes_free(LinkChanges *self);
/** Takes a change on: copies it, but for its cable; done is called once, later. */
void link_changes_add(
	LinkChanges *self, SwSwitch1 *network_switch, const LinkChange *change, LinkChangeDone done, gpointer data);

/** Sends SetLink: all that can be set of a cable. */
void link_changes_send(SwSwitch1 *network_switch, const Plan *plan, const PlanCable *cable,
	const LinkSettings settings[2], GAsyncReadyCallback answered, gpointer data);
