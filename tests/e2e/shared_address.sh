#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Two routers share a gateway's address (VRRP), in both families, and start at the same time: hosts reach it before and after one
# of them is gone. An address that duplicate address detection refused, on any interface at any time, is told.
. "$(dirname "$0")/lib.sh"
mkdir "$SCRATCH/gateway" "$SCRATCH/duplicate"
{
	cat <<'XML'
<lab xmlns="urn:netlab:lab:1" name="gateway">
  <network name="lan"/>
  <node name="h"><interface name="eth0" network="lan" address="10.0.1.10/24 2001:db8:1::10/64"/></node>
XML
	for n in 1 2; do
		cat <<XML
  <node name="r$n" kind="router" image="debian" memory="128M">
    <interface name="eth0" network="lan" address="10.0.1.$n/24 2001:db8:1::$n/64"/>
    <file path="/root/virtual">
      ip link add vrrp4-5 link eth0 type macvlan mode bridge
      ip link set vrrp4-5 address 00:00:5e:00:01:05 addrgenmode none
      ip link set vrrp4-5 up
      ip address add 10.0.1.254/24 dev vrrp4-5
      ip link add vrrp6-5 link eth0 type macvlan mode bridge
      ip link set vrrp6-5 address 00:00:5e:00:02:05 addrgenmode random
      ip link set vrrp6-5 up
      ip address add 2001:db8:1::254/64 dev vrrp6-5 nodad
    </file>
    <file path="/etc/frr/frr.conf">
      interface eth0
       vrrp 5 version 3
       vrrp 5 priority $((300 - 100 * n))
       vrrp 5 advertisement-interval 200
       vrrp 5 ip 10.0.1.254
       vrrp 5 ipv6 2001:db8:1::254
    </file>
    <run>sh -e /root/virtual; zebra -d; vrrpd -d; vtysh -b</run>
  </node>
XML
	done
	echo '</lab>'
} >"$SCRATCH/gateway/lab.xml"
run 0 netlab start "$SCRATCH/gateway"
run 0 netlab status --json
json 'all(not n["warnings"] for n in j["nodes"])'
reaches() {
	eventually 20 netlab exec h -- ping -c 1 -W 1 10.0.1.254
	eventually 20 netlab exec h -- ping -6 -c 1 -W 1 2001:db8:1::254
}
states() { netlab exec "$1" -- vtysh -c 'show vrrp'; }
roles() { states "$1" | grep -cE "Status \(v[46]\) +$2 *$" | grep -qx 2; }
reaches
eventually 20 roles r1 Master
eventually 20 roles r2 Backup
run 0 netlab stop --node r1
eventually 20 roles r2 Master
reaches
run 0 netlab stop gateway

cat >"$SCRATCH/duplicate/lab.xml" <<'XML'
<lab xmlns="urn:netlab:lab:1" name="duplicate">
  <network name="lan"/>
  <node name="first"><interface name="eth0" network="lan" address="2001:db8::1/64 2001:db8::ff/64"/></node>
  <node name="second"><interface name="eth0" network="lan" address="2001:db8::2/64"/></node>
</lab>
XML
run 0 netlab start "$SCRATCH/duplicate"
run 0 netlab exec second -- sh -c 'ip link add link eth0 name side type macvlan mode bridge && ip link set side up && ip address add 2001:db8::ff/64 dev side'
is_told() { netlab status | grep 'second: warning: interface side: address 2001:db8::ff.*nodad'; }
eventually 20 is_told
run 0 netlab stop duplicate
