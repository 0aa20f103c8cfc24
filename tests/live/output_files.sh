#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Goal: an output file is whole or untouched, links and modes stay, and a
# terminal gets no binary.
# Method: compile and fmt write over files, links and a missing folder.
set -u
: "${CALLGATE:?}"
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
passed=0 failed=0

expect() { # TEXT COMMAND...
	text=$1
	shift
	if "$@" >out 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $text"
		cat out
	fi
}

refused() { # STATUS COMMAND...
	status=$1
	shift
	"$@" >/dev/null 2>&1
	[ $? = "$status" ]
}

printf 'arch x86_64;\ndefault   kill;\nallow read;\n' >good.gate
printf 'default kill\n' >bad.gate
expect "a program is written" "$CALLGATE" compile --target x86_64 good.gate -o a.bpf
"$CALLGATE" compile --target x86_64 good.gate >b.bpf
expect "the same as on standard output" cmp a.bpf b.bpf
expect "a policy with errors" refused 1 "$CALLGATE" compile bad.gate -o a.bpf
expect "leaves the file alone" cmp a.bpf b.bpf
expect "a missing folder" refused 3 \
	"$CALLGATE" compile --target x86_64 good.gate -o none/a.bpf
chmod 640 good.gate
ln -s good.gate link.gate
expect "not canonical" refused 1 "$CALLGATE" fmt --check link.gate
expect "fmt --write through a link" "$CALLGATE" fmt --write link.gate
expect "the link is one still" test -L link.gate
expect "canonical now" "$CALLGATE" fmt --check good.gate link.gate
expect "the mode is kept" test "$(stat -c %a good.gate)" = 640
expect "bad files stay as they are" refused 1 "$CALLGATE" fmt --write bad.gate
expect "no temporary file is left" test "$(echo *)" = \
	"a.bpf b.bpf bad.gate good.gate link.gate out"
if command -v script >/dev/null; then
	expect "no binary for a terminal" refused 2 \
		script -qec "$CALLGATE compile --target x86_64 good.gate" /dev/null
fi
echo "$passed passed, $failed failed"
[ $failed = 0 ]
