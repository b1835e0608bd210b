/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The passes that make a Lab, for topologies/ alone. Programs call lab_read() (topology.h).
 *
 *   lab_load()            loader.c     XML to model; reads values, no look at other elements
 *   lab_resolve()         resolve.c    names to pointers, link ends to interfaces; called by lab_load()
 *   lab_apply_defaults()  defaults.c   fills in what was not written
 *   lab_check()           check.c      errors that need the whole lab
 *   lab_warn()            warnings.c   what is legal and surely wrong; only for a lab without errors
 */
#pragma once

#include "topologies/model/diagnostics.h"
#include "topologies/model/model.h"

/** Interfaces of a node: the guest kernel's command line has room for so many (COMMAND_LINE_SIZE is 4096 in arch/um). */
#define LAB_MAX_INTERFACES 64

/** Forwards of an uplink; keeps the comparison of pairs short. */
#define LAB_MAX_FORWARDS 256

#define LAB_PRIORITY_DEFAULT 32768u /* IEEE 802.1D-2004, table 17-2 */
#define LAB_HISTORY_DEFAULT (8u << 20)

/** LabFile.mode between load and defaults: not written. */
#define LAB_MODE_UNSET G_MAXUINT

/** An <end> as written: an interface that has yet to find its node, or a network's name. */
typedef struct {
	LabLink *link;
	unsigned index;          /* in link->ends */
	char *node_name;         /* NULL when it is a network, or the attribute is missing (reported already) */
	char *network_name;      /* NULL when it is a node's */
	LabInterface *interface; /* owned until a node takes it; freed when the node declares one of this name itself */
	gboolean has_settings;   /* address, mac or mtu were written */
} LabPendingEnd;

/** Reads FILE, or TEXT in its place where that is not NULL, into a model without defaults. Everything wrong goes to
 *  DIAGNOSTICS; elements that could not be understood are left out. A TEXT is being written: that it has no node yet is
 *  a warning. Returns NULL when there is no tree to read at all (unreadable, malformed). */
Lab *lab_load(const char *file, GBytes *text, const char *schema, LabDiagnostics *diagnostics);

/** Gives names their pointers. @ends: of LabPendingEnd, emptied of its interfaces. @dropped: set of names of elements
 *  that were left out because of an error of their own: nobody complains that they are missing. */
void lab_resolve(Lab *lab, GPtrArray *ends, GHashTable *dropped, LabDiagnostics *diagnostics);
void lab_apply_defaults(Lab *lab);
void lab_check(const Lab *lab, LabDiagnostics *diagnostics);
void lab_check_wires(const Lab *lab, LabDiagnostics *diagnostics);
void lab_warn(const Lab *lab, LabDiagnostics *diagnostics);

/* model.c: an empty element of each kind; its owner's array frees it. */
Lab *lab_new(const char *file);
LabNetwork *lab_network_new(LabPos pos);
LabNode *lab_node_new(LabPos pos);
LabLink *lab_link_new(LabPos pos);
LabCheck *lab_check_new(LabPos pos);
LabMirror *lab_mirror_new(LabPos pos);
LabUplink *lab_uplink_new(LabPos pos);
LabForward *lab_forward_new(LabPos pos);
LabCapture *lab_capture_new(LabPos pos);
LabInterface *lab_interface_new(LabPos pos);
void lab_interface_free(LabInterface *self);
LabRoute *lab_route_new(LabPos pos);
LabSysctl *lab_sysctl_new(LabPos pos, const char *name, const char *value);
LabFile *lab_file_new(LabPos pos);
LabRun *lab_run_new(LabPos pos);
LabCheckRun *lab_check_run_new(LabPos pos);

/** Names in the order of the enums, NULL-terminated. */
extern const char *const lab_node_kind_names[];
extern const char *const lab_network_type_names[];
extern const char *const lab_transport_names[];
extern const char *const lab_stp_names[];
extern const char *const lab_capture_format_names[];

/** 'node "r1"', or 'node' where the name is missing; caller frees. */
char *lab_label(const char *kind, const char *name);
/** 'node "r1": interface "eth1"'; caller frees. */
char *lab_interface_label(const LabInterface *interface);
