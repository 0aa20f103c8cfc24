#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# S7, the host's name.  Goal: it is changed inside only; a uts namespace pinned
# to a file is entered by later runs after its sandbox has ended, by `exec` of
# such a run too, and is gone when released; what can't be pinned or released
# says why.  Method: real runs as root, the refusals as an ordinary user too.
# The files are in a folder of the test's own.
# shellcheck disable=SC2154 # work and callers are from lib.sh
set -u
cd "$(dirname "$0")/../.." || exit 3
# shellcheck source=tests/scenarios/lib.sh disable=SC1091
. tests/scenarios/lib.sh
echo 'default allow; sandbox { hostname "web"; }' >"$work/web.gate"
echo 'default allow; sandbox { }' >"$work/box.gate"
cat >"$work/pin.gate" <<GATE
default allow;
sandbox {
    hostname "kept";
    pin uts "$work/uts";
}
GATE
cat >"$work/join.gate" <<GATE
default allow;
sandbox {
    join uts "$work/uts";
}
GATE
chmod 644 "$work"/*.gate
before=$(uname -n)

for who in $callers; do
	expect "inside" 0 '^web$' as "$who" "$CALLGATE" run "$work/web.gate" \
		-- uname -n
	check "outside" test "$(uname -n)" = "$before"
	expect "the caller's" 0 "^$before\$" as "$who" "$CALLGATE" run \
		--namespaces all:except:uts "$work/box.gate" -- uname -n
	expect "nothing to join" 125 E0871 as "$who" "$CALLGATE" run \
		"$work/join.gate" -- true
	expect "nothing to release" 1 E0873 as "$who" "$CALLGATE" release \
		"$work/uts"
	: >"$work/file"
	expect "a file is no pin" 1 'no namespace is pinned' as "$who" \
		"$CALLGATE" release "$work/file"
	check "and stays" test -e "$work/file"
done
expect "a user can't pin" 125 E0872 as user "$CALLGATE" run "$work/pin.gate" \
	-- true
check "nothing was made" test ! -e "$work/uts"

if [ "$(id -u)" != 0 ]; then
	skip "pinning takes root"
	finish
fi
# Its exec fails: the last of all steps.
printf '#!/no/such/interpreter\n' >"$work/script"
chmod 755 "$work/script"
expect "a failed run" 127 E0801 "$CALLGATE" run "$work/pin.gate" -- \
	"$work/script"
check "leaves no file" test ! -e "$work/uts"
expect "pinned" 0 '^kept$' "$CALLGATE" run "$work/pin.gate" -- uname -n
check "a mount" grep -q " $work/uts " /proc/self/mountinfo
expect "nothing is overwritten" 125 'callgate release' "$CALLGATE" run \
	"$work/pin.gate" -- true
expect "entered later" 0 '^kept$' "$CALLGATE" run "$work/join.gate" -- uname -n
expect "as another kind" 125 'another kind' "$CALLGATE" run \
	--join "net:$work/uts" "$work/box.gate" -- true
expect "a named one in it" 0 "s07-$$" "$CALLGATE" run -d --name "s07-$$" \
	"$work/join.gate" -- sleep 1000
expect "exec" 0 '^kept$' "$CALLGATE" exec "s07-$$" -- uname -n
expect "a user can't release" 1 CAP_SYS_ADMIN as user "$CALLGATE" release "$work/uts"
expect "released" 0 '' "$CALLGATE" release "$work/uts"
check "no file" test ! -e "$work/uts"
if grep -q "$work" /proc/self/mountinfo; then
	bad "a mount is left"
else
	good
fi
expect "who is in it stays" 0 '^kept$' "$CALLGATE" exec "s07-$$" -- uname -n
expect "stop" 0 '' "$CALLGATE" stop --time 0 "s07-$$"
expect "nothing to join" 125 E0871 "$CALLGATE" run "$work/join.gate" -- true
check "outside" test "$(uname -n)" = "$before"
finish
