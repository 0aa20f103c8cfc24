/* SPDX-License-Identifier: Apache-2.0 */
/*
 * naive.h - the plainest possible code generator
 *
 * One comparison after the other, no sharing, no search: a second author's
 * programs for the proof to judge.
 */
#ifndef TESTS_SUPPORT_NAIVE_H
#define TESTS_SUPPORT_NAIVE_H

#include "compiler/bpf.h"
#include "compiler/policy.h"

/* NULL when it has more instructions than the kernel takes. */
struct bpf_prog *naive_compile(const struct policy *p);

#endif
