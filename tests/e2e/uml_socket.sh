#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A network with a socket: programs that speak uml_switch's protocol join the lab.
. "$(dirname "$0")/lib.sh"
cat >"$SCRATCH/lab.xml" <<'XML'
<lab xmlns="urn:netlab:lab:1" name="joined">
  <network name="lan" socket="lan.ctl"/>
  <node name="a"><interface name="eth0" network="lan" address="10.0.0.1/24"/></node>
</lab>
XML
socket=$SCRATCH/lan.ctl
station() { "$BUILD/tests/uml_station" "$@"; }
run 0 netlab check "$SCRATCH/lab.xml"
run 0 netlab start "$SCRATCH/lab.xml"
[ -S "$socket" ] && [ "$(stat -c %a "$socket")" = 600 ] || fail "the socket should be there, for its owner alone"
ok "the socket is there, for its owner alone"
run 0 netlab status
out "^$socket +lan +0"

"$BUILD/tests/heard" joined >"$SCRATCH/heard" &
heard=$!
eventually 10 grep -qx listening "$SCRATCH/heard"

# A guest answers a client, and a client a guest, and two clients each other.
mkfifo "$SCRATCH/one" "$SCRATCH/two"
station "$socket" 10.0.0.51 10.0.0.1 <"$SCRATCH/one" >"$SCRATCH/said-one" &
one=$!
exec 7>"$SCRATCH/one"
eventually 20 grep -q 'reached 10.0.0.1' "$SCRATCH/said-one"
run 0 netlab exec a -- ping -c 2 -W 5 10.0.0.51
station "$socket" 10.0.0.52 10.0.0.51 <"$SCRATCH/two" >"$SCRATCH/said-two" 7>&- &
two=$!
exec 8>"$SCRATCH/two"
eventually 20 grep -q 'reached 10.0.0.51' "$SCRATCH/said-two"

# Who has joined is shown, with what it did.
run 0 netlab status --json
json 'j["sockets"][0]["network"] == "lan" and j["sockets"][0]["clients"] == 2'
json 'j["sockets"][0]["path"].endswith("/lan.ctl")'
json 'all(j["sockets"][0]["counters"][f"client:lan:{n}"]["rx_frames"] > 0 for n in (1, 2))'
run 0 netlab status
out "^$socket +lan +2 +client:lan:1 +[1-9]"
out '^ +client:lan:2 +[1-9]'

# Who comes or goes is told to those who listen.
eventually 5 grep -qx client:lan:1 "$SCRATCH/heard"
eventually 5 grep -qx client:lan:2 "$SCRATCH/heard"

# Its port is one like others: in another VLAN, nobody hears it.
run 0 netlab switch set lan client:lan:2 vlan=7
run 1 netlab exec a -- ping -c 1 -W 1 10.0.0.52
run 0 netlab switch set lan client:lan:2 vlan=1
run 0 netlab exec a -- ping -c 1 -W 5 10.0.0.52
run 1 netlab switch set lan client:lan:9 vlan=7
err 'client:lan:9'

# Who leaves is gone, and the others do not mind; who comes next takes the place.
exec 7>&-
wait $one || fail "a station should end well"
clients() { netlab status --json >"$SCRATCH/out" && [ "$(json_value 'j["sockets"][0]["clients"]')" = "$1" ]; }
eventually 10 clients 1
run 0 netlab exec a -- ping -c 1 -W 5 10.0.0.52
run 1 netlab exec a -- ping -c 1 -W 1 10.0.0.51
run 0 station "$socket" 10.0.0.53 </dev/null

# Another lab cannot have the socket while this one runs.
sed 's/name="joined"/name="second"/' "$SCRATCH/lab.xml" >"$SCRATCH/second.xml"
run fails netlab start "$SCRATCH/second.xml"
err 'network "lan".*lan.ctl" is in use'
[ -S "$socket" ] || fail "the socket of the running lab was removed"

# The lab ends: the client is told, the socket is gone. What a crash leaves behind is in nobody's way.
run 0 netlab stop joined
wait $heard || fail "who listens should see the lab end"
wait $two || fail "a station should end well when the lab does"
exec 8>&-
grep -q 'hung up' "$SCRATCH/said-two" || fail "the client should notice the end"
[ ! -e "$socket" ] || fail "the socket should be gone"
ok "the client was hung up on, and the socket is gone"
run 0 netlab start "$SCRATCH/lab.xml"
supervisor=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["pid"])' "$XDG_RUNTIME_DIR/netlab/joined/state.json")
kill -9 "$supervisor"
eventually 10 netlab start "$SCRATCH/lab.xml"
run 0 station "$socket" 10.0.0.53 </dev/null
run 0 netlab stop
# Also by hand, when nobody starts the lab again; not where somebody else listens by now.
run 0 netlab start "$SCRATCH/lab.xml"
kill -9 "$(cat "$XDG_RUNTIME_DIR/netlab/joined/lock")"
cleaned() { netlab clean | grep -q joined; }
eventually 10 cleaned
[ ! -e "$socket" ] || fail "clean left the socket of a network behind"
ok "clean removes the socket of a network"
run 0 netlab start "$SCRATCH/lab.xml"
supervisor=$(cat "$XDG_RUNTIME_DIR/netlab/joined/lock")
kill -9 "$supervisor"
others_are_in() { run 0 netlab start --name other "$SCRATCH/lab.xml"; }
eventually 10 others_are_in
run 0 netlab clean
[ -S "$socket" ] || fail "clean removed a socket that another lab listens on"
run 0 netlab stop other
echo precious >"$socket"
run fails netlab start "$SCRATCH/lab.xml"
err 'lan.ctl'
[ "$(cat "$socket")" = precious ] || fail "a file of the user's was removed"
ok "a file of the user's stays"
