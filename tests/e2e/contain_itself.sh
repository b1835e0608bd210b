#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The container of these tests must see what is left: a gate that cannot fail is none.
. "$(dirname "$0")/lib.sh"
contain=$BUILD/tests/contain
run 0 "$contain" true
run 7 "$contain" sh -c 'exit 7'
run 99 "$contain" sh -c 'mkdir "$XDG_RUNTIME_DIR/netlab"; touch "$XDG_RUNTIME_DIR/netlab/file"'
err 'left behind: .*/netlab/file'
run 99 "$contain" sh -c 'setsid sleep 300 </dev/null >/dev/null 2>&1 &'
err 'left behind: process .* sleep 300'
