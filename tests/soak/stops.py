# SPDX-License-Identifier: GPL-2.0-or-later
"""Random processes of a lab are stopped (SIGSTOP) and continued. Meanwhile every command answers in time, other labs are not
concerned, and afterwards all is as it was."""
import collections
import os
import signal
import threading

from kills import victims
from world import ANSWER_SECONDS, SMALL, Fault, Lab, together

COUNT = 100


def commands(name):
	"""What is asked, and whether it may take effect on a lab of which a part does not answer."""
	return [["list"], ["list", "--json"], ["status", name], ["status", name, "--json"], ["link", "show", "-l", name],
		["link", "set", "-l", name, "a:eth0", "delay=1ms"], ["switch", "show", "-l", name], ["logs", "-l", name, "a"],
		["exec", "-l", name, "b", "--", "true"], ["cp", "-l", name, "a:/etc/hosts", "-"], ["clean"], ["stop", name, "--node", "c"],
		["exec", "-l", "bystander", "a", "--", "ping", "-c", "1", "-W", "2", "10.0.0.2"]]


ALONE = threading.Lock()


def answered(lab, words):
	"""A command that took too long is tried again, without others beside it. What any command takes now is not its fault: the
	machine may be busy with other things."""
	done = lab.ask(*words)
	if done.seconds > ANSWER_SECONDS:
		with ALONE:
			usual = lab.ask("--version").seconds
			done = lab.ask(*words)
		if done.seconds > ANSWER_SECONDS + 5 * usual:
			raise Fault(f"an answer took longer than {ANSWER_SECONDS} s twice, `netlab --version` {usual:.1f} s: {done}")
	if done.status != 0 and not (done.err.strip() or done.out.strip()):
		raise Fault(f"failed without a word: {done}")
	if "bystander" in words and done.status != 0:
		raise Fault(f"a process of another lab is stopped, and this one suffers: {done}")
	return done


def stops(soak):
	lab, bystander = Lab(soak.netlab, "stops"), Lab(soak.netlab, "bystander", SMALL)
	stopped, longest = collections.Counter(), None
	bystander.start()
	lab.start()
	lab.heal()
	for i in soak.times(COUNT):
		kinds = victims(lab, [])
		kinds.pop("client")
		kind = soak.random.choice(sorted(kinds))
		victim = soak.random.choice(kinds[kind])
		stopped[kind] += 1
		os.kill(victim, signal.SIGSTOP)
		try:
			words = soak.random.sample(commands(lab.name), 4)
			answers = together([lambda words=words: answered(lab, words) for words in words])
		except Fault as fault:
			raise Fault(f"with {kind} ({victim}) stopped: {fault}") from None
		finally:
			if kinds[kind]:
				try:
					os.kill(victim, signal.SIGCONT)
				except ProcessLookupError:
					pass
		slowest = max(answers, key=lambda done: done.seconds)
		if not longest or slowest.seconds > longest.seconds:
			longest = slowest
		lab.heal()
		if i % 20 == 19:
			soak.say(f"{i + 1} stopped")
	for one in lab, bystander:
		everything = one.processes()
		one.stop()
		one.gone(everything)
	return (f"{stopped.total()} stopped ({', '.join(f'{n} {kind}' for kind, n in sorted(stopped.items()))}); the slowest answer: "
		f"`netlab {' '.join(longest.words)}`, {longest.seconds:.1f} s")
