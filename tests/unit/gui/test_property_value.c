/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a property can be set to: the images, networks and nodes that a lab may name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "gui/editor/ui/property_value.h"

#define LAB                                                                                                            \
	"<lab xmlns=\"urn:netlab:lab:1\" name=\"t\"><network name=\"lan\"/><node name=\"a\"/><node name=\"b\"/></lab>"

static void make_folder(const char *cache, const char *name)
{
	g_autofree char *path = g_build_filename(cache, "netlab", "images", name, NULL);

	assert_int_equal(g_mkdir_with_parents(path, 0700), 0);
}

/* An image is a link to the folder of its newest build: filesystems/build makes "NAME-KEY" and the link "NAME". */
static void test_images(void **state)
{
	g_autofree char *cache = g_dir_make_tmp("netlab-images-XXXXXX", NULL), *link = NULL;
	g_autoptr(Markup) markup = markup_parse(LAB);
	g_autofree char *remove = NULL;

	make_folder(cache, "lesson-0123456789abcdef");
	make_folder(cache, "lesson-fedcba9876543210");
	make_folder(cache, ".tmp");
	link = g_build_filename(cache, "netlab", "images", "lesson", NULL);
	assert_int_equal(symlink("lesson-fedcba9876543210", link), 0);
	g_setenv("XDG_CACHE_HOME", cache, TRUE);

	g_auto(GStrv) options = property_options(markup, PROPERTY_IMAGE);
	assert_true(g_strv_contains((const char *const *)options, "lesson"));
	/* Of netlab's own recipes none is built here; a lab may name them all the same. */
	assert_true(g_strv_contains((const char *const *)options, "tiny"));
	assert_true(g_strv_contains((const char *const *)options, "debian"));
	for (char **option = options; *option; option++)
		if (g_str_has_prefix(*option, "lesson-") || **option == '.')
			fail_msg("\"%s\" is not an image", *option);
	for (guint i = 1; options[i]; i++)
		assert_true(g_strcmp0(options[i - 1], options[i]) < 0);

	remove = g_strdup_printf("rm -r '%s'", cache);
	assert_true(g_spawn_command_line_sync(remove, NULL, NULL, NULL, NULL));
}

static void test_names(void **state)
{
	g_autoptr(Markup) markup = markup_parse(LAB);
	g_auto(GStrv) nodes = property_options(markup, PROPERTY_NODE);
	g_auto(GStrv) networks = property_options(markup, PROPERTY_NETWORK);

	/* The empty one stands for none. */
	assert_true(g_strv_equal((const char *const *)nodes, (const char *const[]){"", "a", "b", NULL}));
	assert_true(g_strv_equal((const char *const *)networks, (const char *const[]){"", "lan", NULL}));
	assert_null(property_options(markup, PROPERTY_ENTRY));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_images),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
