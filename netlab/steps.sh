# SPDX-License-Identifier: GPL-2.0-or-later
# Shell functions shared by setup, kernel/build and filesystems/build: steps with progress, a log and a clear message on
# failure, and the address of Debian's mirror. Sourced by bash with `set -euo pipefail`.

netlab_cache=${XDG_CACHE_HOME:-$HOME/.cache}/netlab
netlab_log_dir=$netlab_cache/log

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

# elapsed SECONDS -> "1:05"
elapsed() { printf '%d:%02d' $(($1 / 60)) $(($1 % 60)); }

# The ticker runs beside a step and ends with the script, whatever ends that.
netlab_ticker=
stop_ticker() {
	[ -z "$netlab_ticker" ] || { kill "$netlab_ticker" 2>/dev/null; wait "$netlab_ticker" 2>/dev/null; netlab_ticker=; } || :
}

# step TITLE LOG COMMAND...: runs COMMAND with its output in LOG (a name below the log folder), shows TITLE with the time
# elapsed, and on failure the last lines and the log's path. The command stays in the foreground, so Ctrl-C reaches it.
# If the caller defines a function PROGRESS, it prints a few words about the progress; its argument is the log's path.
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
	# When COMMAND is a shell function, its redirection applies to the trap as well.
	exec {terminal}>&2
	trap 'stop_ticker; printf "\ninterrupted; run the same command again to continue\n" >&"$terminal"; exit 130' INT TERM
	"$@" >>"$log" 2>&1 </dev/null || status=$?
	exec {terminal}>&-
	stop_ticker
	trap - INT TERM
	[ -z "$redrawn" ] || printf '\r\033[K' >&2
	if [ "$status" != 0 ]; then
		say "$title: failed after $(elapsed $((SECONDS - start))) (status $status). Last lines:"
		tail -n 15 "$log" | sed 's/^/    /' >&2
		[ -s "$log" ] || say "    (none: it could not write to the log; is the disk full? Run: df -h $netlab_cache)"
		say "Full log: $log"
		exit 1
	fi
	say "$title: done in $(elapsed $((SECONDS - start)))"
}

# debian_mirror: the address of the Debian archive that this host's apt uses, from apt's own configuration; on hosts that use
# another archive, such as Ubuntu and Mint, NETLAB_DEBIAN_MIRROR names it.
debian_mirror() {
	local uri=${NETLAB_DEBIAN_MIRROR:-}
	if [ -n "$uri" ]; then
		[[ $uri =~ ^[a-z+]+://[^[:space:]]+$ ]] ||
			die "NETLAB_DEBIAN_MIRROR is \"$uri\"; set it to the address of a Debian archive, such as http://MIRROR/debian"
		printf '%s\n' "${uri%/}"
		return
	fi
	# The main archive has the label "Debian"; security updates and other vendors' packages have not. Before apt's first
	# update no label is known, and apt lists no index: then it is the archive whose path ends in "/debian".
	uri=$( {
		apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages'
		apt-get --print-uris update | sed -nE "s|^'([^']*)/dists/[^']*/(In)?Release'.*| \\1|p"
	} 2>/dev/null | sed -nE 's/^Debian ([^ ]+)$/1 \1/p; t; s|^.* ([^ ]+/debian/?)$|2 \1|p' | sort -s -k 1,1 | sed -n '1s/^. //p') || :
	[ -n "$uri" ] || die "apt's configuration has no Debian archive, which netlab needs for its guest kernel and images. On Ubuntu, Mint \
and other systems with apt, name one: NETLAB_DEBIAN_MIRROR=http://MIRROR/debian ./setup ..."
	printf '%s\n' "${uri%/}"
}

# debian_keyring: the file with Debian's archive keys.
debian_keyring() {
	local file
	for file in /usr/share/keyrings/debian-archive-keyring.gpg /usr/share/keyrings/debian-archive-keyring.pgp; do
		[ -r "$file" ] && { printf '%s\n' "$file"; return; }
	done
	die "Debian's archive keys are missing; run: apt-get install debian-archive-keyring"
}

# prepare_apt FOLDER SUITE...: makes a separate apt in FOLDER, with its own lists, its own cache and an empty package database:
# the host's apt is not changed. private_apt COMMAND... runs one of its commands.
prepare_apt() {
	local apt=$1 mirror keyring suite
	shift
	mirror=$(debian_mirror)
	keyring=$(debian_keyring)
	mkdir -p "$apt"/{state,cache/archives/partial,lists/partial}
	: >"$apt/status"
	for suite; do
		echo "deb [signed-by=$keyring] $mirror $suite main"
	done >"$apt/sources.list"
	cat >"$apt/apt.conf" <<-CONF
		Dir::State "$apt/state";
		Dir::State::status "$apt/status";
		Dir::State::lists "$apt/lists";
		Dir::Cache "$apt/cache";
		Dir::Etc::sourcelist "$apt/sources.list";
		Dir::Etc::sourceparts "-";
		Acquire::Languages "none";
		APT::Sandbox::User "";
		APT::Update::Post-Invoke-Success "";
	CONF
	# A mirror may lack a suite as long as another one has the package; who looks for it reports when none has.
	private_apt "$apt" apt-get update || echo "some suites could not be read"
}
private_apt() { APT_CONFIG=$1/apt.conf "${@:2}"; }
