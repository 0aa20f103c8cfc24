/* SPDX-License-Identifier: Apache-2.0 */
/*
 * search_cube.c - values that one masked comparison finds together
 *
 * 0, 8, 0x20000 and 0x20008 are the values without other bits than
 * 0x20008: one JSET instead of four JEQ.  Only small sets of values with
 * one outcome among values with another are looked at.
 */
#include "base/arena.h"
#include "compiler/search.h"

enum { POINTS_MAX = 64 };

struct points {
	uint32_t value[POINTS_MAX];
	size_t n;
	dd_ref to, base; /* outcome of the points, of all else */
	struct span origin;
};

/* The outcome that is not `to`; DD_NONE when there is a third. */
static dd_ref other_outcome(const struct search_cell *cells, size_t n,
			    dd_ref to)
{
	dd_ref other = DD_NONE;

	for (size_t i = 0; i < n; i++) {
		if (cells[i].to == to)
			continue;
		if (other && cells[i].to != other)
			return DD_NONE;
		other = cells[i].to;
	}
	return other;
}

/* All values with the outcome `to`; false when they are too many. */
static bool list_points(const struct search *s, const struct search_cell *cells,
			size_t n, dd_ref to, struct points *p)
{
	p->n = 0;
	p->to = to;
	for (size_t i = 0; i < n; i++) {
		uint32_t last = i + 1 < n ? cells[i + 1].lo - 1 : s->last;

		if (cells[i].to != to)
			continue;
		if (last - cells[i].lo >= POINTS_MAX - p->n)
			return false;
		if (!p->n)
			p->origin = cells[i].origin;
		for (uint32_t v = cells[i].lo;; v++) {
			p->value[p->n++] = v;
			if (v == last)
				break;
		}
	}
	return true;
}

static bool has_point(const struct points *p, uint32_t value)
{
	size_t lo = 0, hi = p->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (p->value[mid] < value)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < p->n && p->value[lo] == value;
}

/* Is each combination of the bits of `free` over `k` a point? */
static bool is_cube(const struct points *p, uint32_t k, uint32_t free)
{
	uint32_t sub = 0;

	do {
		if (!has_point(p, k | sub))
			return false;
		sub = (sub - free) & free;
	} while (sub);
	return true;
}

/* The free bits of a cube that has k as its least value. */
static uint32_t grow_cube(const struct points *p, uint32_t k)
{
	uint32_t free = 0;

	for (size_t i = 0; i < p->n; i++) {
		uint32_t bit = p->value[i] ^ k;

		if (bit & (bit - 1) || !bit || k & bit)
			continue;
		if (2U << __builtin_popcount(free) > p->n)
			break;
		if (is_cube(p, k, free | bit))
			free |= bit;
	}
	return free;
}

/* More values first; a test for zero needs no AND, so it counts twice. */
static size_t cube_worth(uint32_t k, uint32_t free)
{
	size_t values = (size_t)1 << __builtin_popcount(free);

	if (k)
		return values >= 4 ? values : 0;
	return values >= 2 ? 2 * values : 0;
}

static void make_rest(const struct search *s, const struct points *p,
		      uint32_t k, uint32_t free, struct search_cube *out)
{
	struct search_cell *cells =
		arena_array(s->arena, 2 * p->n + 1, sizeof(*cells));
	size_t n = 0;

	cells[n++] = (struct search_cell){ 0, p->base, 1, p->origin };
	for (size_t i = 0; i < p->n; i++) {
		uint32_t v = p->value[i];

		if ((v & ~free) == k)
			continue;
		if (cells[n - 1].lo == v)
			n--;
		cells[n++] = (struct search_cell){ v, p->to, 1, p->origin };
		if (v < s->last)
			cells[n++] = (struct search_cell){ v + 1, p->base, 1,
							   p->origin };
	}
	out->rest = cells;
	out->nrest = n;
}

bool search_find_cube(const struct search *s, const struct search_cell *cells,
		      size_t n, struct search_cube *out)
{
	struct points p;
	uint32_t best = 0, best_free = 0;
	size_t worth = 0;

	if (n < 2)
		return false;
	p.base = other_outcome(cells, n, cells[0].to);
	if (!p.base)
		return false;
	if (!list_points(s, cells, n, cells[0].to, &p)) {
		dd_ref few = p.base;

		p.base = cells[0].to;
		if (!list_points(s, cells, n, few, &p))
			return false;
	}
	for (size_t i = 0; i < p.n; i++) {
		uint32_t free = grow_cube(&p, p.value[i]);

		if (cube_worth(p.value[i], free) <= worth)
			continue;
		worth = cube_worth(p.value[i], free);
		best = p.value[i];
		best_free = free;
	}
	if (!worth)
		return false;
	out->test =
		(struct dd_test){ DD_EQ, s->word, s->mask & ~best_free, best };
	out->to = p.to;
	out->origin = p.origin;
	make_rest(s, &p, best, best_free, out);
	return true;
}
