/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/panels/checks.h"

#include <glib/gi18n.h>
#include <string.h>

#include "gui/model/check_marks.h"
#include "gui/session/check_run.h"

enum {
	COLUMN_ICON,
	COLUMN_STATE_TEXT,
	COLUMN_NAME,
	COLUMN_NODES,
	COLUMN_TOOK,
	COLUMN_STATE,
	COLUMN_FAILED_NODE,
	COLUMN_DETAILS,
	N_COLUMNS
};

/* Owned by its widget. */
typedef struct {
	GtkWidget *box;              /* itself */
	const PanelContext *context; /* borrowed: the window has it */
	GtkListStore *store;
	GtkTreeView *view;
	GtkTextBuffer *details;
	GtkWidget *summary;
	CheckRun *run; /* NULL: none */
} Checks;

static const struct {
	const char *icon, *text;
} looks[] = {
	[CHECK_UNKNOWN] = {"", ""},
	[CHECK_RUNNING] = {"content-loading-symbolic", N_("running")},
	[CHECK_HOLDS] = {"emblem-ok-symbolic", N_("passed")},
	[CHECK_FAILS] = {"dialog-error-symbolic", N_("failed")},
};

static Checks *checks_of(gpointer box)
{
	return g_object_get_data(G_OBJECT(box), "checks");
}

static const Lab *lab_of(Checks *self)
{
	return session_lab(self->context->session);
}

static void set_enabled(Checks *self, const char *name, gboolean enabled)
{
	g_simple_action_set_enabled(G_SIMPLE_ACTION(g_action_map_lookup_action(self->context->actions, name)), enabled);
}

static void update_actions(Checks *self)
{
	const Lab *lab = lab_of(self);
	gboolean can = lab && lab->checks->len && !self->run;
	set_enabled(self, "checks", can);
	set_enabled(self, "check", can);
	set_enabled(self, "checks-stop", self->run != NULL);
}

/* -- What the canvas shows -- */

/* The rows are in the order of the lab's checks. */
static void mark_nodes(Checks *self)
{
	const Lab *lab = lab_of(self);
	Scene *scene = session_scene(self->context->session);
	const GPtrArray *vertices = scene_vertices(scene);
	g_autoptr(GHashTable) marks = g_hash_table_new(g_str_hash, g_str_equal);
	GtkTreeIter row;
	gboolean more = lab && gtk_tree_model_get_iter_first(GTK_TREE_MODEL(self->store), &row);
	for (guint i = 0; more && i < lab->checks->len; i++) {
		CheckState state;
		g_autofree char *failed_node = NULL;
		gtk_tree_model_get(
			GTK_TREE_MODEL(self->store), &row, COLUMN_STATE, &state, COLUMN_FAILED_NODE, &failed_node, -1);
		check_mark(marks, lab->checks->pdata[i], state, failed_node);
		more = gtk_tree_model_iter_next(GTK_TREE_MODEL(self->store), &row);
	}
	for (guint i = 0; i < vertices->len; i++) {
		const SceneVertex *vertex = vertices->pdata[i];
		if (vertex->what == SCENE_NODE)
			scene_set_check(scene, vertex->name, GPOINTER_TO_INT(g_hash_table_lookup(marks, vertex->name)));
	}
}

/* -- The list -- */

static void set_row(Checks *self, GtkTreeIter *row, CheckState state, const TestResult *result)
{
	gtk_list_store_set(self->store, row, COLUMN_STATE, state, COLUMN_ICON, looks[state].icon, COLUMN_STATE_TEXT,
		*looks[state].text ? _(looks[state].text) : "", COLUMN_TOOK, result ? result->took : "",
		COLUMN_FAILED_NODE, result ? result->node : NULL, COLUMN_DETAILS, result ? result->details : "", -1);
}

static CheckState state_of(Checks *self, GtkTreeIter *row)
{
	CheckState state;
	gtk_tree_model_get(GTK_TREE_MODEL(self->store), row, COLUMN_STATE, &state, -1);
	return state;
}

static gboolean find_row(Checks *self, const char *name, GtkTreeIter *row)
{
	GtkTreeModel *model = GTK_TREE_MODEL(self->store);
	for (gboolean more = gtk_tree_model_get_iter_first(model, row); more;
		more = gtk_tree_model_iter_next(model, row)) {
		g_autofree char *text = NULL;
		gtk_tree_model_get(model, row, COLUMN_NAME, &text, -1);
		if (g_str_equal(text, name))
			return TRUE;
	}
	return FALSE;
}

