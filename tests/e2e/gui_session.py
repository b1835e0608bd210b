# SPDX-License-Identifier: GPL-2.0-or-later
"""A lab is started, restarted and stopped from its window; its supervisor hangs and dies, its file breaks and is mended."""
import atexit
import json
import os
import re
import signal
import subprocess

from gui_window import SCRATCH, Atspi, Gui, eventually, fail

netlab = os.environ["NETLAB"]
path = f"{SCRATCH}/lab/lab.xml"
os.mkdir(f"{SCRATCH}/lab")
NAME = "gui_session"
runtime = os.environ.get("XDG_RUNTIME_DIR")
run_directory = f"{runtime}/netlab/{NAME}" if runtime else f"/tmp/netlab-{os.getuid()}/{NAME}"


def write(extra="", end="</lab>"):
    with open(path, "w") as file:
        file.write(f"""<lab xmlns="urn:netlab:lab:1" name="{NAME}"><title>Two hosts</title><defaults image="tiny"/>
<network name="lan"/>
<node name="a"><interface name="eth0" network="lan" address="10.0.0.1/24"/></node>
<node name="b"><interface name="eth0" network="lan" address="10.0.0.2/24"/></node>{extra}
{end}""")


def item(name):
    """The child of the canvas that stands for a vertex or an edge."""
    canvas = gui.find("Lab", "layered pane")
    for i in range(canvas.get_child_count() if canvas else 0):
        child = canvas.get_child_at_index(i)
        if child and child.get_name() == name:
            return child
    return None


def says(name, word):
    one = item(name)
    return one and word in one.get_description()


def all_are(state):
    return says("a", state) and says("b", state)


def rates(cable):
    one = item(cable)
    return [int(rate) for rate in re.findall(r"(\d+) frames/s", one.get_description())] if one else []


def supervisor():
    with open(f"{run_directory}/state.json") as file:
        return json.load(file)["pid"]


def bar_says(words):
    """Whether a label in sight has these words."""
    queue = [gui.frame()]
    while queue:
        one = queue.pop(0)
        if one is None or not one.get_state_set().contains(Atspi.StateType.SHOWING):
            continue
        if one.get_role_name() == "label" and words in (one.get_name() or ""):
            return True
        queue += [one.get_child_at_index(i) for i in range(one.get_child_count())]
    return False


def let_go(pid):
    """A supervisor that is stopped could not end, should the test fail meanwhile."""
    try:
        os.kill(pid, signal.SIGCONT)
    except ProcessLookupError:
        pass


write()
# In the dark, which once made the editor choose its colours without end.
os.environ["GTK_THEME"] = "Adwaita:dark"
gui = Gui(path)
eventually("nodes, network and cables are children of the canvas", lambda: item("a") and item("lan") and item("b:eth0"))
if gui.is_enabled("stop"):
    fail("what does not run cannot be stopped")

gui.act("start")
eventually("both nodes are ready", lambda: all_are("ready"))
gui.act("select-node", "s", "a")
eventually("a node can be paused", lambda: gui.is_enabled("node-pause"))
if not item("a").get_state_set().contains(Atspi.StateType.SELECTED):
    fail("what is selected says so")
gui.act("node-pause")
eventually("it is paused", lambda: says("a", "paused"))
eventually("and can be resumed", lambda: gui.is_enabled("node-resume"))
gui.act("node-resume")
eventually("it is ready again", lambda: says("a", "ready"))

ping = subprocess.Popen([netlab, "exec", "-l", NAME, "a", "--", "ping", "-q", "-i", "0.2", "-c", "20", "10.0.0.2"],
                        stdout=subprocess.DEVNULL)
eventually("a ping moves the counters of its cable, both ways", lambda: rates("a:eth0") and min(rates("a:eth0")) > 0)
ping.wait()

gui.app("new-window")
Atspi.Action.do_action(gui.wait_for("Running labs"), 0)
gui.wait_for(NAME)
gui.act("close", window=2)

