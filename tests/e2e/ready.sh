#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Ready means that the first packet passes: every interface with a peer is operational, and both families work, across a router,
# on networks and on links, with both transports.
. "$(dirname "$0")/lib.sh"
mkdir "$SCRATCH/first"
cat >"$SCRATCH/first/lab.xml" <<'XML'
<lab xmlns="urn:netlab:lab:1" name="first">
  <network name="lan"/>
  <node name="r" kind="router">
    <interface name="eth0" network="lan" address="10.0.1.1/24 2001:db8:1::1/64"/>
    <interface name="eth1" address="10.0.2.1/24 2001:db8:2::1/64"/>
    <interface name="eth2"/>
  </node>
  <node name="old" transport="datagram">
    <interface name="eth0" network="lan" address="10.0.1.2/24 2001:db8:1::2/64"/>
    <route to="default" via="10.0.1.1"/><route to="default" via="2001:db8:1::1"/>
  </node>
  <node name="far">
    <interface name="eth0" address="10.0.2.2/24 2001:db8:2::2/64"/>
    <route to="default" via="10.0.2.1"/><route to="default" via="2001:db8:2::1"/>
  </node>
  <node name="last">
    <interface name="eth0" network="lan" address="10.0.1.3/24 2001:db8:1::3/64"/>
    <route to="default" via="10.0.1.1"/><route to="default" via="2001:db8:1::1"/>
  </node>
  <link name="core"><end node="r" interface="eth1"/><end node="far" interface="eth0"/></link>
</lab>
XML
for round in 1 2 3 4 5; do
	run 0 netlab start "$SCRATCH/first"
	run 0 netlab exec old -- ping -6 -c 1 -W 1 2001:db8:2::2
	run 0 netlab exec last -- ping -6 -c 1 -W 1 2001:db8:2::2
	run 0 netlab exec last -- ping -c 1 -W 1 10.0.2.2
	run 0 netlab exec far -- ping -c 1 -W 1 10.0.1.2
	# Nothing that has a peer is down or has a tentative address (flag 40 of /proc/net/if_inet6).
	run 0 netlab exec --all -- sh -c 'cd /sys/class/net; grep -H . eth*/operstate; cat /proc/net/if_inet6; true'
	[ "$(grep -Ec ' eth[01]/operstate:up$' "$SCRATCH/out")" = 5 ] || fail "each interface is up"
	[ "$(grep -Ec ' fe80.* 82 +eth[01]$' "$SCRATCH/out")" = 5 ] || fail "each has its link-local address"
	no_out '^[a-z]+ +\| [0-9a-f]+ .* [4-7c-f][0-9a-f] +eth'
	out '^r +\| eth2/operstate:down$'
	[ "$round" = 5 ] || run 0 netlab stop
done

# Duplicate address detection is real for what is configured in the node: an address that another one has does not come up
# (flag 08).
run 0 netlab exec last -- sh -c 'cat /proc/sys/net/ipv6/conf/eth0/accept_dad; ip address add 2001:db8:1::2/64 dev eth0'
out '^1$'
eventually 20 sh -c '"$NETLAB" exec last -- grep -E "^20010db80001.*0002 .* [4c]8 +eth0" /proc/net/if_inet6'
run 0 netlab stop

# A start-up command's address counts too, and one that is a duplicate is told. Where the lab wants another detection for
# the link-local addresses, the kernel does it, and start-up waits.
sed -i 's|<node name="last">|<node name="last"><sysctl name="net.ipv6.conf.eth0.accept_dad" value="2"/>\
	<run>until ping -c 1 -W 1 10.0.1.1; do :; done; ip address add 2001:db8:1::77/64 dev eth0; ip address add 2001:db8:1::1/64 dev eth0</run>|' "$SCRATCH/first/lab.xml"
run 0 netlab start "$SCRATCH/first"
err 'last: warning: interface eth0: address 2001:db8:1::1/64 cannot be used: another machine has it too'
run 0 netlab exec last -- cat /proc/net/if_inet6
out '^20010db80001.*0077 .* 80 +eth0'
out '^fe80.* 80 +eth0'
run 0 netlab stop

# Settings that interfaces take over when they are made hold for those of the lab, and one of their own wins.
mkdir "$SCRATCH/inherited"
cat >"$SCRATCH/inherited/lab.xml" <<'XML'
<lab xmlns="urn:netlab:lab:1" name="inherited">
  <network name="lan"/>
  <node name="a">
    <sysctl name="net.ipv6.conf.default.accept_ra" value="0"/>
    <sysctl name="net.ipv6.conf.default.hop_limit" value="33"/>
    <sysctl name="net/ipv6/conf/default/addr_gen_mode" value="1"/>
    <sysctl name="net.ipv4.conf.default.rp_filter" value="2"/>
    <sysctl name="net.ipv4.conf.default.forwarding" value="1"/>
    <sysctl name="net.ipv6.conf.eth1.hop_limit" value="44"/>
    <interface name="eth0" network="lan" address="10.0.1.1/24"/>
    <interface name="eth1" network="lan"/>
  </node>
  <node name="b"><interface name="eth0" network="lan" address="10.0.1.2/24"/>
    <sysctl name="net.ipv6.conf.default.disable_ipv6" value="1"/></node>
</lab>
XML
run 0 netlab start "$SCRATCH/inherited"
# shellcheck disable=SC2016
run 0 netlab exec a -- sh -c 'cd /proc/sys/net; for i in eth0 eth1; do
	echo $i $(cat ipv6/conf/$i/accept_ra ipv6/conf/$i/hop_limit ipv6/conf/$i/addr_gen_mode ipv4/conf/$i/rp_filter ipv4/conf/$i/forwarding); done
	grep -c eth /proc/net/if_inet6; true'
out '^eth0 0 33 1 2 1$'
out '^eth1 0 44 1 2 1$'
out '^0$'
run 0 netlab exec b -- cat /proc/sys/net/ipv6/conf/eth0/disable_ipv6
out '^1$'
run 0 netlab stop
