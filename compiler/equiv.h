/* SPDX-License-Identifier: Apache-2.0 */
/*
 * equiv.h - the proof that a program means what the policy says
 *
 * Covers every arch value, number and argument.  It reads the program's
 * graph and the policy, nothing in between, under a step cap: past it the
 * answer is EQUIV_UNDECIDED, never EQUIV_SAME.
 */
#ifndef COMPILER_EQUIV_H
#define COMPILER_EQUIV_H

#include <stdint.h>

#include "abi/action.h"
#include "abi/call.h"
#include "base/bytes.h"
#include "compiler/bpf.h"
#include "compiler/policy.h"

enum { EQUIV_STEPS_MAX = 20 * 1000 * 1000 };

#define EQUIV_NO_AT UINT32_MAX

enum equiv_verdict {
	EQUIV_SAME,
	EQUIV_DIFFERENT,
	EQUIV_UNDECIDED,
};

struct equiv_result {
	enum equiv_verdict verdict;
	uint64_t steps;
	/* EQUIV_DIFFERENT: a call that tells them apart, checked by running it.
	 */
	struct call witness;
	struct action by_policy, by_program;
	/* EQUIV_UNDECIDED: static text. */
	const char *why;
	/* The instruction that it is about, EQUIV_NO_AT for none. */
	uint32_t at;
};

/* The program must have passed bpf_validate(). */
struct equiv_result equiv_check(const struct policy *policy,
				const struct bpf_prog *prog,
				uint64_t steps_max);

/* What the policy means, in the one form that it has, for equiv_saved(). */
void equiv_save(const struct policy *policy, bool big_endian, struct str *out);

/*
 * The proof again, against a policy that equiv_save() wrote: true only when
 * the program does what that says.  Bytes that say nothing give false.  The
 * program must have passed bpf_validate().
 */
bool equiv_saved(struct bytes *policy, const struct bpf_prog *prog);

#endif
