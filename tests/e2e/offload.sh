#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What guests leave to the switch: looking at a cable does not change what passes, and programs that read frames themselves
# see frames as on a wire.
. "$(dirname "$0")/lib.sh"
cp "$BUILD/tests/relay" "$SCRATCH/relay"
head -c 300000 /dev/zero >"$SCRATCH/page"
cat >"$SCRATCH/lab.xml" <<XML
<lab xmlns="urn:netlab:lab:1" name="offload">
  <defaults image="debian"/>
  <network name="p1"/><network name="p2"/>
  <link name="core"><end network="p1" trunk="100"/><end network="p2" trunk="100"/></link>
  <node name="a">
    <interface name="eth0" network="p1" vlan="100"/>
    <run>ip link add link eth0 name s type vlan proto 802.1ad id 200; ip link add link s name c type vlan id 30</run>
    <run>ip link set s up; ip link set c up; ip address add 10.0.0.1/24 dev c</run>
  </node>
  <node name="b">
    <interface name="eth0" network="p2" vlan="100"/>
    <run>ip link add link eth0 name s type vlan proto 802.1ad id 200; ip link add link s name c type vlan id 30</run>
    <run>ip link set s up; ip link set c up; ip address add 10.0.0.2/24 dev c</run>
    <file path="/www/page" source="page"/>
    <run background="yes">busybox httpd -f -p 80 -h /www</run>
  </node>
  <node name="sw" kind="switch">
    <interface name="eth0"/><interface name="eth1"/>
    <file path="/root/relay" source="relay" mode="0755"/>
    <run background="yes">/root/relay eth0 eth1</run>
  </node>
  <node name="h1"/>
  <node name="h2">
    <file path="/www/page" source="page"/>
    <run background="yes">busybox httpd -f -p 80 -h /www</run>
  </node>
  <link name="l1"><end node="h1" interface="eth0" address="10.0.1.1/24"/><end node="sw" interface="eth0"/></link>
  <link name="l2"><end node="h2" interface="eth0" address="10.0.1.2/24"/><end node="sw" interface="eth1"/></link>
</lab>
XML
fetch() { netlab exec "$1" -- sh -c "wget -T 20 -qO - http://$2/page | cmp - /www/page || exit 1"; }
page() { netlab exec "$1" -- timeout 20 wget -qO /tmp/page "http://$2/page" && netlab exec "$1" -- stat -c %s /tmp/page; }
# The counter of frames that crossed core whole because nobody could cut them.
uncut() { netlab link show core --json >"$SCRATCH/out" && json_value "sum(e.get('uncut', 0) for e in j['links'][0]['wire'].values())"; }

run 0 netlab check "$SCRATCH/lab.xml"
run 0 netlab start "$SCRATCH/lab.xml"

# Two tags of the customer's, and the switch's: on a wire that nobody looks at, with a rate, with a loss, and recorded.
run 0 page a 10.0.0.2
out '^300000$'
run 0 netlab link set core rate=100Mbit
run 0 page a 10.0.0.2
out '^300000$'
run 0 netlab link set core rate=none loss=0.1%
run 0 page a 10.0.0.2
out '^300000$'
run 0 netlab link set core loss=none
"$NETLAB" capture core -w "$SCRATCH/core.pcapng" >"$SCRATCH/capture" 2>&1 &
capture=$!
eventually 10 test -s "$SCRATCH/core.pcapng"
run 0 page a 10.0.0.2
out '^300000$'
kill -TERM "$capture"
wait "$capture" || :
[ "$(uncut)" = 0 ] || fail "all frames should be cut"
# 1514 bytes and three tags.
run 0 tcpdump -nr "$SCRATCH/core.pcapng" -e
out 'vlan 100, .* vlan 200, .* vlan 30, .*10\.0\.0\.2\.80 > 10\.0\.0\.1'
longest=$(sed -nE 's/.*, length ([0-9]+): vlan 100.*/\1/p' "$SCRATCH/out" | sort -n | tail -1)
[ "$longest" = 1526 ] || fail "the longest recorded frame should have 1526 bytes, but has $longest"

# A switch in a guest: kind="switch" has no offload, so it sees frames that it can send on.
run 0 netlab exec h1 -- ping -c 1 -W 2 10.0.1.2
run 0 page h1 10.0.1.2
out '^300000$'
run 0 netlab logs sw
no_out 'relay: [0-9]+ bytes'

# What a guest receives has its checksum, unless it is a super-frame: here frames of a few bytes.
netlab exec b -- sh -c 'timeout 20 tcpdump -nvv -c 12 -i eth0 -Q in vlan and vlan and "tcp port 80 or udp port 9" 2>&1' >"$SCRATCH/seen" &
seen=$!
eventually 10 netlab exec b -- sh -c 'grep -q "^" /proc/net/packet && [ $(wc -l </proc/net/packet) -gt 1 ]'
for i in 1 2 3; do run 0 netlab exec a -- sh -c 'wget -T 5 -qO /dev/null http://10.0.0.2/page; echo x | busybox nc -u -w 1 10.0.0.2 9 || :'; done
wait "$seen" || :
cp "$SCRATCH/seen" "$SCRATCH/out"
out 'cksum 0x[0-9a-f]+ \(correct\)'
no_out 'incorrect'

run 0 netlab stop
