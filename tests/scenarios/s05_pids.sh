#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# S5, process numbers.  Goal: the command has one number inside and another
# outside, `ps ax` inside shows the sandbox and nothing else, and two sandboxes
# don't see each other; without a pid namespace of its own the numbers are the
# host's, and still nothing outlives the sandbox.  Method: two named sandboxes
# at once, looked at from outside through /proc; as root and as a user.
# shellcheck disable=SC2016,SC2154 # for the shells inside; from lib.sh
set -u
cd "$(dirname "$0")/../.." || exit 3
# shellcheck source=tests/scenarios/lib.sh disable=SC1091
. tests/scenarios/lib.sh
# Where a user's named sandboxes are.
export XDG_RUNTIME_DIR="$work/run"
mkdir -m 700 "$work/run"
[ "$(id -u)" != 0 ] || chown 12345:12345 "$work/run"
echo 'default allow; sandbox { }' >"$work/box.gate"
echo 'default allow; sandbox { namespaces all except pid; }' >"$work/host.gate"
chmod 644 "$work"/*.gate
a=s05-$$-a b=s05-$$-b

# outside NAME: what the host calls the command, the only child of init.
outside() {
	local init
	init=$(as "$who" "$CALLGATE" ps | sed -n "s/^$1  *\([0-9]*\) .*/\1/p")
	cat "/proc/$init/task/$init/children"
}

# keeper NAME: its runner.
keeper() {
	local init
	init=$(as "$who" "$CALLGATE" ps | sed -n "s/^$1  *\([0-9]*\) .*/\1/p")
	cut -d' ' -f4 "/proc/$init/stat"
}

# client_of PID: callgate itself, or the child of the subshell that is PID.
client_of() {
	local child
	child=$(cat "/proc/$1/task/$1/children")
	echo "${child:-$1}"
}

# inside PID: its last number is that in its own namespace.
inside() {
	sed -n 's/^NSpid:.*\t//p' "/proc/${1% }/status"
}

gone() {
	for _ in $(seq 100); do
		[ -e "/proc/${1% }" ] || return 0
		sleep 0.05
	done
	return 1
}

both_sandboxes() {
	local one two
	expect "start a" 0 "$a" as "$who" "$CALLGATE" run -d --name "$a" \
		"$work/$1.gate" -- sh -c "sleep 1000 & exec sleep 1000"
	expect "start b" 0 "$b" as "$who" "$CALLGATE" run -d --name "$b" \
		"$work/$1.gate" -- sh -c "sleep 1000 & exec sleep 1000"
	one=$(outside "$a")
	two=$(outside "$b")
	: >"$work/out"
	check "two processes outside" test -n "$one" -a "$one" != "$two"
}

stop_both() {
	expect "stop a" 0 '' as "$who" "$CALLGATE" stop --time 0 "$a"
	expect "stop b" 0 '' as "$who" "$CALLGATE" stop --time 0 "$b"
}

for who in $callers; do
	expect "pid 2 inside" 0 '^2$' as "$who" "$CALLGATE" run \
		"$work/box.gate" -- sh -c 'echo $$'
	both_sandboxes box
	one=$(outside "$a") two=$(outside "$b")
	check "a is 2 inside" test "$(inside "$one")" = 2
	check "b is 2 inside" test "$(inside "$two")" = 2
	as "$who" "$CALLGATE" exec "$a" -- ps ax -o args= >"$work/out" 2>&1
	check "ps sees two of its own" \
		test "$(grep -c '^sleep 1000' "$work/out")" = 2
	check "and four in all" test "$(wc -l <"$work/out")" = 4
	expect "a does not see b" 1 '' as "$who" "$CALLGATE" exec "$a" -- \
		test -e "/proc/${two% }"
	stop_both
	check "a has ended" gone "$one"
	check "b has ended" gone "$two"

	# The caller's numbers, by name.
	expect "not 2" 1 '' as "$who" "$CALLGATE" run "$work/host.gate" -- \
		sh -c '[ $$ = 2 ]'
	both_sandboxes host
	one=$(outside "$a") two=$(outside "$b")
	check "one number" test "$(inside "$one")" = "${one% }"
	expect "the other is seen" 0 '' as "$who" "$CALLGATE" exec "$a" -- \
		test -e "/proc/${two% }"
	# What exec adds: signals reach it, and what it leaves goes with it.
	as "$who" "$CALLGATE" exec "$a" -- sh -c \
		'trap "echo got; exit 5" TERM; echo ready; while :; do
		sleep 0.05; done' >"$work/out" 2>&1 </dev/null &
	client=$!
	for _ in $(seq 200); do
		grep -q ready "$work/out" && break
		sleep 0.05
	done
	kill -TERM "$(client_of "$client")"
	wait "$client"
	check "exec passes a signal on" test "$? $(tail -1 "$work/out")" = \
		"5 got"
	expect "exec" 0 '^[0-9]*$' as "$who" "$CALLGATE" exec "$a" -- \
		sh -c 'setsid sleep 1000 >/dev/null 2>&1 & echo $!'
	check "what it left has ended" gone "$(cat "$work/out")"
	# The keeper is killed, with a command of exec still there.
	as "$who" "$CALLGATE" exec "$a" -- sh -c 'echo $$; sleep 1000; :' \
		>"$work/exec" 2>&1 </dev/null &
	for _ in $(seq 200); do
		[ -s "$work/exec" ] && break
		sleep 0.05
	done
	kill -KILL "$(keeper "$a")"
	wait $!
	check "a has ended" gone "$one"
	check "so has what exec began" gone "$(head -1 "$work/exec")"
	expect "stop b" 0 '' as "$who" "$CALLGATE" stop --time 0 "$b"
	check "b has ended" gone "$two"
done
finish
