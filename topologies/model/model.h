/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The topology of a lab: what the XML says, with defaults filled in.
 *
 * lab_read() (topologies/topology.h) makes it, in passes: load (XML to model), resolve (names to pointers), defaults,
 * check. After that it never changes. It knows no process, no switch and no widget.
 * Strings are owned by the struct that holds them; a pointer between elements is borrowed.
 */
#pragma once

#include <gio/gio.h>
#include <glib.h>

#include "topologies/model/lab_folder.h"
#include "topologies/model/link_settings.h"

/** A place in a file. line and column count from 1; 0 means unknown. file is interned. */
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

/** What a guest's network device is for the switch. vhost-user is shared memory: fast, with offloads and carrier;
 *  datagram is a Unix datagram socket, for every guest that knows no better. */
typedef enum {
	LAB_TRANSPORT_VHOST_USER,
	LAB_TRANSPORT_DATAGRAM,
	LAB_TRANSPORT_UNSET, /* only until defaults.c has run */
} LabTransport;

/** Whether a guest leaves checksums and segmentation to the switch, and gets frames with them undone. */
typedef enum {
	LAB_OFFLOAD_UNSET,
	LAB_OFFLOAD_NO,
	LAB_OFFLOAD_YES,
} LabOffload;

/** The largest MTU that an interface can be given in its guest, unless it begins with a larger one: as cards with jumbo
 *  frames have it. */
enum { LAB_MTU_CARD = 9216 };

typedef enum { LAB_STP_OFF, LAB_STP_RSTP } LabStp;

/** What a network is joined to outside the lab. */
typedef enum { LAB_HOST_NONE, LAB_HOST_TAP, LAB_HOST_BRIDGE } LabHostKind;

typedef enum { LAB_CAPTURE_PCAPNG, LAB_CAPTURE_PCAP } LabCaptureFormat;

typedef struct LabNode LabNode;
typedef struct LabInterface LabInterface;

enum { LAB_VLAN_MAX = 4094 }; /* IEEE 802.1Q, table 9-2: 0 and 4095 are reserved */

/** Which VLANs pass a port of a VLAN-aware switch. */
typedef struct {
	guint16 access; /* 1..LAB_VLAN_MAX: VLAN of an access port, untagged both ways; 0: this is a trunk */
	guint16 native; /* of a trunk: the VLAN that is untagged on it; 0: untagged frames are dropped */
	guint64 trunk
		[64]; /* of a trunk: bit V % 64 of word V / 64 is set for each VLAN V that passes; native is among them */
} LabPortVlan;

/** Frames that pass the port of FROM, in and out, are copied to TO, which gets nothing else and whose own are dropped. */
typedef struct {
	LabPos pos;
	char *from_name, *to_name; /* "NODE:IFACE" as written; from also "all" */
	LabInterface *from;        /* borrowed; NULL: all ports of the network */
	LabInterface *to;          /* borrowed */
} LabMirror;

typedef struct {
	LabPos pos;
	char *name;
	LabNetworkType type;
	unsigned ageing_ms;  /* of addresses learnt; 0 until defaulted to 300 s */
	unsigned table_size; /* addresses learnt at most; 0 until defaulted to 4096 */
	LabStp stp;
	unsigned priority; /* of the bridge, 0..61440 in steps of 4096; 32768 unless written */
	gboolean priority_written;
	unsigned group;      /* networks that links join have the same; from 0 without gaps */
	gboolean vlan_aware; /* a port of it says vlan or trunk; then all have a LabPortVlan (defaults.c) */
	LabHostKind host_kind;
	char *host_name; /* the host's tap or bridge; NULL without one. It carries all VLANs, VLAN 1 untagged */
	char *socket; /* absolute path of a uml_switch control socket, or NULL; its clients are access ports of VLAN 1 */
	GPtrArray *mirrors; /* of LabMirror */
} LabNetwork;

/** An IP address with its prefix length (0..32 or 0..128). */
typedef struct {
	GInetAddress *address;
	unsigned prefix;
} LabAddress;

