/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/dd.h"

#include <string.h>

#include "abi/abi.h"
#include "base/arena.h"
#include "base/bug.h"
#include "base/str.h"
#include "base/vec.h"

enum { TABLE_MIN = 1024 };

/* Of which walk of dd_cost() the node was last part. */
struct mark {
	uint32_t seen, loaded;
};

struct dd_store {
	struct arena *arena;
	VEC(struct dd_node) nodes; /* nodes.data[0] is no node */
	dd_ref *table;		   /* open addressing; size a power of two */
	size_t size;
	/* dd_cost()'s own: as many as `room`, at least as nodes. */
	struct mark *marks;
	dd_ref *stack;
	size_t room;
	uint32_t walks;
};

struct dd_store *dd_store_new(struct arena *arena)
{
	struct dd_store *s = arena_new_of(arena, struct dd_store);

	s->arena = arena;
	s->size = TABLE_MIN;
	s->table = arena_array(arena, s->size, sizeof(*s->table));
	vec_push(arena, &s->nodes, (struct dd_node){ 0 });
	return s;
}

static uint32_t mix(uint32_t h, uint32_t v)
{
	h ^= v;
	h *= 0x9e3779b1U;
	return h ^ h >> 15;
}

static uint32_t node_hash(const struct dd_node *n)
{
	uint32_t h = mix(0, n->hi);

	h = mix(h, n->lo);
	h = mix(h, n->test.k);
	h = mix(h, n->test.mask);
	h = mix(h, n->test.word << 1 | (n->test.op == DD_GE));
	return mix(h, (uint32_t)n->action.kind << 16 | n->action.data);
}

static bool node_same(const struct dd_node *a, const struct dd_node *b)
{
	return a->hi == b->hi && a->lo == b->lo && a->test.k == b->test.k &&
	       a->test.mask == b->test.mask && a->test.word == b->test.word &&
	       a->test.op == b->test.op && action_same(a->action, b->action);
}

/* The slot that holds an equal node, or the free one where it belongs. */
static dd_ref *find_slot(struct dd_store *s, const struct dd_node *n)
{
	size_t i = node_hash(n) & (s->size - 1);

	while (s->table[i] && !node_same(&s->nodes.data[s->table[i]], n))
		i = (i + 1) & (s->size - 1);
	return &s->table[i];
}

static void grow_table(struct dd_store *s)
{
	s->size *= 2;
	s->table = arena_array(s->arena, s->size, sizeof(*s->table));
	for (dd_ref ref = 1; ref < s->nodes.len; ref++)
		*find_slot(s, &s->nodes.data[ref]) = ref;
}

static dd_ref intern(struct dd_store *s, struct dd_node n)
{
	dd_ref *slot = find_slot(s, &n);

	if (*slot)
		return *slot;
	if (s->nodes.len >= UINT32_MAX / 2)
		BUG("%zu diagram nodes", s->nodes.len);
	*slot = (dd_ref)s->nodes.len;
	vec_push(s->arena, &s->nodes, n);
	if (s->nodes.len * 2 > s->size)
		grow_table(s);
	return (dd_ref)(s->nodes.len - 1);
}

dd_ref dd_leaf(struct dd_store *s, struct action action, struct span origin)
{
	return intern(s,
		      (struct dd_node){ .action = action, .origin = origin });
}

/* Lowest bit clear to highest bit set, without a hole: 0xfff0. */
static bool is_top_mask(uint32_t mask)
{
	return (~mask & (~mask + 1)) == 0;
}

static bool is_single_bit(uint32_t v)
{
	return v && !(v & (v - 1));
}

/* v >= 2^j asks whether any bit from j on is set: no AND is needed. */
static void ge_as_bits(struct dd_test *t, dd_ref *hi, dd_ref *lo)
{
	dd_ref swap = *hi;

	*t = (struct dd_test){ DD_EQ, t->word, t->mask & ~(t->k - 1), 0 };
	*hi = *lo;
	*lo = swap;
}

static void normalise(struct dd_test *t, dd_ref *hi, dd_ref *lo)
{
	dd_ref swap;

	if (t->op == DD_GE && t->mask != UINT32_MAX) {
		uint32_t up = (t->k + ~t->mask) & t->mask;

		if (is_single_bit(t->k)) {
			ge_as_bits(t, hi, lo);
		} else if (is_top_mask(t->mask) && up >= t->k) {
			t->k = up;
			t->mask = UINT32_MAX;
		}
	}
	if (t->op == DD_EQ && is_single_bit(t->mask) && t->k) {
		t->k = 0;
		swap = *hi;
		*hi = *lo;
		*lo = swap;
	}
}

/* Does A not hold the word of `to` when `from` leads there? */
static bool needs_load(const struct dd_node *from, const struct dd_node *to)
{
	return to->hi && from->test.word != to->test.word;
}

