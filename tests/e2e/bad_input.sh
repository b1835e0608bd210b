#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a student gets wrong: a clear message with the place, the right status, and nothing happens.
. "$(dirname "$0")/lib.sh"
file=$SCRATCH/lab.xml
bad() { # bad PATTERN <<XML
	cat >"$file"
	run 2 netlab check "$file"
	err "$1"
	run 2 netlab start "$file"
	err "$1"
}
head='<lab xmlns="urn:netlab:lab:1" name="bad">'
bad 'lab.xml:1:[0-9]+: error' <<<"$head<network name='lan'></lab>"
bad 'lab.xml:1:[0-9]+: error: .*nod.*did you mean.*node' <<<"$head<nod name='a'/></lab>"
bad 'lab.xml:3:[0-9]+: error: .*lna.*does not exist; did you mean "lan"' <<XML
$head<network name="lan"/>
<node name="a">
  <interface name="eth0" network="lna"/>
</node></lab>
XML
bad 'error: .*"a"' <<<"$head<node name='a'/><node name='a'/></lab>"
bad 'error: .*[Mm][Aa][Cc].*02:00:00:00:00:01' <<<"$head<network name='n'/><node name='a'><interface name='eth0' network='n' mac='02:00:00:00:00:01'/></node><node name='b'><interface name='eth0' network='n' mac='02:00:00:00:00:01'/></node></lab>"
bad 'error: .*no/such/file' <<<"$head<node name='a'><file path='/x' source='no/such/file'/></node></lab>"
bad 'error: .*10\.0\.0\.256' <<<"$head<network name='n'/><node name='a'><interface name='eth0' network='n' address='10.0.0.256/24'/></node></lab>"
bad 'error: .*64' <<<"$head<node name='a' memory='64'/></lab>"
bad 'error: .*(DOCTYPE|entit)' <<XML
<!DOCTYPE lab [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
$head<title>&c;</title></lab>
XML
echo secret-content >"$SCRATCH/secret"
bad 'error: .*(DOCTYPE|entit)' <<XML
<!DOCTYPE lab [<!ENTITY x SYSTEM "file://$SCRATCH/secret">]>
$head<title>&x;</title></lab>
XML
run 2 netlab check "$file"
no_out 'secret-content'
# All errors in one run, and the same as JSON.
cat >"$file" <<XML
$head
<network name="lan"/>
<node name="a"><interface name="eth0" network="x1"/></node>
<node name="b"><interface name="eth0" network="x2" mtu="1"/></node>
</lab>
XML
run 2 netlab check "$file"
err 'x1'
err 'x2'
run 2 netlab check --json "$file"
json 'len([d for d in j if d["severity"] == "error"]) >= 2 and all(d["line"] > 0 and d["column"] > 0 for d in j)'
truncate -s 100M "$SCRATCH/big.xml"
run 2 netlab check "$SCRATCH/big.xml"
err 'big'
run 2 netlab check "$SCRATCH/missing.xml"
err 'missing.xml'
run 2 netlab start "$SCRATCH/missing.xml"
run 2 netlab strat
err 'did you mean.*start'
run 2 netlab start --no-such-option
# Warnings do not stop anyone.
cat >"$file" <<XML
<lab xmlns="urn:netlab:lab:1" name="warn"><network name="lan"/>
<node name="a"><interface name="eth0" network="lan" address="10.0.0.1/24"/></node>
<node name="b"><interface name="eth0" network="lan" address="10.0.9.2/24"/></node></lab>
XML
run 0 netlab check "$file"
err 'warning'
# An image that nobody has.
sed -i 's/<node name="a"/& image="debain"/' "$file"
run 0 netlab check "$file"
err 'lab.xml:2:[0-9]+: warning: .*there is no image "debain"; did you mean "debian"'
cd "$(dirname "$(lab plural a b)")"
run 0 netlab check
out '^lab.xml: lab "plural": 2 nodes, 1 network, 0 links, 0 checks; 0 warnings$'
cd /
# A start-up command that fails: the node is ready, and everyone is told.
cat >"$file" <<XML
$head<node name="a"><run>echo gone wrong >&amp;2; exit 3</run></node></lab>
XML
run 0 netlab start "$file"
err 'exit.* 3.*gone wrong|gone wrong'
run 2 netlab stop --timeout 5x
err 'stop: --timeout "5x" is not a number with a unit'
run 2 netlab restart --timeout 0.5ms
err 'less than the smallest step, 1ms'
run 0 netlab stop --timeout 1.5
# No kernel, no image, too much memory, a path that is too long.
mkdir -p "$SCRATCH/cache/netlab"
good=$(lab good a)
run 1 env XDG_CACHE_HOME="$SCRATCH/cache" "$NETLAB" start "$good"
err 'kernel.*netlab kernel build'
run 1 env SUDO_USER=somebody XDG_CACHE_HOME="$SCRATCH/cache" "$NETLAB" start "$good"
err 'without sudo'
run 1 env XDG_CACHE_HOME="$SCRATCH/cache" "$NETLAB" doctor
out 'netlab kernel build'
cache=${XDG_CACHE_HOME:-$HOME/.cache}/netlab
ln -s "$cache/kernel" "$SCRATCH/cache/netlab/kernel"
run 1 env XDG_CACHE_HOME="$SCRATCH/cache" "$NETLAB" start "$good"
err 'tiny.*netlab image build tiny'
many=$(lab many $(printf 'n%d ' {1..200}))
sed -i 's/<node /<node memory="64G" /' "$many"
run 1 netlab start "$many"
err 'memory'
# Only what is to start counts: neither the memory of the others nor their image.
sed -i 's/ memory="64G"\( name="n7"\)/\1/; s/\(name="n8"\)/\1 image="no-such-image"/' "$many"
run 0 netlab start --only n7 "$many"
run 0 netlab stop many
run 1 netlab start --only n7,n9 "$many"
err 'the 2 nodes to start need 64.*memory'
run 1 netlab start --only n8 "$many"
err 'image.*netlab image build'
deep=$SCRATCH/$(printf 'd%.0s' {1..90})
mkdir -p "$deep"
run 1 env XDG_RUNTIME_DIR="$deep" "$NETLAB" start "$(lab long a)"
err 'too long|long'
run 0 netlab list --json
json 'j == []'

# A path that is no text: said at once, and not by a lab that no other command finds again.
odd=$SCRATCH/$'caf\xe9'
mkdir "$odd"
cp "$(lab odd a)" "$odd/"
run 2 netlab start "$odd"
err 'lab.xml: error: the path is not valid UTF-8'
run 2 netlab check --json "$odd"
json 'len(j) == 1 and "UTF-8" in j[0]["message"]'
