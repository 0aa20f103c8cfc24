/* SPDX-License-Identifier: Apache-2.0 */
/*
 * startup.h - the calls between execve and main, and what a policy does
 * to them
 *
 * The table is in startup.c; tests/live/test_startup.c compares it with
 * what strace sees of real programs.
 */
#ifndef COMPILER_STARTUP_H
#define COMPILER_STARTUP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/elf.h"
#include "compiler/policy.h"
#include "compiler/unit.h"

enum { STARTUP_CALLS_MAX = 32 };

/* A call of the table that no argument would get through the policy. */
struct startup_refusal {
	const char *call; /* as the table has it */
	sysname name;
	struct outcome outcome;
	bool kills;   /* else: an errno, which the loader does not live with */
	bool certain; /* every version of the library makes it */
};

/*
 * Of a program with that C library on that ABI; 0 for what the table does
 * not have.  Gives how many were found, at most STARTUP_CALLS_MAX.
 */
size_t startup_refusals(struct unit *u, const struct policy *policy,
			const struct abi *abi, enum program_libc libc,
			struct startup_refusal out[STARTUP_CALLS_MAX]);

/* The rows of a library, for tests; false past the last. */
struct startup_row {
	const char *call, *other; /* other: what other versions use; or NULL */
	bool certain;
};
bool startup_row(size_t i, enum program_libc libc, struct startup_row *out);

#endif
