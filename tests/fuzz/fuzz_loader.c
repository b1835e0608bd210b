/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a lab: reading them may only give a lab or errors. ctest replays the corpus under sanitizers; built with
 * -DNETLAB_FUZZ=ON by clang, this is a libFuzzer program. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/fuzz/replay.h"
#include "topologies/topology.h"

/* One name for all inputs: file names are interned, that is, kept for ever. */
static char *path;
static gboolean registered;

static void remove_file(void)
{
	g_unlink(path);
	g_free(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(LabDiagnostics) diagnostics = lab_diagnostics_new();
	g_autoptr(Lab) lab = NULL;
	g_autofree char *text = NULL, *json = NULL;
	int fd = path ? g_open(path, O_WRONLY | O_TRUNC | O_CLOEXEC, 0)
		      : g_file_open_tmp("netlab-fuzz-XXXXXX", &path, NULL);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	close(fd);
	if (!registered)
		registered = atexit(remove_file) == 0;
	lab = lab_read(path, FALSE, TEST_SCHEMA, diagnostics);
	text = lab_diagnostics_to_text(diagnostics);
	json = lab_diagnostics_to_json(diagnostics);
	/* A lab or an error, never both, never neither; every message in one valid line. */
	if ((lab != NULL) == (lab_diagnostics_count(diagnostics, LAB_ERROR) > 0) || !g_utf8_validate(text, -1, NULL))
		abort();
	return 0;
}
