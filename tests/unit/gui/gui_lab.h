/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Labs for tests of the viewer, read from text. */
#pragma once

#include <glib/gstdio.h>

#include "topologies/topology.h"

/** Reads a lab from what stands between <lab …> and </lab>; fails the test when it has errors. Caller frees. */
static inline Lab *gui_lab(const char *content)
{
	g_autoptr(LabDiagnostics) diagnostics = lab_diagnostics_new();
	g_autofree char *path = NULL;
	int fd = g_file_open_tmp("netlab-gui-XXXXXX.xml", &path, NULL);
	g_autofree char *text = g_strdup_printf(
		"<lab xmlns=\"urn:netlab:lab:1\" name=\"t\"><title>T</title><defaults image=\"tiny\"/>%s</lab>",
		content);
	g_assert_true(fd >= 0 && g_file_set_contents(path, text, -1, NULL));
	g_close(fd, NULL);
	Lab *lab = lab_read(path, FALSE, TEST_SCHEMA, diagnostics);
	g_unlink(path);
	if (!lab) {
		g_autofree char *wrong = lab_diagnostics_to_text(diagnostics);
		g_error("%s", wrong);
	}
	return lab;
}

#define GUI_LAB_SMALL                                                                                                  \
	"<network name=\"lan\"/>"                                                                                      \
	"<node name=\"r1\" kind=\"router\"><interface name=\"eth0\" network=\"lan\" address=\"10.0.0.1/24 "            \
	"2001:db8::1/64\"/></node>"                                                                                    \
	"<node name=\"r2\" kind=\"router\"/>"                                                                          \
	"<link name=\"core\" delay=\"20ms\"><end node=\"r1\" interface=\"eth1\" address=\"10.1.0.1/30\"/>"             \
	"<end node=\"r2\" interface=\"eth0\" address=\"10.1.0.2/30\"/></link>"
