/* SPDX-License-Identifier: Apache-2.0 */
/*
 * simplify.c - local rewrites on the diagram, each neutral by itself
 *
 * Two walks, each over every node once.  Down: an edge that leads to a test
 * whose answer is known on all ways over that edge goes on to where the
 * answer leads.  Up: two tests of bits of one word, of which the second
 * decides only where the first holds, become one.  Nothing is copied, so
 * the diagram never grows.  Number and arch words are left alone: their
 * search asks nothing twice.
 */
#include "abi/abi.h"
#include "base/arena.h"
#include "compiler/facts.h"
#include "compiler/passes.h"

enum {
	WORD_FIRST = DATA_IP / 4,
	WORDS = 16 - WORD_FIRST,
	/* Tests that one edge may pass over; stopping early is neutral. */
	FOLLOW_MAX = 1024,
};

/* What is known before a node; absent means nothing is. */
struct known {
	struct facts word[WORDS];
};

struct site {
	bool reached;
	struct known *known; /* met over all edges so far */
	dd_ref hi, lo;	     /* where the edges lead now */
	dd_ref after;	     /* the rewritten node */
};

struct simplify {
	struct dd_store *store;
	struct arena *arena;
	struct site *sites; /* by dd_ref */
};

/* ---- down: answers that are known ---- */

static bool is_tracked(const struct dd_test *t)
{
	return t->word >= DATA_IP;
}

static struct facts *word_facts(struct known *k, const struct dd_test *t)
{
	return &k->word[t->word / 4 - WORD_FIRST];
}

/* Over the edge of a node that gives this answer. */
static struct known known_on_edge(const struct site *p, const struct dd_test *t,
				  bool yes)
{
	struct known k;

	if (p->known)
		k = *p->known;
	else
		for (int i = 0; i < WORDS; i++)
			k.word[i] = facts_none();
	if (is_tracked(t))
		*word_facts(&k, t) = facts_after(*word_facts(&k, t), t, yes);
	return k;
}

static dd_ref follow(struct simplify *s, dd_ref ref, struct known *k)
{
	for (int i = 0; i < FOLLOW_MAX; i++) {
		const struct dd_node *n = dd_get(s->store, ref);
		enum answer answer;

		if (!n->hi || !is_tracked(&n->test))
			return ref;
		answer = facts_answer(*word_facts(k, &n->test), &n->test);
		if (answer == ANSWER_OPEN)
			return ref;
		ref = answer == ANSWER_YES ? n->hi : n->lo;
	}
	return ref;
}

/* `k` NULL: nothing is known on this edge. */
static void arrive(struct simplify *s, dd_ref ref, const struct known *k)
{
	struct site *p = &s->sites[ref];

	if (!p->reached && k)
		p->known = arena_dup(s->arena, k, sizeof(*k));
	else if (!k)
		p->known = NULL;
	for (int i = 0; p->reached && p->known && i < WORDS; i++)
		p->known->word[i] = facts_meet(p->known->word[i], k->word[i]);
	p->reached = true;
}

static dd_ref walk_edge(struct simplify *s, dd_ref from, dd_ref to, bool yes)
{
	const struct dd_node *n = dd_get(s->store, from);
	const struct site *p = &s->sites[from];
	struct known k;

	/* Most edges of the search over numbers. */
	if (!p->known && !is_tracked(&n->test)) {
		arrive(s, to, NULL);
		return to;
	}
	k = known_on_edge(p, &n->test, yes);
	to = follow(s, to, &k);
	if (!dd_is_leaf(s->store, to))
		arrive(s, to, &k);
	else
		arrive(s, to, NULL);
	return to;
}

/* ---- up: tests that can be one ---- */

/* As "all of these bits have this value, or else": node and its reading. */
struct literal {
	uint32_t word, mask, k;
	dd_ref pass, fail;
};

static size_t literal_cost(uint32_t mask, uint32_t k)
{
	return mask == UINT32_MAX || !k ? 1 : 2;
}

/* A single bit can be read both ways; `turned` is the other one. */
static bool read_literal(const struct dd_test *t, dd_ref hi, dd_ref lo,
			 bool turned, struct literal *out)
{
	if (t->op != DD_EQ || (turned && (t->mask & (t->mask - 1))))
		return false;
	*out = (struct literal){ t->word, t->mask, t->k, hi, lo };
	if (turned)
		*out = (struct literal){ t->word, t->mask, t->k ^ t->mask, lo,
					 hi };
	return true;
}

/* Both tests cost more apart than the joined one does. */
static bool joinable(const struct literal *a, const struct dd_test *first,
		     const struct literal *b, const struct dd_test *second)
{
	return a->word == b->word && a->fail == b->fail &&
	       !((a->k ^ b->k) & a->mask & b->mask) &&
	       literal_cost(a->mask | b->mask, a->k | b->k) <
		       literal_cost(first->mask, first->k) +
			       literal_cost(second->mask, second->k);
}

static dd_ref branch(struct simplify *s, const struct dd_node *n, dd_ref hi,
		     dd_ref lo)
{
	for (int i = 0; i < 4; i++) {
		const struct dd_node *below;
		struct literal a, b;

		if (!read_literal(&n->test, hi, lo, i & 1, &a))
			continue;
		below = dd_get(s->store, a.pass);
		if (!below->hi ||
		    !read_literal(&below->test, below->hi, below->lo, i & 2,
				  &b) ||
		    !joinable(&a, &n->test, &b, &below->test))
			continue;
		return dd_branch(s->store,
				 (struct dd_test){ DD_EQ, a.word,
						   a.mask | b.mask, a.k | b.k },
				 b.pass, b.fail, n->origin);
	}
	return dd_branch(s->store, n->test, hi, lo, n->origin);
}

dd_ref simplify_diagram(struct dd_store *store, struct arena *a, dd_ref root)
{
	struct simplify s = { .store = store, .arena = a };

	s.sites = arena_array(a, (size_t)root + 1, sizeof(*s.sites));
	s.sites[root].reached = true;
	for (dd_ref ref = root; ref; ref--) {
		const struct dd_node *n = dd_get(store, ref);
		struct site *p = &s.sites[ref];

		if (!p->reached || !n->hi)
			continue;
		p->hi = walk_edge(&s, ref, n->hi, true);
		p->lo = walk_edge(&s, ref, n->lo, false);
	}
	for (dd_ref ref = 1; ref <= root; ref++) {
		const struct dd_node *n = dd_get(store, ref);
		struct site *p = &s.sites[ref];

		p->after = ref;
		if (p->reached && n->hi)
			p->after = branch(&s, n, s.sites[p->hi].after,
					  s.sites[p->lo].after);
	}
	return s.sites[root].after;
}

bool pass_simplify(struct compilation *c)
{
	if (!c->options->no_simplify)
		c->root = simplify_diagram(c->store, c->unit->arena, c->root);
	return true;
}
