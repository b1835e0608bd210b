/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Layout of a scene: gives places to the vertices that have none. */
#pragma once

#include <gio/gio.h>

#include "gui/model/scene.h"

enum { ARRANGE_AT_ONCE = 80 }; /* vertices; more are laid out on another thread */

/** Lays out what is not placed; the scene says "changed" when it is done, at once or later. Cancelling leaves it as it is. */
void arrange_scene(Scene *scene, GCancellable *cancellable);
