#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# scope.sh - goal: where systemd runs and has delegated nothing, limits work
# in a transient scope, for root and for an ordinary user; with a delegated
# scope none is asked for; what is missing is named; nothing is left.
# Method: a real systemd is pid 1 and has started this as a service.
# shellcheck disable=SC1091,SC2154 # lib.sh, and what it defines
set -u
cd "$(dirname "$0")/../.." || exit 3
. tests/scenarios/lib.sh

groups_left() {
	find /sys/fs/cgroup -name 'callgate-*-*' -type d
}

# systemd takes a scope away when it hears that it is empty.
nothing_left() {
	local _
	for _ in $(seq 100); do
		groups_left >"$work/out"
		[ -s "$work/out" ] || return 0
		sleep 0.1
	done
	return 1
}

box() { # NAME LINES
	echo "default allow; sandbox { $2 }" >"$work/$1.gate"
}

run() { # WHO NAME COMMAND...
	local who=$1 name=$2
	shift 2
	as "$who" "$CALLGATE" run "$work/$name.gate" -- "$@"
}

box memory 'memory 32M swap 0;'
box pids 'pids 32;'
box all 'memory 64M; pids 32; cpu 50%;'
box io 'io "/dev/vda" read 2M;'
systemctl start user@12345.service
for who in $callers; do
	bus=$([ "$who" = root ] && echo "the system's" || echo "the user's")
	if [ "$who" = user ]; then
		export XDG_RUNTIME_DIR=/run/user/12345
	else
		unset XDG_RUNTIME_DIR
	fi
	expect "$who: the plan" 0 "scope .*$bus bus" \
		as "$who" "$CALLGATE" run --dry-run "$work/pids.gate" -- true
	expect "$who: limits" 0 '^inside$' run "$who" all echo inside
	# shellcheck disable=SC2016 # for the confined shell
	expect "$who: memory" 0 'oom_kill 1' run "$who" memory sh -c \
		'head -c 80M /dev/zero | tail >/dev/null; echo tail $?'
	check "$who: the greedy one" grep -q '^tail 137$' "$work/out"
	check "$who: nothing is left" nothing_left
	# Seen from outside, while it runs.
	run "$who" pids sleep 300 >"$work/log" 2>&1 &
	runner=$!
	scope=
	for _ in $(seq 100); do
		scope=$(groups_left | grep '\.scope/callgate-[0-9]*-[0-9a-f]*$')
		[ -z "$scope" ] || break
		sleep 0.1
	done
	echo "$scope" >"$work/out"
	check "$who: below a scope" [ -n "$scope" ]
	check "$who: the limit" grep -qx 32 "$scope/pids.max"
	kill "$(cat "${scope%/*}"/callgate-runner-*/cgroup.procs)"
	wait "$runner"
	check "$who: nothing is left" nothing_left
	# SIGKILL: systemd and the kernel take all of it.
	run "$who" pids sleep 300 >"$work/log" 2>&1 &
	runner=$!
	for _ in $(seq 100); do
		scope=$(groups_left | grep '/callgate-runner-')
		[ -z "$scope" ] || [ ! -s "$scope/cgroup.procs" ] || break
		sleep 0.1
	done
	kill -KILL "$(cat "$scope/cgroup.procs")"
	wait "$runner" 2>/dev/null
	check "$who: nothing is left after SIGKILL" nothing_left
done

# Delegated by hand: no second scope, the runner steps aside by itself.
given() {
	as user systemd-run --user --scope -q -p Delegate=yes "$@"
}
given "$CALLGATE" run --dry-run "$work/pids.gate" -- true \
	>"$work/out" 2>&1 </dev/null
check 'a delegated scope is enough' grep -q "make '.*run-.*scope" "$work/out"
check 'no other is asked for' [ "$(grep -c D-Bus "$work/out")" = 0 ]
expect 'a delegated scope' 0 '^inside$' \
	given "$CALLGATE" run "$work/all.gate" -- echo inside
check 'nothing is left' nothing_left

# What is missing.
expect 'a controller that is not delegated' 125 "subtree_control = +io" \
	run user io true
unset XDG_RUNTIME_DIR
expect 'no bus' 125 "E0848.*the user's bus" run user pids true
check 'the remedy' grep -q 'XDG_RUNTIME_DIR' "$work/out"
library=$(readlink -f /lib/*/libsystemd.so.0)
expect 'no library' 125 "E0848.*libsystemd" unshare --mount sh -c \
	"mount --bind /dev/null $library; exec $CALLGATE run $work/pids.gate -- true"
expect 'no limit, no library' 0 '^inside$' unshare --mount sh -c \
	"mount --bind /dev/null $library; echo 'sandbox { }' >$work/no.gate
	echo 'default allow; sandbox { }' >$work/no.gate
	exec $CALLGATE run $work/no.gate -- echo inside"
finish
