#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every routing daemon of the debian image, between two routers: started by name, configured from one frr.conf.
. "$(dirname "$0")/lib.sh"
folder=$SCRATCH/routing
mkdir "$folder"

# configuration N: of router N, whose neighbour is the other of 1 and 2.
configuration() {
	local other=$((3 - $1))
	cat <<-CONF
		hostname r$1
		interface lo
		 ip address 10.255.0.$1/32
		 ip ospf area 0
		interface eth0
		 ip ospf area 0
		 ip ospf network point-to-point
		 ip ospf hello-interval 1
		 ip ospf dead-interval 4
		 ipv6 ospf6 area 0
		 ipv6 ospf6 network point-to-point
		 ipv6 ospf6 hello-interval 1
		 ipv6 ospf6 dead-interval 4
		 ip router isis core
		 isis network point-to-point
		 isis hello-interval 1
		 ip pim
		ip route 10.99.$1.0/24 Null0
		ipv6 route 2001:db8:99:$1::/64 Null0
		router ospf
		 ospf router-id 10.255.0.$1
		router ospf6
		 ospf6 router-id 10.255.0.$1
		router rip
		 network eth0
		 redistribute static
		router ripng
		 network eth0
		 redistribute static
		router isis core
		 net 49.0001.0000.0000.000$1.00
		 is-type level-2-only
		router bgp 6500$1
		 no bgp ebgp-requires-policy
		 neighbor 10.0.0.$other remote-as 6500$other
		 neighbor 10.0.0.$other timers connect 1
		 neighbor 10.0.0.$other bfd
		 address-family ipv4 unicast
		  redistribute static
		mpls ldp
		 router-id 10.255.0.$1
		 address-family ipv4
		  discovery transport-address 10.255.0.$1
		  interface eth0
	CONF
}
# router N: its element of the lab.
router() {
	configuration "$1" >"$folder/r$1.conf"
	cat <<-XML
		<node name="r$1" kind="router">
		  <sysctl name="net.mpls.platform_labels" value="1000"/>
		  <file path="/etc/frr/frr.conf" source="r$1.conf"/>
		  <run>for d in zebra staticd ospfd ospf6d ripd ripngd isisd bgpd ldpd pimd bfdd; do \$d -d; done; vtysh -b</run>
		</node>
	XML
}
# holds NAME COMMAND PATTERN: a check that what vtysh says on both routers matches.
holds() {
	cat <<-XML
		<check name="$1" timeout="90s">
		  <run node="r1">vtysh -c '$2' | grep -E '$3'</run>
		  <run node="r2">vtysh -c '$2' | grep -E '$3'</run>
		</check>
	XML
}
{
	echo '<lab xmlns="urn:netlab:lab:1" name="routing"><defaults image="debian" memory="160M"/>'
	router 1
	router 2
	echo '<link name="wire"><end node="r1" interface="eth0" address="10.0.0.1/30 2001:db8::1/64"/>'
	echo '<end node="r2" interface="eth0" address="10.0.0.2/30 2001:db8::2/64"/></link>'
	holds OSPF 'show ip ospf neighbor' Full
	holds OSPFv3 'show ipv6 ospf6 neighbor' Full
	holds IS-IS 'show isis neighbor' Up
	holds BGP 'show bgp ipv4 unicast' '10\.99\.[12]\.0/24 +10\.0\.0\.'
	holds BFD 'show bfd peers' 'Status: up'
	holds LDP 'show mpls ldp neighbor' OPERATIONAL
	holds PIM 'show ip pim neighbor' eth0
	holds RIP 'show ip rip' 'R.n. 10\.99\.[12]\.0/24 +10\.0\.0\.'
	holds RIPng 'show ipv6 ripng' 'R.n. 2001:db8:99:[12]::/64'
	echo '</lab>'
} >"$folder/lab.xml"
run 0 netlab test --keep "$folder/lab.xml"
# What is learnt is used: the other's loopback address answers, by OSPF.
run 0 netlab exec r1 -- ping -c 1 -W 2 10.255.0.2
# Started along with the others; without it zebra asks for it a thousand times a second.
run 0 netlab exec r1 -- pgrep -x mgmtd
run 0 netlab stop
