/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/packets/tracker.h"

#include <glib/gi18n.h>
#include <string.h>

#include "gui/packets/follow.h"
#include "gui/packets/past.h"
#include "gui/packets/wire_map.h"

enum { MARGIN = 12, LONGEST = 3600 }; /* seconds: before and after the frame; that a lab is asked for */

struct _PacketTracker {
	GObject parent_instance;
	Session *session;
	GCancellable *cancellable;
	GByteArray *wanted; /* the frame's bytes */
	guint32 length;
	guint64 time;
	char *interface;
	gboolean inbound;
	GPtrArray *path;
	char *text;
};

G_DEFINE_FINAL_TYPE(PacketTracker, packet_tracker, G_TYPE_OBJECT)

static guint found_signal;

static void say(PacketTracker *self, char *text)
{
	g_free(self->text);
	self->text = text;
	g_signal_emit(self, found_signal, 0);
}

void packet_tracker_forget(PacketTracker *self)
{
	g_cancellable_cancel(self->cancellable);
	g_clear_object(&self->cancellable);
	g_ptr_array_set_size(self->path, 0);
	say(self, g_strdup(""));
}

static void append_frame(GArray *frames, const PcapngFrame *frame, const WirePlace *place, const guint8 *bytes)
{
	FollowFrame one = {bytes, frame->captured, frame->length, frame->time, place->number, place->from, place->to};
	g_array_append_val(frames, one);
}

/* All that could be the frame, itself among them. */
static GArray *read_frames(PacketTracker *self, GBytes *capture, const WireMap *map, GPtrArray *blocks, guint *selected)
{
	g_autoptr(PcapngReader) reader = pcapng_reader_new();
	GArray *frames = g_array_new(FALSE, FALSE, sizeof(FollowFrame));
	FollowFrame wanted = {.bytes = self->wanted->data, .captured = self->wanted->len, .length = self->length};
	WirePlace place, own;
	PcapngFrame frame;
	gsize size;
	gboolean found = FALSE, known = wire_map_find(map, self->interface, self->inbound, &own);
	const guint8 *bytes = g_bytes_get_data(capture, &size);
	pcapng_reader_add(reader, bytes, size);
	while (known && pcapng_reader_next(reader, &frame, NULL)) {
		FollowFrame here = {.bytes = frame.bytes, .captured = frame.captured, .length = frame.length};
		const char *interface = pcapng_reader_interface(reader, frame.interface);
		if (!wire_map_find(map, interface, frame.inbound, &place) || !follow_same(&wanted, &here))
			continue;
		if (!found && frame.time == self->time && place.number == own.number && place.from == own.from) {
			*selected = frames->len;
			found = TRUE;
		}
		g_ptr_array_add(blocks, g_memdup2(frame.bytes, frame.captured));
		append_frame(frames, &frame, &place, blocks->pdata[blocks->len - 1]);
	}
	/* The lab has forgotten it, but the list has not. */
	if (known && !found) {
		PcapngFrame itself = {.captured = self->wanted->len, .length = self->length, .time = self->time};
		*selected = frames->len;
		append_frame(frames, &itself, &own, self->wanted->data);
	}
	return frames;
}

static const char *vertex_name(Scene *scene, guint number)
{
	return ((const SceneVertex *)scene_vertices(scene)->pdata[number])->name;
}

/* The map numbers cables and vertices as the scene has them now: it was made just before. */
static char *path_text(Scene *scene, const GArray *frames, const GArray *path)
{
	const FollowFrame *all = (const FollowFrame *)frames->data;
	const FollowFrame *first = &all[g_array_index(path, guint, 0)], *before = NULL;
	guint64 last = first->time;
	GString *text = g_string_new(NULL);
	for (guint i = 0; i < path->len; i++) {
		const FollowFrame *frame = &all[g_array_index(path, guint, i)];
		if (!before || before->to != frame->from)
			g_string_append_printf(text, "%s%s", before ? "; " : "", vertex_name(scene, frame->from));
		g_string_append_printf(text, " → %s", vertex_name(scene, frame->to));
		last = MAX(last, frame->time);
		before = frame;
	}
	g_string_append_printf(text, ngettext(" (%u link, %.3f ms)", " (%u links, %.3f ms)", path->len), path->len,
		(double)(last - first->time) / 1e6);
	return g_string_free(text, FALSE);
}

