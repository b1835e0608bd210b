# SPDX-License-Identifier: GPL-2.0-or-later
"""The measurements by name. Each takes a Bench and yields Rows, Series, or text of other programs."""
import contextlib
import os
import subprocess

from growth import idle, neighbours, ports, workers
from labs import Lab
from peers import Docker
from processes import BenchError, Skipped
from rows import OWN, Row, rows, take_turns
from switches import frames
from wires import link, ping, tcp


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
		yield from rows(values, [(f"start: {title}", "s", "lower"), (f"memory per node: {title}", "MiB", "lower")], skipped)

	return measure


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


MEASURES = {
	"start1": start(1, "tiny"),
	"start10": start(10, "tiny"),
	"start50": start(50, "tiny"),
	"frr10": start(10, "debian", frr=True),
	"tcp": tcp,
	"ping": ping,
	"link": link,
	"syscall": syscall,
	"idle": idle,
	"switch": switch,
	"frames": frames,
	"ports": ports,
	"workers": workers,
	"neighbours": neighbours,
}
