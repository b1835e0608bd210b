/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The written form of what networks, uplinks and captures have. */
#include "topologies/model/quantity.h"
#include "topologies/model/values.h"

#include <string.h>

#define RING_SIZE_MIN (G_GUINT64_CONSTANT(64) << 10)
#define RING_SIZE_MAX (G_GUINT64_CONSTANT(64) << 30)
#define RING_FILES_MAX 10000
#define HISTORY_MIN (G_GUINT64_CONSTANT(64) << 10)
#define HISTORY_MAX (G_GUINT64_CONSTANT(4) << 30)
#define PRIORITY_STEP 4096 /* IEEE 802.1D-2004, 9.2.5: the lower 12 bits are the bridge's number */
#define PRIORITY_MAX 61440

static gboolean number(const char *text, guint64 min, guint64 max, guint64 *value)
{
	return g_ascii_string_to_unsigned(text, 10, min, max, value, NULL);
}

/** value_vlan() - reads the number of a VLAN into VLAN; FALSE and error when it is not one. */
gboolean value_vlan(const char *text, guint16 *vlan, GError **error)
{
	guint64 value;

	if (!number(text, 1, LAB_VLAN_MAX, &value))
		return value_refuse(error, "\"%s\" is not a VLAN number from 1 to %d", text, LAB_VLAN_MAX);
	*vlan = (guint16)value;
	return TRUE;
}

/** value_vlans() - reads which VLANs a trunk carries, "10 20 30-39" or "all"
 *  @text: as written
 *  @vlans: bit V % 64 of word V / 64 is set for each VLAN V, the others cleared
 *  Returns FALSE and sets error on anything else. */
gboolean value_vlans(const char *text, guint64 vlans[64], GError **error)
{
	g_auto(GStrv) words = g_strsplit_set(text, " \t\r\n", -1);
	unsigned count = 0;

	memset(vlans, 0, 64 * sizeof(*vlans));
	for (char **range = words; *range; range++) {
		g_auto(GStrv) ends = g_strsplit(strcmp(*range, "all") ? *range : "1-4094", "-", 2);
		guint64 first, last;

		if (!**range)
			continue;
		if (!number(ends[0], 1, LAB_VLAN_MAX, &first) ||
			!number(ends[1] ? ends[1] : ends[0], 1, LAB_VLAN_MAX, &last))
			return value_refuse(error,
				"\"%s\" is not a list of VLANs such as \"10 20 30-39\", each from 1 to %d, or \"all\"",
				text, LAB_VLAN_MAX);
		if (first > last)
			return value_refuse(
				error, "\"%s\" has a range in reverse order; write \"%s-%s\"", text, ends[1], ends[0]);
		/* By words: a hostile file may have a great many ranges. */
		for (guint64 word = first / 64; word <= last / 64; word++)
			vlans[word] |= (word == first / 64 ? G_MAXUINT64 << first % 64 : G_MAXUINT64) &
				(word == last / 64 ? G_MAXUINT64 >> (63 - last % 64) : G_MAXUINT64);
		count++;
	}
	return count ||
		value_refuse(error, "\"%s\" contains no VLAN; write \"all\", or numbers such as \"10 20 30-39\"", text);
}

/** value_priority() - reads a bridge's priority in the spanning tree into PRIORITY; FALSE and error otherwise. */
gboolean value_priority(const char *text, unsigned *priority, GError **error)
{
	guint64 value;

	if (!number(text, 0, PRIORITY_MAX, &value) || value % PRIORITY_STEP)
		return value_refuse(
			error, "\"%s\" is not a multiple of %d from 0 to %d", text, PRIORITY_STEP, PRIORITY_MAX);
	*priority = (unsigned)value;
	return TRUE;
}

/** value_host() - reads what of the host a network is joined to, "tap:NAME" or "bridge:NAME"
 *  @text: as written
 *  @kind: set to which of them
 *  @name: set to the name; the caller frees it
 *  Returns FALSE and sets error on another form or a name that no network device of Linux has. */
