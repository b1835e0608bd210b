/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/show.h"

#include "netlab/cmd/cli.h"
#include "netlab/cmd/facts_json.h"
#include "netlab/cmd/sockets_table.h"
#include "netlab/client/plain_text.h"
#include "netlab/client/lab_sockets.h"
#include "netlab/cmd/table.h"

/* The state of the lab. The proxy learns it from signals: those that came with the last answer are taken in first. */
static const char *state_of(LabConnection *lab)
{
	while (g_main_context_iteration(NULL, FALSE))
		;
	const char *state = netlab_lab1_get_state(lab->proxy);
	return state ? state : "";
}

void show_node_warnings(const NodeFacts *node)
{
	for (char **warning = node->warnings; *warning; warning++) {
		g_autofree char *text = printable_text(*warning);
		fprintf(stderr, "%s: warning: %s\n", node->name, text);
	}
}

void show_warnings(const GPtrArray *nodes)
{
	for (guint i = 0; i < nodes->len; i++)
		show_node_warnings(g_ptr_array_index(nodes, i));
}

/* One row for each forward; an uplink without forwards has one row too. */
static void uplinks_table(const GPtrArray *uplinks, GString *out)
{
	g_autoptr(Table) table =
		table_new("UPLINK", "ON", "STATE", "GATEWAY", "OUTBOUND", "HOST PORT", "FORWARDED TO", NULL);
	for (guint i = 0; i < uplinks->len; i++) {
		const UplinkFacts *uplink = g_ptr_array_index(uplinks, i);
		g_autofree char *state = cli_state(uplink->state, stdout);
		g_autofree char *gateway = g_strjoinv(" ", uplink->addresses);
		for (guint k = 0; k < MAX(uplink->forwards->len, 1); k++) {
			const ForwardFacts *forward =
				k < uplink->forwards->len ? g_ptr_array_index(uplink->forwards, k) : NULL;
			g_autofree char *host =
				forward ? g_strdup_printf("%s %s", forward->protocol, forward->host) : NULL;
			const char *to = forward ? forward->to : NULL;
			if (k == 0)
				table_row(table, uplink->name, uplink->network, state, gateway,
					uplink->restricted ? "no" : "yes", host, to);
			else
				table_row(table, "", "", "", "", "", host, to);
		}
	}
	g_autofree char *text = table_text(table);
	g_string_append(out, text);
}

static void uplink_refusals(const UplinkFacts *uplink, GString *out)
{
	g_autofree char *refused = lab_drops(uplink->counters, uplink->port);
	if (!g_str_equal(refused, "0"))
		g_string_append_printf(out, "uplink of %s: refused from nodes: %s\n", uplink->network, refused);
	if (!uplink->restricted && lab_counter(uplink->counters, uplink->port, "drop_loopback"))
		g_string_append_printf(out,
			"uplink of %s: nodes tried to reach the host's 127.0.0.1; to open it, set loopback=\"yes\" on the "
			"uplink\n",
			uplink->network);
}

static void uplinks_messages(const GPtrArray *uplinks, GString *out)
{
	for (guint i = 0; i < uplinks->len; i++) {
		const UplinkFacts *uplink = g_ptr_array_index(uplinks, i);
		g_autofree char *message = printable_text(uplink->message);
		if (*message)
			g_string_append_printf(out, "uplink of %s: %s\n", uplink->network, message);
		for (char **warning = uplink->warnings; *warning; warning++) {
			g_autofree char *shown = printable_text(*warning);
			g_string_append_printf(out, "uplink of %s: warning: %s\n", uplink->network, shown);
		}
		uplink_refusals(uplink, out);
	}
}

/** The table after a start. */
gboolean show_started(LabConnection *lab, gboolean no_wait, GError **error)
{
	g_autoptr(GPtrArray) nodes = lab_nodes(lab, error);
	g_autoptr(GPtrArray) uplinks = nodes ? lab_uplinks(lab, error) : NULL;
	g_autoptr(GString) messages = g_string_new(NULL), ways_in = g_string_new(NULL);
	if (!uplinks)
		return FALSE;
	fflush(stdout);
	show_warnings(nodes);
	uplinks_messages(uplinks, messages);
	fputs(messages->str, stderr);
	g_autoptr(Table) table =
		table_new("NODE", "KIND", "STATE", "INTERFACE", "ON", "ADDRESSES", "CONNECT WITH", NULL);
	for (guint i = 0; i < nodes->len; i++) {
		const NodeFacts *node = g_ptr_array_index(nodes, i);
		g_autofree char *state = cli_state(node->state, stdout);
		g_autofree char *reach = g_str_equal(node->state, "ready") || no_wait
			? g_strconcat("netlab console ", node->name, NULL)
			: g_strconcat("netlab logs ", node->name, NULL);
		const char *how = g_str_equal(node->state, "stopped") ? "" : reach;
		if (node->interfaces->len == 0)
			table_row(table, node->name, node->kind, state, "", "", "", how);
		for (guint j = 0; j < node->interfaces->len; j++) {
			const InterfaceFacts *interface = g_ptr_array_index(node->interfaces, j);
			g_autofree char *addresses = g_strjoinv(" ", interface->addresses);
			if (j == 0)
				table_row(table, node->name, node->kind, state, interface->name, interface->attachment,
					addresses, how);
			else
				table_row(table, "", "", "", interface->name, interface->attachment, addresses, "");
		}
	}
	g_autofree char *text = table_text(table);
	fputs(text, stdout);
	if (uplinks->len) {
		uplinks_table(uplinks, ways_in);
		printf("\n%s", ways_in->str);
	}
	return cli_flush(error);
}

