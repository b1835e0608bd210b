#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Nodes are stopped as they are, and go on: over both kinds of wire, and with a traced user space.
. "$(dirname "$0")/lib.sh"
cat >"$SCRATCH/lab.xml" <<'XML'
<lab xmlns="urn:netlab:lab:1" name="rest">
  <network name="lan"/>
  <node name="a"><interface name="eth0" network="lan" address="10.0.0.1/24"/></node>
  <node name="b"><interface name="eth0" network="lan" address="10.0.0.2/24"/></node>
  <node name="c" transport="datagram" isolation="on"><interface name="eth0" network="lan" address="10.0.0.3/24"/></node>
</lab>
XML
run 0 netlab start "$SCRATCH/lab.xml"
# Something that never rests, in the guest's user space.
linux_of() { "$NETLAB" status --json | python3 -c 'import json,sys; print([n["pid"] for n in json.load(sys.stdin)["nodes"] if n["name"] == sys.argv[1]][0])' "$1"; }
for node in b c; do
	run 0 netlab exec "$node" -- sh -c 'while :; do :; done >/dev/null 2>&1 </dev/null & ping -c 1 10.0.0.1'
	linux=$(linux_of "$node")
	run 0 netlab pause "$node"
	run 0 netlab status --json
	json "[n['state'] for n in j['nodes'] if n['name'] == '$node'] == ['paused']"
	[ "$(awk '/^State:/ { print $2 }' "/proc/$linux/status")" = T ] || fail "the guest kernel is not stopped"
	run fails netlab exec a -- ping -c 1 -W 1 "10.0.0.$([ "$node" = b ] && echo 2 || echo 3)"
	run fails netlab exec "$node" -- true
	err 'not ready; it is paused'
	run fails netlab pause "$node"
	err 'is paused'
	run 0 netlab exec a -- ping -c 1 -W 2 10.0.0.1
	run 0 netlab resume "$node"
	run 0 netlab exec "$node" -- ping -c 1 -W 2 10.0.0.1
done
run fails netlab resume a
err 'is not paused; it is ready'
run 0 netlab pause --all
run 0 netlab status --json
json "all(n['state'] == 'paused' for n in j['nodes'])"
run 0 netlab resume --all
run 0 netlab exec a -- ping -c 1 -W 2 10.0.0.2
# A paused node is stopped like any other, orderly.
run 0 netlab pause b
run 0 netlab stop --node b
run 0 netlab pause a c
run 0 netlab stop
