#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# S21, several sandboxes.  Goal: two detached shells can be attached to in
# turn, as if each were the only one: keys, window size, job control, Ctrl-C;
# what was left running is found again.  With S12 (freeze and thaw) and the
# part of S23 that enters a sandbox.  Method: script(1) is the caller's
# terminal, a FIFO its keyboard; as root and as an ordinary user.
# shellcheck disable=SC2016,SC2086 # for the shells inside; a prefix in words
set -u
cd "$(dirname "$0")/../.." || exit 3
: "${CALLGATE:=$PWD/build/callgate}"
passed=0 failed=0 skipped=0
work=$(mktemp -d) || exit 3
uid=$((20000 + $$ % 20000))
a=s21-$$-a b=s21-$$-b
who='' # a command prefix
export LC_ALL=C
unset XDG_RUNTIME_DIR

end() {
	local p
	for p in '' "setpriv --reuid=$uid --regid=$uid --clear-groups"; do
		$p "$CALLGATE" stop --time 0 "$a" >/dev/null 2>&1
		$p "$CALLGATE" stop --time 0 "$b" >/dev/null 2>&1
	done
	rm -rf "$work" "/tmp/callgate-$uid"
}
trap end EXIT

good() {
	passed=$((passed + 1))
}

bad() {
	failed=$((failed + 1))
	echo "FAIL ${who:+as a user: }$1"
	[ ! -e "$work/out" ] || sed 's/^/    | /' "$work/out"
}

expect() { # WHAT STATUS TEXT COMMAND...
	local what=$1 status=$2 text=$3 got
	shift 3
	timeout 60 $who "$@" >"$work/out" 2>&1 </dev/null
	got=$?
	if [ "$got" = "$status" ] &&
		{ [ -z "$text" ] || grep -q -- "$text" "$work/out"; }; then
		good
	else
		bad "$what: exit $got, want $status and '$text'"
	fi
}

# attach NAME: opens the keyboard as descriptor 7.
attach() {
	rm -f "$work/keys"
	mkfifo "$work/keys"
	: >"$work/screen"
	timeout 60 script -qefc "stty rows 31 cols 97; $who $CALLGATE attach $1
		echo status=\$?; stty -a | grep -o ' icanon'" \
		"$work/typescript" <"$work/keys" >"$work/screen" 2>&1 &
	exec 7>"$work/keys"
	screen "attached to '$1'"
}

screen() { # waits until the text is there
	for _ in $(seq 200); do
		if grep -aqF -- "$1" "$work/screen"; then
			good
			return
		fi
		sleep 0.05
	done
	cp "$work/screen" "$work/out"
	bad "the screen never shows '$1'"
}

detach() {
	printf '\035d' >&7
	screen "detached from '$1'"
	screen 'status=0'
	screen ' icanon'
	exec 7>&-
	wait
}

shells() {
	expect "start" 0 "^$a\$" "$CALLGATE" run -d --name "$a" \
		"$work/box.gate" -- bash --norc --noediting -i
	expect "start" 0 "^$b\$" "$CALLGATE" run -d --name "$b" \
		"$work/box.gate" -- bash --norc --noediting -i
	expect "one name once" 125 E0862 "$CALLGATE" run -d --name "$a" \
		"$work/box.gate" -- true
	expect "ps" 0 "$a  *[0-9]*  *detached" "$CALLGATE" ps

	attach "$a"
	printf 'mine=4711; stty size; echo ready$((1 + 1))\n' >&7
	screen 'ready2'
	screen '31 97'
	printf 'sleep 1000\n' >&7
	sleep 0.3
	printf '\003' >&7
	sleep 0.1
	printf 'echo ended=$?\n' >&7
	screen 'ended=130'
	printf 'sleep 1000\n' >&7
	sleep 0.3
	printf '\032' >&7
	screen 'Stopped'
	expect "ps" 0 "$a  *[0-9]*  *attached" "$CALLGATE" ps
	detach "$a"

	attach "$b"
	printf 'echo b=${mine-none}\n' >&7
	screen 'b=none'
	detach "$b"

	attach "$a"
	printf 'echo again=$mine; jobs\n' >&7
	screen 'again=4711'
	screen 'Stopped                 sleep 1000'
	printf 'kill -KILL %%1\n' >&7
	sleep 0.3
	# It may be stopped for bash still: then the second one counts.
	printf 'exit 3\nexit 3\n' >&7
	screen 'status=3'
	exec 7>&-
	wait
	expect "it is gone" 125 E0865 "$CALLGATE" stop "$a"
}

