# SPDX-License-Identifier: GPL-2.0-or-later
"""What goes between two nodes: TCP, pings, and links that are impaired."""
import contextlib
import json
import os
import re
import statistics
import subprocess
import time

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


class WakeUps:
	"""Two processes, each on a CPU, that only wake each other: what the host takes for that alone."""

	def __init__(self, cpus):
		self.cpus, self.there, self.back = cpus, os.eventfd(0), os.eventfd(0)

	def __enter__(self):
		self.child = os.fork()
		if self.child == 0:
			os.sched_setaffinity(0, [self.cpus[1]])
			while os.eventfd_read(self.there) == 1:
				os.eventfd_write(self.back, 1)
			os._exit(0)
		return self

	def __exit__(self, *_):
		os.eventfd_write(self.there, 2)
		os.waitpid(self.child, 0)

	def round_trips(self, count):
		"""As of pings, above."""
		allowed, times = os.sched_getaffinity(0), []
		os.sched_setaffinity(0, [self.cpus[0]])
		for _ in range(count):
			time.sleep(0.002)
			begin = time.perf_counter()
			os.eventfd_write(self.there, 1)
			os.eventfd_read(self.back)
			times.append((time.perf_counter() - begin) * 1e3)
		os.sched_setaffinity(0, allowed)
		return sorted(times)


def ping(bench):
	"""Beside others, and beside the least it takes to wake a process on the other CPU, and be woken by it."""
	count = 200 if bench.quick else 2000

	def figures(times):
		return statistics.median(times), times[len(times) * 99 // 100]

	with places(bench, "ping") as (found, skipped), WakeUps(two_cpus()) as wake_ups:
		sources = {who: lambda place=place: figures(round_trips(*place.ends, count)) for who, place in found.items()}
		sources["two eventfds"] = lambda: figures(wake_ups.round_trips(count))
		values = take_turns(bench, "ping", sources)
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
	delays, skipped = (1, 20), {}

	def measure(source):
		source.clear()
		still = statistics.mean(round_trips(*source.ends, count))
		free = throughput(*source.ends, seconds)
		# Whatever is done to a link, frames are those of a wire from then on: what the delay alone costs is seen beside this.
		source.set("delay", "1us")
		errors, wire = [], throughput(*source.ends, seconds)
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
		return [*errors, free, wire, delayed, abs(rate - 20) / 20 * 100]

	with contextlib.ExitStack() as stack:
		# TCP's window is bounded by the guest's memory; that is not what this is about.
		own = OwnLink(stack.enter_context(Lab(bench.netlab, 2, "debian", memory="512M")))
		sources = {OWN: lambda: measure(own)}
		for peer, place in (("tc netem in the guests", lambda: Lab(bench.netlab, 2, "debian", memory="512M")),
			("tc netem on veth", lambda: Bridge(two_cpus()))):
			try:
				require("iperf3", "ping")
				sources[peer] = lambda netem=Netem(stack.enter_context(place())): measure(netem)
			except Skipped as reason:
				skipped[peer] = str(reason)
		values = take_turns(bench, "link", sources)
	names = [*((f"link: error of a delay of {delay} ms, each way", "ms", "lower") for delay in delays),
		("link: TCP without delay", "Gbit/s", "higher"), ("link: TCP with 1 µs each way", "Gbit/s", "higher"),
		("link: TCP with 1 ms each way", "Gbit/s", "higher"),
		("link: error of a rate of 20 Mbit/s", "%", "lower")]
	yield from rows(values, names, skipped)
