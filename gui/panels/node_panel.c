/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/panels/node_panel.h"
#include "gui/model/words.h"

#include <glib/gi18n.h>
#include <string.h>

#include "gui/panels/node_files.h"
#include "netlab/client/lab_facts.h"

enum { LOOK = 2 /* seconds between two questions, while it is seen: the answer costs a look at every process */ };
enum { COLUMN_INTERFACE, COLUMN_ADDRESSES, COLUMN_TRAFFIC, COLUMN_TOOLTIP, N_COLUMNS };

/* Facts of one node: a row each, shown only when there is something to say. */
enum { FACT_KIND, FACT_IMAGE, FACT_MEMORY, FACT_CPU, FACT_SINCE, FACT_BOOT, FACT_PID, FACT_CHECK, N_FACTS };
static const char *const fact_names[N_FACTS] = {
	[FACT_KIND] = "kind",
	[FACT_IMAGE] = "image",
	[FACT_MEMORY] = "memory",
	[FACT_CPU] = "cpu",
	[FACT_SINCE] = "since",
	[FACT_BOOT] = "boot",
	[FACT_PID] = "pid",
	[FACT_CHECK] = "check",
};

/* Owned by its widget. */
typedef struct {
	GtkWidget *box;
	const PanelContext *context; /* borrowed: the window has it */
	GtkLabel *title, *state, *message, *warnings, *several;
	GtkWidget *one, *interfaces;
	GtkLabel *facts[N_FACTS], *names[N_FACTS];
	GtkListStore *store;
	GVariant *answer; /* of GetNodes; NULL: none */
	gboolean asked;
	gboolean gone; /* its widgets are: only a question under way keeps it */
	guint source;
} NodePanel;

static void node_panel_free(gpointer data)
{
	NodePanel *self = data;
	g_clear_handle_id(&self->source, g_source_remove);
	g_clear_pointer(&self->answer, g_variant_unref);
	g_free(self);
}

static NodePanel *panel_of(gpointer box)
{
	return g_object_get_data(G_OBJECT(box), "node-panel");
}

static Session *session_of(NodePanel *self)
{
	return self->context->session;
}

/* -- Texts -- */

static const char *state_text(const SceneVertex *vertex)
{
	const char *text = words_state(vertex);
	return *text ? text : _("not running");
}

/* Never by colour alone. */
static const char *const state_signs[] = {
	[SCENE_UNKNOWN] = "○",
	[SCENE_STOPPED] = "◻",
	[SCENE_BOOTING] = "◔",
	[SCENE_READY] = "●",
	[SCENE_PAUSED] = "❚❚",
	[SCENE_FAILED] = "✗",
};
static const char *const state_classes[] = {
	[SCENE_READY] = "good",
	[SCENE_FAILED] = "bad",
	[SCENE_PAUSED] = "dim-label",
};

static void set_text(GtkLabel *label, const char *text)
{
	if (g_strcmp0(gtk_label_get_text(label), text) != 0)
		gtk_label_set_text(label, text);
	gtk_widget_set_visible(GTK_WIDGET(label), text && *text);
}

static void set_fact(NodePanel *self, int fact, char *text)
{
	set_text(self->facts[fact], text ? text : "");
	gtk_widget_set_visible(GTK_WIDGET(self->names[fact]), text && *text);
	g_free(text);
}

static char *duration_text(gint64 seconds)
{
	if (seconds < 60)
		return g_strdup_printf(_("%d s"), (int)seconds);
	if (seconds < 3600)
		return g_strdup_printf(_("%d min %d s"), (int)(seconds / 60), (int)(seconds % 60));
	if (seconds < 86400)
		return g_strdup_printf(_("%d h %d min"), (int)(seconds / 3600), (int)(seconds / 60 % 60));
	return g_strdup_printf(_("%d d %d h"), (int)(seconds / 86400), (int)(seconds / 3600 % 24));
}

/* -- Interfaces -- */

static char *drops_text(const SceneEdge *edge, guint here)
{
	const SceneFlow *out = &edge->flows[here], *in = &edge->flows[1 - here];
	const char *plug = edge->down ? _("unplugged") : edge->carrier[here] ? "" : _("no carrier");
	return g_strdup_printf(_("%s\nsent: %llu frames, %llu dropped\nreceived: %llu frames, %llu dropped\n%s"),
		edge->name, (unsigned long long)out->frames, (unsigned long long)out->drops,
		(unsigned long long)in->frames, (unsigned long long)in->drops, plug);
}