struct LabInterface {
	LabPos pos;
	char *name;           /* at most 15 bytes (IFNAMSIZ - 1) */
	LabNode *node;        /* borrowed */
	char *network_name;   /* as written; NULL where a link's <end> joins it */
	LabNetwork *network;  /* borrowed; NULL on a link or when unconnected */
	struct LabLink *link; /* borrowed; NULL on a network or when unconnected */
	GPtrArray *addresses; /* of LabAddress */
	guint8 mac[6];        /* deterministic from lab, node and interface unless written */
	gboolean mac_written;
	unsigned mtu; /* that it begins with, bytes, 68..65535; 0 until defaulted to 1500 */
	LabOffload offload;
	LinkSettings impairment; /* of its cable to a network, both directions; a link has its own */
	LabPortVlan *vlan;       /* its port on a network; NULL where the network is not VLAN-aware */
};

typedef struct {
	LabPos pos;
	gboolean is_default; /* to="default" */
	LabAddress *to;      /* NULL for a default route */
	GInetAddress *via;   /* gateway; may be NULL when dev is given */
	char *dev;           /* interface name; may be NULL */
} LabRoute;

typedef struct {
	LabPos pos;
	char *name, *value; /* name in dotted or slashed form, as written */
} LabSysctl;

/** The source of a file, in bytes: the largest disk of a guest has as many (netlab/supervisor/node/disk.h). */
#define LAB_MAX_SOURCE_SIZE (G_GUINT64_CONSTANT(4) << 30)

typedef struct {
	LabPos pos;
	char *path;             /* absolute, in the guest */
	char *source;           /* absolute host path, opened by lab_folder_open() alone; NULL when inline */
	GBytes *inline_content; /* or NULL when source */
	unsigned mode;          /* permission bits; default 0644, or 0755 where the source is executable */
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
	LabTransport transport;
	LabOffload offload;    /* of its interfaces that say nothing */
	GPtrArray *interfaces; /* of LabInterface */
	GPtrArray *routes;     /* of LabRoute */
	GPtrArray *sysctls;    /* of LabSysctl; kind router and firewall imply forwarding, put first by defaults */
	GPtrArray *files;      /* of LabFile */
	GPtrArray *runs;       /* of LabRun, in order */
};

/** An end of a link: an interface or a network, never both. */
typedef struct {
	LabInterface *interface; /* borrowed; NULL where it is a network */
	LabNetwork *network;     /* borrowed; NULL where it is an interface */
	LabPortVlan *vlan;       /* the port on the network; NULL where that is not VLAN-aware */
} LabLinkEnd;

/** A wire between exactly two interfaces, or two networks. */
typedef struct LabLink {
	LabPos pos;
	char *name; /* default "NODE1-NODE2" or "NETWORK1-NETWORK2" */
	LabLinkEnd ends[2];
	LinkSettings impairments[2]; /* [i]: of frames that come from ends[i] */
} LabLink;

/** A port of the host that leads to a port of the lab. */
typedef struct {
	LabPos pos;
	gboolean udp;               /* else TCP */
	GInetAddress *host_address; /* 127.0.0.1 unless written; to IPv6 a second one has ::1 (defaults.c) */
	guint16 host_port;
	GInetAddress *to_address;
	guint16 to_port;
} LabForward;

/** A way out to the host's network, by user-space NAT. */
typedef struct {
	LabPos pos;
	char *name;                /* default "uplink" */
	char *network_name;        /* as written */
	LabNetwork *network;       /* borrowed */
	LabAddress *address4;      /* the gateway's; default 10.0.2.2/24 */
	LabAddress *address6;      /* default fd00:2::2/64 */
	GInetAddress *dns4, *dns6; /* gateway + 1 (defaults.c) */
	GInetAddress *dhcp_start;  /* gateway + 13: the first address that DHCP gives (defaults.c) */
	gboolean restricted;       /* the lab may be reached (forwards), but cannot reach out */
	gboolean loopback;         /* the host's 127.0.0.1 and ::1 can be reached at the gateway's addresses */
	LabPortVlan *vlan;         /* its port on the network; NULL where that is not VLAN-aware */
	GPtrArray *forwards;       /* of LabForward */
} LabUplink;

