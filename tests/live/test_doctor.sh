#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Goal: `doctor` tells what is there, says no where something is taken away,
# with the remedy for that very reason, and changes nothing.  Method: as root
# and as an ordinary user; in user namespaces and filters of the test's own
# that each lack one thing; compared with what the kernel does.
# shellcheck disable=SC2154 # work and callers are from lib.sh
set -u
cd "$(dirname "$0")/../.." || exit 3
# shellcheck source=tests/scenarios/lib.sh disable=SC1091
. tests/scenarios/lib.sh
cp "$CALLGATE" "$work/callgate"
CALLGATE=$work/callgate

# state WHO NAME: what the JSON form says of a row.
state() {
	as "$1" "$CALLGATE" doctor --diag=json |
		jq -r ".[] | select(.name == \"$2\") | .state"
}

for who in $callers; do
	status=0
	as "$who" "$CALLGATE" doctor >"$work/out" 2>&1 || status=$?
	# The same answer as from a run.
	printf 'default allow;\nsandbox { }\n' >"$work/box.gate"
	as "$who" "$CALLGATE" run "$work/box.gate" -- true 2>/dev/null
	check "the answer of $who" [ $((status != 0)) = $(($? != 0)) ]
	check "no row says two things" eval \
		"[ -z \"\$(grep -E '^(yes|no|partly|-) ' $work/out |
			cut -c9-32 | sort | uniq -d)\" ]"
	for row in kernel "seccomp filters" "seccomp: notify" Landlock \
		"user namespaces" "time namespaces" "all of these at once" \
		newuidmap /etc/subuid cgroups "cgroup: memory" pasta ptrace \
		"audit records" core_pattern BTF; do
		check "a row '$row'" grep -qE "^(yes|no|partly|-) +$row " \
			"$work/out"
	done
	if command -v jq >/dev/null; then
		check "JSON" eval "as $who $CALLGATE doctor --diag=json |
			jq -e 'length > 40' >/dev/null"
		[ -w /dev/kmsg ] && [ "$who" = user ] && continue
		check "kernel log" [ "$(state "$who" "kernel log")" = "$(
			as "$who" head -c 0 /dev/kmsg 2>/dev/null &&
				echo yes || echo no)" ]
	fi
done

if unshare -Ur true 2>/dev/null; then
	# The limit of a namespace of the test's own: the host's stays.
	expect "no user namespaces" 3 'user.max_user_namespaces is 0' \
		unshare -Ur sh -c "echo 0 >/proc/sys/user/max_user_namespaces
			exec $CALLGATE doctor"
	expect "no net namespaces" 3 'raise user.max_net_namespaces' \
		unshare -Ur sh -c "echo 0 >/proc/sys/user/max_net_namespaces
			exec $CALLGATE doctor"
else
	skip "doctor: no user namespaces for unshare"
fi
# A filter around it, as containers have them.
printf 'default allow;\ndeny(ENOSYS) mount_setattr, landlock_create_ruleset;
deny clone if flags any CLONE_NEWUSER;\n' >"$work/lacks.gate"
expect "a container's filter" 3 '^no  *mount_setattr' \
	"$CALLGATE" run "$work/lacks.gate" -- "$CALLGATE" doctor
check "no Landlock" grep -q '^no  *Landlock ' "$work/out"
check "why no user namespace" grep -q "remedy: a container's filter" \
	"$work/out"
check "and the end" grep -q 'cannot be built here' "$work/out"
finish
