# SPDX-License-Identifier: GPL-2.0-or-later
"""The switch alone between two clients, beside others that the same clients can join."""
import contextlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time

from processes import BenchError, Skipped, output
from rows import OWN, Row, rows, take_turns

FRAME_BYTES = 64
START_SECONDS = 10


class Switch:
	"""A switch that runs while a `with` block lasts, in a folder of its own, until its control socket answers."""

	def __init__(self, argv, control):
		self.argv = argv        # of its program; CTL is the path in the folder that it is given
		self.control = control  # path of the control socket below the folder

	def __enter__(self):
		self.folder = tempfile.TemporaryDirectory(prefix="netlab-bench-")
		path = os.path.join(self.folder.name, "ctl")
		self.control_path = os.path.normpath(os.path.join(path, self.control))
		# Standard input stays open: vde_switch ends with it. What they say is of no interest, and uml_switch says much.
		self.process = subprocess.Popen([path if word == "CTL" else word for word in self.argv], stdin=subprocess.PIPE,
			stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
		try:
			self.await_socket()
		except BaseException:
			self.__exit__()
			raise
		return self

	def await_socket(self):
		deadline = time.monotonic() + START_SECONDS
		while self.process.poll() is None and time.monotonic() < deadline:
			with contextlib.closing(socket.socket(socket.AF_UNIX)) as probe:
				if probe.connect_ex(self.control_path) == 0:
					return
			time.sleep(0.01)
		raise BenchError(f"`{' '.join(self.argv)}` cannot be joined; it ended with {self.process.poll()}")

	def cpu_seconds(self):
		with open(f"/proc/{self.process.pid}/stat", encoding="latin-1") as stat:
			fields = stat.read().rpartition(")")[2].split()
		return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

	def __exit__(self, *_):
		self.process.terminate()
		self.process.communicate()
		self.folder.cleanup()


def rate(program, switch, manner, seconds):
	"""Thousands of frames a second that arrive, and microseconds of the switch's CPU for each."""
	with switch as running:
		before = running.cpu_seconds()
		said = json.loads(output([program, running.control_path, str(seconds), str(FRAME_BYTES), manner], seconds + 30))
		frames = said["frames_per_second"] * said["seconds"]
		return said["frames_per_second"] / 1e3, (running.cpu_seconds() - before) / frames * 1e6


def rate_of_none(program, manner, seconds):
	"""The same with no switch between the clients: what their sockets allow."""
	return json.loads(output([program, "-", str(seconds), str(FRAME_BYTES), manner], seconds + 30))["frames_per_second"] / 1e3


def rate_of_vhost(program, seconds):
	"""The same between two vhost-user clients."""
	said = json.loads(output([program, str(seconds), str(FRAME_BYTES)], seconds + 30))
	return said["frames_per_second"] / 1e3, said["switch_ns_per_frame"] / 1e3


def find(bench):
	"""The clients' program, and the switches by name; own first."""
	folder = os.path.dirname(bench.netlab)
	program = os.path.normpath(os.path.join(folder, "..", "tests", "bench", "bench-uml"))
	if not os.access(program, os.X_OK):
		raise Skipped("the program is not built (target bench-uml)")
	return program, {
		OWN: Switch([os.path.join(folder, "netlab-switch"), "--unix", "CTL"], "."),
		"uml_switch": Switch(["uml_switch", "-unix", "CTL"], "."),
		"vde_switch": Switch(["vde_switch", "-s", "CTL"], "ctl"),
	}


def frames(bench):
	"""Small frames through the switch alone: from one client of uml_switch's protocol to another, and from one vhost-user
	client to another, beside what those of others carry at best."""
	seconds = 1 if bench.quick else 3
	program, switches = find(bench)
	vhost = os.path.join(os.path.dirname(program), "bench-vhost")
	skipped = {who: f"{who} is not installed" for who in list(switches) if not shutil.which(switches[who].argv[0])}
	present = {who: switch for who, switch in switches.items() if who not in skipped}
	sources = {(who, manner): lambda switch=switch, manner=manner: rate(program, switch, manner, seconds)
		for manner in ("connected", "sendto") for who, switch in present.items()}
	sources |= {("no switch", manner): lambda manner=manner: rate_of_none(program, manner, seconds)
		for manner in ("connected", "sendto")}
	if os.access(vhost, os.X_OK):
		sources[OWN, "vhost-user"] = lambda: rate_of_vhost(vhost, seconds)
	values = take_turns(bench, "frames", sources)
	for manner in ("connected", "sendto"):
		title = f"switch alone, clients {manner}: {FRAME_BYTES}-byte frames"
		rate_row, cpu_row = rows({who: values[who, manner] for who in present},
			[(title, "1000/s", "higher"), (f"{title}: CPU of the switch for each", "µs", "lower")], skipped)
		rate_row.values["no switch"] = values["no switch", manner]
		rate_row.asked = {who: 3 for who in present if who != OWN}
		yield rate_row
		yield cpu_row
	if (OWN, "vhost-user") in values:
		best = {who: values[who, "connected"] for who in present if who != OWN}
		yield Row(f"switch alone, vhost-user clients: {FRAME_BYTES}-byte frames", "1000/s", "higher",
			{who: [value[0] for value in them] for who, them in ({OWN: values[OWN, "vhost-user"]} | best).items()}, skipped,
			{who: 10 for who in best})
