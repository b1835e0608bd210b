/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "topologies/topology.h"

#include "topologies/check/check.h"

/* A lab is known by its path, which JSON and D-Bus cannot have otherwise. */
static gboolean is_text(const char *path, LabDiagnostics *diagnostics)
{
	if (g_utf8_validate(path, -1, NULL))
		return TRUE;
	g_autofree char *shown = g_utf8_make_valid(path, -1);
	LabPos pos = {.file = g_intern_string(shown)};
	lab_diagnostics_add(diagnostics, LAB_ERROR, pos,
		"the path is not valid UTF-8, so commands could not refer to this lab; rename the file or its folder");
	return FALSE;
}

static LabFilterCheck filter_check;

void lab_set_filter_check(LabFilterCheck check)
{
	filter_check = check;
}

/* All passes. @text: instead of what the file holds, or NULL. */
static Lab *read_lab(const char *path, GBytes *text, gboolean trusted, const char *schema, LabDiagnostics *diagnostics)
{
	g_autoptr(LabDraft) draft =
		is_text(path, diagnostics) ? lab_load(path, text, trusted, schema, diagnostics) : NULL;

	if (draft) {
		lab_resolve(draft, diagnostics);
		lab_apply_defaults(draft->lab);
		lab_check(draft->lab, filter_check, diagnostics);
	}
	if (lab_diagnostics_count(diagnostics, LAB_ERROR))
		return NULL;
	/* Warnings come from what is there; with something missing or misread they would be guesses. */
	lab_warn(draft->lab, diagnostics);
	return g_steal_pointer(&draft->lab);
}

Lab *lab_read(const char *file, gboolean trusted, const char *schema, LabDiagnostics *diagnostics)
{
	g_autofree char *path = g_canonicalize_filename(file, NULL);

	if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
		g_autofree char *folder = g_steal_pointer(&path);

		path = g_build_filename(folder, "lab.xml", NULL);
	}
	return read_lab(path, NULL, trusted, schema, diagnostics);
}

Lab *lab_read_text(GBytes *text, const char *file, gboolean trusted, const char *schema, LabDiagnostics *diagnostics)
{
	g_autofree char *path = g_canonicalize_filename(file, NULL);

	return read_lab(path, text, trusted, schema, diagnostics);
}
