#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# netlab-switch alone with a tap: a client and the host reach each other. The host is a network namespace of our own,
# where even an ordinary user is root.
if [ -z "${HOST_OF_OUR_OWN:-}" ]; then
	HOST_OF_OUR_OWN=1 exec unshare --user --map-root-user --net "$0" "$@"
fi
. "$(dirname "$0")/lib.sh"
[ -r /dev/net/tun ] && [ -w /dev/net/tun ] || skip "this host has no /dev/net/tun for its users"
control=$SCRATCH/ctl
mkfifo "$SCRATCH/in"
"$(dirname "$NETLAB")/netlab-switch" -unix "$control" -tap labtap >"$SCRATCH/said" 2>&1 &
switch=$!
eventually 10 grep -q "attached to unix socket '$control' tap device 'labtap'" "$SCRATCH/said"
ip link set labtap up
ip address add 10.7.0.1/24 dev labtap
"$BUILD/tests/uml_station" "$control" 10.7.0.2 10.7.0.1 <"$SCRATCH/in" >"$SCRATCH/station" &
station=$!
exec 7>"$SCRATCH/in"
eventually 10 grep -q 'reached 10.7.0.1' "$SCRATCH/station"
run 0 ping -c 2 -i 0.2 -W 5 10.7.0.2
# Down and up again, as a host may do at any time.
ip link set labtap down
ip link set labtap up
eventually 10 ping -c 1 -W 1 10.7.0.2
# One that is in use, one that is no tap, one that one may not have.
run 1 "$(dirname "$NETLAB")/netlab-switch" -unix "$control.2" -tap labtap
err 'labtap.*another program is using it'
run 1 "$(dirname "$NETLAB")/netlab-switch" -unix "$control.2" -tap lo
err '"lo".*not a tap'
run 1 setpriv --bounding-set=-net_admin --inh-caps=-net_admin "$(dirname "$NETLAB")/netlab-switch" -unix "$control.2" -tap other
err 'CAP_NET_ADMIN.*ip tuntap add'
[ ! -e "$control.2" ] || fail "a switch that did not start left its socket"
exec 7>&-
wait $station
kill -TERM $switch
status=0
wait $switch || status=$?
[ $status = 143 ] || fail "SIGTERM should end it, not $status"
[ ! -e "$control" ] || fail "its socket is still there"
run fails ip link show labtap
ok "the tap and the socket are gone with it"
