# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for the programs that netlab starts, for those who run them alone: netlab-switch and netlab-uplink.

# The options that the program lists; the switch lists those for running it alone only if one of them is given.
_netlab_program_options() {
	local alone=()
	[[ ${1##*/} == netlab-switch ]] && alone=(--unix x)
	"$1" "${alone[@]}" --help 2>/dev/null | sed -nE 's/^ +(-., )?(--[a-z0-9-]+).*/\2/p'
}

_netlab_program() {
	local current=${COMP_WORDS[COMP_CWORD]} at=$((COMP_CWORD - 1)) previous
	# "=" is a separate word to readline.
	if [[ $current == = ]]; then
		current=
	elif [[ ${COMP_WORDS[at]} == = ]]; then
		at=$((at - 1))
	fi
	previous=${COMP_WORDS[at]}
	COMPREPLY=()
	case $previous in
	--unix | -unix)
		compopt -o filenames
		COMPREPLY=($(compgen -f -- "$current"))
		;;
	--tap | -tap) COMPREPLY=($(compgen -W "$(ls /sys/class/net)" -- "$current")) ;;
	--mtu | -mtu | --fd | --ready-fd | --address | --address6 | --forward) ;;
	*) COMPREPLY=($(compgen -W "$(_netlab_program_options "$1")" -- "$current")) ;;
	esac
}

complete -F _netlab_program netlab-switch netlab-uplink
