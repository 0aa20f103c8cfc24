#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# S19, strict mode.  Goal: read, write, exit and rt_sigreturn, plus the execve
# that starts it, are enough for a static program without a C library; and the
# pure four-call profile is loaded by a program itself.  Method: both are
# built here, copy a line, have a signal handled, and die of a fifth call.
# shellcheck disable=SC2154 # work and callers are from lib.sh
set -u
cd "$(dirname "$0")/../.." || exit 3
# shellcheck source=tests/scenarios/lib.sh disable=SC1091
. tests/scenarios/lib.sh
require cc "the programs are built here" || finish

four='read, write, exit, rt_sigreturn'
echo "default kill; allow $four;" >"$work/four.gate"
echo "default kill; allow $four, execve;" >"$work/strict.gate"
echo "default kill; allow $four, execve; sandbox { }" >"$work/box.gate"

# Copies its input; with an argument it asks for its process id.
cat >"$work/bare.c" <<'C'
#include <sys/syscall.h>

static long call(long nr, long a, long b, long c)
{
#if defined(__x86_64__)
	long got;

	__asm__ volatile("syscall" : "=a"(got)
			 : "a"(nr), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return got;
#elif defined(__aarch64__)
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x8 __asm__("x8") = nr;

	__asm__ volatile("svc 0" : "+r"(x0)
			 : "r"(x1), "r"(x2), "r"(x8) : "memory");
	return x0;
#endif
}

__attribute__((used)) void begin(long *stack)
{
	char text[64];
	long n;

	if (stack[0] > 1)
		call(SYS_getpid, 0, 0, 0);
	while ((n = call(SYS_read, 0, (long)text, sizeof(text))) > 0)
		call(SYS_write, 1, (long)text, n);
	call(SYS_exit, 7, 0, 0);
	for (;;)
		continue;
}

#if defined(__x86_64__)
__asm__(".globl _start\n_start: mov %rsp, %rdi\nand $-16, %rsp\ncall begin");
#elif defined(__aarch64__)
__asm__(".globl _start\n_start: mov x0, sp\nbl begin");
#endif
C

# Loads its filter, then waits for a signal that was asked for before.
cat >"$work/own.c" <<'C'
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "four.h"

static volatile sig_atomic_t ticks;

static void tick(int sig)
{
	(void)sig;
	ticks = 1;
}

int main(int argc, char **argv)
{
	struct sock_fprog prog = { filter_len, filter };
	const struct itimerval soon = { { 0, 0 }, { 0, 10000 } };
	char byte;

	(void)argv;
	signal(SIGALRM, tick);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    setitimer(ITIMER_REAL, &soon, NULL) ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog))
		return 1;
	while (!ticks)
		syscall(SYS_read, 0, &byte, 1);
	syscall(SYS_write, 1, "handled\n", 8);
	if (argc > 1)
		syscall(SYS_getpid);
	syscall(SYS_exit, 7);
}
C

# The file's name is in the comments; it must not end one, nor a line.
mkdir "$work/a*"
name="$work/a*/"$'new\nline.gate'
cp "$work/four.gate" "$name"
expect "the four calls as C" 0 '' \
	"$CALLGATE" compile --to c -o "$work/four.h" "$name"
check "a program without a C library is built" cc -O2 -static -nostdlib \
	-ffreestanding -fno-stack-protector -fno-pie -no-pie -o "$work/bare" \
	"$work/bare.c"
check "a program with its own filter is built" cc -O2 -Wall -Wextra -Werror \
	-o "$work/own" "$work/own.c"
chmod 755 "$work/bare" "$work/own"

# copies PROFILE: the line goes through, and the status is the program's.
copies() {
	echo 'through the filter' | as "$who" "$CALLGATE" run "$1" -- \
		"$work/bare" >"$work/out" 2>&1
	[ $? = 7 ] && [ "$(cat "$work/out")" = 'through the filter' ]
}

for who in $callers; do
	for profile in strict box; do
		gate=$work/$profile.gate
		check "$who, $profile: copies a line" copies "$gate"
		expect "$who, $profile: a fifth call kills" 159 E0813 \
			as "$who" "$CALLGATE" run "$gate" -- "$work/bare" x
		expect "$who, $profile: and is named" 159 \
			'getpid() on .*: kill' as "$who" "$CALLGATE" run \
			--explain "$gate" -- "$work/bare" x
		# A C library needs more before main; it is not even started.
		expect "$who, $profile: not enough for a C library" 125 E0888 \
			as "$who" "$CALLGATE" run "$gate" -- "$work/own"
	done
	expect "$who: without execve nothing starts" 125 E0803 \
		as "$who" "$CALLGATE" run "$work/four.gate" -- "$work/bare"
	expect "$who: a program's own filter" 7 '^handled$' \
		as "$who" "$work/own"
	# The shell says how it ended, after the signal was handled.
	expect "$who: which kills too" 159 '^handled$' \
		as "$who" sh -c "'$work/own' x; exit \$?"
done
finish
