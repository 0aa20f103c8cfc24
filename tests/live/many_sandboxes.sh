#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Goal: 200 sandboxes at once, started and ended in random order, leave nothing
# behind: no process, mount, interface, cgroup or state file.  Method: named
# and detached ones of root and of an ordinary user, some with limits, some
# with an interface; a part is stopped, of a part the command is killed, of a
# part pid 1, and of a part the keeper.  MANY is their number; SEED, printed
# when something fails, gives the same order again.
# shellcheck disable=SC2086 # who: a prefix in words
set -u
: "${CALLGATE:=$PWD/build/callgate}" "${MANY:=200}" "${SEED:=$$}"
export CALLGATE LC_ALL=C
unset XDG_RUNTIME_DIR
root=
[ "$(id -u)" != 0 ] || root=yes
# Interfaces and mounts of its own: what is left at the end is ours.
if [ -n "$root" ] && [ "${1-}" != inside ] && [ "${1-}" != --one ]; then
	exec unshare --net --mount --propagation private "$0" inside
fi
patience=60

as_user() {
	[ -n "$root" ] || return 0
	echo "setpriv --reuid=$uid --regid=$uid --clear-groups"
}

start() { # NAME PROFILE
	$who "$CALLGATE" run -d --name "$1" "$work/$2.gate" -- \
		sleep "$mark" </dev/null
}

# pid NAME: pid 1 of the sandbox, as the host sees it.
pid() {
	$who "$CALLGATE" ps | awk -v name="$1" '$1 == name { print $2 }'
}

end() { # NAME HOW
	local init
	case $2 in
	stop)
		$who "$CALLGATE" stop --time 0 "$1"
		return
		;;
	command)
		$who "$CALLGATE" exec "$1" -- sh -c 'kill -KILL 2'
		return
		;;
	esac
	init=$(pid "$1")
	[ -n "$init" ] || { echo "$1 is not listed" && return 1; }
	[ "$2" = init ] || init=$(cut -d' ' -f4 "/proc/$init/stat")
	kill -KILL "$init"
}

if [ "${1-}" = --one ]; then
	# ACTION NAME WHO WITH, in the environment of the others.
	who=
	[ "$4" != user ] || who=$(as_user)
	"$2" "$3" "$5" 2>&1 >/dev/null | sed "s/^/$2 $3 $4 $5: /"
	[ "${PIPESTATUS[0]}" = 0 ] || [ "$5" = command ]
	exit
fi

work=$(mktemp -d /var/tmp/callgate-many.XXXXXX) || exit 3
uid=$((20000 + $$ % 20000)) mark=1$$99 passed=0 failed=0
export work uid mark
trap 'rm -rf "$work" "/tmp/callgate-$uid"' EXIT
chmod 755 "$work"
echo 'default allow; sandbox { }' >"$work/box.gate"
echo 'default allow; sandbox { pids 20; memory 32M; }' >"$work/limits.gate"
echo 'default allow; sandbox { network veth; }' >"$work/veth.gate"
chmod 644 "$work"/*.gate
cp /proc/self/mountinfo "$work/mounts"

check() { # WHAT TEXT: nothing is good
	if [ -z "$2" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $1 (SEED=$SEED MANY=$MANY): $2" | head -20
	fi
}

# Who and with what, in the order of starting; then in that of ending.
plan() {
	awk -v many="$MANY" -v seed="$SEED" -v root="$root" -v own=$$ '
		BEGIN {
			srand(seed)
			split("box limits veth box", with)
			split("stop stop command init keeper keeper", how)
			for (i = 1; i <= many; i++) {
				who = root && i % 2 ? "root" : "user"
				kind = who == "root" ? with[1 + int(i / 2) % 4] \
					: "box"
				print rand(), "start", "many-" own "-" i, who, \
					kind
				print 1 + rand(), "end", "many-" own "-" i, \
					who, how[1 + int(rand() * 6)]
			}
		}' | sort -n | cut -d' ' -f2-
}

listed() {
	"$CALLGATE" ps 2>&1
	[ -z "$root" ] || $(as_user) "$CALLGATE" ps 2>&1
}

ours() {
	listed | grep "^many-$$-"
}

# settle COMMAND...: what it still prints when the patience is over.
settle() {
	local begin=$SECONDS
	while [ -n "$("$@")" ] && [ $((SECONDS - begin)) -lt $patience ]; do
		sleep 0.05
	done
	"$@"
}

all() { # ACTION
	grep "^$1 " "$work/plan" |
		xargs -L 1 -P 6 "$0" --one 2>&1
}

processes() {
	pgrep -f "many-$$-|sleep $mark" | grep -v "^$$\$"
}

interfaces() {
	[ -z "$root" ] || grep '^ *callgate' /proc/self/net/dev
}

cgroups() {
	find /sys/fs/cgroup -type d -name 'callgate-*' 2>/dev/null |
		grep -E -- "-[0-9a-f]{8}$|many-$$-" |
		while IFS=- read -r before pid rest; do
			[ -e "/proc/$pid" ] || echo "$before-$pid-$rest"
		done
}

states() {
	find /run/callgate "/tmp/callgate-$uid" -name "*many-$$-*" 2>/dev/null
}

plan >"$work/plan"
check "all start" "$(all start)"
alive=$(ours | wc -l)
check "all are there" "$([ "$alive" = "$MANY" ] || echo "$alive listed")"
check "all can be ended" "$(all end)"
check "no process is left" "$(settle processes)"
check "none is listed" "$(ours)"
check "no mount is left" "$(diff "$work/mounts" /proc/self/mountinfo)"
check "no interface is left" "$(settle interfaces)"
check "no state is left" "$(states)"
# A dead runner's group goes when the next one is made beside it.
"$CALLGATE" run "$work/limits.gate" -- true >/dev/null 2>&1
check "no cgroup is left" "$(settle cgroups)"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
