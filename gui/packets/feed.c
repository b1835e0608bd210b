/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/packets/feed.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <unistd.h>

#include "netlab/client/capture_session.h"

enum {
	PIECE = 256 << 10,   /* bytes read in a turn of the main loop */
	PIPE_SIZE = 1 << 20, /* if the host allows */
	PAST = 30,           /* seconds */
	PAST_FRAMES = 1000,  /* of them, the last so many */
};

struct _PacketFeed {
	GObject parent_instance;
	Session *session;
	PacketStore *store;
	PacketSampler sampler;
	PcapngReader *reader;
	GCancellable *starting; /* of StartCapture; NULL once it is answered */
	int pipe;               /* -1: none */
	guint source;
	gboolean paused, past_refused;
	guint64 told;           /* the last frame that "added" reported */
	guint n_past;           /* frames of the past that were taken */
	guint64 started;        /* nanoseconds since 1970: frames before are the past */
	char **places, *filter; /* asked for */
	char *error;
	guint8 *piece;
};

G_DEFINE_FINAL_TYPE(PacketFeed, packet_feed, G_TYPE_OBJECT)

enum { SIGNAL_BEGUN, SIGNAL_ADDED, SIGNAL_ENDED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* The switch learns from the closed pipe that nobody reads any more, and ends the capture. */
static void close_pipe(PacketFeed *self)
{
	g_clear_handle_id(&self->source, g_source_remove);
	if (self->pipe >= 0)
		close(self->pipe);
	self->pipe = -1;
	g_cancellable_cancel(self->starting);
	g_clear_object(&self->starting);
}

static void end(PacketFeed *self, const char *error)
{
	close_pipe(self);
	g_free(self->error);
	self->error = g_strdup(error);
	g_signal_emit(self, signals[SIGNAL_ENDED], 0);
}

/* The past comes all at once: its end is what counts. What comes now is sampled. */
static void take_frame(PacketFeed *self, const PcapngFrame *frame, gint64 now)
{
	if (frame->time < self->started) {
		packet_store_add(self->store, frame);
		packet_store_keep(self->store, PAST_FRAMES);
		self->n_past = MIN(self->n_past + 1, PAST_FRAMES);
	} else if (packet_sampler_take(&self->sampler, now)) {
		packet_store_add(self->store, frame);
	}
}

static void take_frames(PacketFeed *self, gboolean more)
{
	g_autoptr(GError) error = NULL;
	PcapngFrame frame = {0};
	gint64 now = g_get_monotonic_time();
	guint64 before = self->told;
	while (pcapng_reader_next(self->reader, &frame, &error))
		if (!self->paused)
			take_frame(self, &frame, now);
	/* Of the past that is still coming, most need not be shown. */
	if (packet_store_last(self->store) != before && !(more && frame.time < self->started)) {
		self->told = packet_store_last(self->store);
		g_signal_emit(self, signals[SIGNAL_ADDED], 0);
	}
	if (error)
		end(self, error->message);
}

static gboolean on_readable(int fd, GIOCondition condition, gpointer data)
{
	PacketFeed *self = data;
	ssize_t n = read(fd, self->piece, PIECE);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return G_SOURCE_CONTINUE;
	if (n <= 0) {
		self->source = 0;
		end(self, n < 0 ? g_strerror(errno) : _("The capture ended because the lab stopped."));
		return G_SOURCE_REMOVE;
	}
	g_object_ref(self);
	pcapng_reader_add(self->reader, self->piece, (gsize)n);
	take_frames(self, n == PIECE);
	gboolean goes_on = self->source != 0;
	g_object_unref(self);
	return goes_on ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void begin(PacketFeed *self);

static void began(GObject *proxy, GAsyncResult *result, gpointer data)
{
	g_autoptr(PacketFeed) self = data;
	g_autoptr(GError) error = NULL;
	gboolean done = capture_begin_finish(proxy, result, NULL, NULL, &error);
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	g_clear_object(&self->starting);
	if (done)
		return;
	/* A lab may keep no history. */
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED) && !self->past_refused) {
		self->past_refused = TRUE;
		close_pipe(self);
		begin(self);
		return;
	}
	end(self, error->message);
}

