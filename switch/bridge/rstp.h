/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Rapid Spanning Tree Protocol of one bridge: IEEE 802.1D-2004, clause 17, with the names used there. It
 * falls back to STP on a port whose neighbor supports only STP (17.4).
 *
 * It knows neither frames nor clocks: BPDUs go in and out as bytes (clause 9.3), and its owner calls rstp_tick() once a
 * second. Every port is an edge port until it receives a BPDU (AutoEdge), and every link is point-to-point. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Rstp Rstp;
typedef struct RstpPort RstpPort;

enum {
	RSTP_PRIORITY_DEFAULT = 32768,  /* table 17-2; steps of 4096 */
	RSTP_PATH_COST = 20000,         /* table 17-3: a link of 1 Gbit/s; what a cable without a rate counts as */
	RSTP_PATH_COST_MAX = 200000000, /* the same table: the end of the range */
	RSTP_BPDU_MAX = 36,             /* bytes of the longest BPDU sent: 9.3.3 */
};

typedef enum {
	RSTP_DISABLED,
	RSTP_ALTERNATE,
	RSTP_BACKUP,
	RSTP_ROOT,
	RSTP_DESIGNATED,
} RstpRole;

/** What the machines have done to a port. port_data is what rstp_add() was given. None may call back into the bridge. */
typedef struct {
	/* context: what rstp_transmit() was given */
	void (*send)(void *port_data, const uint8_t *bpdu, size_t length, void *context);
	void (*set_state)(void *port_data, bool learning, bool forwarding);
	void (*flush)(void *port_data); /* forget the stations learnt on the port: 17.19.7 */
} RstpOps;

/** A bridge without ports; priority 0 to 61440 in steps of 4096, address: its MAC address. Caller frees. */
Rstp *rstp_new(uint16_t priority, uint64_t address, const RstpOps *ops);
void rstp_free(Rstp *rstp);
/** A port more, without carrier, not forwarding. Owned by the bridge. NULL when it has 4095 already, as many as a port
 *  number can say. */
RstpPort *rstp_add(Rstp *rstp, void *port_data);

/** The recommended cost of a link, table 17-3: 20 000 000 000 / (kbit/s); that of RSTP_PATH_COST without a rate (0). */
uint32_t rstp_path_cost(uint64_t bits_per_second);
/** What it costs to leave by the port (1 to RSTP_PATH_COST_MAX; RSTP_PATH_COST until told); rstp_run() is due. */
void rstp_set_path_cost(RstpPort *port, uint32_t cost);
/** Another priority for the bridge, as in rstp_new(); rstp_run() is due. */
void rstp_set_priority(Rstp *rstp, uint16_t priority);

/** The port has got or lost its carrier; rstp_run() is due. */
void rstp_set_enabled(RstpPort *port, bool enabled);
/** A BPDU came in, and anything may be in it: runs the machines. False when it is no BPDU. */
bool rstp_receive(RstpPort *port, const uint8_t *bpdu, size_t length);
/** Runs the machines until nothing changes. */
void rstp_run(Rstp *rstp);
/** A second has passed: runs the machines. */
void rstp_tick(Rstp *rstp);
/** Sends what there is to say since. Apart from the machines, so that one BPDU tells all, and so that two bridges in one
 *  process do not answer each other before either has finished. */
void rstp_transmit(Rstp *rstp, void *context);

RstpRole rstp_port_role(const RstpPort *port);
/** "disabled", "alternate", ... Static. */
const char *rstp_role_name(RstpRole role);
/** Identifiers: 16 bits of priority, 48 of address (9.2.5). */
uint64_t rstp_bridge_id(const Rstp *rstp);
uint64_t rstp_root_id(const Rstp *rstp);
uint32_t rstp_root_cost(const Rstp *rstp);
/** What the port that leads to the root was added with; NULL when the root is here. */
void *rstp_root_port(const Rstp *rstp);
uint32_t rstp_port_path_cost(const RstpPort *port);
/** Whether the port takes what is behind it for stations and not for bridges. */
bool rstp_port_is_edge(const RstpPort *port);
/** Whether the port talks to a neighbour of the first spanning tree protocol. */
bool rstp_port_is_stp(const RstpPort *port);
