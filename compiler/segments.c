/* SPDX-License-Identifier: Apache-2.0 */
/*
 * segments.c - from ranges of one argument's value to searches over words
 *
 * cBPF loads 32 bits at a time, so a 64-bit value is a search over its high
 * word with searches over the low word below it; equal low words share
 * theirs, because diagrams are hash-consed.
 */
#include "compiler/segments.h"

#include "base/arena.h"
#include "base/vec.h"
#include "compiler/search.h"

typedef VEC(struct search_cell) cell_list;

struct value {
	struct dd_store *store;
	struct arena *arena;
	struct arg_words at;
	uint64_t mask;
	const struct segment *segs;
	size_t n;
};

static dd_ref search_word(const struct value *v, uint32_t word, uint32_t mask,
			  cell_list *cells)
{
	const struct search s = { v->store, v->arena, word, mask, mask };

	return search_build(&s, cells->data, cells->len);
}

/* A later cell with the same start replaces the earlier one. */
static void push_cell(const struct value *v, cell_list *cells, uint32_t lo,
		      dd_ref to, struct span origin)
{
	struct search_cell c = { lo, to, 1, origin };

	if (cells->len && cells->data[cells->len - 1].lo == lo)
		cells->data[cells->len - 1] = c;
	else
		vec_push(v->arena, cells, c);
}

/*
 * The segments that begin within one high word, from *i on, and what the
 * one before them leaves of it.  Moves *i behind them.
 */
static dd_ref lower_low_word(const struct value *v, size_t *i)
{
	const uint32_t mask = (uint32_t)v->mask;
	const uint32_t high = (uint32_t)(v->segs[*i].lo >> 32);
	cell_list cells = { 0 };

	push_cell(v, &cells, 0, v->segs[*i - 1].to, v->segs[*i].origin);
	for (; *i < v->n && v->segs[*i].lo >> 32 == high; ++*i) {
		const struct segment *seg = &v->segs[*i];

		if ((uint32_t)seg->lo <= mask)
			push_cell(v, &cells, (uint32_t)seg->lo, seg->to,
				  seg->origin);
	}
	return search_word(v, v->at.lo, mask, &cells);
}

static dd_ref lower_two_words(const struct value *v)
{
	const uint32_t high_mask = (uint32_t)(v->mask >> 32);
	cell_list cells = { 0 };
	size_t i = 1;

	push_cell(v, &cells, 0, v->segs[0].to, v->segs[0].origin);
	while (i < v->n) {
		uint32_t high = (uint32_t)(v->segs[i].lo >> 32);
		struct span origin = v->segs[i].origin;

		push_cell(v, &cells, high, lower_low_word(v, &i), origin);
		if (high < high_mask)
			push_cell(v, &cells, high + 1, v->segs[i - 1].to,
				  v->segs[i - 1].origin);
	}
	return search_word(v, v->at.hi, high_mask, &cells);
}

static dd_ref lower_one_word(const struct value *v)
{
	cell_list cells = { 0 };

	for (size_t i = 0; i < v->n; i++)
		push_cell(v, &cells, (uint32_t)v->segs[i].lo, v->segs[i].to,
			  v->segs[i].origin);
	return search_word(v, v->at.lo, (uint32_t)v->mask, &cells);
}

dd_ref segments_lower(struct dd_store *s, struct arena *a, struct arg_words at,
		      uint64_t mask, const struct segment *segs, size_t n)
{
	const struct value v = { s, a, at, mask, segs, n };

	return at.hi == ARG_NO_WORD ? lower_one_word(&v) : lower_two_words(&v);
}
