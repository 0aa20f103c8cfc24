#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Goal: a profile that may not be read gets its own message (E0501) and exit
# code, from every command that reads one; an included one names the line.
# Method: root reads everything, so root's tests step down to another user.
set -u
: "${CALLGATE:=$PWD/build/callgate}"
passed=0 failed=0
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
# The build folder may be closed to that user.
cp "$CALLGATE" "$work/callgate" && chmod 755 "$work/callgate"
echo 'default allow;' >"$work/closed.gate"
printf 'include "closed.gate";\ndefault allow;\n' >"$work/open.gate"
chmod 000 "$work/closed.gate"
chmod 644 "$work/open.gate"
as=()
if [ "$(id -u)" = 0 ]; then
	as=(setpriv --reuid=65533 --regid=65533 --clear-groups)
fi

# refused STATUS TEXT ARGUMENT...: the exit code and a part of the message.
refused() {
	local want=$1 text=$2
	shift 2
	"${as[@]}" "$work/callgate" "$@" >"$work.out" 2>&1 </dev/null
	local got=$?
	if [ "$got" = "$want" ] && grep -qF -e "$text" "$work.out" &&
		grep -q 'Permission denied' "$work.out"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $*: exit $got, want $want"
		cat "$work.out"
	fi
	rm -f "$work.out"
}

refused 1 'error[E0501]' check "$work/closed.gate"
refused 1 'error[E0501]' compile "$work/closed.gate" -o "$work/out"
refused 1 'error[E0501]' explain "$work/closed.gate" read
refused 1 'error[E0501]' test "$work/closed.gate"
refused 1 'error[E0501]' fmt "$work/closed.gate"
refused 125 'error[E0501]' run "$work/closed.gate" -- true
refused 1 'open.gate:1:9: error[E0501]' check "$work/open.gate"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
