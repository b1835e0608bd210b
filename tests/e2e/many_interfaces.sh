#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# As many interfaces as a node may have, of both transports: a frame passes over each.
. "$(dirname "$0")/lib.sh"
most=128 half=64
{
	echo '<lab xmlns="urn:netlab:lab:1" name="many"><defaults memory="512M"/>'
	echo '<node name="fast" transport="vhost-user"/>'
	for ((n = 0; n < most; n += half)); do
		echo "<node name=\"plain$n\" transport=\"datagram\"/>"
	done
	for ((i = 0; i < most; i++)); do
		echo "<link name=\"l$i\"><end node=\"fast\" interface=\"eth$i\" address=\"10.1.$i.1/24\"/><end node=\"plain$((i / half * half))\" interface=\"eth$((i % half))\" address=\"10.1.$i.2/24\"/></link>"
	done
	echo '</lab>'
} >"$SCRATCH/lab.xml"
run 0 netlab start "$SCRATCH/lab.xml"
run 0 netlab status --json
json 'all(n["state"] == "ready" and not n.get("message") for n in j["nodes"])'
run 0 netlab exec fast -- sh -c 'ls /sys/class/net | grep -c "^eth"'
out "^$most\$"
for node in plain0 plain64; do
	run 0 netlab exec "$node" -- sh -c 'ls /sys/class/net | grep -c "^eth"'
	out "^$half\$"
done
run 0 netlab exec fast -- sh -c "i=0; while [ \$i -lt $most ]; do ping -q -c 1 -W 10 10.1.\$i.2 >/dev/null || echo \"no answer over eth\$i\"; i=\$((i + 1)); done"
no_out 'no answer'
run 0 netlab stop

# One more is refused, with the true number.
sed "s|</lab>|<node name=\"other\"/><link name=\"more\"><end node=\"fast\" interface=\"eth$most\"/><end node=\"other\" interface=\"eth0\"/></link></lab>|" \
	"$SCRATCH/lab.xml" >"$SCRATCH/more.xml"
run 2 netlab check "$SCRATCH/more.xml"
err "node \"fast\" has too many interfaces; the limit is $most"
sed "s|</lab>|<node name=\"other\"/><link name=\"more\"><end node=\"plain0\" interface=\"eth$half\"/><end node=\"other\" interface=\"eth0\"/></link></lab>|" \
	"$SCRATCH/lab.xml" >"$SCRATCH/more.xml"
run 2 netlab check "$SCRATCH/more.xml"
err "node \"plain0\" has too many interfaces; the limit is $half with transport=\"datagram\""
