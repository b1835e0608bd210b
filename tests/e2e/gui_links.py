# SPDX-License-Identifier: GPL-2.0-or-later
"""Links are unplugged and made slow, captured, and their packets listed and followed, in a ring of routers that runs."""
import json
import os
import re
import signal
import subprocess
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi

from gui_window import SCRATCH, Gui, eventually, example, fail, netlab, ok


def on(node, *command):
    return netlab("exec", "--lab", "ospf", node, "--", *command).stdout


def time_of_ping():
    times = re.findall(r"time=([\d.]+) ms", on("r1", "ping", "-c", "3", "-i", "0.2", "10.0.12.2"))
    return min(float(time) for time in times) if times else None


def link_facts(name):
    links = json.loads(netlab("link", "show", name, "--lab", "ospf", "--json").stdout)["links"]
    return links[0]


def cells(tree, row):
    """The texts of a row of a list."""
    columns = range(Atspi.Table.get_n_columns(tree))
    return [Atspi.Table.get_accessible_at(tree, row, column).get_name() or "" for column in columns]


def rows(name):
    tree = gui.find(name, "table")
    count = Atspi.Table.get_n_rows(tree) if tree else 0
    return [cells(tree, row) for row in range(max(0, count - 40), count)]


def listed(*patterns):
    """Whether one of the last packets has texts that match all of the patterns."""
    return any(all(re.search(pattern, "|".join(row)) for pattern in patterns) for row in rows("Packets"))


def status():
    label = gui.find("Status of the packet list", "label")
    return gui.text(label) if label else ""


def read_capture(path, *arguments):
    return subprocess.run(["tshark", "-n", "-r", path, *arguments], capture_output=True, text=True).stdout


path = example("ospf")
if netlab("start", path).returncode != 0:
    fail("the lab should start")
gui = Gui(path)
eventually("the lab runs in the window", lambda: "ready" in (gui.drawn("r1") or ""), 60)
eventually("pc1 reaches pc3", lambda: "1 packets received" in on("pc1", "ping", "-c", "1", "-W", "1", "10.3.0.10"), 90)

# -- A link ---------------------------------------------------------------------------------------------------------------
gui.act("select-link", "s", "r1-r2")
gui.wait_for("Plugged in", "toggle button")
gui.act("link-unplug")
eventually("r1 has no carrier", lambda: "NO-CARRIER" in on("r1", "ip", "link", "show", "eth1"))
eventually("the panel says so", lambda: gui.find("r1:eth1: no carrier, r2:eth1: no carrier"))
Atspi.Action.do_action(gui.wait_for("Plugged in", "toggle button"), 0)
eventually("the switch of the panel plugs it in", lambda: "LOWER_UP" in on("r1", "ip", "link", "show", "eth1"))

before = eventually("r1 reaches r2", time_of_ping)
slider = gui.wait_for("Delay, slider", "slider")
Atspi.Value.set_current_value(slider, 0.6)
delay = eventually("the field follows the slider", lambda: gui.text(gui.find("Delay", "text")))
milliseconds = float(re.fullmatch(r"([\d.]+)ms", delay).group(1))
eventually("the supervisor has the delay", lambda: delay in json.dumps(link_facts("r1-r2")["impairment"]))
eventually("a ping takes twice the delay", lambda: (time_of_ping() or 0) >= 2 * milliseconds)

# With the pointer, which lets go of it: what it stands at then is the delay, and nothing is complained of.
gui.wait_for("Delay, slider", "slider")
x, y, width, height = gui.box(slider)
share = Atspi.Value.get_current_value(slider)
for step in 0.9, 0.3, 0.75:
    knob = x + 8 + (width - 16) * share, y + height / 2
    gui.mouse("abs", knob)
    gui.mouse("b1p", knob)
    gui.mouse("abs", (x + 8 + (width - 16) * (share + step) / 2, y + height / 2))
    gui.mouse("abs", (x + 8 + (width - 16) * step, y + height / 2))
    gui.mouse("b1r", (x + 8 + (width - 16) * step, y + height / 2))
    eventually("the slider is where it was let go", lambda: abs(Atspi.Value.get_current_value(slider) - step) < 0.12)
    share = Atspi.Value.get_current_value(slider)
    delay = eventually("the field says what that is", lambda: gui.text(gui.find("Delay", "text")))
    eventually("the supervisor has that, too", lambda: delay in json.dumps(link_facts("r1-r2")["impairment"]))
