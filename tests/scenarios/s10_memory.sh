#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# S10, memory limit.  Goal: of two children the greedy one is killed, the
# other goes on, and the report says so with the cgroup's own counters.
# Method: tail must keep 300M of a line without an end, with 64M allowed.
# shellcheck disable=SC1091,SC2034,SC2154 # what limits.sh defines
set -u
cd "$(dirname "$0")/../.." || exit 3
. tests/scenarios/limits.sh

profile 'memory 64M swap 0;'
# shellcheck disable=SC2016 # for the confined shell
confined sh -c 'head -c 300M /dev/zero | tail >/dev/null; echo tail $?
	echo modest | cat'
check 'the shell goes on' [ "$status" = 0 ]
check 'tail was killed' printed '^tail 137$'
check 'a modest child is not' printed '^modest$'
check 'the report' printed \
	'E0846.*the memory limit of 64M ended 1 process in the sandbox'
check 'counters' printed 'oom_kill 1 and a peak of 64M'

confined sh -c 'exec tail </dev/zero'
check 'the command itself' [ "$status" = 137 ]
check 'the report' printed 'E0846'

confined true
check 'no report without a cause' [ "$status" = 0 ]
check 'no report without a cause' [ ! -s out ]
finish
