/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lower.c - rules of one call to a decision diagram over its arguments
 *
 * Rules go in from last to first, so "no match" always has a node to go to.
 * Neighbouring rules that test the same bits of the same argument become
 * one search, whatever their actions: the first rule that holds a value
 * paints it.  cBPF loads 32 bits at a time, so a 64-bit value is a search
 * over its high word with searches over the low word below it.
 */
#include <stdlib.h>

#include "base/arena.h"
#include "base/bug.h"
#include "base/vec.h"
#include "compiler/passes.h"
#include "compiler/search.h"

/* From `lo` to the next segment; the last ends at the mask. */
struct segment {
	uint64_t lo;
	dd_ref to;
	struct span origin;
};

typedef VEC(struct segment) segment_list;
typedef VEC(struct search_cell) cell_list;

struct lower {
	struct dd_store *store;
	struct arena *arena;
};

/* ---- segments of one value to a diagram ---- */

static dd_ref search_word(struct lower *lw, uint32_t word, uint32_t mask,
			  cell_list *cells)
{
	const struct search s = { lw->store, lw->arena, word, mask, mask };

	return search_build(&s, cells->data, cells->len);
}

static void push_cell(struct lower *lw, cell_list *cells, uint32_t lo,
		      dd_ref to, struct span origin)
{
	struct search_cell c = { lo, to, 1, origin };

	if (cells->len && cells->data[cells->len - 1].lo == lo)
		cells->data[cells->len - 1] = c;
	else
		vec_push(lw->arena, cells, c);
}

/*
 * The segments that begin at high word `high`, from *i on; before them
 * `first` holds.  Leaves *i behind them.
 */
static dd_ref lower_low_word(struct lower *lw, struct arg_words at,
			     uint32_t mask, const segment_list *segs, size_t *i,
			     const struct segment *first)
{
	uint32_t high = (uint32_t)(segs->data[*i].lo >> 32);
	cell_list cells = { 0 };

	push_cell(lw, &cells, 0, first->to, segs->data[*i].origin);
	for (; *i < segs->len; ++*i) {
		const struct segment *seg = &segs->data[*i];

		if (seg->lo >> 32 != high)
			break;
		if ((uint32_t)seg->lo <= mask)
			push_cell(lw, &cells, (uint32_t)seg->lo, seg->to,
				  seg->origin);
	}
	return search_word(lw, at.lo, mask, &cells);
}

static dd_ref lower_two_words(struct lower *lw, struct arg_words at,
			      uint64_t mask, const segment_list *segs)
{
	const uint32_t high_mask = (uint32_t)(mask >> 32);
	cell_list cells = { 0 };
	size_t i = 1;

	push_cell(lw, &cells, 0, segs->data[0].to, segs->data[0].origin);
	while (i < segs->len) {
		const struct segment *first = &segs->data[i - 1];
		const struct segment *last;
		uint32_t high = (uint32_t)(segs->data[i].lo >> 32);
		struct span origin = segs->data[i].origin;
		dd_ref ref = lower_low_word(lw, at, (uint32_t)mask, segs, &i,
					    first);

		push_cell(lw, &cells, high, ref, origin);
		last = &segs->data[i - 1];
		if (high < high_mask)
			push_cell(lw, &cells, high + 1, last->to,
				  last->origin);
	}
	return search_word(lw, at.hi, high_mask, &cells);
}

static dd_ref lower_segments(struct lower *lw, struct arg_words at,
			     uint64_t mask, const segment_list *segs)
{
	cell_list cells = { 0 };

	if (at.hi != ARG_NO_WORD)
		return lower_two_words(lw, at, mask, segs);
	for (size_t i = 0; i < segs->len; i++)
		push_cell(lw, &cells, (uint32_t)segs->data[i].lo,
			  segs->data[i].to, segs->data[i].origin);
	return search_word(lw, at.lo, (uint32_t)mask, &cells);
}

/* ---- one condition ---- */

static void push_segment(struct lower *lw, segment_list *segs, uint64_t lo,
			 dd_ref to, struct span origin)
{
	if (segs->len && segs->data[segs->len - 1].lo == lo)
		segs->len--;
	vec_push(lw->arena, segs, (struct segment){ lo, to, origin });
}

static dd_ref lower_in(struct lower *lw, const struct cond *c, dd_ref yes,
		       dd_ref no)
{
	segment_list segs = { 0 };

	push_segment(lw, &segs, 0, no, c->span);
	for (uint32_t i = 0; i < c->n; i++) {
		push_segment(lw, &segs, c->set[i].lo, yes, c->span);
		if (c->set[i].hi < c->mask)
			push_segment(lw, &segs, c->set[i].hi + 1, no, c->span);
	}
	return lower_segments(lw, c->at, c->mask, &segs);
}

/* Recursion is bounded: no condition is deeper than COND_DEPTH_MAX. */
static dd_ref lower_cond(struct lower *lw, const struct cond *c, dd_ref yes,
			 dd_ref no)
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

/* The interval test that the condition is, maybe negated; or NULL. */
static const struct cond *plain_test(const struct cond *c)
{
	if (c->kind == COND_NOT)
		c = c->of[0];
	return c->kind == COND_IN ? c : NULL;
}

static bool same_bits(const struct cond *a, const struct cond *b)
{
	return a && b && a->mask == b->mask && a->at.lo == b->at.lo &&
	       a->at.hi == b->at.hi;
}

