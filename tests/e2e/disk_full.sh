#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A persistent node and a host that has no room for its disk: what cannot be stored fails in the node, and status says so.
. "$(dirname "$0")/lib.sh"
if [ -z "${SMALL_STATE:-}" ]; then
	unshare --user --map-root-user --mount true 2>/dev/null || skip "this host lets nobody make mount namespaces"
	SMALL_STATE=1 exec unshare --user --map-root-user --mount "$0" "$@"
fi
mount -t tmpfs -o size=160m none "$XDG_STATE_HOME"
mkdir "$SCRATCH/full"
cat >"$SCRATCH/full/lab.xml" <<'XML'
<lab xmlns="urn:netlab:lab:1" name="full">
  <node name="t" persistent="yes"/>
</lab>
XML
left() { df --output=avail -BM "$XDG_STATE_HOME" | tail -n 1 | tr -dc 0-9; }
run 0 netlab start "$SCRATCH/full"
[ "$(left)" -gt 150 ] || fail "an empty disk takes room: $(left) MB of 160 are left"
run 0 netlab exec t -- sh -c 'dd if=/dev/zero of=/root/fits bs=1M count=20 && sync && md5sum /root/fits'
[ "$(left)" -lt 140 ] || fail "it is on the host now"

# More than there is room for: the program hears it, from write itself, and nothing that it was told is stored is lost.
run fails netlab exec t -- dd if=/dev/zero of=/root/large bs=1M count=300
err 'No space left on device'
run 0 netlab exec t -- sh -c 'sync; echo 3 >/proc/sys/vm/drop_caches; wc -c </root/large; md5sum /root/large /root/fits >/dev/null'
eventually 20 sh -c '"$NETLAB" status full | grep "t: warning: the host has no room left for this node'"'"'s disk (.*/full/t.disk)"'
run 0 netlab status --json full
json 'any("has no room left" in w for w in j["nodes"][0]["warnings"])'

# What the node deletes is free again on the host, and the warning goes.
run 0 netlab exec t -- sh -c 'rm /root/large; sync'
eventually 60 sh -c '"$NETLAB" status full >"$SCRATCH/status" && ! grep warning "$SCRATCH/status"'
run 0 netlab exec t -- sh -c 'dd if=/dev/zero of=/root/again bs=1M count=10 && sync'

# Somebody else fills the host's file system, faster than the node can be told (here it does not want to know): a write fails on
# the host. The program that asks hears it, from then on the disk is read-only, and status says why.
head -c 200M /dev/zero >"$XDG_STATE_HOME/others" 2>/dev/null || :
run 0 netlab exec t -- sh -c 'while :; do echo 0 >/sys/fs/ext4/ubdb/reserved_clusters; done >/dev/null 2>&1 &'
run fails netlab exec t -- dd if=/dev/urandom of=/root/lost bs=1M count=2 conv=fsync
err '(No space left on device|Input/output error|Read-only file system)'
# What the node was allowed may have ended before the host's room did: it tries until the host refuses.
eventually 60 sh -c '"$NETLAB" exec t -- dd if=/dev/urandom of=/root/lost bs=1M count=2 conv=fsync
	"$NETLAB" status full | grep -E "t: warning: the disk of this node could not be written"'
run fails netlab exec t -- touch /root/after
err 'Read-only file system'
rm "$XDG_STATE_HOME/others"
run 0 netlab stop

# A start without room is refused, with the reason; with room again, everything that was stored is there.
head -c 200M /dev/zero >"$XDG_STATE_HOME/others" 2>/dev/null || :
run 1 netlab start "$SCRATCH/full"
err 't: failed: there is no room for the disk .* has only [0-9.]+ .* left'
run 0 netlab stop
rm "$XDG_STATE_HOME/others"
run 0 netlab start "$SCRATCH/full"
run 0 netlab exec t -- sh -c 'wc -c </root/fits'
out '^20971520$'
run 0 netlab stop
