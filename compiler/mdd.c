/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/mdd.h"

#include "base/arena.h"
#include "base/bug.h"
#include "base/vec.h"

/* Of a leaf: below all variables. */
enum { VAR_LEAF = UINT32_MAX };

struct var {
	struct arg_words at;
	uint64_t mask;
};

struct node {
	uint32_t var;
	uint32_t n; /* segments, at least 2; of a leaf 0 */
	const struct segment *segs;
	dd_ref lowered; /* of a leaf from the start, else DD_NONE till asked */
};

/* A remembered result of one mdd_compose(). */
struct memo {
	uint32_t op; /* 0: free */
	mdd_ref a, b, result;
};

struct mdd_store {
	struct dd_store *dd;
	struct arena *arena;
	VEC(struct var) vars;
	VEC(struct node) nodes; /* nodes.data[0] is no node */
	mdd_ref *table;
	size_t table_size;
	struct memo *memos;
	size_t nmemos, memos_size;
	uint32_t ops;
	size_t work, work_max;
	bool exhausted;
};

enum { TABLE_MIN = 64 };

struct mdd_store *mdd_store_new(struct dd_store *dd, struct arena *arena,
				size_t work)
{
	struct mdd_store *m = arena_new_of(arena, struct mdd_store);

	m->dd = dd;
	m->arena = arena;
	m->work_max = work;
	m->table_size = m->memos_size = TABLE_MIN;
	m->table = arena_array(arena, m->table_size, sizeof(*m->table));
	m->memos = arena_array(arena, m->memos_size, sizeof(*m->memos));
	vec_push(arena, &m->nodes, (struct node){ 0 });
	return m;
}

bool mdd_exhausted(const struct mdd_store *m)
{
	return m->exhausted;
}

size_t mdd_work(const struct mdd_store *m)
{
	return m->work;
}

size_t mdd_vars(const struct mdd_store *m)
{
	return m->vars.len;
}

uint32_t mdd_var(struct mdd_store *m, struct arg_words at, uint64_t mask)
{
	for (uint32_t i = 0; i < m->vars.len; i++) {
		const struct var *v = &m->vars.data[i];

		if (v->at.lo == at.lo && v->at.hi == at.hi && v->mask == mask)
			return i;
	}
	if (m->vars.len == MDD_VARS_MAX) {
		m->exhausted = true;
		return 0;
	}
	vec_push(m->arena, &m->vars, (struct var){ at, mask });
	return (uint32_t)(m->vars.len - 1);
}

/* ---- hash-consing ---- */

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15U;
	return h ^ h >> 32;
}

static uint64_t node_hash(const struct node *n)
{
	uint64_t h = mix(n->var, n->n ? 0 : n->lowered);

	for (uint32_t i = 0; i < n->n; i++)
		h = mix(mix(h, n->segs[i].lo), n->segs[i].to);
	return h;
}

static bool node_same(const struct node *x, const struct node *y)
{
	if (x->var != y->var || x->n != y->n)
		return false;
	if (!x->n)
		return x->lowered == y->lowered;
	for (uint32_t i = 0; i < x->n; i++)
		if (x->segs[i].lo != y->segs[i].lo ||
		    x->segs[i].to != y->segs[i].to)
			return false;
	return true;
}

static mdd_ref *node_slot(struct mdd_store *m, const struct node *n)
{
	size_t i = node_hash(n) & (m->table_size - 1);

	while (m->table[i] && !node_same(&m->nodes.data[m->table[i]], n))
		i = (i + 1) & (m->table_size - 1);
	return &m->table[i];
}

static mdd_ref intern(struct mdd_store *m, struct node n)
{
	mdd_ref *slot = node_slot(m, &n);

	if (*slot)
		return *slot;
	*slot = (mdd_ref)m->nodes.len;
	vec_push(m->arena, &m->nodes, n);
	if (m->nodes.len * 2 > m->table_size) {
		m->table_size *= 2;
		m->table =
			arena_array(m->arena, m->table_size, sizeof(*m->table));
		for (mdd_ref r = 1; r < m->nodes.len; r++)
			*node_slot(m, &m->nodes.data[r]) = r;
	}
	return (mdd_ref)(m->nodes.len - 1);
}

mdd_ref mdd_leaf(struct mdd_store *m, dd_ref leaf)
{
	return intern(m, (struct node){ .var = VAR_LEAF, .lowered = leaf });
}

typedef VEC(struct segment) segment_list;

/* Drops what continues the segment before it. */
static void push_segment(struct mdd_store *m, segment_list *l,
			 struct segment seg)
{
	if (!l->len || l->data[l->len - 1].to != seg.to)
		vec_push(m->arena, l, seg);
}

static mdd_ref make_switch(struct mdd_store *m, uint32_t var,
			   const segment_list *l)
{
	if (l->len == 1)
		return l->data[0].to;
	return intern(m, (struct node){ .var = var,
					.n = (uint32_t)l->len,
					.segs = l->data });
}

/* ---- composition ---- */

struct op {
	struct mdd_store *m;
	uint32_t id, var;
	const struct segment *segs;
	size_t n;
};

