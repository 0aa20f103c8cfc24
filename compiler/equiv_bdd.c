/* SPDX-License-Identifier: Apache-2.0 */
/*
 * equiv_bdd.c - hash-consed nodes, if-then-else, sets of intervals
 *
 * Invariants: a node's successors differ and have greater variables; no
 * two nodes are alike.  Variable 0 is the top bit of `arch`, then come nr,
 * the arguments (high half first, so that 64-bit order is one chain) and
 * the instruction pointer.  Recursion is as deep as there are variables.
 */
#include "compiler/equiv_bdd.h"

#include <stdlib.h>
#include <string.h>

#include "base/bug.h"

enum {
	WORDS = CALL_BYTES / 4,
	VARS = WORDS * 32,
	VAR_LEAF = VARS, /* greater than every variable */
	/* Most policies are small, and cleared pages cost more than growth. */
	TABLE_START = 1 << 10,
	MEMO_START = 1 << 8,
	GROWTH = 4,
	MEMO_MAX = 1 << 20,
};

struct node {
	uint32_t var;
	bdd_ref hi, lo; /* of a leaf: kind and data of the action */
};

struct memo {
	bdd_ref c, hi, lo, result;
};

struct bdd_store {
	struct node *nodes;
	uint32_t len, cap;
	uint32_t *table; /* open addressing; 0 is empty */
	struct memo *memo;
	uint32_t table_size, memo_size; /* powers of two */
	uint64_t steps, steps_max;
	const char *exhausted;
	bool big_endian;
	uint8_t rank[WORDS]; /* place of a word in the order */
};

static void *take(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (!p)
		oom();
	return p;
}

static void rank_words(struct bdd_store *s)
{
	unsigned next = 0;

	s->rank[DATA_ARCH / 4] = (uint8_t)next++;
	s->rank[DATA_NR / 4] = (uint8_t)next++;
	for (unsigned off = DATA_ARGS; off < CALL_BYTES; off += 8) {
		const unsigned first = off / 4;

		s->rank[first + !s->big_endian] = (uint8_t)next++;
		s->rank[first + s->big_endian] = (uint8_t)next++;
	}
	s->rank[DATA_IP / 4 + !s->big_endian] = (uint8_t)next++;
	s->rank[DATA_IP / 4 + s->big_endian] = (uint8_t)next++;
}

struct bdd_store *bdd_new(bool big_endian, uint64_t steps_max)
{
	struct bdd_store *s = take(1, sizeof(*s));

	s->big_endian = big_endian;
	s->steps_max = steps_max;
	s->table_size = TABLE_START;
	s->memo_size = MEMO_START;
	s->cap = TABLE_START / 2;
	s->nodes = take(s->cap, sizeof(*s->nodes));
	s->table = take(s->table_size, sizeof(*s->table));
	s->memo = take(s->memo_size, sizeof(*s->memo));
	rank_words(s);
	/* No action has these kinds, so no leaf is taken for a truth value. */
	s->nodes[BDD_FALSE] = (struct node){ VAR_LEAF, ACT_COUNT, BDD_FALSE };
	s->nodes[BDD_TRUE] = (struct node){ VAR_LEAF, ACT_COUNT, BDD_TRUE };
	s->len = 2;
	return s;
}

void bdd_free(struct bdd_store *s)
{
	if (!s)
		return;
	free(s->nodes);
	free(s->table);
	free(s->memo);
	free(s);
}

const char *bdd_exhausted(const struct bdd_store *s)
{
	return s->exhausted;
}

uint64_t bdd_steps(const struct bdd_store *s)
{
	return s->steps;
}

static inline void count_step(struct bdd_store *s)
{
	if (++s->steps > s->steps_max)
		s->exhausted = "the proof needs more steps than its limit";
}

void bdd_count_step(struct bdd_store *s)
{
	count_step(s);
}

static inline uint32_t hash3(uint32_t a, uint32_t b, uint32_t c)
{
	uint64_t h = a * UINT64_C(0x9e3779b97f4a7c15);

	h = (h ^ b) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ (h >> 29) ^ c) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)(h >> 32);
}

static void table_put(struct bdd_store *s, bdd_ref ref)
{
	const struct node *n = &s->nodes[ref];
	uint32_t at = hash3(n->var, n->hi, n->lo) & (s->table_size - 1);

	while (s->table[at])
		at = (at + 1) & (s->table_size - 1);
	s->table[at] = ref;
}

/* Results that the memo forgets here are only computed again. */
static void table_grow(struct bdd_store *s)
{
	struct node *nodes;

	s->cap *= GROWTH;
	nodes = realloc(s->nodes, s->cap * sizeof(*nodes));
	if (!nodes)
		oom();
	s->nodes = nodes;
	free(s->table);
	s->table_size *= GROWTH;
	s->table = take(s->table_size, sizeof(*s->table));
	for (bdd_ref ref = BDD_TRUE + 1; ref < s->len; ref++)
		table_put(s, ref);
	if (s->memo_size == MEMO_MAX)
		return;
	free(s->memo);
	s->memo_size *= GROWTH;
	s->memo = take(s->memo_size, sizeof(*s->memo));
}