static void set_interface(NodePanel *self, GtkTreeIter *row, const SceneEdge *edge, guint here)
{
	const SceneVertex *there = edge->ends[1 - here];
	g_autofree char *sent = g_format_size(edge->flows[here].bytes);
	g_autofree char *received = g_format_size(edge->flows[1 - here].bytes);
	g_autofree char *traffic = g_strdup_printf("↑ %s\n↓ %s", sent, received);
	g_autofree char *name = g_strdup_printf(
		"%s%s\n%s", edge->interfaces[here], edge->down ? " ✗" : "", edge->is_link ? edge->name : there->name);
	g_autofree char *addresses =
		g_strdelimit(g_strdup(edge->addresses[here] ? edge->addresses[here] : ""), " ", '\n');
	g_autofree char *tooltip = drops_text(edge, here);
	gtk_list_store_set(self->store, row, COLUMN_INTERFACE, name, COLUMN_ADDRESSES, addresses, COLUMN_TRAFFIC,
		traffic, COLUMN_TOOLTIP, tooltip, -1);
}

/* Rows stay where they are, so that what the user looks at does not jump. */
static void fill_interfaces(NodePanel *self, const SceneVertex *vertex)
{
	GtkTreeModel *model = GTK_TREE_MODEL(self->store);
	GtkTreeIter row;
	gboolean there = gtk_tree_model_get_iter_first(model, &row);
	for (guint i = 0; i < vertex->edges->len; i++) {
		const SceneEdge *edge = vertex->edges->pdata[i];
		for (guint here = 0; here < 2; here++) {
			if (edge->ends[here] != vertex || !edge->interfaces[here])
				continue;
			if (!there)
				gtk_list_store_append(self->store, &row);
			set_interface(self, &row, edge, here);
			there = there && gtk_tree_model_iter_next(model, &row);
		}
	}
	while (there)
		there = gtk_list_store_remove(self->store, &row);
	gtk_widget_set_visible(self->interfaces, gtk_tree_model_iter_n_children(model, NULL) > 0);
}

/* -- One node -- */

static const LabNode *find_node(const Lab *lab, const char *name)
{
	for (guint i = 0; lab && i < lab->nodes->len; i++)
		if (g_str_equal(((const LabNode *)lab->nodes->pdata[i])->name, name))
			return lab->nodes->pdata[i];
	return NULL;
}

static void show_running(NodePanel *self, const NodeFacts *facts, gboolean stopped)
{
	g_autofree char *granted = g_format_size_full(facts->memory, G_FORMAT_SIZE_IEC_UNITS);
	g_autofree char *used = g_format_size_full(facts->resident, G_FORMAT_SIZE_IEC_UNITS);
	gboolean runs = facts->pid > 0;
	gint64 seconds = (g_get_real_time() - facts->since) / G_USEC_PER_SEC;
	set_fact(self, FACT_MEMORY,
		facts->resident ? g_strdup_printf(_("%s (%s in use)"), granted, used) : g_strdup(granted));
	set_fact(self, FACT_CPU, runs && facts->cpu >= 0 ? g_strdup_printf("%d", facts->cpu) : NULL);
	set_fact(self, FACT_SINCE, facts->since && !stopped ? duration_text(MAX(0, seconds)) : NULL);
	set_fact(self, FACT_BOOT, facts->boot_ms ? g_strdup_printf(_("%.2f s"), facts->boot_ms / 1000.0) : NULL);
	set_fact(self, FACT_PID, runs ? g_strdup_printf("%d", facts->pid) : NULL);
}

static void show_declared(NodePanel *self, const LabNode *node)
{
	g_autofree char *memory = node ? g_format_size_full(node->memory, G_FORMAT_SIZE_IEC_UNITS) : NULL;
	set_fact(self, FACT_MEMORY, g_strdup(memory));
	for (int fact = FACT_CPU; fact <= FACT_PID; fact++)
		set_fact(self, fact, NULL);
}

