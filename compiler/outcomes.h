/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outcomes.h - everything that can happen to a call of which some
 * arguments are open
 *
 * `explain` and `test` ask it about patterns such as `mkdir(_, 0o755)`.
 * The answers are exact: each comes from the prover, with a call that
 * shows it.
 */
#ifndef COMPILER_OUTCOMES_H
#define COMPILER_OUTCOMES_H

#include <stddef.h>

#include "abi/call.h"
#include "compiler/check.h"
#include "compiler/policy.h"

enum { OUTCOMES_MAX = 256 };

struct pattern_outcome {
	struct outcome outcome;
	struct call witness;
};

struct outcome_list {
	size_t len;
	const struct pattern_outcome *at;
	/* True when the prover's cap or OUTCOMES_MAX ended the search. */
	bool incomplete;
};

/*
 * One entry for each rule that decides some call of the pattern, in rule
 * order, and one when the default does.  Lives in the arena.
 */
struct outcome_list outcomes_of(struct arena *a, const struct policy *policy,
				const struct call_pattern *pattern);

/* A call of the pattern, the open arguments as given by `fill`. */
struct call pattern_call(const struct call_pattern *pattern, uint64_t fill);

#endif
