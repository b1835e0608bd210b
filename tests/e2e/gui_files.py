# SPDX-License-Identifier: GPL-2.0-or-later
"""Files of a node are copied in and out in its window of files."""
import os

from gui_window import SCRATCH, Atspi, Gui, eventually, fail, netlab, ok

# The dialog in which files are chosen begins in the current folder, with what stands first in it selected: a folder of its
# own makes that the one that is meant. In GTK 3 it has no field for a path that could be set.
settings = f"{os.environ['XDG_CONFIG_HOME']}/glib-2.0/settings"
os.makedirs(settings, exist_ok=True)
with open(f"{settings}/keyfile", "w") as file:
    file.write("[org/gtk/settings/file-chooser]\nstartup-mode='cwd'\n")
os.makedirs(f"{SCRATCH}/here")
os.chdir(f"{SCRATCH}/here")

path = f"{SCRATCH}/files.xml"
with open(path, "w") as file:
    file.write('<lab xmlns="urn:netlab:lab:1" name="files"><title>Files</title><defaults image="tiny"/><node name="a"/></lab>')
CONTENT = os.urandom(300000)
with open("letter.bin", "wb") as file:
    file.write(CONTENT)

gui = Gui(path)
gui.act("start")
eventually("the node is ready", lambda: "ready" in (gui.drawn("a") or ""))


def choose(dialog, name, button):
    """Answers a dialog that has this file selected; None: with the current folder."""
    chooser = gui.wait_for(dialog, "file chooser")

    def is_chosen(one):
        return one.get_name() == name and any(each and each.get_state_set().contains(Atspi.StateType.SELECTED)
                                              for each in (one, one.get_parent()))
    if name:
        eventually(f"{name} is chosen", lambda: gui._search(is_chosen, chooser))
    gui.press(button, chooser)
    eventually("the dialog goes", lambda: not gui.find(dialog, "file chooser"))


def files():
    return gui.find("Files", "table", gui.find("Files of a", "frame"))


def row(name):
    """The line of a file in the list; None: there is none."""
    table = files()
    for i in range(Atspi.Table.get_n_rows(table) if table else 0):
        for column in range(Atspi.Table.get_n_columns(table)):
            cell = Atspi.Table.get_accessible_at(table, i, column)
            if any(one and one.get_name() == name for one in [cell] + [cell.get_child_at_index(k) for k in range(cell.get_child_count())]):
                return i
    return None


def select(name):
    index = eventually(f"{name} is listed", lambda: row(name) is not None and (row(name), ))[0]
    Atspi.Table.add_row_selection(files(), index)


# In, from the menu of the node: the folder of its user, where nothing else is said.
gui.act("select-node", "s", "a")
eventually("files can be copied in", lambda: gui.is_enabled("copy-in"))
gui.act("copy-in")
choose("Copy files into the node", "letter.bin", "Copy in")
gui.wait_for("Copied.")
select("letter.bin")
inside = netlab("exec", "--lab", "files", "a", "--", "sh", "-c", "wc -c </root/letter.bin")
if inside.stdout.strip() != str(len(CONTENT)):
    fail("the node has the whole file: " + inside.stdout + inside.stderr)
ok("the node has the whole file")

# And out again.
os.remove("letter.bin")
gui.press("Copy out…")
choose("Copy into this folder", None, "Copy here")
eventually("it is here", lambda: gui.find("Copied.") and os.path.exists("letter.bin"))
if open("letter.bin", "rb").read() != CONTENT:
    fail("what came out is what went in")
ok("what came out is what went in")

# What goes wrong is told in the words of netlab cp; what takes long can be ended.
gui.enter("Folder", "/proc")
select("version")
gui.enter("Folder", "/proc/sys")
gui.press("Copy in…")
choose("Copy files into the node", "letter.bin", "Copy in")
gui.wait_for_like("letter.bin.*/proc/sys|/proc/sys.*letter.bin")
netlab("exec", "--lab", "files", "a", "--", "truncate", "-s", "50G", "/tmp/endless")
gui.enter("Folder", "/tmp")
select("endless")
gui.press("Copy out…")
choose("Copy into this folder", None, "Copy here")
gui.press("Cancel", gui.find("Files of a", "frame"))
gui.wait_for("Cancelled.")

gui.act("stop")
eventually("it is stopped", lambda: gui.is_enabled("start"))
gui.act("close")
gui.wait_closed()
