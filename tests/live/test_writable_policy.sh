#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Goal: started by root, `run` refuses a policy that others could change
# (E0891).  Method: the same file with different modes.
set -u
: "${CALLGATE:=$PWD/build/callgate}"
if [ "$(id -u)" != 0 ]; then
	echo "skip: the rule is for root, and this is not root"
	exit 77
fi
passed=0 failed=0
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
echo 'default allow; deny swapon;' >"$work/p.gate"

# expect WHAT STATUS: run's exit code; 125 must come with the code.
expect() {
	"$CALLGATE" run "$work/p.gate" -- true >"$work/out" 2>&1 </dev/null
	local got=$?
	if [ "$got" = "$2" ] &&
		{ [ "$2" = 0 ] || grep -q 'E0891' "$work/out"; }; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $1: exit $got, want $2"
		cat "$work/out"
	fi
}

chmod 644 "$work/p.gate" && expect "root's own" 0
chmod 646 "$work/p.gate" && expect "writable by all" 125
chmod 664 "$work/p.gate" && chown root:nogroup "$work/p.gate" &&
	expect "writable by a group" 125

chmod 644 "$work/p.gate" && chown nobody:nogroup "$work/p.gate" &&
	expect "another user's" 125
if "$CALLGATE" run - -- true <"$work/p.gate" >"$work/out" 2>&1; then
	passed=$((passed + 1))
else
	failed=$((failed + 1))
	echo "FAIL on standard input:"
	cat "$work/out"
fi

chown root:root "$work/p.gate"
chmod 600 "$work/p.gate" && expect "root's again" 0
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
