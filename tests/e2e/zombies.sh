#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In a container process 1 is often not an init and reaps nothing. netlabd itself ends as its child; the processes of the lab
# must not, however the lab ends.
. "$(dirname "$0")/lib.sh"
file=$(lab dead a b c)

# only_supervisors N: of what ended as an orphan, all were supervisors, and these were N.
only_supervisors() {
	[ "$(grep -vcx netlabd "$SCRATCH/out")" = 0 ] || fail "left to process 1: $(sort "$SCRATCH/out" | uniq -c)"
	[ "$(wc -l <"$SCRATCH/out")" = "$1" ] || fail "expected $1 supervisors, not $(cat "$SCRATCH/out")"
	ok "only $1 netlabd came to process 1"
}
in_container() { "$BUILD/tests/orphans" bash -c "$1" "$NETLAB" "$file"; }

run 0 in_container '"$0" start "$1" && "$0" stop'
only_supervisors 1
# Nodes that are killed, or stopped and started again, while the lab runs.
run 0 in_container '"$0" start "$1" && "$0" restart --node a && "$0" stop --node b -t 0 && "$0" stop -t 0'
only_supervisors 1
# A signal to the supervisor.
run 0 in_container '"$0" start "$1" && kill $(cat "$XDG_RUNTIME_DIR/netlab/dead/lock")'
only_supervisors 1
# The switch dies, then the lab is stopped.
run 0 in_container '"$0" start "$1" && supervisor=$(cat "$XDG_RUNTIME_DIR/netlab/dead/lock") &&
	for outer in $(pgrep -P $supervisor); do for init in $(pgrep -P $outer); do pkill -9 -P $init -x netlab-switch; done; done
	"$0" stop'
only_supervisors 1
# A start that fails when the switch runs already: the capture cannot be written, the socket is a file.
sed -i 's|<network name="lan"/>|<network name="lan" socket="taken"/>|' "$file"
echo >"$(dirname "$file")/taken"
run fails in_container '"$0" start "$1"'
[ "$(grep -vcx netlabd "$SCRATCH/out")" = 0 ] || fail "left to process 1: $(sort "$SCRATCH/out" | uniq -c)"
ok "a failed start leaves nothing to process 1"