static struct memo *memo_slot(struct mdd_store *m, uint32_t op, mdd_ref a,
			      mdd_ref b)
{
	size_t i = mix(mix(op, a), b) & (m->memos_size - 1);

	while (m->memos[i].op && (m->memos[i].op != op || m->memos[i].a != a ||
				  m->memos[i].b != b))
		i = (i + 1) & (m->memos_size - 1);
	return &m->memos[i];
}

static void memo_add(struct mdd_store *m, struct memo memo)
{
	*memo_slot(m, memo.op, memo.a, memo.b) = memo;
	if (++m->nmemos * 2 > m->memos_size) {
		struct memo *old = m->memos;
		size_t size = m->memos_size;

		m->memos_size *= 2;
		m->memos =
			arena_array(m->arena, m->memos_size, sizeof(*m->memos));
		for (size_t i = 0; i < size; i++)
			if (old[i].op)
				*memo_slot(m, old[i].op, old[i].a, old[i].b) =
					old[i];
	}
}

/* A list of segments, walked in step with others. */
struct walk {
	const struct segment *segs;
	size_t n, i;
};

/* The segments of a node on a variable; one that does not look at it: none. */
static struct walk walk_node(const struct mdd_store *m, mdd_ref ref,
			     uint32_t var)
{
	const struct node *n = &m->nodes.data[ref];

	if (n->var != var)
		return (struct walk){ NULL, 0, 0 };
	return (struct walk){ n->segs, n->n, 0 };
}

static mdd_ref walk_at(const struct walk *w, mdd_ref otherwise)
{
	return w->n ? w->segs[w->i].to : otherwise;
}

/* Moves on all that change next; gives where, false when none does. */
static bool walk_on(struct walk *const walks[3], uint64_t *lo,
		    struct span *origin)
{
	bool more = false;

	for (int i = 0; i < 3; i++) {
		const struct walk *w = walks[i];

		if (w->i + 1 >= w->n)
			continue;
		if (!more || w->segs[w->i + 1].lo < *lo) {
			*lo = w->segs[w->i + 1].lo;
			*origin = w->segs[w->i + 1].origin;
		}
		more = true;
	}
	for (int i = 0; more && i < 3; i++) {
		struct walk *w = walks[i];

		if (w->i + 1 < w->n && w->segs[w->i + 1].lo == *lo)
			w->i++;
	}
	return more;
}

static struct span first_origin(struct walk *const walks[3])
{
	for (int i = 0; i < 3; i++)
		if (walks[i]->n)
			return walks[i]->segs[0].origin;
	return span_none;
}

static mdd_ref op_target(const struct walk *op, mdd_ref a, mdd_ref b)
{
	uint32_t to = op->segs[op->i].to;

	return to == MDD_AS_A ? a : to == MDD_AS_B ? b : to;
}

static uint32_t top_var(const struct op *op, mdd_ref a, mdd_ref b)
{
	uint32_t va = op->m->nodes.data[a].var, vb = op->m->nodes.data[b].var;
	uint32_t top = va < vb ? va : vb;

	return top < op->var ? top : op->var;
}

/* The top variable grows with each level: at most MDD_VARS_MAX deep. */
static mdd_ref compose(const struct op *op, mdd_ref a, mdd_ref b)
{
	struct mdd_store *m = op->m;
	const uint32_t top = top_var(op, a, b);
	const bool here = top == op->var;
	struct walk wa = walk_node(m, a, top), wb = walk_node(m, b, top);
	struct walk wop = { op->segs, here ? op->n : 0, 0 };
	struct walk *const walks[3] = { &wop, &wa, &wb };
	struct memo *known = memo_slot(m, op->id, a, b);
	struct segment seg = { .origin = first_origin(walks) };
	segment_list out = { 0 };
	mdd_ref result;

	if (known->op)
		return known->result;
	do {
		mdd_ref to_a = walk_at(&wa, a), to_b = walk_at(&wb, b);

		if (++m->work > m->work_max) {
			m->exhausted = true;
			return a;
		}
		seg.to = here ? op_target(&wop, to_a, to_b)
			      : compose(op, to_a, to_b);
		push_segment(m, &out, seg);
	} while (walk_on(walks, &seg.lo, &seg.origin));
	result = make_switch(m, top, &out);
	memo_add(m, (struct memo){ op->id, a, b, result });
	return result;
}

mdd_ref mdd_compose(struct mdd_store *m, uint32_t var,
		    const struct segment *segs, size_t n, mdd_ref a, mdd_ref b)
{
	const struct op op = { m, ++m->ops, var, segs, n };

	if (m->exhausted)
		return a;
	return compose(&op, a, b);
}

/* ---- to binary diagrams ---- */

/* At most MDD_VARS_MAX deep. */
dd_ref mdd_lower(struct mdd_store *m, mdd_ref root)
{
	const struct node n = m->nodes.data[root];
	const struct var *var;
	struct segment *segs;

	if (n.lowered)
		return n.lowered;
	var = &m->vars.data[n.var];
	segs = arena_array(m->arena, n.n, sizeof(*segs));
	for (uint32_t i = 0; i < n.n; i++) {
		segs[i] = n.segs[i];
		segs[i].to = mdd_lower(m, n.segs[i].to);
	}
	m->nodes.data[root].lowered =
		segments_lower(m->dd, m->arena, var->at, var->mask, segs, n.n);
	return m->nodes.data[root].lowered;
}
