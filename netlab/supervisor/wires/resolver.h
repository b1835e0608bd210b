/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's /etc/resolv.conf as the uplinks' sandboxes see it: a copy, written anew in place when the host's changes.
 * The file itself would not do: a laptop that joins another network gets a new one, and a mount goes on showing the old. */
#pragma once

#include <glib.h>

typedef struct Resolver Resolver;

/** @path: of the copy. Fails when it cannot be written. Caller frees. */
Resolver *resolver_new(const char *path, GError **error);
void resolver_free(Resolver *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Resolver, resolver_free)
/** Borrowed. */
const char *resolver_path(const Resolver *self);
