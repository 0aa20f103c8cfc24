#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# S1, mkdir-deny: one denial in Docker's old JSON, its new form and two lines
# of our language.  Goal: `mkdir test` is refused and nothing else is, and a
# container runtime that loads the same JSON behaves the same.  Method: real
# mkdir behind `callgate run`, then a busybox bundle under crun or runc.
set -u
cd "$(dirname "$0")/../.." || exit 3
: "${CALLGATE:=$PWD/build/callgate}"
passed=0 failed=0 skipped=0
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
export LC_ALL=C

good() {
	passed=$((passed + 1))
}

bad() {
	failed=$((failed + 1))
	echo "FAIL $1"
	sed 's/^/    | /' "$work/out"
}

# expect WHAT STATUS TEXT COMMAND...: both must match (TEXT may be empty).
expect() {
	local what=$1 status=$2 text=$3 got
	shift 3
	"$@" >"$work/out" 2>&1 </dev/null
	got=$?
	if [ "$got" = "$status" ] &&
		{ [ -z "$text" ] || grep -q "$text" "$work/out"; }; then
		good
	else
		bad "$what: exit $got, want $status and '$text'"
	fi
}

cat >"$work/new.json" <<'JSON'
{ "defaultAction": "SCMP_ACT_ALLOW",
  "syscalls": [ { "names": ["mkdir", "mkdirat"],
		  "action": "SCMP_ACT_ERRNO" } ] }
JSON
echo 'default allow; deny mkdir, mkdirat;' >"$work/two.gate"

for profile in profiles/apps/mkdir-deny.json "$work/new.json" \
	"$work/two.gate"; do
	name=$(basename "$profile")
	mkdir "$work/dir"
	expect "$name: check" 0 '' "$CALLGATE" check "$profile"
	expect "$name: mkdir" 1 'Operation not permitted' \
		"$CALLGATE" run "$profile" -- mkdir "$work/dir/test"
	expect "$name: mkdir -p" 1 'Operation not permitted' \
		"$CALLGATE" run "$profile" -- mkdir -p "$work/dir/a/b"
	expect "$name: touch" 0 '' \
		"$CALLGATE" run "$profile" -- touch "$work/dir/file"
	# shellcheck disable=SC2016 # for the confined shell
	expect "$name: a pipeline" 0 '^ok$' "$CALLGATE" run "$profile" -- \
		sh -c 'echo ok | cat && cp "$0/file" "$0/copy" && rm "$0/copy"' \
		"$work/dir"
	expect "$name: the command's own status" 7 '' \
		"$CALLGATE" run "$profile" -- sh -c 'exit 7'
	expect "$name: explained" 0 'deny(EPERM)' \
		"$CALLGATE" explain "$profile" 'mkdir("test", 0o755)'
	"$CALLGATE" compile "$profile" -o "$work/$name.bpf" \
		>"$work/out" 2>&1 || bad "$name: compile"
	[ "$(ls "$work/dir")" = file ] || bad "$name: something was made"
	rm -r "$work/dir"
done

# Three spellings, one program.
for name in new.json two.gate; do
	if cmp -s "$work/mkdir-deny.json.bpf" "$work/$name.bpf" &&
		[ -s "$work/$name.bpf" ]; then
		good
	else
		bad "$name is another program than mkdir-deny.json"
	fi
done

# --- under a container runtime ---------------------------------------------------

# What both sides run: each line tells whether one thing was possible.
# shellcheck disable=SC2016 # for the shell in the container
task='b=/bin/busybox; cd /tmp; $b mkdir test && echo made; $b touch file &&
	echo touched; $b mkdir -p a/b && echo nested; $b ls'

# The runtime's seccomp block is ours with `names`, as runtimes read it.
bundle() {
	mkdir -p "$work/oci/rootfs/bin" "$work/oci/rootfs/tmp" \
		"$work/oci/rootfs/proc" "$work/oci/rootfs/dev"
	cp "$(command -v busybox)" "$work/oci/rootfs/bin/busybox"
	cat >"$work/oci/config.json" <<JSON
{ "ociVersion": "1.0.0",
  "process": { "terminal": false, "user": { "uid": 0, "gid": 0 },
    "args": ["/bin/busybox", "sh", "-c", "$(echo "$task" | tr -s '\n\t' '  ')"],
    "env": ["PATH=/bin"], "cwd": "/", "noNewPrivileges": true },
  "root": { "path": "rootfs", "readonly": false },
  "hostname": "box",
  "mounts": [ { "destination": "/proc", "type": "proc", "source": "proc" } ],
  "linux": { "namespaces": [ { "type": "pid" }, { "type": "mount" },
      { "type": "ipc" }, { "type": "uts" } ]$1 } }
JSON
	rm -rf "$work/oci/rootfs/tmp/"*
}

# Some runtimes refuse the cgroup layout of some machines.  The last way
# covers it with an empty tmpfs, in a mount namespace that ends with the run.
runtime() {
	local id=callgate-s1-$$-$RANDOM
	case $1 in
	crun) crun --cgroup-manager=disabled run -b "$work/oci" $id ;;
	runc) runc run -b "$work/oci" $id ;;
	crun-covered)
		# shellcheck disable=SC2016 # for the inner shell
		unshare --mount --propagation private sh -c '
			mount -t tmpfs none /sys && mkdir -p /sys/fs/cgroup &&
			exec crun --cgroup-manager=disabled run -b "$0" "$1"' \
			"$work/oci" $id
		;;
	esac </dev/null 2>&1
}

works() {
	command -v "${1%-covered}" >/dev/null || return
	bundle ''
	runtime "$1" >"$work/out"
	grep -q made "$work/out" && grep -q touched "$work/out"
}

if ! command -v busybox >/dev/null; then
	echo "skip: container runtime: no static busybox to run"
	skipped=$((skipped + 1))
else
	chosen=''
	for each in crun crun-covered runc; do
		works $each && chosen=$each && break
	done
	if [ -z "$chosen" ]; then
		echo "skip: container runtime: neither crun nor runc starts" \
			"a container here ($(tail -n 1 "$work/out"))"
		skipped=$((skipped + 1))
	else
		bundle ", \"seccomp\": $(cat "$work/new.json")"
		runtime "$chosen" >"$work/out"
		if [ "$(grep -c 'Operation not permitted' "$work/out")" = 2 ] &&
			grep -q touched "$work/out" &&
			! grep -qE 'made|nested' "$work/out"; then
			good
		else
			bad "$chosen with the same JSON"
		fi
	fi
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