static char *clock_text(gint64 since)
{
	return since > 0 ? cli_duration(MAX(0, g_get_real_time() - since)) : g_strdup("");
}

static void nodes_table(const GPtrArray *nodes, GString *out)
{
	g_autoptr(Table) table =
		table_new("NODE", "STATE", "FOR", ">BOOT", ">MEMORY", ">OF", ">ON CPU", "IMAGE", "ADDRESSES", NULL);
	for (guint i = 0; i < nodes->len; i++) {
		const NodeFacts *node = g_ptr_array_index(nodes, i);
		gboolean runs = node->pid > 0;
		g_autofree char *state = cli_state(node->state, stdout);
		g_autofree char *since = clock_text(node->since);
		g_autofree char *boot = node->boot_ms ? g_strdup_printf("%.2f s", node->boot_ms / 1000.0) : NULL;
		g_autofree char *resident = runs ? cli_bytes(node->resident) : NULL;
		g_autofree char *memory = cli_bytes(node->memory);
		g_autofree char *cpu = runs && node->cpu >= 0 ? g_strdup_printf("%d", node->cpu) : NULL;
		g_autoptr(GString) addresses = g_string_new(NULL);
		for (guint j = 0; j < node->interfaces->len; j++) {
			const InterfaceFacts *interface = g_ptr_array_index(node->interfaces, j);
			g_autofree char *joined = g_strjoinv(" ", interface->addresses);
			g_string_append_printf(
				addresses, "%s%s%s%s", j ? ", " : "", interface->name, *joined ? " " : "", joined);
		}
		table_row(table, node->name, state, since, boot, resident, memory, cpu, node->image, addresses->str);
	}
	g_autofree char *text = table_text(table);
	g_string_append(out, text);
	for (guint i = 0; i < nodes->len; i++) {
		const NodeFacts *node = g_ptr_array_index(nodes, i);
		g_autofree char *message = printable_text(node->message);
		if (*message && !g_str_equal(node->state, "ready"))
			g_string_append_printf(out, "%s: %s\n", node->name, message);
		for (char **warning = node->warnings; *warning; warning++) {
			g_autofree char *shown = printable_text(*warning);
			g_string_append_printf(out, "%s: warning: %s\n", node->name, shown);
		}
	}
}

static void links_table(const GPtrArray *links, GString *out)
{
	g_autoptr(Table) table =
		table_new("LINK", "ON", "PORT", ">SENT", ">BYTES", ">RECEIVED", ">BYTES", "DROPPED", NULL);
	for (guint i = 0; i < links->len; i++) {
		const LinkFacts *link = g_ptr_array_index(links, i);
		for (char **port = link->ends; *port; port++) {
			gboolean first = port == link->ends;
			/* The switch counts from its side: what it receives, the node has sent. */
			g_autofree char *sent =
				g_strdup_printf("%" G_GUINT64_FORMAT, link_counter(link, *port, "rx_frames"));
			g_autofree char *got =
				g_strdup_printf("%" G_GUINT64_FORMAT, link_counter(link, *port, "tx_frames"));
			g_autofree char *sent_bytes = cli_bytes(link_counter(link, *port, "rx_bytes"));
			g_autofree char *got_bytes = cli_bytes(link_counter(link, *port, "tx_bytes"));
			g_autofree char *dropped = lab_drops(link->counters, *port);
			table_row(table, first ? link->name : "", first ? *link->network ? link->network : "link" : "",
				*port, sent, sent_bytes, got, got_bytes, dropped);
		}
	}
	g_autofree char *text = table_text(table);
	g_string_append(out, text);
}

