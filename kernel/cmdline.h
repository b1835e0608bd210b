/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of a User-Mode Linux kernel. Knows UML, and nothing about labs. */
#pragma once

#include <glib.h>

typedef struct {
	const char *socket; /* path of a vhost-user back end's socket, without ":"; NULL: fd is used */
	int fd;             /* inherited Unix datagram socket */
	const guint8 *mac;  /* 6 bytes; with a vhost-user back end this and the MTU come from there */
	unsigned mtu;       /* bytes */
} UmlInterface;

typedef struct {
	const char *kernel; /* argv[0] */
	const char *name;   /* node name: umid and host name */
	guint64 memory;     /* bytes, rounded up to 4 KiB */
	const char *initramfs;
	const char *root_image; /* read-only, shared by guests (ubdarc); NULL: the initramfs is the root */
	const char *disk;       /* read-write overlay disk (ubdb); NULL: overlay in memory */
	const char *modules;    /* the kernel's modules, read-only, shared by guests (ubdc); NULL: none */
	int log_fd, serial_fd;
	gboolean isolation; /* ptrace instead of seccomp mode */
	const UmlInterface *interfaces;
	unsigned n_interfaces;
} UmlOptions;

/** Builds the argument vector; caller frees with g_strfreev. Sources: Documentation/virt/uml/user_mode_linux_howto_v2.rst,
 *  arch/um/kernel and arch/um/drivers (vector_kern.c, ubd_kern.c, ssl.c) of the kernel. */
char **uml_command_line(const UmlOptions *options);
