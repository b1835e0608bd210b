/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nobody is compared with everybody: an address is looked up once for each prefix length that occurs. */
#include "topologies/check/subnets.h"

#include <string.h>

#define MAX_BITS 128u

/* An address of which only the first bits count. */
typedef struct {
	guint8 bytes[16];
	guint32 prefix;
} Prefix;

struct Subnets {
	GSocketFamily family;
	unsigned bits;                   /* of an address */
	gboolean occurs[MAX_BITS + 1];   /* prefix lengths */
	GHashTable *subnets, *addresses; /* Prefix (owned) -> the first LabInterface there, or SEVERAL */
	gboolean full;                   /* there is an address without a subnet: it fits all, and all fit it */
};

static const LabInterface several;

static guint hash(gconstpointer key)
{
	const Prefix *self = key;
	guint sum = self->prefix;

	for (gsize i = 0; i < sizeof(self->bytes); i++)
		sum = sum * 31 + self->bytes[i];
	return sum;
}

static gboolean equal(gconstpointer a, gconstpointer b)
{
	return !memcmp(a, b, sizeof(Prefix));
}

static Prefix cut(GInetAddress *address, unsigned prefix)
{
	Prefix self = {.prefix = prefix};

	memcpy(self.bytes, g_inet_address_to_bytes(address), g_inet_address_get_native_size(address));
	for (unsigned bit = prefix; bit % 8; bit++)
		self.bytes[bit / 8] &= (guint8) ~(0x80 >> (bit % 8));
	memset(self.bytes + (prefix + 7) / 8, 0, sizeof(self.bytes) - (prefix + 7) / 8);
	return self;
}

static void note(GHashTable *table, Prefix prefix, const LabInterface *interface)
{
	const LabInterface *first = g_hash_table_lookup(table, &prefix);

	if (first != interface)
		g_hash_table_insert(table, g_memdup2(&prefix, sizeof(prefix)), (void *)(first ? &several : interface));
}

static gboolean other_has(GHashTable *table, Prefix prefix, const LabInterface *interface)
{
	const LabInterface *first = g_hash_table_lookup(table, &prefix);

	return first && first != interface;
}

static const LabAddress *address_at(const Subnets *self, const LabInterface *interface, guint i)
{
	const LabAddress *address = interface->addresses->pdata[i];

	return g_inet_address_get_family(address->address) == self->family ? address : NULL;
}

Subnets *subnets_new(const GPtrArray *members, GSocketFamily family)
{
	Subnets *self = g_new0(Subnets, 1);

	self->family = family;
	self->bits = family == G_SOCKET_FAMILY_IPV4 ? 32 : 128;
	self->subnets = g_hash_table_new_full(hash, equal, g_free, NULL);
	self->addresses = g_hash_table_new_full(hash, equal, g_free, NULL);
	for (guint i = 0; i < members->len; i++) {
		const LabInterface *interface = members->pdata[i];

		for (guint k = 0; k < interface->addresses->len; k++) {
			const LabAddress *address = address_at(self, interface, k);

			if (address && address->prefix == self->bits)
				self->full = TRUE;
			else if (address)
				self->occurs[address->prefix] = TRUE;
			if (address)
				note(self->subnets, cut(address->address, address->prefix), interface);
		}
	}
	for (guint i = 0; i < members->len; i++) {
		const LabInterface *interface = members->pdata[i];

		for (guint k = 0; k < interface->addresses->len; k++) {
			const LabAddress *address = address_at(self, interface, k);

			for (unsigned prefix = 0; address && prefix < self->bits; prefix++)
				if (self->occurs[prefix])
					note(self->addresses, cut(address->address, prefix), interface);
		}
	}
	return self;
}

void subnets_free(Subnets *self)
{
	g_hash_table_unref(self->subnets);
	g_hash_table_unref(self->addresses);
	g_free(self);
}

gboolean subnets_has_neighbour(const Subnets *self, const LabInterface *interface)
{
	if (self->full)
		return TRUE;
	for (guint i = 0; i < interface->addresses->len; i++) {
		const LabAddress *address = address_at(self, interface, i);

		if (address && other_has(self->addresses, cut(address->address, address->prefix), interface))
			return TRUE;
		for (unsigned prefix = 0; address && prefix < self->bits; prefix++)
			if (self->occurs[prefix] && other_has(self->subnets, cut(address->address, prefix), interface))
				return TRUE;
	}
	return FALSE;
}
