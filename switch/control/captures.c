/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/control/captures.h"

#include "switch/capture/history_reader.h"
#include "switch/loop/worker.h"

#include <assert.h>
#include <unistd.h>

struct Captures {
	GPtrArray *workers;
	GPtrArray *histories; /* of History, one a worker; empty without */
	guint n_cables;       /* that have a number in the histories */
	GHashTable *captures; /* id -> Capture */
	guint32 last_id;
	CaptureEnded ended;
	gpointer data;
};

/* What a capture wants of a cable. */
typedef struct {
	RecorderPoint recorder; /* first: what the cable knows */
	Cable *cable;
	uint64_t missing[2]; /* in the history, when it was attached: frames from each end that it does not know of */
} Point;

typedef struct {
	Captures *captures;
	guint32 id;
	Recorder *recorder;
	gboolean everything;
	GPtrArray *points; /* of Point */
} Capture;

Captures *captures_new(GPtrArray *workers, CaptureEnded ended, gpointer data)
{
	Captures *self = g_new0(Captures, 1);
	self->workers = workers;
	self->ended = ended;
	self->data = data;
	self->captures = g_hash_table_new(NULL, NULL);
	self->histories = g_ptr_array_new_with_free_func((GDestroyNotify)history_free);
	return self;
}

void captures_keep_history(Captures *self, guint64 bytes)
{
	for (guint i = 0; bytes && i < self->workers->len; i++)
		g_ptr_array_add(self->histories, history_new(bytes / self->workers->len));
}

static guint index_of(const Captures *self, const Worker *worker)
{
	guint i = 0;
	while (self->workers->pdata[i] != worker)
		i++;
	return i;
}

/* -- tasks in a worker's thread: done to all points of a capture that live there -- */

typedef struct {
	Capture *capture;
	Worker *worker;
	guint first; /* points before it are left alone */
	History *history;
	uint64_t position; /* of the history, when it was attached */
} Attachment;

static void look_for_gaps(const Attachment *task)
{
	for (guint i = 0; i < task->capture->points->len; i++) {
		Point *point = task->capture->points->pdata[i];
		for (unsigned from = 0; point->cable->worker == task->worker && from < 2; from++)
			point->missing[from] = history_missing(task->history, point->cable->number, from);
	}
}

static void attach(void *data)
{
	Attachment *task = data;
	for (guint i = task->first; i < task->capture->points->len; i++) {
		Point *point = task->capture->points->pdata[i];
		if (point->cable->worker != task->worker)
			continue;
		g_ptr_array_add(point->cable->recorders, &point->recorder);
		worker_remove_recorder(task->worker, point->recorder.source); /* it is there once */
		worker_add_recorder(task->worker, point->recorder.source);
	}
	if (!task->history)
		return;
	task->position = history_position(task->history);
	look_for_gaps(task);
}

static void detach(void *data)
{
	Attachment *task = data;
	for (guint i = 0; i < task->capture->points->len; i++) {
		Point *point = task->capture->points->pdata[i];
		if (point->cable->worker != task->worker)
			continue;
		g_ptr_array_remove(point->cable->recorders, &point->recorder);
		worker_remove_recorder(task->worker, point->recorder.source);
	}
}

static void detach_all(Capture *capture)
{
	for (guint i = 0; i < capture->captures->workers->len; i++) {
		Worker *worker = capture->captures->workers->pdata[i];
		worker_call(worker, detach, &(Attachment){.capture = capture, .worker = worker});
	}
}

typedef struct {
	const History *history;
	uint64_t from, to;
	GByteArray *bytes;
	bool more;
} Copying;

static void copy_some(void *data)
{
	Copying *task = data;
	task->more = history_copy(task->history, &task->from, task->to, task->bytes);
}

/* -- points -- */

/* Who owns the end of a cable, in a capture's words: the port that belongs there, or the network and the cable. */
static RecorderInterface *add_interface(Recorder *recorder, const Cable *cable, unsigned end)
{
	const CableEnd *here = &cable->ends[end], *there = &cable->ends[!end];
	const CableEnd *network = here->is_network ? here : there->is_network ? there : NULL;
	g_autofree char *description =
		network ? g_strconcat("network ", network->name, NULL) : g_strconcat("link ", cable->name, NULL);
	g_autofree char *name =
		here->is_network ? g_strconcat(here->name, ":", cable->name, NULL) : g_strdup(here->name);
	return recorder_add_interface(recorder, name, description);
}

