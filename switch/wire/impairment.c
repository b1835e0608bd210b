/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/wire/impairment.h"

#include "switch/wire/delay_queue.h"
#include "switch/frame/ecn.h"
#include "switch/frame/random.h"

#define SECOND UINT64_C(1000000000)

/* How much later than due a frame may come out for the sake of a guest that does not keep up. It is lost otherwise. */
#define PATIENCE UINT64_C(5000000)

/* Each effect has dice of its own. */
enum { DICE_LOSS, DICE_DUPLICATE, DICE_CORRUPT, DICE_REORDER, DICE_JITTER, N_DICE };

struct Impairment {
	Timer timer; /* first: the timer's owner is found by its address */
	LinkSettings settings;
	bool delay_only; /* nothing else has an effect */
	Random dice[N_DICE];
	bool losing;            /* in a burst of losses */
	double begins, goes_on; /* how likely a burst begins with the next frame, and takes that too once it has */
	uint64_t wire_free;     /* the wire has taken all it was given by then, nanoseconds */
	uint64_t remainder;     /* of the time of those frames, in 1 / rate nanoseconds: none is lost by rounding */
	DelayQueue under_way;
	unsigned n_blocks; /* of the pool, that they take */
	Timers *timers;
	FramePool *pool;
	void (*deliver)(const Frame *frame, Pass *pass, void *data);
	void *data;
};

static void on_due(Timer *timer, Pass *pass);

Impairment *impairment_new(uint64_t seed, Timers *timers, FramePool *pool,
	void (*deliver)(const Frame *frame, Pass *pass, void *data), void *data)
{
	Impairment *self = g_new0(Impairment, 1);
	self->timer.fire = on_due;
	for (uint64_t i = 0; i < N_DICE; i++)
		self->dice[i].state = random_mix(seed, i);
	delay_queue_init(&self->under_way, frame_pool_capacity(pool));
	self->timers = timers;
	self->pool = pool;
	self->deliver = deliver;
	self->data = data;
	return self;
}

void impairment_free(Impairment *self)
{
	if (!self)
		return;
	timers_cancel(self->timers, &self->timer);
	delay_queue_clear(&self->under_way);
	g_free(self);
}

bool impairment_takes_whole(const Impairment *self, const Frame *frame)
{
	return self->delay_only && frame->length <= FRAME_POOL_LONGEST;
}

/* The model of Gilbert (1960): a good and a bad state, and a frame in the bad one is lost. Bursts of the mean length B
 * end with probability 1/B; that the share L of all is lost takes B * (1 - L) / L good ones between two bursts on
 * average. It is one at least: a burst that is too short for its share is longer than asked. */
static void prepare_bursts(Impairment *self)
{
	double loss = self->settings.loss, end = 1 / self->settings.burst;
	if (loss >= 1) {
		self->begins = self->goes_on = 1;
		return;
	}
	self->begins = end * loss / (1 - loss);
	if (self->begins > 1) {
		self->begins = 1;
		end = (1 - loss) / loss;
	}
	self->goes_on = 1 - end;
}

static void await_first(Impairment *self)
{
	if (delay_queue_is_empty(&self->under_way))
		timers_cancel(self->timers, &self->timer);
	else
		timers_set(self->timers, &self->timer, delay_queue_due(&self->under_way));
}

/* When the wire has taken the last bit of a frame that is given to it now. */
static uint64_t occupy(Impairment *self, size_t length, uint64_t now)
{
	if (!self->settings.rate)
		return now;
	if (self->wire_free <= now) {
		self->wire_free = now;
		self->remainder = 0;
	}
	uint64_t time = length * 8 * SECOND + self->remainder; /* 5 * 10^14 at most, and a rate */
	self->wire_free += time / self->settings.rate;
	self->remainder = time % self->settings.rate;
	return self->wire_free;
}

/* Bytes that the wire has still to take. */
static uint64_t backlog(const Impairment *self, uint64_t now)
{
	if (!self->settings.rate || self->wire_free <= now)
		return 0;
	unsigned __int128 bits = (unsigned __int128)(self->wire_free - now) * self->settings.rate + self->remainder;
	return (uint64_t)(bits / (8 * SECOND));
}

void impairment_set(Impairment *self, const LinkSettings *settings, const Pass *pass)
{
	uint64_t now = pass->now.monotonic;
	DelayQueue before = self->under_way;
	self->settings = *settings;
	self->delay_only = link_settings_only(settings, "delay");
	self->wire_free = 0;
	if (settings->burst > 0)
		prepare_bursts(self);
	delay_queue_init(&self->under_way, frame_pool_capacity(self->pool));
	while (!delay_queue_is_empty(&before)) {
		HeldFrame frame = delay_queue_take(&before);
		if (frame.sent > now) {
			frame.sent = occupy(self, frame_pool_length(self->pool, frame.block), now);
			frame.due = frame.sent + settings->delay;
		} else {
			frame.due = MIN(frame.due, now + settings->delay);
		}
		delay_queue_put(&self->under_way, frame);
	}
	delay_queue_clear(&before);
	await_first(self);
}

