/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/client/lab_sockets.h"

#include "netlab/client/lab_facts.h"

static void socket_facts_free(gpointer data)
{
	SocketFacts *self = data;
	g_free(self->network);
	g_free(self->path);
	g_clear_pointer(&self->counters, g_variant_unref);
	g_free(self);
}

GPtrArray *lab_sockets_from_variant(GVariant *variant)
{
	GPtrArray *sockets = g_ptr_array_new_with_free_func(socket_facts_free);
	GVariantIter iter;
	const char *network;
	GVariant *facts;
	g_variant_iter_init(&iter, variant);
	while (g_variant_iter_loop(&iter, "{&s@a{sv}}", &network, &facts)) {
		SocketFacts *one = g_new0(SocketFacts, 1);
		one->network = g_strdup(network);
		one->path = lab_text(facts, "path");
		g_variant_lookup(facts, "clients", "u", &one->clients);
		one->counters = g_variant_lookup_value(facts, "counters", G_VARIANT_TYPE("a{sa{st}}"));
		g_ptr_array_add(sockets, one);
	}
	return sockets;
}

GPtrArray *lab_sockets(LabConnection *lab, GError **error)
{
	g_autoptr(GVariant) sockets = NULL;
	if (netlab_lab1_call_get_sockets_sync(lab->proxy, &sockets, NULL, error))
		return lab_sockets_from_variant(sockets);
	lab_remote_failed(error);
	return NULL;
}
