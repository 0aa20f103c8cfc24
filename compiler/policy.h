/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy.h - the checked meaning of a profile's system-call part
 *
 * The only meeting point: every reader makes one, every writer, analysis
 * and the proof consume one.  Invariants, made by policy_* and asserted by
 * policy_verify():
 *   - sets are sorted by number, one for each known call that has rules;
 *   - a rule list is ordered, the first match decides, none: `fallback`;
 *   - intervals are sorted, disjoint, not adjacent, within the mask;
 *   - conditions are at most COND_DEPTH_MAX deep.
 * All of it lives in the unit's arena and is immutable once built.
 */
#ifndef COMPILER_POLICY_H
#define COMPILER_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/abi.h"
#include "abi/action.h"
#include "abi/call.h"
#include "abi/sandbox.h"
#include "abi/syscalls.h"
#include "base/source.h"

struct arena;

enum { COND_DEPTH_MAX = 64 };

enum cond_kind {
	COND_TRUE,
	COND_NOT, /* of[0] */
	COND_AND, /* of[0] .. of[n - 1], n >= 1 */
	COND_OR,
	/*
	 * (value at `at`, with the bits of `mask`) lies in one of the
	 * intervals.  Equality, order, sets and ranges are all this; signed
	 * order is rewritten to it.
	 */
	COND_IN,
};

struct interval {
	uint64_t lo, hi; /* inclusive, unsigned */
};

struct cond {
	enum cond_kind kind;
	struct span span;
	uint32_t n; /* of children, or of intervals */
	const struct cond *const *of;
	struct arg_words at;
	uint64_t mask; /* never 0 */
	const struct interval *set;
};

struct rule {
	struct action action;
	const struct cond *cond; /* never NULL */
	struct span span;	 /* the whole rule */
	struct span name;	 /* the call's name in it, or the group's */
};

struct ruleset {
	uint32_t nr;
	const struct syscall_desc *call;
	uint32_t nrules;
	const struct rule *rules;
};

struct abi_policy {
	const struct abi *abi;
	uint32_t nsets;
	const struct ruleset *sets;
	struct action fallback; /* `default` */
	struct action unknown;
	struct span fallback_span, unknown_span; /* none when implied */
};

struct ast_setting;

struct policy {
	uint32_t nabis;
	const struct abi_policy *abis; /* in order of enum abi_id */
	struct action foreign;
	struct span foreign_span;
	bool log_denials; /* `option log`: SECCOMP_FILTER_FLAG_LOG */
	struct sandbox sandbox;
	/* Its lines as written, for the options that change it. */
	const struct ast_setting *sandbox_lines;
	const char *name; /* of the operand */
};

/* Whether a rule list leaves no outcome to the fallback is not stored. */

/* Condition constructors simplify what is constant; never return NULL. */
const struct cond *cond_true(struct arena *a, struct span span);
const struct cond *cond_not(struct arena *a, struct span span,
			    const struct cond *of);
const struct cond *cond_and(struct arena *a, struct span span, uint32_t n,
			    const struct cond *const *of);
const struct cond *cond_or(struct arena *a, struct span span, uint32_t n,
			   const struct cond *const *of);
/*
 * Any intervals, in any order, overlapping or beyond the mask: they are
 * sorted, merged and cut.  No interval left gives `not true`, all values
 * of the mask give `true`.  The high word is dropped from `at` where the
 * mask has no high bits.
 */
const struct cond *cond_in(struct arena *a, struct span span,
			   struct arg_words at, uint64_t mask, uint32_t n,
			   const struct interval *set);
bool cond_is_true(const struct cond *c);
bool cond_is_false(const struct cond *c);
unsigned cond_depth(const struct cond *c);

/* Direct evaluation: the reference for everything else. */
bool cond_eval(const struct cond *c, const struct call *call, bool big_endian);

enum outcome_kind {
	OUTCOME_RULE,
	OUTCOME_DEFAULT,
	OUTCOME_UNKNOWN,
	OUTCOME_FOREIGN,
};

struct outcome {
	enum outcome_kind kind;
	struct action action;
	const struct abi_policy *abi; /* NULL for foreign */
	const struct ruleset *set;    /* NULL when no rule names the call */
	const struct rule *rule;      /* NULL unless OUTCOME_RULE */
};

struct outcome policy_eval(const struct policy *p, const struct call *call);

/* NULL when the policy does not list it. */
const struct abi_policy *policy_abi(const struct policy *p, enum abi_id id);
const struct ruleset *abi_policy_set(const struct abi_policy *p, uint32_t nr);

/* A copy with only these ABIs; shares everything below. */
const struct policy *policy_select(struct arena *a, const struct policy *p,
				   abi_set abis);

/* A copy in which every outcome of one kind is another action. */
const struct policy *policy_with_action(struct arena *a,
					const struct policy *p,
					enum action_kind from,
					struct action to);

/* BUG() when an invariant of this header does not hold. */
void policy_verify(const struct policy *p);

/* The text of --dump=policy. */
struct str;
void policy_dump(const struct policy *p, struct str *out);

#endif
