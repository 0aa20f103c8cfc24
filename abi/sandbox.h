/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox.h - what the sandbox block of a profile says, as plain data
 *
 * The compiler fills it, the runtime plans from it.  Strings are borrowed
 * from the compilation's arena.  An empty block is all zeroes but
 * `present`: every field's zero is the safe default of the runner.
 */
#ifndef ABI_SANDBOX_H
#define ABI_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

struct sandbox {
	bool present;
	const char *hostname; /* NULL: "sandbox" */
	const char *workdir;  /* NULL: the caller's, where it is visible */
};

#endif
