#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# VLANs between real guests: access ports, trunks with and without a native VLAN, tags in and out; a mirror port.
. "$(dirname "$0")/lib.sh"
cat >"$SCRATCH/lab.xml" <<'XML'
<lab xmlns="urn:netlab:lab:1" name="vlans">
  <network name="lan">
    <mirror from="ten:eth0" to="ear:eth0"/>
  </network>
  <node name="ten"><interface name="eth0" network="lan" vlan="10" address="10.0.10.1/24"/></node>
  <node name="twenty"><interface name="eth0" network="lan" vlan="20" address="10.0.20.1/24"/></node>
  <node name="one"><interface name="eth0" network="lan" address="10.0.1.1/24"/></node>
  <node name="trunk">
    <interface name="eth0" network="lan" trunk="10-20" native="1" address="10.0.1.9/24"/>
    <run>ip link add link eth0 name eth0.10 type vlan id 10</run>
    <run>ip link add link eth0 name eth0.20 type vlan id 20</run>
    <run>ip address add 10.0.10.9/24 dev eth0.10</run>
    <run>ip address add 10.0.20.9/24 dev eth0.20</run>
    <run>ip link set eth0.10 up</run>
    <run>ip link set eth0.20 up</run>
  </node>
  <node name="ear" image="debian"><interface name="eth0" network="lan"/></node>
</lab>
XML
run 0 netlab start "$SCRATCH/lab.xml"
run 0 netlab exec ten -- ping -c 2 -W 2 10.0.10.9
run 0 netlab exec twenty -- ping -c 2 -W 2 10.0.20.9
run 0 netlab exec one -- ping -c 2 -W 2 10.0.1.9
# Bulk: what the guest left to do (checksums, segments) moves with the tag.
"$NETLAB" exec -n trunk -- nc -l -p 5000 -e md5sum &
server=$!
eventually 10 netlab exec trunk -- sh -c 'netstat -ltn | grep -q :5000'
run 0 netlab exec ten -- sh -c 'head -c 4194304 /dev/zero | nc 10.0.10.9 5000'
out "^$(head -c 4194304 /dev/zero | md5sum | cut -c 1-32)"
wait $server || fail "nc ended badly"

# Nobody hears another VLAN, not even with the address of a neighbour there.
run 0 netlab exec ten -- ip address add 10.0.20.7/24 dev eth0
run fails netlab exec ten -- arping -c 2 -w 2 -I eth0 10.0.20.1
run 0 netlab exec ten -- sh -c 'ip link add link eth0 name eth0.20 type vlan id 20 && ip link set eth0.20 up && ip address add 10.0.20.8/24 dev eth0.20'
run fails netlab exec ten -- arping -c 2 -w 2 -I eth0.20 10.0.20.1
run 0 netlab status --json
json '[l["counters"]["ten:eth0"]["drop_tagged"] for l in j["links"] if l["name"] == "ten:eth0"][0] > 0'

run 0 netlab switch show lan --json
json 'j[0]["vlan_aware"] and j[0]["stp"] == "off" and len(j[0]["ports"]) == 5'
json 'sorted({s["vlan"] for s in j[0]["stations"]}) == [1, 10, 20]'
json '{p["port"]: p.get("trunk") for p in j[0]["ports"]}["trunk:eth0"] == "1 10-20"'
json '{p["port"]: p.get("access") for p in j[0]["ports"]}["twenty:eth0"] == 20'
run 0 netlab switch show
out '^trunk:eth0 +trunk 1 10-20, native 1 +forwarding$'
out '^ear:eth0 .* mirror$'
run 1 netlab switch show lam
err 'no network "lam"; did you mean "lan"'
run 2 netlab switch flush
run 0 netlab switch flush lan
run 0 netlab switch show lan --json
json '"twenty:eth0" not in [s["port"] for s in j[0]["stations"]]'
run 0 netlab exec twenty -- ping -c 1 -W 2 10.0.20.9

# Changed while the lab runs: another access VLAN, a narrower trunk, and back. What was learnt behind a port is forgotten.
run 0 netlab switch set lan one:eth0 vlan=20
run 0 netlab switch show lan --json
json '"one:eth0" not in [s["port"] for s in j[0]["stations"]]'
run 1 netlab exec one -- ping -c 1 -W 1 10.0.1.9
run 0 netlab exec one -- ip address add 10.0.20.3/24 dev eth0
run 0 netlab exec one -- ping -c 2 -W 2 10.0.20.1
run 0 netlab switch set lan one:eth0 vlan=1
run 0 netlab exec one -- ping -c 2 -W 2 10.0.1.9
run 0 netlab switch set lan trunk:eth0 trunk=10 native=none
run 0 netlab exec ten -- ping -c 2 -W 2 10.0.10.9
run 1 netlab exec twenty -- ping -c 1 -W 1 10.0.20.9
run 1 netlab exec one -- ping -c 1 -W 1 10.0.1.9
run 0 netlab switch show lan
out '^trunk:eth0 +trunk 10, no native +forwarding$'
run 0 netlab switch set lan trunk:eth0 trunk=10-20 native=1
run 0 netlab exec twenty -- ping -c 2 -W 2 10.0.20.9
run 2 netlab switch set lan vlan=10
err 'VLANs belong to a port'
run 2 netlab switch set lan one:eth0 vlan=5000
err 'vlan: "5000"'
run 2 netlab switch set lan one:eth0
err 'nothing to set'
run 2 netlab switch set
run 1 netlab switch set lan one:eth1 vlan=10
err 'no port "one:eth1"; did you mean "one:eth0"'
run 1 netlab switch set lan priority=4096
err 'not part of a spanning tree'
run 0 netlab __complete ports vlans lan
out '^twenty:eth0$'

# The mirror hears both sides of what passes ten, and nothing of twenty; what it says itself is heard by nobody.
"$NETLAB" exec -n ear -- timeout 60 tcpdump -n -i eth0 -c 4 'icmp and host 10.0.10.1' >"$SCRATCH/heard" 2>"$SCRATCH/heard.err" &
listener=$!
eventually 20 grep -q 'listening' "$SCRATCH/heard.err"
run 0 netlab exec ten -- ping -c 2 -W 2 10.0.10.9
wait $listener || fail "the mirror did not hear two pings and two answers"
ok "the mirror hears both directions"
"$NETLAB" exec -n ear -- timeout 5 tcpdump -n -e -i eth0 'host 10.0.20.1 or (vlan and host 10.0.20.1)' >"$SCRATCH/other" 2>"$SCRATCH/other.err" &
listener=$!
eventually 20 grep -q 'listening' "$SCRATCH/other.err"
run 0 netlab exec twenty -- ping -c 2 -W 2 10.0.20.9
wait $listener || ok "tcpdump has listened to the end"
! grep -q '10\.0\.20\.1' "$SCRATCH/other" || fail "the mirror heard twenty: $(cat "$SCRATCH/other")"
ok "and nobody else"
run 0 netlab exec ear -- ip address add 10.0.1.77/24 dev eth0
run fails netlab exec one -- arping -c 2 -w 2 -I eth0 10.0.1.77
run 0 netlab stop
