/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which interfaces of a segment have a neighbour in their subnets. Only for the warnings. */
#pragma once

#include "topologies/model/model.h"

typedef struct Subnets Subnets;

/** The addresses of FAMILY that MEMBERS (LabInterface, borrowed) have. They must outlive the result. */
Subnets *subnets_new(const GPtrArray *members, GSocketFamily family);
void subnets_free(Subnets *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Subnets, subnets_free)
/** Whether any address of the interface is in a subnet of another member, or the other way round. Addresses without a subnet
 *  (/32, /128) fit all. */
gboolean subnets_has_neighbour(const Subnets *self, const LabInterface *interface);
