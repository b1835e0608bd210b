/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "topologies/model/values.h"

#include <arpa/inet.h>
#include <string.h>

#include "topologies/model/diagnostics.h"
#include "topologies/model/quantity.h"

static const struct {
	gsize max;
	const char *also; /* allowed in addition to letters and digits, not as the first character */
	const char *say;
} name_rules[] = {
	[LAB_NAME_LAB] = {40, "._-", "letters, digits, \".\", \"_\" and \"-\""},
	[LAB_NAME_NODE] = {63, "-", "letters, digits and \"-\""},
	[LAB_NAME_CABLE] = {63, "._-", "letters, digits, \".\", \"_\" and \"-\""},
	[LAB_NAME_INTERFACE] = {15, "._-", "letters, digits, \".\", \"_\" and \"-\""},
	[LAB_NAME_IMAGE] = {63, "._+-", "letters, digits, \".\", \"_\", \"+\" and \"-\""},
};

/* What every /etc/hosts has, and nobody but the machine itself may be called (RFC 6761, 6.3). */
static const char *const reserved_hosts[] = {"localhost", "ip6-localhost", "ip6-loopback", "ip6-localnet",
	"ip6-mcastprefix", "ip6-allnodes", "ip6-allrouters", "ip6-allhosts", NULL};

/* What a name of a node must be in addition, to work as a host name. */
static gboolean host_name(const char *text, GError **error)
{
	struct in_addr address;

	if (g_str_has_suffix(text, "-"))
		return value_refuse(error, "\"%s\" ends in \"-\"; a host name must end in a letter or digit", text);
	/* inet_aton(3), which programs ask first, takes one number in any base for an address. */
	if (inet_aton(text, &address) || !text[strspn(text, "0123456789")])
		return value_refuse(error,
			"\"%s\" is a number, which programs take for an address; use a name with a letter, such as "
			"\"n%s\"",
			text, text);
	for (unsigned i = 0; reserved_hosts[i]; i++)
		if (!g_ascii_strcasecmp(text, reserved_hosts[i]))
			return value_refuse(
				error, "\"%s\" means the machine itself on every host; use a different name", text);
	return TRUE;
}

/** value_name() - checks a name
 *  @text: as written
 *  @rule: what it names
 *  Returns FALSE and sets error when it breaks the rule. All rules keep out ".", "..", "/" and ":". */
gboolean value_name(const char *text, LabNameRule rule, GError **error)
{
	if (!*text)
		return value_refuse(error, "\"\" is empty");
	if (strlen(text) > name_rules[rule].max)
		return value_refuse(error, "\"%s\" is longer than %zu characters", text, name_rules[rule].max);
	if (!g_ascii_isalnum(text[0]))
		return value_refuse(error, "\"%s\" must start with a letter or digit", text);
	for (const char *c = text; *c; c++)
		if (!g_ascii_isalnum(*c) && !strchr(name_rules[rule].also, *c))
			return value_refuse(error, "\"%s\" may contain only %s", text, name_rules[rule].say);
	if (rule == LAB_NAME_NODE && !host_name(text, error))
		return FALSE;
	if (rule == LAB_NAME_INTERFACE && (!strcmp(text, "lo") || !strcmp(text, "all") || !strcmp(text, "default")))
		return value_refuse(error, "\"%s\" is reserved by Linux; use a different name", text);
	return TRUE;
}

/** value_choice() - reads one of a few words
 *  @text: as written
 *  @names: the words, NULL-terminated
 *  @index: set to the place of the word
 *  Returns FALSE and sets error, which lists the words, when it is a different one. */
gboolean value_choice(const char *text, const char *const *names, unsigned *index, GError **error)
{
	g_autoptr(GString) list = g_string_new(NULL);
	const char *nearest = lab_nearest(text, names);

	for (unsigned i = 0; names[i]; i++) {
		if (!strcmp(text, names[i])) {
			*index = i;
			return TRUE;
		}
		g_string_append_printf(list, "%s\"%s\"", !i ? "" : names[i + 1] ? ", " : " or ", names[i]);
	}
	if (nearest)
		return value_refuse(error, "\"%s\" is not %s; did you mean \"%s\"?", text, list->str, nearest);
	return value_refuse(error, "\"%s\" is not %s", text, list->str);
}

/** value_size() - reads an amount of memory, such as 64M
 *  @text: as written: a number and K, M or G (powers of 1024)
 *  @min: smallest allowed, bytes
 *  @max: largest allowed, bytes
 *  @bytes: set to the amount
 *  Returns FALSE and sets error on a missing or unknown unit or an amount out of range. */
