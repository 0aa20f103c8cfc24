/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verdicts.h - our program beside libseccomp's, call by call
 *
 * Asked is every number that libseccomp has a name for, with arguments at
 * and beside the constants of the profile.  Bits that the call's handler
 * does not use are never set, and nothing above 32 bits on x32.
 */
#ifndef TESTS_SUPPORT_VERDICTS_H
#define TESTS_SUPPORT_VERDICTS_H

#include <stddef.h>

#include "abi/scmp.h"
#include "compiler/bpf.h"
#include "compiler/policy.h"

struct verdicts {
	size_t calls;	  /* asked */
	size_t different; /* with another answer */
	size_t unknown;	  /* numbers that only libseccomp knows: not asked */
	/* The first difference. */
	struct call witness;
	struct action ours, theirs;
};

/* Values to try; the caller's to free. */
struct json;
uint64_t *profile_values(const struct json *profile, size_t *n);

/* Adds to *v.  `samples` calls for each number with conditions. */
void verdicts_compare(const struct abi *abi, const struct policy *policy,
		      const struct bpf_prog *ours,
		      const struct scmp_filter *theirs,
		      const uint64_t *values, size_t nvalues,
		      unsigned samples, struct verdicts *v);

#endif
