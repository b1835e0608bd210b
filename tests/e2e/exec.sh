#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Commands in guests, terminals and files.
. "$(dirname "$0")/lib.sh"
run 0 netlab start "$(lab cmd a b)"

run 0 netlab exec a -- sh -c 'echo to-out; echo to-err >&2'
out '^to-out$'
err '^to-err$'
no_out 'to-err'
run 42 netlab exec a -- sh -c 'exit 42'
run 137 netlab exec a -- sh -c 'kill -9 $$'
run 127 netlab exec a -- no-such-command
err 'no-such-command'
run 125 netlab exec c -- true
err 'no node "c"'
run 0 netlab exec a -- cat </dev/null
head -c 5000000 /dev/urandom >"$SCRATCH/blob"
netlab exec a -- cat <"$SCRATCH/blob" >"$SCRATCH/blob.back"
cmp "$SCRATCH/blob" "$SCRATCH/blob.back" || fail "5 MB through a guest came back changed"
ok "5 MB through a guest and back"
run 0 netlab exec a,b -- hostname
out '^a\|? ?.*a$'
out '^b\|? ?.*b$'
run 0 netlab exec --all -- true
# As on a lab of hundreds of nodes: more descriptors than a program may have until it asks.
run 0 bash -c 'ulimit -Sn 14; exec "$@"' - "$NETLAB" exec --all -- true
run fails bash -c '"$@" >/dev/full' - "$NETLAB" exec --all -- echo text
err 'cannot write: No space left'
run 1 netlab exec a -- tty
run 0 script -qec "$NETLAB exec -t a -- sh -c 'tty; stty size'" /dev/null
out '/dev/pts/'

# Where all is a terminal, the command has one without being asked.
run 0 script -qec "$NETLAB exec a -- tty" /dev/null
out '/dev/pts/'
run 1 script -qec "$NETLAB exec -T a -- tty" /dev/null
run 1 script -qec "$NETLAB exec a -- sh -c 'test -t 1' 2>/dev/null" /dev/null

# A console, typed into: a terminal of the guest's own.
printf 'echo mark-$((6*7))\nexit\n' >"$SCRATCH/keys"
run 0 script -qec "$NETLAB console a" /dev/null <"$SCRATCH/keys"
out 'mark-42'

mkdir -p "$SCRATCH/tree/sub"
echo one >"$SCRATCH/tree/file"
printf '#!/bin/sh\necho two\n' >"$SCRATCH/tree/sub/script"
chmod 755 "$SCRATCH/tree/sub/script"
run 0 netlab cp "$SCRATCH/tree" a:/tmp/
run 0 netlab exec a -- /tmp/tree/sub/script
out '^two$'
run 0 netlab cp a:/tmp/tree "$SCRATCH/back"
run 0 diff -r "$SCRATCH/tree" "$SCRATCH/back"
run 0 netlab cp "$SCRATCH/blob" b:/tmp/blob
run 0 netlab cp b:/tmp/blob "$SCRATCH/blob.back"
cmp "$SCRATCH/blob" "$SCRATCH/blob.back" || fail "a copied file came back changed"
ok "5 MB copied there and back"
run 1 netlab cp a:/no/such "$SCRATCH/x"
err 'no/such'
run 1 netlab cp "$SCRATCH/no-such" a:/tmp/
err 'no-such'
run 0 netlab stop
