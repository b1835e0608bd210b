#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Labs from strangers: no path of a lab leaves its folder, however that is tried, and nothing of the user's is read, changed
# or made, unless the user says --trust. What the lab keeps in its folder works without.
. "$(dirname "$0")/lib.sh"
outside='outside of the lab.s folder.*--trust'
through='symbolic link leads out of the lab.s folder.*--trust'
mine=$SCRATCH/mine
mkdir "$mine"
echo "a secret" >"$mine/secret"
echo '<node xmlns="urn:netlab:lab:1" name="x"/>' >"$mine/node.xml"
mark=$(cd "$mine" && find . -type f -printf '%p %T@ %i ' -exec sha256sum {} + | sort)
untouched() {
	[ "$(cd "$mine" && find . -type f -printf '%p %T@ %i ' -exec sha256sum {} + | sort)" = "$mark" ] ||
		fail "$1: the user's folder has changed: $(ls -la "$mine")"
	ok "$1: the user's folder is as it was"
}

# hostile NAME ELEMENTS...: the lab $dir/lab.xml with a node; its own elements stand before that.
hostile() {
	local name=$1
	shift
	dir=$SCRATCH/$name
	mkdir -p "$dir"
	printf '<lab xmlns="urn:netlab:lab:1" xmlns:xi="http://www.w3.org/2001/XInclude" name="%s">\n%s\n%s\n</lab>\n' "$name" \
		"$*" '<network name="lan"/><node name="a"><interface name="eth0" network="lan"/></node>' >"$dir/lab.xml"
}
file() { printf '<node name="f"><file path="/x" source="%s"/></node>' "$1"; }

# refused NAME REASON ELEMENT [never]: $commands refuse it with file, line, reason and way out; then
# "netlab check --trust" accepts it and says what it would use (unless TRUSTED is "never").
refused() {
	local name=$1 reason=$2 element=$3 trusted=${4:-} command
	hostile "$name" "$element"
	[ ! -e "$SCRATCH/prepare" ] || (cd "$dir" && . "$SCRATCH/prepare")
	for command in $commands; do
		run 2 timeout 20 "$NETLAB" "$command" "$dir/lab.xml"
		err "lab\.xml:2:[0-9]+: error: .*$reason"
	done
	untouched "$name"
	if [ "$trusted" = never ]; then
		run 2 timeout 20 "$NETLAB" check --trust "$dir/lab.xml"
		err 'not a regular file'
	else
		run 0 netlab check --touches --trust --json "$dir/lab.xml"
		json 'any(t["outside"] and t["note"] == "outside of the lab'"'"'s folder" for t in j)'
	fi
	untouched "$name --trust"
}
prepare() { printf '%s\n' "$@" >"$SCRATCH/prepare"; }

commands="check plan start test"
refused absolute "$outside" "$(file "$mine/secret")"
commands="check start"
refused above "$outside" "$(file ../mine/secret)"
refused above2 "$outside" "$(file none/../../mine/secret)"
prepare "ln -s '$mine/secret' s"
refused filelink "$through" "$(file s)"
refused capturelink "$through" '<capture file="s"/>'
refused includelink "$through" '<node name="i"><run><xi:include href="s" parse="text"/></run></node>'
prepare "ln -s ../mine out"
refused folderlink "$through" "$(file out/secret)"
refused capturefolder "$through" '<capture file="out/new.pcapng"/>'
refused socketfolder "$through" '<network name="s" socket="out/ctl"/>'
refused includefolder "$through" '<xi:include href="out/node.xml"/>'
prepare "ln -s ../mine/new ring_00001.pcap"
refused ringlink "$through" '<capture file="ring.pcap" ring="64Kx2"/>'
prepare "ln -s /proc/self/root root"
refused magic "$through" "$(file "root$mine/secret")"
rm "$SCRATCH/prepare"
refused proc "$outside" "$(file "/proc/self/root$mine/secret")"
refused capture "$outside" "<capture file=\"$mine/secret\"/>"
refused captureabove "$outside" '<capture file="../mine/new.pcapng"/>'
refused ring "$outside" '<capture file="../mine/ring.pcap" ring="64Kx2"/>'
refused socket "$outside" "<network name=\"s\" socket=\"$mine/ctl\"/>"
refused include "$outside" '<xi:include href="../mine/node.xml"/>'
# What is no file would hang, never end, or be a device that something is written to: not even with --trust.
prepare "mkfifo pipe"
refused fifo 'not a regular file' "$(file pipe)" never
refused fifocapture 'not a regular file' '<capture file="pipe"/>' never
refused fifoinclude 'not a regular file' '<xi:include href="pipe"/>' never
prepare "mknod zero c 1 5 2>/dev/null || mkfifo zero"
refused device 'not a regular file' "$(file zero)" never
refused devicecapture 'not a regular file' '<capture file="zero"/>' never
prepare "truncate -s 5G big"
hostile big "$(file big)"
(cd "$dir" && . "$SCRATCH/prepare")
run 2 timeout 20 "$NETLAB" check "$dir/lab.xml"
err 'source .*big has [0-9]+ bytes, but it can have at most'
rm "$SCRATCH/prepare"

# A lab that was saved to the home folder: what is there is not the lab's.
hostile home "$(file secret)"
cp "$mine/secret" "$dir/secret"
run 0 netlab check "$dir/lab.xml"
run 2 env HOME="$dir" XDG_CACHE_HOME="${XDG_CACHE_HOME:-$HOME/.cache}" "$NETLAB" check "$dir/lab.xml"
err 'home folder.*--trust'

