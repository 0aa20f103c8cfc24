#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Goal: an option of `run` does what the same line of a sandbox block does,
# takes that line's place, and makes a sandbox for a profile without one;
# a wrong option starts nothing.
# Method: as the caller, and as an ordinary user where the caller is root:
# profiles with and without a block, in both formats; the command prints
# what it sees.
set -u
: "${CALLGATE:=$PWD/build/callgate}"
passed=0 failed=0
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
echo 'default allow;' >"$work/plain.gate"
echo 'default allow; sandbox { hostname "one"; workdir "/usr"; }' \
	>"$work/box.gate"
echo '{ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [] }' \
	>"$work/docker.json"
cp "$CALLGATE" "$work/callgate"
chmod 755 "$work/callgate"

as=()
run() {
	(cd "$work" && "${as[@]}" ./callgate run "$@") >"$work/out" 2>&1 \
		</dev/null
}

# expect STATUS TEXT ARGUMENT...: exit code and all that is printed
expect() {
	local want=$1 text=$2 got
	shift 2
	run "$@"
	got=$?
	if [ "$got" = "$want" ] && [ "$(cat "$work/out")" = "$text" ]; then
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
	echo "FAIL ${as[*]} run $*: exit $got, want $want and '$text'"
	cat "$work/out"
}

# refuse CODE ARGUMENT...: 125 with the code, and nothing was started
refuse() {
	local code=$1
	shift
	run "$@" -- sh -c 'echo started'
	if [ $? = 125 ] && grep -q "<options>.*$code" "$work/out" &&
		! grep -q started "$work/out"; then
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
	echo "FAIL ${as[*]} run $*: must be refused with $code"
	cat "$work/out"
}

cases() {
	local see='uname -n; pwd'

	expect 0 'sandbox' --sandbox --workdir / plain.gate -- uname -n
	expect 0 'web' --hostname web --workdir / docker.json -- uname -n
	expect 0 $'one\n/usr' box.gate -- sh -c "$see"
	expect 0 $'two\n/usr' --hostname two box.gate -- sh -c "$see"
	expect 0 $'one\n/etc' --workdir /etc box.gate -- sh -c "$see"
	expect 0 'a b' --hostname 'a b' --workdir / plain.gate -- uname -n
	expect 7 '' --sandbox --workdir / plain.gate -- sh -c 'exit 7'
	refuse E0407 --hostname a --hostname b plain.gate
	refuse E0323 --hostname '' box.gate
	refuse E0328 --workdir usr box.gate
	refuse E0326 --memory 256 plain.gate
	refuse E0329 --keep nothing docker.json
	refuse E0330 --namespaces all:except:uts box.gate
	refuse E0323 --pids '1; hostname "x"' plain.gate
}

cases
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	as=(setpriv --reuid=12345 --regid=12345 --clear-groups)
	if "${as[@]}" unshare --user --map-root-user true 2>/dev/null; then
		cases
	else
		echo "skip: ordinary users get no user namespaces here"
	fi
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