gboolean value_size(const char *text, guint64 min, guint64 max, guint64 *bytes, GError **error)
{
	return quantity_read(&lab_quantity_size, text, min, max, bytes, error);
}

/** value_duration() - reads a time, such as 500ms or 30s
 *  @text: as written: a number and ms, s or min
 *  @min_ms: smallest allowed, milliseconds
 *  @max_ms: largest allowed, milliseconds
 *  @ms: set to the time in milliseconds
 *  Returns FALSE and sets error on a missing or unknown unit or a time out of range. */
gboolean value_duration(const char *text, unsigned min_ms, unsigned max_ms, unsigned *ms, GError **error)
{
	guint64 value;

	if (!quantity_read(&lab_quantity_duration, text, min_ms, max_ms, &value, error))
		return FALSE;
	*ms = (unsigned)value;
	return TRUE;
}

/** value_number() - reads a plain whole number between MIN and MAX into NUMBER; FALSE and error otherwise. */
gboolean value_number(const char *text, unsigned min, unsigned max, unsigned *number, GError **error)
{
	guint64 value;

	if (!g_ascii_string_to_unsigned(text, 10, min, max, &value, NULL))
		return value_refuse(error, "\"%s\" is not a number from %u to %u", text, min, max);
	*number = (unsigned)value;
	return TRUE;
}

/** value_mode() - reads permission bits in octal (0644) into MODE; FALSE and error otherwise. */
gboolean value_mode(const char *text, unsigned *mode, GError **error)
{
	gsize length = strlen(text);

	if (length < 3 || length > 4 || strspn(text, "01234567") != length)
		return value_refuse(error, "\"%s\" is not an octal mode such as \"0644\"", text);
	*mode = (unsigned)g_ascii_strtoull(text, NULL, 8);
	return TRUE;
}

/** value_mac() - reads a MAC address, six hexadecimal bytes with colons
 *  @text: as written
 *  @mac: set to the bytes
 *  Returns FALSE and sets error on another form, a group address or zero (IEEE 802-2014, 8.2). */
gboolean value_mac(const char *text, guint8 mac[6], GError **error)
{
	static const guint8 zero[6];
	gboolean ok = strlen(text) == 17;

	for (unsigned i = 0; ok && i < 6; i++) {
		const char *c = text + 3 * i;

		ok = g_ascii_isxdigit(c[0]) && g_ascii_isxdigit(c[1]) && (i == 5 || c[2] == ':');
		if (ok)
			mac[i] = (guint8)(g_ascii_xdigit_value(c[0]) * 16 + g_ascii_xdigit_value(c[1]));
	}
	if (!ok)
		return value_refuse(error, "\"%s\" is not a MAC address such as \"02:00:00:00:00:01\"", text);
	if (mac[0] & 1)
		return value_refuse(error,
			"\"%s\" is a multicast address, which an interface cannot have; make its first byte even",
			text);
	if (!memcmp(mac, zero, sizeof(zero)))
		return value_refuse(error,
			"\"%s\" cannot be the address of an interface; write one such as \"02:00:00:00:00:01\"", text);
	return TRUE;
}

/** value_guest_path() - checks the path of a file in a guest: absolute, plain, not a folder; FALSE and error otherwise. */
gboolean value_guest_path(const char *text, GError **error)
{
	g_auto(GStrv) parts = NULL;

	if (text[0] != '/')
		return value_refuse(error, "\"%s\" is not absolute; a path in the guest must start with \"/\"", text);
	if (g_str_has_suffix(text, "/"))
		return value_refuse(error, "\"%s\" is a folder; give the path of a file", text);
	if (strlen(text) > 1024)
		return value_refuse(error, "\"%.32s...\" is longer than 1024 bytes", text);
	parts = g_strsplit(text, "/", -1);
	if (g_strv_contains((const char *const *)parts, "..") || g_strv_contains((const char *const *)parts, "."))
		return value_refuse(error, "\"%s\" contains \".\" or \"..\"; write the path without them", text);
	return TRUE;
}