static void let_go(Impairment *self, const HeldFrame *frame, const Pass *pass)
{
	self->n_blocks -= frame_pool_blocks(frame_pool_length(self->pool, frame->block));
	frame_pool_release(self->pool, frame->block, pass);
}

unsigned impairment_lose(Impairment *self, const Pass *pass)
{
	unsigned lost = 0;
	for (; !delay_queue_is_empty(&self->under_way); lost++) {
		HeldFrame frame = delay_queue_take(&self->under_way);
		let_go(self, &frame, pass);
	}
	self->wire_free = 0;
	await_first(self);
	return lost;
}

static void deliver_first(Impairment *self, Pass *pass)
{
	HeldFrame held = delay_queue_take(&self->under_way);
	struct iovec parts[FRAME_PARTS_IN];
	Frame frame = frame_pool_get(self->pool, held.block, parts);
	self->deliver(&frame, pass, self->data);
	let_go(self, &held, pass);
	pass_settle(pass);
}

static void on_due(Timer *timer, Pass *pass)
{
	Impairment *self = (Impairment *)timer;
	uint64_t now = pass->now.monotonic;
	pass->congested = false;
	while (!delay_queue_is_empty(&self->under_way) && delay_queue_due(&self->under_way) <= now) {
		if (pass->congested && now - delay_queue_due(&self->under_way) < PATIENCE) {
			timers_block(self->timers, timer);
			return;
		}
		deliver_first(self, pass);
	}
	await_first(self);
}

void impairment_deliver(Impairment *self, Pass *pass)
{
	while (!delay_queue_is_empty(&self->under_way))
		deliver_first(self, pass);
	await_first(self);
}

static bool happens(Impairment *self, unsigned effect, double share)
{
	return share > 0 && random_share(&self->dice[effect]) < share;
}

static bool is_lost(Impairment *self)
{
	const LinkSettings *settings = &self->settings;
	if (!(settings->loss > 0))
		return false;
	if (!(settings->burst > 0))
		return happens(self, DICE_LOSS, settings->loss);
	self->losing = happens(self, DICE_LOSS, self->losing ? self->goes_on : self->begins);
	return self->losing;
}

static uint64_t roll_delay(Impairment *self)
{
	const LinkSettings *settings = &self->settings;
	if (!settings->jitter)
		return settings->delay;
	Random *dice = &self->dice[DICE_JITTER];
	double off =
		settings->distribution == LINK_DISTRIBUTION_NORMAL ? random_normal(dice) : 2 * random_share(dice) - 1;
	double delay = (double)settings->delay + off * (double)settings->jitter;
	return delay > 0 ? (uint64_t)delay : 0;
}

/* A direction may take as much of the pool as it leaves free: so one takes half of it, two a third each, and a newcomer
 * always finds something. */
static bool has_room(Impairment *self, size_t length, const Pass *pass)
{
	unsigned needed = frame_pool_blocks(length);
	return self->n_blocks + 2 * needed <= frame_pool_room(self->pool, pass);
}

void impairment_judge(Impairment *self, const Frame *frame, const Pass *pass, Verdict *verdict)
{
	const LinkSettings *settings = &self->settings;
	uint64_t now = pass->now.monotonic, waiting = backlog(self, now);

	*verdict = (Verdict){.from = verdict->from, .is_copy = verdict->is_copy, .drop = COUNTER_NONE};
	bool lost = !verdict->is_copy && is_lost(self);
	bool duplicated = !verdict->is_copy && !lost && happens(self, DICE_DUPLICATE, settings->duplicate);
	if (lost)
		verdict->drop = COUNTER_DROP_LOSS;
	else if (waiting > 0 && waiting + frame->length > settings->queue)
		verdict->drop = COUNTER_DROP_RATE_QUEUE;
	else if (!has_room(self, frame->length, pass))
		verdict->drop = COUNTER_DROP_DELAY_QUEUE;
	if (verdict->drop != COUNTER_NONE)
		return;
	verdict->duplicated = duplicated;
	verdict->reordered = settings->delay > 0 && happens(self, DICE_REORDER, settings->reorder);
	verdict->ecn_marked = settings->ecn && waiting > settings->ecn && ecn_is_capable(frame);
	verdict->corrupted = happens(self, DICE_CORRUPT, settings->corrupt);
	if (verdict->corrupted)
		verdict->corrupted_bit = random_next(&self->dice[DICE_CORRUPT]) % (frame->length * 8);
	verdict->queued = occupy(self, frame->length, now) - now;
	verdict->delay = verdict->queued + (verdict->reordered ? 0 : roll_delay(self));
}

void impairment_hold(Impairment *self, const Frame *frame, const Verdict *verdict, const Pass *pass)
{
	uint64_t now = pass->now.monotonic;
	bool first = delay_queue_is_empty(&self->under_way) || now + verdict->delay < delay_queue_due(&self->under_way);
	self->n_blocks += frame_pool_blocks(frame->length);
	delay_queue_put(&self->under_way,
		(HeldFrame){.due = now + verdict->delay,
			.sent = now + verdict->queued,
			.block = frame_pool_put(self->pool, frame)});
	if (first)
		await_first(self);
}
