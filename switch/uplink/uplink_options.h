/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of netlab-uplink as values. */
#pragma once

#include <glib.h>
#include <netinet/in.h>

#define UPLINK_FORWARDS_MAX 256

#define UPLINK_ERROR (g_quark_from_static_string("netlab-uplink"))

typedef enum {
	UPLINK_ERROR_OPTION,  /* what was asked for makes no sense */
	UPLINK_ERROR_FORWARD, /* a port of the host cannot be had */
	UPLINK_ERROR_SYSTEM,  /* the host refuses something */
} UplinkError;

/** An address and a port of either family, as the socket calls want it. */
typedef union {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
} Endpoint;

/** A port of the host that leads to one of a guest. */
typedef struct {
	gboolean udp;
	Endpoint host, guest; /* of the same family, or from IPv4 to IPv6 */
} Forward;

/** Addresses of the network behind the uplink. Gateway, name server and DHCP pool are derived: see uplink_options_... */
typedef struct {
	struct in_addr gateway, mask, dns, dhcp;
	gboolean has_v6;
	struct in6_addr gateway6, dns6;
	guint8 prefix6;
	gboolean restrict_out; /* guests may be reached, and reach nothing */
	gboolean loopback;     /* what is for the gateway reaches the host's loopback */
	GArray *forwards;      /* of Forward */
	int first_socket;      /* the descriptors of the forwards' sockets, bound, begin here; -1: to be bound */
	int counters;          /* a file of UplinkCounters, to be kept up to date; -1: nobody reads them */
} UplinkOptions;

UplinkOptions *uplink_options_new(void);
void uplink_options_free(UplinkOptions *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UplinkOptions, uplink_options_free)

/** The gateway's own IPv4 address and prefix, "10.0.2.2/24"; the name server is the next address, DHCP gives out 16
 *  addresses from the gateway's + 13 on. All must lie within the prefix. */
gboolean uplink_options_set_address(UplinkOptions *self, const char *text, GError **error);
/** The same for IPv6, "fd00:2::2/64"; the name server is the next address. Guests make addresses of their own from the
 *  router's advertisement only where the prefix has 64 bits (RFC 4862). */
gboolean uplink_options_set_address6(UplinkOptions *self, const char *text, GError **error);
/** Adds "tcp:127.0.0.1:8080:10.0.2.10:80" or "udp:[::1]:53:[fd00:2::10]:53". */
gboolean uplink_options_add_forward(UplinkOptions *self, const char *text, GError **error);
/** The network that an address with a prefix of so many bits is in. */
struct in6_addr in6_network(const struct in6_addr *address, unsigned prefix);
/** "127.0.0.1:8080", "[::1]:8080". Caller frees. */
char *endpoint_text(const Endpoint *endpoint);
