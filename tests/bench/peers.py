# SPDX-License-Identifier: GPL-2.0-or-later
"""What netlab is measured beside: a Linux bridge between network namespaces, and Docker containers."""
import concurrent.futures
import io
import os
import shutil
import subprocess
import tarfile
import tempfile
import time

from processes import BenchError, Skipped, await_text, descendants, output, proportional_memory

SECONDS = 60  # for any single command
OFFLOADS = ("rx", "tx", "sg", "tso", "gso", "gro")


def require(*programs):
	for program in programs:
		if not shutil.which(program):
			raise Skipped(f"{program} is not installed")


class Namespace:
	"""A network namespace, as a place where programs run. It is held by a process that ends with its standard input,
	so nothing of it outlives this one, whatever becomes of us; and as it belongs to a user namespace of its own, it
	needs no root."""

	def __init__(self, cpu, inside=None, address=None):
		enter = ["nsenter", f"--target={inside.pid}", "--user", "--preserve-credentials"] if inside else []
		own_user = [] if inside else ["--user", "--map-root-user"]
		self.cpu = cpu
		self.address = address
		self.holder = subprocess.Popen([*enter, "unshare", *own_user, "--net", "sh", "-c", "echo ready && exec cat"],
			stdin=subprocess.PIPE, stdout=subprocess.PIPE)
		self.pid = self.holder.pid
		try:
			await_text(self.holder, b"ready", SECONDS)
		except BenchError as error:
			self.close()
			raise Skipped("this machine lets us make no network namespace") from error

	def close(self):
		self.holder.communicate()

	def argv(self, *words):
		return ["nsenter", f"--target={self.pid}", "--user", "--preserve-credentials", "--net",
			"taskset", "--cpu-list", str(self.cpu), *words]

	def environment(self):
		return None

	def output(self, *words, seconds=SECONDS):
		return output(self.argv(*words), seconds)


class Bridge:
	"""Two namespaces, each with a veth to a bridge in a third, while a `with` block lasts. ends are pinned to CPUS."""

	def __init__(self, cpus):
		require("ip", "ethtool", "nsenter", "unshare", "taskset")
		self.cpus = cpus

	def __enter__(self):
		self.middle = Namespace(self.cpus[0])
		self.ends = []
		try:
			self.middle.output("ip", "link", "add", "br0", "up", "type", "bridge")
			for i, cpu in enumerate(self.cpus):
				end = Namespace(cpu, self.middle, f"10.0.0.{i + 1}")
				self.ends.append(end)
				self.middle.output("ip", "link", "add", f"port{i}", "master", "br0", "up", "type", "veth",
					"peer", "name", "eth0", "netns", str(end.pid))
				end.output("ip", "address", "add", f"{end.address}/24", "dev", "eth0")
				end.output("ip", "link", "set", "eth0", "up")
		except BaseException:
			self.__exit__()
			raise
		return self

	def __exit__(self, *_):
		for namespace in [*self.ends, self.middle]:
			namespace.close()

	def set_offloads(self, state):
		"""STATE: "on" or "off", for checksums, scatter-gather and segmentation on all four ends of the two veths."""
		features = [word for offload in OFFLOADS for word in (offload, state)]
		for i, end in enumerate(self.ends):
			end.output("ethtool", "--features", "eth0", *features)
			self.middle.output("ethtool", "--features", f"port{i}", *features)


