/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/session/captures.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "gui/session/capture_check.h"
#include "gui/model/capture_place.h"
#include "netlab/client/capture_session.h"
#include "netlab/client/error.h"
#include "netlab/client/lab_facts.h"
#include "netlab/client/rotation.h"
#include "topologies/model/model.h"

enum { LOOK = 1000, ENDED_KEPT = 50 }; /* ms; captures */

/* Facts, and what is ours alone. */
typedef struct {
	CaptureFacts facts;      /* first: the list shows these */
	Captures *captures;      /* borrowed, whose entry it is */
	CaptureSession *session; /* NULL: it has not begun, has ended, or is the supervisor's own */
	char **places;
	guint64 ring_size;
	guint ring_files, last;
	Rotation *rotation;
} Entry;

struct _Captures {
	GObject parent_instance;
	Session *session;
	GPtrArray *entries;
	NetlabLab1 *proxy;         /* whose signals we hear */
	GCancellable *cancellable; /* of the question for counts; NULL: none is under way */
	guint look_source;
};

G_DEFINE_FINAL_TYPE(Captures, captures, G_TYPE_OBJECT)

static guint changed_signal;

/* What the thread has still to write is waited for on a thread. */
static void finish_rotation(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
	GError *error = NULL;
	if (rotation_finish(data, &error))
		g_task_return_boolean(task, TRUE);
	else
		g_task_return_error(task, error);
}

static void rotation_finished(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(GError) error = NULL;
	if (!g_task_propagate_boolean(G_TASK(result), &error) && source)
		session_complain(SESSION_SESSION(source), error);
}

static void leave_rotation(Entry *entry, Session *session)
{
	if (!entry->rotation)
		return;
	g_autoptr(GTask) task = g_task_new(session, NULL, rotation_finished, NULL);
	g_task_set_task_data(task, g_steal_pointer(&entry->rotation), NULL);
	g_task_run_in_thread(task, finish_rotation);
}

static void entry_free(gpointer data)
{
	Entry *entry = data;
	g_clear_pointer(&entry->session, capture_session_free);
	leave_rotation(entry, NULL);
	g_free(entry->facts.where);
	g_free(entry->facts.file);
	g_free(entry->facts.filter);
	g_free(entry->facts.ended);
	g_strfreev(entry->places);
	g_free(entry);
}

static void say_changed(Captures *self)
{
	g_signal_emit(self, changed_signal, 0);
}

static Entry *find(Captures *self, guint id)
{
	for (guint i = 0; id && i < self->entries->len; i++) {
		Entry *entry = self->entries->pdata[i];
		if (entry->facts.id == id && !entry->facts.declared && !entry->facts.ended)
			return entry;
	}
	return NULL;
}

static void end(Captures *self, Entry *entry, const char *why)
{
	guint ended = 0;
	entry->facts.ended = g_strdup(why);
	g_clear_pointer(&entry->session, capture_session_free);
	leave_rotation(entry, self->session);
	for (guint i = self->entries->len; i-- > 0;) {
		const Entry *other = self->entries->pdata[i];
		if (other->facts.ended && ++ended > ENDED_KEPT)
			g_ptr_array_remove_index(self->entries, i);
	}
	say_changed(self);
}

/* -- The supervisor -- */

/* Captures end with the lab; what was written until then is complete. */
static void on_run(Session *session, Captures *self)
{
	NetlabLab1 *proxy = session_proxy(session);
	if (proxy == self->proxy)
		return;
	g_set_object(&self->proxy, proxy);
	for (guint i = self->entries->len; i-- > 0;) {
		Entry *entry = self->entries->pdata[i];
		if (entry->facts.declared)
			g_ptr_array_remove_index(self->entries, i);
		else if (!entry->facts.ended && entry->facts.id)
			end(self, entry, _("the lab stopped"));
	}
	say_changed(self);
}

static void take_declared(Captures *self, const CaptureReport *report)
{
	Entry *entry = NULL;
	for (guint i = 0; i < self->entries->len && !entry; i++) {
		Entry *other = self->entries->pdata[i];
		if (other->facts.declared && g_str_equal(other->facts.file, report->file))
			entry = other;
	}
	if (!entry) {
		entry = g_new0(Entry, 1);
		entry->facts = (CaptureFacts){.declared = TRUE,
			.where = g_strdup(*report->where ? report->where : _("the whole lab")),
			.file = g_strdup(report->file),
			.filter = g_strdup(report->filter)};
		g_ptr_array_add(self->entries, entry);
	}
	entry->facts.captured = report->captured;
	entry->facts.dropped = report->dropped;
	if (*report->reason && !entry->facts.ended)
		entry->facts.ended = g_strdup(report->reason);
}

