/* SPDX-License-Identifier: Apache-2.0 */
/*
 * canvas.h - neighbouring rules on the same bits, as one list of segments
 */
#ifndef COMPILER_CANVAS_H
#define COMPILER_CANVAS_H

#include <stddef.h>

#include "compiler/policy.h"
#include "compiler/segments.h"

struct canvas;

/* The interval test that a condition is, maybe negated; or NULL. */
const struct cond *canvas_test(const struct cond *c);

/* For rules that are all interval tests of the same bits; n at least 1. */
struct canvas *canvas_new(struct arena *a, const struct rule *rules, size_t n);
/* Gives `ref` to the rule's values that no earlier rule has. */
void canvas_paint(struct canvas *cv, const struct rule *rule, uint32_t ref);
/* Gives `ref` to the rest; the segments are the canvas's own. */
const struct segment *canvas_segments(struct canvas *cv, uint32_t ref,
				      struct span origin, size_t *n);

#endif
