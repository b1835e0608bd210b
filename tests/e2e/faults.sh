#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Things that die: a guest, the switch, the supervisor; and guests that never come up.
. "$(dirname "$0")/lib.sh"
labdir=$XDG_RUNTIME_DIR/netlab
file=$(lab fault a b c)
run 0 netlab start "$file"
supervisor=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["pid"])' "$labdir/fault/state.json")

# A guest: the others go on, status says what happened, a restart heals.
run 0 netlab status --json
guest=$(json_value '[n["pid"] for n in j["nodes"] if n["name"] == "a"][0]')
kill -9 "$guest"
a_failed() { netlab status --json >"$SCRATCH/s" && python3 -c 'import json,sys; sys.exit([n["state"] for n in json.load(open(sys.argv[1]))["nodes"] if n["name"]=="a"] != ["failed"])' "$SCRATCH/s"; }
eventually 10 a_failed
run 0 netlab status
out 'failed.*kill|kill'
run 0 netlab exec b -- ping -c 1 -W 2 10.0.0.3
run 125 netlab exec a -- true
err 'failed|not ready'
run 0 netlab restart fault --node a
run 0 netlab exec b -- ping -c 1 -W 2 10.0.0.1

# A guest that is rebooted from inside, in an orderly way or not, comes back by itself, as another boot of the same node.
boot_of_a() { netlab exec a -- cat /proc/sys/kernel/random/boot_id; }
for how in reboot 'reboot -f'; do
	boot=$(boot_of_a)
	# shellcheck disable=SC2086
	netlab exec a -- $how || :
	booted_anew() { local now; now=$(boot_of_a) && [ -n "$now" ] && [ "$now" != "$boot" ]; }
	eventually 20 booted_anew
	run 0 netlab exec b -- ping -c 1 -W 2 10.0.0.1
done

# A guest that the user powers off is stopped, not failed.
netlab exec a -- poweroff -f || :
a_stopped() { netlab status --json >"$SCRATCH/s" && python3 -c 'import json,sys; sys.exit([n["state"] for n in json.load(open(sys.argv[1]))["nodes"] if n["name"]=="a"] != ["stopped"])' "$SCRATCH/s"; }
eventually 10 a_stopped

# The switch: said, and the lab can be stopped.
switch=$(named "$supervisor" netlab-switch | head -n 1)
[ -n "$switch" ] || fail "the switch's process was not found"
kill -9 "$switch"
degraded() { netlab status | grep switch >/dev/null; }
eventually 10 degraded
run 0 netlab status
out 'degraded'
run 0 netlab stop

# The supervisor: its children go with it; the next start or clean clears away what is left.
run 0 netlab start "$file"
supervisor=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["pid"])' "$labdir/fault/state.json")
children=$(descendants "$supervisor")
[ -n "$children" ] || fail "the supervisor has no children"
kill -9 "$supervisor"
all_gone() { local p; for p in $children; do ! kill -0 "$p" 2>/dev/null || return 1; done; }
eventually 10 all_gone
run 1 netlab status fault
err 'supervisor'
run 0 netlab list --json
json 'j[0]["state"] == "crashed"'
run 0 netlab clean
run 0 netlab list --json
json 'j == []'
run 0 netlab start "$file"
supervisor=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["pid"])' "$labdir/fault/state.json")
kill -9 "$supervisor"
eventually 10 netlab start "$file"
run 0 netlab clean
run 0 netlab exec a -- true
run 0 netlab stop

# A lab whose folder is removed, as at a logout from everywhere, could not be reached any more: it ends. Who moves into the
# same place meanwhile is not disturbed.
run 0 netlab start "$file"
supervisor=$(cat "$labdir/fault/lock")
# So that it takes its time: what does not end when it is told to.
run 0 netlab exec a -- sh -c '(trap "" TERM HUP; sleep 1000) >/dev/null 2>&1 &'
rm -r "$labdir/fault"
run 0 netlab start "$file"
ended() { ! kill -0 "$supervisor" 2>/dev/null; }
eventually 20 ended
run 0 netlab exec a -- true
run 0 netlab restart --node a
run 0 netlab stop

# Guests that never come up: a kernel that panics, one whose agent says nothing.
cache=${XDG_CACHE_HOME:-$HOME/.cache}/netlab
mkdir -p "$SCRATCH/cache/netlab/images/tiny" "$SCRATCH/empty"
ln -s "$cache/kernel" "$SCRATCH/cache/netlab/kernel"
cp "$cache/images/tiny/image.json" "$SCRATCH/cache/netlab/images/tiny/"
printf 'x' | gzip >"$SCRATCH/cache/netlab/images/tiny/initramfs.cpio"
run 1 env XDG_CACHE_HOME="$SCRATCH/cache" "$NETLAB" start "$(lab panic a)"
err 'panic'
err 'netlab logs'
run 0 netlab stop
mkdir -p "$SCRATCH/mute/dev"
cp "$BUILD/tests/mute" "$SCRATCH/mute/init"
(cd "$SCRATCH/mute" && find . | cpio --quiet -o -H newc) >"$SCRATCH/cache/netlab/images/tiny/initramfs.cpio"
run 1 env XDG_CACHE_HOME="$SCRATCH/cache" NETLAB_BOOT_TIMEOUT=3 "$NETLAB" start "$(lab mute a)"
err 'agent'
run 0 netlab stop
