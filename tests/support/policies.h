/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policies.h - random policies, built as a reader would build them
 */
#ifndef TESTS_SUPPORT_POLICIES_H
#define TESTS_SUPPORT_POLICIES_H

#include "abi/abi.h"
#include "base/arena.h"
#include "compiler/policy.h"
#include "tests/support/entropy.h"

struct policy_shape {
	enum abi_id machine; /* ABIs are drawn from those of its kernel */
	uint32_t sets_max;   /* calls with rules, of each ABI */
	uint32_t rules_max;  /* of each call */
	uint32_t depth_max;  /* of and, or, not */
};

/* Any machine, a few calls, rules of every kind. */
struct policy_shape policy_shape_random(struct entropy *e);

/* Lives in the arena; policy_verify() has seen it. */
const struct policy *policy_random(struct arena *a, struct entropy *e,
				   const struct policy_shape *shape);

/*
 * Many plain rules and a few on arguments for x86_64, i386 and x32, like
 * the profile that container engines ship.
 */
const struct policy *policy_like_docker(struct arena *a);

/* One call of x86_64 that is allowed for n spread values of a word. */
const struct policy *policy_one_set(struct arena *a, uint32_t n);

/* One call: nrules rules of three conditions on different arguments. */
const struct policy *policy_many_rules(struct arena *a, uint32_t nrules);

#endif
