/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/panels/network_panel.h"

#include <glib/gi18n.h>

#include "gui/model/network_facts.h"
#include "gui/panels/panel.h"

enum {
	PORT_NAME,
	PORT_VLANS,
	PORT_STATE,
	N_PORT_COLUMNS,
	STATION_ADDRESS = 0,
	STATION_VLAN,
	STATION_PORT,
	STATION_AGE,
	N_STATION_COLUMNS,
	LOOK = 1000, /* ms */
};

#define NETWORK_TYPE_PANEL (network_panel_get_type())
G_DECLARE_FINAL_TYPE(NetworkPanel, network_panel, NETWORK, PANEL, GtkBox)

struct _NetworkPanel {
	GtkBox parent_instance;
	const PanelContext *context; /* borrowed: the window has it */
	GtkWidget *title, *summary, *stations_box;
	GtkTreeView *ports, *stations;
	GtkListStore *port_store, *station_store;
	GCancellable *cancellable; /* of the question under way; NULL: none is */
	guint look_source;
};

G_DEFINE_FINAL_TYPE(NetworkPanel, network_panel, GTK_TYPE_BOX)

static Session *session_of(NetworkPanel *self)
{
	return self->context->session;
}

/* The one that is selected, or NULL. */
static const SceneVertex *network_of(Scene *scene)
{
	g_autoptr(GPtrArray) vertices = scene_selected_vertices(scene);
	const SceneVertex *vertex = vertices->len == 1 ? vertices->pdata[0] : NULL;
	return vertex && vertex->what == SCENE_NETWORK ? vertex : NULL;
}

static void show_ports(NetworkPanel *self, const NetworkFacts *network)
{
	gtk_list_store_clear(self->port_store);
	gtk_tree_view_column_set_visible(gtk_tree_view_get_column(self->ports, PORT_VLANS), network->vlan_aware);
	gtk_tree_view_column_set_visible(gtk_tree_view_get_column(self->stations, STATION_VLAN), network->vlan_aware);
	for (guint i = 0; i < network->ports->len; i++) {
		const PortFacts *port = g_ptr_array_index(network->ports, i);
		g_autofree char *carried = network_facts_vlans(port), *state = network_facts_state(port);
		gtk_list_store_insert_with_values(
			self->port_store, NULL, -1, PORT_NAME, port->name, PORT_VLANS, carried, PORT_STATE, state, -1);
	}
}

static void got_stations(GObject *proxy, GAsyncResult *result, gpointer data)
{
	g_autoptr(GVariant) table = NULL;
	g_autoptr(GError) error = NULL;
	netlab_lab1_call_get_forwarding_table_finish(NETLAB_LAB1(proxy), &table, result, &error);
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	NetworkPanel *self = data;
	g_clear_object(&self->cancellable);
	gtk_list_store_clear(self->station_store);
	if (!table)
		return;
	g_autoptr(GPtrArray) stations = lab_stations_from_variant(table);
	for (guint i = 0; i < stations->len; i++) {
		const StationFacts *station = g_ptr_array_index(stations, i);
		g_autofree char *age = network_facts_age(station->age_ms);
		gtk_list_store_insert_with_values(self->station_store, NULL, -1, STATION_ADDRESS, station->address,
			STATION_VLAN, (guint)station->vlan, STATION_PORT, station->port, STATION_AGE, age, -1);
	}
}

static void got_networks(GObject *proxy, GAsyncResult *result, gpointer data)
{
	g_autoptr(GVariant) answer = NULL;
	g_autoptr(GError) error = NULL;
	netlab_lab1_call_get_networks_finish(NETLAB_LAB1(proxy), &answer, result, &error);
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	NetworkPanel *self = data;
	const SceneVertex *selected = network_of(session_scene(session_of(self)));
	g_autoptr(GPtrArray) networks = answer ? lab_networks_from_variant(answer) : NULL;
	const NetworkFacts *network = networks && selected ? lab_networks_find(networks, selected->name) : NULL;
	if (!network) {
		g_clear_object(&self->cancellable);
		return;
	}
	g_autofree char *summary = network_facts_summary(network);
	gtk_label_set_text(GTK_LABEL(self->summary), summary);
	gtk_widget_set_visible(self->stations_box, g_str_equal(network->type, "switch"));
	show_ports(self, network);
	netlab_lab1_call_get_forwarding_table(NETLAB_LAB1(proxy), network->name, self->cancellable, got_stations, self);
}

static void forget_question(NetworkPanel *self)
{
	g_cancellable_cancel(self->cancellable);
	g_clear_object(&self->cancellable);
}

static void ask(NetworkPanel *self)
{
	NetlabLab1 *proxy = session_proxy(session_of(self));
	if (!proxy || !network_of(session_scene(session_of(self))))
		return;
	forget_question(self);
	self->cancellable = g_cancellable_new();
	netlab_lab1_call_get_networks(proxy, self->cancellable, got_networks, self);
}

/* One question at a time. */
static gboolean on_look(gpointer data)
{
	NetworkPanel *self = data;
	if (!self->cancellable)
		ask(self);
	return G_SOURCE_CONTINUE;
}

