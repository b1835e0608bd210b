/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan of a lab: everything that starting it will do, as a pure value.
 *
 * Made from a Lab and a PlanContext alone: no look at the disk, the clock or the environment, so the same input gives
 * the same plan, and `netlab plan` prints what `netlab start` does. The supervisor only carries it out.
 *
 * Descriptors: a guest is started with these open and nothing else. The kernel's arguments name them by number. */
#pragma once

#include "topologies/model.h"

enum {
	PLAN_FD_STDIN = 0,  /* /dev/null */
	PLAN_FD_LOG = 1,    /* the boot log: kernel console (also descriptor 2) */
	PLAN_FD_SERIAL = 3, /* stream socket to the agent, /dev/ttyS0 in the guest */
	PLAN_FD_FIRST_INTERFACE = 4, /* one Unix datagram socket an interface, in order */
};

/** Longest path that fits sockaddr_un.sun_path with its final NUL (unix(7)). */
#define PLAN_SUN_PATH_MAX 107

/** What the plan needs to know of the world. All strings borrowed for the call. */
typedef struct {
	const char *instance;    /* name the lab runs under: lab->name or --name */
	const char *runtime_dir; /* $XDG_RUNTIME_DIR/netlab */
	const char *state_dir;   /* $XDG_STATE_HOME/netlab: persistent disks */
	const char *kernel;      /* path of the guest kernel */
	const char *images_dir;  /* IMAGES/NAME/initramfs.cpio or root.squashfs */
	const char *agent_initramfs; /* initramfs that holds the agent alone */
	const int *cpus;         /* CPUs that guests may be pinned to */
	unsigned n_cpus;
	/* names of images whose root is a disk image; others boot from an initramfs of their own. NULL-terminated */
	const char *const *disk_images;
} PlanContext;

typedef struct {
	char *port;    /* "NODE:IFACE" */
	char *name;    /* IFACE */
	guint8 mac[6];
	unsigned mtu;
	int fd;        /* number in the guest */
	char *cable;   /* name of the cable it is on; NULL if unconnected */
} PlanInterface;

/** One set-up message for the agent: a verb and its arguments (filesystems/guest/protocol.h, AGENT_SETUP). */
typedef struct {
	char **words;       /* NULL-terminated */
	char *source;       /* for "file": absolute host path with the content, or NULL */
	GBytes *content;    /* for "file": the content, or NULL */
} PlanSetup;

typedef struct {
	const LabNode *node; /* borrowed from the lab, which must outlive the plan */
	char *name;
	int cpu;
	guint64 memory;      /* bytes */
	char *directory;     /* RUN/LAB/nodes/NODE */
	char *boot_log;      /* RUN/LAB/nodes/NODE/boot.log */
	char *kernel;
	char *initramfs;
	char *root_image;    /* NULL: the initramfs is the root */
	char *disk;          /* overlay file of a persistent node, or NULL */
	char **argv;         /* the kernel's own argument vector; sandboxing is put around it by the supervisor */
	GPtrArray *interfaces; /* of PlanInterface */
	GPtrArray *setup;      /* of PlanSetup, in order */
} PlanNode;

/** A cable: joins a port to a network, or two ports. */
typedef struct {
	char *name;       /* link name, or "NODE:IFACE" for an interface on a network */
	char *a;          /* port */
	char *b;          /* port, or NULL when on a network */
	char *network;    /* or NULL */
} PlanCable;

typedef struct {
	const Lab *lab; /* borrowed */
	char *instance;
	char *directory;      /* RUN/LAB */
	char *control_socket; /* RUN/LAB/control */
	GPtrArray *nodes;     /* of PlanNode */
	GPtrArray *cables;    /* of PlanCable */
} Plan;

/** Makes the plan. Fails (G_IO_ERROR_INVALID_ARGUMENT) when a socket path would be longer than PLAN_SUN_PATH_MAX, naming
 *  the path and what to change. Caller owns the result; lab must outlive it. */
Plan *plan_new(const Lab *lab, const PlanContext *context, GError **error);
void plan_free(Plan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Plan, plan_free)
PlanNode *plan_find_node(const Plan *plan, const char *name);
/** Readable text, stable for golden tests; caller frees. */
char *plan_to_text(const Plan *plan);
/** JSON of the same; caller frees. */
char *plan_to_json(const Plan *plan);
