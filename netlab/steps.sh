# SPDX-License-Identifier: GPL-2.0-or-later
# Shell functions that setup, kernel/build and filesystems/build share: steps with progress, a log and an honest
# failure, and where Debian's mirror is. Sourced by bash with `set -euo pipefail` on.

netlab_cache=${XDG_CACHE_HOME:-$HOME/.cache}/netlab
netlab_log_dir=$netlab_cache/log

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

# elapsed SECONDS -> "1:05"
elapsed() { printf '%d:%02d' $(($1 / 60)) $(($1 % 60)); }

# The ticker runs beside a step and dies with the script, whatever ends it.
netlab_ticker=
stop_ticker() {
	[ -z "$netlab_ticker" ] || { kill "$netlab_ticker" 2>/dev/null; wait "$netlab_ticker" 2>/dev/null; netlab_ticker=; } || :
}

# step TITLE LOG COMMAND...: runs COMMAND with its output in LOG (a name below the log folder), shows TITLE with the time
# elapsed, and on failure the last lines and the log's path. The command stays in the foreground, so Ctrl-C reaches it.
# A function PROGRESS, if the caller defines one, prints a word or two about how far it is (given the log's path).
step() {
	local title=$1 log=$netlab_log_dir/$2 start=$SECONDS status=0 terminal redrawn=
	shift 2
	mkdir -p "$netlab_log_dir"
	: >"$log"
	[ ! -t 2 ] || [ "${TERM:-dumb}" = dumb ] || redrawn=1
	if [ -n "$redrawn" ]; then
		(
			trap 'exit 0' TERM
			while :; do
				printf '\r\033[K%s … %s %s' "$title" "$(elapsed $((SECONDS - start)))" \
					"$(declare -F PROGRESS >/dev/null && PROGRESS "$log")" >&2
				sleep 1
			done
		) &
		netlab_ticker=$!
	else
		say "$title …"
	fi
	trap 'stop_ticker' EXIT
	# Where COMMAND is a shell function, its redirection is in force while a trap runs.
	exec {terminal}>&2
	trap 'stop_ticker; printf "\ninterrupted; the same command goes on from here\n" >&"$terminal"; exit 130' INT TERM
	"$@" >>"$log" 2>&1 </dev/null || status=$?
	exec {terminal}>&-
	stop_ticker
	trap - INT TERM
	[ -z "$redrawn" ] || printf '\r\033[K' >&2
	if [ "$status" != 0 ]; then
		say "$title: failed after $(elapsed $((SECONDS - start))) (status $status). Last lines:"
		tail -n 15 "$log" | sed 's/^/    /' >&2
		[ -s "$log" ] || say "    (none: it could not even write them; is the disk full? df -h $netlab_cache)"
		say "The whole log: $log"
		exit 1
	fi
	say "$title: done in $(elapsed $((SECONDS - start)))"
}

# debian_mirror: the address of the Debian archive that this host's apt uses, from apt's own configuration.
debian_mirror() {
	local uri
	# The archive proper is labelled "Debian"; security updates and other vendors' packages are not. Before apt's first update
	# no label is known: then it is the one whose path ends so.
	uri=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
		sed -nE 's/^Debian ([^ ]+)$/1 \1/p; t; s|^.* ([^ ]+/debian/?)$|2 \1|p' | sort -s -k 1,1 | sed -n '1s/^. //p') || :
	[ -n "$uri" ] || die "no Debian archive in apt's configuration: netlab takes its guest kernel and images from there, so it can \
be set up on Debian 12 and 13 and on relatives whose apt uses Debian's own archive, but not on Ubuntu or Mint"
	printf '%s\n' "${uri%/}"
}

# debian_keyring: the file with Debian's archive keys.
debian_keyring() {
	local file
	for file in /usr/share/keyrings/debian-archive-keyring.gpg /usr/share/keyrings/debian-archive-keyring.pgp; do
		[ -r "$file" ] && { printf '%s\n' "$file"; return; }
	done
	die "Debian's archive keys are not here: apt-get install debian-archive-keyring"
}
