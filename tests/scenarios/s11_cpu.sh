#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# S11, CPU limits.  Goal: two busy loops on one core share it, weights 1:4
# are measured as such, `cpu 50%` halves, and `cpus` is kept.  Method: shells
# spin for a time of the clock and print their own CPU time; what else runs
# on the machine takes from both alike, so ratios are compared.
# shellcheck disable=SC1091,SC2034,SC2154 # what limits.sh defines
set -u
cd "$(dirname "$0")/../.." || exit 3
. tests/scenarios/limits.sh

# together FIRST SECOND: two sandboxes at once, $ratio of their CPU in %.
together() {
	local pids=() i=0
	for lines in "$@"; do
		i=$((i + 1))
		echo "default allow; sandbox { $lines }" >"box$i.gate"
		"$CALLGATE" run "box$i.gate" -- bash -c "$spin" 3 >"out$i" \
			2>&1 </dev/null &
		pids+=($!)
	done
	wait "${pids[0]}"
	status=$?
	wait "${pids[1]}"
	cat out1 out2 >out
	skip_without_group
	ratio=$((100 * $(spun out2) / ($(spun out1) + 1)))
}

together 'cpus 0;' 'cpus 0;'
check "equal shares ($ratio%)" [ "$ratio" -gt 60 ]
check "equal shares ($ratio%)" [ "$ratio" -lt 165 ]
together 'cpus 0; cpu 100% weight 100;' 'cpus 0; cpu 100% weight 400;'
check "weights 1:4 ($ratio%)" [ "$ratio" -gt 280 ]
check "weights 1:4 ($ratio%)" [ "$ratio" -lt 560 ]
echo "weights 100 and 400 got $(spun out1) and $(spun out2) ms"

profile 'cpu 50%;'
confined bash -c "$spin" 2
check 'it runs' [ "$status" = 0 ]
check 'at most half of 2000 ms' [ "$(spun out)" -lt 1200 ]

last=$(($(nproc) - 1))
profile "cpus $last;"
confined sh -c 'nproc; grep Cpus_allowed_list /proc/self/status'
check 'one processor' printed '^1$'
check 'the one that was named' printed "Cpus_allowed_list:.$last\$"
finish
