/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: diagrams keep what was asked for while tests change their form;
 * searches and facts agree with plain reading; equal is one node.
 * Method: every test over a small word is evaluated for all its values
 * (shifted to low, middle and high bits); searches over random cells are
 * compared at every limit; facts are checked against all values that
 * satisfy them.
 */
#include <check.h>
#include <stdlib.h>

#include "base/arena.h"
#include "compiler/dd.h"
#include "compiler/facts.h"
#include "compiler/search.h"

enum { WORD = 16, NARROW = 5, ROUNDS = 200 };

static uint64_t state = 88172645463325252u;

static uint32_t roll(uint32_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)((state >> 20) % n);
}

static bool holds(const struct dd_test *t, uint32_t value)
{
	return t->op == DD_EQ ? (value & t->mask) == t->k
			      : (value & t->mask) >= t->k;
}

static dd_ref walk(const struct dd_store *s, dd_ref ref, uint32_t value)
{
	while (!dd_is_leaf(s, ref)) {
		const struct dd_node *n = dd_get(s, ref);

		ref = holds(&n->test, value) ? n->hi : n->lo;
	}
	return ref;
}

static dd_ref leaf_of(struct dd_store *s, uint16_t data)
{
	return dd_leaf(s, (struct action){ ACT_TRACE, data }, span_none);
}

static void check_test(struct dd_store *s, const struct dd_test *t,
		       unsigned shift)
{
	dd_ref yes = leaf_of(s, 1), no = leaf_of(s, 0);
	dd_ref ref = dd_branch(s, *t, yes, no, span_none);

	for (uint32_t v = 0; v < 1U << NARROW; v++) {
		/* With the bits outside the mask in all shapes. */
		uint32_t inside = v << shift;
		uint32_t outside = ~(((1U << NARROW) - 1) << shift);

		ck_assert_uint_eq(walk(s, ref, inside),
				  holds(t, inside) ? yes : no);
		ck_assert_uint_eq(walk(s, ref, inside | outside),
				  holds(t, inside | outside) ? yes : no);
	}
}

START_TEST(normal_forms_keep_meaning)
{
	static const unsigned shifts[] = { 0, 11, 32 - NARROW };
	const unsigned shift = shifts[_i];
	struct arena *a = arena_new();
	struct dd_store *s = dd_store_new(a);

	for (uint32_t mask = 0; mask < 1U << NARROW; mask++) {
		for (uint32_t k = 0; k < 1U << NARROW; k++) {
			for (int op = 0; op < 4; op++) {
				uint32_t m = mask << shift;
				struct dd_test t = { op & 1 ? DD_GE : DD_EQ,
						     WORD,
						     op & 2 ? ~m : m,
						     k << shift };

				check_test(s, &t, shift);
			}
		}
	}
	arena_free(a);
}
END_TEST

START_TEST(equal_diagrams_are_one_node)
{
	struct arena *a = arena_new();
	struct dd_store *s = dd_store_new(a);
	dd_ref refs[3000];
	dd_ref last;

	for (uint32_t i = 0; i < 3000; i++)
		refs[i] = dd_branch(s,
				    (struct dd_test){ DD_EQ, WORD, UINT32_MAX,
						      i },
				    leaf_of(s, 1), leaf_of(s, 2), span_none);
	last = dd_last(s);
	for (uint32_t i = 0; i < 3000; i++)
		ck_assert_uint_eq(
			refs[i],
			dd_branch(s,
				  (struct dd_test){ DD_EQ, WORD, UINT32_MAX,
						    i },
				  leaf_of(s, 1), leaf_of(s, 2), span_none));
	ck_assert_uint_eq(last, dd_last(s));
	ck_assert_uint_eq(dd_branch(s,
				    (struct dd_test){ DD_GE, WORD, UINT32_MAX,
						      7 },
				    refs[9], refs[9], span_none),
			  refs[9]);
	arena_free(a);
}
END_TEST

