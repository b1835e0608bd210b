/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A supervisor for tests: the D-Bus interface of a lab on a socket in a thread of this process. Its only guest is this
 * machine: what is executed on node "here" runs as an ordinary process. Node "lost" goes away with every command; of
 * node "cut" not all descriptors come. A capture ends as it is stopped: by its count, or "full" because the disk is. */
#pragma once

#include "netlab/client/lab_directory.h"

typedef struct FakeLab FakeLab;

/** Makes RUNTIME/netlab/NAME with lock and control socket and sets XDG_RUNTIME_DIR to RUNTIME. */
FakeLab *fake_lab_new(const char *runtime, const char *name);
/** Ends it, and frees its lock. */
void fake_lab_free(FakeLab *self);
