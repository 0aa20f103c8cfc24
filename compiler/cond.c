/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cond.c - conditions: constructors that simplify, and direct evaluation
 *
 * What is constant never stays inside another condition: the only place of
 * `true` and `not true` is the top.  Nested lists of one kind are one
 * list, and tests of the same bits within a list are one interval set, so
 * `x == 1 or x == 2 or ...` stays flat however long it is.  Everything
 * lives in the arena that was given and is immutable.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/bug.h"
#include "base/vec.h"
#include "compiler/policy.h"

typedef VEC(struct interval) interval_list;

/* ---- interval sets ---- */

/* The least value with bits of mask only that is >= x; false: none. */
static bool mask_at_least(uint64_t mask, uint64_t x, uint64_t *out)
{
	uint64_t wrong = x & ~mask, below, full;

	*out = x;
	if (!wrong)
		return true;
	below = UINT64_MAX >> __builtin_clzll(wrong);
	full = x | ~mask | below;
	*out = (full + 1) & mask;
	return full != UINT64_MAX;
}

/* The greatest value with bits of mask only that is <= x. */
static uint64_t mask_at_most(uint64_t mask, uint64_t x)
{
	uint64_t wrong = x & ~mask;

	if (!wrong)
		return x;
	return (x | UINT64_MAX >> __builtin_clzll(wrong)) & mask;
}

/* The value after x, which has bits of mask only and is not mask itself. */
static uint64_t mask_after(uint64_t mask, uint64_t x)
{
	return ((x | ~mask) + 1) & mask;
}

static uint64_t mask_before(uint64_t mask, uint64_t x)
{
	return (x - 1) & mask;
}

static int interval_order(const void *a, const void *b)
{
	const struct interval *x = a, *y = b;

	if (x->lo != y->lo)
		return x->lo < y->lo ? -1 : 1;
	return (x->hi > y->hi) - (x->hi < y->hi);
}

static bool is_sorted(const struct interval *set, uint32_t n)
{
	for (uint32_t i = 1; i < n; i++)
		if (set[i - 1].lo > set[i].lo)
			return false;
	return true;
}

/*
 * Sorts, cuts to values that have bits of the mask only, and merges what
 * overlaps or touches.  In place; gives the new length.
 */
static uint32_t set_normalise(uint64_t mask, struct interval *set, uint32_t n)
{
	uint32_t len = 0;

	if (!is_sorted(set, n))
		qsort(set, n, sizeof(*set), interval_order);
	for (uint32_t i = 0; i < n; i++) {
		struct interval v = set[i];

		if (v.lo > v.hi || !mask_at_least(mask, v.lo, &v.lo))
			continue;
		v.hi = mask_at_most(mask, v.hi);
		if (v.lo > v.hi)
			continue;
		if (len && (set[len - 1].hi == mask ||
			    mask_after(mask, set[len - 1].hi) >= v.lo)) {
			if (v.hi > set[len - 1].hi)
				set[len - 1].hi = v.hi;
			continue;
		}
		set[len++] = v;
	}
	return len;
}

/* Appends what a normalised set leaves out of the mask's values. */
static void set_complement(struct arena *a, uint64_t mask,
			   const struct interval *set, uint32_t n,
			   interval_list *out)
{
	uint64_t from = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (set[i].lo > from)
			vec_push(a, out,
				 (struct interval){
					 from, mask_before(mask, set[i].lo) });
		if (set[i].hi == mask)
			return;
		from = mask_after(mask, set[i].hi);
	}
	vec_push(a, out, (struct interval){ from, mask });
}

/* ---- constructors ---- */

static struct cond *cond_new(struct arena *a, enum cond_kind kind,
			     struct span span)
{
	struct cond *c = arena_new_of(a, struct cond);

	c->kind = kind;
	c->span = span;
	return c;
}

static const struct cond *cond_false(struct arena *a, struct span span)
{
	return cond_not(a, span, cond_true(a, span));
}

const struct cond *cond_true(struct arena *a, struct span span)
{
	return cond_new(a, COND_TRUE, span);
}

bool cond_is_true(const struct cond *c)
{
	return c->kind == COND_TRUE;
}

