/* SPDX-License-Identifier: Apache-2.0 */
/*
 * facts.h - what is known of a 32-bit word behind some tests
 *
 * The value lies in lo .. hi and has the bits `value` under `known`.
 * Every operation keeps both true; none promises to be the best.
 */
#ifndef COMPILER_FACTS_H
#define COMPILER_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "compiler/dd.h"

struct facts {
	uint32_t lo, hi;
	uint32_t known, value; /* value has known bits only */
};

enum answer {
	ANSWER_NO,
	ANSWER_YES,
	ANSWER_OPEN,
};

/* Nothing is known. */
struct facts facts_none(void);
/* A value that satisfies neither cannot be told: lo > hi then. */
struct facts facts_after(struct facts f, const struct dd_test *t, bool yes);
/* What holds on both ways. */
struct facts facts_meet(struct facts a, struct facts b);
enum answer facts_answer(struct facts f, const struct dd_test *t);

#endif
