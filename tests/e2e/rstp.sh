#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Two switches joined twice: RSTP keeps one link in reserve and takes it when the other goes; without it, frames go round.
. "$(dirname "$0")/lib.sh"
two_switches() { # NAME STP
	mkdir -p "$SCRATCH/$1"
	cat >"$SCRATCH/$1/lab.xml" <<XML
<lab xmlns="urn:netlab:lab:1" name="$1">
  <network name="a" stp="$2"/>
  <network name="b" stp="$2"/>
  <link name="t1"><end network="a"/><end network="b"/></link>
  <link name="t2"><end network="a"/><end network="b"/></link>
  <node name="pc"><interface name="eth0" network="a" address="10.0.0.1/24"/></node>
  <node name="peer"><interface name="eth0" network="b" address="10.0.0.2/24"/></node>
</lab>
XML
}
two_switches round off
run 0 netlab check "$SCRATCH/round/lab.xml"
run 0 netlab start "$SCRATCH/round/lab.xml"
# The broadcast comes many times, is taken out in the end, and the switch lives.
run 0 netlab exec pc -- arping -q -U -c 2 -I eth0 10.0.0.1
run 0 netlab link show --json
json 'sum(n.get("drop_loop", 0) for l in j["links"] for n in (l.get("wire") or {}).values()) > 0'
run 0 netlab switch show a
run 0 netlab stop

two_switches tree rstp
run 0 netlab start "$SCRATCH/tree/lab.xml"
eventually 20 netlab exec pc -- ping -c 1 -W 1 10.0.0.2
run 0 netlab switch show --json
json 'sorted(p["state"] for n in j for p in n["ports"] if p["port"] in ("t1", "t2")) == ["discarding"] + 3 * ["forwarding"]'
json 'len({n["root"] for n in j}) == 1 and sum(n["root"] == n["bridge"] for n in j) == 1'
used=$(json_value '[p["port"] for n in j for p in n["ports"] if p.get("role") == "root"][0]')
run 0 netlab exec pc -- arping -c 3 -w 4 -I eth0 10.0.0.2
[ "$(grep -c 'reply from' "$SCRATCH/out")" = 3 ] || fail "three questions, three answers"
ok "a broadcast comes once"
# A long ping goes on over the pulled cable: at most one packet of a second is lost.
"$NETLAB" exec -n pc -- ping -q -i 0.1 -c 60 10.0.0.2 >"$SCRATCH/ping" 2>&1 &
ping=$!
run 0 netlab exec peer -- ping -c 3 -i 0.2 -W 2 10.0.0.1 # by then the other is under way
run 0 netlab link down "$used"
wait $ping || fail "no ping came through: $(cat "$SCRATCH/ping")"
received=$(sed -nE 's/.* ([0-9]+) packets received.*/\1/p' "$SCRATCH/ping")
[ "$received" -ge 50 ] || fail "the other link took over too late: $(cat "$SCRATCH/ping")"
ok "the other link takes over: $received of 60 pings"
run 0 netlab switch show --json
json '[p["port"] for n in j for p in n["ports"] if p.get("role") == "root"] == ["t1" if "'"$used"'" == "t2" else "t2"]'
run 0 netlab link up "$used"
run 0 netlab exec pc -- ping -c 3 -i 0.2 -W 2 10.0.0.2
eventually 10 sh -c "'$NETLAB' switch show | grep -q '^$used .*root'"
# A slow link costs more (802.1D-2004, table 17-3), in whichever direction it is slow: the other is the way then.
other=$([ "$used" = t1 ] && echo t2 || echo t1)
run 0 netlab link set "$used:from=a" rate=10Mbit
eventually 10 sh -c "'$NETLAB' switch show | grep -q '^$other .*root'"
run 0 netlab switch show
out "^$used +(alternate|designated) +2000000 "
out "^$other +root +20000 +forwarding"
run 0 netlab exec pc -- ping -c 3 -i 0.2 -W 2 10.0.0.2
run 0 netlab link clear "$used"
eventually 10 sh -c "'$NETLAB' switch show | grep -q '^$used .*root'"
# The other switch becomes the root, at once.
run 0 netlab switch show --json
below=$(json_value '[n["name"] for n in j if n["root"] != n["bridge"]][0]')
run 0 netlab switch set "$below" priority=4096
is_root() { netlab switch show "$1" | grep -q '^this is the root bridge'; }
eventually 10 is_root "$below"
eventually 10 netlab exec pc -- ping -c 1 -W 1 10.0.0.2
run 0 netlab switch show "$below"
out "^$below: switch, RSTP bridge 4096\."
run 0 netlab stop
