/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: condition constructors keep meaning while they simplify.
 * Method: random conditions over few bits are built twice, through the
 * constructors and as a plain tree judged here; every value of the two
 * words is compared.  The invariants of the interval sets are checked too.
 */
#include <check.h>
#include <stdlib.h>

#include "base/arena.h"
#include "compiler/policy.h"

enum { SETS_MAX = 4, DEPTH_MAX = 4, ROUNDS = 3000, LEAF_WORDS = 2 };

static const struct arg_words words[LEAF_WORDS] = {
	{16,  20},
	    { 24, 28}
};

static uint64_t state = 88172645463325252u;

static unsigned roll(unsigned n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)((state >> 20) % n);
}

/* The judge's own tree. */
struct node {
	char op; /* '&', '|', '!', 'i' */
	struct node *a, *b;
	unsigned word;
	uint64_t mask;
	uint32_t n;
	struct interval set[SETS_MAX];
	const struct cond *built;
};

static struct node *leaf(struct arena *a)
{
	struct node *n = arena_new_of(a, struct node);

	n->op = 'i';
	n->word = roll(LEAF_WORDS);
	n->mask = roll(4) ? roll(16) : 7;
	n->n = roll(SETS_MAX + 1);
	for (uint32_t i = 0; i < n->n; i++) {
		n->set[i].lo = roll(17);
		n->set[i].hi = roll(4) ? n->set[i].lo + roll(4) : roll(17);
	}
	n->built = cond_in(a, span_none, words[n->word], n->mask, n->n, n->set);
	return n;
}

static struct node *tree(struct arena *a, unsigned depth)
{
	const struct cond *of[2];
	struct node *n;
	unsigned kind = roll(7);

	if (!depth || kind == 0)
		return leaf(a);
	n = arena_new_of(a, struct node);
	n->a = tree(a, depth - 1);
	if (kind == 1) {
		n->op = '!';
		n->built = cond_not(a, span_none, n->a->built);
		return n;
	}
	n->b = tree(a, depth - 1);
	of[0] = n->a->built;
	of[1] = n->b->built;
	n->op = kind % 2 ? '&' : '|';
	n->built = kind % 2 ? cond_and(a, span_none, 2, of)
			    : cond_or(a, span_none, 2, of);
	return n;
}

static bool judge(const struct node *n, const uint64_t *value)
{
	switch (n->op) {
	case '&':
		return judge(n->a, value) && judge(n->b, value);
	case '|':
		return judge(n->a, value) || judge(n->b, value);
	case '!':
		return !judge(n->a, value);
	}
	for (uint32_t i = 0; i < n->n; i++) {
		uint64_t v = value[n->word] & n->mask;

		if (n->set[i].lo <= v && v <= n->set[i].hi)
			return true;
	}
	return false;
}

static void check_invariants(const struct cond *c, bool top)
{
	if (!top)
		ck_assert(!cond_is_true(c) && !cond_is_false(c));
	if (c->kind == COND_IN) {
		ck_assert(c->mask && c->n);
		for (uint32_t i = 0; i < c->n; i++) {
			ck_assert(c->set[i].lo <= c->set[i].hi);
			ck_assert(c->set[i].hi <= c->mask);
			ck_assert(!i || c->set[i - 1].hi + 1 < c->set[i].lo);
		}
		return;
	}
	if (cond_is_true(c) || cond_is_false(c))
		return;
	for (uint32_t i = 0; i < c->n; i++) {
		check_invariants(c->of[i], false);
		ck_assert(c->of[i]->kind != c->kind);
	}
}

START_TEST(random_trees)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct arena *a = arena_new();
		struct node *n = tree(a, DEPTH_MAX);

		check_invariants(n->built, true);
		for (unsigned v = 0; v < 256; v++) {
			struct call call = {
				.args = {v & 15, v >> 4}
			};
			uint64_t value[] = { v & 15, v >> 4 };

			ck_assert_msg(cond_eval(n->built, &call, false) ==
					      judge(n, value),
				      "round %d, values %u %u", i, v & 15,
				      v >> 4);
		}
		arena_free(a);
	}
}
END_TEST

/* `x == 0 or x == 1 or ...` is one set however long it is. */
START_TEST(chains_stay_flat)
{
	struct arena *a = arena_new();
	const struct cond *all =
		cond_not(a, span_none, cond_true(a, span_none));

	for (uint64_t v = 0; v < 5000; v++) {
		struct interval one = { 2 * v, 2 * v };
		const struct cond *of[] = { all, cond_in(a, span_none, words[0],
							 UINT32_MAX, 1, &one) };

		if (v % 500 == 0)
			all = cond_or(a, span_none, 2, of);
	}
	ck_assert_int_eq(all->kind, COND_IN);
	ck_assert_uint_eq(all->n, 10);
	ck_assert_uint_eq(cond_depth(all), 1);
	arena_free(a);
}
END_TEST

/* The edges of 64 bits: no wrap, high word kept exactly where needed. */
START_TEST(edges)
{
	struct arena *a = arena_new();
	struct interval top = { UINT64_MAX, UINT64_MAX };
	struct interval every = { 0, UINT64_MAX };
	const struct cond *c =
		cond_in(a, span_none, words[0], UINT64_MAX, 1, &top);
	struct call call = { .args = { UINT64_MAX } };

	ck_assert(cond_eval(c, &call, false));
	ck_assert(cond_eval(c, &call, true));
	call.args[0]--;
	ck_assert(!cond_eval(c, &call, false));
	ck_assert_uint_eq(c->at.hi, 20);
	ck_assert(cond_is_true(
		cond_in(a, span_none, words[0], UINT64_MAX, 1, &every)));
	c = cond_in(a, span_none, words[0], UINT32_MAX, 1,
		    &(struct interval){ 1, 1 });
	ck_assert_uint_eq(c->at.hi, ARG_NO_WORD);
	call.args[0] = (uint64_t)7 << 32 | 1;
	ck_assert(cond_eval(c, &call, false));
	ck_assert(cond_is_false(cond_in(a, span_none, words[0], 0xf0, 1,
					&(struct interval){ 1, 15 })));
	arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cond");
	TCase *t = tcase_create("cond");
	SRunner *r;
	int failed;

	suite_add_tcase(s, t);
	tcase_add_test(t, random_trees);
	tcase_add_test(t, chains_stay_flat);
	tcase_add_test(t, edges);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
