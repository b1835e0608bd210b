#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A tap on a cable: file, pipe, filter, count, and what happens when the disk is full.
. "$(dirname "$0")/lib.sh"
cat >"$SCRATCH/lab.xml" <<'XML'
<lab xmlns="urn:netlab:lab:1" name="tap">
  <node name="a"/>
  <node name="b"/>
  <link name="wire">
    <end node="a" interface="eth0" address="10.0.0.1/24"/>
    <end node="b" interface="eth0" address="10.0.0.2/24"/>
  </link>
</lab>
XML
run 0 netlab start "$SCRATCH/lab.xml"
run 0 netlab exec a -- ping -c 1 -W 2 10.0.0.2

"$NETLAB" capture wire -w "$SCRATCH/c.pcap" -f icmp -c 6 2>"$SCRATCH/count" &
capture=$!
eventually 10 test -s "$SCRATCH/c.pcap"
run 0 netlab exec a -- ping -c 5 -i 0.2 10.0.0.2
wait $capture || fail "capture -c 6 failed"
grep -q '6 frames' "$SCRATCH/count" || fail "capture should say that it took 6 frames: $(cat "$SCRATCH/count")"
run 0 tcpdump -n -r "$SCRATCH/c.pcap"
out '10\.0\.0\.1 > 10\.0\.0\.2: ICMP echo request'
out '10\.0\.0\.2 > 10\.0\.0\.1: ICMP echo reply'
[ "$(wc -l <"$SCRATCH/out")" = 6 ] || fail "six frames were asked for"
ok "exactly six frames, both directions"

# Through a pipe, by an interface's name, ended by a signal (a script's background job ignores interrupts).
"$NETLAB" capture a:eth0 -w - -f 'icmp' 2>/dev/null >"$SCRATCH/p.pcap" &
capture=$!
eventually 10 test -s "$SCRATCH/p.pcap"
run 0 netlab exec b -- ping -c 3 -i 0.2 10.0.0.1
kill -TERM $capture
wait $capture || fail "a capture that is told to end ends well"
run 0 tcpdump -n -r "$SCRATCH/p.pcap"
[ "$(grep -c ICMP "$SCRATCH/out")" = 6 ] || fail "three pings are six frames"
ok "three pings are six frames in a pipe"

run 2 netlab capture wire -w "$SCRATCH/x.pcap" -f 'tcp prot 80'
err 'filter|syntax'
run 1 netlab capture wird -w "$SCRATCH/x.pcap"
err 'wire'
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
run 0 netlab status --json
json 'sum(c["rx_frames"] for l in j["links"] for c in l["counters"].values()) > 10'
run 0 netlab stop
