/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where things are. The build tree and an installed prefix have the same shape, so one rule finds both:
 *   PREFIX/bin/netlab   PREFIX/libexec/netlab/{netlabd,netlab-switch,agent.cpio}
 *   PREFIX/share/netlab/{lab.xsd, kernel/{build,kernel.config}, filesystems/{build,recipes/}}
 * Every function returns a new string (g_free) unless said otherwise. */
#pragma once

#include <glib.h>

/** PREFIX/libexec/netlab/NAME, PREFIX found from /proc/self/exe. */
char *path_libexec(const char *name);
/** PREFIX/bin/NAME. */
char *path_program(const char *name);
/** PREFIX/share/netlab/NAME. */
char *path_share(const char *name);
/** ${XDG_CACHE_HOME:-~/.cache}/netlab/NAME. Kernel: kernel/current/linux. Images: images/NAME/. */
char *path_cache(const char *name);
/** $XDG_RUNTIME_DIR/netlab; where that is not set, /run/user/UID/netlab, and where there is no such folder,
 *  /tmp/netlab-UID: made 0700, refused when it is not ours. NULL and error on failure. */
char *path_runtime(GError **error);
/** ${XDG_STATE_HOME:-~/.local/state}/netlab. */
char *path_state(void);
