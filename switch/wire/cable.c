/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/wire/cable.h"

#include "switch/frame/ecn.h"
#include "switch/frame/offload.h"

static unsigned end_number(const CableEnd *end)
{
	return end == &end->cable->ends[1];
}

Cable *cable_new(const char *name, Worker *worker)
{
	Cable *cable = g_new0(Cable, 1);
	cable->name = g_strdup(name);
	cable->ends[0].cable = cable->ends[1].cable = cable;
	cable->recorders = g_ptr_array_new();
	cable->worker = worker;
	return cable;
}

void cable_free(Cable *cable)
{
	g_free(cable->name);
	for (unsigned end = 0; end < 2; end++) {
		g_free(cable->ends[end].name);
		impairment_free(cable->ends[end].impairment);
	}
	g_ptr_array_unref(cable->recorders);
	g_free(cable);
}

/* Something about the ends has changed: tells both of their carrier. */
static void update(Cable *cable)
{
	bool changed = false;
	for (unsigned number = 0; number < 2; number++) {
		CableEnd *end = &cable->ends[number];
		bool carrier = cable_has_carrier(cable, number);
		changed |= carrier != end->carrier;
		end->carrier = carrier;
		if (end->ops && end->ops->set_carrier)
			end->ops->set_carrier(end->owner, carrier);
	}
	if (changed && cable->changed)
		cable->changed(cable, cable->data);
}

void cable_name_end(Cable *cable, unsigned end, const char *name, bool is_network)
{
	cable->ends[end].name = g_strdup(name);
	cable->ends[end].is_network = is_network;
}

void cable_plug(Cable *cable, unsigned end, const CableEndOps *ops, void *owner, bool alive)
{
	cable->ends[end].ops = ops;
	cable->ends[end].owner = owner;
	cable->ends[end].alive = alive;
	update(cable);
}

void cable_unplug(Cable *cable, unsigned end)
{
	cable_plug(cable, end, NULL, NULL, false);
}

void cable_set_alive(Cable *cable, unsigned end, bool alive)
{
	cable->ends[end].alive = alive;
	update(cable);
}

void cable_set_down(Cable *cable, bool down, Pass *pass)
{
	for (unsigned end = 0; down && end < 2; end++)
		if (cable->ends[end].impairment)
			cable->ends[end].counters.values[COUNTER_DROP_UNPLUGGED] +=
				impairment_lose(cable->ends[end].impairment, pass);
	cable->down = down;
	update(cable);
}

/* Where a frame that has crossed the wire gets to. */
static Counter reach(Cable *cable, unsigned to, const Frame *frame, Pass *pass)
{
	CableEnd *end = &cable->ends[to];
	return cable->down || !end->alive ? COUNTER_DROP_UNPLUGGED : end->ops->deliver(end->owner, frame, pass);
}

void cable_deliver(Cable *cable, unsigned from, const Frame *frame, Pass *pass)
{
	Counter drop = reach(cable, !from, frame, pass);
	if (drop != COUNTER_NONE)
		cable->ends[from].counters.values[drop]++;
}

/* It comes out of a wire that took its time. */
static void arrive(const Frame *frame, Pass *pass, void *data)
{
	CableEnd *end = data;
	cable_deliver(end->cable, end_number(end), frame, pass);
}

/* Marks the frame and flips the bit, as the verdict says, in a copy. False when there is no memory for that. */
static bool alter(const Frame *frame, const Verdict *verdict, struct iovec *part, Pass *pass)
{
	uint8_t *copy = pass_take(pass, frame->length);
	if (!copy || !frame_copy(frame, 0, frame->length, copy))
		return false;
	if (verdict->ecn_marked)
		ecn_mark(copy, frame->length);
	if (verdict->corrupted)
		copy[verdict->corrupted_bit / 8] ^= (uint8_t)(0x80 >> verdict->corrupted_bit % 8);
	*part = (struct iovec){copy, frame->length};
	return true;
}

/* Lets happen to the frame what was decided, before the eyes of the recorders. */
static void carry_out(CableEnd *from, const Frame *frame, Verdict *verdict, Pass *pass)
{
	const GPtrArray *recorders = from->cable->recorders;
	struct iovec part;
	Frame altered;
	bool alters = verdict->ecn_marked || verdict->corrupted;
	if (alters && !alter(frame, verdict, &part, pass)) {
		verdict->ecn_marked = verdict->corrupted = false;
		verdict->drop = COUNTER_DROP_DELAY_QUEUE;
	} else if (alters) {
		altered = frame_of(&part);
		altered.offload = frame->offload; /* of one that nobody can cut */
		altered.offload.valid = false;
		frame = &altered;
	}
	/* Without an impairment the history has it already. */
	if (from->cable->history && from->impairment)
		history_put(
			from->cable->history, from->cable->number, verdict->from, false, frame, verdict, &pass->now);
	for (guint i = 0; i < recorders->len; i++)
		recorder_offer(recorders->pdata[i], frame, verdict, &pass->now);
	from->counters.values[COUNTER_ECN_MARKED] += verdict->ecn_marked;
	from->counters.values[COUNTER_CORRUPTED] += verdict->corrupted;
	from->counters.values[COUNTER_REORDERED] += verdict->reordered;
	from->counters.values[COUNTER_DUPLICATED] += verdict->duplicated;
	if (verdict->drop != COUNTER_NONE)
		from->counters.values[verdict->drop]++;
	else if (verdict->delay > 0)
		impairment_hold(from->impairment, frame, verdict, pass);
	else
		cable_deliver(from->cable, verdict->from, frame, pass);
}

