#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copies out of guests that send what they like.
. "$(dirname "$0")/lib.sh"
HERE=$(cd "$(dirname "$0")" && pwd)
mkdir "$SCRATCH/home"
echo mine >"$SCRATCH/home/file"
python3 "$HERE/hostile_archives.py" "$SCRATCH/archives" "$SCRATCH/home" >"$SCRATCH/names"
run 0 netlab start "$(lab copies a)"
run 0 netlab cp "$SCRATCH/archives" a:/tmp/
# Root in a guest can put anything in tar's place: for a folder /x/NAME it sends the archive of that name.
run 0 netlab exec a -- sh -c 'cd /tmp/archives; for name in *; do mkdir -p "/x/$name"; done; mv /bin/tar /bin/real-tar
printf "#!/bin/sh\nexec cat \"/tmp/archives/\${2##*/}\"\n" >/bin/tar; chmod +x /bin/tar; /bin/tar -C /x/noise | cmp - noise'

# What is outside of where the copies go, in every detail.
outside() { (cd "$SCRATCH" && find home -printf '%p %y %m %s %l %T@ %C@\n' -type f -exec cat {} +); }
outside >"$SCRATCH/before"
# safe FOLDER: nothing but files, folders and links that nobody can become root with, and nothing of a copy under way.
safe() {
	outside | cmp -s - "$SCRATCH/before" || fail "$1: files outside have changed: $(outside | diff "$SCRATCH/before" -)"
	[ -z "$(find "$1" ! -type f ! -type d ! -type l -o ! -type l -perm /7000)" ] || fail "$1: $(find "$1" -ls)"
	[ -z "$(ls -A "$1" | grep '^\.netlab-' || :)" ] || fail "$1: left behind: $(ls -A "$1")"
}
# attack NAME: copies it twice: the second copy must not go where the first leads it.
attack() {
	local name=$1 got
	local said=$SCRATCH/$name.said
	mkdir "$SCRATCH/$name"
	for _ in first second; do
		got=0
		timeout 120 "$NETLAB" cp "a:/x/$name" "$SCRATCH/$name" >"$said" 2>&1 </dev/null || got=$?
		[ "$got" -le 1 ] || fail "copying $name exited with $got: $(cat "$said")"
		! grep -q "$(printf '\033')" "$said" || fail "$name: an escape sequence in a message"
		[ "$got" = 0 ] || [ -s "$said" ] || fail "copying $name failed without a reason"
		safe "$SCRATCH/$name"
	done
	echo "$name: $got $(head -c 300 "$said")"
	chmod -R u+rwX "$SCRATCH/$name"
	rm -r "${SCRATCH:?}/$name"
}
mapfile -t names <"$SCRATCH/names"
for ((first = 0; first < ${#names[@]}; first += 4)); do
	attacks=()
	for name in "${names[@]:first:4}"; do
		attack "$name" &
		attacks+=($!)
	done
	for pid in "${attacks[@]}"; do wait "$pid" || exit 1; done
done
[ "$(wc -l <"$SCRATCH/names")" -ge 30 ] || fail "there should be thirty archives"
ok "$(wc -l <"$SCRATCH/names") hostile archives, each copied twice, change nothing outside"

# What is not hostile comes whole, but for what has no place here.
mkdir "$SCRATCH/here"
run 0 netlab exec a -- sh -c 'mv /bin/real-tar /bin/tar; rm -r /x/*; mkdir -p /f/d; ln -s / /x/link; echo text >/f/d/file; mkfifo /f/pipe; mknod /f/null c 1 3
ln -s d/file /f/link; chmod 4755 /f/d/file'
run 0 netlab cp a:/f "$SCRATCH/here"
err 'warning: 2 of the node.s files are devices, pipes or sockets, and were left out'
[ "$(cat "$SCRATCH/here/f/link")" = text ] || fail "a link within the copy leads to what it led to"
safe "$SCRATCH/here"
# Merged with what is there; a link that is there is not followed, and nothing changes then.
echo kept >"$SCRATCH/here/f/kept"
run 0 netlab cp a:/f "$SCRATCH/here"
[ "$(cat "$SCRATCH/here/f/kept")" = kept ] || fail "a second copy removed what was there"
rm -r "$SCRATCH/here/f/d"
ln -s "$SCRATCH/home" "$SCRATCH/here/f/d"
run 1 netlab cp a:/f "$SCRATCH/here"
err '/f/d" is a link, which is not followed'
safe "$SCRATCH/here"
# What is here decides what it may become, and not the guest.
echo old >"$SCRATCH/here/x"
run 1 netlab cp a:/x "$SCRATCH/here"
err '/here/x" is not a folder'
[ "$(cat "$SCRATCH/here/x")" = old ] || fail "a folder took the place of a file"
mkdir "$SCRATCH/here/file"
run 1 netlab cp a:/f/d/file "$SCRATCH/here"
err '/here/file" is a folder'
run 1 netlab cp a:/f/d/file/ "$SCRATCH/here/new"
err 'there is no "/f/d/file/" on node "a"|is not a folder'
run 1 netlab cp a:/ "$SCRATCH/home"
err 'has no name of its own'
run 1 netlab cp a:/x/link/.. "$SCRATCH/home"
err 'has no name of its own'
safe "$SCRATCH/here"
# What is no file is written to, and stays: here /dev/stdout, which is a file, a pipe, a terminal, a socket, and closed. In a
# mount namespace with a /dev of its own, because a fault would replace what is in the machine's.
run 0 bwrap --bind / / --dev /dev --chdir "$SCRATCH/here" bash -euxo pipefail <<'END'
copy() { "$NETLAB" cp a:/f/d/file "${1-/dev/stdout}"; }
refused() { ! copy "$@" 2>refusal; }
echo before >log
copy >>log
[ "$(cat log)" = "$(printf 'before\ntext')" ]
[ "$(copy | cat)" = text ]
script -qec '"$NETLAB" cp a:/f/d/file /dev/stdout' /dev/null </dev/null >typescript
grep -q '^text' typescript
python3 -c 'import os, socket, subprocess
here, there = socket.socketpair()
subprocess.run([os.environ["NETLAB"], "cp", "a:/f/d/file", "/dev/stdout"], stdout=there, check=True)
assert here.recv(100) == b"text\n"'
refused >&-
grep -q 'cannot write: Bad file descriptor' refusal
refused /dev/new
grep -q '"/dev" is a folder of the system' refusal
copy /dev/null
[ -c /dev/null ] && [ ! -e /dev/new ] && [ "$(readlink /dev/stdout)" = /proc/self/fd/1 ]
END
run 0 netlab cp a:/f/d/file -
out '^text$'
run 0 bash -c '"$1" cp a:/f - | tar -t' sh "$NETLAB"
out '^\./d/file$'

# An end to what has none: bytes, and files without any.
run 2 netlab cp --limit 5 a:/x "$SCRATCH/here"
err 'limit'
run 1 netlab cp --limit 1M a:/dev/zero "$SCRATCH/here/zero"
err 'more than 1.0.*MiB; --limit allows more'
# Not into the file itself: the last copy's tar may run still.
run 0 netlab exec a -- sh -c 'printf "#!/bin/sh\nwhile cat /tmp/archives/part; do :; done\n" >/bin/endless; chmod +x /bin/endless
mv /bin/endless /bin/tar'
run 1 netlab cp --limit 1M a:/x "$SCRATCH/here/endless"
err 'more than 1.0.*MiB; --limit allows more'
[ ! -e "$SCRATCH/here/zero" ] && [ ! -e "$SCRATCH/here/endless" ] || fail "what was too large has left something"
safe "$SCRATCH/here"
# Ctrl-C while it is under way.
for what in /x /dev/zero; do
	"$NETLAB" cp --limit 1000G "a:$what" "$SCRATCH/here/cut" &
	copy=$!
	eventually 20 bash -c 'ls -d "$1"/.netlab-*/copy' sh "$SCRATCH/here"
	kill -INT "$copy"
	got=0
	wait "$copy" || got=$?
	[ "$got" = 130 ] || fail "an interrupted copy exited with $got"
	[ ! -e "$SCRATCH/here/cut" ] || fail "an interrupted copy left something"
	safe "$SCRATCH/here"
done
ok "an interrupted copy leaves nothing behind"
run 0 netlab stop
