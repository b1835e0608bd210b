#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# gui.sh NAME: runs gui_NAME.py, which drives netlab-gui, with a display, a session bus and settings of its own.
. "$(dirname "$0")/lib.sh"
export GUI=${GUI:-$(dirname "$NETLAB")/netlab-gui} SCRATCH EXAMPLES NETLAB
[ -x "$GUI" ] || skip "netlab-gui was not built"
for program in xvfb-run dbus-run-session; do
	command -v "$program" >/dev/null || skip "$program is not installed"
done
/usr/bin/python3 -c 'import gi; gi.require_version("Atspi", "2.0")' 2>/dev/null || skip "python3-gi and AT-SPI are not installed"
mkdir -p "$SCRATCH/home/.config" "$SCRATCH/home/.local/share"
speak en
# Whatever the user likes is for the user: English, the usual theme, settings in a file that goes with the test.
run 0 env XDG_CONFIG_HOME="$SCRATCH/home/.config" XDG_DATA_HOME="$SCRATCH/home/.local/share" GSETTINGS_BACKEND=keyfile \
	GTK_THEME=Adwaita PYTHONDONTWRITEBYTECODE=1 \
	timeout 280 xvfb-run -a -s "-screen 0 1400x900x24" dbus-run-session -- \
	/usr/bin/python3 "$(dirname "$0")/gui_$1.py"
cat "$SCRATCH/out"
