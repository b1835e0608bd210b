#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Hosts that allow little: inodes and room in the runtime folder, open files, processes, namespaces. A lab either runs, or its start
# fails and says which limit, its value and the way out; nothing that netlab clean misses stays behind; netlab doctor sees it too.
. "$(dirname "$0")/lib.sh"
unshare -Urm true || skip "this host allows no user namespaces"
file=$(lab few a b)
export file NETLAB

# -- the runtime folder: for each point of the start where there is nothing left for the next file --
in_little() { # OPTION: of the tmpfs
	# shellcheck disable=SC2016
	unshare -Urm bash -c '
		mkdir -p "$1/little" && mount -t tmpfs -o "$2" tmpfs "$1/little" && export XDG_RUNTIME_DIR="$1/little" || exit 2
		mkdir -p "$1/little/netlab" 2>/dev/null
		"$NETLAB" start "$file" >"$1/out" 2>"$1/err"; status=$?
		[ $status != 0 ] || [ "$("$NETLAB" exec a -- hostname)" = a ] || { echo "it does not run"; exit 1; }
		[ $status = 0 ] || grep -q "No space left on device" "$1/err" || { echo "it does not say why"; exit 1; }
		# By itself, or with the stop that its message asks for; a crash is what clean is for.
		if grep -q "keeps running" "$1/err" || [ $status = 0 ]; then
			"$NETLAB" stop >/dev/null || { echo "no stop"; exit 1; }
		fi
		left=$(find "$1/little/netlab" -mindepth 1)
		[ -z "$left" ] || { echo "left behind: $left"; exit 1; }' _ "$SCRATCH" "$1"
}
for n in 2 3 4 5 6 7 8 9 10 11 13 15 40; do
	in_little "nr_inodes=$n" || fail "with $n inodes in the runtime folder"
	ok "$n inodes in the runtime folder"
done
for n in 1 2 3 4 6 8; do
	in_little "size=$((n * 4))k" || fail "with $n pages in the runtime folder"
	ok "$n pages in the runtime folder"
done
# A supervisor that was killed before it had its lock.
mkdir -p "$XDG_RUNTIME_DIR/netlab/began"
run 0 netlab clean
out 'empty folder'
[ ! -e "$XDG_RUNTIME_DIR/netlab/began" ] || fail "clean left a folder without a lock"

# -- limits of processes --
with_limits() { # OPTION VALUE COMMAND...
	(ulimit -S "$1" "$2" && ulimit -H "$1" "$2" && "${@:3}")
}
for n in 16 24 32 64 100; do
	run 1 with_limits -n "$n" "$NETLAB" start "$file"
	err "needs up to [0-9]+ open files, but the limit is $n \\(ulimit -Hn\\); raise \"nofile\""
	[ -z "$(ls "$XDG_RUNTIME_DIR/netlab")" ] || fail "it left something behind"
done
run 1 with_limits -n 100 "$NETLAB" doctor
out 'open files +missing +up to 100 '
# What is called enough is enough.
enough=$(netlab plan "$file" >/dev/null && (ulimit -n 100; "$NETLAB" start "$file" 2>&1 || :) | sed -n 's/.* needs up to \([0-9]*\) open.*/\1/p')
run 0 with_limits -n "$enough" "$NETLAB" start "$file"
run 0 netlab exec a -- ping -c 1 -W 5 10.0.0.2
run 0 netlab stop
if [ "$(id -u)" = 0 ]; then
	echo "# SKIPPED: processes of root are not limited"
else
	running=$(ps -o nlwp= -u "$(id -u)" | awk '{ n += $1 } END { print n }')
	for more in 6 20 30; do
		run 1 with_limits -u $((running + more)) "$NETLAB" start "$file"
		err "needs about [0-9]+ processes and threads, but you may have $((running + more)) \\(ulimit -Hu\\), and [0-9]+ run already"
	done
	run 1 with_limits -u $((running + 20)) "$NETLAB" doctor
	out "processes +missing +up to $((running + 20)), "
fi

# -- namespaces: none, or too few, although the user is root of the one that it is in --
with_namespaces() { # KIND N COMMAND...
	# shellcheck disable=SC2016
	unshare -Urm bash -c 'echo "$2" >"/proc/sys/user/max_$1_namespaces" && "${@:3}"' _ "$@"
}
for kind in user net pid; do
	for n in 0 2; do
		run 1 with_namespaces $kind $n "$NETLAB" start "$file"
		err "the sandboxes of the lab need 4 $kind namespaces, but the host allows $n; as root: sysctl -w user.max_${kind}_namespaces=10000"
	done
	run 1 with_namespaces $kind 0 "$NETLAB" doctor
	out 'sandbox +missing'
	out "namespaces +missing +at most 0 $kind namespaces"
	run 0 with_namespaces $kind 5 bash -c '"$NETLAB" start "$file" && "$NETLAB" exec a -- true && "$NETLAB" stop'
done
# A host that allows them by name, and then refuses what they are for, as AppArmor does: no look at a setting tells.
mkdir "$SCRATCH/bin"
printf '#!/bin/sh\necho "bwrap: setting up uid map: Permission denied" >&2\nexit 1\n' >"$SCRATCH/bin/bwrap"
chmod +x "$SCRATCH/bin/bwrap"
run 1 env PATH="$SCRATCH/bin:$PATH" "$NETLAB" start "$file"
err 'guests cannot be confined: bwrap: setting up uid map: Permission denied.*netlab doctor'
run 1 env PATH="$SCRATCH/bin:$PATH" "$NETLAB" doctor
out 'sandbox +missing +cannot be made: bwrap: setting up uid map'
run 0 netlab list --json
json 'j == []'
