#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Goal: tables that contradict themselves do not build.
# Method: copies of abi/*.csv with one mistake each, given to the program
# that makes them C; it must fail and name the place.
set -u

root=$(cd "$(dirname "$0")/../.." && pwd)
tables=$root/build/generate/tables
dir=$(mktemp -d) || exit 3
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0

# refused KIND FILE SED-SCRIPT MESSAGE
refused() {
	cp "$root"/abi/*.csv "$dir"
	sed -i "$3" "$dir/$2"
	if cmp -s "$root/abi/$2" "$dir/$2"; then
		echo "$2: '$3' changes nothing"
		failed=$((failed + 1))
		return
	fi
	if "$tables" "$1" "$dir" >/dev/null 2>"$dir/said"; then
		echo "$2: '$3' was accepted"
		failed=$((failed + 1))
	elif ! grep -q "^$dir/[a-z_]*\.csv:[0-9]*: .*$4" "$dir/said"; then
		echo "$2: '$3' gave: $(cat "$dir/said")"
		failed=$((failed + 1))
	else
		passed=$((passed + 1))
	fi
}

cp "$root"/abi/*.csv "$dir"
for kind in syscalls constants; do
	if "$tables" $kind "$dir" >/dev/null; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
	fi
done

# shellcheck disable=SC2016
{
	refused syscalls syscalls.csv '/^accept,/d;$a accept,43,,,,,,,' \
		'not in order'
	refused syscalls syscalls.csv 's/^accept,43,/accept,44,/' \
		'a number of x86_64 twice'
	refused syscalls syscalls.csv 's/^name,/nom,/' 'columns'
	refused syscalls syscalls.csv '2s/$/,1/' 'more than 9 cells'
	refused syscalls signatures.csv '/^accept,/s/ptr@1/ptr@0/' \
		'register 0 twice'
	refused syscalls signatures.csv '/^accept,/s/ptr@1/ptr@6/' 'too high'
	refused syscalls signatures.csv '/^accept,/s/addr|/fd|addr|/' \
		"'fd' names two"
	refused syscalls signatures.csv '/^accept,/s/addr|/any|addr|/' \
		"'any' is a reserved word"
	refused syscalls signatures.csv '/^accept,/s/addr|/reg0|addr|/' \
		"'reg0' is a reserved word"
	refused syscalls signatures.csv '/^accept,/s/s32@0/s33@0/' \
		'no such type'
	refused syscalls signatures.csv '/^accept,/s/x86_64/x86_65/' \
		"no ABI is called 'x86_65'"
	refused syscalls signatures.csv '/^accept,/p' 'twice'
	refused syscalls overrides.csv '/^umask,/s/u16/u64/' 'wider'
	refused syscalls overrides.csv '/^umask,/s/u16/s32/' 'narrows nothing'
	refused syscalls overrides.csv '/^umask,/s/umask,/umazk,/' \
		"no call is named 'umazk'"
	refused syscalls argument_families.csv 's/,socket-domain$/,socket/' \
		"no family is called 'socket'"
	refused syscalls argument_families.csv 's/,domain,/,dom,/' \
		'has none of these'
	refused syscalls twins.csv 's/openat2/openat3/' \
		"no call is named 'openat3'"
	refused constants constants.csv '/^AF_UNIX,/s/,1$/,one/' \
		"'one' is no number"
	refused constants constants.csv '/^AF_UNIX,/s/socket-domain/sockets/' \
		"no family is called 'sockets'"
	refused constants constants.csv '/^AF_UNIX,/s/,1$/,1 mips:2/' \
		"no ABI is called 'mips'"
	refused constants constants.csv '/^AF_UNIX,/p' 'not in order'
	refused constants families.csv '$a empty,X_*,value,,' \
		'no constant is in it'
}

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
