/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/wires/declared_captures.h"

#include <gio/gunixfdlist.h>
#include <unistd.h>

#include "netlab/client/rotation.h"

typedef struct {
	const PlanCapture *plan;
	int output;         /* until the switch has it; then -1 */
	Rotation *rotation; /* NULL: one file */
	guint id;
	guint64 captured, dropped;
	char *reason; /* why it ended; NULL while it runs */
} Declared;

struct DeclaredCaptures {
	GPtrArray *captures; /* of Declared */
};

static void declared_free(gpointer data)
{
	Declared *self = data;
	g_autoptr(GError) error = NULL;
	if (self->output >= 0)
		close(self->output);
	if (self->rotation && !rotation_finish(self->rotation, &error))
		g_warning("capture: %s", error->message);
	g_free(self->reason);
	g_free(self);
}

static gboolean fail_at(const PlanCapture *plan, GError **error)
{
	const LabPos *pos = &plan->capture->pos;
	g_prefix_error(error, "%s:%u:%u: capture: ", pos->file, pos->line, pos->column);
	return FALSE;
}

static gboolean open_output(Declared *self, const LabFolder *folder, GError **error)
{
	const LabCapture *capture = self->plan->capture;
	if (capture->ring_size) {
		self->rotation = rotation_new(
			folder, capture->file, capture->ring_size, capture->ring_files, &self->output, error);
		return self->rotation || fail_at(self->plan, error);
	}
	self->output = lab_folder_open(folder, capture->file, LAB_OPEN_WRITE, error);
	if (self->output >= 0)
		return TRUE;
	g_prefix_error(error, "cannot write \"%s\": ", capture->file);
	return fail_at(self->plan, error);
}

DeclaredCaptures *declared_captures_new(const Plan *plan, GError **error)
{
	g_autoptr(DeclaredCaptures) self = g_new0(DeclaredCaptures, 1);
	self->captures = g_ptr_array_new_with_free_func(declared_free);
	for (guint i = 0; i < plan->captures->len; i++) {
		Declared *declared = g_new0(Declared, 1);
		declared->plan = g_ptr_array_index(plan->captures, i);
		declared->output = -1;
		g_ptr_array_add(self->captures, declared);
		if (!open_output(declared, plan->lab->folder, error))
			return NULL;
	}
	return g_steal_pointer(&self);
}

static gboolean is_everything(const LabCapture *capture)
{
	return !capture->link && !capture->interface && !capture->network;
}

static gboolean start(Declared *self, SwSwitch1 *network_switch, GError **error)
{
	static const char *const nowhere[] = {NULL};
	const LabCapture *capture = self->plan->capture;
	/* An interface's own view is asked for by the port's name. */
	g_autofree char *port =
		capture->interface ? g_strdup_printf("%s:%s", capture->interface->node->name, capture->interface->name)
				   : NULL;
	const char *const one[] = {port, NULL};
	const char *const *where = is_everything(capture) ? nowhere
		: port                                    ? one
							  : (const char *const *)self->plan->cables;
	g_autoptr(GUnixFDList) fds = g_unix_fd_list_new_from_array(&self->output, 1); /* owns it */
	GVariantDict options;
	self->output = -1;
	g_variant_dict_init(&options, NULL);
	g_variant_dict_insert(&options, "format", "s", lab_capture_format_name(capture->format));
	g_variant_dict_insert(&options, "filter", "s", capture->filter ? capture->filter : "");
	if (sw_switch1_call_start_capture_sync(network_switch, where, g_variant_dict_end(&options),
		    g_variant_new_handle(0), fds, &self->id, NULL, NULL, NULL, error))
		return TRUE;
	g_dbus_error_strip_remote_error(*error);
	return fail_at(self->plan, error);
}

gboolean declared_captures_start(DeclaredCaptures *self, SwSwitch1 *network_switch, GError **error)
{
	for (guint i = 0; i < self->captures->len; i++)
		if (!start(g_ptr_array_index(self->captures, i), network_switch, error))
			return FALSE;
	return TRUE;
}

gboolean declared_captures_ended(
	DeclaredCaptures *self, guint id, guint64 captured, guint64 dropped, const char *reason)
{
	for (guint i = 0; i < self->captures->len; i++) {
		Declared *declared = g_ptr_array_index(self->captures, i);
		if (declared->id != id)
			continue;
		declared->captured = captured;
		declared->dropped = dropped;
		g_autoptr(GError) error = NULL;
		/* The switch knows only that its reader has gone; the rotation knows why. */
		if (declared->rotation && !rotation_finish(g_steal_pointer(&declared->rotation), &error))
			reason = error->message;
		declared->reason = g_strdup(reason);
		g_warning("the capture to \"%s\" ended: %s", declared->plan->capture->file, reason);
		return TRUE;
	}
	return FALSE;
}

void capture_counts(GVariant *counts, guint id, guint64 *captured, guint64 *dropped)
{
	GVariantIter iter;
	guint number;
	guint64 c, d;
	if (!counts)
		return;
	g_variant_iter_init(&iter, counts);
	while (g_variant_iter_next(&iter, "(utt)", &number, &c, &d))
		if (number == id) {
			*captured = c;
			*dropped = d;
		}
}

void declared_captures_facts(const DeclaredCaptures *self, GVariant *counts, GVariantBuilder *builder)
{
	for (guint i = 0; i < self->captures->len; i++) {
		const Declared *declared = g_ptr_array_index(self->captures, i);
		const LabCapture *capture = declared->plan->capture;
		guint64 captured = declared->captured, dropped = declared->dropped;
		const char *where = capture->link ? capture->link->name
			: capture->network        ? capture->network->name
			: capture->interface_name ? capture->interface_name
						  : "";
		GVariantDict facts;
		capture_counts(counts, declared->id, &captured, &dropped);
		g_variant_dict_init(&facts, NULL);
		g_variant_dict_insert(&facts, "id", "u", declared->id);
		g_variant_dict_insert(&facts, "where", "s", where);
		g_variant_dict_insert(&facts, "file", "s", capture->file);
		g_variant_dict_insert(&facts, "filter", "s", capture->filter ? capture->filter : "");
		g_variant_dict_insert(&facts, "captured", "t", captured);
		g_variant_dict_insert(&facts, "dropped", "t", dropped);
		g_variant_dict_insert(&facts, "reason", "s", declared->reason ? declared->reason : "");
		g_variant_builder_add_value(builder, g_variant_dict_end(&facts));
	}
}

void declared_captures_free(DeclaredCaptures *self)
{
	g_ptr_array_unref(self->captures);
	g_free(self);
}
