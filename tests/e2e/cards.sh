#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a guest sees of its cards: their speed, and the MTU that they can be given.
. "$(dirname "$0")/lib.sh"
cat >"$SCRATCH/lab.xml" <<'XML'
<lab xmlns="urn:netlab:lab:1" name="cards">
  <defaults image="debian"/>
  <network name="lan"/>
  <node name="a"><interface name="eth3" network="lan" address="10.3.0.1/24"/></node>
  <node name="b"><interface name="eth3" network="lan" address="10.3.0.2/24" mtu="1400"/></node>
  <node name="old" transport="datagram"><interface name="eth0" network="lan" mtu="2000"/></node>
  <link name="l0"><end node="a" interface="eth0"/><end node="b" interface="eth0"/></link>
  <link name="l1"><end node="a" interface="eth1"/><end node="b" interface="eth1"/></link>
  <link name="slow" rate="100Mbit">
    <end node="a" interface="eth2" address="10.2.0.1/24"/><end node="b" interface="eth2" address="10.2.0.2/24" rate="20Mbit"/>
  </link>
</lab>
XML
of() { netlab exec "$1" -- cat "/sys/class/net/$2/$3"; }
is() { [ "$(of "$1" "$2" "$3")" = "$4" ] || fail "$3 of $1:$2 is $(of "$1" "$2" "$3"), not $4"; ok "$3 of $1:$2 is $4"; }
becomes() { [ "$(of "$1" "$2" "$3")" = "$4" ]; }

run 0 netlab start "$SCRATCH/lab.xml"

# The rate of the slower direction, else 10 Gbit/s; also when it changes, and no carrier is lost for that.
is a eth0 speed 10000
is a eth0 duplex full
is a eth2 speed 20
is b eth2 speed 20
changes=$(of a eth2 carrier_changes)
run 0 netlab link set slow rate=1Gbit
eventually 10 becomes a eth2 speed 1000
eventually 10 becomes b eth2 speed 1000
is a eth2 carrier_changes "$changes"
run 0 netlab link set slow rate=none
eventually 10 becomes a eth2 speed 10000
run 0 netlab link set slow rate=10Mbit down=yes
run 0 netlab link set slow down=no
eventually 10 becomes b eth2 operstate up
is b eth2 speed 10
run 0 netlab restart --node b
is b eth2 speed 10
run 0 netlab link clear slow

# An aggregate of two links, by LACP, which is not possible without a speed.
for node in a b; do
	run 0 netlab exec "$node" -- sh -ec 'ip link add bond0 type bond mode 802.3ad lacp_rate fast miimon 100
		for i in eth0 eth1; do ip link set $i down; ip link set $i master bond0; done
		ip link set bond0 up'
done
run 0 netlab exec a -- ip address add 10.0.0.1/24 dev bond0
run 0 netlab exec b -- ip address add 10.0.0.2/24 dev bond0
partner() { netlab exec a -- sh -c 'grep -q "Number of ports: 2" /proc/net/bonding/bond0 && ! grep -q "Partner Mac Address: 00:00:00:00:00:00" /proc/net/bonding/bond0'; }
eventually 30 partner
run 0 netlab exec a -- ping -c 1 -W 5 10.0.0.2

# mtu= is what an interface begins with; jumbo frames pass once both ends are set to them, over links and networks.
is b eth3 mtu 1400
is old eth0 mtu 2000
for node in a b; do
	for interface in eth2 eth3; do run 0 netlab exec "$node" -- ip link set "$interface" mtu 9000; done
done
jumbo() { run 0 netlab exec a -- ping -c 1 -W 5 -s 8972 -M do "$1"; }
jumbo 10.2.0.2
jumbo 10.3.0.2
run 0 netlab link set slow rate=1Gbit delay=1ms
"$NETLAB" capture slow -w "$SCRATCH/slow.pcap" --format pcap >"$SCRATCH/capture" 2>&1 &
capture=$!
eventually 10 test -s "$SCRATCH/slow.pcap"
jumbo 10.2.0.2
netlab exec b -- iperf3 -s -1 -D
run 0 netlab exec a -- timeout 60 iperf3 -c 10.2.0.2 -n 500K
kill -TERM "$capture"
wait "$capture" || :
run 0 tcpdump -nr "$SCRATCH/slow.pcap" -e 'greater 9000'
out 'ICMP echo request, .* length 8980'
out 'length 9014: .*\.5201: Flags'
# As with other cards, there is a limit.
run fails netlab exec a -- ip link set eth2 mtu 9217
run 0 netlab exec a -- ip link set eth2 mtu 9216

run 0 netlab stop