/** value_sysctl_name() - checks the name of a sysctl, dotted or slashed; FALSE and error otherwise. */
gboolean value_sysctl_name(const char *text, GError **error)
{
	for (const char *c = text; *c; c++)
		if (!g_ascii_isalnum(*c) && !strchr("._-/", *c))
			return value_refuse(
				error, "\"%s\" is not the name of a sysctl, such as \"net.ipv4.ip_forward\"", text);
	if (!g_ascii_isalnum(text[0]) || strstr(text, "..") || strstr(text, "//") || !strpbrk(text, "./"))
		return value_refuse(error, "\"%s\" is not the name of a sysctl, such as \"net.ipv4.ip_forward\"", text);
	return TRUE;
}

/* ADDRESS[/PREFIX]; *has_prefix says whether there is a prefix. */
static LabAddress *address_parse(const char *text, gboolean *has_prefix, GError **error)
{
	g_autoptr(LabAddress) self = g_new0(LabAddress, 1);
	const char *slash = strchr(text, '/');
	g_autofree char *host = slash ? g_strndup(text, (gsize)(slash - text)) : g_strdup(text);
	guint64 prefix;
	unsigned bits;

	self->address = strchr(host, '%') ? NULL : g_inet_address_new_from_string(host);
	if (!self->address) {
		value_refuse(error, "\"%s\" is not an IPv4 or IPv6 address", text);
		return NULL;
	}
	bits = (unsigned)g_inet_address_get_native_size(self->address) * 8;
	*has_prefix = slash != NULL;
	self->prefix = bits;
	if (slash) {
		if (!g_ascii_string_to_unsigned(slash + 1, 10, 0, bits, &prefix, NULL)) {
			value_refuse(error, "\"%s\" has a prefix length that is not a number from 0 to %u", text, bits);
			return NULL;
		}
		self->prefix = (unsigned)prefix;
	}
	return g_steal_pointer(&self);
}

/** value_interface_address() - reads an interface's address, such as 10.0.1.1/24
 *  @text: as written; the prefix length is required
 *  Returns it (the caller owns it), or NULL and sets error. Addresses that Linux gives no interface are refused. */
LabAddress *value_interface_address(const char *text, GError **error)
{
	gboolean has_prefix;
	g_autoptr(LabAddress) self = address_parse(text, &has_prefix, error);

	if (!self)
		return NULL;
	if (!has_prefix) {
		gboolean v6 = g_inet_address_get_family(self->address) == G_SOCKET_FAMILY_IPV6;

		value_refuse(
			error, "\"%s\" has no prefix length; write, for example, \"%s/%d\"", text, text, v6 ? 64 : 24);
		return NULL;
	}
	if (g_inet_address_get_is_multicast(self->address) || g_inet_address_get_is_any(self->address)) {
		value_refuse(error, "\"%s\" is %s, which an interface cannot have", text,
			g_inet_address_get_is_any(self->address) ? "the unspecified address" : "a multicast address");
		return NULL;
	}
	return g_steal_pointer(&self);
}

/** value_destination() - reads where a route goes, such as 10.2.0.0/16; one address alone means that host
 *  @text: as written, not "default"
 *  Returns it (the caller owns it), or NULL and sets error, also when bits beyond the prefix are set: Linux refuses
 *  such a route. */
LabAddress *value_destination(const char *text, GError **error)
{
	gboolean has_prefix;
	g_autoptr(LabAddress) self = address_parse(text, &has_prefix, error);
	g_autofree char *network = NULL;
	g_autoptr(GInetAddressMask) mask = NULL;

	if (!self)
		return NULL;
	mask = g_inet_address_mask_new(self->address, self->prefix, NULL);
	if (!mask) {
		network = lab_address_network_to_text(self);
		value_refuse(error, "\"%s\" is an address in a subnet, not a subnet; write \"%s\"", text, network);
		return NULL;
	}
	return g_steal_pointer(&self);
}

/** value_gateway() - reads a gateway's address, without prefix length
 *  @text: as written
 *  Returns it (the caller owns it), or NULL and sets error. */
GInetAddress *value_gateway(const char *text, GError **error)
{
	g_autoptr(GInetAddress) address = strchr(text, '%') ? NULL : g_inet_address_new_from_string(text);

	if (address && (g_inet_address_get_is_any(address) || g_inet_address_get_is_multicast(address)))
		g_clear_object(&address);
	if (!address)
		value_refuse(error, "\"%s\" is not a gateway address such as \"10.0.1.1\"", text);
	return g_steal_pointer(&address);
}

static gboolean is_blank(const char *line)
{
	return line[strspn(line, " \t\r")] == '\0';
}