/* Is more than the jump needed: (word & mask) compared with what is not 0? */
static bool needs_and(const struct dd_test *t)
{
	return t->mask != UINT32_MAX && !(t->op == DD_EQ && !t->k);
}

static uint32_t height_over(const struct dd_node *from,
			    const struct dd_node *to)
{
	return to->height + needs_load(from, to);
}

static uint32_t node_height(const struct dd_store *s, const struct dd_node *n)
{
	uint32_t hi = height_over(n, dd_get(s, n->hi));
	uint32_t lo = height_over(n, dd_get(s, n->lo));

	return 1 + needs_and(&n->test) + (hi > lo ? hi : lo);
}

dd_ref dd_branch(struct dd_store *s, struct dd_test test, dd_ref hi, dd_ref lo,
		 struct span origin)
{
	struct dd_node n;

	if (hi == lo)
		return hi;
	if (!hi || !lo || test.word % 4)
		BUG("branch on word %u to %u and %u", test.word, hi, lo);
	if (test.op == DD_GE && test.k == 0)
		return hi;
	if (test.op == DD_GE && test.k > test.mask)
		return lo;
	if (test.op == DD_EQ && test.k & ~test.mask)
		return lo;
	if (!test.mask)
		return hi;
	normalise(&test, &hi, &lo);
	n = (struct dd_node){ test, hi, lo, { 0 }, 0, origin };
	n.height = node_height(s, &n);
	return intern(s, n);
}

const struct dd_node *dd_get(const struct dd_store *s, dd_ref ref)
{
	if (!ref || ref >= s->nodes.len)
		BUG("no diagram node %u", ref);
	return &s->nodes.data[ref];
}

bool dd_is_leaf(const struct dd_store *s, dd_ref ref)
{
	return !dd_get(s, ref)->hi;
}

dd_ref dd_last(const struct dd_store *s)
{
	return (dd_ref)(s->nodes.len - 1);
}

bool *dd_reachable(const struct dd_store *s, struct arena *arena, dd_ref root)
{
	bool *seen = arena_array(arena, (size_t)root + 1, sizeof(*seen));

	seen[root] = true;
	for (dd_ref ref = root; ref; ref--) {
		const struct dd_node *n = dd_get(s, ref);

		if (seen[ref] && n->hi)
			seen[n->hi] = seen[n->lo] = true;
	}
	return seen;
}

/* Counts the node's load once, and puts it on the stack once. */
static size_t cost_edge(struct dd_store *s, const struct dd_node *from,
			dd_ref to, dd_ref *stack, size_t *n)
{
	const struct dd_node *node = &s->nodes.data[to];
	struct mark *m = &s->marks[to];
	size_t cost = 0;

	if (!node->hi)
		return 0;
	if (!from || needs_load(from, node)) {
		cost += m->loaded != s->walks;
		m->loaded = s->walks;
	}
	if (m->seen != s->walks) {
		m->seen = s->walks;
		stack[(*n)++] = to;
		cost += 1U + needs_and(&node->test);
	}
	return cost;
}

static void make_room(struct dd_store *s)
{
	if (s->room >= s->nodes.len)
		return;
	s->room = s->nodes.cap;
	s->marks = arena_array(s->arena, s->room, sizeof(*s->marks));
	s->stack = arena_array(s->arena, s->room, sizeof(*s->stack));
	s->walks = 0;
}

size_t dd_cost(struct dd_store *s, dd_ref root)
{
	size_t n = 0, cost;

	make_room(s);
	s->walks++;
	cost = cost_edge(s, NULL, root, s->stack, &n);
	while (n) {
		const struct dd_node *node = &s->nodes.data[s->stack[--n]];

		cost += cost_edge(s, node, node->hi, s->stack, &n);
		cost += cost_edge(s, node, node->lo, s->stack, &n);
	}
	return cost;
}

static void dump_node(const struct dd_node *n, dd_ref ref, struct str *out)
{
	if (!n->hi) {
		str_addf(out, "%u: ", ref);
		action_text(n->action, NULL, out);
		str_addc(out, '\n');
		return;
	}
	str_addf(out, "%u: [%u]", ref, n->test.word);
	if (n->test.mask != UINT32_MAX)
		str_addf(out, " & 0x%x", n->test.mask);
	str_addf(out, " %s 0x%x ? %u : %u\n",
		 n->test.op == DD_EQ ? "==" : ">=", n->test.k, n->hi, n->lo);
}

void dd_dump(const struct dd_store *s, dd_ref root, struct str *out)
{
	bool *seen = dd_reachable(s, s->arena, root);

	for (dd_ref ref = root; ref; ref--)
		if (seen[ref])
			dump_node(dd_get(s, ref), ref, out);
}
