#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A DHCPv6 client has its address when udhcpc6 returns, and the name servers; what DHCP for IPv4 wrote stays.
. "$(dirname "$0")/lib.sh"
mkdir "$SCRATCH/lease"
cat >"$SCRATCH/lease/lab.xml" <<'XML'
<lab xmlns="urn:netlab:lab:1" name="lease">
  <defaults image="debian"/>
  <network name="lan"/>
  <node name="server" kind="router">
    <interface name="eth0" network="lan" address="2001:db8:5::1/64 10.5.0.1/24"/>
    <run>dnsmasq --no-resolv --enable-ra --dhcp-range=2001:db8:5::100,2001:db8:5::1ff,64,1h --dhcp-range=10.5.0.100,10.5.0.150 --dhcp-option=option6:dns-server,[2001:db8:5::1]</run>
  </node>
  <node name="client"><interface name="eth0" network="lan"/></node>
  <node name="small" image="tiny"><interface name="eth0" network="lan"/></node>
</lab>
XML
run 0 netlab start "$SCRATCH/lease"
for node in client small; do
	run 0 netlab exec "$node" -- udhcpc -i eth0 -n -q
	eventually 30 netlab exec "$node" -- udhcpc6 -i eth0 -n -q -t 5 -T 1
	# The address can be used at once.
	run 0 netlab exec "$node" -- sh -c '! ip -6 address show dev eth0 scope global | grep tentative'
	run 0 netlab exec "$node" -- ping -6 -c 1 -W 1 2001:db8:5::1
	run 0 netlab exec "$node" -- sh -c 'ip -6 address show dev eth0; cat /etc/resolv.conf'
	out 'inet6 2001:db8:5::1[0-9a-f]{2}/128 scope global'
	out '^nameserver 2001:0*db8:'
	out '^nameserver 10\.5\.0\.1$'
done
run 0 netlab stop
