# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Completion for callgate.  Commands and options are read from the program's
# own help, so that they are written in one place only.
_callgate()
{
	local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} words
	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		words=$(callgate help 2>/dev/null |
			sed -nE 's/^  ([a-z][a-z-]*) .*/\1/p')
	elif [ "$command" = help ]; then
		words=$(callgate help | sed -nE 's/^  ([a-z][a-z-]*) .*/\1/p')
	elif [[ $word == -* ]]; then
		words=$(callgate help "$command" 2>/dev/null |
			sed -nE 's/^  (-., )?(--[a-z-]+) .*/\2/p')
	else
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -o filenames -F _callgate callgate
