/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/capture/recorder_private.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* With several workers, one that has had nothing yet may be in the middle of a batch that is older than what others
 * brought: that long is waited for it. A batch takes a few milliseconds at most. */
#define HOLD_BACK_US 20000

/* The file must know of an interface before it comes to its first frame. */
static void describe_interfaces(Tap *tap)
{
	g_mutex_lock(&tap->mutex);
	for (; tap->described < tap->interfaces->len; tap->described++) {
		const TapInterface *interface = tap->interfaces->pdata[tap->described];
		capture_format_interface(tap->output.bytes, tap->format, interface->name, interface->description,
			tap->filter, tap->snaplen);
		tap_output_end_block(&tap->output, FALSE);
	}
	g_mutex_unlock(&tap->mutex);
}

/* Where the bytes of a frame are to be put. */
static uint8_t *begin_frame(Tap *tap, CaptureRecord *record, uint64_t missing)
{
	if (record->interface >= tap->described)
		describe_interfaces(tap);
	tap->last = record->time = MAX(tap->last, record->time);
	return capture_format_frame(tap->output.bytes, tap->format, record, missing);
}

static TapInterface *interface_of(Tap *tap, unsigned number)
{
	g_mutex_lock(&tap->mutex);
	TapInterface *interface = tap->interfaces->pdata[number];
	g_mutex_unlock(&tap->mutex);
	return interface;
}

static int write_prelude(Tap *tap)
{
	uint64_t missing;
	CaptureRecord record;
	const uint8_t *bytes;
	int failure = 0;
	while (!failure && tap->left > 0 && tap->prelude.next &&
		tap->prelude.next(tap->prelude.data, &record, &bytes, &missing)) {
		uint64_t *gap = &interface_of(tap, record.interface)->missing[record.flags & CAPTURE_INBOUND ? 1 : 0];
		*gap += missing;
		if (!tap_matches(tap, bytes, record.captured, record.length))
			continue;
		record.captured = MIN(record.captured, tap->snaplen);
		uint8_t *room = begin_frame(tap, &record, *gap);
		*gap = 0;
		memcpy(room, bytes, record.captured);
		tap_output_end_block(&tap->output, TRUE);
		atomic_fetch_add_explicit(&tap->remembered, 1, memory_order_relaxed);
		tap->left--;
		if (tap_output_is_full(&tap->output))
			failure = tap_output_flush(&tap->output);
	}
	return failure ? failure : tap_output_flush(&tap->output);
}

static void peek_record(TapSource *source)
{
	if (source->position < source->visible)
		ring_copy(&source->ring, source->position, &source->record, sizeof(source->record));
}

/* Sees what the workers have committed. Returns whether there is anything. */
static bool look(Tap *tap)
{
	bool something = false;
	for (unsigned i = 0; i < tap->n_sources; i++) {
		TapSource *source = &tap->sources[i];
		bool had_none = source->position == source->visible;
		source->visible = atomic_load(&source->ring.published);
		if (had_none)
			peek_record(source);
		something |= source->position < source->visible;
	}
	return something;
}

/* The source that has the oldest record which may be written now. */
static TapSource *choose(Tap *tap, bool finishing)
{
	TapSource *oldest = NULL;
	bool all = true;
	for (unsigned i = 0; i < tap->n_sources; i++) {
		TapSource *source = &tap->sources[i];
		if (source->position == source->visible)
			all &= !atomic_load_explicit(&source->used, memory_order_relaxed);
		else if (!oldest || source->record.time < oldest->record.time)
			oldest = source;
	}
	return oldest && (all || finishing || oldest->position < oldest->ripe) ? oldest : NULL;
}

static void take(Tap *tap, TapSource *source)
{
	uint32_t captured = source->record.captured;
	uint8_t *room = begin_frame(tap, &source->record, 0);
	ring_copy(&source->ring, source->position + sizeof(source->record), room, captured);
	tap_output_end_block(&tap->output, TRUE);
	tap->left--;
	ring_consume(&source->ring, sizeof(source->record) + captured);
	source->position += sizeof(source->record) + captured;
	peek_record(source);
}

