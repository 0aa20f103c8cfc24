/* SPDX-License-Identifier: Apache-2.0 */
/*
 * read_docker_order.c - which of a call's rules libseccomp tests first
 *
 * libseccomp does not keep the order of rules.  It hangs the conditions of
 * a call into a tree, one level for each 32-bit word tested, sorted within
 * a level: higher argument first, high word before low; {EQ, NE, MASKED_EQ}
 * before {LT, LE} before {GT, GE}; larger constants first, for LT and LE
 * smaller ones; what ties, in order of arrival.  Equal tests share a node,
 * placed as its first rule has it.  A branch that ends without a match
 * falls through to the next node, so the leaves in depth-first order are a
 * first-match list: the order made here.
 */
#include <stdlib.h>
#include <string.h>

#include "compiler/formats/docker.h"

/* A test of one word, as libseccomp files it. */
struct node {
	uint8_t level;	/* argument * 2, + 1 for the high word */
	uint8_t kin;    /* of equal tests: see kin_of() */
	bool when;	/* the outcome that goes on with the rule */
	enum docker_op op;
	uint32_t datum, mask;
};

enum { NODES_MAX = 2 * ARGS_MAX };

struct chain {
	struct docker_item *item;
	uint32_t n;
	bool dropped; /* never in the tree: a shorter chain was there */
	struct node node[NODES_MAX];
	/* For each node: the first chain that made it, by place in the file. */
	const struct chain *first[NODES_MAX];
};

enum kin {
	KIN_EQ,
	KIN_MASKED,
	KIN_GE, /* and LT, its opposite */
	KIN_GT, /* and LE */
};

static enum kin kin_of(enum docker_op op)
{
	switch (op) {
	case DOCKER_EQ:
	case DOCKER_NE:
		return KIN_EQ;
	case DOCKER_MASKED_EQ:
		return KIN_MASKED;
	case DOCKER_GE:
	case DOCKER_LT:
		return KIN_GE;
	case DOCKER_GT:
	case DOCKER_LE:
		return KIN_GT;
	}
	return KIN_EQ;
}

static unsigned rank_of(enum docker_op op)
{
	switch (op) {
	case DOCKER_EQ:
	case DOCKER_NE:
	case DOCKER_MASKED_EQ:
		return 3;
	case DOCKER_LT:
	case DOCKER_LE:
		return 2;
	case DOCKER_GT:
	case DOCKER_GE:
		return 1;
	}
	return 0;
}

static bool is_opposite(enum docker_op op)
{
	return op == DOCKER_NE || op == DOCKER_LT || op == DOCKER_LE;
}

static void add_node(struct chain *c, const struct docker_arg *arg, bool high)
{
	uint64_t mask = arg->op == DOCKER_MASKED_EQ ? arg->value : UINT64_MAX;
	uint64_t datum = arg->op == DOCKER_MASKED_EQ ? arg->value_two
						     : arg->value;
	unsigned shift = high ? 32 : 0;
	struct node *n = &c->node[c->n++];

	n->level = (uint8_t)(arg->index * 2 + high);
	n->op = arg->op;
	n->kin = (uint8_t)kin_of(arg->op);
	/* All order tests look at the high word in the same two ways. */
	if (high && n->kin >= KIN_GE)
		n->kin = KIN_GT;
	n->when = !is_opposite(arg->op);
	n->mask = (uint32_t)(mask >> shift);
	n->datum = (uint32_t)(datum >> shift) & n->mask;
}

/* A mask of no bits is no test. */
static bool is_test(const struct docker_arg *arg, bool two_words)
{
	return arg->op != DOCKER_MASKED_EQ ||
	       (two_words ? arg->value : (uint32_t)arg->value);
}

bool docker_item_always(const struct docker_item *item, bool two_words)
{
	for (unsigned i = 0; i < item->nargs; i++)
		if (is_test(&item->args[i], two_words))
			return false;
	return true;
}

static void make_chain(struct docker_item *item, bool two_words,
		       struct chain *c)
{
	c->item = item;
	for (unsigned i = 0; i < item->nargs; i++) {
		if (!is_test(&item->args[i], two_words))
			continue;
		if (two_words)
			add_node(c, &item->args[i], true);
		add_node(c, &item->args[i], false);
	}
}