/* The one node like this. */
static bdd_ref node_find(struct bdd_store *s, uint32_t var, bdd_ref hi,
			 bdd_ref lo)
{
	uint32_t at = hash3(var, hi, lo) & (s->table_size - 1);
	bdd_ref ref;

	count_step(s);
	while ((ref = s->table[at])) {
		const struct node *n = &s->nodes[ref];

		if (n->lo == lo && n->hi == hi && n->var == var)
			return ref;
		at = (at + 1) & (s->table_size - 1);
	}
	if (s->len >= BDD_NODES_MAX)
		s->exhausted = "the proof has more cases than its limit";
	if (s->exhausted)
		return BDD_FALSE;
	if (s->len == s->cap) {
		table_grow(s);
		return node_find(s, var, hi, lo);
	}
	ref = s->len++;
	s->nodes[ref] = (struct node){ var, hi, lo };
	s->table[at] = ref;
	return ref;
}

static inline bdd_ref node_make(struct bdd_store *s, uint32_t var, bdd_ref hi,
				bdd_ref lo)
{
	return hi == lo ? hi : node_find(s, var, hi, lo);
}

bdd_ref bdd_leaf(struct bdd_store *s, struct action action)
{
	const struct action a = action_from_ret(action_ret(action));

	return node_find(s, VAR_LEAF, (bdd_ref)a.kind, a.data);
}

static uint32_t var_of(const struct bdd_store *s, unsigned off, unsigned bit)
{
	return s->rank[off / 4] * 32u + (31 - bit);
}

bdd_ref bdd_bit(struct bdd_store *s, unsigned off, unsigned bit)
{
	return node_make(s, var_of(s, off, bit), BDD_TRUE, BDD_FALSE);
}

bdd_ref bdd_branch(struct bdd_store *s, unsigned off, unsigned bit, bdd_ref hi,
		   bdd_ref lo)
{
	const uint32_t var = var_of(s, off, bit);

	if (!s->exhausted &&
	    (s->nodes[hi].var <= var || s->nodes[lo].var <= var))
		BUG("bit %u of word %u above its successors", bit, off);
	return node_make(s, var, hi, lo);
}

