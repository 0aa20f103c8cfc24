/* SPDX-License-Identifier: Apache-2.0 */
/*
 * segments.h - from ranges of one argument's value to searches over words
 */
#ifndef COMPILER_SEGMENTS_H
#define COMPILER_SEGMENTS_H

#include <stddef.h>
#include <stdint.h>

#include "abi/abi.h"
#include "compiler/dd.h"

/* Values from `lo` to before the next segment; the last ends at the mask. */
struct segment {
	uint64_t lo;
	uint32_t to; /* whatever the holder's refs are */
	struct span origin;
};

/*
 * The diagram that takes (value & mask) to the dd_ref `to` of its segment.
 * Sorted, the first begins at 0, n at least 1.
 */
dd_ref segments_lower(struct dd_store *s, struct arena *a, struct arg_words at,
		      uint64_t mask, const struct segment *segs, size_t n);

#endif