class Vde:
	"""Two namespaces, each with a tap of one vde_switch (VDE 2, as Kathará and Marionnet have it), while a `with` block
	lasts. ends are pinned to CPUS. Its frames are always those of a wire: a tap of its has no offloads."""

	def __init__(self, cpus):
		require("vde_switch", "ip", "nsenter", "unshare", "taskset")
		self.cpus = cpus

	def __enter__(self):
		self.middle = Namespace(self.cpus[0])
		self.ends = []
		self.switch = None
		self.folder = tempfile.mkdtemp(prefix="nlb-")
		try:
			# In the middle's namespace its user may make taps. Standard input stays open: it ends with it.
			taps = [word for i in range(len(self.cpus)) for word in ("-tap", f"tap{i}")]
			enter = self.middle.argv("vde_switch", "-sock", os.path.join(self.folder, "vde"), *taps)
			self.switch = subprocess.Popen([*enter[:enter.index("taskset")], *enter[enter.index("vde_switch"):]],
				stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
			for i, cpu in enumerate(self.cpus):
				self.await_tap(f"tap{i}")
				end = Namespace(cpu, self.middle, f"10.0.0.{i + 1}")
				self.ends.append(end)
				self.middle.output("ip", "link", "set", f"tap{i}", "netns", str(end.pid))
				end.output("ip", "address", "add", f"{end.address}/24", "dev", f"tap{i}")
				end.output("ip", "link", "set", f"tap{i}", "up")
		except BaseException:
			self.__exit__()
			raise
		return self

	def await_tap(self, name):
		deadline = time.monotonic() + 10
		while name not in self.middle.output("ip", "-brief", "link"):
			if self.switch.poll() is not None or time.monotonic() > deadline:
				raise Skipped("vde_switch makes no tap here")
			time.sleep(0.01)

	def __exit__(self, *_):
		if self.switch:
			self.switch.communicate()
		for namespace in [*self.ends, self.middle]:
			namespace.close()
		shutil.rmtree(self.folder)


class Netem:
	"""tc-netem(8) on both ends of a Bridge or a Lab, so that each direction has its delay or its rate once."""

	def __init__(self, place):
		require("tc")
		self.ends = place.ends
		self.is_set = False
		try:
			self.set("delay", "1ms")
			self.clear()
		except BenchError as error:
			raise Skipped("this machine's kernel has no netem") from error

	def set(self, what, value):
		self.is_set = True
		for end in self.ends:
			end.output("tc", "qdisc", "replace", "dev", "eth0", "root", "netem", what, value, "limit", "100000")

	def clear(self):
		for end in self.ends if self.is_set else ():
			end.output("tc", "qdisc", "del", "dev", "eth0", "root")
		self.is_set = False


class Docker:
	"""Idle containers of an image that holds busybox alone."""

	def __init__(self):
		require("docker", "busybox")
		answer = subprocess.run(["docker", "version", "--format", "{{.Server.Version}}"], capture_output=True, check=False)
		if answer.returncode != 0:
			raise Skipped("no docker daemon")
		if os.geteuid() != 0 and "rootless" not in output(["docker", "info", "--format={{.SecurityOptions}}"], SECONDS):
			raise Skipped("the containers are root's, and so is what they use of memory")
		self.name = f"netlab-bench-{os.getpid()}"
		self.running = 0
		archive = io.BytesIO()
		with tarfile.open(fileobj=archive, mode="w") as tar:
			tar.add(os.path.realpath(shutil.which("busybox")), "bin/busybox")
		subprocess.run(["docker", "import", "-", self.name], input=archive.getvalue(), stdout=subprocess.DEVNULL, check=True)

	def start(self, n):
		"""Starts N containers, several `docker run` at a time as that is quicker than one by one; returns seconds."""
		begin = time.monotonic()
		self.running = n
		with concurrent.futures.ThreadPoolExecutor(2 * len(os.sched_getaffinity(0))) as pool:
			list(pool.map(lambda i: output(["docker", "run", "--detach", f"--name={self.name}-{i}", self.name,
				"/bin/busybox", "sleep", "1000000"], SECONDS), range(n)))
		return time.monotonic() - begin

	def memory_per_node(self):
		"""Bytes of the containers and of the shim each of them needs; what the daemons hold is not counted."""
		shims = set()
		for i in range(self.running):
			pid = output(["docker", "inspect", "--format={{.State.Pid}}", f"{self.name}-{i}"], SECONDS).strip()
			with open(f"/proc/{pid}/stat", encoding="latin-1") as stat:
				shims.add(int(stat.read().rpartition(")")[2].split()[1]))
		return proportional_memory(descendants(shims)) / self.running

	def stop(self):
		if self.running:
			names = [f"{self.name}-{i}" for i in range(self.running)]
			self.running = 0
			subprocess.run(["docker", "rm", "--force", *names], capture_output=True, check=False)

	def close(self):
		self.stop()
		output(["docker", "rmi", "--force", self.name], SECONDS)
