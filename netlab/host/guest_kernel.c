/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/host/guest_kernel.h"

#include <json-glib/json-glib.h>

#include "netlab/host/paths.h"

/** Looks for the kernel and asks it for its version: "linux --version" prints it and exits. */
GuestKernel guest_kernel_look(void)
{
	GuestKernel self = {.path = path_cache("kernel/current/linux")};
	g_autofree char *modules = path_cache("kernel/current/modules.squashfs");
	if (g_file_test(modules, G_FILE_TEST_EXISTS))
		self.modules = g_steal_pointer(&modules);
	g_autofree char *about = path_cache("kernel/current/kernel.json");
	g_autofree char *output = NULL;
	char *argv[] = {self.path, "--version", NULL};
	int status;
	if (g_spawn_sync(NULL, argv, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &output, NULL, &status, NULL) &&
		status == 0)
		self.version = g_strdup(g_strstrip(output));
	g_autoptr(JsonParser) parser = json_parser_new();
	if (!json_parser_load_from_file(parser, about, NULL))
		return self;
	JsonNode *root = json_parser_get_root(parser);
	if (root && JSON_NODE_HOLDS_OBJECT(root))
		self.source = g_strdup(
			json_object_get_string_member_with_default(json_node_get_object(root), "source", NULL));
	return self;
}

void guest_kernel_clear(GuestKernel *self)
{
	g_clear_pointer(&self->path, g_free);
	g_clear_pointer(&self->version, g_free);
	g_clear_pointer(&self->source, g_free);
	g_clear_pointer(&self->modules, g_free);
}
