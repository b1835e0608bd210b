#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# More frames than the memory of a link can take: the capture says where frames are missing.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/flood.xml" <<'XML'
<lab xmlns="urn:netlab:lab:1" name="flood" history="256K">
  <node name="a"/>
  <node name="b"/>
  <link name="wire" duplicate="0.01%">
    <end node="a" interface="eth0" mtu="300" address="10.0.0.1/24"/>
    <end node="b" interface="eth0" mtu="300" address="10.0.0.2/24"/>
  </link>
</lab>
XML
run 0 netlab start "$SCRATCH/flood.xml"
# Small frames, each of which the link has to look at. It takes 20,000 of them in some tenth of a second: on a busy machine
# not every transfer does that.
transfer() {
	"$NETLAB" exec -n b -- nc -l -p 5000 -e md5sum &
	local server=$!
	eventually 30 netlab exec b -- sh -c 'netstat -ltn | grep -q :5000'
	run 0 netlab exec a -- sh -c 'head -c 50000000 /dev/zero | nc 10.0.0.2 5000'
	wait $server || fail "nc ended badly"
	run 0 netlab capture --last 10min -w "$SCRATCH/flood.pcapng"
	run 0 tshark -n -r "$SCRATCH/flood.pcapng" -Y 'frame.comment contains "frames of this direction are missing before it"'
}
deadline=$((SECONDS + 200))
transfer
until [ -s "$SCRATCH/out" ]; do
	[ "$SECONDS" -lt "$deadline" ] || fail "some frames should say that others are missing"
	transfer
done
run 0 capinfos "$SCRATCH/flood.pcapng"
out 'Number of stat entries = 1'
run 0 netlab stop
