/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy.c - asking a policy, cutting it to ABIs, and its invariants
 *
 * policy_eval() is the plain reading of the rules that every program is
 * measured against; it takes no short cut.
 */
#include "base/arena.h"
#include "base/bug.h"
#include "compiler/policy.h"

const struct abi_policy *policy_abi(const struct policy *p, enum abi_id id)
{
	for (uint32_t i = 0; i < p->nabis; i++)
		if (p->abis[i].abi->id == id)
			return &p->abis[i];
	return NULL;
}

const struct ruleset *abi_policy_set(const struct abi_policy *p, uint32_t nr)
{
	uint32_t lo = 0, hi = p->nsets;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (p->sets[mid].nr < nr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < p->nsets && p->sets[lo].nr == nr ? &p->sets[lo] : NULL;
}

static const struct rule *first_match(const struct ruleset *set,
				      const struct call *call, bool big_endian)
{
	for (uint32_t i = 0; i < set->nrules; i++)
		if (cond_eval(set->rules[i].cond, call, big_endian))
			return &set->rules[i];
	return NULL;
}

/* Number 0xffffffff is unknown wherever its arch value is listed at all. */
static const struct abi_policy *sharing_arch(const struct policy *p,
					     uint32_t arch)
{
	for (uint32_t i = 0; i < p->nabis; i++)
		if (p->abis[i].abi->audit_arch == arch)
			return &p->abis[i];
	return NULL;
}

struct outcome policy_eval(const struct policy *p, const struct call *call)
{
	const struct abi *abi = call_abi(call);
	struct outcome out = { OUTCOME_FOREIGN, p->foreign, NULL, NULL, NULL };

	if (abi)
		out.abi = policy_abi(p, abi->id);
	if (!out.abi && call->nr == UINT32_MAX)
		out.abi = sharing_arch(p, call->arch);
	if (!out.abi)
		return out;
	if (!syscall_by_nr(abi, call->nr)) {
		out.kind = OUTCOME_UNKNOWN;
		out.action = out.abi->unknown;
		return out;
	}
	out.kind = OUTCOME_DEFAULT;
	out.action = out.abi->fallback;
	out.set = abi_policy_set(out.abi, call->nr);
	if (out.set)
		out.rule = first_match(out.set, call, abi->big_endian);
	if (out.rule) {
		out.kind = OUTCOME_RULE;
		out.action = out.rule->action;
	}
	return out;
}

const struct policy *policy_select(struct arena *a, const struct policy *p,
				   abi_set abis)
{
	struct policy *copy = arena_dup(a, p, sizeof(*p));
	struct abi_policy *list;
	uint32_t n = 0;

	list = arena_array(a, p->nabis ? p->nabis : 1, sizeof(*list));
	for (uint32_t i = 0; i < p->nabis; i++)
		if (abis & ABI_BIT(p->abis[i].abi->id))
			list[n++] = p->abis[i];
	copy->abis = list;
	copy->nabis = n;
	return copy;
}

static void replace(struct action *a, enum action_kind from, struct action to)
{
	if (a->kind == from)
		*a = to;
}

static const struct rule *rules_with_action(struct arena *a,
					    const struct ruleset *set,
					    enum action_kind from,
					    struct action to)
{
	struct rule *rules = arena_array(a, set->nrules ? set->nrules : 1,
					 sizeof(*rules));

	for (uint32_t i = 0; i < set->nrules; i++) {
		rules[i] = set->rules[i];
		replace(&rules[i].action, from, to);
	}
	return rules;
}

const struct policy *policy_with_action(struct arena *a,
					const struct policy *p,
					enum action_kind from,
					struct action to)
{
	struct policy *copy = arena_dup(a, p, sizeof(*p));
	struct abi_policy *abis = arena_array(a, p->nabis ? p->nabis : 1,
					      sizeof(*abis));

	for (uint32_t i = 0; i < p->nabis; i++) {
		struct abi_policy *one = &abis[i];
		struct ruleset *sets;

		*one = p->abis[i];
		replace(&one->fallback, from, to);
		replace(&one->unknown, from, to);
		sets = arena_array(a, one->nsets ? one->nsets : 1,
				   sizeof(*sets));
		for (uint32_t s = 0; s < one->nsets; s++) {
			sets[s] = one->sets[s];
			sets[s].rules = rules_with_action(a, &sets[s], from,
							  to);
		}
		one->sets = sets;
	}
	copy->abis = abis;
	replace(&copy->foreign, from, to);
	return copy;
}

/* ---- invariants ---- */

static void verify_action(struct action a)
{
	if ((unsigned)a.kind >= ACT_COUNT)
		BUG("action kind %d", (int)a.kind);
	if (a.kind == ACT_ERRNO && a.data > ACT_ERRNO_MAX)
		BUG("errno %u", a.data);
	if (a.data && a.kind != ACT_ERRNO && a.kind != ACT_TRACE &&
	    a.kind != ACT_TRAP)
		BUG("action kind %d with data", (int)a.kind);
}

static void verify_in(const struct cond *c)
{
	if (!c->mask || !c->n)
		BUG("empty test");
	if ((c->at.hi == ARG_NO_WORD) != (c->mask <= UINT32_MAX))
		BUG("mask %#llx with high word %u", (unsigned long long)c->mask,
		    c->at.hi);
	for (uint32_t i = 0; i < c->n; i++) {
		if (c->set[i].lo > c->set[i].hi || c->set[i].hi > c->mask)
			BUG("interval %u is outside the mask", i);
		if (i && c->set[i].lo <= c->set[i - 1].hi + 1)
			BUG("intervals %u and %u touch", i - 1, i);
	}
}

static void verify_cond(const struct cond *c, unsigned depth)
{
	if (depth > COND_DEPTH_MAX)
		BUG("condition deeper than %d", COND_DEPTH_MAX);
	switch (c->kind) {
	case COND_TRUE:
		return;
	case COND_IN:
		verify_in(c);
		return;
	case COND_NOT:
		if (c->n != 1)
			BUG("not with %u parts", c->n);
		break;
	case COND_AND:
	case COND_OR:
		if (!c->n)
			BUG("list without parts");
		break;
	}
	for (uint32_t i = 0; i < c->n; i++)
		verify_cond(c->of[i], depth + 1);
}

static void verify_set(const struct abi_policy *p, const struct ruleset *set)
{
	if (!set->nrules)
		BUG("set of %u without rules", set->nr);
	if (!set->call || set->call != syscall_by_nr(p->abi, set->nr))
		BUG("set of %u is not that call's", set->nr);
	for (uint32_t i = 0; i < set->nrules; i++) {
		verify_action(set->rules[i].action);
		verify_cond(set->rules[i].cond, 1);
	}
}

void policy_verify(const struct policy *p)
{
	verify_action(p->foreign);
	for (uint32_t i = 0; i < p->nabis; i++) {
		const struct abi_policy *abi = &p->abis[i];

		if (i && abi->abi->id <= p->abis[i - 1].abi->id)
			BUG("ABIs are out of order");
		verify_action(abi->fallback);
		verify_action(abi->unknown);
		for (uint32_t s = 0; s < abi->nsets; s++) {
			if (s && abi->sets[s].nr <= abi->sets[s - 1].nr)
				BUG("sets are out of order");
			verify_set(abi, &abi->sets[s]);
		}
	}
}