if gui.find_like("is not a number"):
    fail("a slider that is let go should not be complained of")
gui.slide("Delay, slider", 0.6)
delay = eventually("and back", lambda: (lambda text: text != delay and text)(gui.text(gui.find("Delay", "text"))))
eventually("for the supervisor as well", lambda: delay in json.dumps(link_facts("r1-r2")["impairment"]))

gui.set_text("Loss", "2.5")
Atspi.Action.do_action(gui.find("Loss", "text"), 0)
eventually("a bare number has the field's unit", lambda: '"2.5%"' in json.dumps(link_facts("r1-r2")["impairment"]))
gui.set_text("Loss", "200%")
eventually("what is no loss is told under the field", lambda: gui.find_like(r"200%. is out of range"))
gui.act("link-clear")
eventually("a perfect wire", lambda: not any(link_facts("r1-r2")["impairment"].values()))
eventually("and the field is empty", lambda: gui.text(gui.find("Loss", "text")) == "")
gui.act("undo")
eventually("taken back", lambda: delay in json.dumps(link_facts("r1-r2")["impairment"]))
gui.act("link-reset")
eventually("as declared", lambda: not any(link_facts("r1-r2")["impairment"].values()))
netlab("link", "set", "--lab", "ospf", "r1-r2", "delay=7ms")
eventually("what is changed elsewhere is shown", lambda: gui.text(gui.find("Delay", "text")) == "7ms")
gui.act("link-clear")

# -- A network ------------------------------------------------------------------------------------------------------------
on("pc1", "ping", "-c", "1", "10.1.0.1")
gui.act("select-network", "s", "lan1")
eventually("its ports", lambda: [row for row in rows("Ports") if row[0] == "pc1:eth0" and row[-1] == "forwarding"])
eventually("and its stations", lambda: {"pc1:eth0", "r1:eth0"} <= {cell for row in rows("Learned addresses") for cell in row})

# -- Captures ---------------------------------------------------------------------------------------------------------------
gui.act("select-link", "s", "r1-r2")
file, past = f"{SCRATCH}/link.pcapng", f"{SCRATCH}/past.pcapng"
gui.act("captures")
gui.act("capture-to", "(ss)", file, "icmp")
eventually("the capture runs", lambda: [row for row in rows("Captures") if row[1] == file and row[-1] == "capturing"])
on("r1", "ping", "-c", "3", "-i", "0.2", "10.0.12.2")
eventually("its frames are counted", lambda: [row for row in rows("Captures") if row[3] == "6"])
gui.act("captures-stop")
eventually("it is stopped", lambda: [row for row in rows("Captures") if row[-1] == "stopped"])
if len(re.findall(r"Echo \(ping\)", read_capture(file))) != 6:
    fail("tshark should read 6 frames: " + read_capture(file))
ok("tshark reads it")
gui.act("capture-last", "(su)", past, 30)
eventually("the past is complete", lambda: [row for row in rows("Captures") if row[1] == past and row[-1] == "complete"])
if "Echo (ping)" not in read_capture(past):
    fail("the pings should be in the past")
ok("and holds the pings")
gui.act("capture-to", "(ss)", f"{SCRATCH}/none.pcapng", "no such thing")
eventually("a wrong filter is told", lambda: gui.find_like(r"capture filter .*syntax error"))
if os.path.exists(f"{SCRATCH}/none.pcapng"):
    fail("no file should be made for a wrong filter")
ok("and no file is made")

# -- Packets ----------------------------------------------------------------------------------------------------------------
ping = subprocess.Popen([os.environ["NETLAB"], "exec", "--lab", "ospf", "pc1", "--", "ping", "-i", "0.3", "10.3.0.10"],
                        stdout=subprocess.DEVNULL)
