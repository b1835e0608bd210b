#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Blanks and letters beyond ASCII in the paths of a build folder and of a lab, and what is said where there can be none.
. "$(dirname "$0")/lib.sh"
folder="$SCRATCH/Übung 1"
mkdir "$folder"
run 0 cmake -G Ninja -S "$(dirname "$EXAMPLES")" -B "$folder/build"
run 0 ninja -C "$folder/build" libexec/netlab/agent.cpio
cmp "$folder/build/libexec/netlab/agent.cpio" "$BUILD/libexec/netlab/agent.cpio" || fail "another agent"

cp "$(lab blank a b)" "$folder/lab.xml"
cd "$folder"
run 0 netlab start
run 0 netlab exec a -- ping -c 1 -W 2 10.0.0.2
run 0 netlab stop

run 1 env XDG_CACHE_HOME="$folder" "$BUILD/share/netlab/kernel/build"
err 'must have no blank .*XDG_CACHE_HOME'
