# SPDX-License-Identifier: Apache-2.0
#
# lib.sh - what scenario scripts share; sourced from the checkout's top
#
# A scenario has a folder of its own in $work, counts with expect and check,
# and ends with finish.  $callers are the users it can start as.
# shellcheck shell=bash
: "${CALLGATE:=$PWD/build/callgate}"
passed=0 failed=0 skipped=0
# Not below /tmp: a sandbox has one of its own.
work=$(mktemp -d /var/tmp/callgate-scenario.XXXXXX) || exit 3
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT
export LC_ALL=C
# shellcheck disable=SC2034 # for the scenarios
if [ "$(id -u)" = 0 ]; then
	callers="root user"
else
	callers="user"
fi

# as root|user COMMAND...: an ordinary user where this is root.
as() {
	local who=$1
	shift
	if [ "$who" = user ] && [ "$(id -u)" = 0 ]; then
		(cd / && exec setpriv --reuid 12345 --regid 12345 \
			--clear-groups "$@")
	else
		(cd / && exec "$@")
	fi
}

good() {
	passed=$((passed + 1))
}

bad() {
	failed=$((failed + 1))
	echo "FAIL $1"
	sed 's/^/    | /' "$work/out"
}

# expect WHAT STATUS TEXT COMMAND...: both must match (TEXT may be empty).
expect() {
	local what=$1 status=$2 text=$3 got
	shift 3
	"$@" >"$work/out" 2>&1 </dev/null
	got=$?
	if [ "$got" = "$status" ] &&
		{ [ -z "$text" ] || grep -q -- "$text" "$work/out"; }; then
		good
	else
		bad "$what: exit $got, want $status and '$text'"
	fi
}

# check WHAT COMMAND...: it succeeds; $work/out is shown when not.
check() {
	local what=$1
	shift
	if "$@"; then
		good
	else
		bad "$what"
	fi
}

skip() {
	skipped=$((skipped + 1))
	echo "skip: $1"
}

# require PROGRAM WHY: false, and a skip, when it is not there.
require() {
	command -v "$1" >/dev/null && return
	skip "no $1 ($2)"
	return 1
}

finish() {
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ]
	exit
}
