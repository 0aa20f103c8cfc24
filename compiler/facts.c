/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/facts.h"

struct facts facts_none(void)
{
	return (struct facts){ 0, UINT32_MAX, 0, 0 };
}

static struct facts learn_bits(struct facts f, uint32_t bits, uint32_t value)
{
	f.known |= bits;
	f.value = (f.value & ~bits) | (value & bits);
	return f;
}

/* All bits above the highest that differs are those of both limits. */
static uint32_t common_prefix(uint32_t lo, uint32_t hi)
{
	uint32_t differ = lo ^ hi;

	return differ ? ~(UINT32_MAX >> __builtin_clz(differ)) : UINT32_MAX;
}

/* Lets bits and limits tell each other what they know. */
static struct facts settle(struct facts f)
{
	uint32_t least = f.value, most = f.value | ~f.known;

	if (f.lo < least)
		f.lo = least;
	if (f.hi > most)
		f.hi = most;
	if (f.lo > f.hi)
		return f;
	return learn_bits(f, common_prefix(f.lo, f.hi) & ~f.known, f.lo);
}

static bool is_single_bit(uint32_t v)
{
	return v && !(v & (v - 1));
}

static struct facts after_not_equal(struct facts f, const struct dd_test *t)
{
	uint32_t open = t->mask & ~f.known;

	/* All other bits agree, so the one that is open does not. */
	if (is_single_bit(open) && !((f.value ^ t->k) & t->mask & ~open))
		f = learn_bits(f, open, ~t->k);
	if (t->mask != UINT32_MAX || f.lo >= f.hi)
		return f;
	if (f.lo == t->k)
		f.lo++;
	else if (f.hi == t->k)
		f.hi--;
	return f;
}

struct facts facts_after(struct facts f, const struct dd_test *t, bool yes)
{
	if (t->op == DD_EQ && yes) {
		f = learn_bits(f, t->mask, t->k);
	} else if (t->op == DD_EQ) {
		f = after_not_equal(f, t);
	} else if (yes) {
		/* (w & mask) >= k implies w >= k. */
		if (f.lo < t->k)
			f.lo = t->k;
	} else if (t->mask == UINT32_MAX && f.hi > t->k - 1) {
		f.hi = t->k - 1;
	}
	return settle(f);
}

struct facts facts_meet(struct facts a, struct facts b)
{
	struct facts f = { a.lo < b.lo ? a.lo : b.lo, a.hi > b.hi ? a.hi : b.hi,
			   0, 0 };

	f.known = a.known & b.known & ~(a.value ^ b.value);
	f.value = a.value & f.known;
	return f;
}

static enum answer answer_equal(struct facts f, const struct dd_test *t)
{
	if ((f.value ^ t->k) & t->mask & f.known)
		return ANSWER_NO;
	if (!(t->mask & ~f.known))
		return ANSWER_YES;
	if (t->mask == UINT32_MAX && (t->k < f.lo || t->k > f.hi))
		return ANSWER_NO;
	return ANSWER_OPEN;
}

enum answer facts_answer(struct facts f, const struct dd_test *t)
{
	uint32_t least = f.value & t->mask;
	uint32_t most = (f.value | ~f.known) & t->mask;

	if (f.lo > f.hi)
		return ANSWER_OPEN;
	if (t->op == DD_EQ)
		return answer_equal(f, t);
	/* The mask takes nothing away from a value that fits in it. */
	if (!(t->mask & (t->mask + 1)) && f.hi <= t->mask) {
		least = f.lo;
		most = f.hi;
	}
	if (least >= t->k)
		return ANSWER_YES;
	return most < t->k ? ANSWER_NO : ANSWER_OPEN;
}
