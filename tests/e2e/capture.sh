#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Taps on cables: of a link, an interface, the whole lab; file, pipe, filter, count; what the lab's file asks for; what has
# passed already; and what happens when the disk is full.
. "$(dirname "$0")/lib.sh"
cat >"$SCRATCH/lab.xml" <<'XML'
<lab xmlns="urn:netlab:lab:1" name="tap">
  <network name="lan"/>
  <node name="a"><interface name="eth1" network="lan" address="10.1.0.1/24"/></node>
  <node name="b"><interface name="eth1" network="lan" address="10.1.0.2/24"/></node>
  <link name="wire">
    <end node="a" interface="eth0" address="10.0.0.1/24"/>
    <end node="b" interface="eth0" address="10.0.0.2/24"/>
  </link>
  <capture file="all.pcapng"/>
  <capture file="ring.pcap" link="wire" format="pcap" filter="icmp" ring="64Kx2"/>
</lab>
XML
# capture FILE ARGUMENTS...: begins a capture to a file, and waits until it has begun.
capture() {
	local file=$1
	shift
	rm -f "$file"
	"$NETLAB" capture "$@" -w "$file" 2>"$SCRATCH/count" &
	capture=$!
	eventually 10 test -s "$file"
}
# fields FILE FIELD...: what tshark reads of each frame, separated by blanks, in $SCRATCH/out.
fields() {
	local file=$1 field arguments=()
	shift
	for field; do arguments+=(-e "$field"); done
	run 0 tshark -n -r "$file" -Y icmp -T fields -E separator=/s "${arguments[@]}"
}
run 0 netlab start "$SCRATCH/lab.xml"
run 0 netlab exec a -- ping -c 1 -W 2 10.0.0.2

capture "$SCRATCH/c.pcapng" wire -f icmp -c 6
run 0 netlab exec a -- ping -c 5 -i 0.2 10.0.0.2
wait $capture || fail "capture -c 6 failed"
grep -q '6 frames' "$SCRATCH/count" || fail "capture should say that it took 6 frames: $(cat "$SCRATCH/count")"
run 0 tcpdump -n -r "$SCRATCH/c.pcapng"
out '10\.0\.0\.1 > 10\.0\.0\.2: ICMP echo request'
out '10\.0\.0\.2 > 10\.0\.0\.1: ICMP echo reply'
[ "$(wc -l <"$SCRATCH/out")" = 6 ] || fail "six frames were asked for"
ok "exactly six frames, both directions"
fields "$SCRATCH/c.pcapng" frame.interface_name frame.packet_flags_direction icmp.type icmp.checksum.status ip.checksum.status
[ "$(head -n 2 "$SCRATCH/out")" = $'a:eth0 0x00000002 8 1 2\nb:eth0 0x00000002 0 1 2' ] ||
	fail "each frame of a link is recorded where it was sent"
ok "interfaces and directions of a link"

# An interface's own view; a network's ports; through a pipe, ended by a signal (a background job ignores interrupts).
capture "$SCRATCH/a.pcapng" a:eth0 lan -f icmp
run 0 netlab exec b -- ping -c 1 10.0.0.1
run 0 netlab exec b -- ping -c 1 10.1.0.1
run 0 netlab status
out 'a:eth0 lan +a command'
kill -TERM $capture
wait $capture || fail "a capture that is told to end ends well"
fields "$SCRATCH/a.pcapng" frame.interface_name frame.packet_flags_direction icmp.type
[ "$(sort "$SCRATCH/out" | tr '\n' ',')" = "a:eth0 0x00000001 8,a:eth0 0x00000002 0,a:eth1 0x00000001 8,a:eth1 0x00000002 0,b:eth1 0x00000001 0,b:eth1 0x00000002 8," ] ||
	fail "one interface has both directions, and so has each port of a network"
ok "an interface has both directions"
"$NETLAB" capture a:eth0 -w - -f 'icmp' --format pcap 2>/dev/null >"$SCRATCH/p.pcap" &
capture=$!
eventually 10 test -s "$SCRATCH/p.pcap"
run 0 netlab exec b -- ping -c 3 -i 0.2 10.0.0.1
kill -TERM $capture
wait $capture || fail "a capture that is told to end ends well"
run 0 tcpdump -n -r "$SCRATCH/p.pcap"
[ "$(grep -c ICMP "$SCRATCH/out")" = 6 ] || fail "three pings are six frames"
ok "three pings are six frames in a pipe"

# What has passed already is there; and a time limit.
run 0 netlab capture --last 10min -w "$SCRATCH/last.pcapng" -f 'icmp[icmptype] == icmp-echo'
fields "$SCRATCH/last.pcapng" frame.interface_name
[ "$(grep -c 'a:eth0' "$SCRATCH/out")" -ge 6 ] || fail "the pings of before should be remembered"
ok "the history has the pings of before"
# Shown by tcpdump, which reads what guests send: in a sandbox, also as root, whom it would leave by itself.
run 0 netlab capture --last 10min -f 'icmp[icmptype] == icmp-echo'
out 'ethertype IPv4 .* ICMP echo request, id '
run 0 netlab capture --unconfined --last 10min -f 'icmp[icmptype] == icmp-echo'
out 'ICMP echo request'
run 2 netlab capture wire --unconfined -w "$SCRATCH/x.pcap"
err '--unconfined is for frames that are shown'
run 0 netlab capture wire --duration 0.2s -w "$SCRATCH/short.pcapng"
err 'frames captured, 0 dropped'
run 0 netlab capture wire --last 1s -w "$SCRATCH/short.pcap" --format pcap

