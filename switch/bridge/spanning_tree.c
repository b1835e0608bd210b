/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/bridge/spanning_tree.h"

enum {
	LLC = 3,        /* bytes; IEEE 802.1D-2004, 9.2.1: both SAPs 42 (table 7-9), unnumbered information */
	LENGTH_AT = 12, /* 802.3, 3.2.6: up to 1500 it is a length */
	LENGTH_MAX = 1500,
	FRAME_MIN = 60, /* 802.3, 4A.2.3.3: padded up to this */
};

static const uint8_t llc[LLC] = {0x42, 0x42, 0x03};

#define SECOND UINT64_C(1000000000)

struct SpanningTree {
	Timer timer;
	Timers *timers;
	Rstp *rstp;
	uint64_t next_tick; /* ns */
	Mac address;
};

/* What was heard or happened is answered when the batch that brought it is over. */
static void soon(SpanningTree *self)
{
	timers_set(self->timers, &self->timer, 0);
}

static void on_timer(Timer *timer, Pass *pass)
{
	SpanningTree *self = (SpanningTree *)timer;
	uint64_t now = pass->now.monotonic;
	if (now >= self->next_tick) {
		/* A worker that was held up has not lived the seconds it missed: neighbours on it were not heard either. */
		self->next_tick = now - self->next_tick < SECOND ? self->next_tick + SECOND : now + SECOND;
		rstp_tick(self->rstp);
	} else {
		rstp_run(self->rstp);
	}
	timers_set(self->timers, timer, self->next_tick);
	rstp_transmit(self->rstp, pass);
}

static void on_send(void *data, const uint8_t *bpdu, size_t length, void *context)
{
	BridgePort *port = data;
	Pass *pass = context;
	uint8_t *bytes = pass_take(pass, FRAME_MIN);
	if (!bytes)
		return; /* the next hello comes in two seconds */
	memset(bytes, 0, FRAME_MIN);
	write_be(bytes, BRIDGE_GROUP_ADDRESS, MAC_SIZE);
	write_be(bytes + 6, port->network->tree->address, MAC_SIZE);
	write_be16(bytes + LENGTH_AT, (uint16_t)(LLC + length));
	memcpy(bytes + FRAME_HEADER, llc, LLC);
	memcpy(bytes + FRAME_HEADER + LLC, bpdu, length);
	struct iovec part = {bytes, FRAME_MIN};
	Frame frame = frame_of(&part);
	network_send(port, &frame, pass);
}

static void on_state(void *data, bool learning, bool forwarding)
{
	BridgePort *port = data;
	port->learning = learning;
	port->forwarding = forwarding;
}

static void on_flush(void *data)
{
	BridgePort *port = data;
	fdb_forget(port->network->fdb, port);
}

void spanning_tree_start(Network *network, uint16_t priority, Mac address, Timers *timers, uint64_t now)
{
	static const RstpOps ops = {.send = on_send, .set_state = on_state, .flush = on_flush};
	SpanningTree *self = g_new0(SpanningTree, 1);
	*self = (SpanningTree){.timer = {.fire = on_timer},
		.timers = timers,
		.address = address,
		.next_tick = now + SECOND,
		.rstp = rstp_new(priority, address, &ops)};
	network->tree = self;
	for (guint i = 0; i < network->ports->len; i++)
		spanning_tree_add(self, network->ports->pdata[i]);
	soon(self);
}

void spanning_tree_free(SpanningTree *self)
{
	if (!self)
		return;
	timers_cancel(self->timers, &self->timer);
	rstp_free(self->rstp);
	g_free(self);
}

const Rstp *spanning_tree_rstp(const SpanningTree *self)
{
	return self->rstp;
}

void spanning_tree_add(SpanningTree *self, BridgePort *port)
{
	port->learning = port->forwarding = false;
	port->rstp = rstp_add(self->rstp, port);
	spanning_tree_set_rate(port);
	spanning_tree_set_carrier(port);
}

void spanning_tree_set_rate(BridgePort *port)
{
	if (!port->rstp)
		return;
	rstp_set_path_cost(port->rstp, rstp_path_cost(cable_rate(port->cable)));
	soon(port->network->tree);
}

void spanning_tree_set_priority(SpanningTree *self, uint16_t priority)
{
	rstp_set_priority(self->rstp, priority);
	soon(self);
}

void spanning_tree_set_carrier(BridgePort *port)
{
	if (!port->rstp)
		return; /* one port too many for the protocol: it stays closed */
	rstp_set_enabled(port->rstp, port->carrier);
	soon(port->network->tree);
}

bool spanning_tree_receive(BridgePort *port, const Frame *frame)
{
	uint64_t length;
	uint8_t bytes[LLC + RSTP_BPDU_MAX];
	if (!frame_read(frame, LENGTH_AT, 2, &length) || length <= LLC || length > LENGTH_MAX)
		return false;
	/* Later versions are longer; all that is read of them is the beginning. */
	size_t size = MIN(length, sizeof(bytes));
	if (!frame_copy(frame, FRAME_HEADER, size, bytes) || memcmp(bytes, llc, LLC) != 0)
		return false;
	if (!port->rstp)
		return true;
	soon(port->network->tree);
	return rstp_receive(port->rstp, bytes + LLC, size - LLC);
}
