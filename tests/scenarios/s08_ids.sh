#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# S8, identity.  Goal: root inside is nobody outside, with one id and with a
# subordinate range of 65,536 through newuidmap, and setgroups is denied.
# Method: sandboxes by root and by an ordinary user look at themselves, and
# the host at the files that they leave; the user's subordinate ids are in
# files that a mount namespace of this script shows in place of /etc's.
# shellcheck disable=SC2154 # work and callers are from lib.sh
set -u
cd "$(dirname "$0")/../.." || exit 3
if [ "$(id -u)" = 0 ] && [ -z "${CALLGATE_S08:-}" ]; then
	CALLGATE_S08=1 exec unshare --mount --propagation private "$0"
fi
# shellcheck source=tests/scenarios/lib.sh disable=SC1091
. tests/scenarios/lib.sh

# Ids that no lease has and no other run of this names.
base=$((2000000000 + $$ % 30000 * 65536))
echo 'default allow; sandbox { user 0; }' >"$work/one.gate"
echo 'default allow; sandbox { user 0; map auto; }' >"$work/auto.gate"
echo 'default allow; sandbox { user 0; map uid 0 BASE 65536;
	map gid 0 BASE 65536; }' | sed "s/BASE/$base/g" >"$work/range.gate"
cat >"$work/become.py" <<'PYTHON'
import os
for name, call in [("setgroups", lambda: os.setgroups([])),
                   ("setuid", lambda: os.setuid(1)),
                   ("setgid", lambda: os.setgid(1))]:
    try:
        call()
        print(name, "done")
    except OSError as e:
        print(name, e.strerror)
PYTHON
# shellcheck disable=SC2016 # for the confined shell
look='id -u; id -g; id -G; sed "s/^ */map /; s/  */ /g" /proc/self/uid_map
	grep CapEff /proc/self/status; cat /etc/shadow; head -n 1 /etc/passwd
	python3 -c "$0"'
line() {
	check "$1" grep -qx -- "$2" "$work/out"
}

# Root of the sandbox, with no right at all.
powerless() {
	expect "$who: $1" 0 '' as "$who" "$CALLGATE" run "$2" -- \
		sh -c "$look" "$(cat "$work/become.py")"
	check "$who: $1: uid, gid and no other group" \
		[ "$(head -n 3 "$work/out" | tr '\n' ' ')" = '0 0 0 ' ]
	line "$who: $1: no capability" 'CapEff:	0000000000000000'
	line "$who: $1: root's files are closed" \
		'cat: /etc/shadow: Permission denied'
	line "$who: $1: the others are there" 'root:x:0:0:.*'
	line "$who: $1: setgroups is denied" 'setgroups Operation not permitted'
	line "$who: $1: it can't become others" 'setuid .*\(permitted\|argument\)'
	line "$who: $1: nor their groups" 'setgid .*\(permitted\|argument\)'
}

for who in $callers; do
	powerless 'one id' "$work/one.gate"
	outside=$(awk '/^map 0 .* 1$/ { print $3 }' "$work/out")
	check "$who: outside it is not root ($outside)" [ "${outside:-0}" -gt 0 ]
	[ "$who" = user ] && expect 'user: and the kernel says so' 0 '^deny$' \
		as user "$CALLGATE" run "$work/one.gate" -- \
		cat /proc/self/setgroups
done

# --- subordinate ids ---
if [ "$(id -u)" != 0 ]; then
	skip "subordinate ids: only root can show other files in /etc"
	finish
fi
who=root
powerless 'a block' "$work/auto.gate"
check 'root: 65,536 ids' grep -qx 'map 0 [0-9]* 65536' "$work/out"
powerless 'a named range' "$work/range.gate"
line 'root: as named' "map 0 $base 65536"

# Ownership on the host: the folder's, or the range's where that has it.
mkdir "$work/theirs" "$work/range"
chown 12345:12345 "$work/theirs"
chown $((base + 33)):$((base + 33)) "$work/range"
for folder in theirs range; do
	owner=$(stat -c %u:%g "$work/$folder")
	[ "$folder" = range ] && user=(--user 33) || user=()
	expect "root: writes to $folder" 0 '' "$CALLGATE" run "${user[@]}" \
		--write "$work/$folder" "$work/range.gate" -- \
		touch "$work/$folder/new"
	check "root: $folder/new is $owner's" \
		[ "$(stat -c %u:%g "$work/$folder/new")" = "$owner" ]
done
expect "root: host id 0 is never mapped" 125 E0876 "$CALLGATE" run \
	--map uid:0:0:1 "$work/one.gate" -- true

require newuidmap 'package uidmap' || finish
who=user
mkdir "$work/etc"
cp /etc/passwd "$work/etc/passwd"
echo 'gatetest:x:12345:12345::/:/bin/sh' >>"$work/etc/passwd"
: >"$work/etc/subuid"
echo 'gatetest:800000:65536' >"$work/etc/subgid"
for file in passwd subuid subgid; do
	if ! [ -e /etc/$file ] ||
		! mount --bind "$work/etc/$file" /etc/$file 2>/dev/null; then
		skip "subordinate ids: /etc/$file can't be covered"
		finish
	fi
done
expect 'user: without a line in /etc/subuid' 125 \
	"add a line to '/etc/subuid': gatetest:100000:65536" \
	as user "$CALLGATE" run "$work/auto.gate" -- true
# What a user has been given is that user's to signal, so root leases none.
echo 'gatetest:524288:99999' >"$work/etc/subuid"
echo 'gatetest:600000:30000' >"$work/etc/subgid"
for profile in one auto; do
	check "root: no lease from a user's ids ($profile)" \
		[ "$("$CALLGATE" run "$work/$profile.gate" -- \
			cat /proc/self/uid_map | awk '{ print $2 }')" -gt 629999 ]
done
echo 'gatetest:700000:65536' >"$work/etc/subuid"
echo 'gatetest:800000:65536' >"$work/etc/subgid"
powerless 'a subordinate range' "$work/auto.gate"
line 'user: root inside is the caller' 'map 0 12345 1'
line 'user: 65,536 more' 'map 1 700000 65536'
expect 'user: without the caller' 0 '^ *0 *700000 *65536$' as user \
	"$CALLGATE" run --map uid:0:700000:65536 --map gid:0:800000:65536 \
	"$work/one.gate" -- cat /proc/self/uid_map
expect 'user: its groups are given up' 0 '^0$' as user setpriv \
	--no-new-privs "$CALLGATE" run "$work/one.gate" -- id -G
expect 'user: not more than the files say' 125 E0877 as user "$CALLGATE" run \
	--map uid:0:700000:65537 "$work/one.gate" -- true
expect 'user: not where setuid is off' 125 'it says: newuidmap: ' as user \
	setpriv --no-new-privs "$CALLGATE" run "$work/auto.gate" -- true
line 'user: that is named' ' *= note: the caller has no_new_privs.*'
expect 'user: the plan shows it' 0 'uids 1..65536 inside are 700000..765535' \
	as user "$CALLGATE" run --dry-run "$work/auto.gate" -- true
finish
