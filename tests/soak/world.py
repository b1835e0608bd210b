# SPDX-License-Identifier: GPL-2.0-or-later
"""Labs that are treated badly: started, asked, healed, stopped; and what they leave behind."""
import concurrent.futures
import json
import os
import re
import select
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "bench"))
from processes import children, command_line, descendants  # noqa: E402

ANSWER_SECONDS = 5  # every command answers within this
PATIENCE = 60  # a command that takes longer hangs
RUNTIME = os.environ["XDG_RUNTIME_DIR"]  # contain made these
SCRATCH = os.environ["SCRATCH"]
TEMPORARY = os.environ["TMPDIR"] = os.path.join(SCRATCH, "tmp")
os.makedirs(TEMPORARY, exist_ok=True)

# Each kind of process that a lab has, and a way between any two nodes: a network, a delayed link, an uplink.
TOPOLOGY = """<lab xmlns="urn:netlab:lab:1" name="{name}"><network name="lan"/>
<uplink network="lan" restrict="yes"/>
<node name="a"><interface name="eth0" network="lan" address="10.0.2.10/24"/>
<run background="yes">while :; do usleep 100000; done</run></node>
<node name="b"><interface name="eth0" network="lan" address="10.0.2.11/24"/></node>
<node name="c" transport="datagram"><interface name="eth0" network="lan" address="10.0.2.12/24"/></node>
<link name="core" delay="1ms"><end node="a" interface="eth1" address="10.9.0.1/30"/>
<end node="b" interface="eth1" address="10.9.0.2/30"/></link></lab>
"""
# Two nodes that are started quickly.
SMALL = """<lab xmlns="urn:netlab:lab:1" name="{name}"><network name="lan"/>
<node name="a"><interface name="eth0" network="lan" address="10.0.0.1/24"/></node>
<node name="b"><interface name="eth0" network="lan" address="10.0.0.2/24"/></node></lab>
"""


class Fault(Exception):
	"""Something that must not happen; the text says what and where."""


def pause(seconds):
	"""Between two looks at something that nobody tells us of."""
	select.select([], [], [], seconds)


def await_true(seconds, what, condition):
	"""Returns CONDITION()'s value when it is true, which must be before SECONDS are over."""
	deadline = time.monotonic() + seconds
	while True:
		value = condition()
		if value:
			return value
		if time.monotonic() > deadline:
			raise Fault(f"{what() if callable(what) else what} (not within {seconds} s)")
		pause(0.02)


class Done:
	"""A command that has ended."""

	def __init__(self, words, status, out, err, seconds):
		self.words, self.status, self.out, self.err, self.seconds = words, status, out, err, seconds

	def __str__(self):
		said = (self.err.strip() or self.out.strip())[-600:]
		return f"`netlab {' '.join(self.words)}` ended with status {self.status} after {self.seconds:.1f} s: {said}"


def program_of(pid):
	return os.path.basename(command_line(pid).split()[0])


def state_of(pid):
	"""One letter of proc(5), or None when the process is gone."""
	try:
		with open(f"/proc/{pid}/stat", encoding="latin-1") as file:
			return file.read().rpartition(")")[2].split()[0]
	except (FileNotFoundError, ProcessLookupError):
		return None


def lives(pid):
	return state_of(pid) not in (None, "Z", "X")


