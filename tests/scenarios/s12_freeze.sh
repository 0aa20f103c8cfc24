#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# S12, freeze and thaw.  Goal: the sandbox's group stops a counter and lets
# it go on, and a frozen sandbox still ends with its time.  Method: a shell
# counts into a pipe, the freezer's file of its group is written.
# shellcheck disable=SC1091,SC2034,SC2154 # what limits.sh defines
set -u
cd "$(dirname "$0")/../.." || exit 3
. tests/scenarios/limits.sh

# The freezer of the runner with pid $1: sets $freezer, $frozen and $thawed.
find_freezer() {
	freezer=
	while read -r _ _ _ _ top rest; do
		[[ $rest == *' - cgroup'* ]] || continue
		group=$(find "$top" -type d -name "callgate-$1-*" \
			-print -quit 2>/dev/null)
		if [ -e "$group/cgroup.freeze" ]; then
			freezer=$group/cgroup.freeze frozen=1 thawed=0
		elif [ -e "$group/freezer.state" ]; then
			freezer=$group/freezer.state frozen=FROZEN thawed=THAWED
		fi
	done </proc/self/mountinfo
}

lines() {
	wc -l <out
}

start() {
	: >out
	"$CALLGATE" run box.gate -- sh -c \
		'while sleep 0.02; do echo tick; done' >>out 2>&1 </dev/null &
	runner=$!
	for _ in $(seq 100); do
		[ -s out ] && break
		sleep 0.1
	done
	if ! kill -0 "$runner"; then
		wait "$runner"
		status=$?
		skip_without_group
	fi
	find_freezer "$runner"
}

profile 'pids 20;'
start
if [ -z "$freezer" ]; then
	kill "$runner"
	echo 'skip: no freezer in the group'
	skipped=1
	finish
fi
echo "$frozen" >"$freezer"
sleep 0.3
before=$(lines)
sleep 0.5
check 'the counter stands' [ "$(lines)" = "$before" ]
echo "$thawed" >"$freezer"
sleep 1
check 'the counter goes on' [ "$(lines)" -gt "$before" ]
kill "$runner"
wait "$runner"

profile 'pids 20; timeout 2s;'
start
echo "$frozen" >"$freezer"
wait "$runner"
status=$?
check 'a frozen sandbox ends with its time' [ "$status" = 124 ]
check 'its group is gone' [ ! -e "$freezer" ]
finish
