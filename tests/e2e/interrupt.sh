#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Ctrl-C at any moment of a start, and a stop during one: nothing is left.
. "$(dirname "$0")/lib.sh"
file=$(lab soon a b c d e f)
labdir=$XDG_RUNTIME_DIR/netlab
gone() { [ ! -e "$labdir/soon" ]; }
# As early as can be: more often than eventually looks.
wait_for_supervisor() {
	local deadline=$((SECONDS + 20))
	until [ -S "$labdir/soon/control" ]; do
		[ "$SECONDS" -lt "$deadline" ] || fail "the supervisor did not come up"
		read -r -t 0.01 <> <(:) || :
	done
}
# Moments are counted in what has been reached, and in between by ever longer delays.
for delay in 0.000 0.005 0.01 0.02 0.03 0.05 0.08 0.12 0.18 0.25 0.35 0.5 0.8; do
	# A background job of a script ignores interrupts; setsid with --wait gives it a group that does not.
	python3 - "$delay" "$NETLAB" start "$file" <<'PY' >"$SCRATCH/out" 2>"$SCRATCH/err" || fail "start interrupted after $delay s"
import select, signal, subprocess, sys
p = subprocess.Popen(sys.argv[2:], start_new_session=True, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
select.select([], [], [], float(sys.argv[1]))
p.send_signal(signal.SIGINT)
code = p.wait(60)
# 130 after an interrupt, the signal itself before a handler stood, 0 when the start was over before.
sys.exit(0 if code in (130, -2, 0) else 1)
PY
	run 0 netlab list --json
	if [ "$(json_value '[lab["state"] for lab in j]')" = "['ready']" ]; then run 0 netlab stop; fi
	gone || eventually 10 gone
	ok "interrupted after $delay s: nothing left"
done

"$NETLAB" start "$file" >/dev/null 2>&1 &
start=$!
wait_for_supervisor
run 0 netlab stop soon
status=0
wait $start || status=$?
[ $status != 0 ] || fail "a start that was stopped cannot have succeeded"
gone || eventually 10 gone
ok "a stop during a start stops it"

# The starter is killed outright: the lab that it had not let go of goes too.
"$NETLAB" start "$file" >/dev/null 2>&1 &
start=$!
wait_for_supervisor
kill -9 $start
wait $start 2>/dev/null || :
eventually 20 gone
