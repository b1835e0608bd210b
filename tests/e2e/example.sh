#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An example lab: what the student's guide says, from start to stop, and its own checks.
. "$(dirname "$0")/lib.sh"
file=$EXAMPLES/$1/lab.xml

run 0 netlab check "$file"
run 0 netlab start "$file"
run 0 netlab status --json "$1"
json 'all(n["state"] == "ready" and not n["warnings"] for n in j["nodes"])'
run 0 netlab test "$file"
out '^1\.\.[1-9]'
no_out '^not ok'
run 0 netlab stop "$1"
run 0 netlab list --json
json 'j == []'
# And once more in one go: test starts the lab itself and stops it.
run 0 netlab test "$file"
no_out '^not ok'
run 0 netlab list --json
json 'j == []'
