# SPDX-License-Identifier: GPL-2.0-or-later
"""A lab is started from the window, watched, touched and lost."""
import json
import os
import re
import signal
import subprocess

from gui_window import SCRATCH, Gui, eventually, example, fail, netlab, ok

NODES = ("fw", "pc", "web", "remote")


def on(node, *command):
    return netlab("exec", "--lab", "firewall", node, "--", *command)


def ready(gui):
    return all("\nready" in (gui.drawn(node) or "") for node in NODES)


# -- Started here, all nodes turn ready ---------------------------------------------------------------------------------
gui = Gui(example("firewall"))
eventually("the lab is drawn, and does not run", lambda: gui.is_enabled("start") and gui.drawn("fw"))
gui.act("start")
eventually("all nodes are ready", lambda: ready(gui), 60)
eventually("it can be stopped now, and not started", lambda: gui.is_enabled("stop") and not gui.is_enabled("start"))

# -- Traffic is seen where it passes, and nowhere else ------------------------------------------------------------------
links = ("fw:eth0", "fw:eth1", "fw:eth2", "pc:eth0", "web:eth0", "remote:eth0")
on("pc", "ping", "-c", "1", "203.0.113.50")
before = eventually("links have counters", lambda: {link: gui.frames(link) for link in links})
if on("pc", "ping", "-c", "50", "-i", "0.01", "203.0.113.50").returncode != 0:
    fail("pc should reach remote")
for link in ("pc:eth0", "fw:eth0", "fw:eth2", "remote:eth0"):
    eventually(f"50 pings and their answers pass {link}", lambda: gui.frames(link) >= before[link] + 100)
for link in ("fw:eth1", "web:eth0"):
    if gui.frames(link) > before[link] + 20:
        fail(f"they should not pass {link}: {before[link]} frames before, {gui.frames(link)} after")
ok("and no other")

# -- A console ----------------------------------------------------------------------------------------------------------
gui.act("open-console", "s", "pc")
console = gui.wait_for("Console of pc", "terminal")
eventually("the shell has a prompt", lambda: "#" in gui.text(console) or "$" in gui.text(console))
gui.focus(console)
gui.type("ip address\n")
eventually("`ip address` shows the address of pc", lambda: "inet 10.0.1.10/24" in gui.text(console))

# -- A command on a selection, side by side -----------------------------------------------------------------------------
gui.act("select-node", "s", "web")
gui.act("run-command-line", "s", "hostname")
output = gui.wait_for("Output of web")
eventually("the command has said so", lambda: "web" in gui.text(output))

# -- Nodes ----------------------------------------------------------------------------------------------------------------
gui.act("select-node", "s", "remote")
gui.act("node-pause")
eventually("remote is paused", lambda: "\npaused" in gui.drawn("remote"))
gui.act("node-resume")
eventually("remote is ready again", lambda: "\nready" in gui.drawn("remote"))

# -- Stopped, and started again -----------------------------------------------------------------------------------------
gui.act("stop")
eventually("it is stopped", lambda: gui.is_enabled("start"), 60)
gui.act("start")
eventually("all nodes are ready again", lambda: ready(gui), 60)

# -- The supervisor dies --------------------------------------------------------------------------------------------------
with open(f"{os.environ['XDG_RUNTIME_DIR']}/netlab/firewall/state.json") as state:
    os.kill(json.load(state)["pid"], signal.SIGKILL)
eventually("the window says that the supervisor died", lambda: gui.find_like(r"The supervisor of lab “firewall” died"))
eventually("nodes are not shown as ready any more", lambda: not any("\nready" in gui.drawn(node) for node in NODES))
eventually("it can be started again", lambda: gui.is_enabled("start"))
gui.act("start")
eventually("and is ready once more", lambda: ready(gui), 60)
gui.act("stop")
eventually("it is stopped in the end", lambda: gui.is_enabled("start"), 60)
gui.act("close")
gui.wait_closed()
