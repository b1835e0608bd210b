# SPDX-License-Identifier: GPL-2.0-or-later
"""The switch as labs grow: ports, workers, networks beside each other, and nothing to do at all. Its clients are played by
one program (scale.c), so that guests do not count."""
import json
import os
import time

from labs import Lab
from processes import BenchError, Skipped, cpu_seconds, output
from rows import OWN, Row, Series, rows, take_turns

PORTS = (2, 10, 50, 200)
WORKERS = (1, 2, 3, 4)
TRANSPORTS = ("vhost-user", "datagram")


def find(bench):
	program = os.path.normpath(os.path.join(os.path.dirname(bench.netlab), "..", "tests", "bench", "bench-scale"))
	if not os.access(program, os.X_OK):
		raise Skipped("the program is not built (target bench-scale)")
	return program


def run(program, measure, seconds, **options):
	words = [f"--{name}={value}" for name, value in options.items()]
	return json.loads(output([program, f"--measure={measure}", f"--seconds={seconds}", *words], seconds + 60))


def throughput_and_latency(program, seconds, **options):
	"""Thousands of frames a second, nanoseconds of the switch's CPU for each, and what a frame's way takes, in
	microseconds: the median, and what one in a hundred exceeds."""
	rate, latency = (run(program, measure, seconds, **options) for measure in ("throughput", "latency"))
	return rate["frames_per_second"] / 1e3, rate["switch_ns_per_frame"], latency["median_us"], latency["p99_us"]


def grow(bench, title, grows, cases):
	"""CASES: line, x and options of the program for each; all take turns."""
	program, seconds = find(bench), 0.3 if bench.quick else 1
	values = take_turns(bench, title, {(line, x): lambda options=options: throughput_and_latency(program, seconds, **options)
		for line, x, options in cases})
	for index, (what, unit, better) in enumerate((("frames of 64 bytes", "1000/s", "higher"),
			("CPU of the switch per frame", "ns", "lower"), ("a frame's way, median", "µs", "lower"),
			("a frame's way, 99 %", "µs", "lower"))):
		lines = {}
		for line, x in values:
			lines.setdefault(line, {})[x] = [v[index] for v in values[line, x]]
		yield Series(f"{title}: {what}", unit, better, grows, lines)


def ports(bench):
	"""One network, half of its ports send to the other half."""
	yield from grow(bench, "switch with many ports", "ports",
		[(transport, n, {"ports": n, "transport": transport}) for transport in TRANSPORTS for n in PORTS])


def workers(bench):
	"""Four networks with four ports each; two threads play the clients."""
	yield from grow(bench, "switch with several workers", "workers",
		[(transport, n, {"ports": 16, "networks": 4, "threads": 2, "workers": n, "transport": transport})
			for transport in TRANSPORTS for n in WORKERS])


def neighbours(bench):
	"""A network, its clients and its worker on one CPU, beside another that is loaded, on another. The peer that counts is
	a loop that keeps that other CPU as busy and has nothing to do with us: two CPUs may share a core."""
	program, seconds = find(bench), 0.3 if bench.quick else 1
	if len(os.sched_getaffinity(0)) < 2:
		raise Skipped("two workers need two CPUs, and there is one")

	def beside(whom):
		said = run(program, "disturbed", seconds, ports=4, networks=2, workers=2, beside=whom)
		return said["frames_per_second"] / 1e3, said["median_us"]

	loop = "beside a busy loop"
	values = take_turns(bench, "neighbours", {OWN: lambda: beside("network"), loop: lambda: beside("spinner"),
		"alone": lambda: beside("nothing")})
	yield from rows(values, [("a network beside a loaded one, other worker: frames of 64 bytes", "1000/s", "higher"),
		("a network beside a loaded one, other worker: a frame's way", "µs", "lower")], {}, {loop: 0.9})


def idle(bench):
	"""The share of a core that the switch takes for a lab of 50 nodes of which none does anything."""
	settle, seconds = (1, 2) if bench.quick else (20, 10)
	with Lab(bench.netlab, 50, "tiny") as lab:
		switch = lab.processes_called("netlab-switch")
		if len(switch) != 1:
			raise BenchError(f"the lab has {len(switch)} processes netlab-switch instead of one")
		time.sleep(settle)  # guests look for routers and announce their groups when they start

		def share():
			before, begin = cpu_seconds(switch), time.monotonic()
			time.sleep(seconds)
			return (cpu_seconds(switch) - before) / (time.monotonic() - begin) * 100

		values = take_turns(bench, "idle", {OWN: share})
	yield Row("idle lab of 50 nodes: CPU of its switch", "% of a core", "lower", values, {}, limit=0.5)