/** A capture that starts before the first frame. At most one of link, interface and network is set: none is the whole lab. */
typedef struct {
	LabPos pos;
	char *file;                                      /* absolute path, for lab_folder_open() */
	char *link_name, *interface_name, *network_name; /* as written, or NULL; interface as "NODE:IFACE" */
	LabLink *link;                                   /* borrowed, as the next two */
	LabInterface *interface;
	LabNetwork *network;
	char *filter; /* pcap-filter(7), or NULL */
	LabCaptureFormat format;
	gboolean format_written;
	guint64 ring_size;   /* bytes of one file; 0: one file without end */
	unsigned ring_files; /* files kept */
} LabCapture;

/** Whether a capture filter can be used; FALSE and what is wrong with it. */
typedef gboolean (*LabFilterCheck)(const char *filter, GError **error);

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

/** How a lab uses something of the host. */
typedef enum {
	LAB_TOUCH_READ,     /* a file */
	LAB_TOUCH_WRITE,    /* a file, made or overwritten */
	LAB_TOUCH_SOCKET,   /* a Unix socket that netlab listens on */
	LAB_TOUCH_DISK,     /* the disk of a persistent node, in the user's state folder */
	LAB_TOUCH_DEVICE,   /* a tap or bridge */
	LAB_TOUCH_PORT,     /* a TCP or UDP port that netlab listens on */
	LAB_TOUCH_NETWORK,  /* guests reach the host's network */
	LAB_TOUCH_LOOPBACK, /* guests reach servers on the host's 127.0.0.1 and ::1 */
} LabTouchKind;

/** Something of the host that a lab uses. */
typedef struct {
	LabTouchKind kind;
	LabPos pos;
	char *what; /* absolute path; NODE; "tap:NAME"; "tcp 127.0.0.1:8080"; the uplink's name */
} LabTouch;

typedef struct {
	LabPos pos;
	char *file;        /* absolute path */
	LabFolder *folder; /* with that file */
	char *name, *title, *description;
	char *default_image;    /* "tiny" unless written */
	guint64 default_memory; /* bytes; 0 = by image: 32M for tiny, 96M else */
	LabIsolation default_isolation;
	LabTransport default_transport;
	LabOffload default_offload; /* yes unless written, but for nodes of kind switch */
	guint64 seed;               /* of losses and the like; 0..G_MAXINT64; made from the lab's name unless written */
	gboolean seed_written;
	guint64 history_bytes; /* memory for the last frames of all cables; 0: off. 8M unless written */
	unsigned n_groups;     /* of networks */
	GPtrArray *networks, *nodes, *links, *checks;
	GPtrArray *uplinks;  /* of LabUplink */
	GPtrArray *captures; /* of LabCapture */
	GPtrArray *
		touches; /* of LabTouch: everything of the host that the lab uses, files in the order of the XML first */
	GHashTable *nodes_by_name, *networks_by_name; /* the first of each name; NULL until lab_index() */
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
const char *lab_transport_name(LabTransport transport);
const char *lab_stp_name(LabStp stp);
const char *lab_host_kind_name(LabHostKind kind);
const char *lab_capture_format_name(LabCaptureFormat format);
/** "read", "write", "socket", ... */
const char *lab_touch_kind_name(LabTouchKind kind);
/** The name of file number N, from 1, of a capture that is split into files: "DIR/NAME_00001.EXT". Caller frees. */
char *lab_ring_file(const char *path, unsigned n);

/** A trunk of all VLANs, VLAN 1 untagged. */
extern const LabPortVlan lab_port_vlan_all;
/** Whether frames of VLAN (1..LAB_VLAN_MAX) pass the port. */
gboolean lab_port_vlan_carries(const LabPortVlan *self, unsigned vlan);
/** VLANs of a trunk as they are written, "10 20 30-39" or "all"; caller frees. */
char *lab_port_vlan_trunk_to_text(const LabPortVlan *self);
/** "access 10" or "trunk 10 20 30-39 native 1"; caller frees. */
char *lab_port_vlan_to_text(const LabPortVlan *self);