static void got_past(GObject *session, GAsyncResult *result, gpointer data)
{
	g_autoptr(PacketTracker) self = data;
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) capture = packet_past_fetch_finish(result, &error);
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	if (!capture) {
		say(self, g_strdup_printf(_("Cannot follow this frame: %s"), error->message));
		return;
	}
	Scene *scene = session_scene(self->session);
	g_autoptr(WireMap) map = wire_map_new(scene);
	g_autoptr(GPtrArray) blocks = g_ptr_array_new_with_free_func(g_free);
	guint selected = 0;
	g_autoptr(GArray) frames = read_frames(self, capture, map, blocks, &selected);
	if (!frames->len) {
		say(self, g_strdup(_("Cannot follow this frame: its link is not in the drawing.")));
		return;
	}
	g_autoptr(GArray) path = follow_path((const FollowFrame *)frames->data, frames->len, selected);
	g_ptr_array_set_size(self->path, 0);
	for (guint i = 0; i < path->len; i++) {
		guint cable = g_array_index(frames, FollowFrame, g_array_index(path, guint, i)).cable;
		g_ptr_array_add(self->path, g_strdup(((const SceneEdge *)scene_edges(scene)->pdata[cable])->name));
	}
	say(self, path_text(scene, frames, path));
}

void packet_tracker_follow(PacketTracker *self, const Packet *packet, const char *interface)
{
	gint64 age = g_get_real_time() / G_USEC_PER_SEC - (gint64)(packet->time / 1000000000);
	packet_tracker_forget(self);
	g_byte_array_set_size(self->wanted, 0);
	g_byte_array_append(self->wanted, packet_bytes(packet), packet->captured);
	self->length = packet->length;
	self->time = packet->time;
	self->inbound = packet->inbound;
	g_free(self->interface);
	self->interface = g_strdup(interface);
	self->cancellable = g_cancellable_new();
	packet_past_fetch(self->session, (guint)CLAMP(age + MARGIN, MARGIN, LONGEST), self->cancellable, got_past,
		g_object_ref(self));
}

const GPtrArray *packet_tracker_path(PacketTracker *self)
{
	return self->path;
}

const char *packet_tracker_text(PacketTracker *self)
{
	return self->text;
}

static void packet_tracker_dispose(GObject *object)
{
	PacketTracker *self = PACKET_TRACKER(object);
	g_cancellable_cancel(self->cancellable);
	g_clear_object(&self->cancellable);
	G_OBJECT_CLASS(packet_tracker_parent_class)->dispose(object);
}

static void packet_tracker_finalize(GObject *object)
{
	PacketTracker *self = PACKET_TRACKER(object);
	g_ptr_array_unref(self->path);
	g_byte_array_unref(self->wanted);
	g_free(self->interface);
	g_free(self->text);
	g_object_unref(self->session);
	G_OBJECT_CLASS(packet_tracker_parent_class)->finalize(object);
}

static void packet_tracker_class_init(PacketTrackerClass *class)
{
	G_OBJECT_CLASS(class)->dispose = packet_tracker_dispose;
	G_OBJECT_CLASS(class)->finalize = packet_tracker_finalize;
	found_signal =
		g_signal_new("found", PACKET_TYPE_TRACKER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void packet_tracker_init(PacketTracker *self)
{
	self->path = g_ptr_array_new_with_free_func(g_free);
	self->wanted = g_byte_array_new();
	self->text = g_strdup("");
}

PacketTracker *packet_tracker_new(Session *session)
{
	PacketTracker *self = g_object_new(PACKET_TYPE_TRACKER, NULL);
	self->session = g_object_ref(session);
	return self;
}
