# SPDX-License-Identifier: GPL-2.0-or-later
"""What a measurement yields, and how own and peer take turns, so that a change of the machine's mood meets both."""
import dataclasses
import statistics
import time

OWN = "netlab"


@dataclasses.dataclass
class Bench:
	netlab: str          # path of the program
	rounds: int
	quick: bool
	bench_switch: list   # paths of the programs that measure the switch alone, or None
	say: callable        # progress, for a person


@dataclasses.dataclass
class Row:
	"""One quantity: values by who was measured (OWN or a peer), and the peers left out, with the reason."""
	name: str
	unit: str
	better: str  # "lower" or "higher"
	values: dict
	skipped: dict
	asked: dict = dataclasses.field(default_factory=dict)  # by peer: how many times better we are to be, at least
	limit: float = None  # what our median is to stay below (or above, where higher is better)

	def median(self, who):
		return statistics.median(self.values[who])

	def ratio(self, peer):
		"""How many times better we are: 2 means twice as fast, or half the memory."""
		own, other = self.median(OWN), self.median(peer)
		return own / other if self.better == "higher" else other / own


	def reached(self, peer):
		return self.ratio(peer) >= self.asked[peer]

	def keeps_limit(self):
		return self.median(OWN) <= self.limit if self.better == "lower" else self.median(OWN) >= self.limit


@dataclasses.dataclass
class Series:
	"""One quantity as something grows: values by line and by what grows."""
	name: str
	unit: str
	better: str
	grows: str   # "ports"
	lines: dict  # label: {number: values}

	def median(self, line, x):
		return statistics.median(self.lines[line][x])


def take_turns(bench, name, sources):
	"""Calls each source (name: function) once a round, in alternating order; returns the values of each."""
	values = {who: [] for who in sources}
	for turn in range(bench.rounds):
		for who in list(sources)[::-1 if turn % 2 else 1]:
			begin = time.monotonic()
			values[who].append(sources[who]())
			what = who if isinstance(who, str) else ", ".join(str(word) for word in who)
			bench.say(f"{name}: round {turn + 1} of {bench.rounds}, {what}: {time.monotonic() - begin:.1f} s")
	return values


def rows(values, names, skipped, asked=None):
	"""Rows of measurements that give several figures each: NAMES has (name, unit, better) of each."""
	for index, (name, unit, better) in enumerate(names):
		yield Row(name, unit, better, {who: [v[index] for v in values[who]] for who in values}, skipped, asked or {})