static void show_details(Checks *self)
{
	GtkTreeIter row;
	g_autofree char *details = NULL;
	g_autofree char *name = NULL;
	CheckState state = CHECK_UNKNOWN;
	if (gtk_tree_selection_get_selected(gtk_tree_view_get_selection(self->view), NULL, &row))
		gtk_tree_model_get(GTK_TREE_MODEL(self->store), &row, COLUMN_NAME, &name, COLUMN_STATE, &state,
			COLUMN_DETAILS, &details, -1);
	g_autofree char *text = name ? g_strdup_printf("%s\n%s\n\n%s", name,
					       *looks[state].text ? _(looks[state].text) : "", details ? details : "")
				     : g_strdup("");
	gtk_text_buffer_set_text(self->details, text, -1);
}

static void count(Checks *self)
{
	GtkTreeModel *model = GTK_TREE_MODEL(self->store);
	guint n[4] = {0};
	GtkTreeIter row;
	for (gboolean more = gtk_tree_model_get_iter_first(model, &row); more;
		more = gtk_tree_model_iter_next(model, &row))
		n[state_of(self, &row)]++;
	g_autofree char *text = n[0] + n[1] + n[2] + n[3] == 0
		? g_strdup(_("This lab has no checks. Add <check> elements to the lab file."))
		: g_strdup_printf(_("%u passed, %u failed, %u not run yet"), n[CHECK_HOLDS], n[CHECK_FAILS],
			  n[CHECK_UNKNOWN] + n[CHECK_RUNNING]);
	gtk_label_set_text(GTK_LABEL(self->summary), text);
}

/* The first that has no result yet is the one that runs. */
static void mark_running(Checks *self)
{
	GtkTreeModel *model = GTK_TREE_MODEL(self->store);
	GtkTreeIter row;
	const char *only = check_run_only(self->run);
	for (gboolean more = gtk_tree_model_get_iter_first(model, &row); more;
		more = gtk_tree_model_iter_next(model, &row)) {
		CheckState state = state_of(self, &row);
		g_autofree char *name = NULL;
		gtk_tree_model_get(model, &row, COLUMN_NAME, &name, -1);
		if (state == CHECK_RUNNING)
			return;
		if (state == CHECK_UNKNOWN && (!only || g_str_equal(only, name))) {
			set_row(self, &row, CHECK_RUNNING, NULL);
			return;
		}
	}
}

static void updated(Checks *self)
{
	mark_nodes(self);
	show_details(self);
	count(self);
	update_actions(self);
}

static void on_result(const TestResult *result, gpointer data)
{
	Checks *self = data;
	GtkTreeIter row;
	if (find_row(self, result->name, &row))
		set_row(self, &row, result->holds ? CHECK_HOLDS : CHECK_FAILS, result);
	mark_running(self);
	updated(self);
}

static void forget(Checks *self, const char *only)
{
	GtkTreeModel *model = GTK_TREE_MODEL(self->store);
	GtkTreeIter row;
	for (gboolean more = gtk_tree_model_get_iter_first(model, &row); more;
		more = gtk_tree_model_iter_next(model, &row)) {
		g_autofree char *name = NULL;
		gtk_tree_model_get(model, &row, COLUMN_NAME, &name, -1);
		if (!only || g_str_equal(only, name))
			set_row(self, &row, CHECK_UNKNOWN, NULL);
	}
}

static void fill(GtkWidget *box)
{
	Checks *self = checks_of(box);
	const Lab *lab = lab_of(self);
	if (!lab)
		return;
	gtk_list_store_clear(self->store);
	for (guint i = 0; i < lab->checks->len; i++) {
		const LabCheck *check = lab->checks->pdata[i];
		g_autofree char *nodes = check_nodes(check);
		GtkTreeIter row;
		gtk_list_store_insert_with_values(
			self->store, &row, -1, COLUMN_NAME, check->name, COLUMN_NODES, nodes, -1);
		set_row(self, &row, CHECK_UNKNOWN, NULL);
	}
	if (self->run)
		mark_running(self);
	updated(self);
}

/* What held in a lab that has gone says nothing; what would still be looked for in it does not hold. */
static void on_run_changed(GtkWidget *box)
{
	Checks *self = checks_of(box);
	if (session_proxy(self->context->session))
		return;
	if (self->run) {
		check_run_stop(self->run);
		return;
	}
	forget(self, NULL);
	updated(self);
}

/* -- Running -- */

/* What it says beside the results: why it could not run them. */
static void complain(const char *text, gpointer data)
{
	Checks *self = data;
	g_autofree char *words = g_strstrip(g_strdup(text));
	const char *own = strstr(words, "netlab: ");
	panel_complain(self->context, own ? own + strlen("netlab: ") : words);
}

static void on_run_ended(gpointer data)
{
	Checks *self = data;
	GtkTreeIter row;
	GtkTreeModel *model = GTK_TREE_MODEL(self->store);
	g_clear_pointer(&self->run, check_run_drop);
	/* Cut off: not known. */
	for (gboolean more = gtk_tree_model_get_iter_first(model, &row); more;
		more = gtk_tree_model_iter_next(model, &row))
		if (state_of(self, &row) == CHECK_RUNNING)
			set_row(self, &row, CHECK_UNKNOWN, NULL);
	if (!session_proxy(self->context->session))
		forget(self, NULL);
	updated(self);
}

