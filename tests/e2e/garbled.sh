#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a hostile guest and its agent say reaches no terminal, no file and no message as they said it.
. "$(dirname "$0")/lib.sh"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/netlab
mkdir -p "$SCRATCH/cache/netlab/kernel/current"
cp "$BUILD/tests/garbled" "$SCRATCH/cache/netlab/kernel/current/linux"
cp "$cache/kernel/current/modules.squashfs" "$SCRATCH/cache/netlab/kernel/current/"
ln -s "$cache/images" "$SCRATCH/cache/netlab/images"
export XDG_CACHE_HOME="$SCRATCH/cache"

# plain WORD: the last run's output and errors are UTF-8 without control characters, and have the word in them.
plain() {
	python3 - "$1" "$SCRATCH/out" "$SCRATCH/err" <<'PY' || fail "not plain text"
import sys
text = "".join(open(name, "rb").read().decode() for name in sys.argv[2:])
bad = [c for c in text if c not in "\n\t" and (ord(c) < 32 or 127 <= ord(c) < 160 or c in "\u202e")]
sys.exit(f"{bad} in {text!r}" if bad else 0 if sys.argv[1] in text else f"no {sys.argv[1]!r} in {text!r}")
PY
	ok "plain text, with \"$1\""
}
run fails netlab start "$(lab garble says dies)"
plain "dies: failed"
plain "says: warning: "
run 0 netlab status garble
plain "end of the boot log"
run 0 netlab status garble --json
plain turned
json '[n for n in j["nodes"] if n["name"] == "dies"][0]["state"] == "failed"'
run fails netlab exec says -- true
plain 'node "says": '
run fails netlab exec says,says -- true
plain 'says | netlab: '
run fails netlab exec dies -- true
plain 'it is failed'
run fails netlab exec says -t -- true
plain 'node "says": '
run fails netlab console says
plain 'node "says": '
run fails netlab cp says:/x "$SCRATCH"
plain "cannot inspect"
# On a terminal the boot log too.
run 0 python3 -c 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]))' "$NETLAB" logs says
tr -d '\r' <"$SCRATCH/out" >"$SCRATCH/shown"
mv "$SCRATCH/shown" "$SCRATCH/out"
plain turned
# What the supervisor keeps and says.
folder=$XDG_RUNTIME_DIR/netlab/garble
cp "$folder/state.json" "$SCRATCH/out"
plain turned
json '[n for n in j["nodes"] if n["name"] == "dies"][0]["message"]'
! grep -aE 'CRITICAL|WARNING' "$folder/netlabd.log" || fail "the supervisor complains: $(cat "$folder/netlabd.log")"
run 0 netlab stop garble
