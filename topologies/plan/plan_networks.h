/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The half of a plan that is the switch's: networks, cables, uplinks, captures. For plan.c alone. */
#pragma once

#include "topologies/plan/plan.h"

/** Name of the port of an interface, "NODE:IFACE"; caller frees. */
char *plan_port_name(const LabInterface *interface);
/** Fills in networks, cables, uplinks and captures. Fails (G_IO_ERROR_INVALID_ARGUMENT) on a socket path that is too long. */
gboolean plan_networks(Plan *plan, GError **error);
void plan_networks_free(Plan *plan);
/** Whether a path fits a socket's address. @way_out: what to change, ends the message. */
gboolean plan_check_socket_path(const char *what, const char *path, const char *way_out, GError **error);
