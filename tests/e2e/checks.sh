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

# What went wrong at start-up explains why a check fails: test, restart and restart --node tell it.
mkdir "$SCRATCH/broken"
cat >"$SCRATCH/broken/lab.xml" <<'XML'
<lab xmlns="urn:netlab:lab:1" name="broken">
  <node name="fw"><run>echo "rules:1: syntax error" >&amp;2; echo "  ^" >&amp;2; exit 1</run></node>
  <node name="gone"/>
  <check name="works"><run node="fw">true</run></check>
  <check name="needs gone" timeout="1000s"><run node="gone">true</run></check>
</lab>
XML
said='fw: warning: run "echo .*": exit status 1: rules:1: syntax error \(and 1 more line: netlab logs fw\)'
run 0 netlab test --check works "$SCRATCH/broken"
err "$said"
run 0 netlab start "$SCRATCH/broken"
run 0 netlab test --check works broken
err "$said"
run 0 netlab restart --node fw broken
err "$said"
run 0 netlab restart broken
err "$said"

# A check that needs a node that has failed, or that is stopped, is not tried again until its time is over.
run 0 netlab status --json broken
kill -KILL "$(json_value '[n["pid"] for n in j["nodes"] if n["name"] == "gone"][0]')"
eventually 20 sh -c '"$NETLAB" status broken | grep -E "^gone +failed"'
run 1 timeout 60 "$NETLAB" test --check 'needs gone' broken
out '^  attempts: 1$'
out 'node "gone" is not ready; it is failed: '
run 0 netlab stop broken
run 0 netlab start --only fw "$SCRATCH/broken"
run 1 timeout 60 "$NETLAB" test --check 'needs gone' broken
out 'node "gone" is not ready; it is stopped'
run 0 netlab stop broken

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
