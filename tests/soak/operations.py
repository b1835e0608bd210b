# SPDX-License-Identifier: GPL-2.0-or-later
"""A lab lives through thousands of each operation. Its supervisor and its switch hold as much memory afterwards as before, and as
many descriptors."""
import os
import re

from world import SMALL, Fault, Lab, await_true, program_of

COUNT = 10000
RESTARTS = 500  # of nodes, which take longer
WARM_UP = 0.05  # of all: until then what is kept for ever is there
GROWTH_MAX = 1 << 20


def private_memory(pid):
	"""Bytes that are this process's alone (proc_pid_smaps(5))."""
	with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
		return 1024 * sum(int(kb) for kb in re.findall(r"^(?:Private_Clean|Private_Dirty|Swap): +(\d+) kB", file.read(), re.M))


def descriptors(pid):
	return len(os.listdir(f"/proc/{pid}/fd"))


def operations(soak):
	lab = Lab(soak.netlab, "operations", SMALL)
	target = os.path.join(lab.file + ".copy")
	lab.start()
	supervisor = lab.supervisor()
	switch = max(pid for pid in lab.processes() if program_of(pid) == "netlab-switch")

	def exec_(i):
		lab.must("exec", "-l", lab.name, "a", "--", "true")

	def copy(i):
		lab.must("cp", "-l", lab.name, "a:/etc/hosts", target)

	def copy_in(i):
		lab.must("cp", "-l", lab.name, lab.file, "a:/tmp/lab.xml")

	def link(i):
		lab.must("link", "set", "-l", lab.name, "a:eth0", *(["delay=none"] if i % 2 else ["delay=1ms", "loss=1%"]))

	def capture(i):
		lab.must("capture", "-l", lab.name, "a:eth0", "--last", "1s", "-w", target)

	def status(i):
		lab.must("status", lab.name, "--json")

	def restart(i):
		lab.must("stop", lab.name, "--node", "b")
		lab.must("restart", lab.name, "--node", "b")

	kinds = {"exec": (exec_, COUNT), "cp out": (copy, COUNT), "cp in": (copy_in, COUNT), "link set": (link, COUNT),
		"capture": (capture, COUNT), "status": (status, COUNT), "node stop and start": (restart, RESTARTS)}
	# Each in its share of the rounds, so that time that runs short is short for all.
	done = dict.fromkeys(kinds, 0)
	before = None
	rounds = RESTARTS
	for i in soak.times(rounds):
		for kind, (operation, count) in kinds.items():
			for _ in range(count // rounds):
				operation(done[kind])
				done[kind] += 1
		if before is None and (i >= WARM_UP * rounds or soak.spent() > 0.2):
			before = {pid: (private_memory(pid), descriptors(pid)) for pid in (supervisor, switch)}
			warm_up = sum(done.values())
			soak.say(f"measures from here: {warm_up} operations are the warm-up")
		if i % 50 == 49:
			soak.say(f"{done}, supervisor {private_memory(supervisor) >> 10} KiB, switch {private_memory(switch) >> 10} KiB")
	if before is None or sum(done.values()) == warm_up:
		raise Fault("the time was too short to measure anything")
	grown = []
	for name, pid in ("netlabd", supervisor), ("netlab-switch", switch):
		memory, fds = before[pid]
		# What a session had is closed when its end is heard of.
		await_true(10, lambda pid=pid, fds=fds: f"{name} had {fds} descriptors and has {descriptors(pid)}",
			lambda pid=pid, fds=fds: descriptors(pid) <= fds)
		growth = private_memory(pid) - memory
		grown.append(f"{name} {growth / 1024:+.0f} KiB of {memory >> 10}, {fds} descriptors")
		if growth > GROWTH_MAX:
			raise Fault(f"{name} grew by {growth >> 10} KiB with {done}")
	everything = lab.processes()
	lab.stop()
	lab.gone(everything)
	return f"{', '.join(f'{n} {kind}' for kind, n in done.items())}; {'; '.join(grown)}"