/* ---- search ---- */

static size_t random_cells(struct dd_store *s, struct search_cell *cells,
			   size_t most, uint32_t last)
{
	size_t n = 1 + roll((uint32_t)most);
	uint32_t kinds = 1 + roll(4), at = 0;

	for (size_t i = 0; i < n; i++) {
		cells[i] = (struct search_cell){
			at, leaf_of(s, (uint16_t)roll(kinds + 1)), roll(9),
			span_none
		};
		at += 1 + (roll(3) ? roll(2) : roll(last / 40 + 1));
		if (at > last || at < cells[i].lo)
			return i + 1;
	}
	return n;
}

static void check_cells(const struct search *s, const struct search_cell *cells,
			size_t n)
{
	struct search_cell copy[600];
	dd_ref ref;

	for (size_t i = 0; i < n; i++)
		copy[i] = cells[i];
	ref = search_build(s, copy, n);
	for (size_t i = 0; i < n; i++) {
		uint32_t last = i + 1 < n ? cells[i + 1].lo - 1 : s->last;

		ck_assert_uint_eq(walk(s->store, ref, cells[i].lo),
				  cells[i].to);
		ck_assert_uint_eq(walk(s->store, ref, last), cells[i].to);
		ck_assert_uint_eq(
			walk(s->store, ref, cells[i].lo + (last - cells[i].lo) / 2),
			cells[i].to);
	}
}

START_TEST(searches_find_every_cell)
{
	static const uint32_t lasts[] = { 63, 4095, 0x40000fff, UINT32_MAX };

	for (int i = 0; i < ROUNDS; i++) {
		struct arena *a = arena_new();
		struct search_cell cells[600];
		struct search s = { dd_store_new(a), a, WORD, UINT32_MAX,
				    lasts[_i] };
		size_t n = random_cells(s.store, cells, i % 7 ? 40 : 600,
					s.last);

		check_cells(&s, cells, n);
		arena_free(a);
	}
}
END_TEST

static unsigned height(const struct dd_store *s, dd_ref ref)
{
	const struct dd_node *n = dd_get(s, ref);
	unsigned hi, lo;

	if (!n->hi)
		return 0;
	hi = height(s, n->hi);
	lo = height(s, n->lo);
	return 1 + (hi > lo ? hi : lo);
}

/* 4,096 single values: logarithmic height, a quarter over one test each. */
START_TEST(large_sets_are_balanced)
{
	struct arena *a = arena_new();
	struct search s = { dd_store_new(a), a, WORD, UINT32_MAX, UINT32_MAX };
	struct search_cell *cells = arena_array(a, 8193, sizeof(*cells));
	dd_ref ref;

	for (uint32_t i = 0; i < 4096; i++) {
		cells[2 * i] = (struct search_cell){ i * 7, leaf_of(s.store, 0),
						     1, span_none };
		cells[2 * i + 1] = (struct search_cell){ i * 7 + 3,
							 leaf_of(s.store, 1),
							 1, span_none };
	}
	for (uint32_t i = 0; i < 4096; i++)
		cells[2 * i].lo = i ? i * 7 - 3 : 0;
	cells[8192] = (struct search_cell){ 4095 * 7 + 4, leaf_of(s.store, 0),
					    1, span_none };
	ref = search_build(&s, cells, 8193);
	ck_assert_uint_le(height(s.store, ref), 15);
	ck_assert_uint_le(dd_cost(s.store, ref), 4096 + 1024 + 8);
	arena_free(a);
}
END_TEST

