# SPDX-License-Identifier: GPL-2.0-or-later
"""The window, built with AddressSanitizer and UBSan, neither leaks nor touches what it should not.

GTK itself leaks a little deep inside its style sheets, so a leak is ours when our code is among the twelve calls around
the allocation: nearer than that is what we asked for."""
import glob
import os
import re

from gui_window import SCRATCH, Gui, eventually, example, fail, netlab, ok

os.environ["GUI"] = f"{os.environ['BUILD']}/tests/netlab-gui-sanitized"
log = f"{SCRATCH}/sanitizer"
options = {
    "ASAN_OPTIONS": f"detect_leaks=1:fast_unwind_on_malloc=0:malloc_context_size=12:log_path={log}:exitcode=0",
    "LSAN_OPTIONS": f"suppressions={os.path.dirname(os.path.realpath(__file__))}/gui_leaks.supp",
    "UBSAN_OPTIONS": f"print_stacktrace=1:halt_on_error=1:log_path={log}",
    "G_SLICE": "always-malloc",
}


def walk(gui):
    """Everything once: panels, selections, changes and what takes them back, a run."""
    eventually("the lab is drawn", lambda: gui.drawn("fw"), 120)
    for panel in ("lab", "node", "link", "network", "consoles", "boot-log", "commands", "checks", "problems", "captures",
                  "packets", "properties", "source"):
        gui.act("panel", "s", panel)
    gui.act("select-network", "s", "lan")
    gui.act("select-link", "s", "fw:eth0")
    gui.act("select-node", "s", "fw")
    for toggle in ("show-grid", "show-legend", "show-editor", "show-overview"):
        gui.set(toggle, not gui.state(toggle))
    for action in ("zoom-in", "zoom-normal", "zoom-fit", "arrange", "undo", "redo", "select-all"):
        gui.act(action)
    gui.act("export-to", "s", f"{SCRATCH}/picture.pdf")
    gui.act("select-node", "s", "pc")
    gui.act("start")
    eventually("the lab is ready", lambda: all("\nready" in (gui.drawn(node) or "") for node in ("fw", "pc", "web", "remote")), 120)
    gui.act("open-console", "s", "pc")
    eventually("a console is there", lambda: "#" in gui.text(gui.find("Console of pc", "terminal")), 60)
    gui.act("run-command-line", "s", "hostname")
    eventually("a command was run", lambda: "pc" in gui.text(gui.find("Output of pc")), 60)
    if netlab("exec", "--lab", "firewall", "pc", "--", "ping", "-c", "20", "-i", "0.05", "10.0.1.1").returncode != 0:
        fail("pc should reach fw")
    gui.act("stop")
    eventually("it is stopped", lambda: gui.is_enabled("start"), 120)
    gui.app("new-window")
    eventually("a second window is there", lambda: gui.is_enabled("close", 2), 60)
    gui.act("new", window=2)
    gui.act("add", "s", "host", window=2)
    gui.act("add", "s", "host", window=2)
    gui.act("join", "(ss)", "npc1", "npc2", window=2)
    gui.act("select-node", "s", "pc1", window=2)
    gui.press("Add an interface")
    # It joins the one that its node declares: while its row is typed in, there are other rows.
    gui.set_text("pc1:eth0 (pc1-pc2): Addresses", "")
    gui.set_text("pc1:eth0 (pc1-pc2): Name", "eth1")
    eventually("the rows are others", lambda: not gui.find("pc1:eth0 (pc1-pc2): Name"), 60)
    gui.act("close", window=2)
    gui.press("Close without Saving")


gui = Gui(example("firewall"), **options)
walk(gui)
gui.act("close")
eventually("the program has ended", lambda: gui.process.poll() is not None, 180)
reports = "".join(open(path).read() for path in glob.glob(f"{log}.*"))
if gui.process.returncode != 0 or "ERROR: AddressSanitizer" in reports or "runtime error:" in reports:
    fail(f"the program exited with {gui.process.returncode}:\n{reports}")
leaks = [block for block in re.split(r"\n\s*\n", reports) if re.match(r"\s*(Direct|Indirect) leak of", block)]
ours = [block for block in leaks if re.search(r"netlab-gui-sanitized|/(gui|netlab|topologies)/\w+\.c:", block)
        and not re.search(r"#\d+ \S+ in main ", block)]
if ours:
    fail(f"{len(ours)} leaks of ours:\n" + "\n\n".join(ours))
ok(f"nothing is touched that should not be, and no leak is ours ({len(leaks)} of libraries)")
