/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wireshark: on a place of a running lab, and on frames that were captured. Free of GTK. */
#pragma once

#include "gui/session/session.h"

/** Opens it on each of the places (none: the whole lab), capturing, as "netlab wireshark" does. What goes wrong comes
 * as "problem" of the session. */
void wireshark_open_places(Session *session, const char *const *places);
/** Opens it on a capture file; frame: the one to go to, from 1; 0: none.
 *  @temporary: remove the file when Wireshark ends */
void wireshark_open_file(Session *session, const char *path, guint64 frame, gboolean temporary);
/** Writes a capture to a temporary file, and opens it. */
void wireshark_open_bytes(Session *session, GBytes *capture, guint64 frame);
