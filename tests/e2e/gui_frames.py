# SPDX-License-Identifier: GPL-2.0-or-later
"""What is drawn, and when: dots while frames pass, and nothing at all while nothing changes. By count, not by the clock."""
import os
import subprocess

from gui_window import SCRATCH, Gui, eventually, fail, netlab, ok

path = f"{SCRATCH}/frames/lab.xml"
os.mkdir(f"{SCRATCH}/frames")
with open(path, "w") as file:
    file.write("""<lab xmlns="urn:netlab:lab:1" name="frames"><title>Two hosts</title><defaults image="tiny"/>
<link name="wire"><end node="a" interface="eth0" address="10.0.0.1/24"/><end node="b" interface="eth0" address="10.0.0.2/24"/></link>
</lab>
""".replace("<link", '<node name="a"/><node name="b"/><link'))


def frames():
    """How often the drawing was drawn, how often all of it, how many frames the window had, how often counters were read."""
    gui.act("frames")
    return gui.state("frames")


def looks(more):
    """Waits until the counters were read a few times more."""
    before = frames()
    eventually(f"counters were read {more} times more", lambda: frames()[3] >= before[3] + more)
    return before


if netlab("start", path).returncode != 0:
    fail("the lab should start")
gui = Gui(path)
gui.mouse("abs", (1399, 899))
eventually("the lab runs in the window", lambda: all("\nready" in (gui.drawn(node) or "") for node in "ab"), 60)
ping = subprocess.Popen([os.environ["NETLAB"], "exec", "--lab", "frames", "a", "--", "ping", "-q", "-i", "0.05", "10.0.0.2"],
                        stdout=subprocess.DEVNULL)
eventually("frames pass", lambda: gui.frames("wire") > 20)
before = looks(3)
after = frames()
if after[0] - before[0] < 10:
    fail(f"dots should move: drawn {after[0] - before[0]} times")
ok("dots move")
# Counters come every second; a picture is painted anew when a line's width or anything else of it changes.
if after[1] - before[1] > after[3] - before[3] + 2:
    fail(f"the whole drawing was painted {after[1] - before[1]} times in {after[3] - before[3]} looks")
ok("and the rest stays as it was")

# Out of sight, they need no drawing, and no clock either.
x, y, width, height = gui.box(gui.canvas())
for _ in range(2):
    gui.drag((x + 30, y + height / 2), (x + width - 30, y + height / 2), button=2)
eventually("the lab is out of sight", lambda: gui.box(gui.icon("a"))[0] > x + width and gui.box(gui.icon("b"))[0] > x + width)
gui.mouse("abs", (1399, 899))
eventually("nothing is drawn then, traffic or not", lambda: looks(2)[0] == frames()[0])
gui.act("zoom-fit")
ping.terminate()
ping.wait()

# Nothing passes between hosts that are paused.
for node in "ab":
    gui.act("select-node", "s", node)
    eventually(f"{node} can be paused", lambda: gui.is_enabled("node-pause"))
    gui.act("node-pause")
    eventually(f"{node} is paused", lambda: "\npaused" in gui.drawn(node))
gui.click((gui.box(gui.canvas())[0] + 30, gui.box(gui.canvas())[1] + 200))
gui.mouse("abs", (1399, 899))


def still():
    start = looks(3)
    end = frames()
    print(f"# meanwhile: {end[0] - start[0]} drawings, {end[2] - start[2]} frames of the window", flush=True)
    return end[0] == start[0]


eventually("nothing is drawn while nothing changes", still)
start = frames()
gui.act("select-node", "s", "a")
eventually("but when something does", lambda: frames()[0] > start[0])
netlab("stop", "frames")
gui.act("close")
gui.wait_closed()
