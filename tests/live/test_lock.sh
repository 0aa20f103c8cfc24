#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Goal: a command that keeps sys_admin can mount, but not undo the sandbox's
# own mounts: covers stay, read-only stays, shields of /proc stay, in the
# sandbox and in what exec starts there, and no user namespace is a way out.
# Method: the attempts in real sandboxes, as root and as an ordinary user who
# owns files below a cover and on the read-only tree; each attempt's result is
# looked at, not its message.
# shellcheck disable=SC2016 # for the shells inside
# shellcheck disable=SC2154 # work and callers are from lib.sh
set -u
cd "$(dirname "$0")/../.." || exit 3
# shellcheck source=tests/scenarios/lib.sh disable=SC1091
. tests/scenarios/lib.sh
unset XDG_RUNTIME_DIR
name=lock-$$

end() {
	local who
	for who in $callers; do
		as "$who" "$CALLGATE" stop --time 0 "$name" >/dev/null 2>&1
	done
	rm -rf "$work"
}
trap end EXIT

cat >"$work/box.gate" <<'GATE'
default allow;
sandbox { keep sys_admin; hide "/proc/uptime"; readonly "/proc/sys"; }
GATE
# What is below /var/tmp is covered; /var/tmp is the host's own.
mkdir -m 777 "$work/own"
echo secret >"$work/own/file"
chmod 666 "$work/own/file"
# The attempts, and what is left after them, one word each.
cat >"$work/try.sh" <<'SH'
exec 2>/dev/null
file=$1
mount -t tmpfs none /tmp && mkdir /tmp/a /tmp/b && echo mounts
umount /var/tmp; umount -l /var/tmp; umount /tmp; umount /tmp; umount -l /tmp
[ -e "$file" ] && echo uncovered
mkdir -p /tmp/a /tmp/b
mount --bind / /tmp/a && [ -e "/tmp/a$file" ] && echo bound
mount --rbind / /tmp/a && umount -l /tmp/a/var/tmp
[ -e "/tmp/a$file" ] && echo bound
umount -l /tmp/a
mount -o remount,bind,rw /
mount -o remount,bind,rw /usr
mount -o remount,bind,suid,exec,dev /tmp
grep -q ' / / rw' /proc/self/mountinfo && echo writable
grep ' / ' /proc/self/mountinfo | grep -qv nosuid && echo suid
umount /proc/uptime; umount -l /proc/uptime
[ -s /proc/uptime ] && echo unhidden
mount -t proc none /tmp/b && echo proc
umount /proc/sys; umount -l /proc; umount /proc
mount -o remount,bind,rw /proc/sys
echo 7 >/proc/sys/user/max_user_namespaces && echo limit
unshare --mount sh -c 'umount /var/tmp; [ -e "$1" ]' sh "$file" && echo copy
unshare --user true && echo users
unshare --net true && echo networks
nsenter --mount=/proc/1/ns/mnt true && echo init
echo end
SH
chmod 644 "$work"/*.gate "$work/try.sh"

# tries WHAT COMMAND...: only mounts of its own succeed.
tries() {
	local what=$1 got
	shift
	got=$("$@" <"$work/try.sh" 2>"$work/out" | tr '\n' ' ')
	if [ "$got" = 'mounts end ' ]; then
		good
	else
		bad "$what: $got"
	fi
}

for who in $callers; do
	# Without the capability nothing is mounted, and nothing undone.
	expect "$who: control" 32 '' as "$who" "$CALLGATE" run \
		--drop sys_admin "$work/box.gate" -- mount -t tmpfs none /tmp
	tries "$who: run" as "$who" "$CALLGATE" run "$work/box.gate" -- \
		sh -s "$work/own/file"
	expect "$who: start" 0 '' as "$who" "$CALLGATE" run -d --name "$name" \
		"$work/box.gate" -- sh -c 'mount -t tmpfs mine /tmp; sleep 1000'
	expect "$who: exec sees its mounts" 0 '^mine /tmp' as "$who" \
		"$CALLGATE" exec "$name" -- sh -c \
		'until grep "^mine" /proc/mounts; do sleep 0.05; done'
	tries "$who: exec" as "$who" "$CALLGATE" exec "$name" -- \
		sh -s "$work/own/file"
	expect "$who: stop" 0 '' as "$who" "$CALLGATE" stop --time 0 "$name"
	# Landlock, where the profile's lines turn it on, refuses every mount.
	expect "$who: a chosen root" 2 'Read-only file system' as "$who" \
		"$CALLGATE" run --root empty --read /usr --exec @loader \
		--exec /usr "$work/box.gate" -- sh -c \
		'mount -o remount,bind,rw / 2>/dev/null; : >/x'
done
finish
