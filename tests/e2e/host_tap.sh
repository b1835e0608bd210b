#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A network of the lab joined to the host. The host is a network namespace of our own, where even an ordinary user is root.
if [ -z "${HOST_OF_OUR_OWN:-}" ]; then
	HOST_OF_OUR_OWN=1 exec unshare --user --map-root-user --net "$0" "$@"
fi
. "$(dirname "$0")/lib.sh"
[ -r /dev/net/tun ] && [ -w /dev/net/tun ] || skip "this host has no /dev/net/tun for its users"
ip link set lo up

host_lab() { # NAME HOST
	cat >"$SCRATCH/$1.xml" <<XML
<lab xmlns="urn:netlab:lab:1" name="$1">
  <network name="lan" host="$2"/>
  <node name="a"><interface name="eth0" network="lan" address="10.7.0.1/24"/></node>
  <node name="b"><interface name="eth0" network="lan" address="10.7.0.2/24"/></node>
</lab>
XML
	echo "$SCRATCH/$1.xml"
}

run 0 netlab start "$(host_lab tapped tap:labtap)"
ip address add 10.7.0.9/24 dev labtap
run 0 ping -c 2 -i 0.2 -W 5 10.7.0.1
run 0 netlab exec b -- ping -c 2 -W 5 10.7.0.9
# Segments that the host does not cut, and checksums that it leaves to do, arrive whole all the same.
head -c 3000000 /dev/urandom >"$SCRATCH/sent"
run 0 netlab exec a -- sh -c 'busybox nc -l -p 5000 >/tmp/got </dev/null & while ! netstat -ltn | grep -q :5000; do usleep 20000; done'
run 0 timeout 60 bash -c "cat '$SCRATCH/sent' >/dev/tcp/10.7.0.1/5000"
arrived() { [ "$("$NETLAB" exec a -- md5sum /tmp/got | cut -d' ' -f1)" = "$(md5sum <"$SCRATCH/sent" | cut -d' ' -f1)" ]; }
eventually 30 arrived
ok "3 MB from the host arrived whole"
run 1 netlab start "$(host_lab second tap:labtap)" --name second
err 'another program or another lab uses'
run 0 netlab stop tapped
run fails ip link show labtap
ok "the tap interface is gone with the lab"

run fails netlab start "$(host_lab bridged bridge:nobridge)"
err 'no bridge "nobridge"'
ip link add hostbr type bridge
ip address add 10.7.0.8/24 dev hostbr
ip link set hostbr up
run 0 netlab start "$(host_lab bridged bridge:hostbr)"
run 0 ping -c 2 -i 0.2 -W 5 10.7.0.2
# Somebody deletes the interface: the guests still have each other.
ip link delete "$(ip -o link show master hostbr | sed 's/^[0-9]*: \([^:@]*\).*/\1/')"
run 0 netlab exec a -- ping -c 2 -W 5 10.7.0.2
run 0 netlab stop bridged
[ -z "$(ip -o link show master hostbr)" ] || fail "something was left in the bridge"
run 0 ip link show hostbr

# A user without privilege is told what to do.
unprivileged=$SCRATCH/unprivileged
cat >"$unprivileged" <<SH
#!/bin/sh
exec unshare --user --map-user=1000 --map-group=1000 "$NETLAB" "\$@"
SH
chmod +x "$unprivileged"
run fails "$unprivileged" start "$(host_lab poor tap:labtap)"
err 'run: ip tuntap add dev labtap mode tap user'
run fails "$unprivileged" start "$(host_lab poor bridge:hostbr)"
err 'needs CAP_NET_ADMIN'
