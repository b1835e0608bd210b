#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A lab from start to stop: list, status, restart, logs, two labs at once, parts of a lab.
. "$(dirname "$0")/lib.sh"
one=$(lab one a b)
two=$(lab two a b c)

run 0 netlab list --json
json 'j == []'
run 0 netlab start "$one"
out '10\.0\.0\.1/24'
out 'netlab console'
run 1 netlab start "$one"
err 'already running'
err 'netlab stop'

# Two labs with the same node names do not meet.
run 0 netlab start "$two"
run 0 netlab exec -l one a -- ping -c 1 -W 2 10.0.0.2
run 1 netlab exec -l one a -- ping -c 1 -W 1 10.0.0.3
run 0 netlab exec -l two a -- ping -c 1 -W 2 10.0.0.3
run 1 netlab status
err 'one'
err 'two'
run 0 netlab list --json
json 'sorted(l["name"] for l in j) == ["one", "two"]'
run 0 netlab list
out 'one'

# The lab in whose folder we are is the one that is meant.
cd "$SCRATCH/two"
run 0 netlab status --json
json 'j["name"] == "two" and len(j["nodes"]) == 3'
json 'all(n["state"] == "ready" and n["resident"] > 0 and n["pid"] > 0 for n in j["nodes"])'
run 0 netlab status
out 'ready'
# ... even when it does not run and another does.
lab three a >/dev/null
run 0 netlab stop one
cd "$SCRATCH/three"
run 1 netlab stop
err 'lab in this folder, lab.xml, is not running; to use "two", name it'
run 1 netlab restart
run 125 netlab exec a -- true
run 1 netlab status
run 0 netlab status two
cd /
run 0 netlab status
run 1 netlab stop c
err '"c" is a node of lab "two": use --node c with stop and restart'
run 1 netlab stop tow
err 'did you mean "two"'
run 0 netlab start "$one"
run 0 netlab exec -l one a -- ip -o link show eth0
out 'mtu 1500'
mac=$(grep -oE 'ether [0-9a-f:]+' "$SCRATCH/out" | cut -d' ' -f2)
run 0 netlab plan --json "$one"
json "'$mac' in str(j)"
run 0 netlab logs -l one a
out 'Linux version'

# One node again: new kernel, same lab.
run 0 netlab exec -l one a -- touch /tmp/mark
run 0 netlab restart one --node a
run 1 netlab exec -l one a -- test -e /tmp/mark
run 0 netlab exec -l one b -- ping -c 1 -W 2 10.0.0.1

# Who follows a log sees the next boot too.
netlab logs -l one a --follow >"$SCRATCH/log" &
follower=$!
boots() { [ "$(grep -c '^Linux version' "$SCRATCH/log")" = "$1" ]; }
eventually 10 boots 1
run 0 netlab restart one --node a
eventually 10 boots 2

run 0 netlab stop one
wait $follower || fail "who follows a log ends with the lab"
run 1 netlab status one
err 'not running'
run 0 netlab restart two
run 0 netlab exec -l two c -- ping -c 1 -W 2 10.0.0.1
run 0 netlab start "$(lab solo e)"
run 0 netlab restart solo
[ "$(grep -c 'warning: network "lan" has only one interface' "$SCRATCH/err")" = 1 ] || fail "a warning should come once"
run 0 netlab stop --all

run 0 netlab start --only a,b --name other "$two"
run 0 netlab status other --json
json 'sorted(n["name"] for n in j["nodes"] if n["state"] == "ready") == ["a", "b"]'
run 0 netlab stop other
# A host lets a program have few descriptors until it asks for more (1024; here fewer): that bounds no lab.
# shellcheck disable=SC2046
run 0 bash -c 'ulimit -Sn 48 && exec "$@"' - "$NETLAB" start "$(lab crowd $(printf 'n%d ' {1..30}))"
run 0 netlab exec n1 -- ping -c 1 -W 2 10.0.0.30
run 0 netlab stop

# A node that is stopped while somebody waits for it is not waited for any longer.
slow=$(lab slow a b)
sed -i 's|<node name="a">|<node name="a"><run>sleep 600</run>|' "$slow"
state_of_a() { netlab status slow --json | python3 -c 'import json,sys; sys.exit(json.load(sys.stdin)["nodes"][0]["state"] != sys.argv[1])' "$1"; }
netlab start "$slow" 2>"$SCRATCH/start" &
starter=$!
eventually 20 state_of_a configuring
run 0 netlab stop slow --node a -t 0
wait $starter || fail "the start should end well: $(cat "$SCRATCH/start")"
run 0 grep 'a: stopped by another command' "$SCRATCH/start"
netlab restart slow --node a 2>"$SCRATCH/start" &
starter=$!
eventually 20 state_of_a configuring
run 0 netlab stop slow --node a -t 0
status=0
wait $starter || status=$?
[ $status = 1 ] || fail "a restart of a node that is stopped meanwhile should exit 1, not $status"
run 0 grep 'was stopped by another command' "$SCRATCH/start"
run 0 netlab stop slow
netlab start "$slow" 2>"$SCRATCH/start" &
starter=$!
eventually 20 state_of_a configuring
run 0 netlab stop slow -t 0
status=0
wait $starter || status=$?
[ $status = 1 ] || fail "a start of a lab that is stopped meanwhile should exit 1, not $status"
run 0 grep 'was stopped while its nodes were booting' "$SCRATCH/start"

run 2 netlab start --only ' , ' "$one"
run 0 netlab start --only 'a, b' "$one"
run 0 netlab stop one
run 0 netlab start --no-wait "$one"
eventually 30 netlab exec a -- true
run 0 netlab stop
run 0 netlab list --json
json 'j == []'

# Who is not told of his run-time folder, as after su, sees the same labs as who is.
run 0 unshare -rm sh -c 'mount -t tmpfs -o mode=755 none /run && mkdir -p -m 700 /run/user/0/netlab/here &&
	touch /run/user/0/netlab/here/lock && unset XDG_RUNTIME_DIR && exec "$0" list' "$NETLAB"
out 'here +crashed'

# A terminal that knows no control sequences gets none.
run 0 env TERM=dumb script -qec "$NETLAB start $one" /dev/null
out 'a: ready'
no_out $'\033'
run 0 netlab stop
