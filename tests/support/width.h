/* SPDX-License-Identifier: Apache-2.0 */
/*
 * width.h - cases that ask the running kernel how wide an argument is
 *
 * A case makes one real call with a bit set that the tables call ignored,
 * and sees that the kernel did as without it; or with a bit set that the
 * tables call used, and sees a refusal.  For x86_64 machines only, where
 * i386 calls go through `int $0x80`.
 */
#ifndef TESTS_SUPPORT_WIDTH_H
#define TESTS_SUPPORT_WIDTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/abi.h"

enum verdict { GOOD, BAD, SKIP };

struct width_case {
	enum abi_id abi;
	const char *call, *arg;
	/* `bit` is the lowest that the tables say is ignored. */
	enum verdict (*ignored)(uint64_t bit);
	/* `high` is a bit that the tables say is used. */
	enum verdict (*refused)(uint64_t high);
};

#define X86_64(call, arg, f) { ABI_X86_64, call, arg, f, NULL }
#define I386(call, arg, f) { ABI_I386, call, arg, f, NULL }
#define USED(call, arg, f) { ABI_X86_64, call, arg, NULL, f }

/*
 * Runs them and prints the summary; `failed` counts as so many failures
 * before the first.  Gives main's result.
 */
int width_run(size_t n, const struct width_case *cases, int failed);

static inline enum verdict verdict_of(bool good)
{
	return good ? GOOD : BAD;
}

/* As syscall(2). */
long call64(long nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
	    uint64_t e, uint64_t f);
/* Pointers must lie below 4 GiB: low_page().  Gives -errno. */
long call32(uint32_t nr, uint32_t a, uint32_t b, uint32_t c, uint32_t d);
/* A zeroed page that i386 calls can name, NULL when there is none. */
void *low_page(void);
/* Whether f, run in a child, makes it exit with the code. */
bool child_exits(void (*f)(uint64_t), uint64_t bit, int code);

#endif
