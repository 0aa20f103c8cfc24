#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# S16, setuid and file capabilities.  Goal: a setuid file and a file with
# capabilities gain nothing: behind a filter alone, in a sandbox, in one that
# keeps capabilities, and in one with open securebits; what is kept is held
# through them all the same.  Method: copies of id and grep with the bit and
# the attribute, which do gain outside, in a file system of the test's own
# that allows both.
# shellcheck disable=SC2016 # for the shells inside
# shellcheck disable=SC2154 # work and callers are from lib.sh
set -u
cd "$(dirname "$0")/../.." || exit 3
if [ "$(id -u)" = 0 ] && [ "${1-}" != inside ]; then
	# A mount namespace of its own: nobody else ever sees these files.
	exec unshare --mount --propagation private -- "$0" inside
fi
# shellcheck source=tests/scenarios/lib.sh disable=SC1091
. tests/scenarios/lib.sh
if [ "$(id -u)" != 0 ]; then
	skip "only root can make such files"
	finish
fi
require setcap "package libcap2-bin" || finish

files=$work/files
mkdir "$files"
mount -t tmpfs -o mode=755 tmpfs "$files" || exit 3
cp "$(command -v id)" "$files/id"
chmod 4755 "$files/id"
cp "$(command -v grep)" "$files/grep"
setcap cap_net_raw,cap_sys_admin+ep "$files/grep" || exit 3
echo 'default allow; deny mkdir;' >"$work/plain.gate"
echo 'default allow; sandbox { }' >"$work/none.gate"
echo 'default allow; sandbox { keep net_bind_service; }' >"$work/kept.gate"
echo 'default allow; sandbox { keep net_bind_service; securebits open; }' \
	>"$work/open.gate"
chmod 644 "$work"/*.gate
caps=("$files/grep" CapEff /proc/self/status)

# Outside both gain: the test's own ground.
expect "setuid, outside" 0 '^0$' as user "$files/id" -u
expect "capabilities, outside" 0 '0000000000202000$' as user "${caps[@]}"

as_before() { # PROFILE SET
	local run=(as "$who" "$CALLGATE" run "$work/$1.gate" --) uid
	uid=$(as "$who" "$CALLGATE" run "$work/$1.gate" -- id -u)
	expect "$who: setuid, $1" 0 "^$uid\$" "${run[@]}" "$files/id" -u
	expect "$who: setuid, real, $1" 0 "^$uid\$" "${run[@]}" \
		"$files/id" -ru
	expect "$who: capabilities, $1" 0 "$2\$" "${run[@]}" "${caps[@]}"
	[ "$1" != plain ] || return
	expect "$who: a shell between, $1" 0 "$2\$" as "$who" "$CALLGATE" \
		run --workdir "$files" "$work/$1.gate" -- sh -c \
		'"$0" -u >/dev/null && exec "$@"' "$files/id" "${caps[@]}"
}

for who in $callers; do
	as_before none 0000000000000000
	as_before kept 0000000000000400
	as_before open 0000000000000400
done
who=user
as_before plain 0000000000000000
# Root inside, by a map: the file's owner is not mapped, and root is nobody.
for who in $callers; do
	if as "$who" "$CALLGATE" run --user 0:0 "$work/none.gate" -- true \
		>"$work/out" 2>&1; then
		run=(as "$who" "$CALLGATE" run --user 0:0)
		expect "$who: root inside" 0 '0000000000000000$' "${run[@]}" \
			"$work/none.gate" -- "${caps[@]}"
		expect "$who: root inside, kept" 0 '0000000000000400$' \
			"${run[@]}" "$work/kept.gate" -- "${caps[@]}"
		expect "$who: root inside, open" 0 '0000000000000400$' \
			"${run[@]}" "$work/open.gate" -- "${caps[@]}"
	else
		skip "$who: root inside: $(head -1 "$work/out")"
	fi
done
umount "$files"
finish
