/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "topologies/topology.h"

#include "topologies/check/passes.h"

/* A lab is known by its path, which JSON and D-Bus cannot have otherwise. */
static gboolean is_text(const char *path, LabDiagnostics *diagnostics)
{
	if (g_utf8_validate(path, -1, NULL))
		return TRUE;
	g_autofree char *shown = g_utf8_make_valid(path, -1);
	LabPos pos = {.file = g_intern_string(shown)};
	lab_diagnostics_add(diagnostics, LAB_ERROR, pos,
		"the path is no UTF-8 text, by which alone a lab can be found again; rename the file, or the folder it "
		"is in");
	return FALSE;
}

static Lab *load(const char *path, GBytes *text, const char *schema, LabDiagnostics *diagnostics)
{
	return is_text(path, diagnostics) ? lab_load(path, text, schema, diagnostics) : NULL;
}

static Lab *finish(Lab *loaded, LabDiagnostics *diagnostics)
{
	g_autoptr(Lab) lab = loaded;

	if (lab) {
		lab_apply_defaults(lab);
		lab_check(lab, diagnostics);
	}
	if (lab_diagnostics_count(diagnostics, LAB_ERROR))
		return NULL;
	/* Warnings come from what is there; with something missing or misread they would be guesses. */
	lab_warn(lab, diagnostics);
	return g_steal_pointer(&lab);
}

Lab *lab_read(const char *file, const char *schema, LabDiagnostics *diagnostics)
{
	g_autofree char *path = g_canonicalize_filename(file, NULL);

	if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
		g_autofree char *folder = g_steal_pointer(&path);

		path = g_build_filename(folder, "lab.xml", NULL);
	}
	return finish(load(path, NULL, schema, diagnostics), diagnostics);
}

Lab *lab_read_text(GBytes *text, const char *file, const char *schema, LabDiagnostics *diagnostics)
{
	g_autofree char *path = g_canonicalize_filename(file, NULL);

	return finish(load(path, text, schema, diagnostics), diagnostics);
}
