/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_explain.h - the runner's judge: calls of a run against the policy
 */
#ifndef CLI_RUN_EXPLAIN_H
#define CLI_RUN_EXPLAIN_H

#include "compiler/policy.h"
#include "compiler/unit.h"
#include "runtime/refusal.h"

struct explainer {
	struct unit *unit;
	const struct policy *policy;
};

/* Borrows the explainer. */
struct judge run_judge(struct explainer *e);

/* Marks in d what decided: a rule, the default, or what is implied. */
void run_explain_place(const struct explainer *e, const struct outcome *o,
		       struct diag *d);

/* What in the profile lets the workload trace others; NULL: nothing. */
const char *run_gives_ptrace(const struct explainer *e,
			     const struct sandbox *box);

#endif
