#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Goal: `run --report` tells what was asked for and what the kernel says about
# the command, and nothing when the command did not start.  Method: reports of
# real runs, as root and as an ordinary user, with and without a sandbox, where
# the runner may trace and where it may not; read with jq and compared with
# what the command itself sees.
set -u
: "${CALLGATE:=$PWD/build/callgate}"
passed=0 failed=0 skipped=0
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
export LC_ALL=C
cd /usr || exit 3
echo 'default allow; deny mkdir; kill reboot; sandbox { hostname "web"; }' \
	>"$work/box.gate"
echo 'default allow; kill mkdir;' >"$work/plain.gate"
echo 'default allow; sandbox { namespaces all, time except pid; }' \
	>"$work/parts.gate"
# Nothing that is not needed to start and end a program.
echo 'default kill; allow execve, exit_group, exit, brk, mmap, mprotect,
	munmap, openat, newfstatat, fstat, read, pread64, close, access,
	arch_prctl, set_tid_address, set_robust_list, rseq, prlimit64,
	getrandom, write, readlink, fcntl, rt_sigaction, rt_sigprocmask,
	statfs, ioctl, poll, getuid, getgid, geteuid, getegid, futex;
sandbox { }' >"$work/tight.gate"
echo 'default allow; deny ptrace;' >"$work/no-ptrace.gate"

# ask WHAT FILTER WANT: jq's answer about the report.
ask() {
	local got
	got=$(jq -c "$2" "$work/out/r.json" 2>&1)
	if [ "$got" = "$3" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $who: $1: $2 gives $got, want $3"
	fi
}

# go STATUS COMMAND...: runs as $who; a report of its own each time.
go() {
	local want=$1 got
	shift
	rm -rf "$work/out"
	mkdir "$work/out"
	chmod 777 "$work/out"
	"${as[@]}" "$@" >"$work/text" 2>&1 </dev/null
	got=$?
	if [ "$got" = "$want" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $who: $*: exit $got, want $want"
		cat "$work/text"
	fi
}

report=("$CALLGATE" run --report "$work/out/r.json")
after='"after exec, before its first instruction"'
before='"after the filter, before exec"'

cases() {
	go 0 "${report[@]}" "$work/box.gate" -- readlink /proc/self/ns/net
	ask command .command '["readlink","/proc/self/ns/net"]'
	ask taken .taken "$after"
	ask 'all checks' '[.checks[] | select(.same | not)]' '[]'
	ask 'checks' '[.checks[].what] | index("no_new_privs") != null' true
	ask 'same namespace' .applied.namespaces.net.id "\"$(cat "$work/text")\""
	ask maps '[.checks[] | select(.what | test("_map|setgroups")) | .same]' \
		'[true,true,true]'
	ask 'the same id' '.applied.uid_map[0][1] == .applied.uid[0]' true
	ask 'own time' .applied.namespaces.time.callers true
	ask caps .applied.bounding '"0x0000000000000000"'
	ask core '.applied.limits["Max core file size"]' '["0","0"]'
	ask root '.applied.mounts[] | select(.target == "/") | .options |
		test("^ro,nosuid,nodev")' true
	ask signal .signal null
	ask pid '.pid == .applied.pid and .pid > 1' true
	ask times '.milliseconds.total > 0' true
	ask plan '[.plan[] | select(test("hostname +.web."))] | length' 1
	go 7 "${report[@]}" "$work/plain.gate" -- sh -c 'exit 7'
	ask status '[.exit_status, .signal]' '[7,null]'
	ask taken .taken "$after"
	ask 'no namespace' '[.applied.namespaces[].callers] | unique' '[true]'
	ask seccomp '[.applied.seccomp, .applied.no_new_privs]' '[[2],[1]]'
	go 159 "${report[@]}" "$work/plain.gate" -- mkdir "$work/no"
	ask signal '[.exit_status, .signal]' '[159,31]'
	go 143 "${report[@]}" "$work/box.gate" -- sh -c 'kill -TERM $$'
	ask signal .signal 15
	go 0 "${report[@]}" --join ipc:/proc/self/ns/ipc "$work/parts.gate" -- \
		true
	ask 'all namespaces' '[.checks[] | select(.same | not)]' '[]'
	ask 'each as asked' '[.checks[] | select(.what |
		test("^(pid|uts|ipc|time|net)$")) | .asked]' \
		'["the caller'"'"'s","the caller'"'"'s","new","new","new"]'
	# Waiting to be read needs no call that a tight filter refuses.
	go 0 "${report[@]}" "$work/tight.gate" -- true
	ask taken .taken "$after"
	# Where tracing is refused, before exec; the filter is still counted.
	go 0 "$CALLGATE" run "$work/no-ptrace.gate" -- \
		"${report[@]}" "$work/tight.gate" -- true
	ask taken .taken "$before"
	ask count .applied.filters.count 2
	ask why .applied.filters.why '"the runner may not trace the command"'
	ask checks '[.checks[] | select(.same | not)]' '[]'
	# Not started.
	printf '#!/no/such/interpreter\n' >"$work/script"
	chmod 755 "$work/script"
	go 127 "${report[@]}" "$work/box.gate" -- "$work/script"
	ask never '[.exit_status, .applied, (.taken | test("^never"))]' \
		'[127,null,true]'
	go 127 "${report[@]}" "$work/plain.gate" -- "$work/script"
	ask never .applied null
	go 127 "${report[@]}" "$work/box.gate" -- no-such-command
	ask refused '[.exit_status, .taken]' \
		'[127,"never: the run was refused"]'
	go 125 "$CALLGATE" run --report "$work/none/r.json" "$work/plain.gate" \
		-- touch "$work/out/ran"
	if grep -q E0854 "$work/text" && [ ! -e "$work/out/ran" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $who: E0854"
	fi
}

user=(setpriv --reuid 12345 --regid 12345 --clear-groups)
if ! command -v jq >/dev/null; then
	echo "skip: jq is not installed"
	exit 77
fi
if [ "$(id -u)" != 0 ]; then
	who=user as=()
	cases
elif ! "${user[@]}" test -x "$CALLGATE"; then
	echo "skip: $CALLGATE is closed to others"
	exit 77
else
	who=user as=("${user[@]}")
	cases
	go 0 "${report[@]}" "$work/plain.gate" -- true
	ask filters '[.applied.filters.count, .applied.filters.programs]' '[1,null]'
	who=root as=()
	cases
	unshare --uts sleep 1000 &
	other=$!
	while [ "$(readlink /proc/self/ns/uts)" = \
		"$(readlink "/proc/$other/ns/uts")" ]; do sleep 0.05; done
	go 0 "${report[@]}" --join "uts:/proc/$other/ns/uts" \
		"$work/parts.gate" -- true
	ask joined '.checks[] | select(.what == "uts") | [.asked, .applied]' \
		'["joined","joined"]'
	kill "$other"
	go 0 "${report[@]}" "$work/box.gate" -- true
	if jq -e '.applied.filters.why' "$work/out/r.json" >/dev/null; then
		echo "skip: filters: $(jq -r .applied.filters.why \
			"$work/out/r.json")"
		skipped=1
	else
		ask filters '[.applied.filters.programs[].asked]' '[true]'
		ask checked '.checks[] | select(.what == "filter") | .same' true
	fi
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
