/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The written form of values: units, names, addresses. No XML here.
 *
 * Each reader takes the text as written and fails (G_IO_ERROR_INVALID_ARGUMENT) with a message that starts with the
 * text in quotes, so that a caller can put its place in front of it: memory "64" has no unit; write "64M". */
#pragma once

#include "topologies/model/model.h"

#define LAB_MEMORY_MIN (24ull << 20) /* below it the guest kernel panics before init */
#define LAB_MEMORY_MAX (64ull << 30)

typedef enum {
	LAB_NAME_LAB,       /* also a folder: letters, digits, '.', '_', '-', at most 40 */
	LAB_NAME_NODE,      /* also a host name label (RFC 1123): letters, digits, '-', at most 63; no number */
	LAB_NAME_CABLE,     /* networks and links: letters, digits, '.', '_', '-', at most 63 */
	LAB_NAME_INTERFACE, /* what dev_valid_name() in Linux accepts and a shell needs not quote; at most 15 */
	LAB_NAME_IMAGE,     /* also a folder; at most 63 */
} LabNameRule;

gboolean value_name(const char *text, LabNameRule rule, GError **error);
gboolean value_choice(const char *text, const char *const *names, unsigned *index, GError **error);
gboolean value_size(const char *text, guint64 min, guint64 max, guint64 *bytes, GError **error);
gboolean value_duration(const char *text, unsigned min_ms, unsigned max_ms, unsigned *ms, GError **error);
gboolean value_number(const char *text, unsigned min, unsigned max, unsigned *number, GError **error);
gboolean value_mode(const char *text, unsigned *mode, GError **error);
gboolean value_mac(const char *text, guint8 mac[6], GError **error);
gboolean value_guest_path(const char *text, GError **error);
gboolean value_sysctl_name(const char *text, GError **error);
LabAddress *value_interface_address(const char *text, GError **error);
LabAddress *value_destination(const char *text, GError **error);
GInetAddress *value_gateway(const char *text, GError **error);
char *value_block(const char *text);

/* values_networks.c */
gboolean value_vlan(const char *text, guint16 *vlan, GError **error);
gboolean value_vlans(const char *text, guint64 vlans[64], GError **error);
gboolean value_priority(const char *text, unsigned *priority, GError **error);
gboolean value_host(const char *text, LabHostKind *kind, char **name, GError **error);
gboolean value_endpoint(const char *text, GInetAddress **address, guint16 *port, GError **error);
gboolean value_ring(const char *text, guint64 *size, unsigned *files, GError **error);
gboolean value_seed(const char *text, guint64 *seed, GError **error);
gboolean value_history(const char *text, guint64 *bytes, GError **error);

void lab_address_free(LabAddress *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LabAddress, lab_address_free)
char *lab_address_to_text(const LabAddress *self);
char *lab_address_network_to_text(const LabAddress *self);
gboolean lab_address_holds(const LabAddress *subnet, GInetAddress *address);
gboolean lab_address_is_network_or_broadcast(const LabAddress *self);
GInetAddress *lab_address_offset(const LabAddress *self, unsigned offset);
