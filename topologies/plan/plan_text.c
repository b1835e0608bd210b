/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plan for people, and for golden tests. It shows the same as the JSON. */
#include "topologies/plan/plan_print.h"
#include "topologies/model/quantity.h"
#include "topologies/model/values.h"

char *plan_mac_text(const guint8 mac[6])
{
	return g_strdup_printf("%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

char *plan_endpoint_text(GInetAddress *address, guint16 port)
{
	g_autofree char *text = g_inet_address_to_string(address);
	gboolean v6 = g_inet_address_get_family(address) == G_SOCKET_FAMILY_IPV6;
	return g_strdup_printf(v6 ? "[%s]:%u" : "%s:%u", text, port);
}

gboolean plan_content_is_text(GBytes *content, const char **data, gsize *size)
{
	*data = g_bytes_get_data(content, size);
	return g_utf8_validate_len(*data ? *data : "", *size, NULL);
}

/* C escapes for control characters; UTF-8 stays readable. */
static void append_quoted(GString *out, const char *text)
{
	char high[0x80 + 1] = "";
	for (int i = 0; i < 0x80; i++)
		high[i] = (char)(0x80 + i);
	g_autofree char *escaped = g_strescape(text, g_utf8_validate(text, -1, NULL) ? high : NULL);
	g_string_append_printf(out, "\"%s\"", escaped);
}

/* A word as it is where it reads as one word, else in quotes with C escapes: one line whatever it holds. */
static void append_word(GString *out, const char *word)
{
	gboolean plain = *word != '\0';
	for (const char *at = word; *at && plain; at++)
		plain = g_ascii_isgraph(*at) && *at != '"' && *at != '\\';
	if (plain) {
		g_string_append(out, word);
		return;
	}
	append_quoted(out, word);
}

static void append_words(GString *out, char **words)
{
	for (char **word = words; *word; word++) {
		if (word != words)
			g_string_append_c(out, ' ');
		append_word(out, *word);
	}
}

static void append_field(GString *out, const char *name, const char *value)
{
	if (!value)
		return;
	g_string_append_printf(out, "  %-9s ", name);
	append_word(out, value);
	g_string_append_c(out, '\n');
}

static void append_setup(GString *out, const PlanSetup *step)
{
	g_string_append(out, "    ");
	append_words(out, step->words);
	if (step->source) {
		g_string_append(out, " < ");
		append_word(out, step->source);
	} else if (step->content) {
		const char *data;
		gsize size;
		if (plan_content_is_text(step->content, &data, &size)) {
			g_autofree char *text = g_strndup(data ? data : "", size);
			g_string_append(out, " = ");
			append_quoted(out, text);
		} else {
			g_string_append_printf(out, " = %" G_GSIZE_FORMAT " bytes", size);
		}
	}
	g_string_append_c(out, '\n');
}

static void append_node(GString *out, const PlanNode *node)
{
	g_autofree char *memory = quantity_to_text(&lab_quantity_size, node->memory);
	g_autofree char *cpu = node->cpu < 0 ? g_strdup("any") : g_strdup_printf("%d", node->cpu);
	g_string_append_printf(out, "\nnode %s\n", node->name);
	append_field(out, "kind", lab_node_kind_name(node->node->kind));
	append_field(out, "image", node->node->image);
	append_field(out, "cpu", cpu);
	append_field(out, "memory", memory);
	append_field(out, "boot log", node->boot_log);
	append_field(out, "root", node->root_image);
	append_field(out, "disk", node->disk);
	for (guint i = 0; i < node->interfaces->len; i++) {
		const PlanInterface *interface = node->interfaces->pdata[i];
		g_autofree char *mac = plan_mac_text(interface->mac);
		g_string_append_printf(out, "  interface %s %s mtu %u ", interface->name, mac, interface->mtu);
		if (interface->transport == LAB_TRANSPORT_DATAGRAM)
			g_string_append_printf(out, "descriptor %d ", interface->fd);
		else
			g_string_append_printf(out, "%s%s %s ", interface->offload ? "" : "no offload ",
				lab_transport_name(interface->transport), interface->socket);
		g_string_append_printf(out, interface->cable ? "cable %s\n" : "unconnected\n", interface->cable);
	}
	g_string_append(out, "  command\n");
	for (char **word = node->argv; *word; word++) {
		g_string_append(out, "    ");
		append_word(out, *word);
		g_string_append_c(out, '\n');
	}
	g_string_append(out, "  set-up\n");
	for (guint i = 0; i < node->setup->len; i++)
		append_setup(out, node->setup->pdata[i]);
}

static void append_network(GString *out, const PlanNetwork *plan)
{
	const LabNetwork *network = plan->network;
	g_string_append_printf(
		out, "network %s %s group %u", network->name, lab_network_type_name(network->type), network->group);
	if (network->type == LAB_NETWORK_SWITCH) {
		g_autofree char *ageing = quantity_to_text(&lab_quantity_duration, network->ageing_ms);
		g_string_append_printf(out, " ageing %s table %u", ageing, network->table_size);
	}
	if (network->stp != LAB_STP_OFF)
		g_string_append_printf(out, " %s priority %u", lab_stp_name(network->stp), network->priority);
	if (network->vlan_aware)
		g_string_append(out, " vlans");
	g_string_append_c(out, '\n');
	if (network->host_name) {
		g_autofree char *host =
			g_strdup_printf("%s:%s", lab_host_kind_name(network->host_kind), network->host_name);
		append_field(out, "host", host);
	}
	append_field(out, "socket", network->socket);
	for (guint i = 0; i < plan->mirrors->len; i++) {
		const PlanMirror *mirror = plan->mirrors->pdata[i];
		g_string_append_printf(out, "  mirror    %s -> %s\n", mirror->from ? mirror->from : "all", mirror->to);
	}
}

static void append_end(GString *out, const PlanCableEnd *end)
{
	if (end->port) {
		g_string_append(out, end->port);
		return;
	}
	g_string_append_printf(out, "network %s", end->network);
	if (end->vlan) {
		g_autofree char *vlan = lab_port_vlan_to_text(end->vlan);
		g_string_append_printf(out, " (%s)", vlan);
	}
}

static void append_cable(GString *out, const PlanCable *cable)
{
	g_string_append_printf(out, "cable %s: ", cable->name);
	append_end(out, &cable->ends[0]);
	g_string_append(out, " -- ");
	append_end(out, &cable->ends[1]);
	g_string_append_c(out, '\n');
	for (unsigned i = 0; i < G_N_ELEMENTS(cable->ends); i++) {
		g_auto(GStrv) words = link_settings_to_strings(&cable->impairments[i]);
		if (!*words)
			continue;
		g_string_append_printf(
			out, "  from %s ", cable->ends[i].port ? cable->ends[i].port : cable->ends[i].network);
		append_words(out, words);
		g_string_append_c(out, '\n');
	}
}

static void append_uplink(GString *out, const PlanUplink *plan)
{
	const LabUplink *uplink = plan->uplink;
	g_autofree char *gateway4 = lab_address_to_text(uplink->address4),
			*gateway6 = lab_address_to_text(uplink->address6);
	g_autofree char *dns4 = g_inet_address_to_string(uplink->dns4), *dns6 = g_inet_address_to_string(uplink->dns6);
	g_autofree char *dhcp = g_inet_address_to_string(uplink->dhcp_start);
	g_string_append_printf(out, "uplink %s of network %s%s%s\n", uplink->name, uplink->network->name,
		uplink->restricted ? " restricted" : "", uplink->loopback ? " loopback" : "");
	g_string_append_printf(
		out, "  gateway   %s %s\n  dns       %s %s\n  dhcp from %s\n", gateway4, gateway6, dns4, dns6, dhcp);
	for (guint i = 0; i < uplink->forwards->len; i++) {
		const LabForward *forward = uplink->forwards->pdata[i];
		g_autofree char *host = plan_endpoint_text(forward->host_address, forward->host_port);
		g_autofree char *to = plan_endpoint_text(forward->to_address, forward->to_port);
		g_string_append_printf(out, "  forward   %s %s -> %s\n", forward->udp ? "udp" : "tcp", host, to);
	}
}

static void append_capture(GString *out, const PlanCapture *plan)
{
	const LabCapture *capture = plan->capture;
	g_string_append(out, "capture ");
	append_word(out, capture->file);
	g_string_append_printf(out, " %s", lab_capture_format_name(capture->format));
	if (capture->ring_size) {
		g_autofree char *size = quantity_to_text(&lab_quantity_size, capture->ring_size);
		g_string_append_printf(out, " ring %sx%u", size, capture->ring_files);
	}
	g_string_append_c(out, '\n');
	append_field(out, "filter", capture->filter);
	g_string_append(out, "  cables    ");
	append_words(out, plan->cables);
	g_string_append_c(out, '\n');
}

/** plan_to_text() - the plan as indented lines, the same for the same plan. The caller frees it. */
char *plan_to_text(const Plan *plan)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_string_append_printf(out, "lab %s\n", plan->instance);
	append_field(out, "title", plan->lab->title);
	append_field(out, "directory", plan->directory);
	append_field(out, "control", plan->control_socket);
	g_autofree char *seed = g_strdup_printf("%" G_GUINT64_FORMAT, plan->lab->seed);
	g_autofree char *history = plan->lab->history_bytes
		? quantity_to_text(&lab_quantity_size, plan->lab->history_bytes)
		: g_strdup("off");
	append_field(out, "seed", seed);
	append_field(out, "history", history);
	g_string_append_c(out, '\n');
	for (guint i = 0; i < plan->networks->len; i++)
		append_network(out, plan->networks->pdata[i]);
	for (guint i = 0; i < plan->cables->len; i++)
		append_cable(out, plan->cables->pdata[i]);
	for (guint i = 0; i < plan->uplinks->len; i++)
		append_uplink(out, plan->uplinks->pdata[i]);
	for (guint i = 0; i < plan->captures->len; i++)
		append_capture(out, plan->captures->pdata[i]);
	for (guint i = 0; i < plan->nodes->len; i++)
		append_node(out, plan->nodes->pdata[i]);
	return g_string_free(g_steal_pointer(&out), FALSE);
}
