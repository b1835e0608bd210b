#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Help, completion and manual: present for every command, and true.
. "$(dirname "$0")/lib.sh"
source_dir=$(dirname "$EXAMPLES")
tr -d '\\' <"$BUILD/share/man/man1/netlab.1" >"$SCRATCH/manual"
run 0 netlab --help
for command in start stop restart list status console exec cp logs pause resume link switch capture wireshark gui check plan test image kernel doctor clean; do
	grep -q "^ *$command" "$SCRATCH/out" || fail "--help does not name $command"
	"$NETLAB" "$command" --help >"$SCRATCH/help" || fail "$command --help failed"
	grep -qi 'example' "$SCRATCH/help" || fail "$command --help has no example"
	grep -q "$command" "$BUILD/share/man/man1/netlab.1" || fail "netlab(1) does not name $command"
	for option in $(grep -oE '^ +(-[a-zA-Z], )?--[a-z-]+' "$SCRATCH/help" | grep -oE '\-\-[a-z-]+' | grep -v '^--help$'); do
		grep -qE -- "(--|Fl -|-)${option#--}" "$SCRATCH/manual" || fail "netlab(1) does not explain $command $option"
	done
done
ok "every command has help with examples and stands in the manual with its options"
# One table says what can be set of a link.
run 0 netlab __complete link-settings
settings=$(tr -d = <"$SCRATCH/out")
[ "$(wc -w <<<"$settings")" -ge 11 ] || fail "only these can be set of a link: $settings"
"$NETLAB" link --help >"$SCRATCH/help"
for setting in $settings; do
	grep -q "^  $setting=" "$SCRATCH/help" || fail "netlab link --help does not explain $setting"
	grep -q "^\.Cm $setting [,;]$" "$BUILD/share/man/man1/netlab.1" || fail "netlab(1) does not list $setting"
	grep -q "^\.It Va $setting$" "$BUILD/share/man/man5/netlab-lab.5" || fail "netlab-lab(5) does not explain $setting"
	grep -q "<xs:attribute name=\"$setting\"" "$BUILD/share/netlab/lab.xsd" || fail "lab.xsd has no $setting"
done
ok "help, manual and schema have each link setting"
run 0 netlab --version
# On a machine without locales too, what is printed is UTF-8.
run 0 env -u LANG LC_ALL=C "$NETLAB" check --help
out 'OPTION…'
run 0 netlab help lab
out 'netlab.lab'
for page in netlab.1 netlab-switch.1 netlab-lab.5; do
	run 0 env LC_ALL=C.UTF-8 MANWIDTH=100 man --warnings -l "$BUILD/share/man/man${page##*.}/$page"
	[ ! -s "$SCRATCH/err" ] || fail "$page has formatting errors"
done
run 0 netlab start "$(lab comp alpha beta)"
complete_with() { # complete_with FILE WORD...: what bash would offer for the last word
	bash --norc -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
		PATH=$(dirname "$NETLAB"):$PATH; f=$(complete -p "${1##*/}" | sed "s/.*-F \([^ ]*\).*/\1/"); $f "$1" "${@: -1}" "" ; printf "%s\n" "${COMPREPLY[@]}"' \
		- "$@"
}
complete_bash() { complete_with "$source_dir/netlab/completion/netlab.bash" "$@"; }
run 0 complete_bash netlab sta
out '^start ?$'
out '^status ?$'
run 0 complete_bash netlab exec al
out '^alpha ?$'
run 0 complete_bash netlab capture beta:
out 'eth0'
run 0 complete_bash netlab link set beta:eth0 de
out '^delay=$'
run 0 complete_bash netlab link do
out '^down ?$'
run 0 complete_bash netlab link set -l comp beta:et
# What readline puts behind the ":", which breaks words for it.
out '^eth0 ?$'
run 0 complete_bash netlab switch set --lab=comp l
out '^lan ?$'
run 0 complete_bash netlab restart comp --node al
out '^alpha ?$'
run 0 complete_bash netlab cp alpha:/
no_out 'etc'
run 0 complete_bash netlab switch s
out '^set ?$'
run 0 complete_bash netlab switch set l
out '^lan ?$'
run 0 complete_bash netlab switch set lan al
out '^alpha:eth0 ?$'
run 0 complete_bash netlab switch set lan pri
out '^priority=$'
run 0 complete_bash netlab switch set lan alpha:eth0 tr
out '^trunk=$'
programs=$source_dir/netlab/completion/programs.bash
run 0 complete_with "$programs" "$BUILD/libexec/netlab/netlab-switch" --
for option in unix hub tap daemon mtu version help; do
	out "^--$option\$"
	tr -d '\\' <"$source_dir/netlab/man/netlab-switch.1" | grep -q "Fl -$option" || [ $option = help ] ||
		fail "netlab-switch(1) does not explain --$option"
done
run 0 complete_with "$programs" "$BUILD/libexec/netlab/netlab-switch" --hub --tap l
out '^lo$'
run 0 complete_with "$programs" "$BUILD/libexec/netlab/netlab-switch" --unix = "$SCRATCH/man"
out '/manual$'
run 0 complete_with "$programs" "$BUILD/libexec/netlab/netlab-uplink" --add
out '^--address$'
out '^--address6$'
for file in _netlab _netlab-programs; do run 0 zsh -n "$source_dir/netlab/completion/$file"; done
run 0 netlab doctor
run 0 netlab doctor --json
run 0 netlab image list
out 'tiny'
run 0 netlab kernel
run 0 netlab stop
