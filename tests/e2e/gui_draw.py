# SPDX-License-Identifier: GPL-2.0-or-later
"""A lab is drawn in the window, by properties and as text, saved, checked and started."""
import atexit
import os
import signal
import subprocess

from gui_window import SCRATCH, Atspi, GLib, Gui, eventually, fail, ok
from gui_window import netlab as run

path = f"{SCRATCH}/drawn/lab.xml"
os.mkdir(f"{SCRATCH}/drawn")
gui = Gui()


def source():
    return gui.text(gui.find("Lab file", "text"))


def has(*parts):
    eventually("the text has " + ", ".join(parts), lambda: all(part in source() for part in parts))


# Two hosts on a network.
gui.act("new")
gui.act("show-editor")
gui.wait_for("Lab file", "text")
for what in ("network", "host", "host"):
    gui.act("add", "s", what)
gui.act("join", "(ss)", "npc1", "wlan1")
gui.act("join", "(ss)", "wlan1", "npc2")
has('<network name="lan1"/>', 'address="10.0.1.2/24"', 'address="10.0.1.3/24"')

# A property is tried before it is taken.
gui.act("select-node", "s", "pc1")
gui.wait_for("Node pc1")
gui.set_text("Memory", "64")
gui.wait_for('node "pc1": memory "64" has no unit; write "64M"')
if "memory" in source():
    fail("what is wrong is not written")
gui.set_text("Memory", "64M")
has('<node name="pc1" memory="64M">')
gui.set_text("Name", "alice")
has('<node name="alice" memory="64M">')
gui.wait_for("Node alice")

# Copies get names and addresses of their own; what is taken away takes along what speaks of it.
gui.act("duplicate")
has('<node name="alice1" memory="64M">', 'address="10.0.1.4/24"')
gui.act("delete")
eventually("the copy is gone", lambda: "alice1" not in source())
gui.act("undo")
has("alice1")
gui.act("redo")
eventually("and again", lambda: "alice1" not in source())

# An uplink is drawn beside its network, with port forwards.
gui.act("add", "s", "uplink")
has('<uplink network="lan1" address="10.0.1.4/24"/>', '<route to="default" via="10.0.1.4"/>')
eventually("it is drawn, and says what it is", lambda: "uplink to the Internet" in (gui.drawn("uplink") or ""))
gui.wait_for("Uplink uplink")
gui.press("Add a port forward")
has('<forward host="8080" to="10.0.1.2:80"/>')
gui.set_text("8080 → 10.0.1.2:80: Host port", "99999")
gui.wait_for_like("99999")
gui.set_text("8080 → 10.0.1.2:80: Host port", "18080")
has('<forward host="18080" to="10.0.1.2:80"/>')
eventually("the drawing tells it", lambda: "127.0.0.1:18080 → 10.0.1.2:80" in gui.drawn("uplink"))
gui.set_text("Name", "out")
has('<uplink network="lan1" address="10.0.1.4/24" name="out">')
eventually("it keeps its place under its name", lambda: gui.drawn("out") and gui.drawn("uplink:lan1") and gui.find("Uplink out"))
gui.act("delete")
eventually("deleted, the text has none", lambda: "<uplink" not in source() and "<route" not in source() and not gui.drawn("out"))
gui.act("undo")
has("<uplink")
gui.act("redo")
eventually("and again not", lambda: "<uplink" not in source())
gui.act("undo")
gui.act("select-uplink", "s", "out")
gui.press("Remove 18080 → 10.0.1.2:80")
has('<uplink network="lan1" address="10.0.1.4/24" name="out"/>')

# Without a name of its own an uplink is called by itself, a link by its ends; both stay selected.
gui.set_text("Name", "")
has('<uplink network="lan1" address="10.0.1.4/24"/>')
gui.wait_for("Uplink uplink")
gui.set_text("Name", "out")
gui.wait_for("Uplink out")
before = source()
gui.act("add", "s", "router")
gui.act("join", "(ss)", "nalice", "nr1")
gui.wait_for("Link alice-r1")
gui.set_text("Name", "core")
gui.wait_for("Link core")
gui.set_text("Name", "")
has("<link>")
gui.wait_for("Link alice-r1")
gui.set_text("r1:eth0 (alice-r1): Interface", "eth5")
has('interface="eth5"')
gui.set_text("r1:eth0 (alice-r1): Node", "pc2")
gui.wait_for("Link alice-pc2")
while source() != before:
    gui.act("undo")
gui.act("select-none")

