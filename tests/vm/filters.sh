#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# filters.sh - goal: on each architecture the kernel judges calls as the
# profile says.  Method: `callgate test --live`, and rows of sim --live, for
# the machine's own ABI; the kernel is asked and executes none of the calls.
set -u
: "${CALLGATE:?}" "${SIM:?}"
cd "$(dirname "$0")/../.." || exit 3
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
abi=$(uname -m)

judged() { # WHAT PATTERN COMMAND...
	local what=$1 pattern=$2
	shift 2
	if "$@" >"$work/out" 2>&1 </dev/null && grep -q "$pattern" "$work/out"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $abi: $what"
		sed 's/^/    | /' "$work/out"
	fi
}

cat >"$work/x.gate" <<-END
	arch $abi;
	default kill;
	unknown deny(ENOSYS);
	allow exit_group, reboot, kill, read, write;
	deny(EACCES) openat if flags any O_WRONLY|O_RDWR;
	allow openat;
	trap socket if domain == AF_PACKET;
	allow ioctl if cmd in { TCGETS, FIONREAD };
	test "each is asked" {
	    exit_group(1) => allow;
	    reboot(_) => allow;
	    kill(-1, SIGKILL) => allow;
	    openat(_, "x", O_RDWR) => deny(EACCES);
	    openat(_, "x", O_RDONLY) => allow;
	    socket(AF_PACKET) => trap;
	    socket(AF_INET) => kill;
	    ioctl(0, FIONREAD) => allow;
	    ioctl(0, TIOCSTI) => kill;
	    5000() => deny(ENOSYS);
	}
END
judged 'test --live' '^20 passed, 0 failed' "$CALLGATE" test --live "$work/x.gate"
cat >"$work/y.gate" <<-END
	arch $abi;
	default allow;
	deny(EPERM) mount;
	kill reboot if cmd == 0x1234567;
END
cat >"$work/y.sim" <<-END
	$abi mount => deny(EPERM)
	$abi umount2 => allow
	$abi reboot * * 0x1234567 => kill
	$abi reboot * * 1 => allow
	$abi nr:600 => allow
END
judged 'sim --live' '^[0-9]* passed, 0 failed' "$SIM" --live "$work/y.gate" "$work/y.sim"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
