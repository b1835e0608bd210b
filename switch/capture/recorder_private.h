/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the two sides of a recorder share: recorder.c, called by the control thread and workers, and recorder_writer.c, the
 * writer thread. */
#pragma once

#include "switch/capture/ring.h"
#include "switch/capture/recorder.h"
#include "switch/capture/recorder_output.h"

#include <pcap/pcap.h>

struct RecorderInterface {
	uint16_t number;
	char *name, *description;
	_Atomic uint64_t received; /* written by its worker alone, as are dropped */
	_Atomic uint64_t dropped;
	uint64_t missing[2]; /* the writer's: of the prelude, by direction, since the last frame that was written */
};

struct RecorderSource {
	Ring ring;
	Recorder *recorder;
	atomic_bool used;
	/* The worker's. */
	_Atomic uint64_t accepted, overflowed;
	uint8_t *scratch; /* for frames in pieces */

	/* The writer's. */
	uint64_t position;    /* of the next record */
	uint64_t visible;     /* end of what the worker has committed */
	uint64_t ripe;        /* end of what is old enough to be written before others have brought something */
	CaptureRecord record; /* the next one, while position < visible */
};

struct Recorder {
	struct bpf_program program;
	bool filtered;
	char *filter;
	CaptureFormat format;
	uint32_t snaplen;
	uint64_t count;
	bool only_past;
	void (*ended)(void *data);
	void *data;
	_Atomic uint64_t
		claimed; /* frames that the workers took for part of the count: no more than that are in the rings */

	atomic_bool finish;   /* set by control: no frame will be added */
	atomic_bool hurry;    /* set by control, with finish: do not wait for a reader who does not read */
	atomic_bool sleeping; /* set by the writer before it sleeps; who clears it must wake it */
	atomic_bool closed;   /* nothing more will be written */
	atomic_bool over;     /* and it is known how it ended */
	int wake;             /* eventfd */

	GMutex mutex;          /* for interfaces */
	GPtrArray *interfaces; /* of RecorderInterface */
	RecorderSource *sources;
	unsigned n_sources;

	/* The writer's. */
	GThread *thread;
	RecorderOutput output;
	RecorderPrelude prelude;
	uint64_t left;               /* frames that may still be written, by the recorder's count */
	guint described;             /* interfaces that the file knows */
	_Atomic uint64_t remembered; /* frames of the prelude */
	uint64_t last;               /* time of the last frame: clocks may be set back, a capture's order may not */
	char *reason;
	bool failed;
};

/** Does the recorder's filter want the frame? */
bool recorder_matches(const Recorder *recorder, const uint8_t *bytes, uint32_t captured, uint32_t length);
/** The writer's thread; data is the recorder. */
gpointer recorder_writer_main(gpointer data);
