/* SPDX-License-Identifier: Apache-2.0 */
/*
 * equiv_side.h - the two things that are compared, as functions of the call
 *
 * Both end in leaves.  Neither reads what the other is made from.
 */
#ifndef COMPILER_EQUIV_SIDE_H
#define COMPILER_EQUIV_SIDE_H

#include "compiler/bpf.h"
#include "compiler/equiv_bdd.h"
#include "compiler/policy.h"

bdd_ref bdd_of_cond(struct bdd_store *s, const struct cond *cond);
/* One call's rules, first match first, on its arguments alone. */
bdd_ref bdd_of_rules(struct bdd_store *s, const struct ruleset *set,
		     struct action fallback);
/* Every arch value, number and argument. */
bdd_ref bdd_of_policy(struct bdd_store *s, const struct policy *p);

struct program_side {
	bdd_ref outcome;
	/* Static text when an instruction is not modelled, else NULL. */
	const char *why;
	uint32_t at; /* that instruction */
};

/* The program must have passed bpf_validate(). */
struct program_side bdd_of_program(struct bdd_store *s,
				   const struct bpf_prog *prog);

#endif
