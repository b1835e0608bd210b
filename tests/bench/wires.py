# SPDX-License-Identifier: GPL-2.0-or-later
"""What goes between two nodes: TCP, pings, and links that are impaired."""
import contextlib
import json
import os
import re
import statistics
import subprocess

from labs import Lab
from peers import Bridge, Netem, Vde, require
from processes import BenchError, Skipped, await_text
from rows import OWN, Row, rows, take_turns

BRIDGE, VDE, DATAGRAM = "veth + bridge", "vde_switch + taps", "netlab, datagram"


def throughput(client, server, seconds, *options):
	"""Gbit/s of one stream, TCP unless OPTIONS (of iperf3's client) say otherwise, as the receiver saw it."""
	listener = subprocess.Popen(server.argv("iperf3", "--server", "--one-off", "--forceflush"), env=server.environment(),
		stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
	try:
		await_text(listener, b"Server listening", 20)
		report = client.output("iperf3", "--client", server.address, "--time", str(seconds), "--json", *options,
			seconds=seconds + 30)
		listener.communicate(timeout=20)
	finally:
		listener.kill()
		listener.communicate()
	return json.loads(report)["end"]["sum_received"]["bits_per_second"] / 1e9


def round_trips(client, server, count):
	"""Milliseconds that each of COUNT pings took, 2 ms apart, in order of size."""
	client.output("ping", "-c", "2", "-i", "0.2", "-q", server.address)  # so that addresses are resolved
	said = client.output("ping", "-i", "0.002", "-c", str(count), server.address, seconds=count * 0.02 + 30)
	times = sorted(float(time) for time in re.findall(r"time=([\d.]+) ms", said))
	if len(times) < count / 2:
		raise BenchError(f"of {count} pings only {len(times)} were answered: {said[-500:]!r}")
	return times


def two_cpus():
	"""Where netlab puts its first two guests."""
	cpus = sorted(os.sched_getaffinity(0))
	return [cpus[0], cpus[1 % len(cpus)]]


@contextlib.contextmanager
def places(bench, *programs):
	"""Pairs of nodes by who joins them, and those left out, with the reason."""
	found, skipped = {}, {}
	with contextlib.ExitStack() as stack:
		found[OWN] = stack.enter_context(Lab(bench.netlab, 2, "debian"))
		found[DATAGRAM] = stack.enter_context(Lab(bench.netlab, 2, "debian", transport="datagram"))
		for who, peer in ((BRIDGE, Bridge), (VDE, Vde)):
			try:
				require(*programs)
				found[who] = stack.enter_context(peer(two_cpus()))
			except Skipped as reason:
				skipped[who] = str(reason)
		yield found, skipped


def tcp(bench):
	"""With offloads off, so that each frame is one of a wire; with offloads; and what never has any."""
	seconds = 1 if bench.quick else 5

	def stream(place, state=None):
		if state:
			place.set_offloads(state)
		return throughput(*place.ends, seconds)

	with places(bench, "iperf3") as (found, skipped):
		sources = {(who, state): lambda who=who, state=state: stream(found[who], state)
			for state in ("off", "on") for who in (OWN, BRIDGE) if who in found}
		sources |= {(who, ""): lambda who=who: stream(found[who]) for who in (DATAGRAM, VDE) if who in found}
		values = take_turns(bench, "tcp", sources)

	def row(what, state, others, asked):
		whole = {who: values[who, state] for who in (OWN, BRIDGE) if who in found}
		whole |= {who: values[who, ""] for who in others if who in found}
		return Row(f"TCP between two nodes: {what}", "Gbit/s", "higher", whole,
			{who: skipped[who] for who in (BRIDGE, *others) if who in skipped}, asked)

	yield row("frames of at most 1500 bytes", "off", [DATAGRAM], {BRIDGE: 1.0})
	yield row("checksums and segmentation offloaded", "on", [VDE], {BRIDGE: 0.95, VDE: 8})


def ping(bench):
	count = 200 if bench.quick else 2000

	def figures(place):
		times = round_trips(*place.ends, count)
		return statistics.median(times), times[len(times) * 99 // 100]

	with places(bench, "ping") as (found, skipped):
		values = take_turns(bench, "ping", {who: lambda place=place: figures(place) for who, place in found.items()})
	median, late = rows(values, [("ping between two nodes: median", "ms", "lower"),
		("ping between two nodes: what one in a hundred exceeds", "ms", "lower")], skipped)
	median.asked = {BRIDGE: 0.5}
	yield median
	yield late


class OwnLink:
	"""The cable of a lab's first node, as Netem has it."""

	def __init__(self, lab):
		self.lab = lab
		self.ends = lab.guests

	def set(self, what, value):
		self.lab.command("link", "set", "n1:eth0", "clear", f"{what}={value}")

	def clear(self):
		self.lab.command("link", "clear", "n1:eth0")


def link(bench):
	"""What a link with a delay or a rate does, beside what it should do."""
	seconds, count = (2, 200) if bench.quick else (5, 1000)
	delays, peer, skipped = (1, 20), "tc netem on veth", {}

	def measure(source):
		source.clear()
		still = statistics.mean(round_trips(*source.ends, count))
		free = throughput(*source.ends, seconds)
		errors = []
		for delay in delays:
			source.set("delay", f"{delay}ms")
			mean = statistics.mean(round_trips(*source.ends, count))
			errors.append(abs((mean - still) / 2 - delay))
			if delay == 1:
				delayed = throughput(*source.ends, seconds)
		source.set("rate", "20Mbit")
		# Twice what fits, so that the wire is never idle. 1472 bytes of a frame are payload, 1514 count.
		rate = throughput(*source.ends, seconds, "--udp", "--length", "1472", "--bitrate", "40M") * 1e3 * 1514 / 1472
		source.clear()
		return [*errors, free, delayed, abs(rate - 20) / 20 * 100]

	with contextlib.ExitStack() as stack:
		# TCP's window is bounded by the guest's memory; that is not what this is about.
		own = OwnLink(stack.enter_context(Lab(bench.netlab, 2, "debian", memory="512M")))
		sources = {OWN: lambda: measure(own)}
		try:
			require("iperf3", "ping")
			netem = Netem(stack.enter_context(Bridge(two_cpus())))
			sources[peer] = lambda: measure(netem)
		except Skipped as reason:
			skipped[peer] = str(reason)
		values = take_turns(bench, "link", sources)
	names = [*((f"link: error of a delay of {delay} ms, each way", "ms", "lower") for delay in delays),
		("link: TCP without delay", "Gbit/s", "higher"), ("link: TCP with 1 ms each way", "Gbit/s", "higher"),
		("link: error of a rate of 20 Mbit/s", "%", "lower")]
	yield from rows(values, names, skipped)