/* A frame is recorded where it was sent from, as far as that is a port; else where it arrives. */
static void add_point(Capture *capture, const CapturePlace *place)
{
	Cable *cable = place->cable;
	Point *point = g_new0(Point, 1);
	int only = place->end;
	if (only < 0 && cable->ends[0].is_network != cable->ends[1].is_network)
		only = cable->ends[0].is_network ? 1 : 0;
	point->cable = cable;
	point->recorder.source = recorder_source(capture->recorder, index_of(capture->captures, cable->worker));
	for (unsigned end = 0; end < 2; end++)
		if (only < 0 || (unsigned)only == end)
			point->recorder.interfaces[end] = add_interface(capture->recorder, cable, end);
	if (only >= 0) {
		point->recorder.interfaces[!only] = point->recorder.interfaces[only];
		point->recorder.inbound[!only] = true;
	}
	g_ptr_array_add(capture->points, point);
}

/* One place a cable, however often it was named. */
static void add_places(Capture *capture, const CapturePlace *places, guint n)
{
	g_autoptr(GHashTable) done = g_hash_table_new(NULL, NULL);
	for (guint i = 0; i < n; i++) {
		CapturePlace place = places[i];
		for (guint k = i + 1; k < n; k++)
			if (places[k].cable == place.cable && places[k].end != place.end)
				place.end = -1;
		if (g_hash_table_add(done, place.cable))
			add_point(capture, &place);
	}
}

static int by_number(gconstpointer a, gconstpointer b)
{
	return (int)((const Cable *)a)->number - (int)((const Cable *)b)->number;
}

static void add_everything(Capture *capture, GHashTable *cables)
{
	g_autoptr(GList) sorted = g_list_sort(g_hash_table_get_values(cables), by_number);
	for (GList *cable = sorted; cable; cable = cable->next)
		add_point(capture, &(CapturePlace){cable->data, -1});
}

void captures_remember_cable(Captures *self, Cable *cable)
{
	guint index = index_of(self, cable->worker);
	assert(self->n_cables < CAPTURES_CABLES_MAX);
	cable->number = (uint16_t)self->n_cables++;
	if (index < self->histories->len)
		cable->history = self->histories->pdata[index];
}

void captures_add_cable(Captures *self, Cable *cable)
{
	GHashTableIter iter;
	gpointer value;
	g_hash_table_iter_init(&iter, self->captures);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		Capture *capture = value;
		Attachment task = {.capture = capture, .worker = cable->worker, .first = capture->points->len};
		if (!capture->everything)
			continue;
		add_point(capture, &(CapturePlace){cable, -1});
		worker_call(cable->worker, attach, &task);
	}
}

/* -- begin and end -- */

static void capture_free(Capture *capture)
{
	recorder_free(capture->recorder);
	g_ptr_array_unref(capture->points);
	g_free(capture);
}

/* A recorder's end comes from its writer's thread, and goes to the control thread as an idle source. */

static gboolean on_ended(gpointer data)
{
	Capture *capture = data;
	Captures *self = capture->captures;
	detach_all(capture);
	RecorderResult result = recorder_result(capture->recorder);
	g_hash_table_steal(self->captures, GUINT_TO_POINTER(capture->id));
	self->ended(capture->id, result.captured, result.dropped, result.reason, result.failed, self->data);
	capture_free(capture);
	return G_SOURCE_REMOVE;
}

static void recorder_ended(void *data)
{
	g_idle_add_full(G_PRIORITY_DEFAULT, on_ended, data, NULL);
}

/* What the workers' histories hold up to where the recorder was attached. */
static HistoryReader *remember(Captures *self, const Capture *capture, const Attachment *tasks, double seconds)
{
	Moment now;
	clock_host(&now);
	uint64_t span = (uint64_t)(seconds * 1e9);
	HistoryReader *reader = history_reader_new(now.wall > span ? now.wall - span : 0);
	for (guint i = 0; i < self->workers->len; i++) {
		Copying copying = {.history = self->histories->pdata[i],
			.to = tasks[i].position,
			.bytes = g_byte_array_new(),
			.more = true};
		while (copying.more)
			worker_call(self->workers->pdata[i], copy_some, &copying);
		history_reader_add(reader, copying.bytes);
	}
	for (guint i = 0; i < capture->points->len; i++) {
		const Point *point = capture->points->pdata[i];
		history_reader_want(reader, point->cable->number, &point->recorder, point->missing);
	}
	return reader;
}

