/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/width.h"

#include <stdio.h>
#include <string.h>

#include "abi/syscalls.h"

#if defined(__x86_64__)

#include <errno.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

long call64(long nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
	    uint64_t e, uint64_t f)
{
	return syscall(nr, a, b, c, d, e, f);
}

long call32(uint32_t nr, uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
	long ret;

	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "0"((long)nr), "b"((long)a), "c"((long)b),
			   "d"((long)c), "S"((long)d)
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)ret;
}

void *low_page(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* Runs f in a child; gives the raw wait status. */
static int in_child(void (*f)(uint64_t), uint64_t bit)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		f(bit);
		_exit(99);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return status;
}

bool child_exits(void (*f)(uint64_t), uint64_t bit, int code)
{
	int status = in_child(f, bit);

	return WIFEXITED(status) && WEXITSTATUS(status) == code;
}

static const struct sig_arg *argument_of(const struct width_case *c)
{
	sysname name = sysname_find(c->call, strlen(c->call));
	const struct syscall_desc *call = NULL;

	if (name != SYSNAME_NONE)
		call = syscall_by_name(abi_get(c->abi), name);
	return call ? syscall_arg(call, c->arg, strlen(c->arg)) : NULL;
}

static enum verdict run_case(const struct width_case *c)
{
	const struct sig_arg *arg = argument_of(c);

	if (!arg)
		return BAD;
	if (c->ignored) {
		/* A width of all bits has none that is ignored. */
		if (arg->bits >= 64 || (c->abi == ABI_I386 && arg->bits >= 32))
			return BAD;
		return c->ignored(UINT64_C(1) << arg->bits);
	}
	return c->refused(UINT64_C(1) << (arg->bits - 1));
}

int width_run(size_t n, const struct width_case *cases, int failed)
{
	int count[3] = { [BAD] = failed };

	for (size_t i = 0; i < n; i++) {
		const struct width_case *c = &cases[i];
		enum verdict v;

		fflush(stdout);
		v = run_case(c);
		count[v]++;
		if (v == BAD)
			printf("%s %s %s: not as the tables say\n",
			       abi_get(c->abi)->name, c->call, c->arg);
		if (v == SKIP)
			printf("skip: %s %s %s: this kernel or user cannot\n",
			       abi_get(c->abi)->name, c->call, c->arg);
	}
	printf("%d passed, %d failed, %d skipped\n", count[GOOD], count[BAD],
	       count[SKIP]);
	return count[BAD] != 0;
}

#endif
