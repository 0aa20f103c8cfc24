#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Goal: `test --live` hears from the running kernel what the policy says, and
# no call of a test is executed.
# Method: a profile whose tests would kill, reboot or exit is judged; the
# counts tell that each call was asked twice, once by the kernel.
set -u
: "${CALLGATE:?}"
[ "$(uname -m)" = x86_64 ] || { echo "skip: the profile is for x86_64" && exit 77; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cat >"$work/x.gate" <<'GATE'
arch x86_64;
default kill;
unknown deny(ENOSYS);
allow exit_group, reboot, kill, read, write;
deny(EACCES) openat if flags any O_WRONLY|O_RDWR;
allow openat;
trap socket if domain == AF_PACKET;
test "each is asked" {
    exit_group(1) => allow;
    reboot(_) => allow;
    kill(-1, SIGKILL) => allow;
    openat(_, "x", O_RDWR) => deny(EACCES);
    openat(_, "x", O_RDONLY) => allow;
    socket(AF_PACKET) => trap;
    socket(AF_INET) => kill;
    5000() => deny(ENOSYS);
    0x40000001() => kill;
}
GATE
if ! "$CALLGATE" test --live "$work/x.gate" >"$work/out" 2>&1; then
	if grep -q 'cannot ask the kernel' "$work/out"; then
		echo "skip: $(cat "$work/out")"
		exit 77
	fi
	cat "$work/out"
	exit 1
fi
if ! grep -qx '18 passed, 0 failed' "$work/out"; then
	echo "want 18 passed, got:"
	cat "$work/out"
	exit 1
fi
