#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# S18, the runner's half.  Goal: a profile that is too tight is completed by
# what the runner says of each refused call, until the command runs clean
# under enforcement.  Method: from `default kill` and from `default deny`, the
# proposed lines are added and the command is run again; the last run has the
# command's own status and output, and says nothing.  Under `log` it runs as
# it is.
# shellcheck disable=SC2154 # work and callers are from lib.sh
set -u
cd "$(dirname "$0")/../.." || exit 3
# shellcheck source=tests/scenarios/lib.sh disable=SC1091
. tests/scenarios/lib.sh

# The lines that the messages of the last run propose.
proposed() {
	sed -n 's/^ *= help: to allow it, put [^:]*: \(allow .*\)$/\1/p
		s/^ *= help: what it makes, and the filter refuses: //p' \
		"$work/err"
}

# complete DEFAULT BLOCK: gives the profile; false when it gets no better.
complete() {
	local gate=$work/tight.gate new
	echo "default $1; allow execve; $2" >"$gate"
	for _ in {1..60}; do
		as "$who" "$CALLGATE" run --explain=denials "$gate" -- \
			sh -c 'date -u -d @0 +%Y; exit 7' \
			>"$work/out" 2>"$work/err" </dev/null
		status=$?
		new=$(proposed)
		[ -n "$new" ] || break
		echo "$new" >>"$gate"
	done
	[ "$status" = 7 ] && [ "$(cat "$work/out")" = 1970 ] &&
		[ ! -s "$work/err" ]
}

for who in $callers; do
	for block in '' 'sandbox { }'; do
		for default in kill deny 'deny(ENOSYS)'; do
			check "$who, default $default; $block" \
				complete "$default" "$block"
		done
		echo "default log; $block" >"$work/log.gate"
		expect "$who, default log; $block" 7 '^1970$' as "$who" \
			"$CALLGATE" run "$work/log.gate" -- \
			sh -c 'date -u -d @0 +%Y; exit 7'
	done
done
finish