/* What is being captured, and where to. */
static void captures_table(GVariant *answer, GString *out)
{
	g_autoptr(Table) table = table_new("CAPTURE", "TO", ">FRAMES", ">DROPPED", "STATE", NULL);
	g_autoptr(GPtrArray) captures = lab_captures_from_variant(answer);
	for (guint i = 0; i < captures->len; i++) {
		const CaptureReport *capture = g_ptr_array_index(captures, i);
		g_autofree char *frames = g_strdup_printf("%" G_GUINT64_FORMAT, capture->captured);
		g_autofree char *lost = g_strdup_printf("%" G_GUINT64_FORMAT, capture->dropped);
		g_autofree char *state =
			*capture->reason ? g_strconcat("ended: ", capture->reason, NULL) : g_strdup("running");
		table_row(table, *capture->where ? capture->where : "the whole lab",
			capture->file ? capture->file : "a command", frames, lost, state);
	}
	g_autofree char *text = table_text(table);
	if (captures->len > 0)
		g_string_append_printf(out, "\n%s", text);
}

static GVariant *get_captures(LabConnection *lab, GError **error)
{
	GVariant *captures = NULL;
	if (!netlab_lab1_call_get_captures_sync(lab->proxy, &captures, NULL, error))
		lab_remote_failed(error);
	return captures;
}

static void captures_to_json(JsonBuilder *json, GVariant *captures)
{
	json_builder_set_member_name(json, "captures");
	json_builder_add_value(json, json_gvariant_serialize(captures));
}

/** The tables of status. */
gboolean show_status(LabConnection *lab, GString *out, GError **error)
{
	g_autoptr(GPtrArray) nodes = lab_nodes(lab, error);
	g_autoptr(GPtrArray) links = nodes ? lab_links(lab, error) : NULL;
	g_autoptr(GPtrArray) uplinks = links ? lab_uplinks(lab, error) : NULL;
	g_autoptr(GPtrArray) sockets = uplinks ? lab_sockets(lab, error) : NULL;
	g_autoptr(GVariant) captures = sockets ? get_captures(lab, error) : NULL;
	if (!captures)
		return FALSE;
	const char *title = netlab_lab1_get_title(lab->proxy);
	const char *plain = state_of(lab);
	g_autofree char *state = cli_state(plain, stdout);
	g_autofree char *up = clock_text(netlab_lab1_get_started(lab->proxy));
	g_string_append_printf(out, "%s%s%s: %s, up %s, from %s\n\n", lab->name, title && *title ? " — " : "",
		title ? title : "", state, up, netlab_lab1_get_file(lab->proxy));
	const char *fault = netlab_lab1_get_switch_message(lab->proxy);
	if (fault && *fault)
		g_string_append_printf(out, "%s\n\n", fault);
	nodes_table(nodes, out);
	if (links->len) {
		g_string_append_c(out, '\n');
		links_table(links, out);
	}
	if (uplinks->len) {
		g_string_append_c(out, '\n');
		uplinks_table(uplinks, out);
		uplinks_messages(uplinks, out);
	}
	if (sockets->len) {
		g_string_append_c(out, '\n');
		sockets_table(sockets, out);
	}
	captures_table(captures, out);
	return TRUE;
}

/** Everything of a running lab as one JSON object. */
gboolean show_lab_json(LabConnection *lab, GError **error)
{
	g_autoptr(GPtrArray) nodes = lab_nodes(lab, error);
	g_autoptr(GPtrArray) links = nodes ? lab_links(lab, error) : NULL;
	g_autoptr(GPtrArray) uplinks = links ? lab_uplinks(lab, error) : NULL;
	g_autoptr(GPtrArray) sockets = uplinks ? lab_sockets(lab, error) : NULL;
	g_autoptr(GVariant) captures = sockets ? get_captures(lab, error) : NULL;
	if (!captures)
		return FALSE;
	g_autoptr(JsonBuilder) json = json_builder_new();
	json_builder_begin_object(json);
	cli_json_string(json, "name", lab->name);
	cli_json_string(json, "state", state_of(lab));
	cli_json_string(json, "switch", netlab_lab1_get_switch(lab->proxy));
	cli_json_string(json, "switch_message", netlab_lab1_get_switch_message(lab->proxy));
	cli_json_string(json, "title", netlab_lab1_get_title(lab->proxy));
	cli_json_string(json, "file", netlab_lab1_get_file(lab->proxy));
	cli_json_int(json, "started", netlab_lab1_get_started(lab->proxy));
	lab_nodes_to_json(json, nodes);
	lab_links_to_json(json, links);
	lab_uplinks_to_json(json, uplinks);
	lab_sockets_to_json(json, sockets);
	captures_to_json(json, captures);
	json_builder_end_object(json);
	return cli_json_print(json, error);
}
