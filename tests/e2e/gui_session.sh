#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A lab is started, restarted and stopped from its window; its supervisor hangs and dies, its file breaks and is mended.
. "$(dirname "$0")/lib.sh"
gui="$(dirname "$NETLAB")/netlab-gui"
[ -x "$gui" ] || skip "netlab-gui was not built"
for program in xvfb-run dbus-run-session; do
	command -v "$program" >/dev/null || skip "$program is not installed"
done
/usr/bin/python3 -c 'import gi; gi.require_version("Atspi", "2.0")' 2>/dev/null || skip "python3-gi and AT-SPI are not installed"

# Without a display, and with what is no lab: told at once, and why.
run 1 env -u DISPLAY -u WAYLAND_DISPLAY "$NETLAB" gui
grep -q "needs a display" "$SCRATCH/err"
run 1 env -u DISPLAY -u WAYLAND_DISPLAY "$gui"
grep -q "no display" "$SCRATCH/err"
run 0 "$gui" --help
grep -q "netlab-gui examples/firewall" "$SCRATCH/out"
run 2 "$gui" --nonsense
grep -q -- "--help" "$SCRATCH/err"
run 1 xvfb-run -a dbus-run-session -- "$gui" "$SCRATCH/no such lab"
grep -q "no such lab" "$SCRATCH/err"

export SCRATCH
mkdir "$SCRATCH/lab"
run 0 timeout 200 xvfb-run -a -s "-screen 0 1400x900x24" dbus-run-session -- \
	/usr/bin/python3 "$(dirname "$0")/gui_session.py" "$gui" "$NETLAB" "$SCRATCH/lab/lab.xml"
cat "$SCRATCH/out"
