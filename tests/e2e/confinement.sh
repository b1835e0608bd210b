#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Root in a guest is code on the host. What it can reach from there must be nothing.
. "$(dirname "$0")/lib.sh"
mkdir -p "$SCRATCH/home"
run 0 netlab start "$(lab jail a b)"

# The files of the sandbox, through the guest kernel's own file system driver: it has none.
run fails netlab exec a -- sh -c 'mkdir -p /h && mount -t hostfs none /h -o /'
err 'No such device|unknown filesystem'
run fails netlab exec a -- modprobe hostfs

# Its processes, seen from the host: own namespaces, no capability, filtered system calls, one CPU.
run 0 netlab status --json
linux=$(json_value '[n["pid"] for n in j["nodes"] if n["name"] == "a"][0]')
[ "$(program_of "$linux")" = linux ] || fail "process $linux is not the guest's kernel"
for ns in user mnt pid net ipc; do
	[ "$(readlink /proc/$linux/ns/$ns)" != "$(readlink /proc/self/ns/$ns)" ] || fail "the guest shares the host's $ns namespace"
done
ok "own user, mount, pid, network and IPC namespaces"
grep -q '^CapEff:.0*$' /proc/$linux/status || fail "the guest has capabilities: $(grep ^CapEff /proc/$linux/status)"
grep -q '^Seccomp:.2$' /proc/$linux/status || fail "no seccomp filter: $(grep ^Seccomp: /proc/$linux/status)"
grep -q '^NoNewPrivs:.1$' /proc/$linux/status || fail "privileges could be gained"
grep -qE '^Cpus_allowed_list:.[0-9]+$' /proc/$linux/status || fail "the guest is not pinned to one CPU"
ok "no capability, a seccomp filter, no new privileges, one CPU"
# Only loopback, and that is not the host's.
[ "$(tail -n +3 /proc/$linux/net/dev | wc -l)" = 1 ] || fail "the guest process has network interfaces: $(cat /proc/$linux/net/dev)"
ok "the guest process has no network but an empty loopback"
# The control socket answers its owner alone, and the folder is closed to others.
[ "$(stat -c %a "$XDG_RUNTIME_DIR/netlab/jail")" = 700 ] || fail "the lab's folder is open to others"
[ "$(stat -c %a "$XDG_RUNTIME_DIR/netlab/jail/control")" = 600 ] || fail "the control socket is open to others"
ok "folder 0700, socket 0600"
run 0 netlab stop

# What is its own a guest may use, for as long as it likes.
sed 's/<node /<node memory="64M" /' "$(lab full a)" >"$SCRATCH/full/roomy.xml"
run 0 netlab start "$SCRATCH/full/roomy.xml"
run 0 netlab exec a -- sh -c 'mkdir /fill && mount -t tmpfs -o size=36M none /fill'
until=$((SECONDS + 4))
while [ "$SECONDS" -lt "$until" ]; do
	run fails netlab exec a -- dd if=/dev/zero of=/fill/zero bs=64k
	run 0 netlab exec a -- rm /fill/zero
done
run 0 netlab status --json
json 'j["nodes"][0]["state"] == "ready" and j["nodes"][0]["resident"] > 44 << 20'
run 0 netlab stop

# And the attack itself: a hostile program in the kernel's place, in the very sandbox that a kernel gets.
python3 - >"$SCRATCH/port" <<'PY' &
import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen()
print(s.getsockname()[1], flush=True)
s.accept()
print("somebody came", flush=True)
PY
listener=$!
trap 'kill "$listener" 2>/dev/null || :' EXIT
eventually 10 test -s "$SCRATCH/port"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/netlab
mkdir -p "$SCRATCH/cache/netlab/kernel/current"
cp "$BUILD/tests/attack" "$SCRATCH/cache/netlab/kernel/current/linux"
ln -s "$cache/kernel/current/modules.squashfs" "$SCRATCH/cache/netlab/kernel/current/modules.squashfs"
ln -s "$cache/images" "$SCRATCH/cache/netlab/images"
touch "$SCRATCH/home/netlab-secret"
node=p$(cat "$SCRATCH/port")-$listener
run 1 env XDG_CACHE_HOME="$SCRATCH/cache" "$NETLAB" start "$(lab attack "$node")"
run 0 netlab logs -l attack "$node"
out 'attack on port [1-9]'
out 'attack over'
no_out '^GOT'
cat >"$SCRATCH/tries" <<'TRIES'
a secret of the host
a writable file of the host
a path of the host
another OOM score
the host's loopback
a raw socket
a signal to a host process
the memory of a host process
a user namespace
a mount
the umount of a cover
a new root
a BPF map
a keyring
io_uring
userfaultfd
another user's id
a file in nobody's memory
shared memory in no file
more than 40 MiB of memory in one process
more than 40 MiB of files in memory
TRIES
sed -n 's/^nothing \(.*\) (.*)$/\1/p' "$SCRATCH/out" | diff "$SCRATCH/tries" - || fail "the attack did not try everything"
grep -v '^took' "$SCRATCH/out"
# A hundred processes that take 30 MiB each would have 3 GiB. How much they have before somebody looks is a matter of how
# busy the machine is, and they are on it as well; they may be ended before they have taken any.
took=$(grep -c '^took' "$SCRATCH/out") || :
[ "$took" -lt 1000 ] || fail "the attack could take $took MiB"
ok "all processes together could take $took MiB before they were ended"
run 0 netlab status attack --json
json 'j["nodes"][0]["state"] == "failed" and "took more memory than it was granted: " in j["nodes"][0]["message"]'
json 'j["nodes"][0]["message"].endswith("MiB beside its 32 MiB; its processes were killed")'
# In its sandbox the supervisor has the switch and nothing else any more.
supervisor=$(cat "$XDG_RUNTIME_DIR/netlab/attack/lock")
eventually 5 test -z "$(named "$supervisor" linux)"
kill -0 "$listener" || fail "the host's process was killed"
[ "$(wc -l <"$SCRATCH/port")" = 1 ] || fail "somebody connected to the host's loopback"
run 0 netlab stop attack
