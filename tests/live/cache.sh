#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Goal: a run finds what an earlier one compiled only while that is still
# true and nobody else could have written it; and never runs anything else.
# Method: an entry that is used keeps its inode, one that is not gets a new
# one by the rename; what the command may do shows which policy it is under.
cd "$(dirname "$0")/../.." || exit 3
# shellcheck disable=SC1091 # it sets $work
. tests/scenarios/lib.sh
unset CALLGATE_CACHE
who=user
# shellcheck disable=SC2154
if [ "$(id -u)" = 0 ]; then
	chown 12345:12345 "$work"
fi
export XDG_CACHE_HOME=$work/cache HOME=$work
folder=$work/cache/callgate
as user mkdir "$work/cache"

run() { as $who "$CALLGATE" run "$@"; }
entries() { find "$folder" -type f 2>/dev/null | wc -l; }
inode() { stat -c %i "$folder"/*; }
profile() { printf '%s\n' "$@" >"$work/p.gate"; }
# unused|used WHAT: does the next run make the entry anew?
used() {
	local before
	before=$(inode)
	expect "$1" 0 '' run "$work/p.gate" -- /bin/true
	check "$1: the entry is used" test "$before" = "$(inode)"
}
unused() {
	local before
	before=$(inode)
	expect "$1" 0 '' run "$work/p.gate" -- /bin/true
	check "$1: the entry is made anew" test "$before" != "$(inode)"
}
mkdir_in() { run "$work/p.gate" -- /bin/sh -c "mkdir $1 && rmdir $1"; }

profile 'default allow;' 'include "inner.gate";'
echo 'deny mkdir, mkdirat, io_uring_setup;' >"$work/inner.gate"
expect "first" 0 '' run "$work/p.gate" -- /bin/true
check "one entry" test "$(entries)" = 1
check "closed to others" test "$(stat -c %a "$folder")" = 700
used "second"
expect "the same filter" 1 'not permitted' mkdir_in "$work/d"
used "third"

# What it depends on.
echo 'deny rmdir;' >"$work/inner.gate"
unused "a changed include"
expect "the new policy" 1 'failed to remove' mkdir_in "$work/d"
rmdir "$work/d"
profile 'default allow;'
unused "a changed profile"
expect "the newest policy" 0 '' mkdir_in "$work/d"
used "unchanged again"
expect "--no-cache" 0 '' run --no-cache "$work/p.gate" -- /bin/true
expect "off by environment" 0 '' \
	env CALLGATE_CACHE=off "$CALLGATE" run "$work/p.gate" -- /bin/true
check "neither adds one" test "$(entries)" = 1
expect "options" 0 '' run --sandbox --hostname x "$work/p.gate" -- /bin/true
check "options have an entry of their own" test "$(entries)" = 2
if setarch "$(uname -m)" --uname-2.6 true 2>/dev/null; then
	as user setarch "$(uname -m)" --uname-2.6 "$CALLGATE" run \
		"$work/p.gate" -- /bin/true >"$work/out" 2>&1
	check "another kernel has, too" test "$(entries)" = 3
else
	skip "no setarch --uname-2.6"
fi

# What others could have touched.
rm -rf "${folder:?}"/*
expect "again" 0 '' run "$work/p.gate" -- /bin/true
for at in 3 20 60 200; do
	printf '\377' | dd of="$(echo "$folder"/*)" bs=1 seek=$at \
		conv=notrunc status=none
	unused "a changed byte at $at"
done
truncate -s 100 "$folder"/*
unused "a cut entry"
chmod 644 "$folder"/*
unused "an entry that others can read"
chmod 750 "$folder"
expect "an open folder" 0 'W0895' run "$work/p.gate" -- /bin/true
chmod 700 "$folder"
used "closed again"
mv "$folder" "$work/elsewhere"
ln -s "$work/elsewhere" "$folder"
expect "a link" 0 'W0895' run "$work/p.gate" -- /bin/true
rm "$folder"
if [ "$(id -u)" = 0 ]; then
	mkdir -m 755 "$folder"
	expect "another's folder" 0 'W0895' run "$work/p.gate" -- /bin/true
	check "is left alone" test "$(entries)" = 0
	rmdir "$folder"
fi
mv "$work/elsewhere" "$folder"

# Many at once, and no room.
rm -f "$folder"/*
for _ in 1 2 3 4 5 6 7 8; do
	run "$work/p.gate" -- /bin/sh -c 'echo done' &
done >"$work/out" 2>&1
wait
check "eight writers" test "$(grep -c '^done$' "$work/out")" = 8
check "leave one entry" test "$(entries)" = 1
rm -f "$folder"/*
no_room() { (ulimit -f 0 && run "$work/p.gate" -- /bin/true); }
expect "a file that can't grow" 0 '' no_room
check "leaves nothing" test "$(entries)" = 0
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
	# shellcheck disable=SC2016 # the inner shell has its own dollars
	full() {
		unshare -m sh -c 'mount -t tmpfs -o size=4k,uid=12345,mode=700 \
			none "$1" && head -c 9999 /dev/zero >"$1/new" 2>&-
			shift; exec "$@"' - "$folder" setpriv --reuid 12345 \
			--clear-groups "$CALLGATE" run "$work/p.gate" -- \
			/bin/sh -c "echo ran; ls $folder"
	}
	expect "a full disk" 0 '^ran$' full
	check "leaves nothing there" \
		test "$(grep -v '^ran$' "$work/out")" = new
	# shellcheck disable=SC2016
	roots() {
		unshare -m sh -c 'mount -t tmpfs none /var/cache && "$@" &&
			stat -c "%a %u" /var/cache/callgate' - \
			env CALLGATE_CACHE= "$CALLGATE" run "$work/r.gate" -- \
			/bin/true
	}
	echo 'default allow;' >"$work/r.gate"
	expect "root's is in /var/cache" 0 '^700 0$' roots
fi

# Found or compiled, the plan is the same.
profile 'default allow;' 'deny mkdir;' \
	'sandbox { hostname "h"; env set A "b c"; rlimit nofile 50;' \
	'tmpfs "/srv" size 1M; timeout 20s; umask 0o77; }'
rm -f "$folder"/*
run --dry-run "$work/p.gate" -- /bin/true >"$work/compiled" 2>&1
run --dry-run "$work/p.gate" -- /bin/true >"$work/found" 2>&1
check "one plan" cmp "$work/compiled" "$work/found"
check "and a real one" grep -q "nofile" "$work/found"
profile 'default allow;' 'deny ptrace, process_vm_readv, pidfd_getfd,' \
	'process_vm_writev, kcmp, process_madvise;' \
	'sandbox { keep sys_ptrace; }'
run --dry-run "$work/p.gate" -- /bin/true >"$work/compiled" 2>&1
run --dry-run "$work/p.gate" -- /bin/true >"$work/found" 2>&1
check "one plan with a capability" cmp "$work/compiled" "$work/found"
check "and it is planned" grep -q sys_ptrace "$work/found"

# What it maps: itself.
profile 'default allow;'
expect "maps" 0 '' run "$work/p.gate" -- /bin/true
if [ -z "${SANITIZED:-}" ]; then
	# shellcheck disable=SC2016 # the command's own PPID
	expect "maps of the runner" 0 '' run "$work/p.gate" -- \
		/bin/sh -c 'cat /proc/$PPID/maps'
	check "no library" test -z \
		"$(awk '$6 ~ "^/" && $6 !~ "/callgate$|^/dev/zero"' \
			"$work/out")"
	check "only itself" grep -q '/callgate$' "$work/out"
fi
finish
