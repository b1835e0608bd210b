/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of `netlab switch set`: attributes of networks and of their ports, named and written as in a lab's XML. */
#pragma once

#include "topologies/model/model.h"

/** Names of the settings; NULL-terminated. */
extern const char *const lab_network_setting_names[];
extern const char *const lab_port_setting_names[];

/** Reads what a network is to be: a{ss}, all that can be changed of one that runs: its priority. Fails
 *  (G_IO_ERROR_INVALID_ARGUMENT) with a message that names what is wrong. */
gboolean lab_network_setting_read(GVariant *attributes, unsigned *priority, GError **error);
/** Reads what a port of a network is to be: a{ss}, vlan, or trunk and native. Fails in the same way. */
gboolean lab_port_setting_read(GVariant *attributes, LabPortVlan *vlan, GError **error);
