#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What links do to frames: as declared, changed while the lab runs, pulled out and put in again.
. "$(dirname "$0")/lib.sh"
# links.sh [TRANSPORT]. Guests on vhost-user see their carrier; on datagram sockets frames just stop.
transport=${1:-datagram}
cat >"$SCRATCH/lab.xml" <<XML
<lab xmlns="urn:netlab:lab:1" name="links" seed="42">
  <defaults transport="$transport"/>
  <network name="lan"/>
  <network name="far"/>
  <node name="a"><interface name="eth1" network="lan" address="10.1.0.1/24"/></node>
  <node name="b"><interface name="eth1" network="far" address="10.1.0.2/24" delay="30ms"/></node>
  <link name="wire" delay="50ms">
    <end node="a" interface="eth0" address="10.0.0.1/24"/>
    <end node="b" interface="eth0" address="10.0.0.2/24" delay="100ms"/>
  </link>
  <link name="trunk" down="yes"><end network="lan"/><end network="far"/></link>
</lab>
XML
ping_a() { netlab exec a -- ping "$@"; }
# The smallest round trip of the last run's ping, in whole milliseconds.
rtt() { sed -nE 's|^round-trip min/avg/max = ([0-9]+)\..*|\1|p' "$SCRATCH/out"; }
rtt_at_least() { [ "$(rtt)" -ge "$1" ] || fail "a round trip of $(rtt) ms is shorter than $1 ms"; ok "round trip of $1 ms or more"; }
# What became of the frames from an end of the last `link show --json`.
events() { json_value "j['links'][0]['wire']['$1'].get('$2', 0)"; }

run 0 netlab check "$SCRATCH/lab.xml"
run 0 netlab start "$SCRATCH/lab.xml"

# As declared: 50 ms one way, 100 ms back.
run 0 ping_a -c 3 -i 0.2 10.0.0.2
rtt_at_least 150
run 0 netlab link show wire
out '^wire +a:eth0 +b:eth0 +up +delay 50ms +-$'
out '^ +b:eth0 +a:eth0 +up +delay 100ms +-$'
run 0 netlab link show wire --json
json 'j["links"][0]["impairment"] == {"a:eth0": {"delay": "50ms"}, "b:eth0": {"delay": "100ms"}}'
json 'j["links"][0]["carrier"] == {"a:eth0": True, "b:eth0": True}'

# Changed live: one direction, then both.
run 0 netlab link set wire:from=b delay=none
run 0 ping_a -c 3 -i 0.2 10.0.0.2
rtt_at_least 50
[ "$(rtt)" -lt 150 ] || fail "the delay of one direction should be gone"
run 0 netlab link clear wire
run 0 ping_a -c 1 -W 2 10.0.0.2
run 0 netlab link set wire loss=100%
run 1 ping_a -c 2 -i 0.2 -W 1 10.0.0.2
run 0 netlab link show wire --json
json 'j["links"][0]["wire"]["a:eth0"]["drop_loss"] >= 2'
run 0 netlab status --json
json '[l for l in j["links"] if l["name"] == "wire"][0]["counters"]["a:eth0"]["drop_loss"] >= 2'
run 0 netlab link set wire loss=none
run 0 ping_a -c 1 -W 2 10.0.0.2

# Losses are seeded: from the same seed, the same of the first 200 frames are lost. Only a's frames can be; ARP entries
# are made permanent, so that no other frame is counted.
permanent() { # permanent NODE OTHER ADDRESS
	run 0 netlab exec "$1" -- arp -s "$3" "$(netlab exec "$2" -- cat /sys/class/net/eth0/address)"
	run 0 netlab exec "$1" -- sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1
}
permanent a b 10.0.0.2
permanent b a 10.0.0.1
sent_by_a() {
	netlab status --json >"$SCRATCH/status" &&
		python3 -c 'import json,sys; j=json.load(open(sys.argv[1]))
print([l for l in j["links"] if l["name"] == "wire"][0]["counters"]["a:eth0"]["rx_frames"])' "$SCRATCH/status"
}
# sequence FILE: writes which of 200 pings were answered. Each frame throws the dice once, so a try in which the kernel sent
# one of its own (a late farewell of IPv6) says nothing.
sequence() {
	local try before
	for try in 1 2 3 4 5; do
		run 0 netlab link clear wire
		run 0 netlab link set wire:from=a loss=20% burst=3
		before=$(sent_by_a)
		netlab exec a -- ping -c 200 -i 0.005 -W 1 10.0.0.2 >"$SCRATCH/pings" || [ $? = 1 ]
		[ $(($(sent_by_a) - before)) != 200 ] || break
		[ "$try" != 5 ] || fail "a should send 200 frames and nothing else"
	done
	sed -nE 's/.* seq=([0-9]+) .*/\1/p' "$SCRATCH/pings" >"$1"
}
sequence "$SCRATCH/first"
sequence "$SCRATCH/second"
diff "$SCRATCH/first" "$SCRATCH/second" || fail "the same seed should lose the same frames"
n=$(wc -l <"$SCRATCH/first")
[ "$n" -gt 100 ] && [ "$n" -lt 195 ] || fail "a loss of 20 % should leave about 160 of 200, not $n"
ok "the same seed loses the same frames ($n of 200 arrived)"

