# SPDX-License-Identifier: GPL-2.0-or-later
"""A lab is started from the window, watched, touched and lost."""
import json
import os
import re
import shutil
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

# -- A link is unplugged, and made slow -----------------------------------------------------------------------------------
def carrier():
    return on("pc", "cat", "/sys/class/net/eth0/carrier").stdout.strip()


def round_trip():
    """The least time of a few pings from pc to fw, in milliseconds; None: no answer."""
    answer = re.search(r"= ([0-9.]+)/", on("pc", "ping", "-q", "-c", "3", "-i", "0.05", "-W", "1", "10.0.1.1").stdout)
    return float(answer[1]) if answer else None


gui.act("select-link", "s", "pc:eth0")
if carrier() != "1":
    fail("pc's eth0 should have a carrier")
eventually("the link can be unplugged", lambda: gui.is_enabled("link-unplug"))
gui.act("link-unplug")
eventually("the guest sees no carrier", lambda: carrier() == "0")
eventually("the drawing says so", lambda: "unplugged" in gui.drawn("pc:eth0"))
gui.act("link-plug")
eventually("the carrier is back", lambda: carrier() == "1")

fast = eventually("pc reaches fw", round_trip)
gui.slide("Delay, slider", 0.5)
slow = eventually("the slider's delay shows in ping", lambda: (now := round_trip()) and now > fast + 20 and now)
shown = eventually("and in the field beside it", lambda: gui.text(gui.find("Delay", "text")))
print(f"# the slider in the middle: {shown}; ping takes {slow:.1f} ms, before {fast:.1f} ms", flush=True)
gui.enter("Delay", "100ms")
eventually("an exact delay is exact", lambda: 200 <= (round_trip() or 0) < 300)
eventually("the drawing says so, too", lambda: "delay=100ms" in gui.drawn("pc:eth0"))
gui.enter("Loss", "many")
eventually("nonsense is told beside its field", lambda: gui.find_like("many"))
gui.act("link-reset")
eventually("as declared, the wire is fast again", lambda: (round_trip() or 1000) < 50)

# -- Captures and packets -------------------------------------------------------------------------------------------------
capture = f"{SCRATCH}/pc.pcapng"
gui.act("capture-to", "(ss)", capture, "icmp")
eventually("the capture has begun", lambda: os.path.exists(capture))
on("pc", "ping", "-c", "3", "-i", "0.05", "203.0.113.50")
gui.act("captures-stop")


def captured():
    return subprocess.run(["tshark", "-n", "-r", capture], capture_output=True, text=True).stdout


if shutil.which("tshark"):
    eventually("tshark reads it: three pings and three answers", lambda: captured().count("Echo (ping)") == 6)
gui.act("packets")
packets = gui.wait_for("Packets")
on("pc", "ping", "-c", "3", "-i", "0.05", "203.0.113.50")
eventually("the list of packets has a ping", lambda: gui.find_like("Echo \\(ping\\) request|echo request"))

# -- The lab's checks -----------------------------------------------------------------------------------------------------
gui.act("check", "s", "lan reaches the web server in the dmz")
eventually("a check passes, and its node says so", lambda: any("check passed" in (gui.drawn(node) or "") for node in NODES), 60)

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
eventually("the window says that the supervisor died", lambda: gui.find_like(r"The supervisor of lab “firewall” stopped unexpectedly"))
eventually("nodes are not shown as ready any more", lambda: not any("\nready" in gui.drawn(node) for node in NODES))
eventually("it can be started again", lambda: gui.is_enabled("start"))
gui.act("start")
eventually("and is ready once more", lambda: ready(gui), 60)
gui.act("stop")
eventually("it is stopped in the end", lambda: gui.is_enabled("start"), 60)
gui.act("close")
gui.wait_closed()
