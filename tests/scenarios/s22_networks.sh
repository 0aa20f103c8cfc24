#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# S22, networks: none, host, a veth pair into a bridge with a reachable port,
# and a network namespace that `ip netns` has named.
# Goal: a server in a sandbox is reached exactly where its profile lets it be,
# and no interface is left afterwards.  Method: the scenario moves into a network
# namespace of its own with a bridge; `nc` serves inside and asks from outside.
set -u
cd "$(dirname "$0")/../.." || exit 3
: "${CALLGATE:=$PWD/build/callgate}"
if [ "$(id -u)" != 0 ]; then
	echo "skip: a bridge takes root"
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

# expect WHAT WANT GOT
expect() {
	if [ "$2" = "$3" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $1: '$3', want '$2'"
		sed 's/^/    | /' "$work/err"
	fi
}

# server PROFILE: hello on port 4444 of the sandbox; its runner is $runner.
server() {
	"$CALLGATE" run "$work/$1.gate" -- sh -c \
		'echo ready; echo hello | nc -N -l -p 4444' \
		>"$work/out" 2>"$work/err" </dev/null &
	runner=$!
	for _ in $(seq 100); do
		grep -q ready "$work/out" "$work/err" && break
		sleep 0.05
	done
	sleep 0.3
}

# client ADDRESS: what the port says to this namespace.
client() {
	timeout 5 nc -d -w 3 "$1" 4444 2>/dev/null
}

stop() {
	kill "$runner" 2>/dev/null
	wait "$runner" 2>/dev/null
}

ip link set lo up
ip link add br0 type bridge
ip addr add 10.1.0.1/24 dev br0
ip link set br0 up
echo 'default allow; sandbox { network none; }' >"$work/none.gate"
echo 'default allow; sandbox { network host; }' >"$work/host.gate"
echo 'default allow; sandbox { network veth { bridge "br0";
	address "10.1.0.2/24"; gateway "10.1.0.1"; }; }' >"$work/veth.gate"
list="sed -n 's/^ *\\([a-z0-9]*\\):.*/\\1/p' /proc/net/dev"
: >"$work/err"

expect "none has lo" "lo" \
	"$("$CALLGATE" run "$work/none.gate" -- sh -c "$list" 2>"$work/err")"
server none
expect "none: not reached" "" "$(client 127.0.0.1)"
stop

expect "host has all" "$(sh -c "$list" | sort)" \
	"$("$CALLGATE" run "$work/host.gate" -- sh -c "$list" \
		2>"$work/err" | sort)"
server host
expect "host: reached" "hello" "$(client 127.0.0.1)"
stop

expect "veth has two" "eth0 lo" "$("$CALLGATE" run "$work/veth.gate" -- \
	sh -c "$list" 2>"$work/err" | sort | xargs)"
server veth
expect "veth: reached" "hello" "$(client 10.1.0.2)"
expect "veth: not on the host's loopback" "" "$(client 127.0.0.1)"
stop

# One that has a name: its addresses, its port, and nothing changed in it.
mount -t tmpfs none /run
ip netns add web
ip link add w0 type veth peer name w1 netns web
ip addr add 10.2.0.1/24 dev w0
ip link set w0 up
ip -n web link set lo up
ip -n web addr add 10.2.0.2/24 dev w1
ip -n web link set w1 up
echo 'default allow; sandbox { join net "/run/netns/web"; }' >"$work/web.gate"
before=$(ip -n web -o addr)
expect "joined has its interfaces" "lo w1" "$("$CALLGATE" run \
	"$work/web.gate" -- sh -c "$list" 2>"$work/err" | sort | xargs)"
server web
expect "joined: reached" "hello" "$(client 10.2.0.2)"
expect "joined: not here" "" "$(client 10.2.0.1)"
stop
expect "joined: no rights over it" "2" "$("$CALLGATE" run "$work/web.gate" -- \
	sh -c 'ip link set w1 down 2>/dev/null; echo $?' 2>"$work/err")"
expect "joined: as it was" "$before" "$(ip -n web -o addr)"
ip netns del web
"$CALLGATE" run "$work/web.gate" -- true 2>"$work/err"
expect "joined: gone" "125 1" "$? $(grep -c 'ip netns add web' "$work/err")"

# Two sandboxes in one bridge reach each other: the second asks the first.
server veth
sed 's/10.1.0.2/10.1.0.3/' "$work/veth.gate" >"$work/other.gate"
expect "veth: from another sandbox" "hello" "$("$CALLGATE" run \
	"$work/other.gate" -- nc -d -w 3 10.1.0.2 4444 2>"$work/err")"
stop

# A killed runner leaves no interface either.
server veth
kill -9 "$runner"
wait "$runner" 2>/dev/null
for _ in $(seq 50); do
	left=$(ip -o link show master br0)
	[ -z "$left" ] && break
	sleep 0.1
done
expect "nothing is left" "" "$left"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
