#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# S6, mounts.  Goal: what is mounted inside is invisible outside; with
# `propagation slave` a mount made on the host later arrives inside, and with
# the default it does not.  Method: the "host" is a mount namespace of this
# test, shared within itself, so that the machine's mounts stay as they are.
# shellcheck disable=SC2154 # work and callers are from lib.sh
set -u
cd "$(dirname "$0")/../.." || exit 3
# shellcheck source=tests/scenarios/lib.sh disable=SC1091
. tests/scenarios/lib.sh

mkdir "$work/inside" "$work/later" "$work/src"
echo marker >"$work/src/marker"
chmod -R go+rX "$work"
cat >"$work/private.gate" <<GATE
default allow;
sandbox { tmpfs "$work/inside"; bind "$work/src" "/mnt"; }
GATE
cat >"$work/slave.gate" <<GATE
default allow;
sandbox { propagation slave; bind "$work" "/mnt"; }
GATE
sed 's/propagation slave; //' "$work/slave.gate" >"$work/closed.gate"

for who in $callers; do
	expect "$who: mounts are there inside" 0 'tmpfs' as "$who" \
		"$CALLGATE" run "$work/private.gate" -- sh -c \
		'grep /callgate-scenario.*/inside /proc/self/mountinfo &&
		cat /mnt/marker && grep " /mnt " /proc/self/mountinfo'
	grep -q "$work/inside" /proc/self/mountinfo
	check "$who: not outside" test $? = 1
	check "$who: not in /mnt either" test ! -e /mnt/marker
done

# host PROFILE: in a namespace of its own, a sandbox waits for a file to come
# with a mount that its "host" makes after it has started.
host() {
	# shellcheck disable=SC2016,SC2317 # for the inner shells; by bash -c
	unshare "$@" --mount --propagation private sh -c '
		mount -t tmpfs shared "$1/later" && mount --make-shared / &&
		mount --bind "$1/later" "$1/later" &&
		mount --make-shared "$1/later" && mkdir "$1/later/sub" &&
		mkfifo "$1/later/go" || exit 9
		"$0" run "$1/$2" -- sh -c "read x </mnt/later/go
			cat /mnt/later/sub/arrived" &
		mkdir "$1/later/new" && : >"$1/later/new/arrived"
		exec 3>"$1/later/go"
		mount --bind "$1/later/new" "$1/later/sub" || exit 9
		echo arrived-here >"$1/later/new/arrived"
		echo go >&3
		wait $!' "$CALLGATE" "$work" "$profile" 2>&1
}

for who in $callers; do
	how=
	[ "$who" = user ] && how="--user --map-current-user --keep-caps"
	profile=slave.gate
	# shellcheck disable=SC2086 # options
	expect "$who: slave lets it arrive" 0 '^arrived-here' \
		as "$who" bash -c "$(declare -f host); CALLGATE='$CALLGATE' \
		work='$work' profile=$profile; host $how"
	# shellcheck disable=SC2086
	expect "$who: private does not" 1 'No such file' \
		as "$who" bash -c "$(declare -f host); CALLGATE='$CALLGATE' \
		work='$work' profile=closed.gate; host $how"
done
finish
