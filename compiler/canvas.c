/* SPDX-License-Identifier: Apache-2.0 */
/*
 * canvas.c - neighbouring rules on the same bits, as one list of segments
 *
 * The limits of all rules part the values into stripes; rules paint in
 * order, and only what is still bare.  Painted stripes are skipped by
 * links that get shorter with use, so n rules cost O(n log n).
 */
#include "compiler/canvas.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/vec.h"

struct canvas {
	struct arena *arena;
	size_t n;
	struct segment *stripes;
	size_t *next; /* itself while bare; n at the end */
};

const struct cond *canvas_test(const struct cond *c)
{
	if (c->kind == COND_NOT)
		c = c->of[0];
	return c->kind == COND_IN ? c : NULL;
}

static int u64_order(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

typedef VEC(uint64_t) limit_list;

static void add_limits(struct arena *a, const struct cond *in, limit_list *out)
{
	for (uint32_t i = 0; i < in->n; i++) {
		vec_push(a, out, in->set[i].lo);
		if (in->set[i].hi < in->mask)
			vec_push(a, out, in->set[i].hi + 1);
	}
}

struct canvas *canvas_new(struct arena *a, const struct rule *rules, size_t n)
{
	struct canvas *cv = arena_new_of(a, struct canvas);
	limit_list limits = { 0 };

	vec_push(a, &limits, 0);
	for (size_t r = 0; r < n; r++)
		add_limits(a, canvas_test(rules[r].cond), &limits);
	qsort(limits.data, limits.len, sizeof(uint64_t), u64_order);
	cv->arena = a;
	cv->stripes = arena_array(a, limits.len, sizeof(*cv->stripes));
	cv->next = arena_array(a, limits.len + 1, sizeof(*cv->next));
	for (size_t i = 0; i < limits.len; i++)
		if (!i || limits.data[i] != limits.data[i - 1])
			cv->stripes[cv->n++].lo = limits.data[i];
	for (size_t i = 0; i <= cv->n; i++)
		cv->next[i] = i;
	return cv;
}

/* The first stripe at or after the value. */
static size_t find(const struct canvas *cv, uint64_t value)
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

static size_t bare(struct canvas *cv, size_t i)
{
	while (cv->next[i] != i) {
		cv->next[i] = cv->next[cv->next[i]];
		i = cv->next[i];
	}
	return i;
}

static void paint(struct canvas *cv, size_t from, size_t to, uint32_t ref,
		  struct span origin)
{
	for (size_t i = bare(cv, from); i < to; i = bare(cv, i)) {
		cv->stripes[i].to = ref;
		cv->stripes[i].origin = origin;
		cv->next[i] = i + 1;
	}
}

void canvas_paint(struct canvas *cv, const struct rule *rule, uint32_t ref)
{
	const struct cond *in = canvas_test(rule->cond);
	const bool negated = rule->cond->kind == COND_NOT;
	size_t after = 0;

	for (uint32_t i = 0; i < in->n; i++) {
		size_t from = find(cv, in->set[i].lo);
		size_t to = in->set[i].hi < in->mask
				    ? find(cv, in->set[i].hi + 1)
				    : cv->n;

		if (negated)
			paint(cv, after, from, ref, rule->span);
		else
			paint(cv, from, to, ref, rule->span);
		after = to;
	}
	if (negated)
		paint(cv, after, cv->n, ref, rule->span);
}

const struct segment *canvas_segments(struct canvas *cv, uint32_t ref,
				      struct span origin, size_t *n)
{
	/* What is left begins where the rule before it ends. */
	for (size_t i = bare(cv, 0); i < cv->n; i = bare(cv, i))
		paint(cv, i, i + 1, ref,
		      i ? cv->stripes[i - 1].origin : origin);
	*n = cv->n;
	return cv->stripes;
}