START_TEST(a_cube_is_one_test)
{
	struct arena *a = arena_new();
	struct search s = { dd_store_new(a), a, WORD, UINT32_MAX, UINT32_MAX };
	dd_ref yes = leaf_of(s.store, 1), no = leaf_of(s.store, 0);
	struct search_cell cells[] = {
		{ 0, yes, 1, span_none },	{ 1, no, 1, span_none },
		{ 8, yes, 1, span_none },	{ 9, no, 1, span_none },
		{ 0x20000, yes, 1, span_none }, { 0x20001, no, 1, span_none },
		{ 0x20008, yes, 1, span_none }, { 0x20009, no, 1, span_none },
	};
	const struct dd_node *n = dd_get(s.store, search_build(&s, cells, 8));

	ck_assert_uint_eq(n->test.mask, ~0x20008U);
	ck_assert_uint_eq(n->hi, yes);
	ck_assert_uint_eq(n->lo, no);
	arena_free(a);
}
END_TEST

/* ---- facts ---- */

static bool satisfies(struct facts f, uint32_t v)
{
	return v >= f.lo && v <= f.hi && (v & f.known) == f.value;
}

static struct dd_test random_test(unsigned shift)
{
	uint32_t mask = roll(3) ? UINT32_MAX : roll(1U << NARROW) << shift;

	return (struct dd_test){ roll(2) ? DD_GE : DD_EQ, WORD, mask,
				 (roll(1U << NARROW) << shift) & mask };
}

/* Values that pass the tests stay possible, and answers are right. */
START_TEST(facts_never_lie)
{
	const unsigned shift = _i ? 32 - NARROW : 0;

	for (int i = 0; i < ROUNDS * 20; i++) {
		struct facts f = facts_none(), g = facts_none();
		struct dd_test t[4], ask = random_test(shift);
		bool yes[4];

		for (int j = 0; j < 4; j++) {
			t[j] = random_test(shift);
			yes[j] = roll(2);
			f = facts_after(f, &t[j], yes[j]);
		}
		g = facts_meet(f, facts_after(g, &ask, true));
		for (uint32_t v = 0; v < 1U << NARROW; v++) {
			uint32_t value = v << shift;
			bool passes = true;

			for (int j = 0; j < 4; j++)
				passes &= holds(&t[j], value) == yes[j];
			if (holds(&ask, value))
				ck_assert(satisfies(g, value));
			if (!passes)
				continue;
			ck_assert(satisfies(f, value));
			ck_assert(satisfies(g, value));
			if (facts_answer(f, &ask) != ANSWER_OPEN)
				ck_assert_int_eq(facts_answer(f, &ask) ==
							 ANSWER_YES,
						 holds(&ask, value));
		}
	}
}
END_TEST

/* That nothing is ever answered would pass the test above. */
START_TEST(facts_answer_the_obvious)
{
	const struct dd_test is7 = { DD_EQ, WORD, UINT32_MAX, 7 };
	const struct dd_test from9 = { DD_GE, WORD, UINT32_MAX, 9 };
	const struct dd_test no_bit2 = { DD_EQ, WORD, 4, 0 };
	struct facts f = facts_none();

	ck_assert_int_eq(facts_answer(f, &is7), ANSWER_OPEN);
	ck_assert_int_eq(facts_answer(facts_after(f, &is7, true), &no_bit2),
			 ANSWER_NO);
	ck_assert_int_eq(facts_answer(facts_after(f, &is7, true), &from9),
			 ANSWER_NO);
	ck_assert_int_eq(facts_answer(facts_after(f, &from9, true), &is7),
			 ANSWER_NO);
	ck_assert_int_eq(facts_answer(facts_after(f, &no_bit2, true), &is7),
			 ANSWER_NO);
	ck_assert_int_eq(facts_answer(facts_after(f, &from9, true), &from9),
			 ANSWER_YES);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dd");
	TCase *c = tcase_create("dd");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, normal_forms_keep_meaning, 0, 3);
	tcase_add_test(c, equal_diagrams_are_one_node);
	tcase_add_loop_test(c, searches_find_every_cell, 0, 4);
	tcase_add_test(c, large_sets_are_balanced);
	tcase_add_test(c, a_cube_is_one_test);
	tcase_add_loop_test(c, facts_never_lie, 0, 2);
	tcase_add_test(c, facts_answer_the_obvious);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
