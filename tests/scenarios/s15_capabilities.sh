#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# S15, capabilities.  Goal: the sets before and after isolation in names with
# the difference; a mask decoded; each capability of Docker's set taken away
# in turn, and what goes with it, while the other 13 stay.  Method: inspect
# --json; one probe for each capability, run with @docker and without the one,
# as root inside with a range of ids; and, for the two that no user namespace
# gives, with the host's own capabilities.
# shellcheck disable=SC2016 # for the shells inside
# shellcheck disable=SC2154 # work and callers are from lib.sh
set -u
cd "$(dirname "$0")/../.." || exit 3
# shellcheck source=tests/scenarios/lib.sh disable=SC1091
. tests/scenarios/lib.sh
: "${BUILD:=$PWD/build/plain}"
probe=$BUILD/tests/live/test_run_caps
names=(chown dac_override fowner fsetid kill setgid setuid setpcap
	net_bind_service net_raw sys_chroot mknod audit_write setfcap)
unset XDG_RUNTIME_DIR
name=s15-$$

end() {
	local who
	for who in $callers; do
		as "$who" "$CALLGATE" stop --time 0 "$name" >/dev/null 2>&1
	done
	rm -rf "$work"
}
trap end EXIT

echo 'default allow; sandbox { keep @docker; }' >"$work/docker.gate"
echo 'default allow; sandbox { }' >"$work/none.gate"
chmod 644 "$work"/*.gate

# asks FILTER WANT PROCESS...: jq's answer about what inspect prints.
asks() {
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

# held FILE: starts a sandbox that waits, as $name.
held() {
	expect "$who: start" 0 '' as "$who" "$CALLGATE" run -d --name "$name" \
		"$work/$1.gate" -- sleep 1000
}

let_go() {
	expect "$who: stop" 0 '' as "$who" "$CALLGATE" stop --time 0 "$name"
}

# The bounding set of an ordinary user's shell is that of the machine.
sets() {
	local before list
	before=$(as "$who" bash -c '"$0" inspect --json $$' "$CALLGATE" |
		jq -c .capabilities.bounding.value)
	list=$(printf '"%s"\n' "${names[@]}" | sort | jq -sc .)
	held none
	asks '[.capabilities[].value] | unique' '[[]]' "$name"
	asks .capabilities.bounding.less "$before" "$name"
	let_go
	held docker
	asks '[.capabilities[].value | sort] | unique' "[$list]" "$name"
	asks '.capabilities.ambient.more | sort' "$list" "$name"
	asks ".capabilities.bounding.less == ($before - $list)" true "$name"
	let_go
}

# effect CAPABILITY WANT OPTION...: what its probe says in a sandbox.
effect() {
	local cap=$1 want=$2
	shift 2
	expect "$cap, $* : $want" 0 "^$want" "$CALLGATE" run "$@" \
		"$work/docker.gate" -- "$probe" effect "$cap"
}

# each WITH OPTION...: WITH lists those that have an effect there.
each() {
	local with=$1 cap other
	shift
	for cap in "${names[@]}"; do
		if [[ " $with " = *" $cap "* ]]; then
			effect "$cap" yes "$@"
		else
			effect "$cap" no "$@"
		fi
		effect "$cap" no: --drop "$cap" "$@"
		# Alone it does it too, if it needs no other to be shown.
		case $cap in
		dac_override | fowner | kill) other='setuid,setgid' ;;
		fsetid) other='chown' ;;
		*) other='' ;;
		esac
		[[ " $with " != *" $cap "* ]] ||
			effect "$cap" yes --drop @docker \
				--keep "$cap${other:+,$other}" "$@"
	done
}

# can OPTION...: whether this version and machine run that.
can() {
	"$CALLGATE" run "$@" "$work/docker.gate" -- true >"$work/out" 2>&1 &&
		return
	skip "$*: $(head -1 "$work/out")"
	return 1
}

decoded=$(printf ', %s' "${names[@]}")
expect "decoded" 0 "= @docker: ${decoded#, }\$" \
	"$CALLGATE" inspect --caps 00000000a80425fb
require jq "to read what inspect prints" || finish
for who in $callers; do
	sets
done
[ "$(id -u)" = 0 ] || finish
[ -x "$probe" ] || { skip "no $probe" && finish; }
ids=(--user 0:0 --map uid:0:700000:65536 --map gid:0:700000:65536)
if can "${ids[@]}"; then
	# What the host's devices and records are about is no namespace's.
	without=" ${names[*]} "
	without=${without/ mknod/}
	each "${without/ audit_write/}" "${ids[@]}"
	# Root that becomes somebody else keeps none of them.
	for bits in locked open; do
		expect "given up, $bits" 0 '0000000000000000$' "$CALLGATE" run \
			--securebits "$bits" "${ids[@]}" "$work/docker.gate" \
			-- chroot --userspec=1:1 / \
			grep CapEff /proc/self/status
	done
fi
host=(--namespaces all:except:user)
if can "${host[@]}"; then
	each "${names[*]}" "${host[@]}"
fi
finish