static void run(Checks *self, const char *only)
{
	static const CheckRunHooks hooks = {on_result, complain, on_run_ended};
	GFile *file = session_file(self->context->session);
	g_autoptr(GError) error = NULL;
	if (self->run || !file || !lab_of(self))
		return;
	g_autofree char *path = g_file_get_path(file);
	self->run = check_run_new(path, lab_of(self)->folder->trusted, only, &hooks, self, &error);
	if (!self->run) {
		complain(error->message, self);
		return;
	}
	forget(self, only);
	mark_running(self);
	updated(self);
}

static void show_and_run(Checks *self, const char *only)
{
	panel_show(self->context, checks_panel.id);
	run(self, only);
}

static void on_checks(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	show_and_run(checks_of(data), NULL);
}

static void on_check(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	show_and_run(checks_of(data), g_variant_get_string(parameter, NULL));
}

static void on_stop(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	Checks *self = checks_of(data);
	if (self->run)
		check_run_stop(self->run);
}

static const GActionEntry entries[] = {
	{.name = "checks", .activate = on_checks},
	{.name = "check", .activate = on_check, .parameter_type = "s"},
	{.name = "checks-stop", .activate = on_stop},
};

/* -- The panel -- */

/* What is read from a test that still runs finds nobody any more. */
static void on_destroy(Checks *self)
{
	if (self->run)
		check_run_stop(self->run);
	g_clear_pointer(&self->run, check_run_drop);
}

/* Enter or a double click runs the one. */
static void on_activated(GtkTreeView *view, GtkTreePath *path, GtkTreeViewColumn *column, Checks *self)
{
	GtkTreeIter row;
	g_autofree char *name = NULL;
	if (!gtk_tree_model_get_iter(GTK_TREE_MODEL(self->store), &row, path))
		return;
	gtk_tree_model_get(GTK_TREE_MODEL(self->store), &row, COLUMN_NAME, &name, -1);
	run(self, name);
}

/* Its nodes are selected on the canvas. */
static void on_chosen(GtkTreeSelection *selection, Checks *self)
{
	Scene *scene = session_scene(self->context->session);
	GtkTreeIter row;
	g_autofree char *names = NULL;
	show_details(self);
	if (!gtk_tree_selection_get_selected(selection, NULL, &row) || !gtk_widget_has_focus(GTK_WIDGET(self->view)))
		return;
	gtk_tree_model_get(GTK_TREE_MODEL(self->store), &row, COLUMN_NODES, &names, -1);
	g_auto(GStrv) nodes = g_strsplit(names, ", ", -1);
	scene_select_only(scene, NULL, NULL);
	for (char **node = nodes; *node; node++) {
		SceneVertex *vertex = scene_find_vertex(scene, SCENE_NODE, *node);
		if (vertex)
			scene_select(scene, vertex, NULL, TRUE);
	}
}

/* By colour as well as by sign and word. */
static void paint_state(
	GtkTreeViewColumn *column, GtkCellRenderer *cell, GtkTreeModel *model, GtkTreeIter *row, gpointer data)
{
	static const char *const colours[] = {[CHECK_HOLDS] = "netlab_good", [CHECK_FAILS] = "netlab_bad"};
	GtkStyleContext *style = gtk_widget_get_style_context(gtk_tree_view_column_get_tree_view(column));
	CheckState state;
	GdkRGBA colour;
	gtk_tree_model_get(model, row, COLUMN_STATE, &state, -1);
	gboolean known = state >= CHECK_HOLDS && gtk_style_context_lookup_color(style, colours[state], &colour);
	g_object_set(cell, "foreground-rgba", known ? &colour : NULL, NULL);
}

