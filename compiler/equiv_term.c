/* SPDX-License-Identifier: Apache-2.0 */
/*
 * equiv_term.c - exact 32-bit arithmetic on functions of the call
 *
 * Invariant: of a masked word or a constant the term knows that it is one
 * (almost every term of a real program is), so that comparing it with a
 * constant builds one chain of nodes instead of 32 general steps.
 */
#include "compiler/equiv_term.h"

#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"

enum { BITS = 32 };

/* Refs from here on are places in the store's list. */
#define FIRST_PLACE (UINT64_C(1) << 32)

enum term_kind {
	KIND_CONSTANT, /* k; never in the list */
	KIND_MASKED,   /* word at off, with the bits of k */
	KIND_BITS,
};

struct term {
	bdd_ref bit[BITS];
	enum term_kind kind;
	uint32_t k;
	unsigned off;
};

struct term_store {
	struct bdd_store *s;
	struct term *list;
	uint32_t len, cap;
};

/* Few terms occur in one program: a search beats a table. */
static term_ref term_keep(struct term_store *ts, const struct term *t)
{
	for (uint32_t i = 0; i < ts->len; i++) {
		if (!memcmp(ts->list[i].bit, t->bit, sizeof(t->bit)))
			return FIRST_PLACE + i;
		bdd_count_step(ts->s);
	}
	if (ts->len == ts->cap) {
		struct term *list;

		ts->cap = ts->cap ? ts->cap * 2 : 16;
		list = realloc(ts->list, ts->cap * sizeof(*list));
		if (!list)
			oom();
		ts->list = list;
	}
	ts->list[ts->len] = *t;
	return FIRST_PLACE + ts->len++;
}

struct term_store *term_store_new(struct bdd_store *bdds)
{
	struct term_store *ts = calloc(1, sizeof(*ts));

	if (!ts)
		oom();
	ts->s = bdds;
	return ts;
}

void term_store_free(struct term_store *ts)
{
	if (!ts)
		return;
	free(ts->list);
	free(ts);
}

static struct term constant(uint32_t value)
{
	struct term t = { .kind = KIND_CONSTANT, .k = value };

	for (unsigned i = 0; i < BITS; i++)
		t.bit[i] = value >> i & 1 ? BDD_TRUE : BDD_FALSE;
	return t;
}

static struct term masked(struct term_store *ts, unsigned off, uint32_t mask)
{
	struct term t = { .kind = KIND_MASKED, .k = mask, .off = off };

	for (unsigned i = 0; i < BITS; i++)
		t.bit[i] = mask >> i & 1 ? bdd_bit(ts->s, off, i) : BDD_FALSE;
	return t;
}

static struct term term_get(const struct term_store *ts, term_ref ref)
{
	if (ref < FIRST_PLACE)
		return constant((uint32_t)ref);
	return ts->list[ref - FIRST_PLACE];
}

term_ref term_word(struct term_store *ts, unsigned off)
{
	const struct term t = masked(ts, off, UINT32_MAX);

	return term_keep(ts, &t);
}

static bdd_ref not_bit(struct term_store *ts, bdd_ref a)
{
	return bdd_ite(ts->s, a, BDD_FALSE, BDD_TRUE);
}

static bdd_ref xor_bit(struct term_store *ts, bdd_ref a, bdd_ref b)
{
	return bdd_ite(ts->s, a, not_bit(ts, b), b);
}

/* The logical operations, bit by bit. */
static struct term logical(struct term_store *ts, unsigned op,
			   const struct term *a, const struct term *b)
{
	struct term t = { .kind = KIND_BITS };

	for (unsigned i = 0; i < BITS; i++) {
		const bdd_ref x = a->bit[i], y = b->bit[i];

		if (op == BPF_AND)
			t.bit[i] = bdd_ite(ts->s, x, y, BDD_FALSE);
		else if (op == BPF_OR)
			t.bit[i] = bdd_ite(ts->s, x, BDD_TRUE, y);
		else
			t.bit[i] = xor_bit(ts, x, y);
	}
	return t;
}

