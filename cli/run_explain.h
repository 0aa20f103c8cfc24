/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_explain.h - the runner's judge: calls of a run against the policy
 */
#ifndef CLI_RUN_EXPLAIN_H
#define CLI_RUN_EXPLAIN_H

#include "compiler/policy.h"
#include "compiler/unit.h"
#include "runtime/refusal.h"

struct cli;

struct explainer {
	struct cli *cli;
	struct unit *unit;
	const struct policy *policy; /* NULL until somebody asks */
	uint32_t starts; /* as in struct kept */
};

/*
 * The policy; one that was not read because the run was found in the cache
 * is read now, from the same bytes.  NULL where that fails.
 */
const struct policy *explainer_policy(struct explainer *e);

/* Borrows the explainer. */
struct judge run_judge(struct explainer *e);

/* Marks in d what decided: a rule, the default, or what is implied. */
void run_explain_place(const struct explainer *e, const struct outcome *o,
		       struct diag *d);

/* What in the profile lets the workload trace others; NULL: nothing. */
const char *run_gives_ptrace(const struct explainer *e,
			     const struct sandbox *box);

#endif
