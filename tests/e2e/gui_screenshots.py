# SPDX-License-Identifier: GPL-2.0-or-later
"""Not a test: writes pictures of the window in a dozen situations into $PICTURES, to be looked at (ninja gui-screenshots)."""
import os
import subprocess
import time

from gui_window import SCRATCH, Atspi, Gui, eventually, example, netlab

NODES = ("fw", "pc", "web", "remote")


def shot(gui, name):
    """A picture of the window, with as few colours as it needs."""
    time.sleep(1.5)  # for what moves to come to rest
    box = Atspi.Component.get_extents(gui.frame(), Atspi.CoordType.SCREEN)
    subprocess.run(["import", "-window", "root", "-crop", f"{box.width}x{box.height}+{box.x}+{box.y}", "+repage",
                    "-dither", "none", "-colors", "128", "-define", "png:compression-level=9", "-strip",
                    f"PNG8:{os.environ['PICTURES']}/{name}.png"], check=True)
    print(f"# {name}.png", flush=True)


def ready(gui, nodes=NODES):
    eventually("the lab is ready", lambda: all("\nready" in (gui.drawn(node) or "") for node in nodes), 60)


def close(gui):
    gui.act("close")
    eventually("closed", lambda: gui.process.poll() is not None)


def large(name):
    path = f"{SCRATCH}/{name}.xml"
    with open(path, "w") as file:
        print(f'<lab xmlns="urn:netlab:lab:1" name="{name}"><title>Ten departments</title><network name="backbone"/>', file=file)
        for i in range(1, 11):
            print(f'<network name="lan{i}"/><node name="r{i}" kind="router">'
                  f'<interface name="eth0" network="backbone" address="10.255.0.{i}/24"/>'
                  f'<interface name="eth1" network="lan{i}" address="10.{i}.0.1/24"/></node>', file=file)
            for j in range(2, 21):
                print(f'<node name="h{i}-{j}"><interface name="eth0" network="lan{i}" address="10.{i}.0.{j}/24"/></node>', file=file)
        print("</lab>", file=file)
    return path


def fat_tree(name):
    """Four pods of four switches and four hosts each, and four cores."""
    path = f"{SCRATCH}/{name}.xml"
    links = [(f"core{1 + 2 * (a % 2) + c}", f"agg{p}-{a}") for p in range(1, 5) for a in range(2) for c in range(2)]
    links += [(f"agg{p}-{a}", f"edge{p}-{e}") for p in range(1, 5) for a in range(2) for e in range(2)]
    links += [(f"edge{p}-{e}", f"h{p}-{2 * e + h}") for p in range(1, 5) for e in range(2) for h in range(2)]
    ports = {}
    with open(path, "w") as file:
        print(f'<lab xmlns="urn:netlab:lab:1" name="{name}"><title>A fat tree</title>', file=file)
        for node in dict.fromkeys(end for link in links for end in link):
            print(f'<node name="{node}" kind="{"host" if node[0] == "h" else "router"}"/>', file=file)
        for link in links:
            ends = ""
            for node in link:
                ports[node] = ports.get(node, -1) + 1
                ends += f'<end node="{node}" interface="eth{ports[node]}"/>'
            print(f'<link name="{link[0]}_{link[1]}">{ends}</link>', file=file)
        print("</lab>", file=file)
    return path


Atspi.generate_mouse_event(1399, 899, "abs")
firewall = example("firewall")
gui = Gui()
shot(gui, "01-empty")
gui.app("open-file", "s", firewall)
eventually("drawn", lambda: gui.drawn("fw"))
shot(gui, "02-stopped")
gui.act("start")
ready(gui)

pings = [subprocess.Popen([os.environ["NETLAB"], "exec", "--lab", "firewall", "pc", "--", "ping", "-i", wait, address],
                          stdout=subprocess.DEVNULL) for wait, address in (("0.02", "203.0.113.50"), ("0.05", "10.0.2.10"))]
gui.act("select-link", "s", "pc:eth0")
gui.act("link-set", "s", "delay=5ms")
gui.act("packets")
time.sleep(12)
shot(gui, "03-traffic-and-packets")
gui.act("select-node", "s", "pc")
gui.act("open-console", "s", "pc")
console = gui.wait_for("Console of pc", "terminal")
eventually("prompt", lambda: "#" in gui.text(console))
gui.focus(console)
gui.type("ip -br address; ip route; ping -c 3 203.0.113.50\n")
time.sleep(3)
shot(gui, "04-console")
for ping in pings:
    ping.terminate()
    ping.wait()
gui.act("check", "s", "lan reaches the web server in the dmz")
eventually("a check passes", lambda: any("check passed" in (gui.drawn(node) or "") for node in NODES), 60)
gui.act("select-link", "s", "web:eth0")
gui.act("link-unplug")
gui.act("select-node", "s", "remote")
gui.act("node-pause")
eventually("the next can begin", lambda: gui.is_enabled("check"))
gui.act("check", "s", "lan reaches the administrator's page in the dmz")
time.sleep(3)
shot(gui, "05-unplugged-paused-checks")
gui.act("select-link", "s", "fw:eth2")
gui.act("captures")
gui.act("capture-to", "(ss)", f"{SCRATCH}/fw.pcapng", "")
shot(gui, "06-captures")
gui.act("captures-stop")
gui.act("stop")
eventually("stopped", lambda: gui.is_enabled("start"), 60)
gui.set("show-bottom", False)
gui.act("select-node", "s", "fw")
gui.act("show-editor")
gui.act("properties")
shot(gui, "07-drawing")
gui.set("show-editor", False)
gui.act("show-help-overlay")
gui.wait_for("Shortcuts")
shot(gui, "08-shortcuts")
gui.process.terminate()
gui.process.wait()

with open(firewall) as file:
    text = file.read()
with open(firewall, "w") as file:
    file.write(text.replace('network="dmz"', 'network="dnz"').replace('kind="server"', 'kind="sever"', 1))
gui = Gui(firewall)
shot(gui, "09-problems")
close(gui)
with open(firewall, "w") as file:
    file.write(text)

gui = Gui(large("large"))
eventually("drawn", lambda: gui.drawn("h10-20"))
shot(gui, "10-200-nodes")
gui.act("zoom-normal")
shot(gui, "11-200-nodes-near")
close(gui)

gui = Gui(fat_tree("fat-tree"), GTK_THEME="Adwaita:dark")
eventually("drawn", lambda: gui.drawn("core1"))
shot(gui, "12-fat-tree-dark")
close(gui)

gui = Gui(firewall, LANGUAGE="de")
eventually("drawn", lambda: gui.drawn("fw"))
shot(gui, "13-german")
close(gui)