static void ripen(Tap *tap)
{
	for (unsigned i = 0; i < tap->n_sources; i++)
		tap->sources[i].ripe = tap->sources[i].visible;
}

static bool is_empty(Tap *tap)
{
	for (unsigned i = 0; i < tap->n_sources; i++)
		if (atomic_load(&tap->sources[i].ring.published) != tap->sources[i].position)
			return false;
	return true;
}

/* Sleeps until there is more to write or it is time to end. Returns 0, or EPIPE when nobody is left to read. */
static int await_frames(Tap *tap)
{
	atomic_store(&tap->sleeping, true);
	if (is_empty(tap) && !atomic_load(&tap->finish)) {
		/* With no events asked for, poll(2) still reports POLLERR: the reader of a pipe has gone. */
		struct pollfd fds[] = {
			{.fd = tap->wake, .events = POLLIN}, {.fd = tap->output.is_file ? -1 : tap->output.fd}};
		if (poll(fds, 2, -1) > 0 && fds[1].revents)
			return EPIPE;
	}
	atomic_store(&tap->sleeping, false);
	uint64_t ignored;
	return read(tap->wake, &ignored, sizeof(ignored)) < 0 && errno != EAGAIN ? errno : 0;
}

static int write_statistics(Tap *tap)
{
	describe_interfaces(tap);
	for (guint i = 0; i < tap->described; i++) {
		TapInterface *interface = interface_of(tap, i);
		uint64_t missing = tap->prelude.missing ? tap->prelude.missing(tap->prelude.data, i) : 0;
		/* Of the past nobody counted but what is missing. */
		if (tap->only_past && !missing)
			continue;
		capture_format_statistics(tap->output.bytes, tap->format, i, tap->last,
			tap->only_past ? CAPTURE_UNKNOWN : atomic_load(&interface->received),
			atomic_load(&interface->dropped) + missing);
		tap_output_end_block(&tap->output, FALSE);
	}
	return tap_output_flush(&tap->output);
}

/* Everything from the rings to the output until the end. Returns 0, or the error that ended it. */
static int write_all(Tap *tap)
{
	capture_format_begin(tap->output.bytes, tap->format, tap->snaplen);
	tap_output_end_block(&tap->output, FALSE);
	describe_interfaces(tap);
	int failure = write_prelude(tap);
	while (!failure) {
		/* In this order: what was put before finish was set is seen. */
		bool finishing = atomic_load(&tap->finish);
		bool something = look(tap);
		if (tap->left == 0 || (!something && finishing))
			return write_statistics(tap);
		if (!something) {
			failure = await_frames(tap);
			continue;
		}
		for (TapSource *source; !failure && tap->left > 0 && (source = choose(tap, finishing));) {
			take(tap, source);
			if (tap_output_is_full(&tap->output))
				failure = tap_output_flush(&tap->output);
		}
		if (!failure)
			failure = tap_output_flush(&tap->output);
		if (!failure && !finishing && look(tap) && !choose(tap, false)) {
			g_usleep(HOLD_BACK_US);
			ripen(tap);
		}
	}
	return failure;
}

gpointer tap_writer_main(gpointer data)
{
	Tap *tap = data;
	int failure = write_all(tap);

	atomic_store(&tap->closed, true);
	int closing = tap_output_close(&tap->output);
	failure = failure ? failure : closing;
	uint64_t written = atomic_load(&tap->output.frames);
	tap->failed = failure != 0;
	if (failure == ETIMEDOUT)
		tap->reason = g_strdup("the reader of the capture does not read");
	else if (failure)
		tap->reason = g_strdup(g_strerror(failure));
	else
		tap->reason = g_strdup(tap->count && written == tap->count ? "count"
				: tap->only_past                           ? "complete"
									   : "stopped");
	atomic_store(&tap->over, true);
	tap->ended(tap->data);
	return NULL;
}
