/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/wires/link_changes.h"

/* Shared with the change that is with the switch, whose answer may come after the lab's end. */
struct LinkChanges {
	const Plan *plan; /* NULL: the lab has ended */
	GQueue waiting;   /* of Pending; the first is with the switch */
};

typedef struct {
	LinkChanges *owner;
	SwSwitch1 *network_switch;
	const PlanCable *cable;
	char *from;
	LinkBase base;
	GVariant *attributes;
	LinkChangeDone done;
	gpointer data;
	unsigned speed; /* that it leads to; 0: as before */
} Pending;

static void begin(LinkChanges *self);

LinkChanges *link_changes_new(const Plan *plan)
{
	LinkChanges *self = g_rc_box_new0(LinkChanges);
	self->plan = plan;
	g_queue_init(&self->waiting);
	return self;
}

static void finish(Pending *pending, const GError *error)
{
	pending->done(error, error ? 0 : pending->speed, pending->data);
	g_object_unref(pending->network_switch);
	g_variant_unref(pending->attributes);
	g_free(pending->from);
	g_free(pending);
}

void link_changes_free(LinkChanges *self)
{
	g_autoptr(GError) error =
		g_error_new_literal(G_IO_ERROR, G_IO_ERROR_CANCELLED, "the lab ended before the link was set");
	Pending *first = g_queue_pop_head(&self->waiting), *next;
	self->plan = NULL;
	while ((next = g_queue_pop_head(&self->waiting)))
		finish(next, error);
	if (first)
		g_queue_push_head(&self->waiting, first); /* its answer still comes */
	g_rc_box_release(self);
}

/* The first has its answer: the next has its turn. */
static void answered(Pending *pending, const GError *error)
{
	LinkChanges *self = pending->owner;
	g_queue_pop_head(&self->waiting);
	finish(pending, error);
	if (self->plan)
		begin(self);
	g_rc_box_release(self);
}

static void on_set(GObject *proxy, GAsyncResult *result, gpointer data)
{
	g_autoptr(GError) error = NULL;
	sw_switch1_call_set_link_finish(SW_SWITCH1(proxy), result, &error);
	if (error)
		g_dbus_error_strip_remote_error(error);
	answered(data, error);
}

void link_changes_send(SwSwitch1 *network_switch, const Plan *plan, const PlanCable *cable,
	const LinkSettings settings[2], GAsyncReadyCallback answered, gpointer data)
{
	sw_switch1_call_set_link(network_switch, cable->name, plan->lab->seed, links_longest_frame(plan, cable),
		link_settings_to_variant(&settings[0]), link_settings_to_variant(&settings[1]), NULL, answered, data);
}

static gboolean change_settings(Pending *pending, LinkSettings settings[2], GError **error)
{
	unsigned before = links_speed(settings);
	if (!links_change(pending->cable, settings, pending->from, pending->base, pending->attributes, error))
		return FALSE;
	unsigned after = links_speed(settings);
	pending->speed = after == before ? 0 : after;
	return TRUE;
}

static void on_cables(GObject *proxy, GAsyncResult *result, gpointer data)
{
	Pending *pending = data;
	const Plan *plan = pending->owner->plan;
	g_autoptr(GVariant) cables = NULL;
	g_autoptr(GError) error = NULL;
	LinkSettings settings[2];
	if (!plan) {
		g_set_error_literal(&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "the lab ended before the link was set");
	} else if (!sw_switch1_call_get_cables_finish(SW_SWITCH1(proxy), &cables, result, &error)) {
		g_dbus_error_strip_remote_error(error);
	} else if (!links_in_force(cables, pending->cable, settings)) {
		g_set_error(&error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "the switch has no cable \"%s\"",
			pending->cable->name);
	} else if (change_settings(pending, settings, &error)) {
		link_changes_send(pending->network_switch, plan, pending->cable, settings, on_set, pending);
		return;
	}
	answered(pending, error);
}

static void begin(LinkChanges *self)
{
	Pending *first = g_queue_peek_head(&self->waiting);
	if (!first)
		return;
	g_rc_box_acquire(self);
	sw_switch1_call_get_cables(first->network_switch, NULL, on_cables, first);
}

void link_changes_add(
	LinkChanges *self, SwSwitch1 *network_switch, const LinkChange *change, LinkChangeDone done, gpointer data)
{
	Pending *pending = g_new(Pending, 1);
	*pending = (Pending){.owner = self,
		.network_switch = g_object_ref(network_switch),
		.cable = change->cable,
		.from = g_strdup(change->from),
		.base = change->base,
		.attributes = g_variant_ref_sink(change->attributes),
		.done = done,
		.data = data};
	g_queue_push_tail(&self->waiting, pending);
	if (self->waiting.length == 1)
		begin(self);
}
