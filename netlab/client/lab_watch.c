/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/client/lab_watch.h"

#include "netlab/client/lab_directory.h"
#include "netlab/host/paths.h"

struct LabWatch {
	char *runtime;
	GFileMonitor *runs;
	GHashTable *labs; /* name of a lab's folder -> GFileMonitor */
	void (*changed)(gpointer data);
	gpointer data;
};

static void on_lab_changed(GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event, gpointer data)
{
	LabWatch *self = data;
	self->changed(self->data);
}

static void drop(gpointer monitor)
{
	g_file_monitor_cancel(monitor);
	g_object_unref(monitor);
}

static GFileMonitor *watch(const char *path, GCallback changed, LabWatch *self, GError **error)
{
	g_autoptr(GFile) folder = g_file_new_for_path(path);
	GFileMonitor *monitor = g_file_monitor_directory(folder, G_FILE_MONITOR_NONE, NULL, error);
	if (monitor)
		g_signal_connect(monitor, "changed", changed, self);
	return monitor;
}

static gboolean is_gone(gpointer name, gpointer monitor, gpointer data)
{
	const LabWatch *self = data;
	g_autofree char *path = g_build_filename(self->runtime, name, NULL);
	return !g_file_test(path, G_FILE_TEST_IS_DIR);
}

/* Watches every lab's folder. One that comes later changes the folder of running labs, which calls this again. */
static void watch_labs(LabWatch *self)
{
	g_autoptr(GDir) dir = g_dir_open(self->runtime, 0, NULL);
	g_hash_table_foreach_remove(self->labs, is_gone, self);
	for (const char *name; dir && (name = g_dir_read_name(dir));) {
		g_autofree char *path = g_build_filename(self->runtime, name, NULL);
		if (!lab_name_is_valid(name) || g_hash_table_contains(self->labs, name))
			continue;
		GFileMonitor *monitor = watch(path, G_CALLBACK(on_lab_changed), self, NULL);
		if (monitor)
			g_hash_table_insert(self->labs, g_strdup(name), monitor);
	}
}

static void on_runs_changed(GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event, gpointer data)
{
	LabWatch *self = data;
	/* A folder that was removed and made again in the meantime needs a new watch. */
	g_autofree char *name = event == G_FILE_MONITOR_EVENT_DELETED ? g_file_get_basename(file) : NULL;
	if (name)
		g_hash_table_remove(self->labs, name);
	/* First the watch, then the look: nothing that comes in between is missed. */
	watch_labs(self);
	self->changed(self->data);
}

LabWatch *lab_watch_new(void (*changed)(gpointer data), gpointer data, GError **error)
{
	g_autofree char *runtime = path_runtime(error);
	if (!runtime)
		return NULL;
	LabWatch *self = g_new0(LabWatch, 1);
	self->runtime = g_steal_pointer(&runtime);
	self->changed = changed;
	self->data = data;
	self->labs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, drop);
	self->runs = watch(self->runtime, G_CALLBACK(on_runs_changed), self, error);
	if (!self->runs) {
		lab_watch_free(self);
		return NULL;
	}
	watch_labs(self);
	return self;
}

void lab_watch_free(LabWatch *self)
{
	g_hash_table_unref(self->labs);
	if (self->runs)
		drop(self->runs);
	g_free(self->runtime);
	g_free(self);
}
