# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by the end-to-end tests: small words for expecting things. A test is a bash script run by contain, which gives
# it folders of its own and sees to it that nothing stays behind. $NETLAB is the program, $EXAMPLES the example labs.
set -euo pipefail

netlab() { "$NETLAB" "$@"; }

n_checks=0
ok() { n_checks=$((n_checks + 1)); printf 'ok %d - %s\n' "$n_checks" "$*"; }
fail() {
	printf 'not ok - %s\n' "$*"
	[ ! -s "$SCRATCH/out" ] || { echo "--- standard output"; cat "$SCRATCH/out"; }
	[ ! -s "$SCRATCH/err" ] || { echo "--- standard error"; cat "$SCRATCH/err"; }
	netlab stop --all --force >/dev/null 2>&1 || echo "(and stop --all --force failed)"
	exit 1
}
skip() { printf 'SKIPPED: %s\n' "$*"; exit 77; }

# run STATUS COMMAND...: the command must exit with STATUS ("fails": any but 0); its output is then in $SCRATCH/out and
# $SCRATCH/err.
run() {
	local want=$1 got=0
	shift
	"$@" >"$SCRATCH/out" 2>"$SCRATCH/err" || got=$?
	[ "$got" = "$want" ] || { [ "$want" = fails ] && [ "$got" != 0 ]; } || fail "\`$*\` exited with $got, expected $want"
	ok "\`$*\` exits with $want"
}
# out PATTERN / err PATTERN: the last run's output matches the extended regular expression.
out() { grep -Eq -- "$1" "$SCRATCH/out" || fail "standard output should match: $1"; ok "output matches: $1"; }
err() { grep -Eq -- "$1" "$SCRATCH/err" || fail "standard error should match: $1"; ok "error output matches: $1"; }
no_out() { ! grep -Eq -- "$1" "$SCRATCH/out" || fail "standard output should not match: $1"; ok "output does not match: $1"; }

# eventually SECONDS COMMAND...: the command succeeds before the deadline. Polls; a condition, never a guess.
eventually() {
	local deadline=$((SECONDS + $1))
	shift
	until "$@" >"$SCRATCH/out" 2>"$SCRATCH/err"; do
		[ "$SECONDS" -lt "$deadline" ] || fail "did not become true in time: $*"
		read -r -t 0.05 <> <(:) || :
	done
	ok "becomes true: $*"
}

# json EXPRESSION: evaluates a Python expression over the last run's output parsed as JSON (name: j); must be true.
json() {
	python3 -c 'import json,sys; j=json.load(open(sys.argv[1])); sys.exit(0 if eval(sys.argv[2]) else 1)' \
		"$SCRATCH/out" "$1" || fail "JSON output should satisfy: $1"
	ok "JSON satisfies: $1"
}
# json_value EXPRESSION: prints it.
json_value() { python3 -c 'import json,sys; j=json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$SCRATCH/out" "$1"; }

# descendants PID: the processes below it. named PID WORD: those of them whose program is WORD.
descendants() { local p; for p in $(pgrep -P "$1"); do echo "$p"; descendants "$p"; done; }
program_of() { basename "$(tr '\0' '\n' 2>/dev/null <"/proc/$1/cmdline" | head -n 1)"; }
named() {
	local p
	for p in $(descendants "$1"); do
		if [ "$(program_of "$p")" = "$2" ]; then echo "$p"; fi
	done
}

# speak LANGUAGE: the programs started from here on do, as far as they can. LANGUAGE means nothing in the locale C, by
# whatever name (glibc 2.39), and a bare Debian has no other: so one of our own.
speak() {
	[ -d "$SCRATCH/locales" ] || { mkdir "$SCRATCH/locales"; localedef -i en_US -f UTF-8 "$SCRATCH/locales/en_US.UTF-8"; }
	export LOCPATH=$SCRATCH/locales LC_ALL=en_US.UTF-8 LANGUAGE=$1
}

# lab NAME NODE...: writes $SCRATCH/NAME/lab.xml: tiny hosts 10.0.0.1, 10.0.0.2, ... on one switch; prints its path.
lab() {
	local name=$1 i=0 node
	shift
	mkdir -p "$SCRATCH/$name"
	{
		echo "<lab xmlns=\"urn:netlab:lab:1\" name=\"$name\"><network name=\"lan\"/>"
		for node; do
			i=$((i + 1))
			echo "<node name=\"$node\"><interface name=\"eth0\" network=\"lan\" address=\"10.0.0.$i/24\"/></node>"
		done
		echo "</lab>"
	} >"$SCRATCH/$name/lab.xml"
	echo "$SCRATCH/$name/lab.xml"
}
