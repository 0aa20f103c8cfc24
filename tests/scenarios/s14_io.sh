#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# S14, io limit, where the controller exists.  Goal: reads past the page cache
# are as slow as `io` says.  Method: 4M by direct reads from
# a file on a real disk, without and with a limit of 2M each second.
# shellcheck disable=SC1091,SC2034,SC2154 # what limits.sh defines
set -u
cd "$(dirname "$0")/../.." || exit 3
. tests/scenarios/limits.sh

skip() {
	echo "skip: $1"
	skipped=1
	finish
}

# A limit is for a whole disk: the parent of a partition.
disk=$(df --output=source . | tail -n 1)
sys=$(readlink -f "/sys/class/block/$(basename "$disk")")
[ -b "$disk" ] || skip "'$disk' is no disk"
[ -e "$sys/partition" ] && disk=/dev/$(basename "$(dirname "$sys")")
dd if=/dev/urandom of=data bs=1M count=4 2>/dev/null
sync data
dd if=data of=/dev/null bs=64k iflag=direct 2>/dev/null ||
	skip "no direct reads on '$disk'"

# timed: $took in ms for reading all of it.
timed() {
	local start=${EPOCHREALTIME/./}
	confined dd if=data of=/dev/null bs=64k iflag=direct
	took=$(((${EPOCHREALTIME/./} - start) / 1000))
}

profile ''
timed
free=$took
check 'without a limit' [ "$status" = 0 ]
profile "io \"$disk\" read 2M;"
timed
check 'with a limit' [ "$status" = 0 ]
check "4M at 2M/s ($took ms, without $free ms)" [ "$took" -gt 1500 ]
check 'slower than without' [ "$took" -gt "$free" ]
profile "io \"$disk\" read-iops 32;"
timed
check "64 reads at 32/s ($took ms)" [ "$took" -gt 1500 ]

profile 'io "/dev/null" read 2M;'
confined true
check 'not a disk' [ "$status" = 125 ]
check 'not a disk' printed 'E0844'
finish
