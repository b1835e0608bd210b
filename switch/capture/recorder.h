/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A recorder: a capture of the frames on some cables, as pcapng or pcap, to a descriptor.
 *
 * Three kinds of threads use it. The control thread creates, starts, finishes and frees it. Each worker whose cables are
 * recorded has a source and offers frames to it; they are filtered and copied into the ring of the source, or counted as
 * dropped if the ring is full. A worker never waits. The writer thread of the recorder writes the contents of all rings, in
 * the order of time, to the descriptor. A recorder ends at its frame count, with recorder_finish(), or when the descriptor
 * fails. */
#pragma once

#include "switch/capture/capture_format.h"
#include "switch/frame/frame.h"
#include "switch/frame/moment.h"

typedef struct Recorder Recorder;
typedef struct RecorderSource RecorderSource;
typedef struct RecorderInterface RecorderInterface;

/** What a recorder wants of a cable. */
typedef struct {
	RecorderSource *source;           /* of the cable's worker */
	RecorderInterface *interfaces[2]; /* [end]: where frames that enter the cable at that end are recorded */
	bool inbound[2];                  /* and as what: coming towards the interface's owner, or leaving it */
} RecorderPoint;

/** Frames from before the recorder began. */
typedef struct {
	/* The next one, in the order of time; its bytes are good until the next call. missing: how many of its interface and
	 * direction are not there, since the one before. False at the end. */
	bool (*next)(void *data, CaptureRecord *record, const uint8_t **bytes, uint64_t *missing);
	/* After the end: how many of an interface are not there in all. */
	uint64_t (*missing)(void *data, unsigned interface);
	void (*free)(void *data);
	void *data;
} RecorderPrelude;

typedef struct {
	const char *filter; /* pcap-filter(7), empty or NULL: every frame */
	uint32_t snaplen;   /* bytes kept of a frame; 0: all of it */
	uint64_t count;     /* ends after so many frames; 0: never */
	CaptureFormat format;
	bool only_past;            /* ends with its prelude */
	void (*ended)(void *data); /* called once, in the writer's thread, when all is written and closed */
	void *data;
} RecorderOptions;

typedef struct {
	uint64_t captured; /* whole frames written */
	uint64_t dropped;  /* that should have been captured and were not: no room, or never written */
	const char *
		reason; /* "count", "stopped", "complete" (only_past), or the error; owned by the recorder; NULL while it goes on */
	bool failed; /* the reason is an error */
} RecorderResult;

/** Whether a recorder could have this filter, as RecorderOptions has it; fails as recorder_new() does. Not for threads. */
gboolean recorder_check_filter(const char *filter, GError **error);
/** Makes a recorder with so many sources that writes to output, which it owns if it succeeds. Fails when the filter cannot be
 *  compiled (G_IO_ERROR_INVALID_ARGUMENT, with libpcap's own words and where it went wrong). */
Recorder *recorder_new(const RecorderOptions *options, unsigned n_sources, int output, GError **error);
/** Control: describes an interface, at any time before its first frame is offered. Borrowed. */
RecorderInterface *recorder_add_interface(Recorder *recorder, const char *name, const char *description);
uint16_t recorder_interface_number(const RecorderInterface *interface);
/** Control: a source, which belongs to one worker from now on. */
RecorderSource *recorder_source(Recorder *recorder, unsigned i);
/** Control: begins to write; first what the prelude has, if there is one, which is owned even on failure. Frames may have
 *  been offered already. Fails when no thread can be started: then only recorder_free() is left. */
gboolean recorder_start(Recorder *recorder, const RecorderPrelude *prelude, GError **error);
/** Ends the recorder if it has not ended, waits for its writer and frees it. The workers must know it no more. */
void recorder_free(Recorder *recorder);

/** Worker: a frame enters the cable, and this will become of it. */
void recorder_offer(const RecorderPoint *point, const Frame *frame, const Verdict *verdict, const Moment *now);
/** Worker: the batch is over, the writer may have what was offered. */
void recorder_commit(RecorderSource *source);

/** Control: writes what was captured so far and ends. The workers must know the recorder no more. A reader that takes
 *  nothing for two seconds is given up, what it did not get counts as dropped. */
void recorder_finish(Recorder *recorder);
/** Control: how it stands; exact once ended was called and the workers know the recorder no more. */
RecorderResult recorder_result(const Recorder *recorder);
