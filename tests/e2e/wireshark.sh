#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The links of running labs in tshark's list of interfaces, and Wireshark opened on one.
. "$(dirname "$0")/lib.sh"
extcap=$BUILD/libexec/netlab/extcap/netlab-extcap
# Where Wireshark 4.0 and 4.2 look for a user's own programs.
for folder in "$SCRATCH/config/wireshark/extcap" "$SCRATCH/home/.local/lib/wireshark/extcap"; do
	mkdir -p "$folder"
	ln -s "$extcap" "$folder/"
done
shark() { HOME=$SCRATCH/home XDG_CONFIG_HOME=$SCRATCH/config exec timeout 60 tshark -n "$@"; }
shark_list() { (shark -D); }
cat >"$SCRATCH/lab.xml" <<'XML'
<lab xmlns="urn:netlab:lab:1" name="shark">
  <network name="lan"/>
  <node name="a"><interface name="eth1" network="lan" address="10.1.0.1/24"/></node>
  <node name="b"/>
  <link name="wire">
    <end node="a" interface="eth0" address="10.0.0.1/24"/>
    <end node="b" interface="eth0" address="10.0.0.2/24"/>
  </link>
</lab>
XML
run 0 shark_list
no_out 'netlab:'
run 0 netlab start "$SCRATCH/lab.xml"
run 0 shark_list
out 'netlab:shark \(lab shark: every link\)'
out 'netlab:shark/wire \(lab shark: link wire, a:eth0 - b:eth0\)'
out 'netlab:shark/a:eth1 \(lab shark: a:eth1 on network lan\)'
run 0 "$extcap" --extcap-dlts --extcap-interface netlab:shark/wire
out 'dlt \{number=1\}\{name=EN10MB\}'
run 0 "$extcap" --extcap-config --extcap-interface netlab:shark/wire
out 'call=--last'
# Nothing is said of a filter that is right.
run 0 "$extcap" --extcap-interface netlab:shark/wire --extcap-capture-filter 'tcp port 80'
[ ! -s "$SCRATCH/out" ] || fail "a filter that is right should not be criticised"
run 0 "$extcap" --extcap-interface netlab:shark/wire --extcap-capture-filter 'tcp prot 80'
out 'at character 5'
run fails "$extcap" --capture --extcap-interface netlab:shark/wird --fifo /dev/null
err 'did you mean "wire"'

run 0 netlab exec a -- ping -c 3 -i 0.1 10.0.0.2
# The past first, as an option of the interface, then what comes.
NETLAB_LAST=600 shark -i netlab:shark/wire -l -f icmp -c 8 -T fields -e frame.interface_name -e icmp.type \
	>"$SCRATCH/live" 2>"$SCRATCH/tshark" &
tshark=$!
eventually 20 grep -q "a:eth0" "$SCRATCH/live"
[ "$(wc -l <"$SCRATCH/live")" -le 6 ] || fail "only three pings have passed"
run 0 netlab exec a -- ping -c 2 -i 0.1 10.0.0.2
wait $tshark || fail "tshark failed: $(cat "$SCRATCH/tshark")"
[ "$(sort "$SCRATCH/live" | uniq -c | tr -s ' \t\n' ' ')" = " 4 a:eth0 8 4 b:eth0 0 " ] || fail "eight frames: $(cat "$SCRATCH/live")"
ok "tshark captures a link, from before it began"
shark -i netlab:shark -w "$SCRATCH/all.pcapng" -c 4 >"$SCRATCH/live" 2>"$SCRATCH/tshark" &
tshark=$!
eventually 20 test -s "$SCRATCH/all.pcapng"
run 0 netlab exec a -- ping -c 3 -i 0.1 10.0.0.2
wait $tshark || fail "tshark failed: $(cat "$SCRATCH/tshark")"
run 0 tshark -n -r "$SCRATCH/all.pcapng" -T fields -e frame.interface_name
out '^[ab]:eth0$'
ok "tshark captures a lab"
run 0 netlab status --json
json 'j["captures"] == []'

# Wireshark is given what it needs; itself it has no place in a test.
mkdir "$SCRATCH/bin"
cat >"$SCRATCH/bin/wireshark" <<'SH'
#!/bin/sh
printf "%s|" "$@" "$NETLAB_LAST" "$WIRESHARK_EXTCAP_DIR"
if [ "$3" = - ]; then head -c 4 | od -An -tx1; fi
SH
chmod +x "$SCRATCH/bin/wireshark"
PATH=$SCRATCH/bin:$PATH XDG_CONFIG_HOME=$SCRATCH run 0 netlab wireshark wire --last 30s -f 'not arp' -- -Y tcp
if [ "$(id -u)" = 0 ]; then
	# Root's does not take a folder of programs from the environment: it gets the frames, as pcapng.
	out '^-k\|-i\|-\|-Y\|tcp\|30\|.*\| 0a 0d 0d 0a$'
else
	out "^-k\|-i\|netlab:shark/wire\|-f\|not arp\|-Y\|tcp\|30\|"
fi
PATH=$SCRATCH/bin:$PATH XDG_CONFIG_HOME=$SCRATCH/config run 0 netlab wireshark
out "^-k\|-i\|netlab:shark\|\|\|$"
PATH=$SCRATCH/bin:$PATH run 1 netlab wireshark wird
err 'did you mean "wire"'
if ! command -v wireshark >/dev/null; then
	run 1 netlab wireshark wire
	err 'Wireshark is not installed'
fi
run 0 netlab stop
