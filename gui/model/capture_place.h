/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where to capture: what is selected, as StartCapture of org.netlab.Lab1 names it. Free of GTK. */
#pragma once

#include "gui/model/scene.h"

/** Cables, networks, and the interfaces of nodes that are selected; empty when nothing is, which is the whole lab.
 * Caller frees (g_strfreev). */
char **capture_places(Scene *scene);
/** "fw:eth1", "3 links", "the whole lab". Caller frees. */
char *capture_places_text(const char *const *places);
/** A name for a file of it: "fw-eth1.pcapng". Caller frees. */
char *capture_places_file(const char *const *places, const char *lab);