# What the lab's file asks for goes on all the time.
run 0 netlab status --json
json 'any(c.get("file", "").endswith("/all.pcapng") and c["captured"] > 20 and not c["reason"] for c in j["captures"])'
json 'sum(c["rx_frames"] for l in j["links"] for c in l["counters"].values()) > 10'

# Mistakes leave the file alone.
echo precious >"$SCRATCH/x.pcap"
run 2 netlab capture wire -w "$SCRATCH/x.pcap" -f 'tcp prot 80'
err 'at character 5, "prot 80"'
run 1 netlab capture wird -w "$SCRATCH/x.pcap"
err 'did you mean "wire"'
run 2 netlab capture --all -w "$SCRATCH/x.pcap" --format pcap
err 'pcapng for several'
run 2 netlab capture -w "$SCRATCH/x.pcap"
err 'all'
run 2 netlab capture wire --ring 10Mx5
err 'write FILE'
run 2 netlab capture wire -w "$SCRATCH/x.pcap" --ring 10M
err '10Mx5'
run 2 netlab capture --last 30 -w "$SCRATCH/x.pcap"
err '30s'
run 2 netlab capture wire -w "$SCRATCH/x.pcap" -f 'host localhost'
err "unknown host 'localhost'"
[ "$(cat "$SCRATCH/x.pcap")" = precious ] || fail "a capture that cannot begin should not empty the file"
ok "mistakes leave the file alone"

# Names of ports are those of the host, which the switch does not see otherwise.
run 0 netlab capture wire -f 'udp port domain' -w "$SCRATCH/names.pcapng" -d 1ms

# Files of a size, the newest of them.
"$NETLAB" capture wire -w "$SCRATCH/turn.pcapng" --ring 64K×2 2>/dev/null &
capture=$!
eventually 10 test -s "$SCRATCH/turn_00001.pcapng"
run 0 netlab exec a -- ping -c 100 -i 0.01 -s 1400 10.0.0.2
kill -TERM $capture
wait $capture || fail "a capture to rotating files ends well"
for file in "$SCRATCH"/turn_*.pcapng; do run 0 tshark -n -r "$file" -c 1; done
[ "$(ls "$SCRATCH"/turn_*.pcapng | wc -l)" = 2 ] || fail "two files were asked for"
ok "rotating files"

# The disk is full: said at once, and the lab does not mind.
"$NETLAB" capture wire -w /dev/full 2>"$SCRATCH/full" &
capture=$!
run 0 netlab exec a -- ping -c 3 -i 0.2 10.0.0.2
status=0
wait $capture || status=$?
[ $status = 1 ] || fail "a capture to a full disk should exit 1, not $status"
grep -q 'No space left' "$SCRATCH/full" || fail "it should say that the disk is full: $(cat "$SCRATCH/full")"
ok "a full disk ends the capture with a message"
run 0 netlab exec a -- ping -c 1 -W 2 10.0.0.2
run 0 netlab stop

# The lab's own captures are complete, from the first frame on.
run 0 tshark -n -r "$SCRATCH/all.pcapng" -T fields -e frame.interface_name -e arp.opcode -e icmpv6.type
grep -qE '^a:eth0' "$SCRATCH/out" || fail "the whole lab was asked for"
grep -qE '^b:eth1' "$SCRATCH/out" || fail "the whole lab was asked for"
[ "$(ls "$SCRATCH"/ring_*.pcap | wc -l)" = 2 ] || fail "two files were asked for"
for file in "$SCRATCH"/ring_*.pcap; do run 0 tcpdump -n -r "$file" icmp; done
ok "the captures of the lab's file"

# One that cannot be written keeps the lab from starting.
long=$(printf 'x%.0s' {1..300})
sed -i "s|file=\"all.pcapng\"|file=\"$long\"|" "$SCRATCH/lab.xml"
run 1 netlab start "$SCRATCH/lab.xml"
err 'lab.xml:9:[0-9]+: capture: cannot write ".*": File name too long'
sed -i 's|file="xxx*"|file="all.pcapng" filter="tcp prot 80"|' "$SCRATCH/lab.xml"

# A wrong filter is found in the file, before anything is begun, and what the file was to be written over is still there.
echo precious >"$SCRATCH/all.pcapng"
for command in check start; do
	run 2 netlab $command "$SCRATCH/lab.xml"
	err 'lab.xml:9:[0-9]+: error: capture filter "tcp prot 80": .*at character 5, "prot 80"'
done
[ "$(cat "$SCRATCH/all.pcapng")" = precious ] || fail "a start that fails should not empty the file of a capture"
