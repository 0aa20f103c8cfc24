/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lower.c - rules of one call to a decision diagram over its arguments
 *
 * Rules go in from last to first, so "no match" always has a place to go
 * to.  They are put together as a diagram over whole values (mdd.h), which
 * then becomes searches over words.  Where that grows too large, the tests
 * are chained as they were written instead: linear in the rules, always.
 * The same walk does both; refs are those of the store in use.
 */
#include <stdlib.h>

#include "base/arena.h"
#include "base/bug.h"
#include "base/vec.h"
#include "compiler/canvas.h"
#include "compiler/mdd.h"
#include "compiler/passes.h"
#include "compiler/segments.h"

/* Segments of value diagrams: for one call, and for all of a policy. */
enum { WORK_CALL_MAX = 200 * 1000, WORK_MAX = 2000 * 1000 };

struct lower {
	struct dd_store *store;
	struct arena *arena;
	struct mdd_store *mdd; /* NULL: chain the tests */
};

typedef uint32_t ref; /* mdd_ref or dd_ref */

static ref leaf(struct lower *lw, const struct rule *rule)
{
	dd_ref dd = dd_leaf(lw->store, rule->action, rule->span);

	return lw->mdd ? mdd_leaf(lw->mdd, dd) : dd;
}

/* ---- one condition ---- */

/* What the value decides: yes in the intervals, no elsewhere. */
static ref lower_in(struct lower *lw, const struct cond *c, ref yes, ref no)
{
	const uint32_t in = lw->mdd ? MDD_AS_A : yes;
	const uint32_t out = lw->mdd ? MDD_AS_B : no;
	struct segment *segs =
		arena_array(lw->arena, 2 * (size_t)c->n + 1, sizeof(*segs));
	size_t n = 0;

	if (c->set[0].lo > 0)
		segs[n++] = (struct segment){ 0, out, c->span };
	for (uint32_t i = 0; i < c->n; i++) {
		segs[n++] = (struct segment){ c->set[i].lo, in, c->span };
		if (c->set[i].hi < c->mask)
			segs[n++] = (struct segment){ c->set[i].hi + 1, out,
						      c->span };
	}
	if (!lw->mdd)
		return segments_lower(lw->store, lw->arena, c->at, c->mask,
				      segs, n);
	return mdd_compose(lw->mdd, mdd_var(lw->mdd, c->at, c->mask), segs, n,
			   yes, no);
}

/* Recursion is bounded: no condition is deeper than COND_DEPTH_MAX. */
static ref lower_cond(struct lower *lw, const struct cond *c, ref yes, ref no)
{
	switch (c->kind) {
	case COND_TRUE:
		return yes;
	case COND_NOT:
		return lower_cond(lw, c->of[0], no, yes);
	case COND_AND:
		for (uint32_t i = c->n; i-- > 0;)
			yes = lower_cond(lw, c->of[i], yes, no);
		return yes;
	case COND_OR:
		for (uint32_t i = c->n; i-- > 0;)
			no = lower_cond(lw, c->of[i], yes, no);
		return no;
	case COND_IN:
		return lower_in(lw, c, yes, no);
	}
	BUG("cond kind %d", (int)c->kind);
}

/* ---- neighbouring rules on the same bits ---- */

static int bits_order(const struct cond *a, const struct cond *b)
{
	if (a->at.lo != b->at.lo)
		return a->at.lo < b->at.lo ? -1 : 1;
	if (a->at.hi != b->at.hi)
		return a->at.hi < b->at.hi ? -1 : 1;
	return (a->mask > b->mask) - (a->mask < b->mask);
}

static bool same_bits(const struct cond *a, const struct cond *b)
{
	return a && b && !bits_order(a, b);
}

/* Plain tests first, by the bits they look at, else as they were. */
static int rule_order(const void *a, const void *b)
{
	const struct rule *const *x = a, *const *y = b;
	const struct cond *cx = canvas_test((*x)->cond);
	const struct cond *cy = canvas_test((*y)->cond);
	int order = 0;

	if (!cx != !cy)
		return cx ? -1 : 1;
	if (cx)
		order = bits_order(cx, cy);
	return order ? order : (*x > *y) - (*x < *y);
}

/*
 * Rules in a row with one action may come in any order: those that can be
 * one search are brought together.
 */
static struct rule *sort_rules(struct arena *a, const struct ruleset *set)
{
	const struct rule **order = arena_array(a, set->nrules, sizeof(*order));
	struct rule *rules = arena_array(a, set->nrules, sizeof(*rules));
	uint32_t end;

