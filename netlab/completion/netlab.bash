# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for netlab.

# The lab that -l or --lab names on this line, if any.
_netlab_lab() {
	local i
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-l | --lab) [[ ${COMP_WORDS[i + 1]} == = ]] && echo "${COMP_WORDS[i + 2]}" || echo "${COMP_WORDS[i + 1]}" ;;
		esac
	done
}

_netlab_names() {
	netlab __complete "$1" "$(_netlab_lab)" 2>/dev/null
}

_netlab_words() {
	local IFS=$'\n'
	COMPREPLY=($(compgen -W "$1" -- "$2"))
}

_netlab_options() {
	netlab "$1" --help 2>/dev/null | sed -nE 's/^ +(-., )?(--[a-z-]+).*/\2/p'
}

_netlab() {
	local current previous command files='' word=${COMP_WORDS[COMP_CWORD]}
	# ":" is a word break of readline's; names such as r1:eth0 are one word here.
	if declare -F _get_comp_words_by_ref >/dev/null; then
		_get_comp_words_by_ref -n : -c current -p previous
	else
		current=$word previous=${COMP_WORDS[COMP_CWORD - 1]}
	fi
	COMPREPLY=()
	command=${COMP_WORDS[1]}
	if ((COMP_CWORD == 1)); then
		_netlab_words "$(netlab help 2>/dev/null | sed -nE 's/^  ([a-z]+) .*/\1/p')"$'\nhelp' "$current"
		return
	fi
	case $previous in
	-l | --lab) _netlab_words "$(_netlab_names labs)" "$current"; return ;;
	-o | --only | --node) _netlab_words "$(_netlab_names nodes)" "$current"; return ;;
	--format) [[ $command == capture ]] && { _netlab_words $'pcapng\npcap' "$current"; return; } ;;
	-w | --write) [[ $command == capture ]] && { compopt -o filenames; COMPREPLY=($(compgen -f -- "$current")); return; } ;;
	esac
	if [[ $current == -* ]]; then
		_netlab_words "$(_netlab_options "$command")" "$current"
		return
	fi
	case $command in
	start | check | plan | test) files=1 ;;
	gui) files=1; _netlab_words "$(_netlab_names labs)" "$current" ;;
	stop | restart | status | clean) _netlab_words "$(_netlab_names labs)" "$current" ;;
	console | logs | exec | pause | resume) _netlab_words "$(_netlab_names nodes)" "$current" ;;
	link)
		case $((COMP_CWORD == 2)):${COMP_WORDS[2]} in
		1:*) _netlab_words $'show\nset\nreset\nclear\ndown\nup' "$current" ;;
		*:set)
			# The first word after "set" is the link; readline may have cut it at its colons.
			if [[ ${COMP_LINE:0:COMP_POINT} =~ [[:space:]]set[[:space:]]+[^[:space:]]*$ ]]; then
				_netlab_words "$(_netlab_names links)" "$current"
			else
				compopt -o nospace
				_netlab_words "$(netlab __complete impairments 2>/dev/null)" "$current"
			fi
			;;
		*) _netlab_words "$(_netlab_names links)" "$current" ;;
		esac
		;;
	switch)
		if ((COMP_CWORD == 2)); then
			_netlab_words $'show\nset\nflush' "$current"
		elif [[ ${COMP_LINE:0:COMP_POINT} =~ [[:space:]]set[[:space:]]+([^[:space:]]+)[[:space:]]+([^[:space:]=]+[[:space:]])?.*$ ]]; then
			# A port comes before its settings; readline may have cut it at its colons.
			if [[ ${BASH_REMATCH[2]} ]]; then
				compopt -o nospace
				_netlab_words "$(netlab __complete port-settings 2>/dev/null)" "$current"
			else
				_netlab_words "$(netlab __complete ports "$(_netlab_lab)" "${BASH_REMATCH[1]}" 2>/dev/null
					netlab __complete network-settings 2>/dev/null)" "$current"
			fi
		else
			_netlab_words "$(_netlab_names networks)" "$current"
		fi
		;;
	capture | wireshark) _netlab_words "$(_netlab_names links)" "$current" ;;
	cp)
		files=1
		compopt -o nospace
		_netlab_words "$(_netlab_names nodes | sed 's/$/:/')" "$current"
		;;
	image)
		if ((COMP_CWORD == 2)); then
			_netlab_words $'list\nbuild' "$current"
		else
			files=1
			_netlab_words "$(_netlab_names images)" "$current"
		fi
		;;
	kernel) _netlab_words $'status\nbuild' "$current" ;;
	help) _netlab_words "$(netlab help 2>/dev/null | sed -nE 's/^  ([a-z]+) .*/\1/p')" "$current" ;;
	esac
	if [[ $files ]]; then
		compopt -o filenames
		local IFS=$'\n'
		COMPREPLY+=($(compgen -f -- "$current"))
	fi
	declare -F __ltrim_colon_completions >/dev/null && __ltrim_colon_completions "$current"
}

complete -F _netlab netlab
