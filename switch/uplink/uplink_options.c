/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/uplink/uplink_options.h"

#include <arpa/inet.h>
#include <string.h>

#define DNS_OFFSET 1u
#define DHCP_OFFSET 13u
#define DHCP_ADDRESSES 16u /* NB_BOOTP_CLIENTS of libslirp */

UplinkOptions *uplink_options_new(void)
{
	UplinkOptions *self = g_new0(UplinkOptions, 1);
	self->forwards = g_array_new(FALSE, TRUE, sizeof(Forward));
	self->first_socket = self->counters = -1;
	return self;
}

void uplink_options_free(UplinkOptions *self)
{
	g_array_unref(self->forwards);
	g_free(self);
}

static gboolean refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static gboolean refuse(GError **error, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	g_propagate_error(error, g_error_new_valist(UPLINK_ERROR, UPLINK_ERROR_OPTION, format, args));
	va_end(args);
	return FALSE;
}

/* "ADDRESS/PREFIX" of one family. */
static gboolean parse_prefix(const char *text, int family, void *address, guint *prefix)
{
	g_auto(GStrv) parts = g_strsplit(text, "/", 2);
	guint64 bits;
	if (g_strv_length(parts) != 2 || inet_pton(family, parts[0], address) != 1 ||
		!g_ascii_string_to_unsigned(parts[1], 10, 1, family == AF_INET ? 30 : 126, &bits, NULL))
		return FALSE;
	*prefix = (guint)bits;
	return TRUE;
}

/** The gateway's IPv4 address: see uplink_options.h. */
gboolean uplink_options_set_address(UplinkOptions *self, const char *text, GError **error)
{
	struct in_addr gateway;
	guint prefix;
	if (!parse_prefix(text, AF_INET, &gateway, &prefix))
		return refuse(error, "\"%s\" is not a gateway address; use the form 10.0.2.2/24", text);
	guint32 mask = ~(guint32)0 << (32 - prefix), address = ntohl(gateway.s_addr);
	guint32 last = (address | ~mask) - 1; /* the one after it is the broadcast address */
	if ((address & ~mask) == 0 || address > last)
		return refuse(
			error, "\"%s\" is a network address; the gateway needs a host address in that network", text);
	if (last - address < DHCP_OFFSET + DHCP_ADDRESSES - 1)
		return refuse(error,
			"\"%s\" leaves no room after the gateway for the addresses that DHCP assigns (gateway + %u to "
			"+ %u); choose a lower address or a shorter prefix",
			text, DHCP_OFFSET, DHCP_OFFSET + DHCP_ADDRESSES - 1);
	self->gateway = gateway;
	self->mask.s_addr = htonl(mask);
	self->dns.s_addr = htonl(address + DNS_OFFSET);
	self->dhcp.s_addr = htonl(address + DHCP_OFFSET);
	return TRUE;
}

struct in6_addr in6_network(const struct in6_addr *address, unsigned prefix)
{
	struct in6_addr network = *address;
	for (unsigned bit = prefix; bit < 128; bit++)
		network.s6_addr[bit / 8] &= (guint8) ~(0x80 >> bit % 8);
	return network;
}

static struct in6_addr next_after(struct in6_addr address)
{
	for (int i = 15; i >= 0 && ++address.s6_addr[i] == 0; i--)
		;
	return address;
}

/** The gateway's IPv6 address: see uplink_options.h. */
gboolean uplink_options_set_address6(UplinkOptions *self, const char *text, GError **error)
{
	struct in6_addr gateway;
	guint prefix;
	if (!parse_prefix(text, AF_INET6, &gateway, &prefix))
		return refuse(error, "\"%s\" is not an IPv6 gateway address; use the form fd00:2::2/64", text);
	struct in6_addr network = in6_network(&gateway, prefix), dns = next_after(gateway),
			dns_network = in6_network(&dns, prefix);
	if (IN6_IS_ADDR_MULTICAST(&gateway) || IN6_IS_ADDR_LINKLOCAL(&gateway) || IN6_IS_ADDR_LOOPBACK(&gateway) ||
		IN6_ARE_ADDR_EQUAL(&gateway, &network) || !IN6_ARE_ADDR_EQUAL(&network, &dns_network))
		return refuse(error, "\"%s\" cannot be the address of a gateway; choose one like fd00:2::2/64", text);
	self->has_v6 = TRUE;
	self->gateway6 = gateway;
	self->dns6 = dns;
	self->prefix6 = (guint8)prefix;
	return TRUE;
}

/* Takes "ADDRESS:PORT" off the text's front. */
static gboolean take_endpoint(const char **text, Endpoint *endpoint)
{
	gboolean v6 = **text == '[';
	const char *start = *text + v6, *end = strchr(start, v6 ? ']' : ':');
	char address[INET6_ADDRSTRLEN] = "", *after;
	if (!end || (gsize)(end - start) >= sizeof address || (v6 && end[1] != ':'))
		return FALSE;
	memcpy(address, start, (gsize)(end - start));
	memset(endpoint, 0, sizeof *endpoint);
	endpoint->any.sa_family = v6 ? AF_INET6 : AF_INET;
	if (inet_pton(endpoint->any.sa_family, address,
		    v6 ? (void *)&endpoint->v6.sin6_addr : &endpoint->v4.sin_addr) != 1)
		return FALSE;
	start = end + 1 + v6;
	guint64 port = g_ascii_isdigit(*start) ? g_ascii_strtoull(start, &after, 10) : 0;
	if (port < 1 || port > 65535)
		return FALSE;
	*(v6 ? &endpoint->v6.sin6_port : &endpoint->v4.sin_port) = htons((guint16)port);
	*text = after;
	return TRUE;
}

/** Adds a forward: see uplink_options.h. */
gboolean uplink_options_add_forward(UplinkOptions *self, const char *text, GError **error)
{
	Forward forward = {.udp = g_str_has_prefix(text, "udp:")};
	const char *rest = forward.udp || g_str_has_prefix(text, "tcp:") ? text + strlen("tcp:") : "";
	if (!take_endpoint(&rest, &forward.host) || *rest++ != ':' || !take_endpoint(&rest, &forward.guest) || *rest)
		return refuse(error,
			"\"%s\" is not a valid forward; use the form tcp:127.0.0.1:8080:10.0.2.10:80 (tcp or udp, "
			"address and port of the host, address and port of the guest; IPv6 addresses in brackets)",
			text);
	if (forward.host.any.sa_family == AF_INET6 && forward.guest.any.sa_family == AF_INET)
		return refuse(error,
			"\"%s\" leads from IPv6 to IPv4, but an IPv4 guest has no way to answer an IPv6 client; use an "
			"IPv4 address of the host",
			text);
	if (self->forwards->len == UPLINK_FORWARDS_MAX)
		return refuse(error, "cannot add forward \"%s\": the maximum is %d", text, UPLINK_FORWARDS_MAX);
	g_array_append_val(self->forwards, forward);
	return TRUE;
}

char *endpoint_text(const Endpoint *endpoint)
{
	char address[INET6_ADDRSTRLEN] = "";
	gboolean v6 = endpoint->any.sa_family == AF_INET6;
	inet_ntop(endpoint->any.sa_family, v6 ? (const void *)&endpoint->v6.sin6_addr : &endpoint->v4.sin_addr, address,
		sizeof address);
	return g_strdup_printf(
		v6 ? "[%s]:%u" : "%s:%u", address, ntohs(v6 ? endpoint->v6.sin6_port : endpoint->v4.sin_port));
}