static struct term sum(struct term_store *ts, const struct term *a,
		       const struct term *b, bdd_ref carry)
{
	struct term t = { .kind = KIND_BITS };

	for (unsigned i = 0; i < BITS; i++) {
		const bdd_ref x = a->bit[i], y = b->bit[i];
		const bdd_ref differ = xor_bit(ts, x, y);

		t.bit[i] = xor_bit(ts, differ, carry);
		carry = bdd_ite(ts->s, differ, carry, x);
	}
	return t;
}

static struct term difference(struct term_store *ts, const struct term *a,
			      const struct term *b)
{
	struct term flipped = { .kind = KIND_BITS };

	for (unsigned i = 0; i < BITS; i++)
		flipped.bit[i] = not_bit(ts, b->bit[i]);
	return sum(ts, a, &flipped, BDD_TRUE);
}

static struct term shifted(const struct term *a, unsigned op, unsigned by)
{
	struct term t = { .kind = KIND_BITS };

	for (unsigned i = 0; i < BITS; i++) {
		const bool inside = op == BPF_LSH ? i >= by : i + by < BITS;
		const unsigned from = op == BPF_LSH ? i - by : i + by;

		t.bit[i] = inside ? a->bit[from] : BDD_FALSE;
	}
	return t;
}

static struct term chosen(struct term_store *ts, bdd_ref c,
			  const struct term *yes, const struct term *no)
{
	struct term t = { .kind = KIND_BITS };

	for (unsigned i = 0; i < BITS; i++)
		t.bit[i] = bdd_ite(ts->s, c, yes->bit[i], no->bit[i]);
	return t;
}

static struct term product(struct term_store *ts, const struct term *a,
			   const struct term *b)
{
	struct term t = constant(0);

	for (unsigned i = 0; i < BITS; i++) {
		struct term more;

		if (b->bit[i] == BDD_FALSE || bdd_exhausted(ts->s))
			continue;
		more = shifted(a, BPF_LSH, i);
		more = sum(ts, &t, &more, BDD_FALSE);
		t = chosen(ts, b->bit[i], &more, &t);
	}
	t.kind = KIND_BITS;
	return t;
}

/* a > b where `tie` is false, a >= b where it is true. */
static bdd_ref above(struct term_store *ts, const struct term *a,
		     const struct term *b, bdd_ref tie)
{
	for (unsigned i = 0; i < BITS; i++) {
		const bdd_ref x = a->bit[i], y = b->bit[i];

		tie = bdd_ite(ts->s, xor_bit(ts, x, y), x, tie);
	}
	return tie;
}

/* Long division; the bit that leaves the remainder at the top counts too. */
static struct term quotient(struct term_store *ts, const struct term *a,
			    const struct term *by)
{
	struct term t = { .kind = KIND_BITS }, left = constant(0);

	for (unsigned i = BITS; i-- > 0;) {
		const bdd_ref top = left.bit[BITS - 1];
		struct term less;

		left = shifted(&left, BPF_LSH, 1);
		left.bit[0] = a->bit[i];
		t.bit[i] = bdd_ite(ts->s, top, BDD_TRUE,
				   above(ts, &left, by, BDD_TRUE));
		less = difference(ts, &left, by);
		left = chosen(ts, t.bit[i], &less, &left);
	}
	return t;
}

static bool is_constant(const struct term *t)
{
	return t->kind == KIND_CONSTANT;
}

/* Gives the term its kind back where the bits are still plain. */
static term_ref keep_plain(struct term_store *ts, struct term *t)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < BITS; i++) {
		if (t->bit[i] > BDD_TRUE)
			return term_keep(ts, t);
		value |= (uint32_t)t->bit[i] << i;
	}
	return TERM_CONSTANT(value);
}

/* By value: keeping a term may move the list that refs point into. */
static term_ref alu(struct term_store *ts, unsigned op, struct term a,
		    struct term b)
{
	const struct term zero = constant(0);
	struct term t = zero;

