# SPDX-License-Identifier: GPL-2.0-or-later
"""Processes of this machine as /proc shows them, and programs that are started, waited for and read."""
import ctypes
import os
import re
import select
import signal
import subprocess
import time

PR_SET_CHILD_SUBREAPER = 36  # prctl(2)


class BenchError(Exception):
	"""A measurement that could not be made: what failed, on what, and why."""


class Skipped(Exception):
	"""A peer or a measurement this machine does not offer; the text says what is missing."""


def adopt_orphans():
	"""Makes this process the parent of every daemon its children leave, so that the tree of a lab is found from here."""
	if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
		raise BenchError(f"prctl(PR_SET_CHILD_SUBREAPER): {os.strerror(ctypes.get_errno())}")


def _parents():
	parents = {}
	for entry in os.listdir("/proc"):
		if entry.isdigit():
			try:
				with open(f"/proc/{entry}/stat", encoding="latin-1") as stat:
					# The name, in parentheses, may hold anything; the fields that count follow the last one.
					parents[int(entry)] = int(stat.read().rpartition(")")[2].split()[1])
			except (FileNotFoundError, ProcessLookupError):
				pass  # ended while we looked
	return parents


def descendants(roots):
	"""Every process below ROOTS (a collection of pids), these included as far as they are alive."""
	parents = _parents()
	found = {pid for pid in roots if pid in parents}
	fresh = set(found)
	while fresh:
		fresh = {pid for pid, parent in parents.items() if parent in fresh} - found
		found |= fresh
	return found


def children(pid):
	return {child for child, parent in _parents().items() if parent == pid}


def command_line(pid):
	"""For messages; the name in brackets for a zombie."""
	try:
		with open(f"/proc/{pid}/cmdline", "rb") as file:
			words = file.read().replace(b"\0", b" ").decode(errors="replace").strip()
		with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as file:
			return words or f"[{file.read().strip()}]"
	except (FileNotFoundError, ProcessLookupError):
		return "(gone)"


def proportional_memory(pids):
	"""Bytes that PIDS use together: the sum of Pss, in which a shared page counts once (proc_pid_smaps_rollup(5))."""
	total = 0
	for pid in pids:
		try:
			with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as rollup:
				total += 1024 * int(re.search(r"^Pss: +(\d+) kB", rollup.read(), re.M).group(1))
		except (FileNotFoundError, ProcessLookupError):
			pass  # ended while we looked, or a zombie
		except PermissionError as error:
			raise BenchError(f"memory of process {pid} ({command_line(pid)}) is not ours to read: {error}") from error
	return total


def threads(pid):
	try:
		return [int(thread) for thread in os.listdir(f"/proc/{pid}/task")]
	except FileNotFoundError:
		return []


def cpu_seconds(pids):
	"""What all threads of PIDS have used, to the nanosecond (proc(5): the first field of schedstat)."""
	total = 0
	for pid in pids:
		for thread in threads(pid):
			with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as file:
				total += int(file.read().split()[0])
	return total / 1e9


def set_affinity(pids, cpus):
	"""Lets every thread of PIDS, and so what they start from now on, run on CPUS only."""
	for pid in pids:
		for thread in threads(pid):
			try:
				os.sched_setaffinity(thread, cpus)
			except ProcessLookupError:
				pass  # ended while we looked


def end(pids, seconds):
	"""Waits until PIDS, children of ours, have ended, and reaps them. Those that have not after SECONDS are killed and
	returned."""
	deadline = time.monotonic() + seconds
	late = []
	for pid in pids:
		descriptor = os.pidfd_open(pid)
		try:
			poll = select.poll()
			poll.register(descriptor, select.POLLIN)
			if not poll.poll(max(0, deadline - time.monotonic()) * 1000):
				late.append(f"{pid} ({command_line(pid)})")
				signal.pidfd_send_signal(descriptor, signal.SIGKILL)
			os.waitpid(pid, 0)
		finally:
			os.close(descriptor)
	return late


def output(argv, seconds, **options):
	"""Standard output of ARGV, which must end with status 0 within SECONDS."""
	try:
		done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds, **options)
	except FileNotFoundError as error:
		raise BenchError(f"{argv[0]}: not found") from error
	except subprocess.TimeoutExpired as error:
		raise BenchError(f"`{' '.join(argv)}` took longer than {seconds} s") from error
	if done.returncode != 0:
		said = (done.stderr.strip() or done.stdout.strip())[-2000:]
		raise BenchError(f"`{' '.join(argv)}` ended with status {done.returncode}: {said}")
	return done.stdout


def await_text(process, text, seconds):
	"""Reads standard output of PROCESS (a binary pipe) until TEXT has come."""
	deadline = time.monotonic() + seconds
	seen = b""
	while text not in seen:
		ready, _, _ = select.select([process.stdout], [], [], max(0, deadline - time.monotonic()))
		chunk = os.read(process.stdout.fileno(), 4096) if ready else b""
		if not chunk:
			why = "ended" if ready else f"did not within {seconds} s"
			raise BenchError(f"`{' '.join(process.args)}` should say {text.decode()!r} but {why}; it said {seen.decode()!r}")
		seen += chunk
