#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# S4, port 25.  Goal: without capabilities the port is refused; with
# `keep net_bind_service` a non-root user serves it, through a shell and
# whatever else execs on the way (ambient), and holds nothing else.  Method:
# nc as server and client in one sandbox, started by root and by an ordinary
# user; other programs between.
# shellcheck disable=SC2016 # for the shells inside
# shellcheck disable=SC2154 # work and callers are from lib.sh
set -u
cd "$(dirname "$0")/../.." || exit 3
# shellcheck source=tests/scenarios/lib.sh disable=SC1091
. tests/scenarios/lib.sh

echo 'default allow; sandbox { }' >"$work/none.gate"
echo 'default allow; sandbox { keep net_bind_service; }' >"$work/kept.gate"
echo 'default allow; sandbox { keep @docker; drop net_bind_service; }' \
	>"$work/other.gate"
chmod 644 "$work"/*.gate

# The client tries until the server is there, or has given up.
talk='"$@" nc -l -p 25 >/tmp/got 2>/tmp/err &
	server=$!
	until echo ping | nc -N -w 1 127.0.0.1 25 2>/dev/null; do
		kill -0 $server 2>/dev/null || break
		sleep 0.05
	done
	wait $server
	code=$?
	cat /tmp/got /tmp/err
	echo "user $(id -u) $(grep CapEff /proc/self/status)"
	exit $code'

require nc "package netcat-openbsd" || finish
for who in $callers; do
	run=(as "$who" "$CALLGATE" run)
	for between in '' env 'nice env'; do
		# shellcheck disable=SC2086 # words
		expect "$who: kept, $between" 0 '^ping$' "${run[@]}" \
			"$work/kept.gate" -- sh -c "$talk" sh $between
		if grep -q '^user [1-9][0-9]* CapEff:.0000000000000400$' \
			"$work/out"; then
			good
		else
			bad "$who: not root, and nothing else held"
		fi
	done
	expect "$who: none" 1 'Permission denied' "${run[@]}" \
		"$work/none.gate" -- sh -c "$talk" sh
	expect "$who: all others" 1 'Permission denied' "${run[@]}" \
		"$work/other.gate" -- sh -c "$talk" sh
	expect "$who: by option" 0 '^ping$' "${run[@]}" \
		--keep net_bind_service "$work/none.gate" -- sh -c "$talk" sh
done
finish
