/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The topology of a lab: what the XML says, with defaults filled in.
 *
 * Three passes make it: lab_load() (XML to model, topologies/loader.c), lab_apply_defaults() (defaults.c) and
 * lab_check() (check.c). After that it never changes. It knows no process, no switch and no widget.
 * Strings are owned by the struct that holds them; a pointer between elements is borrowed.
 */
#pragma once

#include <gio/gio.h>
#include <glib.h>

/** Where something stands in its file. line and column count from 1; 0 means unknown. file is interned. */
typedef struct {
	const char *file;
	int line, column;
} LabPos;

typedef enum { LAB_NETWORK_SWITCH, LAB_NETWORK_HUB } LabNetworkType;

typedef enum { LAB_NODE_HOST, LAB_NODE_ROUTER, LAB_NODE_FIREWALL, LAB_NODE_SERVER, LAB_NODE_SWITCH } LabNodeKind;

/** How a guest's user space is kept from the guest's kernel memory. Off is UML's fast seccomp mode, in which a
 *  guest process can read all memory of its own guest; on is ptrace, for privilege-escalation labs. */
typedef enum {
	LAB_ISOLATION_OFF,
	LAB_ISOLATION_ON,
	LAB_ISOLATION_UNSET, /* only until defaults.c has run */
} LabIsolation;

typedef struct LabNode LabNode;

typedef struct {
	LabPos pos;
	char *name;
	LabNetworkType type;
} LabNetwork;

/** An IP address with its prefix length (0..32 or 0..128). */
typedef struct {
	GInetAddress *address;
	unsigned prefix;
} LabAddress;

typedef struct {
	LabPos pos;
	char *name;           /* at most 15 bytes (IFNAMSIZ - 1) */
	LabNode *node;        /* borrowed */
	char *network_name;   /* as written; NULL where a link's <end> joins it */
	LabNetwork *network;  /* borrowed; NULL on a link or when unconnected */
	struct LabLink *link; /* borrowed; NULL on a network or when unconnected */
	GPtrArray *addresses; /* of LabAddress */
	guint8 mac[6];        /* deterministic from lab, node and interface unless written */
	gboolean mac_written;
	unsigned mtu; /* bytes, 68..65535; 0 until defaulted to 1500 */
} LabInterface;

typedef struct {
	LabPos pos;
	gboolean is_default;       /* to="default" */
	LabAddress *to;            /* NULL for a default route */
	GInetAddress *via;         /* gateway; may be NULL when dev is given */
	char *dev;                 /* interface name; may be NULL */
} LabRoute;

typedef struct {
	LabPos pos;
	char *name, *value; /* name in dotted or slashed form, as written */
} LabSysctl;

typedef struct {
	LabPos pos;
	char *path;    /* absolute, in the guest */
	char *source;  /* absolute host path, or NULL when inline */
	GBytes *inline_content; /* or NULL when source */
	unsigned mode; /* permission bits; default 0644, or 0755 where the source is executable */
} LabFile;

typedef struct {
	LabPos pos;
	char *command; /* for /bin/sh -c */
	gboolean background;
} LabRun;

struct LabNode {
	LabPos pos;
	char *name; /* a host name label: [A-Za-z0-9]([A-Za-z0-9-]*), at most 63 bytes */
	LabNodeKind kind;
	char *image;
	guint64 memory; /* bytes */
	gboolean persistent;
	LabIsolation isolation;
	GPtrArray *interfaces; /* of LabInterface */
	GPtrArray *routes;     /* of LabRoute */
	GPtrArray *sysctls;    /* of LabSysctl; kind router and firewall imply forwarding, put first by defaults */
	GPtrArray *files;      /* of LabFile */
	GPtrArray *runs;       /* of LabRun, in order */
};

/** A wire between exactly two interfaces. */
typedef struct LabLink {
	LabPos pos;
	char *name; /* default "NODE1-NODE2" */
	LabInterface *ends[2];
	/* impairments come here (delay, jitter, loss, rate, ...) */
} LabLink;

/** One <check>: every command, in its node, must exit 0 (or non-zero with expect="fail"). */
typedef struct {
	LabPos pos;
	char *node_name;
	LabNode *node; /* borrowed */
	char *command;
	gboolean expect_failure;
} LabCheckRun;

typedef struct {
	LabPos pos;
	char *name;
	unsigned timeout_ms; /* 30000 unless written: the whole check is retried until it holds or this has passed */
	GPtrArray *runs;     /* of LabCheckRun */
} LabCheck;

typedef struct {
	LabPos pos;
	char *file; /* absolute path */
	char *directory;
	char *name, *title, *description;
	char *default_image; /* "tiny" unless written */
	guint64 default_memory; /* bytes; 0 = by image: 32M for tiny, 96M else */
	LabIsolation default_isolation;
	GPtrArray *networks, *nodes, *links, *checks;
	/* uplinks come here */
} Lab;

void lab_free(Lab *lab);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Lab, lab_free)

/** Look-ups by name; the result is borrowed, NULL when there is none. */
LabNode *lab_find_node(const Lab *lab, const char *name);
LabNetwork *lab_find_network(const Lab *lab, const char *name);
LabLink *lab_find_link(const Lab *lab, const char *name);
LabInterface *lab_node_find_interface(const LabNode *node, const char *name);
const char *lab_node_kind_name(LabNodeKind kind);
const char *lab_network_type_name(LabNetworkType type);