static void show_one(NodePanel *self, const SceneVertex *vertex)
{
	GtkStyleContext *style = gtk_widget_get_style_context(GTK_WIDGET(self->state));
	g_autofree char *state = g_strdup_printf("%s %s", state_signs[vertex->state], state_text(vertex));
	g_autoptr(GVariant) answer =
		self->answer ? g_variant_lookup_value(self->answer, vertex->name, G_VARIANT_TYPE_VARDICT) : NULL;
	g_autoptr(NodeFacts) facts = answer ? node_facts_from_variant(vertex->name, answer) : NULL;
	const LabNode *node = find_node(session_lab(session_of(self)), vertex->name);
	set_text(self->title, vertex->name);
	set_text(self->state, state);
	for (guint i = 0; i < G_N_ELEMENTS(state_classes); i++)
		if (state_classes[i])
			gtk_style_context_remove_class(style, state_classes[i]);
	if (vertex->state < (int)G_N_ELEMENTS(state_classes) && state_classes[vertex->state])
		gtk_style_context_add_class(style, state_classes[vertex->state]);
	set_text(self->message, vertex->message ? vertex->message : "");
	g_autofree char *warned = facts ? g_strjoinv("\n", facts->warnings) : g_strdup("");
	set_text(self->warnings, warned);
	set_fact(self, FACT_KIND, g_strdup(words_kind(vertex)));
	set_fact(self, FACT_IMAGE,
		node && node->persistent ? g_strdup_printf(_("%s (persistent disk)"), vertex->image)
					 : g_strdup(vertex->image));
	if (facts)
		show_running(self, facts, vertex->state == SCENE_STOPPED || vertex->state == SCENE_FAILED);
	else
		show_declared(self, node);
	set_fact(self, FACT_CHECK,
		vertex->check > 0           ? g_strdup(_("✓ passed"))
			: vertex->check < 0 ? g_strdup(_("✗ at least one failed"))
					    : NULL);
	fill_interfaces(self, vertex);
}

/* -- Several -- */

static void show_several(NodePanel *self, GPtrArray *vertices)
{
	g_autofree char *title = g_strdup_printf(ngettext("%u node", "%u nodes", vertices->len), vertices->len);
	g_autoptr(GString) lines = g_string_new(NULL);
	for (guint i = 0; i < vertices->len; i++) {
		const SceneVertex *vertex = vertices->pdata[i];
		g_string_append_printf(lines, "%s%s  %s (%s)", i ? "\n" : "", state_signs[vertex->state], vertex->name,
			state_text(vertex));
	}
	set_text(self->title, title);
	set_text(self->several, lines->str);
}

static GPtrArray *nodes_of(NodePanel *self)
{
	GPtrArray *vertices = scene_selected_vertices(session_scene(session_of(self)));
	for (guint i = vertices->len; i-- > 0;)
		if (((const SceneVertex *)vertices->pdata[i])->what != SCENE_NODE)
			g_ptr_array_remove_index(vertices, i);
	return vertices;
}

static void show(NodePanel *self)
{
	g_autoptr(GPtrArray) vertices = nodes_of(self);
	gtk_widget_set_visible(self->one, vertices->len == 1);
	gtk_widget_set_visible(GTK_WIDGET(self->several), vertices->len > 1);
	if (vertices->len == 1)
		show_one(self, vertices->pdata[0]);
	else if (vertices->len > 1)
		show_several(self, vertices);
}

/* -- Asking -- */

static void got_nodes(GObject *proxy, GAsyncResult *result, gpointer data)
{
	g_autoptr(GtkWidget) box = data;
	g_autoptr(GVariant) nodes = NULL;
	NodePanel *self = panel_of(box);
	gboolean done = netlab_lab1_call_get_nodes_finish(NETLAB_LAB1(proxy), &nodes, result, NULL);
	self->asked = FALSE;
	/* What goes wrong, the session sees as well, and says. */
	if (self->gone || !done || session_proxy(session_of(self)) != NETLAB_LAB1(proxy))
		return;
	g_clear_pointer(&self->answer, g_variant_unref);
	self->answer = g_steal_pointer(&nodes);
	show(self);
}

