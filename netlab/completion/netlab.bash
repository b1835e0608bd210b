# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for netlab.

_netlab_names() {
	netlab __complete "$1" "$lab" "${@:2}" 2>/dev/null
}

_netlab_commands() {
	netlab help 2>/dev/null | sed -nE 's/^  ([a-z]+) .*/\1/p'
}

_netlab_options() {
	netlab "$1" --help 2>/dev/null | sed -nE 's/^ +(-., )?(--[a-z-]+).*/\2/p'
}

_netlab_words() {
	local IFS=$'\n'
	COMPREPLY=($(compgen -W "$1" -- "$current"))
}

# Files too, with a "/" behind folders; other words would be quoted as files are.
_netlab_files() {
	local IFS=$'\n'
	[[ ${COMPREPLY[*]} ]] || compopt -o filenames
	COMPREPLY+=($(compgen -f -- "$current"))
}

# What fits at the cursor. words: the command and its arguments before it, without options; lab: the lab, if one is named.
_netlab_offer() {
	local command=${words[0]} at=${#words[@]}
	if ((at == 0)); then
		_netlab_words "$(_netlab_commands)"$'\nhelp'
		return
	fi
	case $previous in
	-l | --lab) _netlab_words "$(_netlab_names labs)"; return ;;
	-o | --only | --node) _netlab_words "$(_netlab_names nodes)"; return ;;
	--format) [[ $command == capture ]] && { _netlab_words $'pcapng\npcap'; return; } ;;
	--limit) return ;;
	-w | --write) [[ $command == capture ]] && { _netlab_files; return; } ;;
	esac
	if [[ $current == -* ]]; then
		_netlab_words "$(_netlab_options "$command")"
		return
	fi
	case $command in
	start | check | plan | test) _netlab_files ;;
	gui) _netlab_words "$(_netlab_names labs)"; _netlab_files ;;
	stop | restart | status | clean) _netlab_words "$(_netlab_names labs)" ;;
	console | logs | exec | pause | resume) _netlab_words "$(_netlab_names nodes)" ;;
	link | switch)
		case $at:$command:${words[1]} in
		1:link:*) _netlab_words $'show\nset\nreset\nclear\ndown\nup' ;;
		1:switch:*) _netlab_words $'show\nset\nflush' ;;
		2:link:*) _netlab_words "$(_netlab_names links)" ;;
		2:switch:*) _netlab_words "$(_netlab_names networks)" ;;
		*:link:set) compopt -o nospace; _netlab_words "$(_netlab_names link-settings)" ;;
		3:switch:set) _netlab_words "$(_netlab_names ports "${words[2]}"; _netlab_names network-settings)" ;;
		*:switch:set) compopt -o nospace; _netlab_words "$(_netlab_names port-settings)" ;;
		esac
		;;
	capture | wireshark) _netlab_words "$(_netlab_names links)" ;;
	cp)
		compopt -o nospace
		_netlab_words "$(_netlab_names nodes | sed 's/$/:/')"
		# "NODE:" is followed by a path on the node.
		[[ $current == *:* ]] || _netlab_files
		;;
	image)
		if ((at == 1)); then
			_netlab_words $'list\nbuild'
		else
			_netlab_words "$(_netlab_names images)"
			_netlab_files
		fi
		;;
	kernel) _netlab_words $'status\nbuild' ;;
	help) _netlab_words "$(_netlab_commands)" ;;
	esac
}

_netlab() {
	local line=${COMP_LINE:0:COMP_POINT} current previous lab='' i broken
	local -a all words=()
	# The words of the shell: readline also splits at ":" and "=".
	read -ra all <<<"$line"
	[[ $line == *[[:space:]] ]] && all+=('')
	current=${all[-1]} previous=${all[-2]}
	[[ $current == --*=* ]] && previous=${current%%=*} current=${current#*=}
	for ((i = 1; i < ${#all[@]} - 1; i++)); do
		case ${all[i]} in
		-l | --lab) i=$((i + 1)); lab=${all[i]} ;;
		--lab=*) lab=${all[i]#*=} ;;
		-*) ;;
		*) words+=("${all[i]}") ;;
		esac
	done
	case ${words[0]} in stop | restart) lab=${words[1]} ;; esac
	COMPREPLY=()
	_netlab_offer
	# Readline inserts a completion after the last split.
	broken=${current%"${current##*[:=]}"}
	COMPREPLY=("${COMPREPLY[@]#"$broken"}")
}

complete -F _netlab netlab
