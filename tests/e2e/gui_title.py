# SPDX-License-Identifier: GPL-2.0-or-later
"""The title of a window has a mark as long as there is something to save, whatever else changes in the window."""
import os

from gui_window import SCRATCH, Gui, eventually, fail, ok

path = f"{SCRATCH}/lab.xml"


def write(text):
    with open(path + ".new", "w") as file:
        file.write(text)
    os.rename(path + ".new", path)


def lab(title):
    return f'<lab xmlns="urn:netlab:lab:1" name="t"><title>{title}</title><node name="a"/></lab>'


def has_title(what, title):
    eventually(f"{what}: the title is “{title}”", lambda: gui.frame().get_name() == title)


write(lab("One"))
gui = Gui(path)
has_title("a file that was opened", "One")
gui.act("add", "s", "host")
has_title("with something to save", "• One")

# What the window does meanwhile does not take the mark away.
for action in ("reload", "select-all", "arrange"):
    gui.act(action)
    if gui.frame().get_name() != "• One":
        fail(f"the mark is still there after {action}")
gui.set("draw", False)
gui.app("new-window")
eventually("a second window is there", lambda: gui.is_enabled("close", 2))
gui.act("close", window=2)
has_title("after all that", "• One")

# Taken back, there is nothing to save; arranging is no change of the file.
gui.act("undo")
gui.act("undo")
has_title("taken back", "One")
gui.act("redo")
has_title("and brought back", "• One")

# Somebody else writes the file, and the user keeps what is in the window: it is not what is in the file, and neither is what
# was read from the file before.
write(lab("Two"))
gui.press("Keep My Changes")
has_title("kept", "• One")
gui.act("undo")
eventually("the change is taken back", lambda: not gui.drawn("pc1"))
has_title("what the file held before is to be saved, too", "• One")
if not gui.is_enabled("save"):
    fail("and can be saved")
gui.act("save")
has_title("saved", "One")
if "One" not in open(path).read():
    fail("the file is what the window says")
ok("the file is what the window says")
gui.act("redo")
has_title("what was saved is where the marks count from", "• One")
gui.act("undo")
has_title("and taken back again", "One")
gui.act("close")
gui.wait_closed()
