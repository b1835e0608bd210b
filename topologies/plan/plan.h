/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan of a lab: everything that starting it will do, as a pure value.
 *
 * Made from a Lab and a PlanContext alone: no look at the disk, the clock or the environment, so the same input gives
 * the same plan, and `netlab plan` prints what `netlab start` does. The supervisor only carries it out.
 *
 * Descriptors: a guest is started with these open and nothing else. The kernel's arguments name them by number. */
#pragma once

#include "topologies/model/model.h"

enum {
	PLAN_FD_STDIN = 0,           /* /dev/null */
	PLAN_FD_LOG = 1,             /* the boot log: kernel console (also descriptor 2) */
	PLAN_FD_SERIAL = 3,          /* stream socket to the agent, /dev/ttyS0 in the guest */
	PLAN_FD_FIRST_INTERFACE = 4, /* transport datagram: one Unix datagram socket an interface, in order */
};

/** Longest path that fits sockaddr_un.sun_path with its final NUL (unix(7)). */
#define PLAN_SUN_PATH_MAX 107

/** What the plan needs to know of the world. All strings borrowed for the call. */
typedef struct {
	const char *instance;        /* name the lab runs under: lab->name or --name */
	const char *runtime_dir;     /* $XDG_RUNTIME_DIR/netlab */
	const char *state_dir;       /* $XDG_STATE_HOME/netlab: persistent disks */
	const char *kernel;          /* path of the guest kernel */
	const char *modules;         /* path of the image with its modules */
	const char *images_dir;      /* IMAGES/NAME/initramfs.cpio or root.squashfs */
	const char *agent_initramfs; /* initramfs that holds the agent alone */
	const int *cpus;             /* CPUs that guests may be pinned to */
	unsigned n_cpus;
	/* names of images whose root is a disk image; others boot from an initramfs of their own. NULL-terminated */
	const char *const *disk_images;
} PlanContext;

typedef struct {
	char *port; /* "NODE:IFACE" */
	char *name; /* IFACE */
	guint8 mac[6];
	unsigned mtu;     /* that it begins with */
	unsigned mtu_max; /* that its guest can set, and its port passes */
	gboolean offload; /* its guest may leave work to the switch */
	LabTransport transport;
	int fd;       /* datagram: number in the guest; -1 for vhost-user */
	char *socket; /* vhost-user: the switch listens on this path, RUN/LAB/nodes/NODE/IFACE.sock; NULL for datagram */
	char *guest_socket; /* vhost-user: the same socket in the guest's sandbox, /net/IFACE.sock; NULL for datagram */
	char *cable;        /* name of the cable it is on; NULL if unconnected */
} PlanInterface;

/** One set-up message for the agent: a verb and its arguments (filesystems/guest/protocol.h, AGENT_SETUP). */
typedef struct {
	char **words;            /* NULL-terminated */
	char *source;            /* for "file": absolute host path with the content, or NULL */
	const LabFolder *folder; /* of the lab, borrowed: opens the source */
	LabPos pos;              /* of the <file> with the source */
	GBytes *content;         /* for "file": the content, or NULL */
} PlanSetup;

typedef struct {
	const LabNode *node; /* borrowed from the lab, which must outlive the plan */
	char *name;
	int cpu;
	guint64 memory;  /* bytes */
	char *directory; /* RUN/LAB/nodes/NODE */
	char *boot_log;  /* RUN/LAB/nodes/NODE/boot.log */
	char *kernel;
	char *modules;
	char *initramfs;
	char *root_image;      /* NULL: the initramfs is the root */
	char *disk;            /* overlay file of a persistent node, or NULL */
	char **argv;           /* the kernel's own argument vector; sandboxing is put around it by the supervisor */
	GPtrArray *interfaces; /* of PlanInterface */
	GPtrArray *setup;      /* of PlanSetup, in order */
} PlanNode;

/** An end of a cable: a port, or a network. */
typedef struct {
	char *port;              /* "NODE:IFACE", "uplink:NETWORK", "host:NETWORK"; NULL on a network */
	char *network;           /* NULL where it is a port */
	const LabPortVlan *vlan; /* on a network, borrowed: NULL where that is not VLAN-aware */
} PlanCableEnd;

/** A cable: joins a port to a network (ends in this order), two ports, or two networks. */
typedef struct {
	char *name; /* link name, or the port's name where a port is on a network */
	PlanCableEnd ends[2];
	LinkSettings impairments[2]; /* [i]: of frames that come from ends[i] */
} PlanCable;

/** Names of cables: what passes FROM either way goes to TO. */
typedef struct {
	char *from; /* NULL: every cable of the network */
	char *to;
} PlanMirror;

typedef struct {
	const LabNetwork *network; /* borrowed: type, ageing, table, STP, the host's side */
	unsigned group;            /* networks that links join have the same; from 0 without gaps */
	char *host_port;           /* "host:NETWORK", also its cable's name; NULL without host= */
	GPtrArray *mirrors;        /* of PlanMirror */
} PlanNetwork;

typedef struct {
	const LabUplink *uplink; /* borrowed: addresses, forwards, restricted */
	char *port;              /* "uplink:NETWORK" */
	char *cable;             /* the same */
} PlanUplink;

typedef struct {
	const LabCapture *capture; /* borrowed: file, filter, format, ring */
	char **cables;             /* names, in the order of Plan.cables */
} PlanCapture;

typedef struct {
	const Lab *lab; /* borrowed */
	char *instance;
	char *directory;      /* RUN/LAB */
	char *control_socket; /* RUN/LAB/control */
	GPtrArray *nodes;     /* of PlanNode */
	GPtrArray *networks;  /* of PlanNetwork, in the order of lab->networks */
	unsigned n_groups;    /* of networks */
	GPtrArray *cables;    /* of PlanCable */
	GPtrArray *uplinks;   /* of PlanUplink */
	GPtrArray *captures;  /* of PlanCapture */
} Plan;

/** Makes the plan. Fails (G_IO_ERROR_INVALID_ARGUMENT) when a socket path would be longer than PLAN_SUN_PATH_MAX, naming
 *  the path and what to change. Caller owns the result; lab must outlive it. */
Plan *plan_new(const Lab *lab, const PlanContext *context, GError **error);
void plan_free(Plan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Plan, plan_free)
PlanNode *plan_find_node(const Plan *plan, const char *name);
/** The network, if any, that a cable leads to: its first end on one, borrowed; NULL for a wire between two ports. */
const char *plan_cable_network(const PlanCable *cable);
/** The kernel's arguments for a guest without a sandbox, where sockets have their host paths. Caller frees (g_strfreev). */
char **plan_node_argv_unconfined(const PlanNode *node);
/** Readable text, stable for golden tests; caller frees. */
char *plan_to_text(const Plan *plan);
/** JSON of the same; caller frees. */
char *plan_to_json(const Plan *plan);
