# SPDX-License-Identifier: GPL-2.0-or-later
"""The drawing under a real pointer: X events, at places that the accessibles tell."""
import os
import re

from gui_window import Atspi, Gdk, Gui, eventually, example, fail, ok

path = example("firewall")
layout = path.replace(".xml", ".layout")
NODES = ("fw", "pc", "web", "remote")
CONTROL, SHIFT = Atspi.ModifierType.CONTROL, Atspi.ModifierType.SHIFT
gui = Gui(path)
eventually("the lab is drawn", lambda: all(gui.drawn(node) for node in NODES))


def at(name):
    return gui.centre(gui.icon(name))


def items():
    canvas = gui.canvas()
    return [canvas.get_child_at_index(i) for i in range(canvas.get_child_count())]


def selected():
    return {one.get_name() for one in items() if one.get_state_set().contains(Atspi.StateType.SELECTED)}


def is_near(a, b, most=2):
    return abs(a[0] - b[0]) <= most and abs(a[1] - b[1]) <= most


def shifted(place, dx, dy):
    return place[0] + dx, place[1] + dy


def empty_place(most_right=1.0):
    """A place of the drawing with nothing on it, nor near."""
    boxes = [gui.box(one) for one in items()]
    x, y, width, height = gui.box(gui.canvas())
    for down in range(100, height - 100, 20):
        for across in range(40, int(width * most_right) - 40, 20):
            if not any(a - 40 <= x + across <= a + w + 40 and b - 40 <= y + down <= b + h + 40 for a, b, w, h in boxes):
                return x + across, y + down
    fail("there should be an empty place")


def zoom():
    return int(gui.find_like(r"^\d+ %$").get_name().split()[0]) / 100


def kept(name):
    """The place that lab.layout has for a node."""
    text = open(layout).read() if os.path.exists(layout) else ""
    found = re.search(rf"\[(?:Node|Network) {name}\]\nx=([-\d.]+)\ny=([-\d.]+)", text)
    return found and (float(found[1]), float(found[2]))


# -- Click --------------------------------------------------------------------------------------------------------------
gui.click(at("pc"))
eventually("a click selects a node", lambda: selected() == {"pc"})
with gui.held(CONTROL):
    gui.click(at("web"))
    eventually("with Ctrl, another one too", lambda: selected() == {"pc", "web"})
gui.click(at("pc"))
eventually("without, only one of them", lambda: selected() == {"pc"})
gui.click(at("fw:eth2"))
eventually("a click selects a link", lambda: selected() == {"fw:eth2"})
gui.click(empty_place())
eventually("a click beside them all, none", lambda: selected() == set())

# -- Rubber band --------------------------------------------------------------------------------------------------------
boxes = [gui.box(one) for one in items()]
corner = min(box[0] for box in boxes) - 20, min(box[1] for box in boxes) - 20
opposite = max(box[0] + box[2] for box in boxes) + 20, max(box[1] + box[3] for box in boxes) + 20
vertices = {one.get_name() for one in items() if ":" not in one.get_name()}
gui.drag(corner, opposite)
eventually("a rubber band selects what is in it", lambda: selected() == vertices)
x, y, width, height = gui.box(gui.icon("pc"))
gui.click(empty_place())
gui.drag(empty_place(), shifted((x, y), width / 2, height / 3), drop=False)
gui.strike(Gdk.KEY_Escape)
gui.mouse("b1r", (x, y))
eventually("not when it is given up with Escape", lambda: selected() == set())

# -- Dragging a node ----------------------------------------------------------------------------------------------------
before, other = at("pc"), at("remote")
scale = zoom()
gui.drag(before, shifted(before, 37, -45))
moved = eventually("a node goes with the pointer", lambda: is_near(at("pc"), shifted(before, 37, -45), 12 * scale) and at("pc"))
first = eventually("lab.layout has it", lambda: kept("pc"))
if not is_near(at("remote"), other, 1):
    fail("what was not touched should be where it was")
gui.drag(at("pc"), (at("fw")[0] + 4, at("pc")[1] - 60))
eventually("near another one's column it snaps to it", lambda: abs(at("pc")[0] - at("fw")[0]) <= 1)
eventually("in the file exactly", lambda: kept("pc") != first and kept("pc"))
gui.mouse("b2c", at("pc"))
gui.mouse("b1p", at("pc"))
with gui.held(CONTROL):
    start = at("pc")
    for step in range(1, 5):
        gui.mouse("abs", shifted(start, step, 0))
    gui.mouse("abs", shifted(start, 5, 0))
    eventually("with Ctrl it does not", lambda: abs(at("pc")[0] - at("fw")[0] - 5) <= 1)
    gui.mouse("b1r", shifted(start, 5, 0))
for _ in range(3):
    gui.act("undo")
eventually("undo puts it back where it was", lambda: is_near(at("pc"), before, 1))
if gui.is_enabled("undo"):
    fail("what was not dragged should not be undone")
gui.act("redo")
eventually("redo does it again", lambda: is_near(at("pc"), moved, 1))
eventually("in the file, too", lambda: kept("pc") == first)
gui.act("undo")