static void got_counts(GObject *proxy, GAsyncResult *result, gpointer data)
{
	g_autoptr(GVariant) answer = NULL;
	g_autoptr(GError) error = NULL;
	netlab_lab1_call_get_captures_finish(NETLAB_LAB1(proxy), &answer, result, &error);
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	Captures *self = data;
	g_clear_object(&self->cancellable);
	if (!answer)
		return;
	g_autoptr(GPtrArray) captures = lab_captures_from_variant(answer);
	for (guint i = 0; i < captures->len; i++) {
		const CaptureReport *report = captures->pdata[i];
		Entry *entry = find(self, report->id);
		if (entry) {
			entry->facts.captured = report->captured;
			entry->facts.dropped = report->dropped;
		} else if (report->file) {
			take_declared(self, report);
		}
	}
	say_changed(self);
}

static gboolean on_look(gpointer data)
{
	Captures *self = data;
	if (self->proxy && !self->cancellable) {
		self->cancellable = g_cancellable_new();
		netlab_lab1_call_get_captures(self->proxy, self->cancellable, got_counts, self);
	}
	return G_SOURCE_CONTINUE;
}

void captures_set_visible(Captures *self, gboolean visible)
{
	if (visible && !self->look_source) {
		on_look(self);
		self->look_source = g_timeout_add(LOOK, on_look, self);
	} else if (!visible) {
		g_clear_handle_id(&self->look_source, g_source_remove);
	}
}

/* -- Beginning -- */

static void give_up(Captures *self, Entry *entry, const GError *error)
{
	session_complain(self->session, error);
	leave_rotation(entry, self->session);
	g_ptr_array_remove(self->entries, entry);
	say_changed(self);
}

static void began(CaptureSession *session, gpointer data)
{
	Entry *entry = data;
	entry->facts.id = capture_session_id(session);
	say_changed(entry->captures);
}

static void on_ended(CaptureSession *session, gpointer data)
{
	Entry *entry = data;
	g_autoptr(Captures) self = g_object_ref(entry->captures);
	const CaptureOutcome *outcome = capture_session_outcome(session);
	const GError *error = capture_session_error(session);
	g_autofree char *reason = g_strdup(outcome->reason);
	if (error && !entry->facts.id) {
		give_up(self, entry, error);
		return;
	}
	entry->facts.captured = outcome->captured;
	entry->facts.dropped = outcome->dropped;
	if (error) {
		end(self, entry,
			g_error_matches(error, CLIENT_ERROR, CLIENT_ERROR_DEAD) ? _("the lab stopped") : _("stopped"));
		return;
	}
	if (!capture_ended_well(outcome, FALSE) && !g_str_equal(reason, "stopped")) {
		g_autofree char *message =
			g_strdup_printf(_("The capture to “%s” ended unexpectedly: %s"), entry->facts.file, reason);
		g_signal_emit_by_name(self->session, "problem", message);
		end(self, entry, reason);
		return;
	}
	end(self, entry, reason ? _("complete") : _("stopped"));
}

static int open_file(Entry *entry, GError **error)
{
	int fd = -1;
	if (entry->ring_size) {
		entry->rotation =
			rotation_new(NULL, entry->facts.file, entry->ring_size, entry->ring_files, &fd, error);
		return fd;
	}
	fd = g_open(entry->facts.file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0) {
		int code = errno;
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code), _("Cannot write “%s”: %s"),
			entry->facts.file, g_strerror(code));
	}
	return fd;
}

/* What is captured goes to the file from here on. */
static void begin(Captures *self, Entry *entry, GError **error)
{
	static const CaptureHooks hooks = {began, on_ended};
	NetlabLab1 *proxy = session_proxy(self->session);
	if (!proxy) {
		g_set_error_literal(
			error, G_IO_ERROR, G_IO_ERROR_CLOSED, _("The lab stopped before the capture started."));
		return;
	}
	int fd = open_file(entry, error);
	const CaptureRequest request = {.where = (const char *const *)entry->places,
		.filter = entry->facts.filter,
		.format = g_str_has_suffix(entry->facts.file, ".pcap") ? "pcap" : "pcapng",
		.last_ms = entry->last * 1000,
		.only_past = TRUE};
	if (fd >= 0)
		entry->session = capture_session_start(proxy, &request, fd, &hooks, entry);
}

