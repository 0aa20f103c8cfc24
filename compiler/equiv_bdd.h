/* SPDX-License-Identifier: Apache-2.0 */
/*
 * equiv_bdd.h - functions of one call's bits, in canonical form
 *
 * A reduced ordered binary decision diagram over the 512 bits of struct
 * seccomp_data; its leaves are actions, or false and true for conditions.
 * Two functions are equal exactly when their refs are: that is the proof.
 * Nothing here is shared with the diagrams that programs are made from.
 *
 * A store counts its steps and nodes.  Past a limit it is exhausted: every
 * further answer is meaningless, and bdd_exhausted() says so.
 */
#ifndef COMPILER_EQUIV_BDD_H
#define COMPILER_EQUIV_BDD_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/action.h"
#include "abi/call.h"
#include "base/bytes.h"
#include "compiler/policy.h"

typedef uint32_t bdd_ref;

enum {
	BDD_FALSE = 0,
	BDD_TRUE = 1,
	BDD_NODES_MAX = 4 * 1000 * 1000,
};

enum bdd_op {
	BDD_EQ,	 /* (word & mask) == k */
	BDD_GE,	 /* (word & mask) >= k */
	BDD_GT,	 /* (word & mask) > k */
	BDD_ANY, /* (word & mask & k) != 0 */
};

struct bdd_store;

/* The byte order decides which half of an argument is asked first. */
struct bdd_store *bdd_new(bool big_endian, uint64_t steps_max);
void bdd_free(struct bdd_store *s);

/* Static text when a limit was passed, otherwise NULL. */
const char *bdd_exhausted(const struct bdd_store *s);
uint64_t bdd_steps(const struct bdd_store *s);
/* Work done outside the store counts too. */
void bdd_count_step(struct bdd_store *s);

/* Return values that mean the same to the kernel are one leaf. */
bdd_ref bdd_leaf(struct bdd_store *s, struct action action);
/* The bit of the word at a byte offset. */
bdd_ref bdd_bit(struct bdd_store *s, unsigned off, unsigned bit);
/* hi where the bit is set, else lo; both ask only what comes after it. */
bdd_ref bdd_branch(struct bdd_store *s, unsigned off, unsigned bit, bdd_ref hi,
		   bdd_ref lo);
/* The condition c holds ? hi : lo. */
bdd_ref bdd_ite(struct bdd_store *s, bdd_ref c, bdd_ref hi, bdd_ref lo);

bdd_ref bdd_compare(struct bdd_store *s, unsigned off, uint32_t mask,
		    enum bdd_op op, uint32_t k);
/* The same as bdd_ite() on that comparison, without building it. */
bdd_ref bdd_choose(struct bdd_store *s, unsigned off, uint32_t mask,
		   enum bdd_op op, uint32_t k, bdd_ref hi, bdd_ref lo);
/* The value at `at`, with the bits of mask, lies in one of n intervals. */
bdd_ref bdd_in(struct bdd_store *s, struct arg_words at, uint64_t mask,
	       uint32_t n, const struct interval *set);

/* What is left of f when the word has this value. */
bdd_ref bdd_given_word(struct bdd_store *s, bdd_ref f, unsigned off,
		       uint32_t value);
/*
 * f and what it rests on as bytes, lowest first, and back into a store that
 * is new.  Nothing is believed: what is not such a function in its
 * canonical form gives BDD_FALSE.
 */
void bdd_save(const struct bdd_store *s, bdd_ref f, struct str *out);
bdd_ref bdd_restore(struct bdd_store *s, struct bytes *in);

/*
 * A call on which f and g, two different refs, differ: the first in
 * numerical order of the words.  Sets only bits that they ask.
 */
void bdd_find_difference(const struct bdd_store *s, bdd_ref f, bdd_ref g,
			 struct call *call);

#endif