gboolean value_host(const char *text, LabHostKind *kind, char **name, GError **error)
{
	const char *colon = strchr(text, ':');
	gboolean tap = g_str_has_prefix(text, "tap:"), bridge = g_str_has_prefix(text, "bridge:");
	g_autoptr(GError) reason = NULL;

	if (!tap && !bridge)
		return value_refuse(error, "\"%s\" is not \"tap:NAME\" or \"bridge:NAME\"", text);
	if (!value_name(colon + 1, LAB_NAME_INTERFACE, &reason))
		return value_refuse(error, "\"%s\": the name %s", text, reason->message);
	*kind = tap ? LAB_HOST_TAP : LAB_HOST_BRIDGE;
	*name = g_strdup(colon + 1);
	return TRUE;
}

/** value_endpoint() - reads "PORT", "ADDRESS:PORT" or "[IPV6]:PORT"
 *  @text: as written
 *  @address: set to the address, NULL where only a port is written; the caller owns it
 *  @port: set to the port, 1 to 65535
 *  Returns FALSE and sets error on anything else. */
gboolean value_endpoint(const char *text, GInetAddress **address, guint16 *port, GError **error)
{
	const char *colon = strrchr(text, ':'), *number_text = colon ? colon + 1 : text;
	g_autofree char *host = colon ? g_strndup(text, (gsize)(colon - text)) : NULL;
	g_autoptr(GInetAddress) found = NULL;
	gsize length = host ? strlen(host) : 0;
	guint64 value;

	*address = NULL;
	if (host && length > 2 && host[0] == '[' && host[length - 1] == ']') {
		g_autofree char *inner = g_strndup(host + 1, length - 2);

		found = strchr(inner, ':') && !strchr(inner, '%') ? g_inet_address_new_from_string(inner) : NULL;
	} else if (host && !strchr(host, ':')) {
		found = g_inet_address_new_from_string(host);
	} else if (host) {
		return value_refuse(error,
			"\"%s\": put an IPv6 address in brackets before the port, as in \"[fd00:2::10]:80\"", text);
	}
	if (host && !found)
		return value_refuse(error, "\"%s\" is not ADDRESS:PORT, such as \"10.0.2.10:80\"", text);
	if (!number(number_text, 1, 65535, &value))
		return value_refuse(error, "\"%s\" has no port from 1 to 65535", text);
	*port = (guint16)value;
	*address = g_steal_pointer(&found);
	return TRUE;
}

/** value_ring() - reads a ring of files, "10Mx5" (or with "×"): five files of 10 MiB, the oldest of which goes first
 *  @text: as written
 *  @size: set to the bytes of one file
 *  @files: set to their number
 *  Returns FALSE and sets error on another form or numbers out of range. */
gboolean value_ring(const char *text, guint64 *size, unsigned *files, GError **error)
{
	const char *times = strchr(text, 'x'), *sign = strstr(text, "×");
	const char *at = times ? times : sign;
	g_autofree char *size_text = at ? g_strndup(text, (gsize)(at - text)) : NULL;
	g_autoptr(GError) reason = NULL;
	guint64 value;

	if (!at || !number(at + (times ? 1 : strlen("×")), 1, RING_FILES_MAX, &value))
		return value_refuse(error,
			"\"%s\" is not SIZExN, such as \"10Mx5\" for five files of 10 MiB (1 to %d files)", text,
			RING_FILES_MAX);
	if (!value_size(size_text, RING_SIZE_MIN, RING_SIZE_MAX, size, &reason))
		return value_refuse(error, "\"%s\": the size %s", text, reason->message);
	*files = (unsigned)value;
	return TRUE;
}

/** value_seed() - reads the seed of a lab into SEED; FALSE and error when it is not a number up to 2^63 - 1. */
gboolean value_seed(const char *text, guint64 *seed, GError **error)
{
	return number(text, 0, G_MAXINT64, seed) ||
		value_refuse(error, "\"%s\" is not a number from 0 to %" G_GINT64_FORMAT, text, G_MAXINT64);
}

/** value_history() - reads how much memory the last frames of all links may take, "8M", or "off" for 0
 *  @text: as written
 *  @bytes: set to the amount
 *  Returns FALSE and sets error on anything else. */
gboolean value_history(const char *text, guint64 *bytes, GError **error)
{
	if (strcmp(text, "off") != 0)
		return value_size(text, HISTORY_MIN, HISTORY_MAX, bytes, error);
	*bytes = 0;
	return TRUE;
}