# Checks and captures of the lab, a mirror of a network.
gui.act("select-none")
gui.wait_for("Lab")
gui.press("Add a check")
has('  <check name="New check">\n    <run node="alice">true</run>\n  </check>\n')
gui.set_text("true: Command", "ping -c 1 -W 1 pc2")
gui.set_text("New check: Name", "alice reaches pc2")
gui.set_text("New check: Timeout", "5")
gui.wait_for_like('timeout "5"')
gui.set_text("New check: Timeout", "20s")
has('<check name="alice reaches pc2" timeout="20s">', '<run node="alice">ping -c 1 -W 1 pc2</run>')
gui.press("Add a command")
has('    <run node="alice">true</run>\n  </check>')
gui.press("Remove true")
eventually("a command is taken away", lambda: "true</run>" not in source())
gui.scroll_to("Add a capture")
gui.press("Add a capture")
has('<capture file="lab.pcapng"/>')
gui.scroll_to("lab.pcapng: Filter")
gui.set_text("lab.pcapng: Link", "nowhere")
gui.wait_for_like('link "nowhere"')
gui.set_text("lab.pcapng: Link", "")
eventually("what is right again says nothing", lambda: not gui.find_like('link "nowhere"'))
gui.set_text("lab.pcapng: Filter", "icmp and")
gui.scroll_to("Add a capture")
gui.wait_for_like('capture filter "icmp and".*syntax error')
gui.set_text("lab.pcapng: Filter", "icmp")
has('<capture file="lab.pcapng" filter="icmp"/>')
gui.act("select-network", "s", "lan1")
gui.press("Add a mirror")
has('<mirror from="alice:eth0" to="pc2:eth0"/>')
gui.press("Remove pc2:eth0")
eventually("the mirror is taken away", lambda: "mirror" not in source() and '<network name="lan1"/>' in source())

# As text: what is wrong says where, what is right is drawn.
text = source()
broken = text.replace("</lab>", '  <node name="carol">\n</lab>')
gui.set_text("Lab file", broken)
eventually("the line of the error is told", lambda: "Line 20:" in gui.text(gui.wait_for("Errors and warnings")))
gui.set_text("Lab file", broken.replace('carol">', 'carol"/>'))
eventually("carol is drawn", lambda: (gui.act("select-node", "s", "carol"), gui.find("Node carol"))[1])
gui.act("join", "(ss)", "ncarol", "wlan1")
has('<node name="carol">', 'address="10.0.1.6/24"')

# Saved and started, as it was drawn.
gui.act("save-to", "s", path)
eventually("it is saved", lambda: not gui.is_enabled("save"))
if open(path).read() != source():
    fail("the file is not what the text says")
checked = run("check", path)
if checked.returncode != 0 or "0 warnings" not in checked.stdout:
    fail("netlab check: " + checked.stdout + checked.stderr)
ok("netlab check finds nothing")
gui.act("start")
eventually("it runs", lambda: ": ready" in run("status", "drawn").stdout)
ping = ("exec", "--lab", "drawn", "alice", "--", "ping", "-c", "1", "-W", "1", "carol")
eventually("alice reaches carol", lambda: run(*ping).returncode == 0)
gateway = ("exec", "--lab", "drawn", "alice", "--", "ping", "-c", "3", "-W", "1", "10.0.1.4")
eventually("and the way out", lambda: run(*gateway).returncode == 0)
eventually("whose frames are counted", lambda: gui.frames("uplink:lan1") >= 6)
gui.act("panel", "s", "packets")
whose = gui.wait_for("Frames to list")
eventually("the list of packets says whose they are",
           lambda: Atspi.Selection.get_selected_child(whose, 0).get_name() == "Selection")
tested = run("test", "drawn")
if tested.returncode != 0 or "alice reaches pc2" not in tested.stdout:
    fail("netlab test: " + tested.stdout + tested.stderr)
gui.act("stop")
eventually("it is stopped", lambda: gui.is_enabled("start"))

# What is pasted may come when its window is gone.
owner = subprocess.Popen(["/usr/bin/python3", "-c", """import gi
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gtk
Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD).set_text('<node name="late"/>', -1)
print("ready", flush=True)
Gtk.main()"""], stdout=subprocess.PIPE)
atexit.register(owner.kill)
owner.stdout.readline()
gui.app("new-window")
eventually("a second window is there", lambda: gui.is_enabled("close", 2))
gui.act("new", window=2)
owner.send_signal(signal.SIGSTOP)
gui.act("paste", window=2)
gui.act("close", window=2)


def is_closed():
    try:
        return not gui.is_enabled("close", 2)
    except GLib.Error:
        return True


eventually("it is closed", is_closed)
gui.act("paste")
owner.send_signal(signal.SIGCONT)
has('<node name="late"/>')
gui.act("undo")
eventually("taken back", lambda: "late" not in source())

# Nothing is lost without a question.
gui.act("add", "s", "router")
has('kind="router"')
gui.act("close")
gui.press("Cancel")
eventually("the window stays", lambda: not gui.find("Close without Saving") and gui.is_enabled("save"))
gui.act("close")
gui.press("Close without Saving")
gui.wait_closed()
if "router" in open(path).read():
    fail("what was not to be saved was saved")
