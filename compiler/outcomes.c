/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A rule decides some call of the pattern if, and only if, this policy
 * differs from "allow everything": the rule kills, all else allows, and
 * what is outside the pattern allows first.  So the proof engine that
 * guards each compilation answers, and no second solver can disagree.
 */
#include "compiler/outcomes.h"

#include <linux/seccomp.h>

#include "base/arena.h"
#include "base/vec.h"
#include "compiler/bpf.h"
#include "compiler/equiv.h"

static const struct action allow = { ACT_ALLOW, 0 };
static const struct action hit = { ACT_KILL_PROCESS, 0 };

static const struct cond *arg_cond(struct arena *a,
				   const struct arg_pattern *arg)
{
	const struct interval one = { arg->value, arg->value };
	const struct interval positive = { 1, UINT64_MAX };

	switch (arg->kind) {
	case PATTERN_ANY:
		return cond_true(a, span_none);
	case PATTERN_VALUE:
		return cond_in(a, span_none, arg->at, arg->mask, 1, &one);
	case PATTERN_POINTER:
		return cond_in(a, span_none, arg->at, arg->mask, 1, &positive);
	}
	return cond_true(a, span_none);
}

static const struct cond *outside(struct arena *a,
				  const struct call_pattern *pattern)
{
	const struct cond *args[ARGS_MAX];
	const struct cond *inside;

	if (!pattern->nargs)
		return cond_not(a, span_none, cond_true(a, span_none));
	for (uint32_t i = 0; i < pattern->nargs; i++)
		args[i] = arg_cond(a, &pattern->args[i]);
	inside = cond_and(a, span_none, pattern->nargs, args);
	return cond_not(a, span_none, inside);
}

/* `which` is a rule's index, or set->nrules for the default. */
static const struct policy *question(struct arena *a,
				     const struct abi_policy *abi,
				     const struct ruleset *set, uint32_t which,
				     const struct cond *not_asked)
{
	struct rule *rules = arena_array(a, set->nrules + 2, sizeof(*rules));
	struct ruleset *only = arena_new_of(a, struct ruleset);
	struct abi_policy *one = arena_new_of(a, struct abi_policy);
	struct policy *p = arena_new_of(a, struct policy);

	rules[0] = (struct rule){ .action = allow, .cond = not_asked };
	for (uint32_t i = 0; i < set->nrules; i++) {
		rules[i + 1] = set->rules[i];
		rules[i + 1].action = i == which ? hit : allow;
	}
	rules[set->nrules + 1] = (struct rule){
		.action = which == set->nrules ? hit : allow,
		.cond = cond_true(a, span_none),
	};
	*only = *set;
	only->nrules = set->nrules + 2;
	only->rules = rules;
	*one = (struct abi_policy){ .abi = abi->abi, .nsets = 1, .sets = only,
				    .fallback = allow, .unknown = allow };
	*p = (struct policy){ .nabis = 1, .abis = one, .foreign = allow };
	return p;
}

static struct bpf_prog *allow_all(bool big_endian)
{
	struct bpf_prog *prog = bpf_prog_new(big_endian);

	bpf_prog_push(prog, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
							 SECCOMP_RET_ALLOW),
		      span_none);
	return prog;
}

struct call pattern_call(const struct call_pattern *pattern, uint64_t fill)
{
	const struct abi *abi = pattern->abi;
	struct call call = { .arch = abi->audit_arch, .nr = pattern->nr };

	for (uint32_t i = 0; i < pattern->nargs; i++) {
		const struct arg_pattern *arg = &pattern->args[i];
		uint64_t value = arg->kind == PATTERN_VALUE ? arg->value : fill;

		if (arg->kind == PATTERN_POINTER && !fill)
			value = 0x1000;
		value &= arg->mask;
		call_set_word(&call, arg->at.lo, abi->big_endian,
			      (uint32_t)value);
		if (arg->at.hi != ARG_NO_WORD)
			call_set_word(&call, arg->at.hi, abi->big_endian,
				      (uint32_t)(value >> 32));
	}
	return call;
}

struct outcome_list outcomes_of(struct arena *a, const struct policy *policy,
				const struct call_pattern *pattern)
{
	VEC(struct pattern_outcome) found = { 0 };
	struct pattern_outcome first = {
		.witness = pattern_call(pattern, 0),
	};
	struct bpf_prog *prog = allow_all(pattern->abi->big_endian);
	struct outcome_list list = { 0 };
	const struct ruleset *set;
	const struct cond *not_asked;

	first.outcome = policy_eval(policy, &first.witness);
	set = first.outcome.set;
	if (!set)
		vec_push(a, &found, first);
	not_asked = outside(a, pattern);
	for (uint32_t i = 0; set && i <= set->nrules; i++) {
		struct pattern_outcome one;
		struct equiv_result r = equiv_check(
			question(a, first.outcome.abi, set, i, not_asked),
			prog, EQUIV_STEPS_MAX);

		list.incomplete |= r.verdict == EQUIV_UNDECIDED;
		if (r.verdict != EQUIV_DIFFERENT)
			continue;
		if (found.len == OUTCOMES_MAX) {
			list.incomplete = true;
			break;
		}
		one.witness = r.witness;
		one.outcome = policy_eval(policy, &r.witness);
		vec_push(a, &found, one);
	}
	bpf_prog_free(prog);
	list.len = found.len;
	list.at = found.data;
	return list;
}
