#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# S17, devices and /proc/PID/root.  Goal: a sandbox can neither make a block
# device node nor open one that is there, and no process's root leads out of
# it.  Method: mknod as the sandbox's own uid 0 and in a folder that it may
# write; a bind of the host's /dev; every /proc/PID/root and cwd that it sees.
# shellcheck disable=SC2154 # work and callers are from lib.sh
set -u
cd "$(dirname "$0")/../.." || exit 3
# shellcheck source=tests/scenarios/lib.sh disable=SC1091
. tests/scenarios/lib.sh

mkdir "$work/data"
chmod 777 "$work/data"
[ "$(id -u)" = 0 ] && chown 12345:12345 "$work/data"
block=
for node in /dev/* /dev/*/*; do
	[ -b "$node" ] && block=${node#/dev/} && break
done
if [ -z "$block" ] && [ "$(id -u)" = 0 ]; then
	mkdir "$work/dev"
	mknod -m 666 "$work/dev/disk" b 7 0 2>/dev/null && block=disk
fi
cat >"$work/box.gate" <<GATE
default allow;
sandbox { write "$work/data"; bind "/dev" "/mnt"; }
GATE
echo 'default allow; sandbox { }' >"$work/plain.gate"
# Seen through a root that leads out; inside, $work holds data alone.
touch "$work/outside"

for who in $callers; do
	run=(as "$who" "$CALLGATE" run "$work/box.gate" --)
	# Without Landlock, which a `write` line brings, the kernel refuses too.
	expect "$who: no block node by default" 1 'not permitted' \
		as "$who" "$CALLGATE" run "$work/plain.gate" -- mknod /tmp/d b 7 0
	for place in /tmp "$work/data"; do
		expect "$who: no block node in $place" 1 'not permitted\|denied' \
			"${run[@]}" mknod "$place/disk" b 7 0
		expect "$who: no character node in $place" 1 'not permitted\|denied' \
			"${run[@]}" mknod "$place/mem" c 1 1
	done
	# shellcheck disable=SC2016 # for the confined shell
	expect "$who: /dev has no block device" 0 '^none$' "${run[@]}" sh -c \
		'for d in /dev/* /dev/*/*; do [ -b "$d" ] && exit 1; done
		echo none'
	if [ -z "$block" ]; then
		skip "$who: this machine has no block device node"
	else
		expect "$who: a bound node can't be opened" 1 \
			'Permission denied' "${run[@]}" head -c 1 "/mnt/$block"
	fi
	expect "$who: a bound /dev/null neither" 1 'Permission denied' \
		"${run[@]}" head -c 1 /mnt/zero
	# pid 1 is not dumpable; the sandbox's own processes lead to itself.
	expect "$who: /proc/1/root is closed" 2 'Permission denied' \
		"${run[@]}" ls -L /proc/1/root
	# shellcheck disable=SC2016 # for the confined shell
	expect "$who: no root leads out" 0 '^end$' "${run[@]}" sh -c '
		for p in /proc/[0-9]* /proc/self; do
			[ -e "$p/root$0/outside" ] && echo "$p leads out"
			[ -e "$p/cwd$0/outside" ] && echo "$p leads out"
		done; echo end' "$work"
	check "$who: said by no process" test "$(grep -c out "$work/out")" = 0
done
finish
