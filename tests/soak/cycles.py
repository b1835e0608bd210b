# SPDX-License-Identifier: GPL-2.0-or-later
"""Small labs are started and stopped, two at a time. Nothing of them is left, and nothing grows with their number."""
from world import SMALL, Fault, Lab, await_nothing_left, together, traces

COUNT = 2000
SIDE_BY_SIDE = 2


def cycle(lab, ping):
	lab.start()
	if ping:
		lab.must("exec", "-l", lab.name, "a", "--", "ping", "-c", "1", "-W", "5", "10.0.0.2")
	everything = lab.processes()
	if len(everything) < 4:
		raise Fault(f"the lab has only {len(everything)} processes")
	lab.stop()
	lab.gone(everything)


def cycles(soak):
	labs = [Lab(soak.netlab, f"cycle{i}", SMALL) for i in range(SIDE_BY_SIDE)]
	done, before = 0, None
	for i in soak.times(COUNT // SIDE_BY_SIDE):
		together([lambda lab=lab: cycle(lab, i % 10 == 0) for lab in labs])
		done += len(labs)
		if before is None:
			before = traces()  # what is made once is made
		await_nothing_left(before, f"of {done} labs ")
		if done % 200 == 0:
			soak.say(f"{done} started and stopped")
	return f"{done} labs started and stopped, {SIDE_BY_SIDE} at a time; nothing is left"