/* Attaches the recorder, then has it begin with the past, so that nothing between is lost or comes twice. */
static gboolean begin(Captures *self, Capture *capture, const CaptureOptions *options, gint64 *since, GError **error)
{
	g_autofree Attachment *tasks = g_new0(Attachment, self->workers->len);
	HistoryReader *reader = NULL;
	for (guint i = 0; i < self->workers->len; i++) {
		tasks[i] = (Attachment){.capture = capture,
			.worker = self->workers->pdata[i],
			.history = options->last > 0 ? self->histories->pdata[i] : NULL,
			.first = options->only_past ? G_MAXUINT : 0};
		worker_call(self->workers->pdata[i], attach, &tasks[i]);
	}
	*since = 0;
	if (options->last > 0) {
		reader = remember(self, capture, tasks, options->last);
		*since = (gint64)(history_reader_oldest(reader) / 1000);
	}
	RecorderPrelude prelude = reader ? history_reader_prelude(reader) : (RecorderPrelude){0};
	return recorder_start(capture->recorder, &prelude, error);
}

static gboolean check(const Captures *self, const Capture *capture, const CaptureOptions *options, GError **error)
{
	if (options->last > 0 && !self->histories->len)
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
			"this lab keeps no history because it has history=\"off\"; set history=\"8M\" or remove the "
			"attribute, then restart the lab");
	else if (options->only_past && !(options->last > 0))
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			"a capture of past frames needs the number of seconds to go back");
	else if (options->format == CAPTURE_PCAP && (capture->everything || capture->points->len != 1))
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			"the pcap format holds one link or interface; use pcapng for several");
	else
		return TRUE;
	return FALSE;
}

guint32 captures_start(Captures *self, const CapturePlace *places, guint n, GHashTable *cables,
	const CaptureOptions *options, int output, gint64 *since, GError **error)
{
	Capture *capture = g_new0(Capture, 1);
	RecorderOptions recorder = {.filter = options->filter,
		.snaplen = options->snaplen,
		.count = options->count,
		.format = options->format,
		.only_past = options->only_past,
		.ended = recorder_ended,
		.data = capture};
	capture->captures = self;
	capture->everything = n == 0;
	capture->points = g_ptr_array_new_with_free_func(g_free);
	capture->recorder = recorder_new(&recorder, self->workers->len, output, error);
	if (!capture->recorder) {
		close(output);
		capture_free(capture);
		return 0;
	}
	if (capture->everything)
		add_everything(capture, cables);
	else
		add_places(capture, places, n);
	capture->id = ++self->last_id;
	/* Told only by the idle source: nothing of it can be heard before it is in the table. */
	if (!check(self, capture, options, error) || !begin(self, capture, options, since, error)) {
		detach_all(capture);
		capture_free(capture);
		return 0;
	}
	g_hash_table_insert(self->captures, GUINT_TO_POINTER(capture->id), capture);
	return capture->id;
}

gboolean captures_stop(Captures *self, guint32 id, GError **error)
{
	Capture *capture = g_hash_table_lookup(self->captures, GUINT_TO_POINTER(id));
	if (!capture) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
			"there is no capture %u; it may have ended already", id);
		return FALSE;
	}
	detach_all(capture);
	recorder_finish(capture->recorder);
	return TRUE;
}

GVariant *captures_list(Captures *self)
{
	GVariantBuilder builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a(utt)"));
	GHashTableIter iter;
	gpointer value;
	g_hash_table_iter_init(&iter, self->captures);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const Capture *capture = value;
		RecorderResult result = recorder_result(capture->recorder);
		g_variant_builder_add(
			&builder, "(utt)", capture->id, (guint64)result.captured, (guint64)result.dropped);
	}
	return g_variant_builder_end(&builder);
}

void captures_finish(Captures *self)
{
	GHashTableIter iter;
	gpointer value;
	/* All are asked to finish first, so that stalled readers are waited for together. */
	g_hash_table_iter_init(&iter, self->captures);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		detach_all(value);
		recorder_finish(((Capture *)value)->recorder);
	}
	g_hash_table_iter_init(&iter, self->captures);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		Capture *capture = value;
		Recorder *recorder = g_steal_pointer(&capture->recorder);
		recorder_free(recorder);
		g_source_remove_by_user_data(capture); /* its end, if it had been told */
		capture_free(capture);
	}
	g_hash_table_remove_all(self->captures);
}

void captures_free(Captures *self)
{
	g_hash_table_unref(self->captures);
	g_ptr_array_unref(self->histories);
	g_free(self);
}
