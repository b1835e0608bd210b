/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/sockets_table.h"

#include <stdlib.h>
#include <string.h>

#include "netlab/client/lab_facts.h"
#include "netlab/client/lab_sockets.h"
#include "netlab/cmd/cli.h"
#include "netlab/client/plain_text.h"
#include "netlab/cmd/table.h"

/* "client:lan:9" comes before "client:lan:10". */
static int by_number(gconstpointer a, gconstpointer b)
{
	const char *first = *(const char *const *)a, *second = *(const char *const *)b;
	gsize length = strlen(first), other = strlen(second);
	return length != other ? (length > other) - (length < other) : strcmp(first, second);
}

/* The names of its clients' ports, in order; they end in NULL and are borrowed. Caller frees the array. */
static const char **ports_of(const SocketFacts *one)
{
	gsize n = one->counters ? g_variant_n_children(one->counters) : 0;
	const char **ports = g_new0(const char *, n + 1);
	for (gsize i = 0; i < n; i++)
		g_variant_get_child(one->counters, i, "{&s@a{st}}", &ports[i], NULL);
	qsort(ports, n, sizeof(*ports), by_number);
	return ports;
}

/* One row for each client; a socket without clients has one row too. */
void sockets_table(const GPtrArray *sockets, GString *out)
{
	g_autoptr(Table) table = table_new(
		"SOCKET", "ON", ">CLIENTS", "CLIENT", ">SENT", ">BYTES", ">RECEIVED", ">BYTES", "DROPPED", NULL);
	for (guint i = 0; i < sockets->len; i++) {
		const SocketFacts *one = g_ptr_array_index(sockets, i);
		g_autofree const char **ports = ports_of(one);
		g_autofree char *clients = g_strdup_printf("%u", one->clients), *path = printable_text(one->path);
		if (!*ports)
			table_row(table, path, one->network, clients, "", "", "", "", "", "");
		for (const char **port = ports; *port; port++) {
			gboolean first = port == ports;
			g_autofree char *sent =
				g_strdup_printf("%" G_GUINT64_FORMAT, lab_counter(one->counters, *port, "rx_frames"));
			g_autofree char *got =
				g_strdup_printf("%" G_GUINT64_FORMAT, lab_counter(one->counters, *port, "tx_frames"));
			g_autofree char *sent_bytes = cli_bytes(lab_counter(one->counters, *port, "rx_bytes"));
			g_autofree char *got_bytes = cli_bytes(lab_counter(one->counters, *port, "tx_bytes"));
			g_autofree char *dropped = lab_drops(one->counters, *port);
			table_row(table, first ? path : "", first ? one->network : "", first ? clients : "", *port,
				sent, sent_bytes, got, got_bytes, dropped);
		}
	}
	g_autofree char *text = table_text(table);
	g_string_append(out, text);
}
