/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a lab's file and its supervisor say in English words, in the user's language. */
#pragma once

#include "gui/model/scene.h"

/** "host", "switch", "network, way out". Borrowed. */
const char *words_kind(const SceneVertex *vertex);
/** "ready", "setting itself up", "" for a network or a lab that does not run. Borrowed, as long as the vertex lives. */
const char *words_state(const SceneVertex *vertex);