/** value_block() - the text of an element without the whitespace that belongs to the XML
 *  @text: the content of an element
 *  The rest of the start tag's line is dropped when it is blank, as are blank lines before the end tag; the indentation
 *  that all lines share is removed; the last line gets its newline.
 *  Returns it, "" when nothing is there; the caller frees it. */
char *value_block(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_autoptr(GString) out = g_string_new(NULL);
	guint first = 0, count = g_strv_length(lines);
	gsize indent = G_MAXSIZE;

	while (count > 0 && is_blank(lines[count - 1]))
		count--;
	if (count > 1 && is_blank(lines[0]))
		first = 1;
	for (guint i = first; i < count; i++) {
		gsize blank = strspn(lines[i], " \t");

		if (lines[i][blank])
			indent = MIN(indent, blank);
	}
	for (guint i = first; i < count; i++) {
		g_string_append(out, lines[i] + MIN(indent, strspn(lines[i], " \t")));
		g_string_append_c(out, '\n');
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

/** lab_address_free() - an address
 *  @self: may be NULL */
void lab_address_free(LabAddress *self)
{
	if (!self)
		return;
	g_clear_object(&self->address);
	g_free(self);
}

/** lab_address_to_text() - "10.0.1.1/24"; the caller frees it. */
char *lab_address_to_text(const LabAddress *self)
{
	g_autofree char *address = g_inet_address_to_string(self->address);

	return g_strdup_printf("%s/%u", address, self->prefix);
}

/** lab_address_network_to_text() - the subnet of an address, "10.0.1.0/24"; the caller frees it. */
char *lab_address_network_to_text(const LabAddress *self)
{
	guint8 bytes[16] = {0};
	gsize size = g_inet_address_get_native_size(self->address);
	g_autoptr(GInetAddress) network = NULL;
	g_autofree char *text = NULL;

	memcpy(bytes, g_inet_address_to_bytes(self->address), size);
	for (gsize bit = self->prefix; bit < size * 8; bit++)
		bytes[bit / 8] &= (guint8) ~(0x80 >> (bit % 8));
	network = g_inet_address_new_from_bytes(bytes, g_inet_address_get_family(self->address));
	text = g_inet_address_to_string(network);
	return g_strdup_printf("%s/%u", text, self->prefix);
}

/** lab_address_holds() - whether ADDRESS is in the subnet of SUBNET (an address with its prefix). */
gboolean lab_address_holds(const LabAddress *subnet, GInetAddress *address)
{
	const guint8 *a = g_inet_address_to_bytes(subnet->address), *b = g_inet_address_to_bytes(address);
	unsigned whole = subnet->prefix / 8, rest = subnet->prefix % 8;

	if (g_inet_address_get_family(subnet->address) != g_inet_address_get_family(address) ||
		memcmp(a, b, whole) != 0)
		return FALSE;
	return rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
}

/** lab_address_is_network_or_broadcast() - whether an IPv4 address is the first or last of its subnet, which no host has.
 *  Subnets of one or two addresses have neither (RFC 3021). */
gboolean lab_address_is_network_or_broadcast(const LabAddress *self)
{
	const guint8 *bytes = g_inet_address_to_bytes(self->address);
	guint32 address, host_bits;

	if (g_inet_address_get_family(self->address) != G_SOCKET_FAMILY_IPV4 || self->prefix > 30 || self->prefix == 0)
		return FALSE;
	address = (guint32)bytes[0] << 24 | (guint32)bytes[1] << 16 | (guint32)bytes[2] << 8 | bytes[3];
	host_bits = G_MAXUINT32 >> self->prefix;
	return (address & host_bits) == 0 || (address & host_bits) == host_bits;
}

/** lab_address_offset() - the address that is OFFSET (at most 255) after this one; NULL when that is not one of a host in its
 *  subnet. The caller owns it. */
GInetAddress *lab_address_offset(const LabAddress *self, unsigned offset)
{
	guint8 bytes[16] = {0};
	gsize size = g_inet_address_get_native_size(self->address);
	g_autoptr(GInetAddress) address = NULL;

	memcpy(bytes, g_inet_address_to_bytes(self->address), size);
	for (gsize i = size; i-- > 0 && offset; offset >>= 8) {
		offset += bytes[i];
		bytes[i] = (guint8)offset;
	}
	address = g_inet_address_new_from_bytes(bytes, g_inet_address_get_family(self->address));
	if (offset || !lab_address_holds(self, address) ||
		lab_address_is_network_or_broadcast(&(LabAddress){address, self->prefix}))
		return NULL;
	return g_steal_pointer(&address);
}
