/* SPDX-License-Identifier: Apache-2.0 */
/*
 * equiv_term.h - what a 32-bit register may hold, as functions of the call
 *
 * A term is 32 conditions, one for each bit.  Terms are kept once, so equal
 * refs are equal values for every call; a constant is its own ref.  All
 * arithmetic is exact; a product of two words is too, but exhausts the
 * store.
 */
#ifndef COMPILER_EQUIV_TERM_H
#define COMPILER_EQUIV_TERM_H

#include "compiler/equiv_bdd.h"

typedef uint64_t term_ref;

#define TERM_CONSTANT(k) ((term_ref)(uint32_t)(k))
#define TERM_UNKNOWN	 UINT64_MAX

struct term_store;

/* Borrows the diagrams' store. */
struct term_store *term_store_new(struct bdd_store *bdds);
void term_store_free(struct term_store *ts);

/* The word at a byte offset. */
term_ref term_word(struct term_store *ts, unsigned off);
/*
 * op is BPF_ADD to BPF_NEG.  TERM_UNKNOWN where the result is not modelled:
 * division by anything but a constant other than 0, a shift by anything
 * but a constant.
 */
term_ref term_alu(struct term_store *ts, unsigned op, term_ref a, term_ref b);
/* op is BPF_JEQ, BPF_JGT, BPF_JGE or BPF_JSET. */
bdd_ref term_jump(struct term_store *ts, unsigned op, term_ref a, term_ref b);
/*
 * yes where the jump is taken, else no.  Quicker than term_jump() where
 * term_is_plain(): a masked word compared with a constant.
 */
bool term_is_plain(const struct term_store *ts, term_ref a, term_ref b);
bdd_ref term_choose(struct term_store *ts, unsigned op, term_ref a, term_ref b,
		    bdd_ref yes, bdd_ref no);
/* What the kernel does when the program returns this value. */
bdd_ref term_leaf(struct term_store *ts, term_ref a);

#endif
