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
#include "netlab/client/dbus/lab_answers.h"
#include "netlab/client/rotation.h"

enum { LOOK = 1000, ENDED_KEPT = 50 }; /* ms; captures */

/* Facts, and what is ours alone. */
typedef struct {
	CaptureFacts facts; /* first: the list shows these */
	Captures *captures; /* a reference until it has begun */
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
	leave_rotation(entry, self->session);
	for (guint i = self->entries->len; i-- > 0;) {
		const Entry *other = self->entries->pdata[i];
		if (other->facts.ended && ++ended > ENDED_KEPT)
			g_ptr_array_remove_index(self->entries, i);
	}
	say_changed(self);
}

/* -- The supervisor -- */

static void on_ended(NetlabLab1 *proxy, guint id, guint64 captured, guint64 dropped, const char *reason, Captures *self)
{
	Entry *entry = find(self, id);
	if (!entry)
		return;
	entry->facts.captured = captured;
	entry->facts.dropped = dropped;
	gboolean well =
		g_str_equal(reason, "complete") || g_str_equal(reason, "count") || g_str_equal(reason, "stopped");
	if (!well) {
		g_autofree char *message =
			g_strdup_printf(_("The capture to “%s” ended unexpectedly: %s"), entry->facts.file, reason);
		g_signal_emit_by_name(self->session, "problem", message);
	}
	end(self, entry, well ? _("complete") : reason);
}

/* Captures end with the lab; what was written until then is complete. */
static void on_run(Session *session, Captures *self)
{
	NetlabLab1 *proxy = session_proxy(session);
	if (proxy == self->proxy)
		return;
	if (self->proxy)
		g_signal_handlers_disconnect_by_data(self->proxy, self);
	g_set_object(&self->proxy, proxy);
	if (proxy)
		g_signal_connect_object(proxy, "capture-ended", G_CALLBACK(on_ended), self, 0);
	for (guint i = self->entries->len; i-- > 0;) {
		Entry *entry = self->entries->pdata[i];
		if (entry->facts.declared)
			g_ptr_array_remove_index(self->entries, i);
		else if (!entry->facts.ended && entry->facts.id)
			end(self, entry, _("the lab stopped"));
	}
	say_changed(self);
}

static void take_declared(Captures *self, GVariant *facts, guint64 captured, guint64 dropped)
{
	const char *file = "", *where = "", *filter = "", *reason = "";
	Entry *entry = NULL;
	g_variant_lookup(facts, "file", "&s", &file);
	g_variant_lookup(facts, "where", "&s", &where);
	g_variant_lookup(facts, "filter", "&s", &filter);
	g_variant_lookup(facts, "reason", "&s", &reason);
	for (guint i = 0; i < self->entries->len && !entry; i++) {
		Entry *other = self->entries->pdata[i];
		if (other->facts.declared && g_str_equal(other->facts.file, file))
			entry = other;
	}
	if (!entry) {
		entry = g_new0(Entry, 1);
		entry->facts = (CaptureFacts){.declared = TRUE,
			.where = g_strdup(*where ? where : _("the whole lab")),
			.file = g_strdup(file),
			.filter = g_strdup(filter)};
		g_ptr_array_add(self->entries, entry);
	}
	entry->facts.captured = captured;
	entry->facts.dropped = dropped;
	if (*reason && !entry->facts.ended)
		entry->facts.ended = g_strdup(reason);
}

static void got_counts(GObject *proxy, GAsyncResult *result, gpointer data)
{
	g_autoptr(GVariant) captures = NULL;
	g_autoptr(GError) error = NULL;
	GVariantIter iter;
	GVariant *facts;
	netlab_lab1_call_get_captures_finish(NETLAB_LAB1(proxy), &captures, result, &error);
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	Captures *self = data;
	g_clear_object(&self->cancellable);
	if (!captures)
		return;
	g_variant_iter_init(&iter, captures);
	while (g_variant_iter_loop(&iter, "@a{sv}", &facts)) {
		guint id;
		guint64 captured, dropped;
		capture_counts(facts, &id, &captured, &dropped);
		Entry *entry = find(self, id);
		if (entry) {
			entry->facts.captured = captured;
			entry->facts.dropped = dropped;
		} else if (g_variant_lookup(facts, "file", "&s", NULL)) {
			take_declared(self, facts, captured, dropped);
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

static void began(GObject *proxy, GAsyncResult *result, gpointer data)
{
	Entry *entry = data;
	g_autoptr(Captures) self = entry->captures;
	g_autoptr(GError) error = NULL;
	gint64 since = 0;
	if (!capture_begin_finish(proxy, result, &entry->facts.id, &since, &error)) {
		give_up(self, entry, error);
		return;
	}
	if (proxy != (GObject *)self->proxy)
		end(self, entry, _("the lab stopped"));
	say_changed(self);
}

static int open_file(Entry *entry, GError **error)
{
	int fd = -1;
	if (entry->ring_size) {
		entry->rotation = rotation_new(entry->facts.file, entry->ring_size, entry->ring_files, &fd, error);
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

static void checked(GObject *source, GAsyncResult *result, gpointer data)
{
	Entry *entry = data;
	Captures *self = entry->captures;
	NetlabLab1 *proxy = session_proxy(self->session);
	g_autoptr(GError) error = NULL;
	int fd = -1;
	if (capture_check_finish(result, &error) && proxy)
		fd = open_file(entry, &error);
	if (fd < 0) {
		if (!error)
			error = g_error_new_literal(
				G_IO_ERROR, G_IO_ERROR_CLOSED, _("The lab stopped before the capture started."));
		give_up(self, entry, error);
		g_object_unref(self);
		return;
	}
	GVariantDict options;
	g_variant_dict_init(&options, NULL);
	g_variant_dict_insert(&options, "filter", "s", entry->facts.filter);
	g_variant_dict_insert(
		&options, "format", "s", g_str_has_suffix(entry->facts.file, ".pcap") ? "pcap" : "pcapng");
	if (entry->last) {
		g_variant_dict_insert(&options, "last", "d", (double)entry->last);
		g_variant_dict_insert(&options, "only_past", "b", TRUE);
	}
	capture_begin(proxy, (const char *const *)entry->places, g_variant_dict_end(&options), fd, NULL, began, entry);
}

void captures_start(Captures *self, const CaptureWish *wish)
{
	Entry *entry = g_new0(Entry, 1);
	entry->captures = g_object_ref(self);
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

typedef struct {
	Captures *captures;
	guint id;
} StopCall;

static void stopped(GObject *proxy, GAsyncResult *result, gpointer data)
{
	g_autofree StopCall *call = data;
	g_autoptr(Captures) self = call->captures;
	guint64 captured, dropped;
	gboolean done = netlab_lab1_call_stop_capture_finish(NETLAB_LAB1(proxy), &captured, &dropped, result, NULL);
	/* It may have ended by itself meanwhile; then it is not to be found, and has said why. */
	Entry *entry = find(self, call->id);
	if (!entry)
		return;
	if (done) {
		entry->facts.captured = captured;
		entry->facts.dropped = dropped;
	}
	end(self, entry, _("stopped"));
}

void captures_stop(Captures *self, guint id)
{
	if (!find(self, id) || !self->proxy)
		return;
	StopCall *call = g_new(StopCall, 1);
	*call = (StopCall){g_object_ref(self), id};
	netlab_lab1_call_stop_capture(self->proxy, id, NULL, stopped, call);
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
	g_autofree char *first = rotation_file_name(facts->file, 1), *folder = g_path_get_dirname(facts->file);
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
