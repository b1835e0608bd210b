# SPDX-License-Identifier: GPL-2.0-or-later
"""The picture as a file; what is remembered; other languages, and from right to left."""
import os
import shutil
import subprocess

from gui_window import SCRATCH, Gui, eventually, example, fail, ok


def valid(path, *command):
    """The file is there and whole, as far as a program says that knows its format."""
    eventually(f"{os.path.basename(path)} is written", lambda: os.path.exists(path) and os.path.getsize(path) > 0)
    if not shutil.which(command[0]):
        print(f"# {command[0]} is not installed", flush=True)
        return ""
    looked = subprocess.run([*command, path], capture_output=True, text=True)
    if looked.returncode != 0:
        fail(f"{' '.join(command)} {path}: {looked.stderr}")
    ok(f"{command[0]} takes it")
    return looked.stdout


lab = example("firewall")
gui = Gui(lab)
eventually("the lab is drawn", lambda: gui.drawn("fw"))
for ending, command in (("png", ["identify", "-regard-warnings"]), ("svg", ["xmllint", "--noout"]), ("pdf", ["pdfinfo"])):
    gui.act("export-to", "s", f"{SCRATCH}/lab.{ending}")
    valid(f"{SCRATCH}/lab.{ending}", *command)
words = valid(f"{SCRATCH}/lab.pdf", "pdftotext", "-layout") or open(f"{SCRATCH}/lab.txt").read()
for word in ("Three zones behind one firewall", "fw", "remote", "203.0.113.1/24"):
    if word not in words:
        fail(f"the document should have the text “{word}”: {words}")
ok("names, addresses and the title can be searched for in the document")
gui.act("select-all")
gui.act("export-to", "s", f"{SCRATCH}/selected.png")
valid(f"{SCRATCH}/selected.png", "identify", "-regard-warnings")
if open(f"{SCRATCH}/selected.png", "rb").read() != open(f"{SCRATCH}/lab.png", "rb").read():
    fail("what is selected should not be seen in the picture")
gui.act("export-to", "s", f"{SCRATCH}/lab.gif")
eventually("a format that it does not know is refused", lambda: gui.find("cannot export the picture as “lab.gif”: the file name must end in .png, .svg or .pdf"))

# Exporting asks where.
gui.act("export")
gui.press("Cancel")

# What is shown, how large the window is, and which labs were opened are remembered.
gui.set("show-grid", True)
gui.set("show-legend", False)
gui.act("close")
gui.wait_closed()
gui = Gui()
eventually("the grid is shown, the legend is not", lambda: gui.state("show-grid") is True and gui.state("show-legend") is False)
with open(f"{SCRATCH}/home/.local/share/recently-used.xbel") as recent:
    if "firewall/lab.xml" not in recent.read():
        fail("the lab should stand among the recent files")
ok("the lab stands among the recent files")
gui.wait_for("Recent labs")
gui.act("new")
eventually("who draws is welcomed no more", lambda: not gui.find("Recent labs"))
gui.act("close")
gui.wait_closed()

# Printing too. GTK's own dialog complains where there is no system bus.
gui = Gui(lab)
eventually("the picture can be printed", lambda: gui.is_enabled("print"))
gui.act("print")
gui.press("Cancel")
gui.act("close")
gui.wait_closed("Couldn't connect to D-Bus system bus")

for language, menu in (("de", "Menü"), ("fr", "Panneau latéral"), ("it", "Avvia"), ("es", "Iniciar")):
    gui = Gui(lab, LANGUAGE=language)
    gui.wait_for(menu)
    gui.act("close")
    gui.wait_closed()

# In a language that is written from right to left the side panel is on the left, and the drawing as it was. Nobody has
# translated the viewer into one yet; GTK turns it round as soon as somebody has.
prefix = f"{SCRATCH}/prefix"
messages = f"{prefix}/share/locale/he/LC_MESSAGES"
os.makedirs(messages)
here = os.path.dirname(os.path.dirname(os.environ["GUI"]))
os.mkdir(f"{prefix}/share/netlab")
for what in ("netlab/lab.xsd", "glib-2.0"):
    os.symlink(f"{here}/share/{what}", f"{prefix}/share/{what}")
shutil.copytree(os.path.dirname(os.environ["GUI"]), f"{prefix}/bin")
header = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n'
subprocess.run(["msgfmt", "-o", f"{messages}/netlab-gui.mo", "-"], input=header, text=True, check=True)
os.environ["GUI"] = f"{prefix}/bin/netlab-gui"


def places(language):
    gui = Gui(lab, LANGUAGE=language)
    fw, pc, panel, canvas = (gui.extents(eventually("it is drawn", find)) for find in (
        lambda: gui.icon("fw"), lambda: gui.icon("pc"), lambda: gui.find("Nodes and networks"), gui.canvas))
    gui.act("close")
    gui.wait_closed()
    return panel[0] - canvas[0], pc[0] - fw[0]


left_to_right, right_to_left = places("en"), places("he")
if not left_to_right[0] > 0 > right_to_left[0]:
    fail(f"the side panel should be right of the drawing, then left of it: {left_to_right}, {right_to_left}")
if left_to_right[1] * right_to_left[1] <= 0:
    fail("nodes should stay where they are")
ok("from right to left the panels change sides, the nodes do not")
