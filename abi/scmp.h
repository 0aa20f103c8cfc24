/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scmp.h - libseccomp as a referee: the only way to it
 *
 * For tests and comparisons; the compiler does not link it.
 */
#ifndef ABI_SCMP_H
#define ABI_SCMP_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/abi.h"
#include "abi/action.h"

/* False when the library lacks the ABI or the call on it. */
bool scmp_resolve(const struct abi *abi, const char *name, uint32_t *nr);
/* Whether the library has a name for the number on that ABI. */
bool scmp_knows(const struct abi *abi, uint32_t nr);
/* Whether this version of the library knows the ABI at all. */
bool scmp_has_abi(const struct abi *abi);
/* major * 10000 + minor * 100 + micro. */
unsigned scmp_library_version(void);

/* What libseccomp can ask of one argument: unsigned, 64 bits wide. */
enum scmp_test {
	SCMP_TEST_NE,
	SCMP_TEST_LT,
	SCMP_TEST_LE,
	SCMP_TEST_EQ,
	SCMP_TEST_GE,
	SCMP_TEST_GT,
	SCMP_TEST_MASKED_EQ, /* (arg & value) == masked */
};

struct scmp_arg {
	unsigned reg;
	enum scmp_test test;
	uint64_t value, masked;
};

/* A filter for one ABI; `foreign` is what calls of all others get. */
struct scmp_filter;

/* NULL when the library refuses. */
struct scmp_filter *scmp_filter_new(const struct abi *abi,
				    struct action fallback,
				    struct action foreign);
void scmp_filter_free(struct scmp_filter *f);
/*
 * All tests of a rule must hold; at most one for each register.  False
 * when the library cannot say it or refuses.
 */
bool scmp_filter_add(struct scmp_filter *f, struct action action,
		     const char *name, unsigned nargs,
		     const struct scmp_arg *args);
/*
 * As the container engines add rules: what the ABI can't say exactly is
 * adapted (socketcall, ipc) or left out.  0, or an errno: EEXIST for a rule
 * that contradicts another, ENOSYS for a name that the library lacks.
 */
int scmp_filter_adapt(struct scmp_filter *f, struct action action,
		      const char *name, unsigned nargs,
		      const struct scmp_arg *args);
/* The program, in this machine's byte order; the caller frees it. */
struct sock_filter *scmp_filter_program(const struct scmp_filter *f,
					size_t *len);

#endif