static gboolean ask(gpointer data)
{
	NodePanel *self = data;
	NetlabLab1 *proxy = session_proxy(session_of(self));
	if (proxy && !self->asked) {
		self->asked = TRUE;
		netlab_lab1_call_get_nodes(proxy, NULL, got_nodes, g_object_ref(self->box));
	}
	return G_SOURCE_CONTINUE;
}

static void on_map(NodePanel *self)
{
	show(self);
	ask(self);
	if (!self->source)
		self->source = g_timeout_add_seconds(LOOK, ask, self);
}

static void on_unmap(NodePanel *self)
{
	g_clear_handle_id(&self->source, g_source_remove);
}

static void on_destroy(NodePanel *self)
{
	self->gone = TRUE;
	on_unmap(self);
}

static void on_changed(GtkWidget *box)
{
	if (gtk_widget_get_mapped(box))
		show(panel_of(box));
}

static void on_run(GtkWidget *box)
{
	NodePanel *self = panel_of(box);
	g_clear_pointer(&self->answer, g_variant_unref);
	if (gtk_widget_get_mapped(box))
		ask(self);
}

/* -- The panel -- */

static void bind(NodePanel *self, GtkBuilder *builder)
{
	self->title = GTK_LABEL(gtk_builder_get_object(builder, "title"));
	self->state = GTK_LABEL(gtk_builder_get_object(builder, "state"));
	self->message = GTK_LABEL(gtk_builder_get_object(builder, "message"));
	self->warnings = GTK_LABEL(gtk_builder_get_object(builder, "warnings"));
	self->several = GTK_LABEL(gtk_builder_get_object(builder, "several"));
	self->one = GTK_WIDGET(gtk_builder_get_object(builder, "one"));
	self->interfaces = GTK_WIDGET(gtk_builder_get_object(builder, "interfaces"));
	self->store = GTK_LIST_STORE(gtk_builder_get_object(builder, "store"));
	for (int i = 0; i < N_FACTS; i++) {
		g_autofree char *name = g_strdup_printf("%s_name", fact_names[i]);
		self->facts[i] = GTK_LABEL(gtk_builder_get_object(builder, fact_names[i]));
		self->names[i] = GTK_LABEL(gtk_builder_get_object(builder, name));
	}
}

static GtkWidget *create(const PanelContext *context)
{
	NodePanel *self = g_new0(NodePanel, 1);
	g_autoptr(GtkBuilder) builder = gtk_builder_new_from_resource("/org/netlab/Gui/node_panel.ui");
	GtkWidget *box = GTK_WIDGET(gtk_builder_get_object(builder, "node_panel"));
	Session *session = context->session;
	self->box = box;
	self->context = context;
	bind(self, builder);
	node_files_add_actions(context);
	g_object_set_data_full(G_OBJECT(box), "node-panel", self, node_panel_free);
	g_signal_connect_object(session_scene(session), "changed", G_CALLBACK(on_changed), box, G_CONNECT_SWAPPED);
	g_signal_connect_object(session_scene(session), "selection", G_CALLBACK(on_changed), box, G_CONNECT_SWAPPED);
	g_signal_connect_object(session_scene(session), "structure", G_CALLBACK(on_changed), box, G_CONNECT_SWAPPED);
	g_signal_connect_object(session, "run", G_CALLBACK(on_run), box, G_CONNECT_SWAPPED);
	g_signal_connect_swapped(box, "map", G_CALLBACK(on_map), self);
	g_signal_connect_swapped(box, "unmap", G_CALLBACK(on_unmap), self);
	g_signal_connect_swapped(box, "destroy", G_CALLBACK(on_destroy), self);
	/* The builder goes: what was made lives on by this reference, which becomes the caller's floating one. */
	g_object_ref(box);
	g_object_force_floating(G_OBJECT(box));
	return box;
}

static int fits(const PanelContext *context)
{
	g_autoptr(GPtrArray) vertices = scene_selected_vertices(session_scene(context->session));
	for (guint i = 0; i < vertices->len; i++)
		if (((const SceneVertex *)vertices->pdata[i])->what == SCENE_NODE)
			return 10;
	return 0;
}

const PanelType node_panel = {"node", N_("Node"), PANEL_SIDE, create, TRUE, fits};