bool cond_is_false(const struct cond *c)
{
	return c->kind == COND_NOT && c->of[0]->kind == COND_TRUE;
}

const struct cond *cond_not(struct arena *a, struct span span,
			    const struct cond *of)
{
	const struct cond **child;
	struct cond *c;

	if (of->kind == COND_NOT)
		return of->of[0];
	child = arena_new_of(a, const struct cond *);
	child[0] = of;
	c = cond_new(a, COND_NOT, span);
	c->n = 1;
	c->of = child;
	return c;
}

/* Takes over `set`, which is normalised. */
static const struct cond *in_of(struct arena *a, struct span span,
				struct arg_words at, uint64_t mask, uint32_t n,
				const struct interval *set)
{
	struct cond *c;

	if (!n)
		return cond_false(a, span);
	if (n == 1 && set[0].lo == 0 && set[0].hi == mask)
		return cond_true(a, span);
	c = cond_new(a, COND_IN, span);
	c->at = at;
	c->mask = mask;
	c->n = n;
	c->set = set;
	return c;
}

const struct cond *cond_in(struct arena *a, struct span span,
			   struct arg_words at, uint64_t mask, uint32_t n,
			   const struct interval *set)
{
	struct interval *own;

	if (at.hi == ARG_NO_WORD)
		mask &= UINT32_MAX;
	if (mask <= UINT32_MAX)
		at.hi = ARG_NO_WORD;
	own = arena_array(a, n ? n : 1, sizeof(*own));
	if (n)
		memcpy(own, set, n * sizeof(*own));
	n = set_normalise(mask, own, n);
	return in_of(a, span, at, mask, n, own);
}

/* ---- lists ---- */

/* So that a list of n kinds of tests takes n steps, not n * n. */
enum { GROUPS_SEARCHED = 64 };

/* Tests of the same bits within one list, joined into one. */
struct group {
	struct arg_words at;
	uint64_t mask;
	bool negated;
	/* Collected are the parts of a union: the sets, or what they omit. */
	interval_list parts;
};

struct list {
	struct arena *arena;
	enum cond_kind kind; /* COND_AND or COND_OR */
	struct span span;
	bool decided; /* a constant child settles the whole list */
	VEC(struct group) groups;
	VEC(const struct cond *) items; /* NULL: groups in order */
};

/*
 * A or B, not A and not B: unions.  A and B, not A or not B:
 * intersections, which are the complement of the complements' union.
 */
static bool group_is_union(const struct list *l, const struct group *g)
{
	return (l->kind == COND_OR) != g->negated;
}

static struct group *list_group(struct list *l, const struct cond *in,
				bool negated)
{
	size_t i = l->groups.len > GROUPS_SEARCHED
			   ? l->groups.len - GROUPS_SEARCHED
			   : 0;

	for (; i < l->groups.len; i++) {
		struct group *g = &l->groups.data[i];

		if (g->mask == in->mask && g->negated == negated &&
		    g->at.lo == in->at.lo && g->at.hi == in->at.hi)
			return g;
	}
	vec_push(l->arena, &l->groups,
		 (struct group){ in->at, in->mask, negated, { 0 } });
	vec_push(l->arena, &l->items, NULL);
	return &l->groups.data[l->groups.len - 1];
}

static void list_add_in(struct list *l, const struct cond *in, bool negated)
{
	struct group *g = list_group(l, in, negated);

	if (!group_is_union(l, g)) {
		set_complement(l->arena, in->mask, in->set, in->n, &g->parts);
		return;
	}
	for (uint32_t i = 0; i < in->n; i++)
		vec_push(l->arena, &g->parts, in->set[i]);
}

/* Children of a list of the same kind were flattened when it was made. */
static void list_add(struct list *l, const struct cond *c)
{
	if (cond_is_true(c) || cond_is_false(c)) {
		if (cond_is_true(c) == (l->kind == COND_OR))
			l->decided = true;
	} else if (c->kind == COND_IN) {
		list_add_in(l, c, false);
	} else if (c->kind == COND_NOT && c->of[0]->kind == COND_IN) {
		list_add_in(l, c->of[0], true);
	} else if (c->kind == l->kind) {
		for (uint32_t i = 0; i < c->n; i++)
			list_add(l, c->of[i]);
	} else {
		vec_push(l->arena, &l->items, c);
	}
}