static bool same_node(const struct node *a, const struct node *b)
{
	return a->level == b->level && a->kin == b->kin &&
	       a->datum == b->datum && a->mask == b->mask;
}

/* How many nodes two chains share from the root. */
static uint32_t shared(const struct chain *a, const struct chain *b)
{
	uint32_t i = 0;

	while (i < a->n && i < b->n && same_node(&a->node[i], &b->node[i])) {
		/* Below a node the two outcomes are two sub-trees. */
		if (i && a->node[i - 1].when != b->node[i - 1].when)
			break;
		i++;
	}
	return i;
}

static void find_first(struct chain *chains, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (uint32_t k = 0; k < chains[i].n; k++)
			chains[i].first[k] = &chains[i];
		for (size_t e = 0; e < i; e++) {
			uint32_t len = chains[e].dropped
					       ? 0
					       : shared(&chains[i], &chains[e]);

			for (uint32_t k = 0; k < len; k++)
				if (chains[i].first[k] == &chains[i])
					chains[i].first[k] = &chains[e];
		}
	}
}

/* Whether all tests of a, with their outcomes, begin b. */
static bool begins(const struct chain *a, const struct chain *b)
{
	return a->n <= b->n && shared(a, b) == a->n &&
	       a->node[a->n - 1].when == b->node[a->n - 1].when;
}

/*
 * libseccomp refuses a rule (EEXIST) when its tests, or tests that go on
 * from them, already lead to another action.  It drops a rule that goes on
 * from the tests of an earlier one.
 */
static const struct chain *find_conflict(struct chain *chains, size_t at)
{
	struct chain *new = &chains[at];

	for (size_t i = 0; i < at && !new->dropped; i++) {
		const struct chain *old = &chains[i];

		if (old->dropped)
			continue;
		if (old->n < new->n)
			new->dropped = begins(old, new);
		else if (!action_same(old->item->rule->action,
				      new->item->rule->action) &&
			 begins(new, old))
			return old;
	}
	return NULL;
}

static int order_nodes(const struct node *a, const struct node *b)
{
	unsigned ra = rank_of(a->op), rb = rank_of(b->op);

	if (a->level != b->level)
		return a->level > b->level ? -1 : 1;
	if (ra != rb)
		return ra > rb ? -1 : 1;
	if (a->datum != b->datum)
		return (a->datum > b->datum) == (ra != 2) ? -1 : 1;
	return 0;
}

static int order_chains(const void *left, const void *right)
{
	const struct chain *a = *(const struct chain *const *)left;
	const struct chain *b = *(const struct chain *const *)right;

	for (uint32_t i = 0; i < a->n && i < b->n; i++) {
		const struct chain *fa = a->first[i], *fb = b->first[i];
		int order;

		if (fa == fb)
			continue;
		order = order_nodes(&fa->node[i], &fb->node[i]);
		if (order)
			return order;
		return fa->item->seq < fb->item->seq ? -1 : 1;
	}
	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	return a->item->seq < b->item->seq ? -1 : a->item->seq > b->item->seq;
}

bool docker_order(struct arena *arena, bool two_words, size_t n,
		  struct docker_item *items, const struct docker_item **a,
		  const struct docker_item **b)
{
	struct chain *chains = arena_array(arena, n, sizeof(*chains));
	const struct chain **sorted = arena_array(arena, n, sizeof(*sorted));
	struct docker_item *copy = arena_dup(arena, items, n * sizeof(*items));

	for (size_t i = 0; i < n; i++)
		make_chain(&copy[i], two_words, &chains[i]);
	for (size_t i = 0; i < n; i++) {
		const struct chain *old = find_conflict(chains, i);

		if (!old)
			continue;
		*a = old->item;
		*b = chains[i].item;
		return false;
	}
	find_first(chains, n);
	for (size_t i = 0; i < n; i++)
		sorted[i] = &chains[i];
	qsort(sorted, n, sizeof(*sorted), order_chains);
	for (size_t i = 0; i < n; i++)
		items[i] = *sorted[i]->item;
	return true;
}