static GtkWidget *list_new(Checks *self)
{
	self->store = gtk_list_store_new(N_COLUMNS, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING,
		G_TYPE_STRING, G_TYPE_INT, G_TYPE_STRING, G_TYPE_STRING);
	GtkWidget *view = gtk_tree_view_new_with_model(GTK_TREE_MODEL(self->store));
	GtkWidget *scroll = gtk_scrolled_window_new(NULL, NULL);
	GtkTreeViewColumn *result = gtk_tree_view_column_new();
	GtkCellRenderer *icon = gtk_cell_renderer_pixbuf_new(), *text = gtk_cell_renderer_text_new(),
			*name = gtk_cell_renderer_text_new();
	g_object_unref(self->store);
	self->view = GTK_TREE_VIEW(view);
	gtk_tree_view_column_set_title(result, _("Result"));
	gtk_tree_view_column_pack_start(result, icon, FALSE);
	gtk_tree_view_column_add_attribute(result, icon, "icon-name", COLUMN_ICON);
	gtk_tree_view_column_pack_start(result, text, TRUE);
	gtk_tree_view_column_add_attribute(result, text, "text", COLUMN_STATE_TEXT);
	gtk_tree_view_column_set_cell_data_func(result, text, paint_state, NULL, NULL);
	gtk_tree_view_append_column(self->view, result);
	/* In a narrow window it is the name that gives way. */
	g_object_set(name, "ellipsize", PANGO_ELLIPSIZE_END, NULL);
	gtk_tree_view_insert_column_with_attributes(self->view, -1, _("Check"), name, "text", COLUMN_NAME, NULL);
	gtk_tree_view_column_set_expand(gtk_tree_view_get_column(self->view, 1), TRUE);
	gtk_tree_view_insert_column_with_attributes(
		self->view, -1, _("Nodes"), gtk_cell_renderer_text_new(), "text", COLUMN_NODES, NULL);
	gtk_tree_view_insert_column_with_attributes(
		self->view, -1, _("Duration"), gtk_cell_renderer_text_new(), "text", COLUMN_TOOK, NULL);
	gtk_tree_view_set_search_column(self->view, COLUMN_NAME);
	gtk_widget_set_tooltip_text(view, _("Press Enter or double-click to run only this check"));
	atk_object_set_name(gtk_widget_get_accessible(view), _("Checks"));
	g_signal_connect(view, "row-activated", G_CALLBACK(on_activated), self);
	g_signal_connect(gtk_tree_view_get_selection(self->view), "changed", G_CALLBACK(on_chosen), self);
	gtk_container_add(GTK_CONTAINER(scroll), view);
	return scroll;
}

static GtkWidget *details_new(Checks *self)
{
	GtkWidget *view = gtk_text_view_new(), *scroll = gtk_scrolled_window_new(NULL, NULL);
	self->details = gtk_text_view_get_buffer(GTK_TEXT_VIEW(view));
	gtk_text_view_set_editable(GTK_TEXT_VIEW(view), FALSE);
	gtk_text_view_set_monospace(GTK_TEXT_VIEW(view), TRUE);
	gtk_text_view_set_wrap_mode(GTK_TEXT_VIEW(view), GTK_WRAP_WORD_CHAR);
	gtk_text_view_set_left_margin(GTK_TEXT_VIEW(view), 8);
	atk_object_set_name(gtk_widget_get_accessible(view), _("Output of the check"));
	gtk_widget_set_size_request(scroll, 360, -1);
	gtk_container_add(GTK_CONTAINER(scroll), view);
	return scroll;
}

static GtkWidget *bar_new(Checks *self)
{
	GtkWidget *bar = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
	GtkWidget *all = gtk_button_new_with_mnemonic(_("R_un all")), *stop = gtk_button_new_with_mnemonic(_("_Stop"));
	self->summary = gtk_label_new(NULL);
	gtk_actionable_set_action_name(GTK_ACTIONABLE(all), "win.checks");
	gtk_actionable_set_action_name(GTK_ACTIONABLE(stop), "win.checks-stop");
	gtk_container_add(GTK_CONTAINER(bar), all);
	gtk_container_add(GTK_CONTAINER(bar), stop);
	gtk_container_add(GTK_CONTAINER(bar), self->summary);
	gtk_style_context_add_class(gtk_widget_get_style_context(bar), "panel-bar");
	return bar;
}

static GtkWidget *create(const PanelContext *context)
{
	Checks *self = g_new0(Checks, 1);
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0), *paned = gtk_paned_new(GTK_ORIENTATION_HORIZONTAL);
	Session *session = context->session;
	self->box = box;
	self->context = context;
	gtk_paned_pack1(GTK_PANED(paned), list_new(self), TRUE, FALSE);
	gtk_paned_pack2(GTK_PANED(paned), details_new(self), FALSE, FALSE);
	gtk_widget_set_vexpand(paned, TRUE);
	gtk_container_add(GTK_CONTAINER(box), bar_new(self));
	gtk_container_add(GTK_CONTAINER(box), paned);
	g_object_set_data_full(G_OBJECT(box), "checks", self, g_free);
	g_signal_connect_swapped(box, "destroy", G_CALLBACK(on_destroy), self);
	g_signal_connect_object(session, "file", G_CALLBACK(fill), box, G_CONNECT_SWAPPED);
	g_signal_connect_object(session, "run", G_CALLBACK(on_run_changed), box, G_CONNECT_SWAPPED);
	panel_add_actions(context, entries, G_N_ELEMENTS(entries), box);
	update_actions(self);
	gtk_widget_show_all(box);
	return box;
}

const PanelType checks_panel = {"checks", N_("Checks"), PANEL_BOTTOM, create, FALSE, NULL};
