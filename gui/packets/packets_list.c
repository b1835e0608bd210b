/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/packets/packets_list.h"

#include <glib/gi18n.h>

#include "gui/packets/decode.h"
#include "gui/packets/dissector.h"

struct _PacketList {
	GObject parent_instance;
	PacketFeed *feed;
	PacketDissector *dissector;
	GtkListStore *rows;  /* of frames first to last, in order */
	guint64 first, last; /* none: first > last */
	WireMap *map;
	gboolean tshark;
	char *reader; /* who reads the frames instead of tshark, and why */
};

G_DEFINE_FINAL_TYPE(PacketList, packet_list, G_TYPE_OBJECT)

/* "14:03:21.123456" */
static char *time_text(guint64 nanoseconds)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_local((gint64)(nanoseconds / 1000000000));
	g_autofree char *clock = time ? g_date_time_format(time, "%H:%M:%S") : g_strdup("");
	return g_strdup_printf("%s.%06u", clock, (guint)(nanoseconds % 1000000000 / 1000));
}

/* What the wire did to the frame comes after what it is. */
static char *info_text(const Packet *packet, const char *info)
{
	g_autofree char *comment = packet_comment(packet);
	return comment ? g_strconcat(info, " — ", comment, NULL) : g_strdup(info);
}

static void add_row(PacketList *self, const Packet *packet)
{
	PacketFacts facts;
	WirePlace place;
	const char *interface = packet_feed_interface(self->feed, packet->interface);
	packet_decode(packet_bytes(packet), packet->captured, packet->length, &facts);
	/* A frame may be cut within a character of ours. */
	g_autofree char *valid = g_utf8_make_valid(facts.info, -1), *info = info_text(packet, valid);
	g_autofree char *time = time_text(packet->time);
	gboolean known = self->map && wire_map_find(self->map, interface, packet->inbound, &place);
	gtk_list_store_insert_with_values(self->rows, NULL, -1, PACKET_COLUMN_TIME, time, PACKET_COLUMN_LINK,
		known ? place.text : interface, PACKET_COLUMN_FROM, facts.from, PACKET_COLUMN_TO, facts.to,
		PACKET_COLUMN_PROTOCOL, facts.protocol, PACKET_COLUMN_INFO, info, PACKET_COLUMN_NUMBER, packet->number,
		-1);
	if (self->tshark)
		packet_dissector_feed(self->dissector, packet_feed_head(self->feed), packet);
}

static void remove_first(PacketList *self)
{
	GtkTreeIter row;
	if (gtk_tree_model_get_iter_first(GTK_TREE_MODEL(self->rows), &row))
		gtk_list_store_remove(self->rows, &row);
	self->first++;
}

static void on_added(PacketList *self)
{
	const PacketStore *store = packet_feed_store(self->feed);
	guint64 first = packet_store_first(store), last = packet_store_last(store);
	while (self->first <= self->last && self->first < first)
		remove_first(self);
	if (self->first > self->last) {
		self->first = first;
		self->last = first - 1;
	}
	while (self->last < last)
		add_row(self, packet_store_get(store, ++self->last));
}

static void on_begun(PacketList *self)
{
	packet_dissector_reset(self->dissector);
	gtk_list_store_clear(self->rows);
	self->first = 1;
	self->last = 0;
}

gboolean packet_list_find(PacketList *self, guint64 number, GtkTreeIter *row)
{
	return number >= self->first && number <= self->last &&
		gtk_tree_model_iter_nth_child(GTK_TREE_MODEL(self->rows), row, NULL, (int)(number - self->first));
}

static void on_line(PacketDissector *dissector, guint64 number, const PacketFacts *facts, PacketList *self)
{
	const Packet *packet = packet_store_get(packet_feed_store(self->feed), number);
	GtkTreeIter row;
	if (!packet || !packet_list_find(self, number, &row))
		return;
	g_autofree char *info = info_text(packet, facts->info);
	gtk_list_store_set(self->rows, &row, PACKET_COLUMN_FROM, facts->from, PACKET_COLUMN_TO, facts->to,
		PACKET_COLUMN_PROTOCOL, facts->protocol, PACKET_COLUMN_INFO, info, -1);
}

static void on_gone(PacketList *self)
{
	const char *problem = packet_dissector_problem(self->dissector);
	self->tshark = FALSE;
	g_free(self->reader);
	self->reader = g_strconcat(_("netlab (tshark failed)"), problem ? ": " : NULL, problem, NULL);
}

GtkTreeModel *packet_list_model(PacketList *self)
{
	return GTK_TREE_MODEL(self->rows);
}

void packet_list_set_map(PacketList *self, WireMap *map)
{
	g_clear_pointer(&self->map, wire_map_free);
	self->map = map;
}

const char *packet_list_reader(PacketList *self)
{
	return self->tshark ? "tshark" : self->reader ? self->reader : _("netlab (tshark is not installed)");
}

static void packet_list_finalize(GObject *object)
{
	PacketList *self = PACKET_LIST(object);
	g_object_run_dispose(G_OBJECT(self->dissector));
	g_object_unref(self->dissector);
	g_object_unref(self->rows);
	g_clear_pointer(&self->map, wire_map_free);
	g_object_unref(self->feed);
	g_free(self->reader);
	G_OBJECT_CLASS(packet_list_parent_class)->finalize(object);
}

static void packet_list_class_init(PacketListClass *class)
{
	G_OBJECT_CLASS(class)->finalize = packet_list_finalize;
}

static void packet_list_init(PacketList *self)
{
	self->rows = gtk_list_store_new(PACKET_N_COLUMNS, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING,
		G_TYPE_STRING, G_TYPE_STRING, G_TYPE_UINT64);
	self->dissector = packet_dissector_new();
	self->tshark = packet_dissector_is_there();
	self->first = 1;
}

PacketList *packet_list_new(PacketFeed *feed)
{
	PacketList *self = g_object_new(PACKET_TYPE_LIST, NULL);
	self->feed = g_object_ref(feed);
	g_signal_connect_object(feed, "begun", G_CALLBACK(on_begun), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(feed, "added", G_CALLBACK(on_added), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(self->dissector, "line", G_CALLBACK(on_line), self, 0);
	g_signal_connect_object(self->dissector, "gone", G_CALLBACK(on_gone), self, G_CONNECT_SWAPPED);
	return self;
}