	for (uint32_t i = 0; i < set->nrules; i++)
		order[i] = &set->rules[i];
	for (uint32_t i = 0; i < set->nrules; i = end) {
		for (end = i + 1; end < set->nrules; end++)
			if (!action_same(set->rules[i].action,
					 set->rules[end].action))
				break;
		qsort(&order[i], end - i, sizeof(*order), rule_order);
	}
	for (uint32_t i = 0; i < set->nrules; i++)
		rules[i] = *order[i];
	return rules;
}

/* The run that ends with rule `last` begins here. */
static uint32_t run_start(const struct ruleset *set, uint32_t last)
{
	const struct cond *test = canvas_test(set->rules[last].cond);
	uint32_t i = last;

	while (i > 0 && same_bits(test, canvas_test(set->rules[i - 1].cond)))
		i--;
	return i;
}

/* However many they are, one search: the first rule that has a value. */
static ref lower_run(struct lower *lw, const struct rule *rules, size_t n,
		     ref next)
{
	const struct cond *test = canvas_test(rules[0].cond);
	struct canvas *cv = canvas_new(lw->arena, rules, n);
	const struct segment *segs;
	size_t nsegs;

	for (size_t r = 0; r < n; r++)
		canvas_paint(cv, &rules[r], leaf(lw, &rules[r]));
	segs = canvas_segments(cv, lw->mdd ? MDD_AS_B : next, rules[n - 1].span,
			       &nsegs);
	if (!lw->mdd)
		return segments_lower(lw->store, lw->arena, test->at,
				      test->mask, segs, nsegs);
	return mdd_compose(lw->mdd, mdd_var(lw->mdd, test->at, test->mask),
			   segs, nsegs, next, next);
}

/* ---- rules ---- */

static ref lower_all(struct lower *lw, const struct ruleset *set, ref next)
{
	for (uint32_t last = set->nrules; last-- > 0;) {
		const struct rule *rule = &set->rules[last];
		uint32_t first = run_start(set, last);

		if (first < last) {
			next = lower_run(lw, &set->rules[first],
					 last - first + 1, next);
			last = first;
		} else {
			next = lower_cond(lw, rule->cond, leaf(lw, rule), next);
		}
	}
	return next;
}

/* Tests of values that are mentioned first stand above the others. */
static void order_vars(struct mdd_store *m, const struct cond *c)
{
	if (c->kind == COND_IN)
		mdd_var(m, c->at, c->mask);
	else if (c->kind != COND_TRUE)
		for (uint32_t i = 0; i < c->n; i++)
			order_vars(m, c->of[i]);
}

/*
 * `given` has the rules as written, for the order of variables.  DD_NONE
 * when it takes more than the work left, from which it is taken.
 */
static dd_ref lower_values(struct lower *lw, const struct ruleset *given,
			   const struct ruleset *set, dd_ref fallback,
			   size_t *work)
{
	ref root;

	lw->mdd = mdd_store_new(lw->store, lw->arena,
				*work < WORK_CALL_MAX ? *work : WORK_CALL_MAX);
	for (uint32_t i = 0; i < given->nrules; i++)
		order_vars(lw->mdd, given->rules[i].cond);
	root = lower_all(lw, set, mdd_leaf(lw->mdd, fallback));
	*work -= mdd_work(lw->mdd) < *work ? mdd_work(lw->mdd) : *work;
	return mdd_exhausted(lw->mdd) ? DD_NONE : mdd_lower(lw->mdd, root);
}

static dd_ref lower_set(struct dd_store *s, struct arena *a,
			const struct ruleset *given, dd_ref fallback,
			size_t *work)
{
	struct ruleset sorted = *given;
	const struct ruleset *set = &sorted;
	struct lower lw = { s, a, NULL };
	dd_ref by_value, chained;

	if (cond_is_true(given->rules[0].cond))
		return leaf(&lw, &given->rules[0]);
	sorted.rules = sort_rules(a, given);
	by_value = lower_values(&lw, given, set, fallback, work);
	if (by_value && mdd_vars(lw.mdd) < 2)
		return by_value;
	lw.mdd = NULL;
	chained = lower_all(&lw, set, fallback);
	if (!by_value)
		return chained;
	return dd_cost(s, chained) < dd_cost(s, by_value) ? chained : by_value;
}

bool pass_lower(struct compilation *c)
{
	struct arena *a = c->unit->arena;
	const struct policy *p = c->policy;
	size_t work = WORK_MAX;

	c->sets = arena_array(a, p->nabis, sizeof(*c->sets));
	for (uint32_t i = 0; i < p->nabis; i++) {
		const struct abi_policy *abi = &p->abis[i];
		dd_ref fallback =
			dd_leaf(c->store, abi->fallback, abi->fallback_span);

		c->sets[i] = arena_array(a, abi->nsets, sizeof(**c->sets));
		for (uint32_t j = 0; j < abi->nsets; j++)
			c->sets[i][j] = lower_set(c->store, a, &abi->sets[j],
						  fallback, &work);
	}
	return true;
}