/* A frame that could exist on a wire, or for which that makes no difference. */
static void cross(const Frame *frame, Pass *pass, void *data)
{
	CableEnd *from = data;
	Verdict verdict = {.from = end_number(from), .drop = COUNTER_NONE};
	if (!cable_has_carrier(from->cable, verdict.from))
		verdict.drop = COUNTER_DROP_UNPLUGGED;
	else if (from->impairment)
		impairment_judge(from->impairment, frame, pass, &verdict);
	carry_out(from, frame, &verdict, pass);
	if (!verdict.duplicated)
		return;
	Verdict copy = {.from = verdict.from, .is_copy = true};
	impairment_judge(from->impairment, frame, pass, &copy);
	carry_out(from, frame, &copy, pass);
}

/* Looking must not change what passes: what cannot be cut crosses whole, as it would if nobody looked. */
static void cross_cut(CableEnd *from, const Frame *frame, Pass *pass)
{
	Counter fault = offload_resolve(frame, pass, cross, from);
	if (fault == COUNTER_DROP_BAD_OFFLOAD) {
		from->counters.values[COUNTER_UNCUT]++;
		cross(frame, pass, from);
	} else if (fault != COUNTER_NONE) {
		from->counters.values[fault]++;
	}
}

void cable_carry(Cable *cable, unsigned from, const Frame *frame, Pass *pass)
{
	static const Verdict unplugged = {.drop = COUNTER_DROP_UNPLUGGED};
	CableEnd *end = &cable->ends[from];
	if (cable->history && !end->impairment)
		history_put(cable->history, cable->number, from, end->is_network, frame,
			cable_has_carrier(cable, from) ? NULL : &unplugged, &pass->now);
	/* Somebody is looking, or dice decide about each frame. */
	bool matters =
		cable->recorders->len > 0 || (end->impairment && !impairment_takes_whole(end->impairment, frame));
	if (!matters && !end->impairment)
		cable_deliver(cable, from, frame, pass);
	else if (!matters)
		cross(frame, pass, end);
	else
		cross_cut(end, frame, pass);
}

uint64_t cable_rate(const Cable *cable)
{
	uint64_t rate = 0;
	for (unsigned end = 0; end < 2; end++) {
		uint64_t one = cable->ends[end].settings.rate;
		if (one && (!rate || one < rate))
			rate = one;
	}
	return rate;
}

unsigned cable_speed(const Cable *cable)
{
	return link_speed(cable_rate(cable));
}

/* What is left for the impairment of one direction. */
static LinkSettings effective(const LinkSettings *settings, uint32_t longest)
{
	LinkSettings effective = *settings;
	effective.down = 0; /* it is the cable's */
	if (effective.rate && !effective.queue)
		effective.queue = LINK_QUEUE_FRAMES * (uint64_t)(longest ? longest : CABLE_LONGEST_USUAL);
	return effective;
}

static void impair(CableEnd *end, const LinkSettings *settings, uint64_t seed, const CableMeans *means)
{
	bool clear = link_settings_is_clear(settings);
	if (!end->impairment && clear)
		return;
	if (!end->impairment)
		end->impairment = impairment_new(seed, means->timers, means->pool, arrive, end);
	impairment_set(end->impairment, settings, means->pass);
	if (!clear)
		return;
	impairment_deliver(end->impairment, means->pass);
	means->pass->flush(means->pass->data);
	g_clear_pointer(&end->impairment, impairment_free);
}

bool cable_needs_pool(const Cable *cable, const CableSettings *settings)
{
	bool needs = false;
	for (unsigned from = 0; from < 2; from++) {
		LinkSettings changed = effective(&settings->from[from], settings->longest);
		needs |= cable->ends[from].impairment || !link_settings_is_clear(&changed);
	}
	return needs;
}

void cable_set(Cable *cable, const CableSettings *settings, const CableMeans *means)
{
	bool down = settings->from[0].down || settings->from[1].down;
	if (down && !cable->down)
		cable_set_down(cable, true, means->pass);
	for (unsigned from = 0; from < 2; from++) {
		LinkSettings changed = effective(&settings->from[from], settings->longest);
		cable->ends[from].settings = settings->from[from];
		impair(&cable->ends[from], &changed, settings->seeds[from], means);
	}
	for (unsigned end = 0; end < 2; end++)
		if (cable->ends[end].ops && cable->ends[end].ops->rate_changed)
			cable->ends[end].ops->rate_changed(cable->ends[end].owner);
	if (!down && cable->down)
		cable_set_down(cable, false, means->pass);
}
