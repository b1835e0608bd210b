/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/capture/recorder_private.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* With several workers, one that has offered nothing yet may be in the middle of a batch that is older than what the others
 * offered. The writer waits this long for it. A batch takes at most a few milliseconds. */
#define HOLD_BACK_US 20000

/* The file must know of an interface before it comes to its first frame. */
static void describe_interfaces(Recorder *recorder)
{
	g_mutex_lock(&recorder->mutex);
	for (; recorder->described < recorder->interfaces->len; recorder->described++) {
		const RecorderInterface *interface = recorder->interfaces->pdata[recorder->described];
		capture_format_interface(recorder->output.bytes, recorder->format, interface->name,
			interface->description, recorder->filter, recorder->snaplen);
		recorder_output_end_block(&recorder->output, FALSE);
	}
	g_mutex_unlock(&recorder->mutex);
}

/* Where the bytes of a frame are to be put. */
static uint8_t *begin_frame(Recorder *recorder, CaptureRecord *record, uint64_t missing)
{
	if (record->interface >= recorder->described)
		describe_interfaces(recorder);
	recorder->last = record->time = MAX(recorder->last, record->time);
	return capture_format_frame(recorder->output.bytes, recorder->format, record, missing);
}

static RecorderInterface *interface_of(Recorder *recorder, unsigned number)
{
	g_mutex_lock(&recorder->mutex);
	RecorderInterface *interface = recorder->interfaces->pdata[number];
	g_mutex_unlock(&recorder->mutex);
	return interface;
}

static int write_prelude(Recorder *recorder)
{
	uint64_t missing;
	CaptureRecord record;
	const uint8_t *bytes;
	int failure = 0;
	while (!failure && recorder->left > 0 && recorder->prelude.next &&
		recorder->prelude.next(recorder->prelude.data, &record, &bytes, &missing)) {
		uint64_t *gap =
			&interface_of(recorder, record.interface)->missing[record.flags & CAPTURE_INBOUND ? 1 : 0];
		*gap += missing;
		if (!recorder_matches(recorder, bytes, record.captured, record.length))
			continue;
		record.captured = MIN(record.captured, recorder->snaplen);
		uint8_t *room = begin_frame(recorder, &record, *gap);
		*gap = 0;
		memcpy(room, bytes, record.captured);
		recorder_output_end_block(&recorder->output, TRUE);
		atomic_fetch_add_explicit(&recorder->remembered, 1, memory_order_relaxed);
		recorder->left--;
		if (recorder_output_is_full(&recorder->output))
			failure = recorder_output_flush(&recorder->output);
	}
	return failure ? failure : recorder_output_flush(&recorder->output);
}

static void peek_record(RecorderSource *source)
{
	if (source->position < source->visible)
		ring_copy(&source->ring, source->position, &source->record, sizeof(source->record));
}

/* Sees what the workers have committed. Returns whether there is anything. */
static bool look(Recorder *recorder)
{
	bool something = false;
	for (unsigned i = 0; i < recorder->n_sources; i++) {
		RecorderSource *source = &recorder->sources[i];
		bool had_none = source->position == source->visible;
		source->visible = atomic_load(&source->ring.published);
		if (had_none)
			peek_record(source);
		something |= source->position < source->visible;
	}
	return something;
}

/* The source that has the oldest record which may be written now. */
static RecorderSource *choose(Recorder *recorder, bool finishing)
{
	RecorderSource *oldest = NULL;
	bool all = true;
	for (unsigned i = 0; i < recorder->n_sources; i++) {
		RecorderSource *source = &recorder->sources[i];
		if (source->position == source->visible)
			all &= !atomic_load_explicit(&source->used, memory_order_relaxed);
		else if (!oldest || source->record.time < oldest->record.time)
			oldest = source;
	}
	return oldest && (all || finishing || oldest->position < oldest->ripe) ? oldest : NULL;
}

static void take(Recorder *recorder, RecorderSource *source)
{
	uint32_t captured = source->record.captured;
	uint8_t *room = begin_frame(recorder, &source->record, 0);
	ring_copy(&source->ring, source->position + sizeof(source->record), room, captured);
	recorder_output_end_block(&recorder->output, TRUE);
	recorder->left--;
	ring_consume(&source->ring, sizeof(source->record) + captured);
	source->position += sizeof(source->record) + captured;
	peek_record(source);
}

