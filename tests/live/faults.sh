#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Goal: what once was taken for a "no", or for a start, is refused by name.
# Method: strace makes one call of the runner fail, chosen by what it asks for
# and not by its number; the whole sweep is in tests/sweep.
set -u
: "${CALLGATE:=$PWD/build/callgate}"
passed=0 failed=0
work=$(mktemp -d /var/tmp/callgate-faults.XXXXXX) || exit 3
trap 'rm -rf "$work"' EXIT
export LC_ALL=C
cd /usr || exit 3
command -v strace >/dev/null || { echo "skip: no strace" && exit 77; }
if strace -f -o /dev/null true 2>&1 | grep -q 'not permitted'; then
	echo "skip: tracing is not permitted here"
	exit 77
fi
echo 'default allow; sandbox { }' >"$work/box.gate"
echo 'default allow;' >"$work/plain.gate"
printf 'default allow; sandbox { root empty; read @loader, "/etc"; }' \
	>"$work/empty.gate"

# fault CALL ERROR PATTERN STATUS TEXT PROFILE OPTION...: the first CALL of the
# runner whose line in a trace matches PATTERN.
fault() {
	local call=$1 error=$2 pattern=$3 want=$4 text=$5 profile=$6 n got
	shift 6
	strace -e "trace=$call" -o "$work/calls" "$CALLGATE" run "$@" \
		"$work/$profile.gate" -- echo started >"$work/out" 2>&1
	n=$(grep -nE -- "$pattern" "$work/calls" | head -1 | cut -d: -f1)
	if [ -z "$n" ]; then
		echo "FAIL no $call like '$pattern'"
		failed=$((failed + 1))
		return
	fi
	timeout 60 strace -o /dev/null -e "trace=$call" \
		-e "inject=$call:error=$error:when=$n" "$CALLGATE" run "$@" \
		"$work/$profile.gate" -- echo started >"$work/out" 2>&1
	got=$?
	if [ "$got" = "$want" ] && grep -q -- "$text" "$work/out" &&
		! grep -q '^started' "$work/out"; then
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
	echo "FAIL $call $pattern: exit $got, want $want and '$text'"
	cat "$work/out"
}

fault prctl EPERM 'PR_CAPBSET_READ' 125 'E0898.*the last capability' box
fault readlink ENOMEM '"/home"' 125 'E0898.*: /home: Cannot allocate' box
fault capget EPERM . 125 "E0898.*the caller's capabilities" box
fault ioctl EPERM '0, TCGETS' 125 'E0898.*the terminal' box
fault newfstatat EIO '^newfstatat\(0, ' 125 'E0898.*a standard descr' box
fault landlock_create_ruleset ENOMEM 'VERSION' 125 'E0898.*Landlock' empty
fault rt_sigprocmask EPERM 'SIG_SETMASK, ~\[' 125 'E0809.*prepare' plain
# The report is complete, or the command doesn't start.
fault waitid EPERM . 125 'E0899.*the stop at exec' box --report "$work/r"
fault readlink EIO 'ns/net"' 125 'E0899.*ns/net' box --report "$work/r"
fault openat EIO '/[0-9]+/uid_map", O_RDONLY' 125 "E0899.*uid_map" box --report "$work/r"
fault ptrace EIO 'PTRACE_DETACH' 125 "E0899.*way on" box --report "$work/r"
fault recvmsg ENOMEM . 125 "E0899.*process id" plain --report "$work/r"
if grep -q '"applied": null' "$work/r"; then
	passed=$((passed + 1))
else
	failed=$((failed + 1))
	echo "FAIL the report of a command that was not started"
	cat "$work/r"
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
