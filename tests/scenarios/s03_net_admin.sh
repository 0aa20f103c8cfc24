#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# S3, an interface down.  Goal: root without CAP_NET_ADMIN can't set an
# interface down; with it kept, in a net namespace of its own, it can, and
# never the host's.  Method: ip(8) in sandboxes, as root inside and as another
# user, started by root and by an ordinary user; the host's lo stays up.
# shellcheck disable=SC2016 # for the shells inside
# shellcheck disable=SC2154 # work and callers are from lib.sh
set -u
cd "$(dirname "$0")/../.." || exit 3
# shellcheck source=tests/scenarios/lib.sh disable=SC1091
. tests/scenarios/lib.sh

echo 'default allow; sandbox { }' >"$work/none.gate"
echo 'default allow; sandbox { keep net_admin; }' >"$work/admin.gate"
echo 'default allow; sandbox { keep net_admin; network host; }' \
	>"$work/host.gate"
echo 'default allow; sandbox { keep @all; drop net_admin, sys_ptrace; }' \
	>"$work/all.gate"
chmod 644 "$work"/*.gate
down='ip link set lo down && ip -br link show lo'
before=$(ip -br link show lo 2>&1)

down_as() { # OPTION...
	local run=(as "$who" "$CALLGATE" run "$@")
	expect "$who $*: none" 2 'Operation not permitted' "${run[@]}" \
		"$work/none.gate" -- sh -c "$down"
	expect "$who $*: all but one" 2 'Operation not permitted' "${run[@]}" \
		"$work/all.gate" -- sh -c "$down"
	expect "$who $*: kept" 0 '^lo  *DOWN' "${run[@]}" \
		"$work/admin.gate" -- sh -c "$down"
	expect "$who $*: the host's" 2 'Operation not permitted' "${run[@]}" \
		"$work/host.gate" -- sh -c "$down"
}

require ip "package iproute2" || finish
for who in $callers; do
	down_as
	if as "$who" "$CALLGATE" run --user 0:0 "$work/none.gate" -- \
		sh -c '[ "$(id -u)" = 0 ]' >"$work/out" 2>&1; then
		down_as --user 0:0
	else
		skip "$who: root inside: $(head -1 "$work/out")"
	fi
done
if [ "$(ip -br link show lo 2>&1)" = "$before" ]; then
	good
else
	bad "the host's lo has changed"
fi
finish