gui.drag(before, shifted(before, 0, -80), drop=False)
eventually("while it is dragged", lambda: not is_near(at("pc"), before, 20))
gui.strike(Gdk.KEY_Escape)
eventually("Escape puts it back", lambda: is_near(at("pc"), before, 1))
gui.mouse("b1r", before)
gui.click(at("pc"))
with gui.held(CONTROL):
    gui.click(at("web"))
eventually("two are selected", lambda: selected() == {"pc", "web"})
pair = at("pc"), at("web")
gui.drag(pair[0], shifted(pair[0], 0, -70))
eventually("they go together", lambda: pair[0][1] - at("pc")[1] > 40 and is_near(shifted(pair[0], 0, at("web")[1] - pair[1][1]), at("pc"), 12))
gui.act("undo")
eventually("and back", lambda: is_near(at("pc"), pair[0], 1) and is_near(at("web"), pair[1], 1))

places = {node: at(node) for node in ("pc", "remote")}
for node, place in places.items():
    gui.drag(place, shifted(place, 0, -50))
eventually("two are dragged one after the other", lambda: all(not is_near(at(node), place, 20) for node, place in places.items()))
gui.act("undo")
eventually("undo takes the last one back", lambda: is_near(at("remote"), places["remote"], 1) and not is_near(at("pc"), places["pc"], 20))
gui.act("undo")
eventually("then the first", lambda: is_near(at("pc"), places["pc"], 1))
gui.drag(before, shifted(before, 0, 60), drop=False)
gui.mouse("b2p", shifted(before, 0, 60))
gui.mouse("b2r", shifted(before, 0, 60))
gui.mouse("b1r", shifted(before, 0, 60))
eventually("another button does not disturb a drag", lambda: gui.is_enabled("undo") and at("pc")[1] - before[1] > 30)
gui.act("undo")
eventually("which can be taken back", lambda: is_near(at("pc"), before, 1))

# -- Double click and menus -----------------------------------------------------------------------------------------------
def hide_side():
    width = gui.box(gui.canvas())[2]
    gui.set("show-side", False)
    eventually("the drawing has its room", lambda: gui.box(gui.canvas())[2] > width)


hide_side()
gui.mouse("b1d", at("pc:eth0"))
eventually("a double click on a link shows its panel", lambda: gui.state("show-side") and selected() == {"pc:eth0"})
hide_side()
gui.mouse("b1d", at("lan"))
eventually("on a network, too", lambda: gui.state("show-side") and selected() == {"lan"})
for name, item in (("remote", "Console"), ("dmz", "Properties"), ("fw:eth1", "Unplug")):
    gui.mouse("b3c", at(name))
    eventually(f"a right click on {name} shows its menu", lambda: gui.find(item, "menu item"))
    if selected() != {name}:
        fail("and should have selected it")
    gui.strike(Gdk.KEY_Escape)
    eventually("Escape closes it", lambda: not gui.find(item, "menu item"))
gui.mouse("b3c", empty_place())
eventually("a right click beside them all shows that of the drawing", lambda: gui.find("Fit in window", "menu item"))
gui.mouse("b1c", gui.centre(gui.find("Fit in window", "menu item")))
eventually("from which one chooses", lambda: not gui.find("Fit in window", "menu item"))

gui.strike(Gdk.KEY_F10)
eventually("F10 opens the menu of the window", lambda: gui.find("Preferences", "menu item") or gui.find("Preferences"))
gui.strike(Gdk.KEY_Escape)
eventually("Escape closes it", lambda: not gui.find("Preferences"))

# -- Zoom and pan ---------------------------------------------------------------------------------------------------------
place, far, scale = at("web"), at("remote"), zoom()
gui.mouse("abs", place)
for _ in range(4):
    gui.mouse("b4c", place)
eventually("the wheel zooms in", lambda: zoom() > 1.5 * scale)
eventually("and what is under the pointer stays there", lambda: is_near(at("web"), place, 3))
for _ in range(4):
    gui.mouse("b5c", place)
eventually("back it zooms out", lambda: is_near(at("remote"), far, 3) and abs(zoom() - scale) < 0.02)
with gui.held(SHIFT):
    gui.mouse("b5c", place)
    eventually("with Shift it goes sideways", lambda: far[0] - at("remote")[0] > 30 and abs(at("remote")[1] - far[1]) <= 2)
gui.act("zoom-fit")
eventually("fit", lambda: is_near(at("remote"), far, 3))
nothing = empty_place()
gui.drag(nothing, shifted(nothing, 60, 45), button=2)
eventually("the middle button pans", lambda: is_near(at("web"), shifted(place, 60, 45)) and is_near(at("remote"), shifted(far, 60, 45)))
gui.act("zoom-fit")
eventually("fit", lambda: is_near(at("remote"), far, 3))
with gui.pressed(Gdk.KEY_space):
    gui.drag(far, shifted(far, -50, -30))
eventually("the space bar makes the pointer pan", lambda: is_near(at("web"), shifted(place, -50, -30)) and is_near(at("remote"), shifted(far, -50, -30)))
gui.act("zoom-fit")
eventually("fit", lambda: is_near(at("remote"), far, 3))

