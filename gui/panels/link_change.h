/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes of links that can be taken back: each notes what was set before. */
#pragma once

#include "gui/session/session.h"
#include "gui/model/undo.h"

/** Changes one link.
 *  @from: the end that the direction comes from, 0 or 1; -1 both
 *  @base: as of SetLink: "", "declared", "perfect"
 *  @attributes: a{ss}, floating or not */
void link_change(Session *session, Undo *undo, const SceneEdge *edge, int from, const char *base, GVariant *attributes);
