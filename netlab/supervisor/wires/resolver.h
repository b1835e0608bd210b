/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's /etc/resolv.conf as the uplinks' sandboxes see it: a copy, rewritten in place when the host's file changes.
 * Mounting the file itself would not work: a laptop that joins another network gets a new file, and a mount keeps showing the
 * old one. */
#pragma once

#include <glib.h>

typedef struct Resolver Resolver;

/** @path: of the copy. Fails when it cannot be written. Caller frees. */
Resolver *resolver_new(const char *path, GError **error);
void resolver_free(Resolver *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Resolver, resolver_free)
/** Borrowed. */
const char *resolver_path(const Resolver *self);
