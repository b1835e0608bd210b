# SPDX-License-Identifier: GPL-2.0-or-later
"""Drives netlab-gui as a user does: its actions over D-Bus, its widgets by their accessible names. Never by pixels.

Everything waits for a condition until a deadline, and fails by saying which."""
import contextlib
import os
import re
import shutil
import subprocess
import sys
import time

import gi

gi.require_version("Atspi", "2.0")
gi.require_version("Gdk", "3.0")
from gi.repository import Atspi, Gdk, Gio, GLib

DEADLINE = 30
# GTK's own: the page of a notebook that went while it was looked at by AT-SPI.
THEIRS = ("gtk_notebook_get_tab_label",)
SCRATCH = os.environ["SCRATCH"]


def netlab(*arguments):
    """Runs netlab; what subprocess.run() gives."""
    return subprocess.run([os.environ["NETLAB"], *arguments], capture_output=True, text=True, timeout=120)


def example(name):
    """A copy of an example lab, since the window keeps a file beside it; the path of its lab.xml."""
    folder = f"{SCRATCH}/{name}"
    shutil.copytree(f"{os.environ['EXAMPLES']}/{name}", folder)
    return f"{folder}/lab.xml"


def ok(what):
    print("ok -", what, flush=True)


def fail(what):
    print("not ok -", what, flush=True)
    if "PICTURES" in os.environ and shutil.which("import"):
        subprocess.run(["import", "-window", "root", f"{os.environ['PICTURES']}/failed.png"])
    sys.exit(1)


