/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest kernel in the cache. */
#pragma once

#include <glib.h>

typedef struct {
	char *path;
	char *version; /* what the kernel itself says; NULL when it is not there or does not run */
	char *source;  /* what it was built from, or NULL */
	char *modules; /* the image with its modules; NULL when it is not there */
} GuestKernel;

/** Looks for the kernel and asks it for its version. */
GuestKernel guest_kernel_look(void);
void guest_kernel_clear(GuestKernel *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GuestKernel, guest_kernel_clear)
