#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A hostile program in a guest kernel's place takes what it gets of one resource of the host's kernel at a time. A guest of 32 MiB
# may cost the host at most 64 MiB more, whichever it is.
. "$(dirname "$0")/lib.sh"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/netlab
mkdir -p "$SCRATCH/cache/netlab/kernel/current"
cp "$BUILD/tests/hoard" "$SCRATCH/cache/netlab/kernel/current/linux"
ln -s "$cache/kernel/current/modules.squashfs" "$SCRATCH/cache/netlab/kernel/current/"
ln -s "$cache/images" "$SCRATCH/cache/netlab/images"
export XDG_CACHE_HOME=$SCRATCH/cache
available() { awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo; }

has_no_guest() { [ -z "$(named "$supervisor" linux)" ]; }

# hoard RESOURCE MOST: it takes at most MOST, and the host's memory is there again afterwards.
hoard() {
	local before least now starter supervisor
	before=$(available)
	least=$before
	"$NETLAB" start "$(lab "$1" "hoard-$1")" >"$SCRATCH/out" 2>"$SCRATCH/err" &
	starter=$!
	while kill -0 "$starter" 2>/dev/null; do
		now=$(available)
		[ "$now" -ge "$least" ] || least=$now
		read -r -t 0.05 <> <(:) || :
	done
	wait "$starter" && fail "a program that is no kernel became ready"
	run 0 netlab logs -l "$1" "hoard-$1"
	out "^hoarding $1"
	local took
	took=$(awk '/^took / { if ($2 > n) n = $2 } END { print n + 0 }' "$SCRATCH/out")
	run 0 netlab status "$1" --json
	echo "# $1: took $took; the host's available memory shrank by $((before - least)) MiB, with all that runs beside"
	echo "# $(json_value 'j["nodes"][0]["message"]')"
	[ "$took" -le "$2" ] || fail "it could take $took of $1, and may $2"
	ok "it took $took of $1, at most $2"
	supervisor=$(cat "$XDG_RUNTIME_DIR/netlab/$1/lock")
	eventually 20 has_no_guest
	run 0 netlab stop "$1"
}

# A node of 32 MiB may have 64 + 32 MiB / 96 KiB tasks, two of which the sandbox and the program have. Root's are counted by the
# supervisor, a twentieth of a second later.
tasks=405
[ "$(id -u)" != 0 ] || tasks=5000
hoard tasks "$tasks"
# KiB. The supervisor looks a twentieth of a second later, and on a busy machine the hundred processes take their time.
hoard sockets $((256 * 1024))
hoard tables $((256 * 1024))
# What is bounded needs no look.
hoard pipes 0
# 1 KiB each. From the supervisor's first look on, a twentieth of a second after the start, each of two file systems takes 1024.
hoard files $((64 * 1024))
# 0.5 KiB each.
hoard timers 256
hoard locks 0
