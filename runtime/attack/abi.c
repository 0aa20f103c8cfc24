/* SPDX-License-Identifier: Apache-2.0 */
/*
 * abi.c - attacks by calls that a filter for one ABI overlooks
 */
#include <limits.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/attack/attack.h"

#if defined(__x86_64__)
enum { I386_GETPID = 20, X32_BIT = 0x40000000 };

static long int80(long nr)
{
	long ret;

	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "a"(nr), "b"(0), "c"(0), "d"(0)
			 : "memory", "r8", "r9", "r10", "r11");
	if (ret < 0 && ret > -4096) {
		errno = (int)-ret;
		return -1;
	}
	return ret;
}
#endif

void attack_foreign_int80(struct verdict *v, const struct planted *p)
{
	(void)p;
#if defined(__x86_64__)
	TRY(v, int80(I386_GETPID), "int 0x80, getpid");
#else
	say_not(v, "not on this machine");
#endif
}

void attack_foreign_x32(struct verdict *v, const struct planted *p)
{
	(void)p;
#if defined(__x86_64__)
	TRY(v, syscall(X32_BIT | SYS_getpid), "getpid with the x32 bit");
#else
	say_not(v, "not on this machine");
#endif
}

void attack_unknown_calls(struct verdict *v, const struct planted *p)
{
	/* Gaps, the far end, and what a signed comparison takes for small. */
	static const long numbers[] = { 700,	    1000,	4095,
					0x3fffffff, 0x7ffffffe, -1,
					INT_MIN,    -2 };

	(void)p;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		TRY(v, syscall(numbers[i], -1, -1, -1, -1, -1, -1),
		    "call %ld", numbers[i]);
}
