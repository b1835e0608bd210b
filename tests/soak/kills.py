# SPDX-License-Identifier: GPL-2.0-or-later
"""Random processes of a lab are killed, also while it starts and stops. Each time the lab recovers, or says what is wrong with it
and can be brought back; what a dead supervisor leaves, `netlab clean` removes."""
import collections
import os
import signal
import subprocess
import time

from world import SCRATCH, Fault, Lab, await_true, lives, pause, program_of

COUNT = 500


def kind_of(pid):
	"""What a process is, in one word."""
	try:
		program = program_of(pid)
	except IndexError:
		return "gone"
	return {"linux": "guest", "[uml-userspace]": "program in a guest", "(gone)": "gone"}.get(program, program)


class Clients:
	"""What a user has open: a command in a node, a capture."""

	def __init__(self, lab):
		self.lab, self.running = lab, []

	def open(self):
		self.running = [process for process in self.running if process.poll() is None]
		if len(self.running) < 2:
			self.close()
			self.running = [self.lab.popen("exec", "-l", self.lab.name, "b", "--", "sleep", "77777"),
				self.lab.popen("capture", "-l", self.lab.name, "a:eth0", "-w", os.path.join(SCRATCH, "kills.pcapng"))]
		return [process.pid for process in self.running]

	def close(self):
		for process in self.running:
			process.kill()
			process.communicate()
		self.running = []


def victims(lab, clients):
	"""Processes by kind, so that each kind has its turn however many there are of it."""
	kinds = collections.defaultdict(list)
	for pid in sorted(lab.processes()):
		kinds[kind_of(pid)].append(pid)
	kinds.pop("gone", None)
	kinds["client"] = clients
	return kinds


def kill(pid):
	try:
		os.kill(pid, signal.SIGKILL)
	except ProcessLookupError:
		pass


def kill_while(soak, lab, words):
	"""Kills one of the lab's processes, or the command itself, at some moment of `netlab WORDS`."""
	command = lab.popen(*words)
	pause(soak.random.random() * 0.4)
	pids = sorted(lab.processes()) + [command.pid]
	victim = soak.random.choice(pids)
	kind = "client" if victim == command.pid else kind_of(victim)
	kill(victim)
	try:
		out, err = command.communicate(timeout=90)
	except subprocess.TimeoutExpired:
		raise Fault(f"`netlab {' '.join(words)}` hangs after the death of {kind}") from None
	if command.returncode not in (0, 1) and not (victim == command.pid and command.returncode == -signal.SIGKILL):
		raise Fault(f"`netlab {' '.join(words)}` ended with {command.returncode} after the death of {kind}: {out} {err}")
	if command.returncode == 1 and not err.strip():
		raise Fault(f"`netlab {' '.join(words)}` failed without a reason after the death of {kind}")
	return kind


def kills(soak):
	lab = Lab(soak.netlab, "kills")
	clients = Clients(lab)
	killed, said = collections.Counter(), collections.Counter()
	lab.start()
	lab.heal()
	for i in soak.times(COUNT):
		begin = time.monotonic()
		if soak.random.random() < 0.2:
			# while it starts or stops
			before = lab.processes()
			clients.close()
			if soak.random.random() < 0.5:
				kind = "while stopping: " + kill_while(soak, lab, ["stop", lab.name])
			else:
				lab.stop()
				kind = "while starting: " + kill_while(soak, lab, ["start", lab.file])
		else:
			kinds = victims(lab, clients.open())
			kind = soak.random.choice(sorted(kinds))
			victim = soak.random.choice(kinds[kind])
			before = lab.processes()
			kill(victim)
			await_true(10, f"process {victim} ({kind}) survives SIGKILL", lambda: not lives(victim))
		killed[kind] += 1
		if not lab.supervisor():
			await_true(20, f"processes of the lab live on without their supervisor, after the death of {kind}",
				lambda: not any(lives(pid) for pid in before))
			lab.ask("clean", lab.name)
			if os.path.exists(lab.folder) and not lab.supervisor():
				raise Fault(f"`netlab clean` left {os.listdir(lab.folder)} after the death of {kind}")
		words = lab.heal()
		if time.monotonic() - begin > 30:
			soak.say(f"{kind}: {time.monotonic() - begin:.0f} s until it was well again: {words}")
		said["recovered by itself" if not words else "was brought back"] += 1
		if i % 50 == 49:
			soak.say(f"{i + 1} killed, {dict(said)}")
	clients.close()
	everything = lab.processes()
	lab.stop()
	lab.gone(everything)
	return f"{killed.total()} killed ({', '.join(f'{n} {kind}' for kind, n in sorted(killed.items()))}); the lab {dict(said)}"