static const struct cond *group_cond(struct list *l, struct group *g)
{
	struct interval *set = g->parts.data;
	uint32_t n = set_normalise(g->mask, set, (uint32_t)g->parts.len);
	const struct cond *in;

	if (!group_is_union(l, g)) {
		interval_list rest = { 0 };

		set_complement(l->arena, g->mask, set, n, &rest);
		set = rest.data;
		n = set_normalise(g->mask, set, (uint32_t)rest.len);
	}
	in = in_of(l->arena, l->span, g->at, g->mask, n, set);
	return g->negated ? cond_not(l->arena, l->span, in) : in;
}

static const struct cond *list_constant(struct list *l, bool value)
{
	return value ? cond_true(l->arena, l->span)
		     : cond_false(l->arena, l->span);
}

static const struct cond *list_finish(struct list *l)
{
	size_t g = 0, len = 0;
	struct cond *c;

	if (l->decided)
		return list_constant(l, l->kind == COND_OR);
	for (size_t i = 0; i < l->items.len; i++) {
		const struct cond *item = l->items.data[i];

		if (!item)
			item = group_cond(l, &l->groups.data[g++]);
		if (cond_is_true(item) == (l->kind == COND_OR) &&
		    (cond_is_true(item) || cond_is_false(item)))
			return list_constant(l, l->kind == COND_OR);
		if (!cond_is_true(item) && !cond_is_false(item))
			l->items.data[len++] = item;
	}
	if (!len)
		return list_constant(l, l->kind == COND_AND);
	if (len == 1)
		return l->items.data[0];
	c = cond_new(l->arena, l->kind, l->span);
	c->n = (uint32_t)len;
	c->of = l->items.data;
	return c;
}

static const struct cond *cond_list(struct arena *a, enum cond_kind kind,
				    struct span span, uint32_t n,
				    const struct cond *const *of)
{
	struct list l = { .arena = a, .kind = kind, .span = span };

	for (uint32_t i = 0; i < n; i++)
		list_add(&l, of[i]);
	return list_finish(&l);
}

const struct cond *cond_and(struct arena *a, struct span span, uint32_t n,
			    const struct cond *const *of)
{
	return cond_list(a, COND_AND, span, n, of);
}

const struct cond *cond_or(struct arena *a, struct span span, uint32_t n,
			   const struct cond *const *of)
{
	return cond_list(a, COND_OR, span, n, of);
}

/* ---- questions ---- */

unsigned cond_depth(const struct cond *c)
{
	unsigned deepest = 0;

	if (c->kind == COND_TRUE || c->kind == COND_IN)
		return 1;
	for (uint32_t i = 0; i < c->n; i++) {
		unsigned d = cond_depth(c->of[i]);

		if (d > deepest)
			deepest = d;
	}
	return deepest + 1;
}

static bool set_has(const struct interval *set, uint32_t n, uint64_t value)
{
	uint32_t lo = 0, hi = n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (set[mid].hi < value)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n && set[lo].lo <= value;
}

/* Recursion ends at COND_DEPTH_MAX: policy_verify() asserts it. */
bool cond_eval(const struct cond *c, const struct call *call, bool big_endian)
{
	switch (c->kind) {
	case COND_TRUE:
		return true;
	case COND_NOT:
		return !cond_eval(c->of[0], call, big_endian);
	case COND_AND:
		for (uint32_t i = 0; i < c->n; i++)
			if (!cond_eval(c->of[i], call, big_endian))
				return false;
		return true;
	case COND_OR:
		for (uint32_t i = 0; i < c->n; i++)
			if (cond_eval(c->of[i], call, big_endian))
				return true;
		return false;
	case COND_IN:
		return set_has(c->set, c->n,
			       call_value(call, c->at, big_endian) & c->mask);
	}
	BUG("cond kind %d", (int)c->kind);
}