# What else a lab uses of the host is told, wherever it stands.
hostile wide '<network name="dmz" host="tap:tap9"/><uplink network="lan" loopback="yes"><forward host="0.0.0.0:8080"
to="10.0.2.15:80"/><forward host="53" to="[fd00::1]:53" protocol="udp"/></uplink><uplink network="dmz" restrict="yes"/><node
name="p" persistent="yes"/>'
run 0 netlab check --touches --json "$dir/lab.xml"
json '[(t["use"], t["what"], t["line"]) for t in j][1:] == [("device", "tap:tap9", 2), ("network", "uplink-lan", 2),
	("loopback", "uplink-lan", 2), ("port", "tcp 0.0.0.0:8080", 2), ("port", "udp 127.0.0.1:53", 3), ("port", "udp [::1]:53", 3),
	("disk", j[-1]["what"], 3)]'
json 'j[-1]["what"].endswith("/netlab/wide/p.disk")'
run 0 netlab check "$dir/lab.xml"
out "^network +uplink-lan +lab\.xml:2 +nodes reach the host's network"
out '^port +tcp 0\.0\.0\.0:8080 +lab\.xml:2'

# Inside its folder a lab does all of it, without --trust: links that stay inside too. A second file of the ring is a link out,
# which shows only when the ring gets there.
dir=$SCRATCH/good
mkdir -p "$dir/parts" "$dir/out"
echo "of the lab" >"$dir/parts/text"
ln -s parts/text "$dir/text"
ln -s ../text "$dir/parts/link"
ln -s "$mine/secret" "$dir/ring_00002.pcap"
echo '<node xmlns="urn:netlab:lab:1" name="b"><interface name="eth0" network="lan" address="10.0.0.2/24"/><file path="/b" source="link"/></node>' >"$dir/parts/b.xml"
cat >"$dir/lab.xml" <<'XML'
<lab xmlns="urn:netlab:lab:1" xmlns:xi="http://www.w3.org/2001/XInclude" name="good">
  <network name="lan" socket="out/ctl"/>
  <node name="a">
    <interface name="eth0" network="lan" address="10.0.0.1/24"/>
    <file path="/a" source="text"/>
  </node>
  <xi:include href="parts/b.xml"/>
  <capture file="out/all.pcapng"/>
  <capture file="ring.pcap" interface="a:eth0" format="pcap" ring="64Kx2"/>
</lab>
XML
run 0 netlab check --touches --json "$dir/lab.xml"
json '{(t["use"], t["line"]) for t in j} == {("read", 0), ("read", 5), ("read", 7), ("read", 1), ("socket", 2), ("write", 8), ("write", 9)}'
json 'not any(t["outside"] for t in j)'
run 0 netlab check "$dir/lab.xml"
out '^USE +OF THE HOST'
out '^socket +.*out/ctl +lab\.xml:2'
run 0 netlab start "$dir/lab.xml"
run 0 netlab exec a -- cat /a
out '^of the lab$'
run 0 netlab exec b -- cat /b
out '^of the lab$'
[ -S "$dir/out/ctl" ] || fail "the socket should be there"
run 0 netlab exec a -- ping -c 2 10.0.0.2
[ -s "$dir/out/all.pcapng" ] && [ -s "$dir/ring_00001.pcap" ] || fail "the captures should be there"
run 0 netlab exec a -- ping -q -A -c 40 -s 1400 10.0.0.2
eventually 20 grep -q 'ring_00002.pcap.*symbolic link leads out' "$XDG_RUNTIME_DIR/netlab/good/netlabd.log"
untouched "a ring of captures"
# Between the check and the start of a node its file becomes a link.
ln -sf "$mine/secret" "$dir/text"
run 1 netlab restart --node a
err 'lab\.xml:5.*symbolic link leads out of the lab.s folder'
run 2 netlab restart
err "$through"
run 0 netlab status
run 0 netlab restart --trust
run 0 netlab exec a -- cat /a
out '^a secret$'
run 0 netlab stop
[ ! -e "$dir/out/ctl" ] || fail "the socket should be gone"

# A lab of the user's own that spreads over folders.
hostile spread "<network name=\"s\" socket=\"../mine/ctl\"/>$(file "$mine/secret")<capture file=\"../mine/new.pcapng\"/>"
run 0 netlab start --trust "$dir/lab.xml"
run 0 netlab exec f -- cat /x
out '^a secret$'
[ -S "$mine/ctl" ] || fail "the socket should be there"
run 0 netlab stop
[ -s "$mine/new.pcapng" ] || fail "the capture should be there"
ok "with --trust a lab reads and writes outside of its folder"

# A lab with the name of another does not get its disks.
lab disks a >/dev/null
sed -i 's/<node name="a">/<node name="a" persistent="yes">/' "$SCRATCH/disks/lab.xml"
mkdir "$SCRATCH/thief"
cp "$SCRATCH/disks/lab.xml" "$SCRATCH/thief"
run 0 netlab start "$SCRATCH/disks"
run 0 netlab exec a -- sh -c 'echo "a secret" >/root/mark'
run 0 netlab stop
run 0 netlab check --touches --json "$SCRATCH/thief"
json 'any(t["use"] == "disk" and t["outside"] and "another lab, '"$SCRATCH"'/disks/lab.xml" in t["note"] for t in j)'
run 1 netlab start "$SCRATCH/thief"
err "belong to another lab with the same name, $SCRATCH/disks/lab.xml; .*--name.*--trust"
run 0 netlab start --name other "$SCRATCH/thief"
run fails netlab exec a -- cat /root/mark
run 0 netlab stop
run 0 netlab start "$SCRATCH/disks"
run 0 netlab exec a -- cat /root/mark
out '^a secret$'
run 0 netlab stop
