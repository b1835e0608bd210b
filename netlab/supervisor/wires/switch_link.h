/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lab's switch: its process and the connection to it. */
#pragma once

#include "netlab/supervisor/sandbox/confinement.h"
#include "switch/control/switch_calls.h"
#include "topologies/plan/plan.h"

typedef struct SwitchLink SwitchLink;

typedef struct {
	/** The switch died, and how; the link stays and refuses everything. */
	void (*died)(const char *how, gpointer data);
	/** The switch disconnected a guest that broke the rules. port: "NODE:IFACE". */
	void (*port_failed)(const char *port, const char *message, gpointer data);
	/** The switch lives and does not answer any more, or answers again. */
	void (*silence)(gboolean silent, gpointer data);
	/** An end of the cable got or lost its carrier; cables of the plan, and those that were added. */
	void (*cable_changed)(const char *cable, gpointer data);
	void (*capture_ended)(guint id, guint64 captured, guint64 dropped, const char *reason, gpointer data);
} SwitchEvents;

/** Starts the switch, waits until it answers, and creates the plan's networks and cables.
 *  @log: path of the file for its messages. events and data must outlive the link. Caller frees. */
SwitchLink *switch_link_new(Confinement *confinement, const Plan *plan, const char *program, const char *log,
	const SwitchEvents *events, gpointer data, GError **error);
/** Ends the switch, and waits until it has ended. */
void switch_link_free(SwitchLink *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SwitchLink, switch_link_free)
/** The calls of the switch, which may take 25 s; NULL once it is dead. Borrowed. */
SwSwitch1 *switch_link_proxy(SwitchLink *self);
/** The same, for a client that waits: they fail (G_IO_ERROR_TIMED_OUT) when the switch takes more than 3.5 s, by which time the
 *  link knows that it is silent. Finds out whether it answers. NULL once it is dead, and while it is silent. Borrowed. */
SwSwitch1 *switch_link_prompt(SwitchLink *self);
/** Whether it lives and did not answer in 3 s, and has not since. */
gboolean switch_link_is_silent(const SwitchLink *self);
/** The process of the switch itself; 0 once it is dead. */
pid_t switch_link_pid(const SwitchLink *self);
/** Plugs a guest in.
 *  @socket: the switch's end of the interface's wire (wire.h); closed here */
void switch_link_add_guest(SwitchLink *self, const PlanInterface *interface, int socket);
/** Plugs something else in: a process that has the other end of a Unix datagram socket.
 *  @mtu: in bytes
 *  @socket: the switch's end; closed here */
void switch_link_add_port(SwitchLink *self, const char *name, unsigned mtu, int socket);
/** Plugs a tap interface of the host in.
 *  @tap: its descriptor; closed here */
void switch_link_add_tap(SwitchLink *self, const char *name, unsigned mtu, int tap);
/** Lays a cable from a port, which may come later, to a network of the plan. */
void switch_link_add_cable(SwitchLink *self, const char *name, const char *port, const char *network);
void switch_link_remove_port(SwitchLink *self, const char *name);
