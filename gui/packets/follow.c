/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/packets/follow.h"

#include <string.h>

enum {
	HEADER = 14,
	TAG = 4,
	TAGS_MOST = 2,
	TYPE_IPV4 = 0x0800,
	TYPE_IPV6 = 0x86dd,
	TYPE_VLAN = 0x8100,
	TYPE_SERVICE_VLAN = 0x88a8,
	IPV4_HEADER = 20,
	IPV4_LIFE = 8, /* time to live */
	IPV4_CHECKSUM = 10,
	IPV6_HEADER = 40,
	IPV6_LIFE = 7, /* hop limit */
};

/* A frame behind its tags. */
typedef struct {
	const guint8 *bytes;
	gsize size, whole; /* bytes there are; bytes there were */
	guint type;
	int life; /* time to live; -1: none */
} Content;

static guint get16(const guint8 *bytes)
{
	return (guint)(bytes[0] << 8 | bytes[1]);
}

static gboolean read_content(const FollowFrame *frame, Content *content)
{
	gsize at = HEADER, size = MIN(frame->captured, frame->length);
	if (size < HEADER)
		return FALSE;
	content->type = get16(frame->bytes + at - 2);
	for (guint i = 0;
		i < TAGS_MOST && size >= at + TAG && (content->type == TYPE_VLAN || content->type == TYPE_SERVICE_VLAN);
		i++) {
		at += TAG;
		content->type = get16(frame->bytes + at - 2);
	}
	content->bytes = frame->bytes + at;
	content->size = size - at;
	content->whole = frame->length - at;
	content->life = -1;
	/* What fills a frame up to sixty bytes is not part of the datagram. */
	if (content->type == TYPE_IPV4 && content->size >= IPV4_HEADER) {
		content->life = content->bytes[IPV4_LIFE];
		content->whole = MIN(content->whole, get16(content->bytes + 2));
	} else if (content->type == TYPE_IPV6 && content->size >= IPV6_HEADER) {
		content->life = content->bytes[IPV6_LIFE];
		content->whole = MIN(content->whole, (gsize)IPV6_HEADER + get16(content->bytes + 4));
	}
	content->size = MIN(content->size, content->whole);
	return TRUE;
}

static gboolean same_bytes(const Content *a, const Content *b, gsize from, gsize to)
{
	return to <= from || memcmp(a->bytes + from, b->bytes + from, to - from) == 0;
}

gboolean follow_same(const FollowFrame *a, const FollowFrame *b)
{
	Content x, y;
	if (!read_content(a, &x) || !read_content(b, &y) || x.type != y.type || x.whole != y.whole ||
		(x.life < 0) != (y.life < 0))
		return FALSE;
	gsize size = MIN(x.size, y.size);
	/* Only a router changes addresses, and it takes one off the time to live. */
	if (x.life == y.life && memcmp(a->bytes, b->bytes, 12) != 0)
		return FALSE;
	if (x.life < 0)
		return same_bytes(&x, &y, 0, size);
	if (x.type == TYPE_IPV4)
		return same_bytes(&x, &y, 0, IPV4_LIFE) && x.bytes[IPV4_LIFE + 1] == y.bytes[IPV4_LIFE + 1] &&
			same_bytes(&x, &y, IPV4_CHECKSUM + 2, size);
	return same_bytes(&x, &y, 0, IPV6_LIFE) && same_bytes(&x, &y, IPV6_LIFE + 1, size);
}

static int life_of(const FollowFrame *frame)
{
	Content content;
	return read_content(frame, &content) ? content.life : -1;
}

/* Whether b can be where a went on to. */
static gboolean goes_on(const FollowFrame *a, const FollowFrame *b)
{
	return a->to == b->from && a->cable != b->cable && b->time + FOLLOW_BLUR >= a->time &&
		b->time <= a->time + FOLLOW_LONGEST && life_of(b) <= life_of(a);
}

static guint64 distance(guint64 a, guint64 b)
{
	return a > b ? a - b : b - a;
}

static gboolean is_crossed(const GArray *path, const FollowFrame *frames, guint cable)
{
	for (guint i = 0; i < path->len; i++)
		if (frames[g_array_index(path, guint, i)].cable == cable)
			return TRUE;
	return FALSE;
}

/* Back to the sender: at each step, the one of the candidates that came last before. */
static void go_back(GArray *path, const FollowFrame *frames, const GArray *same, guint selected)
{
	guint here = selected;
	for (;;) {
		guint best = G_MAXUINT;
		for (guint i = 0; i < same->len; i++) {
			guint other = g_array_index(same, guint, i);
			if (goes_on(&frames[other], &frames[here]) && !is_crossed(path, frames, frames[other].cable) &&
				(best == G_MAXUINT ||
					distance(frames[other].time, frames[here].time) <
						distance(frames[best].time, frames[here].time)))
				best = other;
		}
		if (best == G_MAXUINT)
			return;
		g_array_prepend_val(path, best);
		here = best;
	}
}

/* On from all that was reached, each cable once; of several on a cable the first. */
static void go_on(GArray *path, const FollowFrame *frames, const GArray *same)
{
	for (guint reached = 0; reached < path->len; reached++)
		for (guint i = 0; i < same->len; i++) {
			guint here = g_array_index(path, guint, reached), other = g_array_index(same, guint, i);
			if (goes_on(&frames[here], &frames[other]) && !is_crossed(path, frames, frames[other].cable))
				g_array_append_val(path, other);
		}
}

static int by_time(gconstpointer a, gconstpointer b, gpointer data)
{
	const FollowFrame *frames = data, *x = &frames[*(const guint *)a], *y = &frames[*(const guint *)b];
	return (x->time > y->time) - (x->time < y->time);
}

GArray *follow_path(const FollowFrame *frames, guint n, guint selected)
{
	GArray *path = g_array_new(FALSE, FALSE, sizeof(guint));
	g_autoptr(GArray) same = g_array_new(FALSE, FALSE, sizeof(guint));
	for (guint i = 0; i < n; i++)
		if (i != selected && distance(frames[i].time, frames[selected].time) <= FOLLOW_LONGEST &&
			follow_same(&frames[selected], &frames[i]))
			g_array_append_val(same, i);
	g_array_append_val(path, selected);
	go_back(path, frames, same, selected);
	guint known = path->len;
	go_on(path, frames, same);
	/* What led here is already in order, whatever the clocks say. */
	if (path->len > known)
		g_qsort_with_data(&g_array_index(path, guint, known), (gint)(path->len - known), sizeof(guint), by_time,
			(gpointer)frames);
	return path;
}
