#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# S13, fork bomb.  Goal: it ends at `pids 64`, the report says so, nothing of
# it is left, and the host can still fork.  Method: a shell function that
# calls itself twice, in a sandbox with a time of its own.
# shellcheck disable=SC1091,SC2034,SC2154 # what limits.sh defines
set -u
cd "$(dirname "$0")/../.." || exit 3
. tests/scenarios/limits.sh

profile 'pids 64; timeout 5s;'
# The pipe ends when the last process that could write to it has ended.
"$CALLGATE" run box.gate -- sh -c \
	'bomb() { bomb | bomb & }; bomb; sleep 60' 2>&1 </dev/null | cat >out
status=${PIPESTATUS[0]}
skip_without_group
check 'ended by its time, or by its own failing' [ "$status" != 0 ]
check 'the report' printed 'W0847.*the limit of 64 processes was reached'
check 'the host forks' sh -c 'true | true'

# However long so many starts take here.
profile 'pids 64; timeout 100s;'
# shellcheck disable=SC2016 # for the confined shell
confined sh -c 'i=0; while [ $i -lt 50 ]; do sleep 1 & i=$((i+1)); done; wait
	echo all'
check 'fifty are fine' printed '^all$'
check 'no report without a cause' [ "$(wc -l <out)" = 1 ]
finish