static void follow(NetworkPanel *self)
{
	const SceneVertex *network = network_of(session_scene(session_of(self)));
	gboolean runs = session_proxy(session_of(self)) != NULL;
	panel_enable_action(self->context, "network-flush", network && runs);
	if (!network)
		return;
	gtk_label_set_text(GTK_LABEL(self->title), network->name);
	gtk_list_store_clear(self->port_store);
	gtk_list_store_clear(self->station_store);
	if (!runs)
		gtk_label_set_text(
			GTK_LABEL(self->summary), _("Start the lab to see the addresses that this network learns."));
	if (gtk_widget_get_mapped(GTK_WIDGET(self)))
		ask(self);
}

static void on_map(NetworkPanel *self)
{
	follow(self);
	if (!self->look_source)
		self->look_source = g_timeout_add(LOOK, on_look, self);
}

static void on_unmap(NetworkPanel *self)
{
	g_clear_handle_id(&self->look_source, g_source_remove);
	forget_question(self);
}

static void flushed(GObject *proxy, GAsyncResult *result, gpointer data)
{
	g_autoptr(Session) session = data;
	g_autoptr(GError) error = NULL;
	if (!netlab_lab1_call_flush_forwarding_table_finish(NETLAB_LAB1(proxy), result, &error) &&
		!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		session_complain(session, error);
}

static void on_flush(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	NetworkPanel *self = data;
	const SceneVertex *network = network_of(session_scene(session_of(self)));
	NetlabLab1 *proxy = session_proxy(session_of(self));
	if (network && proxy)
		netlab_lab1_call_flush_forwarding_table(
			proxy, network->name, NULL, flushed, g_object_ref(session_of(self)));
}

static void network_panel_dispose(GObject *object)
{
	on_unmap(NETWORK_PANEL(object));
	G_OBJECT_CLASS(network_panel_parent_class)->dispose(object);
}

static void network_panel_class_init(NetworkPanelClass *class)
{
	GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);
	G_OBJECT_CLASS(class)->dispose = network_panel_dispose;
	gtk_widget_class_set_template_from_resource(widget_class, "/org/netlab/Gui/network_panel.ui");
	gtk_widget_class_bind_template_child(widget_class, NetworkPanel, title);
	gtk_widget_class_bind_template_child(widget_class, NetworkPanel, summary);
	gtk_widget_class_bind_template_child(widget_class, NetworkPanel, stations_box);
	gtk_widget_class_bind_template_child(widget_class, NetworkPanel, ports);
	gtk_widget_class_bind_template_child(widget_class, NetworkPanel, stations);
}

static void add_columns(GtkTreeView *view, GtkListStore *store, const char *const *titles, int n)
{
	gtk_tree_view_set_model(view, GTK_TREE_MODEL(store));
	g_object_unref(store);
	for (int i = 0; i < n; i++)
		gtk_tree_view_insert_column_with_attributes(
			view, -1, titles[i], gtk_cell_renderer_text_new(), "text", i, NULL);
}

static void network_panel_init(NetworkPanel *self)
{
	const char *const ports[] = {[PORT_NAME] = _("Port"), [PORT_VLANS] = _("VLANs"), [PORT_STATE] = _("State")};
	const char *const stations[] = {[STATION_ADDRESS] = _("Address"),
		[STATION_VLAN] = _("VLAN"),
		[STATION_PORT] = _("Port"),
		[STATION_AGE] = _("Last seen")};
	gtk_widget_init_template(GTK_WIDGET(self));
	self->port_store = gtk_list_store_new(N_PORT_COLUMNS, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
	self->station_store =
		gtk_list_store_new(N_STATION_COLUMNS, G_TYPE_STRING, G_TYPE_UINT, G_TYPE_STRING, G_TYPE_STRING);
	add_columns(self->ports, self->port_store, ports, N_PORT_COLUMNS);
	add_columns(self->stations, self->station_store, stations, N_STATION_COLUMNS);
	g_signal_connect_object(self, "map", G_CALLBACK(on_map), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(self, "unmap", G_CALLBACK(on_unmap), self, G_CONNECT_SWAPPED);
}

static GtkWidget *create(const PanelContext *context)
{
	static const GActionEntry entries[] = {{.name = "network-flush", .activate = on_flush}};
	NetworkPanel *self = g_object_new(NETWORK_TYPE_PANEL, NULL);
	self->context = context;
	panel_add_actions(context, entries, G_N_ELEMENTS(entries), self);
	g_signal_connect_object(
		session_scene(session_of(self)), "selection", G_CALLBACK(follow), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(session_of(self), "run", G_CALLBACK(follow), self, G_CONNECT_SWAPPED);
	follow(self);
	return GTK_WIDGET(self);
}

static int fits(const PanelContext *context)
{
	return network_of(session_scene(context->session)) ? 20 : 0;
}

const PanelType network_panel = {"network", N_("Network"), PANEL_SIDE, create, TRUE, fits};
