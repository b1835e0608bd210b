#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the viewer says on the command line.
. "$(dirname "$0")/lib.sh"
gui="$(dirname "$NETLAB")/netlab-gui"
[ -x "$gui" ] || skip "netlab-gui was not built"
for program in xvfb-run dbus-run-session; do
	command -v "$program" >/dev/null || skip "$program is not installed"
done

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

# In the reader's language, as far as there are texts in it.
speak de
run 0 "$gui" --help
grep -q "Zeigt ein Labor" "$SCRATCH/out"
speak en

# Every shortcut stands in the window of shortcuts.
source_dir=$(dirname "$EXAMPLES")/gui/app
sed -nE 's/^\t\{"((win|app)\.[a-z-]+)", \{.*/\1/p' "$source_dir/application.c" | sort -u >"$SCRATCH/shortcuts"
grep -oE '>(win|app)\.[a-z-]+<' "$source_dir/help-overlay.ui" | tr -d '<>' | sort -u >"$SCRATCH/shown"
[ "$(wc -l <"$SCRATCH/shortcuts")" -gt 30 ] || fail "the shortcuts were not found in application.c"
[ -z "$(comm -23 "$SCRATCH/shortcuts" "$SCRATCH/shown")" ] ||
	fail "not in help-overlay.ui: $(comm -23 "$SCRATCH/shortcuts" "$SCRATCH/shown" | tr '\n' ' ')"
ok "every shortcut stands in the window of shortcuts"
