/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dd.h - decision diagrams: what a policy becomes before it is BPF
 *
 * A diagram maps one struct seccomp_data to one action.  Nodes are
 * immutable and hash-consed, so equal sub-diagrams are one node and
 * comparing two dd_refs compares structure.  It does not compare meaning;
 * equiv_check() does.  A node exists only after both of its successors:
 * refs of successors are smaller, there are no cycles.  Nodes live in the
 * store's arena; a dd_ref is an index, never freed.
 */
#ifndef COMPILER_DD_H
#define COMPILER_DD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/action.h"
#include "base/source.h"

struct arena;
struct dd_store;
struct str;

typedef uint32_t dd_ref;

enum { DD_NONE = 0 };

enum dd_op {
	DD_EQ, /* (word & mask) == k */
	DD_GE, /* (word & mask) >= k, unsigned */
};

struct dd_test {
	enum dd_op op;
	uint32_t word; /* byte offset in struct seccomp_data */
	uint32_t mask; /* UINT32_MAX when all bits count */
	uint32_t k;
};

struct dd_node {
	struct dd_test test;
	dd_ref hi, lo;	      /* both DD_NONE in a leaf */
	struct action action; /* of a leaf */
	/* Instructions on the longest way down, the return aside; 0: leaf. */
	uint32_t height;
	struct span origin;
};

struct dd_store *dd_store_new(struct arena *arena);

/* The first origin given to an action stays. */
dd_ref dd_leaf(struct dd_store *s, struct action action, struct span origin);

/*
 * Returns `hi` or `lo` itself when the test cannot change the outcome.
 * Equivalent tests are brought to one form, so the node may hold another
 * test, with hi and lo exchanged.  `origin` is the rule that asked.
 */
dd_ref dd_branch(struct dd_store *s, struct dd_test test, dd_ref hi, dd_ref lo,
		 struct span origin);

const struct dd_node *dd_get(const struct dd_store *s, dd_ref ref);
bool dd_is_leaf(const struct dd_store *s, dd_ref ref);
/* Refs are 1 to this. */
dd_ref dd_last(const struct dd_store *s);

/*
 * For each ref up to root, inclusive: is it reachable from root.  In the
 * arena; size root + 1.
 */
bool *dd_reachable(const struct dd_store *s, struct arena *arena, dd_ref root);

/*
 * How many instructions it will take, returns aside: tests, and loads and
 * masks where a predecessor leaves something else in the accumulator.
 */
size_t dd_cost(struct dd_store *s, dd_ref root);

/* One line for each reachable node, root first. */
void dd_dump(const struct dd_store *s, dd_ref root, struct str *out);

#endif
