/* SPDX-License-Identifier: Apache-2.0 */
/*
 * search.h - from ranges of one 32-bit word to a small, shallow diagram
 *
 * A cell is a range of values with one outcome; it ends where the next
 * begins, the last one at `last`.  Values below cells[0].lo or past `last`
 * must be impossible.  Used for call numbers and for sets of argument
 * values alike.
 */
#ifndef COMPILER_SEARCH_H
#define COMPILER_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler/dd.h"

struct search_cell {
	uint32_t lo;
	dd_ref to;
	uint32_t weight; /* how often, relative to the others; may be 0 */
	struct span origin;
};

struct search {
	struct dd_store *store;
	struct arena *arena;
	uint32_t word, mask;
	uint32_t last;
};

/* Merges equal neighbours in place first. n is at least 1. */
dd_ref search_build(const struct search *s, struct search_cell *cells,
		    size_t n);

/*
 * search_cube.c: values of one outcome that differ in some bits only, all
 * combinations of them, are one test of the other bits.
 */
struct search_cube {
	struct dd_test test;
	dd_ref to; /* where the test holds */
	struct span origin;
	/* Without the cube's values. */
	struct search_cell *rest;
	size_t nrest;
};

/* False when no cube promises anything; costs are the caller's to weigh. */
bool search_find_cube(const struct search *s, const struct search_cell *cells,
		      size_t n, struct search_cube *out);

#endif