gui.act("packets")
eventually("pings are listed", lambda: listed("10\\.1\\.0\\.10", "10\\.3\\.0\\.10", "ICMP", "r1:eth1 → r2:eth1"))
gui.act("packets-filter", "s", "icmp and")
eventually("what is wrong with a filter is told", lambda: gui.find_like(r"capture filter .*syntax error"))
gui.act("packets-filter", "s", "ip proto 89")
eventually("another filter: OSPF alone", lambda: listed("OSPF", "[Hh]ello") and not listed("ICMP"), 60)
gui.act("packets-filter", "s", "icmp")
eventually("and back", lambda: listed("ICMP", "[Rr]equest"))

if any(cell != cell.strip() for row in rows("Packets") for cell in row):
    fail(f"no cell should begin or end with blanks: {rows('Packets')}")
gui.act("packets-choose", "t", 0)
packets = gui.find("Packets", "table")
chosen = Atspi.Table.get_selected_rows(packets)[0]
eventually("twenty more come", lambda: Atspi.Table.get_n_rows(packets) > chosen + 20, 60)
row = Atspi.Table.get_accessible_at(packets, chosen, 0)
eventually("and the chosen one is still seen", lambda: row.get_state_set().contains(Atspi.StateType.SHOWING) and
           gui.box(packets)[1] < gui.centre(row)[1] < gui.box(packets)[1] + gui.box(packets)[3])


def below(process):
    """The processes that a process has started, and those that they have."""
    children = subprocess.run(["pgrep", "-P", str(process)], capture_output=True, text=True).stdout.split()
    return children + [each for child in children for each in below(child)]


def program(process):
    try:
        return os.path.basename(os.readlink(f"/proc/{process}/exe"))
    except OSError:  # it has ended meanwhile
        return ""


# What reads frames of guests sees neither the host's files nor its network.
def readers():
    return [process for process in below(gui.process.pid) if program(process) == "tshark"]


eventually("tshark reads them", readers)
tshark = readers()[0]
for what in ("mnt", "net", "pid", "user"):
    if os.readlink(f"/proc/{tshark}/ns/{what}") == os.readlink(f"/proc/self/ns/{what}"):
        fail(f"tshark has the host's {what} namespace")
seen = os.listdir(f"/proc/{tshark}/root")
if not {"usr"} <= set(seen) <= {"etc", "lib", "lib64", "usr"}:
    fail(f"tshark should see the system's programs alone: {seen}")
ok("tshark is confined")
# Its answers replace ours, which do not count bytes.
eventually("and its words are listed", lambda: listed("Echo \\(ping\\) (request|reply) .*ttl="))
os.kill(int(tshark), signal.SIGKILL)
gui.act("packets-clear")
eventually("tshark dies, and packets are listed on", lambda: listed("ICMP"))

# The newest is a request or an answer, and may be under way still.
WAY = ["pc1", "lan1", "r1", "r2", "r3", "lan3", "pc3"]
gui.set("packets-follow", True)


def followed():
    gui.act("packets-choose", "t", 0)
    end = time.monotonic() + 2
    while time.monotonic() < end:
        if any(f"{' → '.join(way)} (6 links" in status() for way in (WAY, WAY[::-1])):
            return True
        time.sleep(0.1)
    return False


eventually("a frame is followed between pc1 and pc3", followed)
gui.set("packets-follow", False)
gui.set("packets-pause", True)
eventually("the list is paused", lambda: "paused" in status())
gui.set("packets-pause", False)
gui.act("packets-scope", "s", "lab")
eventually("the whole lab", lambda: listed("lan1", "ICMP") and listed("r2:eth2", "ICMP"))
ping.terminate()
ping.wait()

# -- The end ----------------------------------------------------------------------------------------------------------------
netlab("stop", "ospf")
eventually("without a lab there is nothing to list", lambda: "Start the lab" in status())
eventually("and nothing to capture", lambda: not gui.is_enabled("capture-file") and not gui.is_enabled("link-set"))
gui.act("close")
gui.wait_closed()