static inline uint32_t min_var(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static inline bdd_ref part(const struct bdd_store *s, bdd_ref f, uint32_t var,
			   bool set)
{
	const struct node *n = &s->nodes[f];

	if (n->var != var)
		return f;
	return set ? n->hi : n->lo;
}

bdd_ref bdd_ite(struct bdd_store *s, bdd_ref c, bdd_ref hi, bdd_ref lo)
{
	uint32_t var, slot;
	bdd_ref yes, no, result;
	const struct memo *m;

	if (c == BDD_TRUE || hi == lo)
		return hi;
	if (c == BDD_FALSE)
		return lo;
	hi = hi == c ? BDD_TRUE : hi;
	lo = lo == c ? BDD_FALSE : lo;
	if (hi == BDD_TRUE && lo == BDD_FALSE)
		return c;
	count_step(s);
	if (s->exhausted)
		return BDD_FALSE;
	slot = hash3(c, hi, lo);
	m = &s->memo[slot & (s->memo_size - 1)];
	if (m->c == c && m->hi == hi && m->lo == lo)
		return m->result;
	var = min_var(s->nodes[c].var,
		      min_var(s->nodes[hi].var, s->nodes[lo].var));
	yes = bdd_ite(s, part(s, c, var, true), part(s, hi, var, true),
		      part(s, lo, var, true));
	no = bdd_ite(s, part(s, c, var, false), part(s, hi, var, false),
		     part(s, lo, var, false));
	result = node_make(s, var, yes, no);
	s->memo[slot & (s->memo_size - 1)] = (struct memo){ c, hi, lo, result };
	return result;
}

/* From the lowest bit up: what the bits below decide is already a node. */
bdd_ref bdd_compare(struct bdd_store *s, unsigned off, uint32_t mask,
		    enum bdd_op op, uint32_t k)
{
	bdd_ref below = op == BDD_EQ || op == BDD_GE ? BDD_TRUE : BDD_FALSE;

	for (unsigned bit = 0; bit < 32; bit++) {
		const bool k_set = k >> bit & 1, asked = mask >> bit & 1;
		bdd_ref set = below, clear = below;

		if (op == BDD_ANY)
			set = k_set ? BDD_TRUE : below;
		else if (k_set)
			clear = BDD_FALSE;
		else
			set = op == BDD_EQ ? BDD_FALSE : BDD_TRUE;
		below = asked ? node_make(s, var_of(s, off, bit), set, clear)
			      : clear;
	}
	return below;
}

/* A comparison of one word, and what it chooses between. */
struct choice {
	struct bdd_store *s;
	unsigned off;
	uint32_t mask;
	enum bdd_op op;
	uint32_t k;
};

static bool depends_on(const struct bdd_store *s, bdd_ref f, uint32_t var)
{
	return s->nodes[f].var == var;
}

/* The lower nbits decide, by a condition of their own. */
static bdd_ref choose_slowly(const struct choice *c, unsigned nbits, bdd_ref hi,
			     bdd_ref lo)
{
	const uint32_t low = UINT32_MAX >> (32 - nbits);

	return bdd_ite(c->s,
		       bdd_compare(c->s, c->off, c->mask & low, c->op,
				   c->k & low),
		       hi, lo);
}

/*
 * The bits above the lower nbits have left it open.  Follows the one path
 * on which it stays open; bits that do not decide, but that hi or lo ask,
 * would fork it.
 */
static bdd_ref choose(const struct choice *c, unsigned nbits, bdd_ref hi,
		      bdd_ref lo)
{
	const bool ties = c->op == BDD_EQ || c->op == BDD_GE;
	const unsigned bit = nbits - 1;
	bool asked, k_set;
	uint32_t var;
	bdd_ref hi1, hi0, lo1, lo0, on, off;

	if (hi == lo || nbits == 0)
		return ties ? hi : lo;
	var = var_of(c->s, c->off, bit);
	asked = c->mask >> bit & 1;
	k_set = c->k >> bit & 1;
	if (!asked && k_set && c->op != BDD_ANY)
		return lo;
	if (!asked || (c->op == BDD_ANY && !k_set)) {
		if (depends_on(c->s, hi, var) || depends_on(c->s, lo, var))
			return choose_slowly(c, nbits, hi, lo);
		return choose(c, bit, hi, lo);
	}
	hi1 = part(c->s, hi, var, true);
	hi0 = part(c->s, hi, var, false);
	lo1 = part(c->s, lo, var, true);
	lo0 = part(c->s, lo, var, false);
	if (k_set && c->op != BDD_ANY) {
		on = choose(c, bit, hi1, lo1);
		off = lo0;
	} else {
		on = c->op == BDD_EQ ? lo1 : hi1;
		off = choose(c, bit, hi0, lo0);
	}
	return node_make(c->s, var, on, off);
}

bdd_ref bdd_choose(struct bdd_store *s, unsigned off, uint32_t mask,
		   enum bdd_op op, uint32_t k, bdd_ref hi, bdd_ref lo)
{
	const struct choice c = { s, off, mask, op, k };
	const uint32_t first = var_of(s, off, 31);

	if (s->nodes[hi].var < first || s->nodes[lo].var < first)
		return choose_slowly(&c, 32, hi, lo);
	return choose(&c, 32, hi, lo);
}

struct set {
	struct bdd_store *s;
	struct arg_words at;
	uint64_t mask;
	const struct interval *list;
	/* False for a value split over two registers, the low one first. */
	bool in_order;
};

/* The first of list[from..to) that reaches value or more. */
static uint32_t first_reaching(const struct interval *list, uint32_t from,
			       uint32_t to, uint64_t value)
{
	while (from < to) {
		const uint32_t mid = from + (to - from) / 2;

		if (list[mid].hi >= value)
			to = mid;
		else
			from = mid + 1;
	}
	return from;
}

/*
 * Values from lo on, nbits bits still open; list[from..to) are the
 * intervals that touch them.
 */
static bdd_ref in_part(const struct set *set, uint64_t lo, unsigned nbits,
		       uint32_t from, uint32_t to)
{
	const uint64_t span =
		nbits == 64 ? UINT64_MAX : (UINT64_C(1) << nbits) - 1;
	const unsigned bit = nbits - 1;
	const unsigned off = bit < 32 ? set->at.lo : set->at.hi;
	uint64_t upper;
	uint32_t split;
	bdd_ref hi, low;

	if (from == to)
		return BDD_FALSE;
	if (set->list[from].lo <= lo && set->list[from].hi - lo >= span)
		return BDD_TRUE;
	if (nbits == 0)
		BUG("intervals of a condition are not in order");
	if (set->s->exhausted)
		return BDD_FALSE;
	upper = lo + (UINT64_C(1) << bit);
	split = first_reaching(set->list, from, to, upper);
	low = in_part(set, lo, bit, from,
		      split < to && set->list[split].lo < upper ? split + 1
								: split);
	if (!(set->mask >> bit & 1))
		return low;
	hi = in_part(set, upper, bit, split, to);
	if (set->in_order || bit < 32)
		return bdd_branch(set->s, off, bit % 32, hi, low);
	return bdd_ite(set->s, bdd_bit(set->s, off, bit % 32), hi, low);
}

bdd_ref bdd_in(struct bdd_store *s, struct arg_words at, uint64_t mask,
	       uint32_t n, const struct interval *list)
{
	const bool wide = at.hi != ARG_NO_WORD;
	const struct set set = {
		.s = s,
		.at = at,
		.mask = wide ? mask : (uint32_t)mask,
		.list = list,
		.in_order = !wide || s->rank[at.hi / 4] < s->rank[at.lo / 4],
	};

	return in_part(&set, 0, 64, 0, n);
}

bdd_ref bdd_given_word(struct bdd_store *s, bdd_ref f, unsigned off,
		       uint32_t value)
{
	const uint32_t first = var_of(s, off, 31);

	for (;;) {
		const uint32_t var = s->nodes[f].var;

		if (var >= first + 32)
			return f;
		if (var < first)
			BUG("word %u lies below what the function asks", off);
		f = part(s, f, var, value >> (31 - (var - first)) & 1);
	}
}

static void set_var(const struct bdd_store *s, struct call *call, uint32_t var)
{
	for (unsigned i = 0; i < WORDS; i++) {
		uint32_t word;

		if (s->rank[i] != var / 32)
			continue;
		word = call_word(call, 4 * i, s->big_endian);
		word |= UINT32_C(1) << (31 - var % 32);
		call_set_word(call, 4 * i, s->big_endian, word);
	}
}

void bdd_find_difference(const struct bdd_store *s, bdd_ref f, bdd_ref g,
			 struct call *call)
{
	if (f == g || s->exhausted)
		BUG("no difference to find");
	for (;;) {
		const uint32_t var = min_var(s->nodes[f].var, s->nodes[g].var);
		bool set;

		if (var == VAR_LEAF)
			return;
		set = part(s, f, var, false) == part(s, g, var, false);
		if (set)
			set_var(s, call, var);
		f = part(s, f, var, set);
		g = part(s, g, var, set);
	}
}

/* ---- as bytes ---- */

/* Older nodes have smaller refs, so one walk down finds all. */
static void number_nodes(const struct bdd_store *s, bdd_ref f, bdd_ref *number)
{
	bdd_ref next = BDD_TRUE + 1;

	number[BDD_TRUE] = 1;
	number[f] = 1;
	for (bdd_ref ref = f; ref > BDD_TRUE; ref--) {
		if (!number[ref] || s->nodes[ref].var == VAR_LEAF)
			continue;
		number[s->nodes[ref].hi] = 1;
		number[s->nodes[ref].lo] = 1;
	}
	for (bdd_ref ref = BDD_TRUE + 1; ref <= f; ref++)
		if (number[ref])
			number[ref] = next++;
	number[BDD_FALSE] = 0;
}

void bdd_save(const struct bdd_store *s, bdd_ref f, struct str *out)
{
	bdd_ref *number = take((size_t)f + 2, sizeof(*number));

	number_nodes(s, f, number);
	bytes_put_u32(out, number[f]);
	for (bdd_ref ref = BDD_TRUE + 1; ref <= f; ref++) {
		struct node n = s->nodes[ref];

		if (!number[ref])
			continue;
		if (n.var != VAR_LEAF) {
			n.hi = number[n.hi];
			n.lo = number[n.lo];
		}
		str_add_bytes(out, &n, sizeof(n));
	}
	free(number);
}

static bdd_ref restore_node(struct bdd_store *s, struct node n)
{
	if (n.var == VAR_LEAF) {
		if (n.hi >= ACT_COUNT || n.lo > ACT_DATA_MAX)
			return BDD_FALSE;
		return bdd_leaf(s, (struct action){ (enum action_kind)n.hi,
						    (uint16_t)n.lo });
	}
	if (n.hi >= s->len || n.lo >= s->len || n.hi == n.lo ||
	    s->nodes[n.hi].var <= n.var || s->nodes[n.lo].var <= n.var)
		return BDD_FALSE;
	return node_find(s, n.var, n.hi, n.lo);
}

bdd_ref bdd_restore(struct bdd_store *s, struct bytes *in)
{
	const uint32_t last = bytes_count(in);
	struct node n;

	if (last > in->left / sizeof(n) + BDD_TRUE)
		return BDD_FALSE;
	/* The program's own nodes will be about as many again. */
	while (s->cap < 2 * last)
		table_grow(s);
	for (bdd_ref ref = BDD_TRUE + 1; ref <= last; ref++) {
		const void *p = bytes_take(in, sizeof(n));

		if (!p)
			return BDD_FALSE;
		memcpy(&n, p, sizeof(n));
		/* One that is there already would get its first number. */
		if (restore_node(s, n) != ref)
			return BDD_FALSE;
	}
	return last;
}