# What one has zoomed to stays in the middle when the drawing becomes narrower or lower; a fitted drawing is fitted anew.
def from_middle(name):
    place, middle = at(name), gui.centre(gui.canvas())
    return place[0] - middle[0], place[1] - middle[1]


wide = gui.box(gui.canvas())[2]
for fitted in (False, True):
    if not fitted:
        gui.act("zoom-in")
        eventually("zoomed", lambda: zoom() > scale)
    away, zoomed = from_middle("web"), zoom()
    gui.set("show-editor", True)
    eventually("the lab file takes its half", lambda: gui.box(gui.canvas())[2] < 0.8 * wide)
    if fitted:
        eventually("fitted, all is in sight", lambda: zoom() < zoomed)
    else:
        eventually("what was in the middle is still there, as large", lambda: is_near(from_middle("web"), away, 2) and zoom() == zoomed)
    gui.set("show-editor", False)
    eventually("and again", lambda: gui.box(gui.canvas())[2] == wide and is_near(from_middle("web"), away, 2) and zoom() == zoomed)
    gui.act("zoom-fit")
eventually("fit", lambda: is_near(at("remote"), far, 3))

gui.mouse("b1d", at("pc"))
eventually("a double click on a node opens its console", lambda: gui.find("Console of pc", "terminal"))
low = gui.box(gui.canvas())[3]
gui.set("show-bottom", False)
eventually("the drawing has its room", lambda: gui.box(gui.canvas())[3] > low)

# -- Drawing --------------------------------------------------------------------------------------------------------------
def drawing(tool, how):
    known = {one.get_name() for one in items()}
    how(gui.centre(gui.wait_for(tool, "toggle button")))
    return eventually(f"with {tool}, one more is drawn", lambda: {one.get_name() for one in items()} - known).pop()


def click_there(button):
    gui.click(button)
    eventually("the tool is chosen", lambda: gui.state("tool") != "select")
    gui.click(target)


gui.set("draw", True)
gui.wait_for("Host", "toggle button")


def beside_line(place, start, end):
    """How far a place is from the line between two others."""
    dx, dy, x, y = end[0] - start[0], end[1] - start[1], place[0] - start[0], place[1] - start[1]
    along = min(max((x * dx + y * dy) / (dx * dx + dy * dy), 0), 1)
    return ((x - along * dx) ** 2 + (y - along * dy) ** 2) ** 0.5


# Copies of two nodes, on the networks of what they came from.
gui.click(at("pc"))
with gui.held(CONTROL):
    gui.click(at("web"))
eventually("two are selected", lambda: selected() == {"pc", "web"})
gui.act("copy")
gui.act("paste")
eventually("their copies are selected", lambda: selected() == {"pc1", "web1"})
for copy, network in (("pc1", "lan"), ("web1", "dmz")):
    for node in ("fw", "pc", "web", "remote"):
        if beside_line(at(node), at(network), at(copy)) < 15 * zoom():
            fail(f"the line of {copy} should not go through {node}")
gui.act("undo")
eventually("undone, they are gone", lambda: not any(one.get_name() in ("pc1", "web1") for one in items()))
target = empty_place(0.5)
host = drawing("Host", click_there)
eventually("there, where the click was", lambda: is_near(at(host), target, 20 * zoom()))
gui.strike(Gdk.KEY_Escape)
eventually("Escape ends it", lambda: gui.state("tool") == "select")
target = empty_place()


def drag_there(button):
    gui.drag(button, target, drop=False)
    eventually("the tool goes with the pointer", lambda: gui.state("tool") == "router")
    # Dropped before the drawing has heard of it, it is not taken: then once more.
    gui.mouse("abs", shifted(target, 2, 2))
    gui.mouse("abs", target)
    gui.mouse("b1r", target)
    eventually("and is put away", lambda: gui.state("tool") == "select")
    return any(one.get_name().startswith("r") and one.get_name() not in NODES for one in items())


router = drawing("Router", lambda button: eventually("it is dropped", lambda: drag_there(button)))
eventually("dragged from the palette it is where it was dropped", lambda: is_near(at(router), target, 20 * zoom()))
gui.click(gui.centre(gui.find("Link", "toggle button")))
eventually("lines can be drawn", lambda: gui.state("tool") == "link")
gui.drag(at(host), at(router))
eventually("a line from one to the other is a link", lambda: [one for one in items() if {host, router} <= set(re.split("[-:]", one.get_name()))])
gui.click(at(host))
gui.mouse("b1c", at("lan"))
eventually("so are two clicks", lambda: gui.icon(f"{host}:eth1"))
gui.strike(Gdk.KEY_Escape)
eventually("Escape ends it", lambda: gui.state("tool") == "select")
gui.mouse("b1d", at(host))
eventually("a double click shows the properties", lambda: gui.find("Memory", "text") and selected() == {host})
while gui.is_enabled("undo"):
    gui.act("undo")
eventually("all of it can be undone", lambda: not gui.icon(host) and not gui.icon(router))
gui.act("close")
gui.wait_closed()