# A rate: 100 full-size pings of 1042 bytes need at least 0.83 s at 1 Mbit/s, so the queue fills; a small queue overflows.
run 0 netlab link set wire clear rate=1Mbit queue=4K
run 0 ping_a -c 3 -i 0.2 -s 1000 10.0.0.2
rtt_at_least 16
netlab exec a -- ping -c 100 -i 0.001 -s 1000 -W 1 10.0.0.2 >"$SCRATCH/pings" || [ $? = 1 ]
run 0 netlab link show wire --json
[ "$(events a:eth0 drop_rate_queue)" -gt 0 ] || fail "a queue of 4K should overflow"
ok "the queue overflowed"
run 0 netlab link set wire clear duplicate=100%
run 0 ping_a -c 2 -i 0.2 10.0.0.2
out 'DUP|duplicates'
run 0 netlab link set wire clear corrupt=100%
run 1 ping_a -c 3 -i 0.2 -W 1 10.0.0.2
run 0 netlab link show wire --json
[ "$(events a:eth0 corrupted)" -ge 3 ] || fail "three frames should have been corrupted"

# Back to what the file says.
run 0 netlab link reset wire
run 0 netlab link show wire
out '^wire +a:eth0 +b:eth0 +up +delay 50ms '

# Down and up.
carrier() { netlab exec "$1" -- cat /sys/class/net/eth0/carrier; }
has_carrier() { [ "$(carrier "$1")" = "$2" ]; }
run 0 netlab link down wire
run 0 netlab link show wire
out '^wire +a:eth0 +b:eth0 +down '
run 0 netlab link show wire --json
json 'j["links"][0]["down"] and not any(j["links"][0]["carrier"].values())'
run 1 ping_a -c 1 -W 1 10.0.0.2
if [ $transport = vhost-user ]; then eventually 5 has_carrier a 0; eventually 5 has_carrier b 0; fi
run 0 netlab link up wire
if [ $transport = vhost-user ]; then eventually 5 has_carrier a 1; eventually 5 has_carrier b 1; fi
eventually 10 ping_a -c 1 -W 1 10.0.0.2

# A guest that ends takes its cable's carrier with it, and who listens is told without asking.
"$BUILD/tests/heard" links >"$SCRATCH/heard" &
heard=$!
eventually 10 grep -qx listening "$SCRATCH/heard"
run 0 netlab stop links --node b
eventually 5 grep -qx wire "$SCRATCH/heard"
run 0 netlab link show wire --json
json 'j["links"][0]["carrier"]["a:eth0"] == False'
run 0 netlab restart links --node b
eventually 10 ping_a -c 1 -W 1 10.0.0.2

# A link between networks, which the file declares to be down; and the cable of an interface.
run 1 ping_a -c 1 -W 1 10.1.0.2
run 0 netlab link up trunk
eventually 10 ping_a -c 1 -W 1 10.1.0.2
run 0 ping_a -c 2 -i 0.2 10.1.0.2
rtt_at_least 60
run 0 netlab link set b:eth1:from=far delay=80ms
run 0 ping_a -c 2 -i 0.2 10.1.0.2
rtt_at_least 110
run 0 netlab link set trunk:from=far delay=20ms
run 0 ping_a -c 2 -i 0.2 10.1.0.2
rtt_at_least 130

# Mistakes say what to do.
run 2 netlab link set wire dealy=5ms
err 'did you mean "delay"'
run 2 netlab link set wire delay=5
err 'delay: "5"'
run 2 netlab link set wire delay
err 'NAME=VALUE'
run 2 netlab link set wire
run 2 netlab link dwon wire
err 'did you mean "down"'
run 2 netlab link down wire:from=a
run 2 netlab link set wire:from= delay=5ms
err 'does not name an end'
run 1 netlab link set wird delay=5ms
err 'did you mean "wire"'
run 1 netlab link set lan delay=5ms
err 'is a network, not a link; its links are'
run 1 netlab link set wire:from=c delay=5ms
err 'from=a:eth0 or from=b:eth0'
run 1 netlab link show nowhere
run 0 netlab link show wire
out '^wire +a:eth0 +b:eth0 +up +delay 50ms '
run 0 netlab stop
