/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.h - syntax tree to policy: names, types, widths, meaning
 */
#ifndef COMPILER_CHECK_H
#define COMPILER_CHECK_H

#include "compiler/ast.h"
#include "compiler/policy.h"
#include "compiler/unit.h"

/*
 * Which ABIs the profile lists (its `arch`, or the target machine's own);
 * 0 with diagnostics when a name is wrong.
 */
abi_set check_arch(struct unit *u, const struct ast_file *file);

/*
 * The policy for the listed ABIs that are in u->target.abis.  The file's
 * includes must be resolved.  NULL when there was an error.
 */
const struct policy *check_profile(struct unit *u, const struct ast_file *file);

/*
 * A call of a test or of `explain` for one ABI, argument by argument:
 * exact values, "any value" (`_`) and "any non-NULL pointer" (a string or
 * `ptr`).  False with diagnostics.
 */
enum arg_pattern_kind {
	PATTERN_VALUE,
	PATTERN_ANY,
	PATTERN_POINTER, /* not NULL */
};

struct arg_pattern {
	enum arg_pattern_kind kind;
	uint64_t value;	  /* PATTERN_VALUE, already masked to the width */
	uint64_t mask;	  /* the effective bits */
	struct arg_words at;
};

struct call_pattern {
	const struct abi *abi;
	const struct syscall_desc *call; /* NULL for a raw number */
	uint32_t nr;
	uint32_t nargs;
	struct arg_pattern args[ARGS_MAX];
	struct span span;
};

/*
 * The name may also be a number, for calls without a name.  An argument
 * left out at the end is any value.
 */
bool check_call(struct unit *u, const struct ast_call *call,
		const struct abi *abi, struct call_pattern *out);

/* An action as written, for an ABI (errno differs). */
bool check_action(struct unit *u, const struct ast_action *action,
		  const struct abi *abi, struct action *out);

#endif
