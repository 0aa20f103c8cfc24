/* SPDX-License-Identifier: Apache-2.0 */
/*
 * equiv_policy.c - a policy as a function of the call
 *
 * Says a second time, apart from policy_eval(), what a policy means: which
 * numbers are known, unknown or foreign, and what a rule list decides.
 * Differential tests hold the two together.
 */
#include "compiler/equiv_side.h"

#include <stdlib.h>

#include "base/bug.h"

/* Depth is bounded: policies hold no condition past COND_DEPTH_MAX. */
bdd_ref bdd_of_cond(struct bdd_store *s, const struct cond *cond)
{
	bdd_ref f;

	switch (cond->kind) {
	case COND_TRUE:
		return BDD_TRUE;
	case COND_NOT:
		f = bdd_of_cond(s, cond->of[0]);
		return bdd_ite(s, f, BDD_FALSE, BDD_TRUE);
	case COND_AND:
		f = BDD_TRUE;
		for (uint32_t i = cond->n; i-- > 0;)
			f = bdd_ite(s, bdd_of_cond(s, cond->of[i]), f,
				    BDD_FALSE);
		return f;
	case COND_OR:
		f = BDD_FALSE;
		for (uint32_t i = cond->n; i-- > 0;)
			f = bdd_ite(s, bdd_of_cond(s, cond->of[i]), BDD_TRUE,
				    f);
		return f;
	case COND_IN:
		return bdd_in(s, cond->at, cond->mask, cond->n, cond->set);
	}
	BUG("cond kind %d", cond->kind);
}

/* Long lists of rules are mostly single values of one word. */
static bdd_ref decide(struct bdd_store *s, const struct cond *c, bdd_ref yes,
		      bdd_ref no)
{
	if (c->kind == COND_IN && c->n == 1 && c->at.hi == ARG_NO_WORD &&
	    c->set[0].lo == c->set[0].hi && c->set[0].lo <= UINT32_MAX)
		return bdd_choose(s, c->at.lo, (uint32_t)c->mask, BDD_EQ,
				  (uint32_t)c->set[0].lo, yes, no);
	return bdd_ite(s, bdd_of_cond(s, c), yes, no);
}

bdd_ref bdd_of_rules(struct bdd_store *s, const struct ruleset *set,
		     struct action fallback)
{
	bdd_ref f = bdd_leaf(s, fallback);

	for (uint32_t i = set->nrules; i-- > 0;) {
		const struct rule *rule = &set->rules[i];

		f = decide(s, rule->cond, bdd_leaf(s, rule->action), f);
	}
	return f;
}

/* One number that has an outcome of its own. */
struct key {
	uint32_t nr;
	bdd_ref outcome;
};

/* All numbers under one arch value. */
struct numbers {
	struct bdd_store *s;
	struct key *keys; /* ascending */
	size_t len, cap;
	/* Of a number without key: the x32 bit clear, and set. */
	bdd_ref other, other_x32;
};

static void key_add(struct numbers *ns, uint32_t nr, bdd_ref outcome)
{
	if (ns->len && ns->keys[ns->len - 1].nr >= nr)
		BUG("call %u is out of order", nr);
	if (ns->len == ns->cap)
		BUG("more calls than their tables hold");
	ns->keys[ns->len++] = (struct key){ nr, outcome };
}

/* The known calls of an ABI, and those that have rules. */
static void add_abi(struct numbers *ns, const struct abi_policy *p)
{
	const size_t nknown = syscall_count(p->abi);
	const bdd_ref fallback = bdd_leaf(ns->s, p->fallback);
	size_t known = 0;

	for (uint32_t i = 0; i <= p->nsets; i++) {
		const struct ruleset *set = i < p->nsets ? &p->sets[i] : NULL;

		while (known < nknown &&
		       (!set || syscall_at(p->abi, known)->nr < set->nr))
			key_add(ns, syscall_at(p->abi, known++)->nr, fallback);
		if (!set)
			break;
		if (known < nknown && syscall_at(p->abi, known)->nr == set->nr)
			known++;
		key_add(ns, set->nr, bdd_of_rules(ns->s, set, p->fallback));
	}
}

/* Numbers of which the bits from nbits up are those of `prefix`. */
static bdd_ref number_part(const struct numbers *ns, size_t from, size_t to,
			   uint32_t prefix, unsigned nbits)
{
	const bool x32_decided = nbits <= 30;
	size_t split = from;
	uint32_t upper;

	if (from == to && (x32_decided || ns->other == ns->other_x32))
		return prefix & X32_BIT ? ns->other_x32 : ns->other;
	if (nbits == 0)
		return ns->keys[from].outcome;
	nbits--;
	upper = prefix | UINT32_C(1) << nbits;
	while (split < to && ns->keys[split].nr < upper)
		split++;
	return bdd_branch(ns->s, DATA_NR, nbits,
			  number_part(ns, split, to, upper, nbits),
			  number_part(ns, from, split, prefix, nbits));
}

static const struct abi_policy *listed(const struct policy *p, uint32_t arch,
				       bool x32)
{
	for (uint32_t i = 0; i < p->nabis; i++)
		if (p->abis[i].abi->audit_arch == arch &&
		    (p->abis[i].abi->nr_bit != 0) == x32)
			return &p->abis[i];
	return NULL;
}

/* Whether a second number space shares the arch value. */
static bool has_x32(uint32_t arch)
{
	for (int i = 0; i < ABI_COUNT; i++)
		if (abi_get((enum abi_id)i)->audit_arch == arch &&
		    abi_get((enum abi_id)i)->nr_bit)
			return true;
	return false;
}

static size_t key_count(const struct abi_policy *p)
{
	return p ? syscall_count(p->abi) + p->nsets : 0;
}

/*
 * Keys rise because the x32 calls all lie between the native ones and
 * 0xffffffff, which is unknown whatever its bits say: to the native ABI
 * where it is listed, otherwise to x32.
 */
static bdd_ref of_arch(struct bdd_store *s, const struct policy *p,
		       uint32_t arch)
{
	const struct abi_policy *native = listed(p, arch, false);
	const struct abi_policy *x32 = listed(p, arch, true);
	struct numbers ns = { .s = s };
	bdd_ref f;

	ns.cap = key_count(native) + key_count(x32) + 1;
	ns.keys = calloc(ns.cap, sizeof(*ns.keys));
	if (!ns.keys)
		oom();
	ns.other = bdd_leaf(s, native ? native->unknown : p->foreign);
	ns.other_x32 = ns.other;
	if (has_x32(arch))
		ns.other_x32 = bdd_leaf(s, x32 ? x32->unknown : p->foreign);
	if (native)
		add_abi(&ns, native);
	if (x32)
		add_abi(&ns, x32);
	key_add(&ns, UINT32_MAX, native ? ns.other : ns.other_x32);
	f = number_part(&ns, 0, ns.len, 0, 32);
	free(ns.keys);
	return f;
}

bdd_ref bdd_of_policy(struct bdd_store *s, const struct policy *p)
{
	bdd_ref f = bdd_leaf(s, p->foreign);

	for (uint32_t i = 0; i < p->nabis; i++) {
		const uint32_t arch = p->abis[i].abi->audit_arch;
		const bdd_ref is =
			bdd_compare(s, DATA_ARCH, UINT32_MAX, BDD_EQ, arch);

		if (i && p->abis[i].abi->nr_bit && listed(p, arch, false))
			continue;
		f = bdd_ite(s, is, of_arch(s, p, arch), f);
	}
	return f;
}