static void checked(GObject *source, GAsyncResult *result, gpointer data)
{
	Entry *entry = data;
	g_autoptr(Captures) self = g_object_ref(entry->captures);
	g_autoptr(GError) error = NULL;
	/* The reference that the check held. */
	g_object_unref(self);
	if (capture_check_finish(result, &error))
		begin(self, entry, &error);
	if (error)
		give_up(self, entry, error);
}

void captures_start(Captures *self, const CaptureWish *wish)
{
	Entry *entry = g_new0(Entry, 1);
	entry->captures = g_object_ref(self); /* until it was checked */
	entry->places = g_strdupv((char **)wish->places);
	entry->ring_size = wish->ring_size;
	entry->ring_files = wish->ring_files;
	entry->last = wish->last;
	entry->facts = (CaptureFacts){.where = capture_places_text(wish->places),
		.file = g_strdup(wish->path),
		.filter = g_strdup(wish->filter)};
	g_ptr_array_add(self->entries, entry);
	capture_check(self->session, wish->places, wish->filter, NULL, checked, entry);
	say_changed(self);
}

void captures_stop(Captures *self, guint id)
{
	Entry *entry = find(self, id);
	if (entry && entry->session)
		capture_session_stop(entry->session);
}

const GPtrArray *captures_list(Captures *self)
{
	return self->entries;
}

char *captures_newest_file(const CaptureFacts *facts)
{
	if (g_file_test(facts->file, G_FILE_TEST_IS_REGULAR))
		return g_strdup(facts->file);
	/* NAME_00001.pcapng, NAME_00002.pcapng, ...: the last one in the order of names. */
	g_autofree char *first = lab_ring_file(facts->file, 1), *folder = g_path_get_dirname(facts->file);
	g_autofree char *base = g_path_get_basename(first), *best = NULL;
	const char *mark = strstr(base, "_00001"), *name;
	g_autofree char *prefix = g_strndup(base, (gsize)(mark - base) + 1);
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	while (dir && (name = g_dir_read_name(dir)))
		if (strlen(name) == strlen(base) && g_str_has_prefix(name, prefix) &&
			g_str_has_suffix(name, mark + strlen("_00001")) && g_strcmp0(name, best) > 0) {
			g_free(best);
			best = g_strdup(name);
		}
	return best ? g_build_filename(folder, best, NULL) : NULL;
}

void captures_forget(Captures *self)
{
	for (guint i = self->entries->len; i-- > 0;)
		if (((Entry *)self->entries->pdata[i])->facts.ended)
			g_ptr_array_remove_index(self->entries, i);
	say_changed(self);
}

static void captures_dispose(GObject *object)
{
	Captures *self = CAPTURES_CAPTURES(object);
	captures_set_visible(self, FALSE);
	g_cancellable_cancel(self->cancellable);
	g_clear_object(&self->cancellable);
	g_clear_object(&self->proxy);
	G_OBJECT_CLASS(captures_parent_class)->dispose(object);
}

static void captures_finalize(GObject *object)
{
	Captures *self = CAPTURES_CAPTURES(object);
	g_ptr_array_unref(self->entries);
	g_object_unref(self->session);
	G_OBJECT_CLASS(captures_parent_class)->finalize(object);
}

static void captures_class_init(CapturesClass *class)
{
	G_OBJECT_CLASS(class)->dispose = captures_dispose;
	G_OBJECT_CLASS(class)->finalize = captures_finalize;
	changed_signal = g_signal_new("changed", CAPTURES_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void captures_init(Captures *self)
{
	self->entries = g_ptr_array_new_with_free_func(entry_free);
}

Captures *captures_new(Session *session)
{
	Captures *self = g_object_new(CAPTURES_TYPE, NULL);
	self->session = g_object_ref(session);
	g_signal_connect_object(session, "run", G_CALLBACK(on_run), self, 0);
	on_run(session, self);
	return self;
}
