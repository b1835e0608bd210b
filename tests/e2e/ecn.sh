#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# ECN: a queue that grows past its threshold marks packets instead of dropping them, and TCP slows down.
. "$(dirname "$0")/lib.sh"
cat >"$SCRATCH/lab.xml" <<'XML'
<lab xmlns="urn:netlab:lab:1" name="ecn">
  <node name="a"><sysctl name="net.ipv4.tcp_ecn" value="1"/></node>
  <node name="b">
    <sysctl name="net.ipv4.tcp_ecn" value="1"/>
    <file path="/www/page">a page</file>
    <run>dd if=/dev/zero of=/www/data bs=1M count=6</run>
    <run background="yes">httpd -f -p 80 -h /www</run>
  </node>
  <link name="wire" rate="20Mbit" queue="512K">
    <end node="a" interface="eth0" address="10.0.0.1/24"/>
    <end node="b" interface="eth0" address="10.0.0.2/24"/>
  </link>
</lab>
XML
run 0 netlab check "$SCRATCH/lab.xml"
run 0 netlab start "$SCRATCH/lab.xml"
eventually 10 netlab exec a -- wget -q -O /dev/null http://10.0.0.2/page
# transfer: 6 MiB from b to a; then the events of the frames from b.
events() { json_value "j['links'][0]['wire']['b:eth0'].get('$1', 0)"; }
transfer() {
	run 0 netlab exec a -- wget -q -O /dev/null http://10.0.0.2/data
	run 0 netlab link show wire --json
}

# Without a threshold nothing is marked.
transfer
[ "$(events ecn_marked)" = 0 ] || fail "nothing should be marked without ecn"

run 0 netlab link set wire ecn=30K
run 0 netlab link show wire
out '^wire .* rate 20Mbit, queue 512K, ecn 30K '
"$NETLAB" capture wire -w "$SCRATCH/ecn.pcapng" -f tcp 2>"$SCRATCH/count" &
capture=$!
eventually 10 test -s "$SCRATCH/ecn.pcapng"
transfer
marked=$(events ecn_marked)
[ "$marked" -gt 0 ] || fail "a queue of more than 30K should mark packets"
[ "$(events drop_rate_queue)" = 0 ] || fail "a sender that heeds the marks should not fill a queue of 512K"
ok "$marked packets were marked, and none dropped"
kill -TERM $capture
wait $capture || fail "a capture that is told to end ends well"
# The receiver says so (ECE), the sender that it has slowed down (CWR); the headers' checksums are right.
count() { tshark -n -r "$SCRATCH/ecn.pcapng" -o ip.check_checksum:TRUE -Y "$1" 2>/dev/null | wc -l; }
[ "$(count 'ip.src == 10.0.0.2 && ip.dsfield.ecn == 3')" = "$marked" ] || fail "as many packets should be marked as are counted"
[ "$(count 'ip.src == 10.0.0.1 && tcp.flags.ece == 1 && tcp.flags.syn == 0')" -gt 0 ] || fail "the receiver should echo the marks"
[ "$(count 'ip.src == 10.0.0.2 && tcp.flags.cwr == 1 && tcp.flags.syn == 0')" -gt 0 ] || fail "the sender should answer the echo"
[ "$(count 'ip.checksum.status == 0')" = 0 ] || fail "a mark should leave the header's checksum right"
ok "the receiver echoes the marks, the sender answers, and checksums are right"

# A sender that does not understand ECN is never marked.
run 0 netlab exec b -- sysctl -qw net.ipv4.tcp_ecn=0
transfer
[ "$(events ecn_marked)" = "$marked" ] || fail "packets that are not ECN-capable should pass unmarked"
ok "packets of a sender without ECN pass unmarked"

# A threshold without a rate does nothing, and the check says so.
sed 's/rate="20Mbit" queue="512K"/ecn="30K"/' "$SCRATCH/lab.xml" >"$SCRATCH/norate.xml"
run 0 netlab check "$SCRATCH/norate.xml"
err 'ecn has no effect without rate; add rate='
run 0 netlab link set wire:from=b rate=none
err 'warning: wire from b:.*: ecn has no effect without rate; set rate='
[ "$(grep -c 'ecn has no effect' "$SCRATCH/err")" = 1 ] || fail "the other direction has a rate"
run 0 netlab stop
