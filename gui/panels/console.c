/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/panels/console_private.h"

#include <glib/gi18n.h>
#include <signal.h>
#include <string.h>

#include "netlab/client/plain_text.h"

/* bash where the image has it; the guest knows, the host does not. */
static const char *const shell[] = {
	"/bin/sh", "-c", "cd; for s in /bin/bash /bin/sh; do [ -x \"$s\" ] && exec \"$s\" -l; done", NULL};

G_DEFINE_FINAL_TYPE(Console, console, GTK_TYPE_BOX)

enum { SIGNAL_OVER, SIGNAL_TITLED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* -- Our own lines -- */

static void say(Console *self, const char *text)
{
	if (g_strcmp0(self->said, text) == 0)
		return;
	g_free(self->said);
	self->said = g_strdup(text);
	g_autofree char *printable = printable_text(text);
	g_autofree char *line = g_strdup_printf("\r\033[2m── %s ──\033[0m\r\n", printable);
	vte_terminal_feed(self->terminal, line, (gssize)strlen(line));
}

/* -- The connection -- */

static void console_connect(Console *self);

static void disconnect(Console *self)
{
	if (!self->command)
		return;
	g_signal_handlers_disconnect_by_data(self->command, self);
	guest_command_close(self->command);
	g_clear_object(&self->command);
}

static void on_output(GuestCommand *command, int stream, GBytes *bytes, Console *self)
{
	gsize length;
	const char *data = g_bytes_get_data(bytes, &length);
	if (self->again) {
		g_autofree char *text = g_strdup_printf(_("reconnected to %s"), self->node);
		say(self, text);
	}
	self->again = FALSE;
	g_clear_pointer(&self->said, g_free);
	vte_terminal_feed(self->terminal, data, (gssize)length);
}

/* Whatever ran on the terminal left it as it was: the other screen, hidden cursor, mouse wanted. */
static void settle(Console *self)
{
	glong column;
	vte_terminal_reset(self->terminal, TRUE, FALSE);
	vte_terminal_get_cursor_position(self->terminal, &column, NULL);
	if (column > 0)
		vte_terminal_feed(self->terminal, "\r\n", 2);
}

static void wait_for_node(Console *self)
{
	g_autofree char *text = g_strdup_printf(_("%s is not ready; the console connects when it is"), self->node);
	self->waiting = TRUE;
	say(self, text);
}

static void on_ended(GuestCommand *ended, Console *self)
{
	g_autoptr(GuestCommand) command = g_object_ref(ended);
	gboolean typed = self->typed;
	g_autofree char *text = NULL;
	disconnect(self);
	switch (guest_command_end(command)) {
	case EXEC_LOST:
		self->again = TRUE;
		settle(self);
		wait_for_node(self);
		return;
	case EXEC_REFUSED: /* ready a moment ago, no longer now */
		self->waiting = TRUE;
		say(self, guest_command_message(command));
		return;
	case EXEC_EXITED:
		if (typed) {
			g_signal_emit(self, signals[SIGNAL_OVER], 0);
			return;
		}
		text = g_strdup_printf(_("the shell exited with status %d; press Enter to start a new one"),
			guest_command_code(command));
		break;
	case EXEC_KILLED:
		text = g_strdup_printf(_("the shell was killed by signal %d (%s); press Enter to start a new one"),
			guest_command_code(command), g_strsignal(guest_command_code(command)));
		break;
	case EXEC_NOT_STARTED:
	case EXEC_RUNNING:
		text = g_strdup_printf(
			_("cannot start a shell: %s; press Enter to try again"), guest_command_message(command));
		break;
	}
	settle(self);
	say(self, text);
}

static gboolean is_ready(Console *self)
{
	SceneVertex *vertex = scene_find_vertex(session_scene(self->session), SCENE_NODE, self->node);
	return session_proxy(self->session) && vertex && vertex->state == SCENE_READY;
}

static void console_connect(Console *self)
{
	if (self->command)
		return;
	if (!is_ready(self)) {
		wait_for_node(self);
		return;
	}
	self->waiting = self->typed = FALSE;
	self->command = guest_command_new(session_proxy(self->session), self->node, shell,
		(guint16)vte_terminal_get_row_count(self->terminal),
		(guint16)vte_terminal_get_column_count(self->terminal));
	g_signal_connect_object(self->command, "output", G_CALLBACK(on_output), self, 0);
	g_signal_connect_object(self->command, "ended", G_CALLBACK(on_ended), self, 0);
}

/* The node's state, or the lab's, may be another one. */
static void on_state(Console *self)
{
	if (self->waiting && is_ready(self))
		console_connect(self);
}

/* -- The terminal -- */

static void on_commit(VteTerminal *terminal, const char *text, guint size, Console *self)
{
	self->typed = TRUE;
	if (self->command)
		guest_command_write(self->command, text, size);
	else if (!self->waiting && memchr(text, '\r', size))
		console_connect(self);
}

static void on_size(GtkWidget *terminal, GdkRectangle *allocation, Console *self)
{
	if (self->command)
		guest_command_resize(self->command, (guint16)vte_terminal_get_row_count(self->terminal),
			(guint16)vte_terminal_get_column_count(self->terminal));
}

static void on_title(Console *self)
{
	/* The function that gives it is deprecated in VTE 0.78, and what replaces it is not in Debian 12's. */
	g_autofree char *title = NULL;
	g_object_get(self->terminal, "window-title", &title, NULL);
	g_free(self->title);
	self->title = g_utf8_make_valid(title && *title ? title : self->name, -1);
	g_signal_emit(self, signals[SIGNAL_TITLED], 0);
}

void console_reconnect(Console *self)
{
	self->again = self->command != NULL;
	disconnect(self);
	settle(self);
	console_connect(self);
}

/* -- Settings -- */

static gboolean to_font(GValue *value, GVariant *text, gpointer data)
{
	const char *name = g_variant_get_string(text, NULL);
	g_value_take_boxed(value, *name ? pango_font_description_from_string(name) : NULL);
	return TRUE;
}

static void follow_settings(Console *self, GSettings *settings)
{
	g_settings_bind(settings, "console-scrollback", self->terminal, "scrollback-lines", G_SETTINGS_BIND_GET);
	g_settings_bind_with_mapping(
		settings, "console-font", self->terminal, "font-desc", G_SETTINGS_BIND_GET, to_font, NULL, NULL, NULL);
}

/* -- The object -- */

static void console_dispose(GObject *object)
{
	disconnect(CONSOLE_CONSOLE(object));
	G_OBJECT_CLASS(console_parent_class)->dispose(object);
}

static void console_finalize(GObject *object)
{
	Console *self = CONSOLE_CONSOLE(object);
	g_object_unref(self->actions);
	g_free(self->node);
	g_free(self->name);
	g_free(self->title);
	g_free(self->said);
	G_OBJECT_CLASS(console_parent_class)->finalize(object);
}

static void console_class_init(ConsoleClass *class)
{
	G_OBJECT_CLASS(class)->dispose = console_dispose;
	G_OBJECT_CLASS(class)->finalize = console_finalize;
	signals[SIGNAL_OVER] =
		g_signal_new("over", CONSOLE_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
	signals[SIGNAL_TITLED] =
		g_signal_new("titled", CONSOLE_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void console_init(Console *self)
{
	GtkWidget *terminal = vte_terminal_new();
	self->terminal = VTE_TERMINAL(terminal);
	self->actions = g_simple_action_group_new();
	gtk_widget_insert_action_group(GTK_WIDGET(self), "console", G_ACTION_GROUP(self->actions));
	vte_terminal_set_audible_bell(self->terminal, FALSE);
	vte_terminal_set_mouse_autohide(self->terminal, TRUE);
	vte_terminal_set_scroll_on_keystroke(self->terminal, TRUE);
	vte_terminal_set_scroll_on_output(self->terminal, FALSE);
	gtk_box_pack_start(GTK_BOX(self), terminal, TRUE, TRUE, 0);
	gtk_box_pack_start(GTK_BOX(self),
		gtk_scrollbar_new(GTK_ORIENTATION_VERTICAL, gtk_scrollable_get_vadjustment(GTK_SCROLLABLE(terminal))),
		FALSE, FALSE, 0);
	g_signal_connect_object(terminal, "commit", G_CALLBACK(on_commit), self, 0);
	g_signal_connect_object(terminal, "size-allocate", G_CALLBACK(on_size), self, G_CONNECT_AFTER);
	g_signal_connect_object(terminal, "window-title-changed", G_CALLBACK(on_title), self, G_CONNECT_SWAPPED);
	console_add_keys(self);
	gtk_widget_show_all(GTK_WIDGET(self));
}

GtkWidget *console_new(Session *session, GSettings *settings, const char *node, guint number)
{
	Console *self = g_object_new(CONSOLE_TYPE, NULL);
	self->session = session;
	follow_settings(self, settings);
	self->node = g_strdup(node);
	self->number = number;
	self->name = number > 1 ? g_strdup_printf("%s (%u)", node, number) : g_strdup(node);
	self->title = g_strdup(self->name);
	g_autofree char *accessible = g_strdup_printf(_("Console of %s"), self->name);
	atk_object_set_name(gtk_widget_get_accessible(GTK_WIDGET(self->terminal)), accessible);
	g_signal_connect_object(session_scene(session), "changed", G_CALLBACK(on_state), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(session, "run", G_CALLBACK(on_state), self, G_CONNECT_SWAPPED);
	console_connect(self);
	return GTK_WIDGET(self);
}

const char *console_node(Console *self)
{
	return self->node;
}

guint console_number(Console *self)
{
	return self->number;
}

const char *console_name(Console *self)
{
	return self->name;
}

const char *console_title(Console *self)
{
	return self->title;
}

GActionMap *console_actions(Console *self)
{
	return G_ACTION_MAP(self->actions);
}

void console_focus(Console *self)
{
	gtk_widget_grab_focus(GTK_WIDGET(self->terminal));
}
