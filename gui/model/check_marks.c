/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/model/check_marks.h"

static void mark_node(GHashTable *marks, const char *node, int mark)
{
	int old = GPOINTER_TO_INT(g_hash_table_lookup(marks, node));
	if (old >= 0)
		g_hash_table_insert(marks, (gpointer)node, GINT_TO_POINTER(mark));
}

void check_mark(GHashTable *marks, const LabCheck *check, CheckState state, const char *failed_node)
{
	if (state == CHECK_FAILS && failed_node && *failed_node) {
		mark_node(marks, g_intern_string(failed_node), -1);
		return;
	}
	for (guint i = 0; i < check->runs->len; i++)
		if (state == CHECK_HOLDS || state == CHECK_FAILS)
			mark_node(marks, ((const LabCheckRun *)check->runs->pdata[i])->node_name,
				state == CHECK_HOLDS ? 1 : -1);
}

char *check_nodes(const LabCheck *check)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	for (guint i = 0; i < check->runs->len; i++) {
		char *name = ((const LabCheckRun *)check->runs->pdata[i])->node_name;
		if (!g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
			g_ptr_array_add(names, name);
	}
	g_ptr_array_add(names, NULL);
	return g_strjoinv(", ", (char **)names->pdata);
}
