#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# S23, inspect and exec on a process in other namespaces.  Goal: from outside
# one sees all that the kernel tells of a process in other pid, mount and user
# namespaces, by number and by name; what may not be read is said with its
# reason; a hostile name does no harm; exec enters with the same namespaces
# and capabilities.  Method: named sandboxes as root and as an ordinary user,
# compared with what the process sees itself; JSON read with jq.
# shellcheck disable=SC2016 # for the shells inside
# shellcheck disable=SC2154 # work and callers are from lib.sh
set -u
cd "$(dirname "$0")/../.." || exit 3
# shellcheck source=tests/scenarios/lib.sh disable=SC1091
. tests/scenarios/lib.sh
unset XDG_RUNTIME_DIR
name=s23-$$

end() {
	local who
	for who in $callers; do
		as "$who" "$CALLGATE" stop --time 0 "$name" >/dev/null 2>&1
	done
	rm -rf "$work"
}
trap end EXIT

cat >"$work/box.gate" <<'GATE'
default allow;
deny mkdir;
sandbox { keep net_bind_service, chown; hostname "s23"; rlimit nofile 100; }
GATE
chmod 644 "$work/box.gate"

# json FILTER WANT PROCESS...: jq's answer about what inspect prints.
json() {
	local filter=$1 want=$2 got
	shift 2
	as "$who" "$CALLGATE" inspect --json "$@" >"$work/out" 2>&1
	got=$(jq -c "$filter" "$work/out" 2>&1)
	if [ "$got" = "$want" ]; then
		good
	else
		bad "$who: $filter gives $got, want $want"
	fi
}

inspect() {
	local ns inside pid filters
	expect "$who: start" 0 "^$name\$" as "$who" "$CALLGATE" run -d \
		--name "$name" "$work/box.gate" -- sh -c \
		'printf "e\033[31m\nvil" >/proc/self/comm; read -r x'
	json '.process.name.value' '"e\u001b[31m\nvil"' "$name"
	expect "$who: escaped" 0 '^    name          e.x1b.31m.x0avil$' \
		as "$who" "$CALLGATE" inspect --filters "$name"
	if grep -q "$(printf '\033')" "$work/out"; then
		bad "$who: a control byte"
	else
		good
	fi
	filters='^    filter-1 .* instructions$'
	if [ "$who" = user ] || ! grep -q '^Seccomp:.0' /proc/self/status; then
		filters='^    programs .*not readable: it takes CAP_SYS_ADMIN'
	fi
	expect "$who: filters" 0 "$filters" \
		as "$who" "$CALLGATE" inspect --filters "$name"
	json '[.namespaces[].same]' \
		'[false,false,false,false,false,false,false,true]' "@$name"
	for ns in user mnt pid net ipc uts cgroup; do
		# cgroup: exec has a namespace of its own, with the same root.
		[ $ns = cgroup ] && continue
		inside=$(as "$who" "$CALLGATE" exec "$name" -- \
			readlink "/proc/self/ns/$ns" 2>&1)
		json ".namespaces.$ns.value" "\"$inside\"" "$name"
	done
	json '.process.pids.value | test("^[0-9]+ 2$")' true "$name"
	json '[.capabilities[].value] | unique' \
		'[["chown","net_bind_service"]]' "$name"
	json '.capabilities.ambient.more' '["chown","net_bind_service"]' \
		"$name"
	json '.privileges | [.seccomp, ."no-new-privs"] | map(.value)' \
		'["filter","yes"]' "$name"
	json '.privileges.securebits | [.value, (.why | length > 0)]' \
		'[null,true]' "$name"
	json '.limits.nofile.value' '"100"' "$name"
	json '.files.root.value' '"/"' "$name"
	json '.ids."uid-map".same' false "$name"
	# By its number, and against another process.
	pid=$(as "$who" "$CALLGATE" inspect --json "$name" |
		jq -r .process.pid.value)
	json '.capabilities.bounding.mask' '"0x0000000000000401"' "$pid"
	json '[.compared_with, .capabilities.permitted.same]' \
		"[$pid,true]" "$pid" "$pid"
	# Init holds nothing, and may not be looked into by its own user.
	pid=$(as "$who" "$CALLGATE" inspect --json "$name" |
		jq -r .process.parent.value)
	json '[.process.name.value, .capabilities.permitted.value]' \
		'["callgate-init",[]]' "$pid"
	if [ "$who" = user ]; then
		json '.files.root | [.value, (.why | test("not dumpable"))]' \
			'[null,true]' "$pid"
	fi
	expect "$who: not there" 1 E0883 as "$who" "$CALLGATE" inspect \
		2147483647
	expect "$who: no such name" 1 E0865 as "$who" "$CALLGATE" inspect \
		"$name-not"
}

enter() {
	expect "$who: exec: capabilities" 0 '^5$' as "$who" "$CALLGATE" exec \
		"$name" -- grep -c '^Cap.*:.0000000000000401$' /proc/self/status
	expect "$who: exec: host name" 0 '^s23$' as "$who" "$CALLGATE" exec \
		"$name" -- cat /proc/sys/kernel/hostname
	expect "$who: exec: the filter" 1 'not permitted' as "$who" \
		"$CALLGATE" exec "$name" -- mkdir /tmp/no
	expect "$who: exec: init, two shells" 0 '^3$' as "$who" \
		"$CALLGATE" exec "$name" -- sh -c 'set -- /proc/[0-9]*; echo $#'
}

require jq "to read what inspect prints" || finish
for who in $callers; do
	inspect
	enter
	expect "$who: stop" 0 '' as "$who" "$CALLGATE" stop --time 0 "$name"
done
# Of another user's process only a part may be read.
if [ "$(id -u)" = 0 ]; then
	who=user
	json '[.capabilities.permitted.value != null,
		.namespaces.mnt.value, (.namespaces.mnt.why | length > 0)]' \
		'[true,null,true]' $$
fi
finish
