# SPDX-License-Identifier: GPL-2.0-or-later
"""Labs as the benchmarks use them: written, started, entered, measured, stopped."""
import os
import shutil
import tempfile
import time

from processes import (BenchError, children, command_line, descendants, end, output, proportional_memory, set_affinity)

START_SECONDS = 180
STOP_SECONDS = 60

# A guest checks what has not been checked on the way in any case (rx).
OFFLOADS = ("tx", "sg", "tso", "gso", "gro")

# Daemons go to the background by themselves once their sockets are there, so a foreground run ends when they are up.
FRR_RUNS = """
	<file path="/etc/frr/zebra.conf">hostname {name}
</file>
	<file path="/etc/frr/ospfd.conf">hostname {name}
router ospf
 network 10.0.0.0/24 area 0
</file>
	<run>install -d -o frr -g frr /run/frr</run>
	<run>/usr/lib/frr/zebra -d -f /etc/frr/zebra.conf</run>
	<run>/usr/lib/frr/ospfd -d -f /etc/frr/ospfd.conf</run>"""


def topology(n, image, frr=False, memory=None, transport=None):
	"""A lab of N nodes n1, n2, ... on one switch; node i has the address 10.0.0.i."""
	nodes = "\n".join(
		f'<node name="n{i}" kind="{"router" if frr else "host"}">'
		f'<interface name="eth0" network="lan" address="10.0.0.{i}/24"/>{FRR_RUNS.format(name=f"n{i}") if frr else ""}</node>'
		for i in range(1, n + 1))
	defaults = f' memory="{memory}"' if memory else ""
	defaults += f' transport="{transport}"' if transport else ""
	return (f'<lab xmlns="urn:netlab:lab:1" name="bench"><defaults image="{image}"{defaults}/>\n<network name="lan"/>\n'
		f'{nodes}\n</lab>\n')


class Guest:
	"""A node, as a place where programs run."""

	def __init__(self, lab, index):
		self.lab = lab
		self.name = f"n{index}"
		self.address = f"10.0.0.{index}"

	def argv(self, *words):
		return [self.lab.netlab, "exec", self.name, "--", *words]

	def environment(self):
		return self.lab.environment

	def output(self, *words, seconds=60):
		return output(self.argv(*words), seconds, env=self.environment())

	def set_offloads(self, state):
		"""STATE: "on" or "off", for what eth0 leaves to the switch: checksums and segmentation. "off": its frames are
		those of a wire."""
		self.output("ethtool", "--features", "eth0", *[word for offload in OFFLOADS for word in (offload, state)])


class Lab:
	"""A lab while a `with` block lasts. Its run-time and state folders are its own, so that it meets no other lab.

	start_seconds: from the execution of `netlab start` to its exit, every node being ready then."""

	def __init__(self, netlab, n, image, frr=False, memory=None, transport=None):
		self.netlab = netlab
		self.n = n
		self.image = image
		self.frr = frr
		self.memory = memory
		self.transport = transport
		self.guests = self.ends = [Guest(self, i) for i in range(1, n + 1)]

	def __enter__(self):
		self.directory = tempfile.mkdtemp(prefix="nlb-")
		self.environment = dict(os.environ, XDG_RUNTIME_DIR=self.directory, XDG_STATE_HOME=self.directory)
		self.others = children(os.getpid())
		try:
			path = os.path.join(self.directory, "lab.xml")
			with open(path, "w", encoding="utf-8") as file:
				file.write(topology(self.n, self.image, self.frr, self.memory, self.transport))
			begin = time.monotonic()
			output([self.netlab, "start", path], START_SECONDS, env=self.environment)
			self.start_seconds = time.monotonic() - begin
			self.supervisors = self.orphans()
			if not self.supervisors:
				raise BenchError("`netlab start` succeeded, yet no process of the lab is there")
			if self.frr:
				for guest in self.guests:
					guest.output("sh", "-c", "pidof zebra && pidof ospfd")
		except BaseException:
			end(self.orphans(), 0)
			shutil.rmtree(self.directory)
			raise
		return self

	def __exit__(self, *_):
		try:
			everything = self.processes()
			output([self.netlab, "stop", "bench"], STOP_SECONDS, env=self.environment)
		finally:
			late = end(self.orphans(), 10)
			shutil.rmtree(self.directory)
		late += [f"{pid} ({command_line(pid)})" for pid in descendants(everything)]
		if late:
			raise BenchError(f"the lab left processes behind: {', '.join(late)}")

	def command(self, *words):
		"""Runs `netlab WORDS`."""
		output([self.netlab, *words], 20, env=self.environment)

	def orphans(self):
		"""Children we did not start: what the lab's commands left to us, which should be the supervisor alone."""
		return children(os.getpid()) - self.others

	def processes(self):
		return descendants(self.supervisors)

	def set_offloads(self, state):
		for guest in self.guests:
			guest.set_offloads(state)

	def processes_called(self, name):
		"""Those of the lab's processes whose program has that file name."""
		return [pid for pid in self.processes() if os.path.basename(command_line(pid).split()[0]) == name]

	def memory_per_node(self):
		"""Bytes: everything the lab runs, supervisor and switch included, divided by its nodes."""
		return proportional_memory(self.processes()) / self.n

	def guest_processes(self):
		"""The processes pinned to one CPU, and that CPU: the kernels of the guests and their user space."""
		pinned = {}
		for pid in self.processes():
			try:
				cpus = os.sched_getaffinity(pid)
			except ProcessLookupError:
				continue
			if len(cpus) == 1:
				pinned[pid] = cpus
		if not pinned:
			raise BenchError("no process of the lab is pinned to a CPU, though every guest should be")
		return pinned

	def unpinned(self, cpus):
		"""While this `with` block lasts, the guest (of a lab with one node) may run on CPUS."""
		return _Unpinned(self.guest_processes(), cpus)


class _Unpinned:
	def __init__(self, pinned, cpus):
		self.pinned = pinned
		self.cpus = cpus

	def __enter__(self):
		set_affinity(self.pinned, self.cpus)

	def __exit__(self, *_):
		# The guest may have started processes in between; they go back with the rest.
		set_affinity(descendants(self.pinned), next(iter(self.pinned.values())))