/* The run that ends with rule `last` begins here. */
static uint32_t run_start(const struct ruleset *set, uint32_t last)
{
	const struct cond *test = plain_test(set->rules[last].cond);
	uint32_t i = last;

	while (i > 0 && same_bits(test, plain_test(set->rules[i - 1].cond)))
		i--;
	return i;
}

/* The values between two neighbouring limits of any rule of the run. */
struct stripe {
	uint64_t lo;
	dd_ref to;
	struct span origin;
	size_t next; /* first unpainted stripe from here on, if not itself */
};

struct canvas {
	struct stripe *stripes;
	size_t n;
};

static int u64_order(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static struct canvas canvas_new(struct lower *lw, const struct rule *rules,
				size_t nrules)
{
	VEC(uint64_t) limits = { 0 };
	struct canvas cv = { NULL, 0 };

	vec_push(lw->arena, &limits, 0);
	for (size_t r = 0; r < nrules; r++) {
		const struct cond *in = plain_test(rules[r].cond);

		for (uint32_t i = 0; i < in->n; i++) {
			vec_push(lw->arena, &limits, in->set[i].lo);
			if (in->set[i].hi < in->mask)
				vec_push(lw->arena, &limits,
					 in->set[i].hi + 1);
		}
	}
	qsort(limits.data, limits.len, sizeof(uint64_t), u64_order);
	cv.stripes = arena_array(lw->arena, limits.len + 1,
				 sizeof(*cv.stripes));
	for (size_t i = 0; i < limits.len; i++)
		if (!i || limits.data[i] != limits.data[i - 1])
			cv.stripes[cv.n++].lo = limits.data[i];
	for (size_t i = 0; i <= cv.n; i++)
		cv.stripes[i].next = i;
	return cv;
}

static size_t canvas_find(const struct canvas *cv, uint64_t value)
{
	size_t lo = 0, hi = cv->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (cv->stripes[mid].lo < value)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Follows and shortens the way to the first unpainted stripe. */
static size_t canvas_unpainted(struct canvas *cv, size_t i)
{
	while (cv->stripes[i].next != i) {
		cv->stripes[i].next = cv->stripes[cv->stripes[i].next].next;
		i = cv->stripes[i].next;
	}
	return i;
}

/* Stripes from .. to - 1, those that no earlier rule has taken. */
static void canvas_paint(struct canvas *cv, size_t from, size_t to, dd_ref ref,
			 struct span origin)
{
	for (size_t i = canvas_unpainted(cv, from); i < to;
	     i = canvas_unpainted(cv, i)) {
		cv->stripes[i].to = ref;
		cv->stripes[i].origin = origin;
		cv->stripes[i].next = i + 1;
	}
}

static void canvas_paint_rule(struct lower *lw, struct canvas *cv,
			      const struct rule *rule)
{
	const struct cond *in = plain_test(rule->cond);
	const bool negated = rule->cond->kind == COND_NOT;
	dd_ref ref = dd_leaf(lw->store, rule->action, rule->span);
	size_t after = 0;

	for (uint32_t i = 0; i < in->n; i++) {
		size_t from = canvas_find(cv, in->set[i].lo);
		size_t to = in->set[i].hi < in->mask
				    ? canvas_find(cv, in->set[i].hi + 1)
				    : cv->n;

		if (negated)
			canvas_paint(cv, after, from, ref, rule->span);
		else
			canvas_paint(cv, from, to, ref, rule->span);
		after = to;
	}
	if (negated)
		canvas_paint(cv, after, cv->n, ref, rule->span);
}

static dd_ref lower_run(struct lower *lw, const struct rule *rules, size_t n,
			dd_ref next)
{
	const struct cond *test = plain_test(rules[0].cond);
	struct canvas cv = canvas_new(lw, rules, n);
	segment_list segs = { 0 };

	for (size_t r = 0; r < n; r++)
		canvas_paint_rule(lw, &cv, &rules[r]);
	canvas_paint(&cv, 0, cv.n, next, rules[n - 1].span);
	for (size_t i = 0; i < cv.n; i++)
		push_segment(lw, &segs, cv.stripes[i].lo, cv.stripes[i].to,
			     cv.stripes[i].origin);
	return lower_segments(lw, test->at, test->mask, &segs);
}

dd_ref lower_rules(struct dd_store *s, struct arena *a,
		   const struct ruleset *set, dd_ref fallback)
{
	struct lower lw = { s, a };
	dd_ref next = fallback;

	for (uint32_t last = set->nrules; last-- > 0;) {
		const struct rule *rule = &set->rules[last];
		uint32_t first = run_start(set, last);

		if (first < last) {
			next = lower_run(&lw, &set->rules[first],
					 last - first + 1, next);
			last = first;
		} else {
			next = lower_cond(&lw, rule->cond,
					  dd_leaf(s, rule->action, rule->span),
					  next);
		}
	}
	return next;
}

bool pass_lower(struct compilation *c)
{
	struct arena *a = c->unit->arena;
	const struct policy *p = c->policy;

	c->sets = arena_array(a, p->nabis, sizeof(*c->sets));
	for (uint32_t i = 0; i < p->nabis; i++) {
		const struct abi_policy *abi = &p->abis[i];
		dd_ref fallback = dd_leaf(c->store, abi->fallback,
					  abi->fallback_span);

		c->sets[i] = arena_array(a, abi->nsets, sizeof(**c->sets));
		for (uint32_t j = 0; j < abi->nsets; j++)
			c->sets[i][j] = lower_rules(c->store, a, &abi->sets[j],
						    fallback);
	}
	return true;
}
