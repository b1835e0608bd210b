/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making the elements of a lab, what messages call them, and how many there may be. For topologies/ alone: to everyone
 * else a Lab is read-only (model.h). */
#pragma once

#include "topologies/model/model.h"

/** A lab's file and everything it includes, in bytes, and how deep its elements nest. */
#define LAB_MAX_FILE_SIZE (8u << 20)
#define LAB_MAX_DEPTH 32

/** Interfaces of a node: all that fit the guest kernel's command line and have an interrupt (kernel/patches/many-interfaces.patch:
 *  16 KiB, and 236 interrupts for devices). */
#define LAB_MAX_INTERFACES 128

/** Those over datagram: each takes room of the guest kernel's early memory map, which ends before 128 (mm/memblock.c). */
#define LAB_MAX_DATAGRAM_INTERFACES 64

/** Forwards of an uplink; keeps the comparison of pairs short. */
#define LAB_MAX_FORWARDS 256

#define LAB_PRIORITY_DEFAULT 32768u /* IEEE 802.1D-2004, table 17-2 */
#define LAB_HISTORY_DEFAULT (8u << 20)

/** LabFile.mode between load and defaults: not written. */
#define LAB_MODE_UNSET G_MAXUINT

/* model.c: an empty element of each kind; its owner's array frees it. */
Lab *lab_new(const char *file, LabFolder *folder, GPtrArray *touches);
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
GPtrArray *lab_touches_new(void);
/** Notes that the lab uses something of the host; WHAT is copied. */
void lab_touch(GPtrArray *touches, LabTouchKind kind, LabPos pos, const char *what);

/* model_names.c */
/** Names in the order of the enums, NULL-terminated. */
extern const char *const lab_node_kind_names[];
extern const char *const lab_network_type_names[];
extern const char *const lab_transport_names[];
extern const char *const lab_stp_names[];
extern const char *const lab_capture_format_names[];

/** Makes lab_find_node() and lab_find_network() quick, once all nodes and networks have their names. */
void lab_index(Lab *lab);
/** TEXT as it is shown in a message: its beginning where it is long; caller frees. */
char *lab_excerpt(const char *text);
/** 'node "r1"', or 'node' where the name is missing; caller frees. */
char *lab_label(const char *kind, const char *name);
/** 'node "r1": interface "eth1"'; caller frees. */
char *lab_interface_label(const LabInterface *interface);
