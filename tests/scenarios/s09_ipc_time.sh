#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# S9, ipc and time namespaces.  Goal: what one sandbox puts into System V IPC
# neither the host nor another sandbox sees, unless they share the namespace;
# time is the host's until a time namespace is asked for, and its clocks go on
# unshifted.  Method: message queues made inside and looked for with ipcs(1);
# the clocks' offsets and /proc/uptime; as root and as an ordinary user.
# shellcheck disable=SC2016,SC2154 # for the shells inside; from lib.sh
set -u
cd "$(dirname "$0")/../.." || exit 3
# shellcheck source=tests/scenarios/lib.sh disable=SC1091
. tests/scenarios/lib.sh
# Where a user's named sandboxes are.
export XDG_RUNTIME_DIR="$work/run"
mkdir -m 700 "$work/run"
[ "$(id -u)" != 0 ] || chown 12345:12345 "$work/run"
require ipcmk util-linux || finish
echo 'default allow; sandbox { }' >"$work/box.gate"
echo 'default allow; sandbox { namespaces all except ipc; }' >"$work/host.gate"
echo 'default allow; sandbox { namespaces all, time; }' >"$work/time.gate"
chmod 644 "$work"/*.gate
name=s09-$$
queues='ipcs -q | grep -c "^0x" || :'

# whole UPTIME: its whole seconds.
whole() {
	echo "${1%%.*}"
}

for who in $callers; do
	queue=$(as "$who" ipcmk -Q | sed 's/.*: //')
	seen=$(as "$who" sh -c "$queues")
	expect "a new one is empty" 0 '^0$' as "$who" "$CALLGATE" run \
		"$work/box.gate" -- sh -c "$queues"
	expect "the host's is seen" 0 "^$seen\$" as "$who" "$CALLGATE" run \
		"$work/host.gate" -- sh -c "$queues"
	expect "one made inside" 0 '^1$' as "$who" "$CALLGATE" run \
		"$work/box.gate" -- sh -c "ipcmk -Q >/dev/null; $queues"
	: >"$work/out"
	check "is not seen outside" test "$(as "$who" sh -c "$queues")" = "$seen"
	as "$who" ipcrm -q "$queue"

	expect "start" 0 "$name" as "$who" "$CALLGATE" run -d --name "$name" \
		"$work/time.gate" -- sh -c 'ipcmk -Q; sleep 1000'
	for _ in $(seq 100); do
		as "$who" "$CALLGATE" exec "$name" -- sh -c "$queues" \
			>"$work/out" 2>&1
		grep -q '^1$' "$work/out" && break
		sleep 0.05
	done
	expect "exec shares it" 0 '^1$' as "$who" "$CALLGATE" exec "$name" -- \
		sh -c "$queues"
	expect "another does not" 0 '^0$' as "$who" "$CALLGATE" run \
		"$work/box.gate" -- sh -c "$queues"
	init=$(as "$who" "$CALLGATE" ps | sed -n "s/^$name  *\([0-9]*\) .*/\1/p")
	expect "joined, it is seen" 0 '^1$' as "$who" "$CALLGATE" run \
		--join "pid:$(cat "/proc/$init/task/$init/children")" \
		"$work/box.gate" -- sh -c "$queues"

	theirs=$(as "$who" "$CALLGATE" exec "$name" -- readlink \
		/proc/self/ns/time)
	: >"$work/out"
	check "a time namespace" test -n "$theirs" -a "$theirs" != \
		"$(readlink /proc/self/ns/time)"
	expect "none by default" 0 "$(readlink /proc/self/ns/time |
		tr -d '[]')" as "$who" "$CALLGATE" run "$work/box.gate" -- \
		sh -c 'readlink /proc/self/ns/time | tr -d "[]"'
	expect "without offsets" 0 '^0 0$' as "$who" "$CALLGATE" exec "$name" \
		-- sh -c 'set -- $(cat /proc/self/timens_offsets); echo $2 $5'
	first=$(whole "$(cat /proc/uptime)")
	inside=$(whole "$(as "$who" "$CALLGATE" exec "$name" -- \
		cat /proc/uptime)")
	last=$(whole "$(cat /proc/uptime)")
	: >"$work/out"
	check "the clock goes on" test "$first" -le "$inside" -a "$inside" \
		-le "$last"
	expect "stop" 0 '' as "$who" "$CALLGATE" stop --time 0 "$name"
done
finish