static void begin(PacketFeed *self)
{
	NetlabLab1 *proxy = session_proxy(self->session);
	g_autoptr(GError) error = NULL;
	int ends[2];
	if (!proxy || !g_unix_open_pipe(ends, FD_CLOEXEC, &error)) {
		end(self, error ? error->message : _("The lab is not running."));
		return;
	}
	fcntl(ends[0], F_SETPIPE_SZ, PIPE_SIZE);
	g_unix_set_fd_nonblocking(ends[0], TRUE, NULL);
	const CaptureRequest request = {.where = (const char *const *)self->places,
		.filter = self->filter,
		.format = "pcapng",
		.last_ms = self->past_refused ? 0 : PAST * 1000};
	self->pipe = ends[0];
	/* Behind what the user does and sees: a flood of frames must not starve the window. */
	self->source =
		g_unix_fd_add_full(G_PRIORITY_DEFAULT_IDLE, self->pipe, G_IO_IN | G_IO_HUP, on_readable, self, NULL);
	self->starting = g_cancellable_new();
	capture_begin(proxy, &request, ends[1], self->starting, began, g_object_ref(self));
}

void packet_feed_start(PacketFeed *self, const char *const *places, const char *filter)
{
	char **copy = g_strdupv((char **)places), *other = g_strdup(filter);
	close_pipe(self);
	g_strfreev(self->places);
	g_free(self->filter);
	self->places = copy;
	self->filter = other;
	g_clear_pointer(&self->reader, pcapng_reader_free);
	g_clear_pointer(&self->error, g_free);
	self->reader = pcapng_reader_new();
	self->past_refused = FALSE;
	self->started = (guint64)g_get_real_time() * 1000;
	self->told = self->n_past = 0;
	packet_store_clear(self->store);
	self->sampler = (PacketSampler){0};
	g_signal_emit(self, signals[SIGNAL_BEGUN], 0);
	begin(self);
}

void packet_feed_stop(PacketFeed *self)
{
	if (self->pipe >= 0)
		end(self, NULL);
}

gboolean packet_feed_is_running(PacketFeed *self)
{
	return self->pipe >= 0;
}

void packet_feed_set_paused(PacketFeed *self, gboolean paused)
{
	self->paused = paused;
}

void packet_feed_clear(PacketFeed *self)
{
	packet_store_clear(self->store);
	self->told = self->n_past = 0;
	self->sampler = (PacketSampler){0};
	g_signal_emit(self, signals[SIGNAL_BEGUN], 0);
}

const PacketStore *packet_feed_store(PacketFeed *self)
{
	return self->store;
}

const char *packet_feed_interface(PacketFeed *self, guint number)
{
	return self->reader ? pcapng_reader_interface(self->reader, number) : NULL;
}

const GByteArray *packet_feed_head(PacketFeed *self)
{
	return self->reader ? pcapng_reader_head(self->reader) : NULL;
}

void packet_feed_counts(PacketFeed *self, guint64 *total, guint64 *skipped)
{
	*total = self->sampler.total + self->n_past;
	*skipped = self->sampler.skipped;
}

const char *packet_feed_error(PacketFeed *self)
{
	return self->error;
}

static void packet_feed_dispose(GObject *object)
{
	close_pipe(PACKET_FEED(object));
	G_OBJECT_CLASS(packet_feed_parent_class)->dispose(object);
}

static void packet_feed_finalize(GObject *object)
{
	PacketFeed *self = PACKET_FEED(object);
	packet_store_free(self->store);
	g_clear_pointer(&self->reader, pcapng_reader_free);
	g_strfreev(self->places);
	g_free(self->filter);
	g_free(self->error);
	g_free(self->piece);
	g_object_unref(self->session);
	G_OBJECT_CLASS(packet_feed_parent_class)->finalize(object);
}

static void packet_feed_class_init(PacketFeedClass *class)
{
	static const char *const names[] = {
		[SIGNAL_BEGUN] = "begun", [SIGNAL_ADDED] = "added", [SIGNAL_ENDED] = "ended"};
	G_OBJECT_CLASS(class)->dispose = packet_feed_dispose;
	G_OBJECT_CLASS(class)->finalize = packet_feed_finalize;
	for (guint i = 0; i < N_SIGNALS; i++)
		signals[i] = g_signal_new(
			names[i], PACKET_TYPE_FEED, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void packet_feed_init(PacketFeed *self)
{
	self->store = packet_store_new();
	self->piece = g_malloc(PIECE);
	self->pipe = -1;
}

PacketFeed *packet_feed_new(Session *session)
{
	PacketFeed *self = g_object_new(PACKET_TYPE_FEED, NULL);
	self->session = g_object_ref(session);
	return self;
}