pid = supervisor()
atexit.register(let_go, pid)
os.kill(pid, signal.SIGSTOP)
eventually("a supervisor that hangs is told", lambda: bar_says("does not respond"))
eventually("and the window answers", lambda: gui.is_enabled("close"))
os.kill(pid, signal.SIGCONT)
eventually("that it answers again, too", lambda: not bar_says("does not respond"))

gui.act("restart")
eventually("restarted: another supervisor", lambda: os.path.exists(f"{run_directory}/state.json") and
           supervisor() != pid and all_are("ready"))

os.kill(supervisor(), signal.SIGKILL)
eventually("a supervisor that dies is told", lambda: bar_says("stopped unexpectedly"))
eventually("nodes are not shown as ready any more", lambda: not says("a", "ready"))
eventually("and the lab can be started again", lambda: gui.is_enabled("start"))
gui.act("start")
eventually("it runs again", lambda: all_are("ready"))
subprocess.run([netlab, "stop", NAME], check=True, capture_output=True)
eventually("that it was stopped in a terminal is seen", lambda: gui.is_enabled("start"))
if bar_says("stopped unexpectedly"):
    fail("a supervisor that was told to stop has not died, and what was before is past")

write('<node name="c"/>')
eventually("a change of the file is seen", lambda: item("c"))
write("<node")
eventually("a broken file brings the list of its problems", lambda: gui.find("Problems (1)") or gui.find("Problems (2)"))
eventually("and leaves what was good", lambda: item("a"))
gui.act("start")
eventually("and is told when it is started", lambda: bar_says("errors"))
write()
eventually("mended, it is read again", lambda: item("a") and not item("c"))

# A lab that uses a file outside of its folder is not started unless the user trusts it.
with open(f"{SCRATCH}/mine", "w") as mine:
    mine.write("a secret")
write(f'<node name="t"><interface name="eth0" network="lan" address="10.0.0.3/24"/><file path="/t" source="{SCRATCH}/mine"/></node>')
eventually("a path that leaves the lab's folder is a problem", lambda: gui.find("Problems (1)"))
gui.act("start")
eventually("and the lab is not started", lambda: bar_says("errors"))
gui.set("trust", True)
eventually("trusted, it is drawn", lambda: item("t"))
gui.act("start")
eventually("and started", lambda: says("t", "ready"))
if subprocess.run([netlab, "exec", "-l", NAME, "t", "--", "cat", "/t"], capture_output=True, text=True).stdout != "a secret":
    fail("its file comes from outside")
gui.act("stop")
eventually("it is stopped", lambda: gui.is_enabled("start"))
gui.set("trust", False)
eventually("not trusted any more, it has its problem again", lambda: gui.find("Problems (1)"))
write()
eventually("without it there is none", lambda: item("a") and not item("t"))

# What is drawn and not saved outlives its file, and what comes in its place.
gui.act("add", "s", "host")
eventually("what is drawn can be saved", lambda: item("pc1") and gui.is_enabled("save"))
os.rename(path, f"{path}.away")
eventually("also without its file", lambda: bar_says("Problems (1)") or gui.find("Problems (1)"))
if not gui.is_enabled("save") or not gui.is_enabled("save-as"):
    fail("what is not saved yet can be, when its file is gone")
os.mkdir(path)
eventually("not over a folder", lambda: not gui.is_enabled("save"))
if not gui.is_enabled("save-as"):
    fail("but as another file")
os.rmdir(path)
os.rename(f"{path}.away", path)
eventually("the file is there again", lambda: gui.is_enabled("save") and not gui.find("Problems (1)"))
if gui.find("Keep My Changes"):
    fail("a file that is what it was is no conflict")
gui.act("undo")
eventually("and all is as it was", lambda: not item("pc1"))

gui.act("arrange")
eventually("arranging can be taken back", lambda: gui.is_enabled("undo"))
gui.act("undo")
eventually("and brought back", lambda: gui.is_enabled("redo"))
pipe = f"{SCRATCH}/pipe.xml"
os.mkfifo(pipe)
gui.app("open-file", "s", pipe)
gui.wait_for_like("pipe.xml” cannot be opened")
gui.act("close", window=3)
gui.act("close")
gui.wait_closed()
