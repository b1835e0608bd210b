# SPDX-License-Identifier: GPL-2.0-or-later
"""The measurements. Each takes a Bench and yields Rows; own and peer take turns, so that a change of the machine's mood
meets both."""
import contextlib
import dataclasses
import json
import os
import re
import shutil
import statistics
import subprocess
import time

from labs import Lab
from peers import Bridge, Docker, Netem, require
from processes import BenchError, Skipped, await_text
from switches import FRAME_BYTES, find, rate

OWN = "netlab"


@dataclasses.dataclass
class Bench:
	netlab: str          # path of the program
	rounds: int
	quick: bool
	bench_switch: list    # paths of the programs that measure the switch alone, or None
	say: callable        # progress, for a person


@dataclasses.dataclass
class Row:
	"""One quantity: values by who was measured (OWN or a peer), and the peers left out, with the reason."""
	name: str
	unit: str
	better: str  # "lower" or "higher"
	values: dict
	skipped: dict

	def median(self, who):
		return statistics.median(self.values[who])

	def ratio(self, peer):
		"""How many times better we are: 2 means twice as fast, or half the memory."""
		own, other = self.median(OWN), self.median(peer)
		return own / other if self.better == "higher" else other / own


def take_turns(bench, name, sources):
	"""Calls each source (name: function) once a round, in alternating order; returns the values of each."""
	values = {who: [] for who in sources}
	for turn in range(bench.rounds):
		for who in list(sources)[::-1 if turn % 2 else 1]:
			begin = time.monotonic()
			values[who].append(sources[who]())
			bench.say(f"{name}: round {turn + 1} of {bench.rounds}, {who}: {time.monotonic() - begin:.1f} s")
	return values


def start(n, image, frr=False):
	title = f"{n} {image}{' + FRR' if frr else ''}"

	def measure(bench):
		peer, skipped = "docker run", {}

		def own():
			with Lab(bench.netlab, n, image, frr) as lab:
				return lab.start_seconds, lab.memory_per_node() / 2**20

		def containers():
			try:
				return docker.start(n), docker.memory_per_node() / 2**20
			finally:
				docker.stop()

		with contextlib.ExitStack() as stack:
			sources = {OWN: own}
			try:
				docker = stack.enter_context(contextlib.closing(Docker()))
				sources[peer] = containers
			except Skipped as reason:
				skipped[peer] = str(reason)
			values = take_turns(bench, title, sources)
		for index, (what, unit) in enumerate((("start", "s"), ("memory per node", "MiB"))):
			yield Row(f"{what}: {title}", unit, "lower", {who: [v[index] for v in values[who]] for who in values}, skipped)

	return measure


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


def round_trip(client, server, count):
	"""Mean and mean deviation of COUNT pings, 2 ms apart, in milliseconds."""
	client.output("ping", "-c", "2", "-i", "0.2", "-q", server.address)  # so that addresses are resolved
	said = client.output("ping", "-i", "0.002", "-c", str(count), "-q", server.address, seconds=count * 0.02 + 30)
	figures = re.search(r"= [\d.]+/([\d.]+)/[\d.]+/([\d.]+) ms", said)
	if not figures:
		raise BenchError(f"ping in a way unknown to us: {said!r}")
	return float(figures.group(1)), float(figures.group(2))


@contextlib.contextmanager
def pair(bench, *programs):
	"""Two debian guests beside two namespaces on a bridge: a function that gives the sources of (client, server) with
	offloads "on" or "off", and the peers left out."""
	cpus = sorted(os.sched_getaffinity(0))
	cpus = [cpus[0], cpus[1 % len(cpus)]]  # where netlab puts its first two guests
	peer, skipped, bridge = "veth + bridge", {}, None
	with contextlib.ExitStack() as stack:
		lab = stack.enter_context(Lab(bench.netlab, 2, "debian"))
		try:
			require(*programs)
			bridge = stack.enter_context(Bridge(cpus))
		except Skipped as reason:
			skipped = {peer: str(reason)}

		def own(state):
			for guest in lab.guests:
				guest.set_offloads(state)
			return lab.guests

		def other(state):
			bridge.set_offloads(state)
			return bridge.ends

		yield lambda state: {OWN: lambda: own(state)} | ({peer: lambda: other(state)} if bridge else {}), skipped


def tcp(bench):
	seconds = 1 if bench.quick else 5
	with pair(bench, "iperf3") as (sources, skipped):
		for state, what in (("off", "frames of at most 1500 bytes"), ("on", "checksums and segmentation offloaded")):
			values = take_turns(bench, f"tcp, offloads {state}",
				{who: lambda ends=ends: throughput(*ends(), seconds) for who, ends in sources(state).items()})
			yield Row(f"TCP between two nodes: {what}", "Gbit/s", "higher", values, skipped)


