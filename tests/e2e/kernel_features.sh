#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the guest kernel must carry, used for real: the lines of kernel_features.table, in a guest of each image. And what it
# leaves out is what kernel/left-out says, with a reason: a newer kernel's new options must not stay out unnoticed.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")
table=$here/kernel_features.table
cat >"$SCRATCH/run" <<'GUEST'
# run IMAGE <TABLE: one "ok NAME" or "FAIL NAME: REASON" for each line that is for this image.
has() { zcat /proc/config.gz | grep -qx "CONFIG_$1=[ym]"; }
t() {
	if o=$(eval "$2" 2>&1 </dev/null); then echo "ok $1"; else echo "FAIL $1: $(echo "$o" | tail -n 2 | tr '\n' ' ')"; fi
}
while IFS= read -r line; do
	case $1:$line in
	*:'#'* | *:) ;;
	debian:nft*) t "$line" "nft '${line#nft }'" ;;
	debian:iptables* | debian:ip6tables*)
		t "legacy $line" "${line%%tables*}tables-legacy${line#*tables}"
		t "nft $line" "${line%%tables*}tables-nft${line#*tables}"
		;;
	*:nft* | *:ip*tables*) ;;
	"$1":"$1 "* | *:"both "*) line=${line#* } && t "${line%% | *}" "${line#* | }" ;;
	esac
done
echo over
GUEST
cat >"$SCRATCH/lab.xml" <<XML
<lab xmlns="urn:netlab:lab:1" name="kern">
  <defaults memory="128M"/>
  <node name="tiny" image="tiny"><interface name="eth0" address="10.0.0.2/24 2001:db8::2/64"/></node>
  <node name="debian" image="debian"><interface name="eth0" address="10.0.0.1/24 2001:db8::1/64"/></node>
  <link name="wire"><end node="tiny" interface="eth0"/><end node="debian" interface="eth0"/></link>
</lab>
XML
run 0 netlab start "$SCRATCH/lab.xml"
for image in tiny debian; do
	run 0 netlab cp "$SCRATCH/run" "$image:/run-table"
	run 0 netlab exec "$image" -- sh -c 'ip link add name d0 type dummy && ip link set d0 up && ip address add 10.5.0.1/24 dev d0'
	"$NETLAB" exec "$image" -- sh /run-table "$image" <"$table" >"$SCRATCH/out" 2>"$SCRATCH/err"
	no_out '^FAIL'
	out '^over$'
	echo "$(grep -c '^ok' "$SCRATCH/out") things work in $image"
done
[ "$(grep -c '^ok' "$SCRATCH/out")" -gt 250 ] || fail "the table was not run completely"

# Signatures of TCP segments.
run 0 netlab cp "$BUILD/tests/tcp_signed" tiny:/tcp_signed
for kind in md5 ao; do
	run 0 netlab exec tiny -- /tcp_signed "$kind" secret secret
	out '^connected$'
	run 0 netlab exec tiny -- /tcp_signed "$kind" secret other
	out '^refused$'
done

# What programs ask for in vain is in the boot log.
run fails netlab exec debian -- modprobe nonsense
netlab exec debian -- ip link add x0 type nonsense >/dev/null 2>&1 || :
eventually 10 sh -c '"$NETLAB" logs debian | grep "missing: ip.* asked for \"rtnl-link-nonsense\""'

# Each option that could be on and is not has its line in kernel/left-out.
run 0 netlab exec debian -- sh -c 'zcat /proc/config.gz'
awk '/^CONFIG_NET=y/ || /^CONFIG_NETDEVICES=y/ || /^CONFIG_CRYPTO=y/ { on = 1 } /^# Device Drivers/ || /^# Input device support/ || /^# Library routines/ { on = 0 }
	on && /^# CONFIG_.* is not set/ { sub("CONFIG_", ""); print $2 }' "$SCRATCH/out" | sort >"$SCRATCH/unset"
sed -n 's/^\([A-Z0-9_ ]*\):.*/\1/p' "$here/../../kernel/left-out" | tr ' ' '\n' | sed '/^$/d' | sort -u >"$SCRATCH/known"
comm -23 "$SCRATCH/unset" "$SCRATCH/known" >"$SCRATCH/out"
[ ! -s "$SCRATCH/out" ] || fail "options of the kernel that are neither in kernel.config nor in left-out"
ok "what is left out is what kernel/left-out says"
run 0 netlab stop
