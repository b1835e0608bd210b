/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/app/recent.h"

#include <string.h>

enum { MOST = 10 };

#define GROUP "netlab"

void recent_add(GFile *file)
{
	static char *groups[] = {GROUP, NULL};
	g_autofree char *uri = g_file_get_uri(file);
	const GtkRecentData data = {
		.mime_type = "application/x-netlab-lab+xml",
		.app_name = "netlab-gui",
		.app_exec = "netlab-gui %f",
		.groups = groups,
	};
	gtk_recent_manager_add_full(gtk_recent_manager_get_default(), uri, &data);
}

static int by_time(gconstpointer a, gconstpointer b)
{
	time_t time_a = gtk_recent_info_get_modified((GtkRecentInfo *)a);
	time_t time_b = gtk_recent_info_get_modified((GtkRecentInfo *)b);
	return time_a < time_b ? 1 : time_a > time_b ? -1 : 0;
}

/* Most labs are called lab.xml: the path distinguishes them. In a menu an underscore marks a key, unless doubled. */
static char *label_of(const char *path)
{
	const char *home = g_get_home_dir();
	g_autoptr(GString) label = g_string_new(path);
	if (g_str_has_prefix(path, home) && path[strlen(home)] == '/') {
		g_string_erase(label, 0, (gssize)strlen(home));
		g_string_prepend_c(label, '~');
	}
	g_string_replace(label, "_", "__", 0);
	return g_string_free(g_steal_pointer(&label), FALSE);
}

static void fill(GMenu *menu)
{
	GList *items = gtk_recent_manager_get_items(gtk_recent_manager_get_default());
	int n = 0;
	g_menu_remove_all(menu);
	items = g_list_sort(items, by_time);
	for (GList *each = items; each && n < MOST; each = each->next) {
		GtkRecentInfo *info = each->data;
		g_autofree char *path = g_filename_from_uri(gtk_recent_info_get_uri(info), NULL, NULL);
		if (!path || !gtk_recent_info_has_group(info, GROUP) || !g_file_test(path, G_FILE_TEST_EXISTS))
			continue;
		g_autofree char *label = label_of(path);
		g_autoptr(GMenuItem) item = g_menu_item_new(label, NULL);
		g_menu_item_set_action_and_target(item, "app.open-file", "s", path);
		g_menu_append_item(menu, item);
		n++;
	}
	g_list_free_full(items, (GDestroyNotify)gtk_recent_info_unref);
}

void recent_fill_menu(GMenu *menu)
{
	fill(menu);
	g_signal_connect_object(gtk_recent_manager_get_default(), "changed", G_CALLBACK(fill), menu, G_CONNECT_SWAPPED);
}
