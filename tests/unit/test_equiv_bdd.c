/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: the short ways to a node (a comparison's chain, a choice without
 * its condition, a trie of intervals) give the node of the long way.
 * Method: nodes are canonical, so refs are compared; what the long way
 * gives is checked by evaluation, word by word, against plain C.
 */
#include <check.h>

#include "base/bug.h"
#include "compiler/equiv_bdd.h"
#include "tests/support/entropy.h"

enum { ROUNDS = 4000, VALUES = 12 };

static const struct action leaves[] = {
	{ACT_ALLOW,  0},
	  { ACT_ERRNO, 1},
	    { ACT_ERRNO, 2},
	      { ACT_LOG,	 0}
};

static uint32_t any_word(struct entropy *e)
{
	switch (entropy_below(e, 4)) {
	case 0:
		return entropy_below(e, 8);
	case 1:
		return UINT32_MAX << entropy_below(e, 32);
	case 2:
		return UINT32_C(1) << entropy_below(e, 32);
	}
	return (uint32_t)entropy_word(e);
}

static bool holds(enum bdd_op op, uint32_t value, uint32_t k)
{
	switch (op) {
	case BDD_EQ:
		return value == k;
	case BDD_GE:
		return value >= k;
	case BDD_GT:
		return value > k;
	case BDD_ANY:
		return (value & k) != 0;
	}
	BUG("op %d", op);
}

static bdd_ref any_compare(struct bdd_store *s, struct entropy *e)
{
	return bdd_compare(s, 16 + 4 * entropy_below(e, 3),
			   entropy_below(e, 2) ? UINT32_MAX : any_word(e),
			   (enum bdd_op)entropy_below(e, 4), any_word(e));
}

/* A function of three words, none of them always asked. */
static bdd_ref any_function(struct bdd_store *s, struct entropy *e)
{
	bdd_ref f = bdd_leaf(s, leaves[entropy_below(e, 4)]);

	for (unsigned n = entropy_below(e, 4); n-- > 0;)
		f = bdd_ite(s, any_compare(s, e),
			    bdd_leaf(s, leaves[entropy_below(e, 4)]), f);
	return f;
}

START_TEST(compare_is_the_comparison)
{
	struct bdd_store *s = bdd_new(false, UINT32_MAX);
	struct entropy e = { .seed = 1 };

	for (unsigned i = 0; i < ROUNDS; i++) {
		const enum bdd_op op = (enum bdd_op)entropy_below(&e, 4);
		const uint32_t mask = any_word(&e), k = any_word(&e);
		const bdd_ref c = bdd_compare(s, 16, mask, op, k);

		for (unsigned n = 0; n < VALUES; n++) {
			const uint32_t v =
				n ? any_word(&e) : k + entropy_below(&e, 3) - 1;

			ck_assert_uint_eq(bdd_given_word(s, c, 16, v),
					  holds(op, v & mask, k) ? BDD_TRUE
								 : BDD_FALSE);
		}
	}
	bdd_free(s);
}
END_TEST

START_TEST(choice_is_if_then_else)
{
	struct bdd_store *s = bdd_new(false, UINT32_MAX);
	struct entropy e = { .seed = 2 };

	for (unsigned i = 0; i < ROUNDS; i++) {
		const unsigned off = 16 + 4 * entropy_below(&e, 3);
		const enum bdd_op op = (enum bdd_op)entropy_below(&e, 4);
		const uint32_t mask = any_word(&e), k = any_word(&e);
		const bdd_ref hi = any_function(s, &e);
		const bdd_ref lo = any_function(s, &e);
		const bdd_ref c = bdd_compare(s, off, mask, op, k);

		ck_assert_uint_eq(bdd_choose(s, off, mask, op, k, hi, lo),
				  bdd_ite(s, c, hi, lo));
	}
	bdd_free(s);
}
END_TEST

/* Halves in either order, as split arguments of 32-bit ABIs have them. */
START_TEST(intervals_of_two_words)
{
	static const struct arg_words places[] = {
		{16,  20},
		    { 20, 16},
		{ 16, 24},
		    { 28, 40}
	};
	struct bdd_store *s = bdd_new(false, UINT32_MAX);
	struct entropy e = { .seed = 3 };

	for (unsigned i = 0; i < ROUNDS; i++) {
		const struct arg_words at = places[entropy_below(&e, 4)];
		const uint64_t a = entropy_word(&e) >> entropy_below(&e, 64);
		const uint64_t b = a + (entropy_word(&e) >> 40);
		const struct interval set[] = {
			{a >> 1, a    },
			       { b + 2, ~0ULL}
		};
		const uint64_t mask = entropy_below(&e, 2)
					      ? UINT64_MAX
					      : entropy_word(&e) | 1;
		const bdd_ref c = bdd_in(s, at, mask, 2, set);
		const uint64_t v = entropy_below(&e, 2) ? a : entropy_word(&e);
		struct call call = { 0 };
		bdd_ref f = c;

		call_set_word(&call, at.lo, false, (uint32_t)v);
		call_set_word(&call, at.hi, false, (uint32_t)(v >> 32));
		for (unsigned arg = 0; arg < ARGS_MAX; arg++) {
			const unsigned off = DATA_ARGS + 8 * arg;

			f = bdd_given_word(s, f, off + 4,
					   call_word(&call, off + 4, false));
			f = bdd_given_word(s, f, off,
					   call_word(&call, off, false));
		}
		ck_assert_uint_eq(f, ((v & mask) >= set[0].lo &&
				      (v & mask) <= set[0].hi) ||
						     (v & mask) >= set[1].lo
					     ? BDD_TRUE
					     : BDD_FALSE);
	}
	bdd_free(s);
}
END_TEST

START_TEST(returns_that_mean_the_same_are_one_leaf)
{
	struct bdd_store *s = bdd_new(false, UINT32_MAX);

	ck_assert_uint_eq(bdd_leaf(s, action_from_ret(0x7fff0000)),
			  bdd_leaf(s, action_from_ret(0x7fff1234)));
	ck_assert_uint_eq(bdd_leaf(s, action_from_ret(0x00050fff)),
			  bdd_leaf(s, action_from_ret(0x0005ffff)));
	ck_assert_uint_eq(bdd_leaf(s, action_from_ret(0x80000000)),
			  bdd_leaf(s, action_from_ret(0x12345678)));
	ck_assert_uint_ne(bdd_leaf(s, action_from_ret(0x00050000)),
			  bdd_leaf(s, action_from_ret(0x7fff0000)));
	bdd_free(s);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("equiv_bdd");
	Suite *s = suite_create("equiv_bdd");
	SRunner *sr;
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, compare_is_the_comparison);
	tcase_add_test(tc, choice_is_if_then_else);
	tcase_add_test(tc, intervals_of_two_words);
	tcase_add_test(tc, returns_that_mean_the_same_are_one_leaf);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