enter() {
	expect "exec: no terminal here" 125 E0864 "$CALLGATE" attach "$b"
	expect "exec" 9 '^4$' "$CALLGATE" exec "$b" -- sh -c \
		'[ "$(cat /proc/1/comm)" = callgate-init ] && hostname >&2
		grep -c "^Cap[IPEB].*:.*0000000000000000$" /proc/self/status
		exit 9'
	expect "exec: the filter" 1 'Operation not permitted' \
		"$CALLGATE" exec "$b" -- mkdir /tmp/no
	expect "exec: no new privileges" 0 'Seccomp:.2' "$CALLGATE" exec "$b" \
		-- grep -E '^(Seccomp|NoNewPrivs):.[12]' /proc/self/status
	expect "exec: not found" 127 E0801 "$CALLGATE" exec "$b" -- no-such
	expect "exec: not executable" 126 E0802 "$CALLGATE" exec "$b" -- \
		/etc/passwd
	$who "$CALLGATE" exec "$b" -- true </ >"$work/out" 2>&1
	if grep -q E0811 "$work/out"; then good; else bad "a folder as input"; fi
	expect "exec: nothing left of the first shell" 0 '^0$' "$CALLGATE" \
		exec "$b" -- sh -c 'ls /proc | grep -c callgate || :'
}

ticks() { # CPU time of the sandbox's busy process
	local pid
	pid=$(pgrep -f "^s21busy$$" | tail -1)
	sed 's/.*) //' "/proc/$pid/stat" | cut -d' ' -f12
}

freezing() {
	local before after
	expect "stop" 0 '' "$CALLGATE" stop --time 0 "$b"
	expect "a counter" 0 "^$b\$" "$CALLGATE" run -d --name "$b" \
		"$work/box.gate" -- bash -c \
		"exec -a s21busy$$ bash -c 'while :; do :; done'"
	sleep 0.3
	if ! $who "$CALLGATE" freeze "$b" >"$work/out" 2>&1; then
		if grep -q E0866 "$work/out" && [ -n "$who" ]; then
			skipped=$((skipped + 1))
			echo "skip: freeze as a user: no delegated cgroup"
		else
			bad "freeze"
		fi
		expect "stop" 0 '' "$CALLGATE" stop "$b"
		return
	fi
	before=$(ticks)
	sleep 0.5
	after=$(ticks)
	if [ "$before" = "$after" ]; then good; else bad "it still counts"; fi
	expect "ps" 0 "$b  *[0-9]*  *frozen" "$CALLGATE" ps
	expect "exec while frozen" 125 E0867 "$CALLGATE" exec "$b" -- true
	expect "thaw" 0 '' "$CALLGATE" thaw "$b"
	sleep 0.5
	if [ "$(ticks)" -gt "$after" ]; then good; else bad "it stays"; fi
	expect "freeze" 0 '' "$CALLGATE" freeze "$b"
	expect "stop while frozen" 0 '' "$CALLGATE" stop "$b"
}

# The keeper is killed: nothing of the sandbox is left, and its name is free.
crash() {
	local pid
	expect "start" 0 "^$b\$" "$CALLGATE" run -d --name "$b" \
		"$work/box.gate" -- sleep 1000
	pid=$($who "$CALLGATE" ps | sed -n "s/^$b  *\([0-9]*\) .*/\1/p")
	kill -KILL "$(cut -d' ' -f4 "/proc/$pid/stat")"
	for _ in $(seq 100); do
		[ -e "/proc/$pid" ] || break
		sleep 0.05
	done
	if [ -e "/proc/$pid" ]; then bad "init is left"; else good; fi
	expect "a stale name" 125 E0865 "$CALLGATE" stop "$b"
	if find /sys/fs/cgroup -maxdepth 4 -name "callgate-*-$b" 2>/dev/null |
		grep -q .; then
		bad "a cgroup is left"
	else
		good
	fi
}

cat >"$work/box.gate" <<'GATE'
default allow;
deny mkdir, mkdirat;
sandbox { }
GATE
echo 'default allow;' >"$work/plain.gate"
chmod 755 "$work"
chmod 644 "$work"/*.gate

all() {
	shells
	enter
	freezing
	crash
}

expect "no sandbox" 125 E0863 "$CALLGATE" run -d "$work/plain.gate" -- true
all
if [ "$(id -u)" = 0 ]; then
	who="setpriv --reuid=$uid --regid=$uid --clear-groups"
	mkdir -m 755 "/tmp/callgate-$uid"
	expect "another's folder" 125 E0861 "$CALLGATE" ps
	rmdir "/tmp/callgate-$uid"
	all
fi
if [ "$skipped" = 0 ]; then
	echo "$passed passed, $failed failed"
else
	echo "$passed passed, $failed failed, $skipped skipped"
fi
[ "$failed" = 0 ]
