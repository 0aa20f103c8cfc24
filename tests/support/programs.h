/* SPDX-License-Identifier: Apache-2.0 */
/*
 * programs.h - random programs that no compiler would write
 */
#ifndef TESTS_SUPPORT_PROGRAMS_H
#define TESTS_SUPPORT_PROGRAMS_H

#include "compiler/bpf.h"
#include "tests/support/entropy.h"

enum program_end {
	PROGRAM_END_RETURNS, /* four constant returns */
	PROGRAM_END_VALUE,   /* one that shows eight bits of A */
};

/*
 * Valid, with loads of the first arguments, arithmetic, scratch words and
 * X; returns are ERRNO.  No divisor or shift comes from X.
 */
struct bpf_prog *program_random(struct entropy *e, enum program_end end);

/* Any numbers as instructions, now and then plausible ones. */
struct bpf_prog *program_noise(struct entropy *e);

/* Changes one field of one instruction. */
void program_corrupt(struct bpf_prog *p, struct entropy *e);

#endif
