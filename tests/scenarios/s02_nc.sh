#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# S2, `nc -l -p 4444` and a client.  Goal: the same server is stopped in four
# ways, each with the words of its own cause: by a network namespace, by a
# capability (port 80), by the filter (bind, and separately read), by the limit
# of processes; and served where nothing stops it.  Method: a network namespace of the scenario's own, in
# which `nc` serves behind each profile and another `nc` asks.
set -u
cd "$(dirname "$0")/../.." || exit 3
: "${CALLGATE:=$PWD/build/callgate}"
if [ "$(id -u)" != 0 ]; then
	echo "skip: a network namespace of its own takes root"
	exit 77
fi
if [ "${1-}" != inside ]; then
	exec unshare --net --mount --propagation private "$0" inside
fi
passed=0 failed=0
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
export LC_ALL=C
ip link set lo up

good() {
	passed=$((passed + 1))
}

bad() {
	failed=$((failed + 1))
	echo "FAIL $1"
	sed 's/^/    | /' "$work/err"
}

# serve PROFILE PORT COMMAND...: starts the server, and a client that says "ping";
# $status is how the server ended, by itself or by our SIGTERM.
serve() {
	local profile=$1 port=$2
	shift 2
	"$CALLGATE" run "$work/$profile.gate" -- "$@" \
		>"$work/out" 2>"$work/err" </dev/null &
	local runner=$!
	sleep 0.7
	echo ping | timeout 2 nc -v -N -w 1 127.0.0.1 "$port" \
		>"$work/client" 2>&1
	sleep 0.3
	kill "$runner" 2>/dev/null
	wait "$runner"
	status=$?
}

# says WHAT TEXT: on the server's standard error.
says() {
	if grep -q "$2" "$work/err"; then good; else bad "$1: no '$2'"; fi
}

# heard WHAT TEXT: what the server got from the client.
heard() {
	if [ "$(cat "$work/out")" = "$2" ]; then
		good
	else
		bad "$1: heard '$(cat "$work/out")', want '$2'"
	fi
}

# ended WHAT: the server gave up by itself, with an error.
ended() {
	if [ "$status" = 1 ]; then good; else bad "$1: exit $status"; fi
}

# connected WHAT yes|no: what the client says.
connected() {
	local got=no
	grep -q succeeded "$work/client" && got=yes
	if [ "$got" = "$2" ]; then good; else bad "$1: connected: $got"; fi
}

echo 'default allow; deny mkdir;' >"$work/free.gate"
echo 'default allow; sandbox { }' >"$work/namespace.gate"
echo 'default allow; sandbox { network host; }' >"$work/host.gate"
echo 'default allow; deny(EACCES) bind;' >"$work/bind.gate"
# The loader reads too: only what is larger than its 832 bytes is refused.
echo 'default allow; deny(EIO) read if count > 4096;' >"$work/read.gate"

serve free 4444 nc -l -p 4444
heard "free" ping
connected "free" yes
# 1. The namespace: it serves, but nobody outside finds it.
serve namespace 4444 nc -l -p 4444
heard "namespace" ''
connected "namespace" no
# The same sandbox with the host's network is reached.
serve host 4444 nc -l -p 4444
heard "host network" ping
# 2. The capability: ports below 1024 take net_bind_service, 4444 does not.
echo 1024 >/proc/sys/net/ipv4/ip_unprivileged_port_start
serve host 80 nc -l -p 80
heard "port 80" ''
says "port 80" 'Permission denied'
ended "port 80"
# 3. The filter: bind.
serve bind 4444 nc -l -p 4444
heard "bind" ''
connected "bind" no
says "bind" 'Permission denied'
ended "bind"
# 4. The filter: read.  The connection is made, and nothing can be read.
serve read 4444 nc -l -p 4444
heard "read" ''
connected "read" yes
# 5. The limit: one process more than the shell is one too many.  The shell
# itself is the second, pid 1 of the sandbox the first.
echo 'default allow; sandbox { network host; pids 3; }' >"$work/few.gate"
serve few 4444 sh -c 'nc -l -p 4444 & wait'
heard "pids 3" ping
echo 'default allow; sandbox { network host; pids 2; }' >"$work/few.gate"
serve few 4444 sh -c 'nc -l -p 4444 & wait'
heard "pids 2" ''
connected "pids 2" no
says "pids 2" 'annot fork'
says "pids 2" 'the limit of 2 processes was reached'

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
