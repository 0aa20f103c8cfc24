/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calls.h - calls that lie where policies and programs change their mind
 *
 * Hints are values at and beside the bounds of conditions and the constants
 * of a program.  A drawn call has a few of them applied to random words.
 */
#ifndef TESTS_SUPPORT_CALLS_H
#define TESTS_SUPPORT_CALLS_H

#include "abi/call.h"
#include "compiler/bpf.h"
#include "compiler/policy.h"
#include "tests/support/entropy.h"

struct call_pool;

/* Either may be NULL.  Both are borrowed. */
struct call_pool *call_pool_new(const struct policy *p,
				const struct bpf_prog *prog);
void call_pool_free(struct call_pool *pool);

struct call call_pool_draw(const struct call_pool *pool, struct entropy *e);
/* A call of this number, its arguments at the bounds of its own rules. */
struct call call_pool_draw_of(const struct call_pool *pool, struct entropy *e,
			      uint32_t arch, uint32_t nr);

#endif