class Lab:
	def __init__(self, netlab, name, text=TOPOLOGY):
		self.netlab, self.name = netlab, name
		self.folder = os.path.join(RUNTIME, "netlab", name)
		os.makedirs(os.path.join(SCRATCH, name), exist_ok=True)
		self.file = os.path.join(SCRATCH, name, "lab.xml")
		with open(self.file, "w", encoding="utf-8") as file:
			file.write(text.format(name=name))

	def popen(self, *words, **options):
		return subprocess.Popen([self.netlab, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
			stderr=subprocess.PIPE, text=True, errors="replace", **options)

	def ask(self, *words, patience=PATIENCE):
		"""Runs `netlab WORDS`, which must end by itself."""
		begin = time.monotonic()
		process = self.popen(*words)
		try:
			out, err = process.communicate(timeout=patience)
		except subprocess.TimeoutExpired:
			process.kill()
			process.communicate()
			raise Fault(f"`netlab {' '.join(words)}` hangs") from None
		done = Done(words, process.returncode, out, err, time.monotonic() - begin)
		if done.status < 0:
			raise Fault(f"a command died: {done}")
		return done

	def must(self, *words):
		done = self.ask(*words)
		if done.status != 0:
			raise Fault(str(done))
		return done

	def start(self):
		return self.must("start", self.file)

	def stop(self):
		return self.must("stop", self.name)

	def supervisor(self):
		try:
			with open(os.path.join(self.folder, "lock"), encoding="ascii") as file:
				pid = int(file.read())
		except (FileNotFoundError, ValueError):
			return None
		return pid if lives(pid) else None

	def processes(self):
		supervisor = self.supervisor()
		return descendants([supervisor]) if supervisor else set()

	def status(self):
		"""What `netlab status` says, or None when there is no such lab."""
		done = self.ask("status", self.name, "--json")
		if done.out:
			return json.loads(done.out)
		if not done.err.strip():
			raise Fault(f"failed without a word: {done}")
		return None

	def traffic(self):
		"""What does not pass, or "": between all nodes, over the link, to the uplink. Commands work in each node."""
		for node, addresses in (("a", ("10.0.2.11", "10.9.0.2", "10.0.2.2")), ("b", ("10.0.2.12",)), ("c", ("10.0.2.10",))):
			words = " && ".join(f"ping -c 1 -W 2 {address}" for address in addresses)
			done = self.ask("exec", "-l", self.name, node, "--", "sh", "-c", words)
			if done.status != 0:
				return str(done)
		return ""

	def attempt(self, *words):
		"""What may fail while the lab is still on its way down; tried again then."""
		done = self.ask(*words)
		if done.status != 0 and not done.err.strip():
			raise Fault(f"failed without a word: {done}")
		return done.status == 0

	def heal(self):
		"""Brings the lab back, however it says that it is. Returns what it said: "" when nothing was wrong any more."""
		said, last = [], [None]

		def well():
			status = last[0] = self.status()
			if status is None or status["state"] == "crashed":
				if status:
					self.clean()
				said.append("the lab crashed" if status else "there is no lab")
				self.attempt("start", self.file)
				return False
			if status["switch"] != "ok":
				if not status["switch_message"]:
					raise Fault(f"the switch is \"{status['switch']}\" without a reason")
				said.append(f"switch: {status['switch_message']}")
				self.attempt("stop", self.name)
				return False
			for node in status["nodes"]:
				if node["state"] in ("failed", "stopped"):
					if node["state"] == "failed" and not node["message"]:
						raise Fault(f"node {node['name']} failed without a reason")
					said.append(f"{node['name']}: {node['message']}")
					self.attempt("restart", self.name, "--node", node["name"])
			if any(node["state"] != "ready" for node in status["nodes"]) or any(u["state"] != "ready" for u in status["uplinks"]):
				return False
			last[0] = self.traffic()
			return not last[0]

		await_true(90, lambda: f"lab {self.name} does not recover: {json.dumps(last[0])[:3000]}; {said[-5:]}", well)
		return "; ".join(said)

	def clean(self):
		"""After the supervisor's death: its processes end, and `netlab clean` leaves nothing."""
		self.must("clean", self.name)
		if os.path.exists(self.folder):
			raise Fault(f"`netlab clean` left {self.folder}: {os.listdir(self.folder)}")

	def gone(self, processes):
		"""Nothing of the lab is left: of its PROCESSES, in its folder, in the kernel."""
		await_true(20, lambda: "left behind: " + ", ".join(f"{pid} ({command_line(pid)})" for pid in processes if lives(pid)),
			lambda: not any(lives(pid) for pid in processes))
		if os.path.exists(self.folder):
			raise Fault(f"{self.folder} was left behind: {os.listdir(self.folder)}")


def traces():
	"""What labs of ours may leave, by name: files, sockets, interfaces and shared memory."""
	found = set()
	for folder in (os.path.join(RUNTIME, "netlab"), os.environ["XDG_STATE_HOME"], TEMPORARY, "/dev/shm"):
		for path, _, names in os.walk(folder):
			found.update(os.path.join(path, name) for name in names)
	found.update(f"interface {name}" for name in os.listdir("/sys/class/net"))
	with open("/proc/net/unix", encoding="utf-8", errors="replace") as file:
		found.update(f"socket {name}" for name in re.findall(rf"(\S*{re.escape(RUNTIME)}\S*)", file.read()))
	return found


def orphans():
	"""What commands of ours left running: contain, our parent, inherits it."""
	return children(os.getppid()) - {os.getpid()}


def await_nothing_left(before, what=""):
	"""What the kernel forgets when a process ends it may forget a moment later."""
	await_true(10, lambda: f"{what}left behind: {', '.join(sorted(traces() - before)[:20])}", lambda: not traces() - before)


def together(functions):
	"""Calls all at the same time; returns what they return, in order."""
	with concurrent.futures.ThreadPoolExecutor(len(functions)) as pool:
		return [future.result() for future in [pool.submit(function) for function in functions]]
