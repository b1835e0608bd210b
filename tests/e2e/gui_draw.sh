#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A lab is drawn in the window, by properties and as text, saved, checked and started.
. "$(dirname "$0")/lib.sh"
gui="$(dirname "$NETLAB")/netlab-gui"
[ -x "$gui" ] || skip "netlab-gui was not built"
for program in xvfb-run dbus-run-session; do
	command -v "$program" >/dev/null || skip "$program is not installed"
done
/usr/bin/python3 -c 'import gi; gi.require_version("Atspi", "2.0")' 2>/dev/null || skip "python3-gi and AT-SPI are not installed"
export SCRATCH
mkdir "$SCRATCH/drawn"
run 0 timeout 200 xvfb-run -a -s "-screen 0 1400x900x24" dbus-run-session -- \
	/usr/bin/python3 "$(dirname "$0")/gui_draw.py" "$gui" "$NETLAB" "$SCRATCH/drawn/lab.xml"
cat "$SCRATCH/out"