def eventually(what, condition, seconds=DEADLINE):
    """Waits until condition() is true; returns what it gave."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            result = condition()
        except GLib.Error:
            result = None
        if result:
            ok(what)
            return result
        time.sleep(0.05)
    fail(f"{what}: not within {seconds} s")


class Gui:
    def __init__(self, *arguments, **variables):
        self.errors = open(f"{SCRATCH}/gui.err", "w+")
        self.process = subprocess.Popen([os.environ["GUI"], *arguments], stderr=self.errors, env=os.environ | variables)
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        eventually("the window is there", lambda: self.is_enabled("close") and self.frame())

    def _call(self, method, parameters, window):
        return self.bus.call_sync("org.netlab.Gui", f"/org/netlab/Gui/window/{window}", "org.gtk.Actions", method,
                                  parameters, None, Gio.DBusCallFlags.NONE, 5000, None).unpack()

    def act(self, action, type=None, *values, window=1):
        """Activates win.ACTION; type and values: its parameter."""
        parameter = [GLib.Variant(type, values[0] if len(values) == 1 else values)] if type else []
        self._call("Activate", GLib.Variant("(sava{sv})", (action, parameter, {})), window)

    def set(self, action, value, window=1):
        """Sets the state of a boolean or text action."""
        state = GLib.Variant("b" if isinstance(value, bool) else "s", value)
        self._call("SetState", GLib.Variant("(sva{sv})", (action, state, {})), window)

    def app(self, action, type=None, *values):
        """Activates app.ACTION."""
        parameter = [GLib.Variant(type, values[0] if len(values) == 1 else values)] if type else []
        self.bus.call_sync("org.netlab.Gui", "/org/netlab/Gui", "org.gtk.Actions", "Activate",
                           GLib.Variant("(sava{sv})", (action, parameter, {})), None, Gio.DBusCallFlags.NONE, 5000, None)

    def _describe(self, action, window):
        return self._call("Describe", GLib.Variant("(s)", (action,)), window)[0]

    def is_enabled(self, action, window=1):
        return self._describe(action, window)[0]

    def state(self, action, window=1):
        return self._describe(action, window)[2][0]

    # -- Widgets ----------------------------------------------------------------------------------------------------

    def application(self):
        desktop = Atspi.get_desktop(0)
        for i in range(desktop.get_child_count()):
            child = desktop.get_child_at_index(i)
            if child and child.get_process_id() == self.process.pid:
                return child
        return None

    def frame(self):
        application = self.application()
        return application.get_child_at_index(0) if application and application.get_child_count() else None

    def _search(self, accept, below=None, state=Atspi.StateType.SHOWING):
        queue = [below or self.application()]
        while queue:
            one = queue.pop(0)
            if one is None:
                continue
            try:
                if accept(one) and one.get_state_set().contains(state):
                    return one
                queue += [one.get_child_at_index(i) for i in range(one.get_child_count())]
            except GLib.Error:
                continue
        return None

    def find(self, name, role=None, below=None):
        """The first widget in sight of this name (and role: "text"); None: there is none."""
        # AT-SPI before 2.53 calls a button a push button.
        return self._search(lambda one: one.get_name() == name and role in (None, one.get_role_name().removeprefix("push ")), below)

    def scroll_to(self, name):
        """Brings a widget to sight that is beyond the edge of what scrolls, as Tab does."""
        focus = lambda one: one.get_name() == name and Atspi.Component.grab_focus(one)
        eventually(f"“{name}” can be reached", lambda: self._search(focus, state=Atspi.StateType.VISIBLE))
        self.wait_for(name)

    def find_like(self, pattern, below=None):
        """The first widget in sight whose name matches a pattern; None: there is none."""
        return self._search(lambda one: re.search(pattern, one.get_name() or ""), below)

    def icon(self, name):
        """What is drawn of this name: a node, a network or a link; None: nothing."""
        canvas = self.canvas()
        for i in range(canvas.get_child_count() if canvas else 0):
            child = canvas.get_child_at_index(i)
            if child and child.get_name() == name:
                return child
        return None

    def drawn(self, name):
        """What the drawing says of it; None: it is not drawn."""
        icon = self.icon(name)
        return icon.get_description() if icon else None

    def canvas(self):
        return self._search(lambda one: one.get_role() == Atspi.Role.LAYERED_PANE)

    def extents(self, widget):
        """Its place in the window, in pixels: x, y, width, height."""
        box = Atspi.Component.get_extents(widget, Atspi.CoordType.WINDOW)
        return box.x, box.y, box.width, box.height

    def frames(self, link):
        """How many frames the drawing says have passed a link, in both directions."""
        return sum(int(word) for word in re.findall(r"; (\d+) frames", self.drawn(link) or ""))

    def wait_for(self, name, role=None, below=None):
        return eventually(f"“{name}” is in sight", lambda: self.find(name, role, below))

    def wait_for_like(self, pattern, below=None):
        return eventually(f"“{pattern}” is in sight", lambda: self.find_like(pattern, below))

    def text(self, widget):
        return Atspi.Text.get_text(widget, 0, -1)

    def set_text(self, name, text, below=None):
        widget = self.wait_for(name, "text", below)
        Atspi.EditableText.set_text_contents(widget, text)

    def focus(self, widget):
        Atspi.Component.grab_focus(widget)
        eventually(f"“{widget.get_name()}” has the focus",
                   lambda: widget.get_state_set().contains(Atspi.StateType.FOCUSED))

    def type(self, text):
        """Presses the keys of a text, one after the other."""
        Atspi.generate_keyboard_event(0, text, Atspi.KeySynthType.STRING)

    def enter(self, name, text):
        """Sets a field to a text, and activates it, as Return does."""
        self.set_text(name, text)
        Atspi.Action.do_action(self.find(name, "text"), 0)

    def slide(self, name, share):
        """Moves a slider to a share of its way."""
        slider = self.wait_for(name, "slider")
        least, most = Atspi.Value.get_minimum_value(slider), Atspi.Value.get_maximum_value(slider)
        Atspi.Value.set_current_value(slider, least + share * (most - least))

    def press(self, name, below=None):
        widget = self.wait_for(name, "button", below)
        Atspi.Action.do_action(widget, 0)

    # -- The pointer --------------------------------------------------------------------------------------------------

    def box(self, widget):
        """Its place on the screen: x, y, width, height."""
        box = Atspi.Component.get_extents(widget, Atspi.CoordType.SCREEN)
        return box.x, box.y, box.width, box.height

    def centre(self, widget):
        x, y, width, height = self.box(widget)
        return x + width / 2, y + height / 2

    def mouse(self, event, at):
        """A real event of the pointer: "abs" (moved), "b1p" (pressed), "b1r", "b1c" (clicked), "b1d" (twice), ..."""
        Atspi.generate_mouse_event(round(at[0]), round(at[1]), event)

    def click(self, at):
        """A single click. One of the middle button before it, which does nothing, tells it from the second of a double click."""
        self.mouse("b2c", at)
        self.mouse("b1c", at)

    def drag(self, start, end, button=1, drop=True):
        """Presses at a place and goes to another one on a straight way."""
        self.mouse("abs", start)
        if button == 1:
            self.mouse("b2c", start)
        self.mouse(f"b{button}p", start)
        for step in range(1, 9):
            self.mouse("abs", [a + (b - a) * step / 8 for a, b in zip(start, end)])
        if drop:
            self.mouse(f"b{button}r", end)

    @contextlib.contextmanager
    def held(self, modifier):
        """With a modifier held down: Atspi.ModifierType.CONTROL."""
        Atspi.generate_keyboard_event(1 << modifier, "", Atspi.KeySynthType.LOCKMODIFIERS)
        try:
            yield
        finally:
            Atspi.generate_keyboard_event(1 << modifier, "", Atspi.KeySynthType.UNLOCKMODIFIERS)

    @contextlib.contextmanager
    def pressed(self, key):
        """With a key held down: Gdk.KEY_space."""
        code = Gdk.Keymap.get_for_display(Gdk.Display.get_default()).get_entries_for_keyval(key)[1][0].keycode
        Atspi.generate_keyboard_event(code, "", Atspi.KeySynthType.PRESS)
        try:
            yield
        finally:
            Atspi.generate_keyboard_event(code, "", Atspi.KeySynthType.RELEASE)

    def strike(self, key):
        with self.pressed(key):
            pass

    # -- The end ----------------------------------------------------------------------------------------------------

    def wait_closed(self, *theirs):
        """The program ends, and has said nothing, except what matches one of the patterns: for what is not ours to mend."""
        eventually("the program has ended", lambda: self.process.poll() is not None)
        if self.process.returncode != 0:
            fail(f"the program exited with {self.process.returncode}")
        self.errors.seek(0)
        said = [line for line in self.errors if line.strip() and not any(re.search(pattern, line) for pattern in THEIRS + theirs)]
        if said:
            fail("standard error should be empty: " + "".join(said))
        ok("nothing on standard error")