	switch (op) {
	case BPF_ADD:
		t = sum(ts, &a, &b, BDD_FALSE);
		break;
	case BPF_SUB:
		t = difference(ts, &a, &b);
		break;
	case BPF_MUL:
		t = product(ts, &a, &b);
		break;
	case BPF_DIV:
		if (!is_constant(&b) || b.k == 0)
			return TERM_UNKNOWN;
		t = quotient(ts, &a, &b);
		break;
	case BPF_AND:
		if (a.kind == KIND_MASKED && is_constant(&b))
			t = masked(ts, a.off, a.k & b.k);
		else
			t = logical(ts, op, &a, &b);
		break;
	case BPF_OR:
	case BPF_XOR:
		t = logical(ts, op, &a, &b);
		break;
	case BPF_LSH:
	case BPF_RSH:
		if (!is_constant(&b))
			return TERM_UNKNOWN;
		t = shifted(&a, op, b.k & 31);
		break;
	case BPF_NEG:
		t = difference(ts, &zero, &a);
		break;
	default:
		return TERM_UNKNOWN;
	}
	return keep_plain(ts, &t);
}

term_ref term_alu(struct term_store *ts, unsigned op, term_ref a, term_ref b)
{
	return alu(ts, op, term_get(ts, a), term_get(ts, b));
}

static enum bdd_op compare_of(unsigned op)
{
	switch (op) {
	case BPF_JEQ:
		return BDD_EQ;
	case BPF_JGT:
		return BDD_GT;
	case BPF_JGE:
		return BDD_GE;
	case BPF_JSET:
		return BDD_ANY;
	}
	BUG("jump %#x", op);
}

/* Nearly every jump of a real program. */
bool term_is_plain(const struct term_store *ts, term_ref a, term_ref b)
{
	return a >= FIRST_PLACE && b < FIRST_PLACE &&
	       ts->list[a - FIRST_PLACE].kind == KIND_MASKED;
}

static bdd_ref jump(struct term_store *ts, unsigned op, const struct term *x,
		    const struct term *y)
{
	bdd_ref c = op == BPF_JEQ ? BDD_TRUE : BDD_FALSE;

	if (op == BPF_JGT || op == BPF_JGE)
		return above(ts, x, y, op == BPF_JGE ? BDD_TRUE : BDD_FALSE);
	for (unsigned i = 0; i < BITS; i++) {
		const bdd_ref p = x->bit[i], q = y->bit[i];

		if (op == BPF_JEQ)
			c = bdd_ite(ts->s, xor_bit(ts, p, q), BDD_FALSE, c);
		else
			c = bdd_ite(ts->s, bdd_ite(ts->s, p, q, BDD_FALSE),
				    BDD_TRUE, c);
	}
	return c;
}

bdd_ref term_jump(struct term_store *ts, unsigned op, term_ref a, term_ref b)
{
	const struct term x = term_get(ts, a), y = term_get(ts, b);

	return jump(ts, op, &x, &y);
}

bdd_ref term_choose(struct term_store *ts, unsigned op, term_ref a, term_ref b,
		    bdd_ref yes, bdd_ref no)
{
	const struct term *t;

	if (!term_is_plain(ts, a, b))
		return bdd_ite(ts->s, term_jump(ts, op, a, b), yes, no);
	t = &ts->list[a - FIRST_PLACE];
	return bdd_choose(ts->s, t->off, t->k, compare_of(op), (uint32_t)b, yes,
			  no);
}

static bdd_ref leaf_part(struct term_store *ts, const struct term *t,
			 unsigned nbits, uint32_t value)
{
	bdd_ref hi, lo;

	if (bdd_exhausted(ts->s))
		return BDD_FALSE;
	if (nbits == 0)
		return bdd_leaf(ts->s, action_from_ret(value));
	nbits--;
	if (t->bit[nbits] == BDD_FALSE)
		return leaf_part(ts, t, nbits, value);
	hi = leaf_part(ts, t, nbits, value | UINT32_C(1) << nbits);
	if (t->bit[nbits] == BDD_TRUE)
		return hi;
	lo = leaf_part(ts, t, nbits, value);
	return bdd_ite(ts->s, t->bit[nbits], hi, lo);
}

bdd_ref term_leaf(struct term_store *ts, term_ref a)
{
	const struct term t = term_get(ts, a);

	return leaf_part(ts, &t, BITS, 0);
}