def ping(bench):
	count = 200 if bench.quick else 2000
	with pair(bench, "ping") as (sources, skipped):
		values = take_turns(bench, "ping", {who: lambda ends=ends: round_trip(*ends(), count) for who, ends in sources("on").items()})
	for index, what in enumerate(("mean", "mean deviation")):
		yield Row(f"ping between two nodes, {what}", "ms", "lower",
			{who: [v[index] for v in values[who]] for who in values}, skipped)


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
	cpus = sorted(os.sched_getaffinity(0))

	def measure(source):
		source.clear()
		still, _ = round_trip(*source.ends, count)
		free = throughput(*source.ends, seconds)
		errors = []
		for delay in delays:
			source.set("delay", f"{delay}ms")
			mean, _ = round_trip(*source.ends, count)
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
			netem = Netem(stack.enter_context(Bridge([cpus[0], cpus[1 % len(cpus)]])))
			sources[peer] = lambda: measure(netem)
		except Skipped as reason:
			skipped[peer] = str(reason)
		values = take_turns(bench, "link", sources)
	names = [*((f"link: error of a delay of {delay} ms, each way", "ms", "lower") for delay in delays),
		("link: TCP without delay", "Gbit/s", "higher"), ("link: TCP with 1 ms each way", "Gbit/s", "higher"),
		("link: error of a rate of 20 Mbit/s", "%", "lower")]
	for index, (name, unit, better) in enumerate(names):
		yield Row(name, unit, better, {who: [v[index] for v in values[who]] for who in values}, skipped)


def syscall(bench):
	"""The cost of reading a byte and writing it, in a guest on one CPU and in the same guest on all of them."""
	cpus = os.sched_getaffinity(0)
	peer, skipped = "unpinned", {}

	def loop(guest, count):
		# The guest's own clock, so that entering the guest is not in it. busybox' dd says nothing of time.
		before, after = guest.output("sh", "-c", "cat /proc/uptime && "
			f"dd if=/dev/zero of=/dev/null bs=1 count={count} 2>/dev/null && cat /proc/uptime", seconds=120).splitlines()
		return (float(after.split()[0]) - float(before.split()[0])) / count * 1e6

	with Lab(bench.netlab, 1, "tiny") as lab:
		def unpinned():
			with lab.unpinned(cpus):
				return loop(lab.guests[0], 10000 if bench.quick else 50000)

		sources = {OWN: lambda: loop(lab.guests[0], 20000 if bench.quick else 100000)}
		if len(cpus) > 1:
			sources[peer] = unpinned
		else:
			skipped[peer] = "there is one CPU only"
		values = take_turns(bench, "system calls", sources)
	yield Row("guest system calls: read + write", "µs", "lower", values, skipped)


def switch(bench):
	"""The switch alone, between two datagram and between two vhost-user clients: what they print is shown as it is."""
	if not bench.bench_switch:
		raise Skipped("the programs are not built (targets bench-switch and bench-vhost)")
	for program in bench.bench_switch:
		bench.say(f"switch alone: {program}")
		done = subprocess.run([program], capture_output=True, text=True, timeout=300, check=False)
		if done.returncode != 0:
			raise BenchError(f"{program} ended with status {done.returncode}: {done.stderr.strip()[-2000:]}")
		yield done.stdout.rstrip("\n")


def frames(bench):
	"""Small frames through the switch alone, from one client of uml_switch's protocol to another."""
	seconds = 1 if bench.quick else 3
	program, switches = find(bench)
	skipped = {who: f"{who} is not installed" for who in list(switches) if not shutil.which(switches[who].argv[0])}
	for manner in ("connected", "sendto"):
		values = take_turns(bench, f"frames, {manner}", {who: lambda switch=switch: rate(program, switch, manner, seconds)
			for who, switch in switches.items() if who not in skipped})
		for index, (what, unit, better) in enumerate((("frames/s", "1000/s", "higher"), ("CPU per frame", "µs", "lower"))):
			yield Row(f"switch alone, {FRAME_BYTES}-byte {what}, clients {manner}", unit, better,
				{who: [v[index] for v in values[who]] for who in values}, skipped)


MEASURES = {
	"start1": start(1, "tiny"),
	"start10": start(10, "tiny"),
	"start50": start(50, "tiny"),
	"frr10": start(10, "debian", frr=True),
	"tcp": tcp,
	"ping": ping,
	"link": link,
	"syscall": syscall,
	"switch": switch,
	"frames": frames,
}
