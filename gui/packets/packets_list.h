/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of the packet list: one for each frame of a feed's store, decoded by ourselves first and by tshark when it has
 * spoken. */
#pragma once

#include <gtk/gtk.h>

#include "gui/packets/feed.h"
#include "gui/packets/wire_map.h"

#define PACKET_TYPE_LIST (packet_list_get_type())
G_DECLARE_FINAL_TYPE(PacketList, packet_list, PACKET, LIST, GObject)

enum {
	PACKET_COLUMN_TIME,
	PACKET_COLUMN_LINK,
	PACKET_COLUMN_FROM,
	PACKET_COLUMN_TO,
	PACKET_COLUMN_PROTOCOL,
	PACKET_COLUMN_INFO,
	PACKET_COLUMN_NUMBER,
	PACKET_N_COLUMNS
};

PacketList *packet_list_new(PacketFeed *feed);
/** Borrowed. */
GtkTreeModel *packet_list_model(PacketList *self);
/** Where frames are: taken over. */
void packet_list_set_map(PacketList *self, WireMap *map);
/** Who reads the frames: "tshark", or netlab, and why. Borrowed. */
const char *packet_list_reader(PacketList *self);
/** The row of a frame. FALSE: it is not listed. */
gboolean packet_list_find(PacketList *self, guint64 number, GtkTreeIter *row);
