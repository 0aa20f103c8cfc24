#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Goal: no attack of `doctor --attack` gets out of the default sandbox, as
# root and as an ordinary user, and each attack that this machine lets us
# open up is reported OPEN where it is: a test that can't fail shows nothing.
# Method: the default sandbox in its three roots; then no sandbox at all,
# sandboxes of other tools with one hole each, and profiles with one line
# that relaxes.
# shellcheck disable=SC2154 # work and callers are from lib.sh
set -u
cd "$(dirname "$0")/../.." || exit 3
attack=$PWD/build/attack/callgate-attack
# shellcheck source=tests/scenarios/lib.sh disable=SC1091
. tests/scenarios/lib.sh
cp "$CALLGATE" "$work/callgate"
cp "$attack" "$work/attack"
CALLGATE=$work/callgate
mkdir "$work/root" && (cd "$work/root" && mkdir tmp proc dev) || exit 3

profile() {
	printf 'default allow;\nsandbox { %s }\n' "$2" >"$work/$1.gate"
}
profile default ''
profile empty 'root empty;'
profile chosen "root \"$work/root\";"

# states FILE: "name state" of each line of a table.
states() {
	awk '$1 ~ /^[0-9]+$/ { print $3, $2 }' "$1"
}

# What an ordinary user who runs this test has, nobody lets him drop.
kept=none status=0
[ "$(id -u)" = 0 ] || [ "$(id -G | wc -w)" = 1 ] || kept=groups status=1

# all_blocked WHO PROFILE
all_blocked() {
	local got
	as "$1" "$CALLGATE" doctor --attack "$work/$2.gate" >"$work/table" 2>&1
	got=$?
	grep -E '^score' "$work/table" >"$work/out"
	grep -E 'OPEN|error|note' "$work/table" |
		grep -v "OPEN  *$kept " >>"$work/out"
	if [ "$got" = "$status" ] && [ "$(wc -l <"$work/out")" = 1 ]; then
		good
	else
		bad "$2 as $1: exit $got"
	fi
}

# start NAME WHO ARGUMENT...: in the background, they mostly wait.
start() {
	local name=$1 who=$2
	shift 2
	as "$who" "$CALLGATE" doctor --attack "$@" >"$work/table.$name" 2>&1 &
}

# open_in NAME ATTACK...: at least these.
open_in() {
	local name=$1 one
	shift
	cp "$work/table.$name" "$work/out"
	states "$work/out" >"$work/states"
	for one; do
		check "$name: $one OPEN" grep -qx "$one OPEN" "$work/states"
	done
}

for who in $callers; do
	# The program is put there, by whom the root belongs to.
	[ "$(id -u)" != 0 ] || chown "$(as "$who" id -u)" "$work/root"
	for p in default empty chosen; do
		all_blocked "$who" "$p"
	done
done

# --- holes -------------------------------------------------------------------

profile net 'network host;'
profile fd 'fd keep 30;'
profile env 'env keep CALLGATE_ATTACK_SECRET;'
profile write 'write "/var/tmp"; rlimit core unlimited;'
printf 'arch x86_64, i386;\ndefault allow;\nsandbox { }\n' >"$work/i386.gate"
printf 'default allow;\n' >"$work/filter.gate"

holes() {
	local who=$1 p
	for p in net fd env write; do
		start "$p.$who" "$who" "$work/$p.gate"
	done
	[ "$(uname -m)" != x86_64 ] ||
		start "i386.$who" "$who" "$work/i386.gate"
	start "filter.$who" "$who" "$work/filter.gate"
	# No sandbox, and one that takes arguments apart.
	start "none.$who" "$who" --under env
	start "words.$who" "$who" --under "sh -c 'exec \$*' sh"
	wait
	open_in "net.$who" host_network abstract_sockets
	open_in "fd.$who" descriptors
	open_in "env.$who" environment
	open_in "write.$who" host_write runner_binary host_secrets \
		host_sockets core_dump
	[ ! -e "$work/table.i386.$who" ] || open_in "i386.$who" foreign_int80
	open_in "filter.$who" environment orphans host_process nested_users
	open_in "none.$who" runner_binary descriptors signals environment \
		keyring orphans host_write host_secrets setuid_file \
		capabilities nested_users host_process host_sockets \
		abstract_sockets host_network sysv_ipc message_queue
	# Where the kernel still has it for everybody.
	[ "$(cat /proc/sys/dev/tty/legacy_tiocsti 2>/dev/null)" = 0 ] ||
		open_in "none.$who" tiocsti tiocsti_high
	open_in "words.$who" arguments
}
for who in $callers; do
	holes "$who"
done

# As root without a sandbox nearly everything is possible, and harmless.
if [ "$(id -u)" = 0 ]; then
	open_in none.root remount uncover proc_redirect devices host_sysctls \
		release_agent kernel_admin kernel_log userfaultfd groups \
		setgroups init_takeover
	start shared root --under "unshare -m sh -c '
		mount --make-rshared /; exec \"\$@\"' sh"
	# A mount namespace and a root, but the host's processes, and the
	# place where it was.
	start chroot root --under "unshare -m --propagation private python3 -c '
import os, sys
os.system(\"mount -t tmpfs none /mnt; mkdir /mnt/proc; \"
          \"mount -t proc none /mnt/proc\")
f = os.open(sys.argv[1], 0)
os.chroot(\"/mnt\")
os.execve(f, sys.argv[1:], os.environ)'"
	wait
	open_in shared propagation
	open_in chroot cwd_outside proc_1_root other_namespaces
fi

# The bombs have no limit here, and stop by their own.
"$work/attack" forks pids=20 >"$work/out"
check "no limit of pids" grep -q '^fork_bomb.O.36 processes' "$work/out"
"$work/attack" memory memory=8000000 >"$work/out"
check "no limit of memory" grep -q '^memory_bomb.O.11 MiB' "$work/out"
# limited LINE ATTACK
limited() {
	profile limit "$1;"
	if ! "$CALLGATE" run "$work/limit.gate" -- true 2>/dev/null; then
		skip "attack: no cgroup for '$1'"
		return
	fi
	"$CALLGATE" doctor --attack "$work/limit.gate" >"$work/out" 2>&1
	states "$work/out" >"$work/states"
	check "$1" grep -qx "$2 blocked" "$work/states"
}
limited "pids 40" fork_bomb
limited "memory 32M" memory_bomb

# --- what is said where there is nothing to attack with -------------------------

printf 'default kill;\nallow execve;\nsandbox { }\n' >"$work/tight.gate"
expect "a filter too tight" 1 'E0893' "$CALLGATE" doctor --attack \
	"$work/tight.gate"
expect "a filter too tight, why" 1 'the filter does not let' "$CALLGATE" doctor \
	--attack "$work/tight.gate"
# Folders of its own, so that nobody else's files are taken for ours.
alone() {
	unshare -m sh -c "
		mount -t tmpfs none /mnt &&
		cp $work/callgate $work/default.gate /mnt &&
		mount -t tmpfs none /tmp && mount -t tmpfs $1 none /var/tmp &&
		/mnt/callgate doctor --attack /mnt/default.gate
		ls /tmp /var/tmp | grep callgate && echo left
		true" >"$work/out" 2>&1
}
if [ "$(id -u)" = 0 ]; then
	alone "-o ro"
	check "a full /var/tmp" grep -q "E0892.*'/var/tmp'" "$work/out"
	alone ""
	check "a table" grep -q '^score' "$work/out"
	check "nothing is left" eval "! grep -q '^left' '$work/out'"
fi
finish
