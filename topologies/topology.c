/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "topologies/topology.h"

#include "topologies/passes.h"

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
	return finish(lab_load(path, NULL, schema, diagnostics), diagnostics);
}

Lab *lab_read_text(GBytes *text, const char *file, const char *schema, LabDiagnostics *diagnostics)
{
	g_autofree char *path = g_canonicalize_filename(file, NULL);

	return finish(lab_load(path, text, schema, diagnostics), diagnostics);
}
