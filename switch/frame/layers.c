/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/frame/layers.h"

#include <net/ethernet.h>
#include <netinet/in.h>

enum {
	TYPE_SERVICE_VLAN = 0x88a8, /* IEEE 802.1Q-2018, table 9-1 */
	TYPE_QINQ = 0x9100,         /* of switches before that */
	TYPE_MPLS = 0x8847,         /* RFC 5332, 3 */
	TYPE_MPLS_UPSTREAM = 0x8848,
	TYPE_PPPOE = 0x8864, /* RFC 2516, 4 */
	TAG = 4,
	LABEL = 4,        /* RFC 3032, 2.1 */
	LABEL_LAST = 1,   /* in its third byte */
	PPPOE_HEADER = 8, /* with the protocol of PPP */
	PPP_IPV4 = 0x0021,
	PPP_IPV6 = 0x0057,
	IPV4_HEADER = 20,         /* RFC 791, 3.1, without options */
	IPV4_FRAGMENTED = 0x3fff, /* more of them, or not the first */
	IPV6_HEADER = 40,         /* RFC 8200, 3 */
	EXTENSION_UNIT = 8,       /* RFC 8200, 4.3: the length counts these, without the first */
};

/* Where an IP header of that version (0: of any) begins, behind what stands between it and the MAC addresses; 0: nowhere. */
static size_t find_network(const uint8_t *bytes, size_t size, Layers *layers, unsigned *version)
{
	size_t at = FRAME_HEADER;
	unsigned type = size < at ? 0 : read_be16(bytes + at - 2);
	while ((type == ETHERTYPE_VLAN || type == TYPE_SERVICE_VLAN || type == TYPE_QINQ) && at + TAG <= size) {
		type = read_be16(bytes + at + 2);
		at += TAG;
	}
	if (type == TYPE_PPPOE && at + PPPOE_HEADER <= size) {
		layers->layers[layers->n].kind = LAYER_PPPOE;
		layers->layers[layers->n++].at = at;
		unsigned protocol = read_be16(bytes + at + PPPOE_HEADER - 2);
		at += PPPOE_HEADER;
		type = protocol == PPP_IPV4 ? ETHERTYPE_IP : protocol == PPP_IPV6 ? ETHERTYPE_IPV6 : 0;
	}
	if (type == TYPE_MPLS || type == TYPE_MPLS_UPSTREAM) {
		bool last = false;
		for (; !last && at + LABEL <= size; at += LABEL)
			last = bytes[at + 2] & LABEL_LAST;
		*version = 0;
		return last ? at : 0;
	}
	*version = type == ETHERTYPE_IP ? 4 : 6;
	return type == ETHERTYPE_IP || type == ETHERTYPE_IPV6 ? at : 0;
}

/* Goes past the extension headers, each of which names the next (RFC 8200, 4). */
static void skip_extensions(const uint8_t *bytes, size_t size, Layers *layers)
{
	while (layers->protocol == IPPROTO_HOPOPTS || layers->protocol == IPPROTO_ROUTING ||
		layers->protocol == IPPROTO_DSTOPTS) {
		size_t at = layers->end, length = at + 2 <= size ? (bytes[at + 1] + 1u) * EXTENSION_UNIT : size;
		if (at + length > size) {
			layers->protocol = IPPROTO_RAW;
			return;
		}
		layers->protocol = bytes[at];
		layers->end += length;
	}
}

/* Takes in an IP header of that version (0: of any). False when there is none. */
static bool take_network(const uint8_t *bytes, size_t size, size_t at, unsigned version, Layers *layers)
{
	const uint8_t *ip = bytes + at;
	if (layers->n == LAYERS_MAX || at + IPV4_HEADER > size || (version && ip[0] >> 4 != version))
		return false;
	bool v4 = ip[0] >> 4 == 4;
	size_t length = v4 ? (ip[0] & 0xf) * 4u : IPV6_HEADER;
	if ((v4 && length < IPV4_HEADER) || (!v4 && ip[0] >> 4 != 6) || at + length > size)
		return false;
	layers->layers[layers->n].kind = v4 ? LAYER_IPV4 : LAYER_IPV6;
	layers->layers[layers->n++].at = at;
	layers->end = at + length;
	layers->protocol = ip[v4 ? 9 : 6];
	if (!v4)
		skip_extensions(bytes, size, layers);
	else if (read_be16(ip + 6) & IPV4_FRAGMENTED)
		layers->protocol = IPPROTO_RAW;
	return true;
}

void layers_find(const uint8_t *bytes, size_t size, Layers *layers)
{
	*layers = (Layers){.protocol = IPPROTO_RAW};
	unsigned version;
	size_t at = find_network(bytes, size, layers, &version);
	while (at && take_network(bytes, size, at, version, layers)) {
		at = layers->protocol == IPPROTO_IPIP || layers->protocol == IPPROTO_IPV6 ? layers->end : 0;
		version = layers->protocol == IPPROTO_IPIP ? 4 : 6;
	}
}
