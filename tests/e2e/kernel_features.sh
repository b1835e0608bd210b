#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the guest kernel must carry, used for real in one guest.
. "$(dirname "$0")/lib.sh"
cat >"$SCRATCH/lab.xml" <<'XML'
<lab xmlns="urn:netlab:lab:1" name="kern">
  <defaults image="debian"/>
  <node name="k"/>
</lab>
XML
run 0 netlab start "$SCRATCH/lab.xml"
can() { run 0 netlab exec k -- sh -ec "$1"; }
can 'set -- $(sysctl -n net.ipv4.tcp_rmem) && [ "$3" -gt 2000000 ]' # the agent's doing
can 'ip link add br0 type bridge vlan_filtering 1 && ip link add v0 type veth peer name v1 && ip link set v0 master br0 && bridge vlan add dev v0 vid 10'
can 'ip link add link v1 name v1.10 type vlan id 10'
can 'ip link add bond0 type bond mode active-backup'
can 'ip link add red type vrf table 10 && ip link set red up'
can 'ip link add vx type vxlan id 7 remote 10.9.9.9 dstport 4789 dev v1'
can 'ip link add g1 type gre local 10.1.1.1 remote 10.1.1.2 && ip link add i1 type ipip local 10.1.1.1 remote 10.1.1.2 && ip link add s1 type sit local 10.1.1.1 remote 10.1.1.2'
can 'ip link add wg0 type wireguard'
can 'ip xfrm state add src 10.1.1.1 dst 10.1.1.2 proto esp spi 1 mode tunnel enc "cbc(aes)" 0x00112233445566778899aabbccddeeff auth "hmac(sha256)" 0x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'
can 'sysctl -w net.mpls.platform_labels=100 && ip link set lo up && ip -f mpls route add 16 dev lo'
can 'ip rule add from 10.5.0.0/16 table 50 && ip -6 rule add from 2001:db8::/32 table 50'
can 'test -e /proc/net/ip_mr_vif'
can 'for f in ip ip6 inet arp bridge; do nft add table $f t; done; nft add chain inet t c "{ type filter hook input priority 0; policy accept; }" && nft add rule inet t c ct state established counter log limit rate 5/second accept'
can 'ip link add ifn type dummy && nft add table netdev t && nft add chain netdev t c "{ type filter hook ingress device ifn priority 0; }"'
can 'nft add chain ip t nat "{ type nat hook postrouting priority 100; }" && nft add rule ip t nat masquerade'
can 'iptables-legacy -t nat -A POSTROUTING -j MASQUERADE && iptables-legacy -A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT && ip6tables-legacy -A INPUT -p tcp -m multiport --dports 1,2 -j REJECT'
can 'iptables-nft -A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT && ip6tables-nft -A INPUT -p tcp -m multiport --dports 1,2 -j REJECT'
can 'tc qdisc add dev v0 root netem delay 5ms && tc qdisc replace dev v0 root tbf rate 1mbit burst 10k latency 50ms && tc qdisc replace dev v0 root handle 1: htb && tc qdisc add dev v1 root fq_codel'
can 'tc filter add dev v0 parent 1: protocol ip u32 match ip dst 10.0.0.0/8 flowid 1:1'
can 'ip tuntap add t0 mode tap && ip tuntap add t1 mode tun && ip netns add n && ip netns exec n ip link set lo up'
# Masquerading what stays on the loopback is dropped by design.
can 'nft flush ruleset; iptables-legacy -t nat -F'
can 'tcpdump -i lo -c 1 -w /dev/null & p=$!; while kill -0 $p 2>/dev/null; do ping -c 1 127.0.0.1 >/dev/null; done; wait $p'
can 'grep -wq overlay /proc/filesystems && grep -wq squashfs /proc/filesystems && grep -wq erofs /proc/filesystems && grep -wq ext4 /proc/filesystems && grep -wq hostfs /proc/filesystems'
can 'zcat /proc/config.gz | grep -q CONFIG_UML_TIME_TRAVEL_SUPPORT=y'
run 0 netlab stop
