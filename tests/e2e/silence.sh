#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Processes that are stopped (SIGSTOP) and so do not answer: a supervisor, a switch, a guest, a sandbox. Every command ends
# by itself and says what does not answer; the other labs are not concerned; what was stopped can be ended.
. "$(dirname "$0")/lib.sh"
labdir=$XDG_RUNTIME_DIR/netlab
# Where no file has the name of a lab.
mkdir "$SCRATCH/here"
cd "$SCRATCH/here"
supervisor_of() { cat "$labdir/$1/lock"; }

# prompt STATUS COMMAND...: as run, but a command that hangs is killed. The limit tells one that waits for ever (which was
# 75 s, by the timeouts of D-Bus) from one that has its own deadline of 4 s.
prompt() { run "$1" timeout -k 1 30 "${@:2}"; }

# together PATTERN COMMAND...: each of these commands of netlab (STATUS ARGUMENTS) ends like that and says this; all at the same
# time, because each waits as long as it may.
together() {
	local pattern=$1 i
	local -a pids=()
	shift
	for ((i = 1; i <= $#; i++)); do
		# shellcheck disable=SC2086
		timeout -k 1 30 "$NETLAB" ${!i#* } >"$SCRATCH/out$i" 2>"$SCRATCH/err$i" &
		pids[i]=$!
	done
	for ((i = 1; i <= $#; i++)); do
		local status=0
		wait "${pids[i]}" || status=$?
		mv "$SCRATCH/out$i" "$SCRATCH/out"
		mv "$SCRATCH/err$i" "$SCRATCH/err"
		[ "$status" = "${!i%% *}" ] || fail "\`netlab ${!i#* }\` exited with $status, expected ${!i%% *}"
		err "$pattern"
	done
}

lab mute a b >"$SCRATCH/file"
sed -i 's|</lab>|<check name="it runs"><run node="a">true</run></check></lab>|' "$(cat "$SCRATCH/file")"
run 0 netlab start "$(cat "$SCRATCH/file")"
run 0 netlab start "$(lab other c)"
mute=$(supervisor_of mute)
kill -STOP "$mute"

prompt 0 "$NETLAB" list
out '^mute +does not answer'
out '^other +ready'
err 'netlab stop --force'
prompt 0 "$NETLAB" list --json
json '{l["name"]: l["state"] for l in j} == {"mute": "does not answer", "other": "ready"}'
json '[l["file"] for l in j if l["name"] == "mute"][0].endswith("/mute/lab.xml")'
silent="the supervisor of lab \"mute\" does not answer: its process $mute is stopped \\(SIGSTOP\\); \"kill -CONT $mute\" lets it"
silent+=' continue; "netlab stop --force mute" ends the lab'
prompt 1 "$NETLAB" status mute --json
json 'j["state"] == "does not answer" and j["last"]["nodes"][0]["name"] == "a" and "--force" in j["message"]'
together "$silent" '1 stop mute' '1 restart mute' '1 restart mute --node a' '1 stop mute --node a' '1 cp -l mute a:/etc/hosts -' \
	'1 pause -l mute a' '1 link show -l mute' '1 link set -l mute a:eth0 delay=1ms' '1 switch show -l mute' \
	'1 capture -l mute -c 1 a:eth0 -w /dev/null' '1 test mute' '125 exec -l mute a -- true' '1 status mute'
# What asks all labs at once, and what does not ask.
prompt 0 "$BUILD/libexec/netlab/extcap/netlab-extcap" --extcap-interfaces
out 'value=netlab:other'
prompt 0 "$NETLAB" clean
prompt 1 "$NETLAB" clean mute
prompt 0 "$NETLAB" exec -l other c -- true

# One that is stopped while somebody watches it.
kill -CONT "$mute"
prompt 0 "$NETLAB" exec -l mute a -- true
timeout -k 1 60 "$NETLAB" status mute --watch >"$SCRATCH/watched" 2>"$SCRATCH/err" &
watcher=$!
eventually 10 grep -q 'mute: ready' "$SCRATCH/watched"
kill -STOP "$mute"
status=0
SECONDS=0
wait "$watcher" || status=$?
[ "$status" = 1 ] || fail "status --watch exited with $status"
# By the timeouts of D-Bus it would be 25 s.
[ "$SECONDS" -lt 20 ] || fail "status --watch needed $SECONDS s to notice"
err "$silent"

# It was only slow.
kill -CONT "$mute"
prompt 0 "$NETLAB" exec -l mute a -- true

# By force: its processes end, its folder goes, its name is free. A node of it is stopped as well, and so is a sandbox.
pids=$(descendants "$mute")
for name in linux bwrap netlab-switch; do
	kill -STOP "$(named "$mute" $name | head -n 1)"
done
kill -STOP "$mute"
prompt 0 "$NETLAB" stop --force mute
out 'mute.*killed'
for pid in $mute $pids; do
	! kill -0 "$pid" 2>/dev/null || [ "$(cut -d ' ' -f 3 "/proc/$pid/stat")" = Z ] || fail "process $pid ($(program_of "$pid")) still runs"
done
[ ! -e "$labdir/mute" ] || fail "the folder of the lab is still there"
run 0 netlab start "$SCRATCH/mute/lab.xml"

# All labs, one of which does not answer: the others are stopped in order.
kill -STOP "$(supervisor_of mute)"
prompt 1 "$NETLAB" stop --all
err 'does not answer'
out 'lab "other" stopped'
prompt 0 "$NETLAB" stop --all --force
prompt 0 "$NETLAB" list --json
json 'j == []'
# A lab that answers is stopped in order, by force or not.
run 0 netlab start "$SCRATCH/mute/lab.xml"
run 0 netlab stop --force
out 'lab "mute" stopped'
prompt 2 "$NETLAB" stop --force --node a

# A switch that is stopped lives: status says so, and what needs it fails. Afterwards everything is as it was.
run 0 netlab start "$SCRATCH/mute/lab.xml"
mute=$(supervisor_of mute)
switch=$(named "$mute" netlab-switch | tail -n 1)
kill -STOP "$switch"
silent="the lab's switch does not answer: its process $switch is stopped \\(SIGSTOP\\)"
prompt 0 "$NETLAB" status
out "^mute: degraded"
out "$silent"
no_out 'died'
prompt 0 "$NETLAB" status --json
json 'j["state"] == "degraded" and j["switch"] == "does not answer" and "SIGSTOP" in j["switch_message"]'
together "$silent" '1 link show' '1 link set a:eth0 delay=1ms' '1 switch show' '1 capture a:eth0 -c 1 -w /dev/null'
prompt 0 "$NETLAB" exec a -- true
kill -CONT "$switch"
answers() { netlab status --json >"$SCRATCH/out" && json 'j["state"] == "ready" and j["switch"] == "ok" and j["switch_message"] == ""' >/dev/null; }
eventually 10 answers
run 0 netlab link set a:eth0 delay=1ms
run 0 netlab exec a -- ping -c 1 -W 5 10.0.0.2
kill -STOP "$switch"
prompt 0 "$NETLAB" stop
out 'lab "mute" stopped'

# A guest that is stopped: what needs it says so; a stop is still one in order, for its processes continue for it.
run 0 netlab start "$SCRATCH/mute/lab.xml"
guest_of() { run 0 netlab status --json >&2; json_value "[n['pid'] for n in j['nodes'] if n['name'] == '$1'][0]"; }
guest=$(guest_of a)
kill -STOP "$guest"
prompt 125 "$NETLAB" exec a -- true
err "node \"a\" is not ready; it does not answer: its process $guest is stopped \\(SIGSTOP\\); \"kill -CONT $guest\" lets it continue, \"netlab restart --node a\" boots it again"
prompt 1 "$NETLAB" cp a:/etc/hosts -
err 'does not answer'
prompt 0 "$NETLAB" status
out "a: warning: it does not answer: its process $guest is stopped"
prompt 0 "$NETLAB" exec b -- true
kill -CONT "$guest"
prompt 0 "$NETLAB" exec a -- true
prompt 0 "$NETLAB" status
no_out 'does not answer'
# A program of its user space, for which its kernel waits when its turn comes: the agent here.
program=$(pgrep -P "$guest" | head -n 1)
kill -STOP "$program"
prompt 125 "$NETLAB" exec a -- true
err "node \"a\" is not ready; it does not answer: its process $program is stopped \(SIGSTOP\); \"kill -CONT $program\" lets it continue"
prompt 0 "$NETLAB" status
out "a: warning: it does not answer: its process $program is stopped"
kill -CONT "$program"
prompt 0 "$NETLAB" exec a -- true
kill -STOP "$guest"
prompt 0 "$NETLAB" restart --node a
prompt 0 "$NETLAB" exec a -- true
kill -STOP "$(guest_of a)"
# The outer half of a sandbox too: the supervisor waits for it.
kill -STOP "$(named "$(supervisor_of mute)" bwrap | head -n 1)"
prompt 0 "$NETLAB" stop
