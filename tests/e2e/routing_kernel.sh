#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What routing daemons and routes ask of the kernel takes effect: BGP passwords (TCP-MD5, RFC 2385), segments of SRv6.
. "$(dirname "$0")/lib.sh"
cat >"$SCRATCH/lab.xml" <<'XML'
<lab xmlns="urn:netlab:lab:1" name="asked">
  <defaults image="debian" memory="128M"/>
  <node name="r1" kind="router">
    <file path="/etc/frr/frr.conf">
      router bgp 65001
       no bgp ebgp-requires-policy
       neighbor 10.0.2.2 remote-as 65002
       neighbor 10.0.2.2 password secret
       neighbor 10.0.2.2 timers connect 1
       neighbor 10.0.3.3 remote-as 65003
       neighbor 10.0.3.3 password secret
       neighbor 10.0.3.3 timers connect 1
    </file>
    <run>zebra -d; bgpd -d; vtysh -b</run>
    <run>ip -6 route add 2001:db8:f::1/128 encap seg6local action End.DX6 nh6 2001:db8:3::3 dev eth1</run>
    <run>sysctl -w net.ipv6.conf.all.seg6_enabled=1 net.ipv6.conf.eth0.seg6_enabled=1</run>
  </node>
  <node name="r2" kind="router">
    <file path="/etc/frr/frr.conf">
      router bgp 65002
       no bgp ebgp-requires-policy
       neighbor 10.0.2.1 remote-as 65001
       neighbor 10.0.2.1 password secret
       neighbor 10.0.2.1 timers connect 1
    </file>
    <run>zebra -d; bgpd -d; vtysh -b</run>
    <run>ip -6 route add 2001:db8:f::/64 via 2001:db8:2::1</run>
    <run>ip -6 route add 2001:db8:33::3/128 encap seg6 mode encap segs 2001:db8:f::1 dev eth0</run>
  </node>
  <node name="r3" kind="router">
    <file path="/etc/frr/frr.conf">
      router bgp 65003
       no bgp ebgp-requires-policy
       neighbor 10.0.3.1 remote-as 65001
       neighbor 10.0.3.1 password other
       neighbor 10.0.3.1 timers connect 1
    </file>
    <run>zebra -d; bgpd -d; vtysh -b</run>
    <run>ip addr add 2001:db8:33::3/128 dev lo; ip -6 route add 2001:db8:2::/64 via 2001:db8:3::1</run>
  </node>
  <link name="same"><end node="r1" interface="eth0" address="10.0.2.1/24 2001:db8:2::1/64"/><end node="r2" interface="eth0" address="10.0.2.2/24 2001:db8:2::2/64"/></link>
  <link name="other"><end node="r1" interface="eth1" address="10.0.3.1/24 2001:db8:3::1/64"/><end node="r3" interface="eth0" address="10.0.3.3/24 2001:db8:3::3/64"/></link>
</lab>
XML
run 0 netlab start "$SCRATCH/lab.xml"
state() { "$NETLAB" exec r1 -- vtysh -c "show bgp neighbors $1" | grep -q "BGP state = $2"; }
failures() { [ "$("$NETLAB" exec "$1" -- nstat -asz TcpExtTCPMD5Failure | awk '/MD5/ { print $2 }')" -ge "$2" ]; }

# Equal passwords: a session. Different ones: each side refuses what the other sends, and none.
eventually 60 state 10.0.2.2 Established
eventually 60 failures r1 5
eventually 60 failures r3 5
run fails state 10.0.3.3 Established
failures r2 1 && fail "segments with the right password were refused"
ok "no segment with the right password was refused"

# r2 reaches an address of r3 only through the segment of r1; r1 sends on what is inside.
run 0 netlab exec r2 -- ping -c 3 -W 10 2001:db8:33::3
run 0 netlab exec r1 -- ip -6 -s route show 2001:db8:f::1
run 0 netlab stop
