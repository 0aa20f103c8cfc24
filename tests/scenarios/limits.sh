# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# limits.sh - sourced by the scenarios about limits of a whole sandbox:
# profile LINES makes a profile, confined COMMAND runs behind it with its
# output in $work/out, check WHAT COMMAND... counts, finish ends the script.
# Where the host lets us make no group, the scenario is skipped by name.
# The sourcing script has gone to the checkout's root.
: "${CALLGATE:=$PWD/build/callgate}"
CALLGATE=$(readlink -f "$CALLGATE")
passed=0 failed=0 skipped=0 status=0
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cd "$work" || exit 3
export LC_ALL=C

profile() {
	echo "default allow; sandbox { $* }" >"$work/box.gate"
}

check() {
	local what=$1
	shift
	if "$@" >/dev/null; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $what (status $status)"
		sed 's/^/    | /' "$work/out"
	fi
}

finish() {
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ]
	exit
}

# The refusal itself must be right: 125, and the controller named.
skip_without_group() {
	grep -q 'no cgroup with the controller' "$work/out" || return 0
	check 'a limit without a group is refused' [ "$status" = 125 ]
	echo "skip: $(sed -n 's/^ *= note: //p' "$work/out" | head -n 1)"
	skipped=1
	finish
}

confined() {
	"$CALLGATE" run box.gate -- "$@" >"$work/out" 2>&1 </dev/null
	status=$?
	skip_without_group
}

printed() {
	grep -q -- "$1" "$work/out"
}

# Spins for $1 seconds of the clock, then says its CPU time in ms.
# shellcheck disable=SC2016 # for the confined shell
# shellcheck disable=SC2034 # for the scripts that source this
spin='end=$((${EPOCHREALTIME/./} + $0 * 1000000))
while [ "${EPOCHREALTIME/./}" -lt $end ]; do :; done
read -r -a stat </proc/self/stat
echo cpu $(((stat[13] + stat[14]) * 10))'

spun() {
	sed -n 's/^cpu //p' "$1"
}