static void ripen(Recorder *recorder)
{
	for (unsigned i = 0; i < recorder->n_sources; i++)
		recorder->sources[i].ripe = recorder->sources[i].visible;
}

static bool is_empty(Recorder *recorder)
{
	for (unsigned i = 0; i < recorder->n_sources; i++)
		if (atomic_load(&recorder->sources[i].ring.published) != recorder->sources[i].position)
			return false;
	return true;
}

/* Sleeps until there is more to write or it is time to end. Returns 0, or EPIPE when nobody is left to read. */
static int await_frames(Recorder *recorder)
{
	atomic_store(&recorder->sleeping, true);
	if (is_empty(recorder) && !atomic_load(&recorder->finish)) {
		/* With no events asked for, poll(2) still reports POLLERR: the reader of a pipe has gone. */
		struct pollfd fds[] = {{.fd = recorder->wake, .events = POLLIN},
			{.fd = recorder->output.is_file ? -1 : recorder->output.fd}};
		if (poll(fds, 2, -1) > 0 && fds[1].revents)
			return EPIPE;
	}
	atomic_store(&recorder->sleeping, false);
	uint64_t ignored;
	return read(recorder->wake, &ignored, sizeof(ignored)) < 0 && errno != EAGAIN ? errno : 0;
}

static int write_statistics(Recorder *recorder)
{
	describe_interfaces(recorder);
	for (guint i = 0; i < recorder->described; i++) {
		RecorderInterface *interface = interface_of(recorder, i);
		uint64_t missing = recorder->prelude.missing ? recorder->prelude.missing(recorder->prelude.data, i) : 0;
		/* Of the past nobody counted but what is missing. */
		if (recorder->only_past && !missing)
			continue;
		capture_format_statistics(recorder->output.bytes, recorder->format, i, recorder->last,
			recorder->only_past ? CAPTURE_UNKNOWN : atomic_load(&interface->received),
			atomic_load(&interface->dropped) + missing);
		recorder_output_end_block(&recorder->output, FALSE);
	}
	return recorder_output_flush(&recorder->output);
}

/* Everything from the rings to the output until the end. Returns 0, or the error that ended it. */
static int write_all(Recorder *recorder)
{
	capture_format_begin(recorder->output.bytes, recorder->format, recorder->snaplen);
	recorder_output_end_block(&recorder->output, FALSE);
	describe_interfaces(recorder);
	int failure = write_prelude(recorder);
	while (!failure) {
		/* In this order: what was put before finish was set is seen. */
		bool finishing = atomic_load(&recorder->finish);
		bool something = look(recorder);
		if (recorder->left == 0 || (!something && finishing))
			return write_statistics(recorder);
		if (!something) {
			failure = await_frames(recorder);
			continue;
		}
		for (RecorderSource *source;
			!failure && recorder->left > 0 && (source = choose(recorder, finishing));) {
			take(recorder, source);
			if (recorder_output_is_full(&recorder->output))
				failure = recorder_output_flush(&recorder->output);
		}
		if (!failure)
			failure = recorder_output_flush(&recorder->output);
		if (!failure && !finishing && look(recorder) && !choose(recorder, false)) {
			g_usleep(HOLD_BACK_US);
			ripen(recorder);
		}
	}
	return failure;
}

gpointer recorder_writer_main(gpointer data)
{
	Recorder *recorder = data;
	int failure = write_all(recorder);

	atomic_store(&recorder->closed, true);
	int closing = recorder_output_close(&recorder->output);
	failure = failure ? failure : closing;
	uint64_t written = atomic_load(&recorder->output.frames);
	recorder->failed = failure != 0;
	if (failure == ETIMEDOUT)
		recorder->reason = g_strdup("the reader of the capture stopped reading");
	else if (failure)
		recorder->reason = g_strdup(g_strerror(failure));
	else
		recorder->reason = g_strdup(recorder->count && written == recorder->count ? "count"
				: recorder->only_past                                     ? "complete"
											  : "stopped");
	atomic_store(&recorder->over, true);
	recorder->ended(recorder->data);
	return NULL;
}
