#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# netlab test: which lab it means, and what it says of a check that does not hold.
. "$(dirname "$0")/lib.sh"
add_checks() { # add_checks FILE <XML: puts checks into a lab
	sed -i 's,</lab>,,' "$1"
	{ cat; echo '</lab>'; } >>"$1"
}
file=$(lab asked a b)
add_checks "$file" <<'XML'
<check name="too late" timeout="2s"><run node="a">
test ! -e /tmp/again || sleep 1000; touch /tmp/again; echo the reason >&amp;2; exit 3</run></check>
<check name="fine"><run node="a">true</run></check>
XML
run 0 netlab start "$file"
# What an attempt said that ran to its end counts, not that the time was over in the middle of the next.
run 1 netlab test "$file"
out '^not ok 1 - too late'
out '^  status: 3$'
out '^    the reason$'
no_out 'not finished after'
out '^ok 2'

# The lab that runs, by name and as the only one; the folder's own first.
cd "$SCRATCH"
run 0 netlab test --check fine
run 0 netlab test --check fine asked
run 2 netlab test no-such.xml
err 'no-such.xml'
mkdir own
cd own
cp "$(lab mine b)" lab.xml
run 1 netlab test
err 'lab "mine" has no checks'
cd "$SCRATCH"

# A lab that runs as it was before its file was changed.
run 0 netlab test --check fine "$file"
[ ! -s "$SCRATCH/err" ] || fail "nothing was changed yet"
touch "$file"
run 0 netlab test --check fine "$file"
err 'lab.xml has changed since lab "asked" was started; "netlab restart asked"'

# Ctrl-C: at once, and no word on a check that was not done.
add_checks "$file" <<'XML'
<check name="long" timeout="1000s"><run node="a">sleep 1000</run></check>
XML
python3 - "$NETLAB" test --check long "$file" <<'PY' >"$SCRATCH/out" 2>"$SCRATCH/err" || fail "an interrupted test"
import signal, subprocess, sys
p = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, text=True, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
said = p.stdout.readline() + p.stdout.readline()
p.send_signal(signal.SIGINT)
said += p.communicate(timeout=60)[0]
print(said)
sys.exit(0 if p.returncode == 130 else 1)
PY
out '^Bail out!'
no_out '^(not )?ok'
run 0 netlab stop
run 1 netlab test
err 'there is no lab.xml here, and no lab is running'
