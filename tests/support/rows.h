/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rows.h - .sim rows: calls as people write them, and what each should get
 *
 *	ABI[,ABI...] CALL ARG... => ACTION		# comment
 *	%caps none | docker | CAP_X,...			for Docker JSON
 *
 * CALL is a name or nr:N, ABI also a raw arch value.  An ARG is a value, a
 * range LO..HI, or '*'; those left out at the end are '*'.  Values are
 * numbers and constants joined by '|', of the argument's effective width:
 * the bits of a register that the handler ignores are open.  A wider value
 * is one of the whole register, with ignored bits set on purpose.
 */
#ifndef TESTS_SUPPORT_ROWS_H
#define TESTS_SUPPORT_ROWS_H

#include "abi/abi.h"
#include "abi/action.h"
#include "abi/call.h"
#include "abi/syscalls.h"
#include "base/arena.h"
#include "base/vec.h"

struct row_arg {
	struct arg_words at;
	uint64_t mask; /* 0: any value */
	uint64_t lo, hi;
	bool wide; /* sits in `whole`, a 64-bit register of its own */
	struct arg_words whole;
};

/* One row for one ABI. */
struct row {
	unsigned line;
	const struct abi *abi; /* NULL for a raw arch value */
	uint32_t arch, nr;
	unsigned nargs;
	struct row_arg args[ARGS_MAX];
	struct action want;
};

struct rows {
	VEC(struct row) list;
	abi_set abis; /* named in it */
	uint64_t caps;
	unsigned errors; /* said on standard output */
};

void rows_parse(struct arena *a, const char *file, const char *text,
		struct rows *out);

#endif
