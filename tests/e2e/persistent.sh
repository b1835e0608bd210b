#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A persistent node keeps its files, also over a logout; another forgets them.
. "$(dirname "$0")/lib.sh"
cat >"$SCRATCH/lab.xml" <<'XML'
<lab xmlns="urn:netlab:lab:1" name="keep">
  <defaults image="debian"/>
  <network name="lan"/>
  <node name="keeps" persistent="yes"><interface name="eth0" network="lan" address="10.0.0.1/24"/></node>
  <node name="small" image="tiny" persistent="yes"/>
  <node name="forgets"/>
</lab>
XML
run 0 netlab start "$SCRATCH/lab.xml"
run 0 netlab exec --all -- sh -c 'echo here >/root/mark'
run 0 netlab stop
run 0 netlab start "$SCRATCH/lab.xml"
run 0 netlab exec keeps -- cat /root/mark
out '^here$'
run 0 netlab exec keeps -- grep -c keeps /etc/hosts
out '^1$'
run 1 netlab exec forgets -- cat /root/mark
# The same with an image in memory.
run 0 netlab exec small -- sh -c 'cat /root/mark; ls / /bin/busybox; mount'
out '^here$'
out '^/bin/busybox$'
out '^overlay on / type overlay '
no_out '^netlab$'
run 0 netlab exec forgets -- sh -c 'for p in zebra ospfd ospf6d ripd ripngd bgpd isisd ldpd; do test -x /usr/lib/frr/$p || echo "no $p"; done
	for p in ip ping traceroute nft iptables tcpdump iperf3 nc curl dnsmasq vtysh brctl ifconfig ps less nano vi ssh sshd; do command -v $p >/dev/null || echo "no $p"; done'
no_out 'no '
run 0 netlab stop

# The same lab a second time, where the first is not seen: its disk is not touched, and nobody is told to remove it.
run 0 netlab start "$SCRATCH/lab.xml"
mkdir "$SCRATCH/elsewhere"
run 1 env XDG_RUNTIME_DIR="$SCRATCH/elsewhere" "$NETLAB" start "$SCRATCH/lab.xml"
err 'keeps: failed: the disk ".*/keep.*" is in use.*XDG_RUNTIME_DIR'
run 0 env XDG_RUNTIME_DIR="$SCRATCH/elsewhere" "$NETLAB" stop
run 0 netlab exec keeps -- cat /root/mark
run 0 netlab stop

# Without a sandbox as well: the kernel does not find the supervisor's lock in its way.
run 0 netlab start --unconfined "$SCRATCH/lab.xml"
run 0 netlab exec keeps,small -- cat /root/mark
run 0 netlab stop

# A logout or a shutdown tells every process of the session to end, all at once; here the guests hear it first. What was
# written up to then is kept.
sed -i 's|<node name="forgets"/>|<node name="isolated" persistent="yes" isolation="on"/>|' "$SCRATCH/lab.xml"
run 0 netlab start "$SCRATCH/lab.xml"
run 0 netlab exec --all -- sh -c 'echo late >/root/late'
supervisor=$(cat "$XDG_RUNTIME_DIR/netlab/keep/lock")
# shellcheck disable=SC2046
kill -TERM $(descendants "$supervisor" | tac) "$supervisor"
eventually 20 test ! -e "$XDG_RUNTIME_DIR/netlab/keep"
run 0 netlab start "$SCRATCH/lab.xml"
run 0 netlab exec --all -- cat /root/late
out '^keeps +\| late$'
out '^isolated +\| late$'
run 0 netlab stop
