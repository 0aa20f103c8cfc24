/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mdd.h - the rules of one call as a diagram over whole argument values
 *
 * Between rules and binary diagrams: a node looks at one variable, the
 * masked value of an argument, and parts it into segments.  On every path
 * variables come in one order and each at most once, so rules that test
 * the same values in any mixture share their tests.  Nodes are hash-consed
 * and immutable.  Such diagrams can grow exponentially; past the work that
 * it was given the store is `exhausted` and its results mean nothing.
 */
#ifndef COMPILER_MDD_H
#define COMPILER_MDD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/abi.h"
#include "compiler/segments.h"

enum { MDD_VARS_MAX = 64 };

struct mdd_store;

typedef uint32_t mdd_ref;

/* `work`: how many segments may be looked at. */
struct mdd_store *mdd_store_new(struct dd_store *dd, struct arena *arena,
				size_t work);
bool mdd_exhausted(const struct mdd_store *m);
size_t mdd_work(const struct mdd_store *m); /* done so far */
size_t mdd_vars(const struct mdd_store *m);

/*
 * The variable's index, in order of first mention; tests of earlier ones
 * stand above.  Past MDD_VARS_MAX the store is exhausted.
 */
uint32_t mdd_var(struct mdd_store *m, struct arg_words at, uint64_t mask);

/* A ref for an outcome that is already a diagram (a leaf, as a rule). */
mdd_ref mdd_leaf(struct mdd_store *m, dd_ref leaf);

/* In segments given to mdd_compose(): "as `a` does", "as `b` does". */
enum { MDD_AS_A = 0, MDD_AS_B = UINT32_MAX };

/*
 * The function that does, on each segment of the variable's value, what
 * the segment's `to` says: MDD_AS_A, MDD_AS_B or a leaf.
 */
mdd_ref mdd_compose(struct mdd_store *m, uint32_t var,
		    const struct segment *segs, size_t n, mdd_ref a, mdd_ref b);

dd_ref mdd_lower(struct mdd_store *m, mdd_ref root);

#endif
