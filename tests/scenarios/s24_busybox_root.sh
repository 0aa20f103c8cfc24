#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# S24, a busybox root.  Goal: a folder with nothing but busybox becomes the
# whole file system of a command: pivoted to, read-only, with a private /proc,
# and nothing of the host in reach.  Method: `root "PATH"` as this user, and as
# an ordinary one when that is root; the kernel's own list of mounts is read.
# shellcheck disable=SC2154 # work and callers are from lib.sh
set -u
cd "$(dirname "$0")/../.." || exit 3
# shellcheck source=tests/scenarios/lib.sh disable=SC1091
. tests/scenarios/lib.sh
require busybox "package busybox-static" || finish

root=$work/rootfs
mkdir -p "$root/bin" "$root/proc" "$root/dev" "$root/tmp" "$root/data"
cp "$(command -v busybox)" "$root/bin/busybox"
for name in sh cat ls touch mount ps; do
	ln -s busybox "$root/bin/$name"
done
chmod -R go+rX "$work"
cat >"$work/box.gate" <<GATE
default allow;
sandbox { root "$root"; }
GATE

for who in $callers; do
	# shellcheck disable=SC2016 # for the confined shell
	expect "$who: only the new tree" 0 '^bin data dev proc tmp $' as "$who" \
		"$CALLGATE" run "$work/box.gate" -- \
		/bin/sh -c 'ls / | while read -r x; do printf "%s " "$x"; done; echo'
	expect "$who: read-only" 1 'Read-only file system' as "$who" \
		"$CALLGATE" run "$work/box.gate" -- /bin/touch /data/x
	expect "$who: a writable private /tmp" 0 '' as "$who" \
		"$CALLGATE" run "$work/box.gate" -- /bin/touch /tmp/x
	check "$who: nothing of it is left" test ! -e "$root/tmp/x"
	expect "$who: a private /proc" 0 '^[12] *[0-9]* .*/bin/ps\|/bin/ps' \
		as "$who" "$CALLGATE" run "$work/box.gate" -- /bin/ps
	as "$who" "$CALLGATE" run "$work/box.gate" -- \
		/bin/sh -c 'cd /proc; echo [0-9]*' >"$work/out" 2>&1
	check "$who: its own pids only" grep -qx '1 2' "$work/out"
	as "$who" "$CALLGATE" run "$work/box.gate" -- \
		/bin/cat /proc/self/mountinfo >"$work/out" 2>&1
	# Field 5 is the place: the old root would be a second "/" or more.
	# shellcheck disable=SC2016 # awk has its own dollars
	check "$who: pivoted, no old root" \
		awk '$5 == "/" { n++; if ($6 !~ /^ro,/) bad = 1 }
		$5 !~ /^\/(proc|dev|tmp|$)/ { bad = 1 }
		END { exit bad || n != 1 }' "$work/out"
	expect "$who: mount is refused inside" 1 'ermitted\|denied' as "$who" \
		"$CALLGATE" run "$work/box.gate" -- /bin/mount -t tmpfs x /tmp
	expect "$who: the plan says so" 0 "root  *'$root', recursively read-only" \
		as "$who" "$CALLGATE" run --dry-run "$work/box.gate" -- /bin/sh
done
rmdir "$root/proc"
expect "a root without /proc is refused" 125 'E0828' \
	"$CALLGATE" run "$work/box.gate" -- /bin/sh -c 'echo IT-RAN'
check "nothing is created in it" test ! -e "$root/proc"
finish
