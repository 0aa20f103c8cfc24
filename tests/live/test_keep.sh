#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Goal: `keep sys_ptrace` runs only behind a policy that refuses all four ways
# to trace an init, on every ABI; what is kept is said by --dry-run and read
# back by --report.  Method: policies that differ in one call, condition or
# ABI; reports read with jq; as root and as an ordinary user.
# shellcheck disable=SC2154 # work and callers are from lib.sh
set -u
cd "$(dirname "$0")/../.." || exit 3
# shellcheck source=tests/scenarios/lib.sh disable=SC1091
. tests/scenarios/lib.sh

# gate NAME RULES: a profile with a sandbox that keeps sys_ptrace.
gate() {
	printf '%s\ndefault allow;\nsandbox { keep sys_ptrace; }\n' "$2" \
		>"$work/$1.gate"
}

gate none ''
gate all 'deny ptrace, process_vm_readv, process_vm_writev, pidfd_getfd;'
gate kill 'kill ptrace; deny process_vm_readv, process_vm_writev, pidfd_getfd;'
gate three 'deny ptrace, process_vm_readv, process_vm_writev;'
gate some 'deny ptrace if request < 100; deny process_vm_readv, process_vm_writev,
	pidfd_getfd;'
gate log 'log ptrace; deny process_vm_readv, process_vm_writev, pidfd_getfd;'
machine=$(uname -m)
gate one_abi "arch x86_64, i386; on x86_64 { deny ptrace, process_vm_readv,
	process_vm_writev, pidfd_getfd; }"
chmod 644 "$work"/*.gate

for who in $callers; do
	run=(as "$who" "$CALLGATE" run)
	for ok in all kill; do
		expect "$who: $ok" 0 '^CapEff.*80000$' "${run[@]}" \
			"$work/$ok.gate" -- grep CapEff /proc/self/status
	done
	for bad in none three some log; do
		expect "$who: $bad" 125 E0882 "${run[@]}" "$work/$bad.gate" \
			-- true
	done
	if [ "$machine" = x86_64 ]; then
		expect "$who: one ABI" 125 E0882 "${run[@]}" \
			"$work/one_abi.gate" -- true
	fi
	expect "$who: taken back" 0 '' "${run[@]}" --drop sys_ptrace \
		"$work/none.gate" -- true
	expect "$who: said" 0 'W0884' "${run[@]}" --keep sys_admin \
		"$work/all.gate" -- true
	expect "$who: the plan" 0 'ambient: chown, sys_ptrace; lock' \
		"${run[@]}" --dry-run --keep chown "$work/all.gate" -- true
	expect "$who: the plan, open" 0 'the securebits stay open' \
		"${run[@]}" --dry-run --securebits open "$work/all.gate" -- true
	require jq "to read reports" || continue
	rm -rf "$work/r"
	mkdir -m 777 "$work/r"
	expect "$who: report" 0 '' "${run[@]}" --report "$work/r/json" \
		--keep chown "$work/all.gate" -- true
	for set in inheritable permitted effective bounding ambient; do
		expect "$who: $set" 0 '^chown, sys_ptrace true$' jq -r \
			".checks[] | select(.what == \"$set\") |
			.asked + \" \" + (.same | tostring)" "$work/r/json"
	done
done
finish
