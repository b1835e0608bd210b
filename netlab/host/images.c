/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/host/images.h"

#include <string.h>

#include "netlab/host/paths.h"

/* Adds the entries of FOLDER that end in SUFFIX, without it. */
static void add_names(GPtrArray *names, const char *folder, const char *suffix)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	for (const char *entry; dir && (entry = g_dir_read_name(dir));) {
		if (*entry == '.' || !g_str_has_suffix(entry, suffix))
			continue;
		g_autofree char *name = g_strndup(entry, strlen(entry) - strlen(suffix));
		if (!g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
			g_ptr_array_add(names, g_steal_pointer(&name));
	}
}

/* Removes what is not an image: an image is a link to the folder of its newest build (filesystems/build). */
static void keep_links(GPtrArray *names, const char *folder)
{
	for (guint i = names->len; i > 0; i--) {
		g_autofree char *path = g_build_filename(folder, g_ptr_array_index(names, i - 1), NULL);
		if (!g_file_test(path, G_FILE_TEST_IS_SYMLINK))
			g_ptr_array_remove_index(names, i - 1);
	}
}

/** The names of all images: see images.h. */
GPtrArray *images_known(void)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *built = path_cache("images"), *recipes = path_share("filesystems/recipes");
	add_names(names, built, "");
	keep_links(names, built);
	add_names(names, recipes, ".recipe");
	return names;
}

/** Warns about images that do not exist. Not an error: the file may be right and its image not built yet. */
void images_check(const Lab *lab, LabDiagnostics *diagnostics)
{
	g_autoptr(GPtrArray) known = images_known();
	g_ptr_array_add(known, NULL);
	const char *const *names = (const char *const *)known->pdata;
	for (guint i = 0; i < lab->nodes->len; i++) {
		const LabNode *node = g_ptr_array_index(lab->nodes, i);
		if (g_strv_contains(names, node->image))
			continue;
		const char *nearest = lab_nearest(node->image, names);
		g_autofree char *hint = nearest ? g_strdup_printf("did you mean \"%s\"?", nearest)
						: g_strdup("\"netlab image list\" shows the available images");
		lab_diagnostics_add(diagnostics, LAB_WARNING, node->pos, "node \"%s\": there is no image \"%s\"; %s",
			node->name, node->image, hint);
	}
}
