/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kept.h - a compiled policy with all that it depends on, as bytes
 *
 * What is read back is used only when every search and every file of the
 * compilation would give the same now, and when the program is proved again
 * against what the policy means.
 */
#ifndef COMPILER_KEPT_H
#define COMPILER_KEPT_H

#include <stdbool.h>
#include <stddef.h>

#include "abi/sandbox.h"
#include "base/str.h"
#include "compiler/bpf.h"
#include "compiler/policy.h"
#include "compiler/unit.h"

enum { KEPT_MAX = 1 << 20 };

/* A policy that passed every check, with all that a run asks of it. */
struct kept {
	struct sandbox box;
	struct bpf_prog *prog; /* the holder's */
	bool log_denials;
	bool denies_tracing; /* asked only where capabilities are kept */
	/* C libraries that nothing is refused to: 1 << enum program_libc. */
	uint32_t starts;
};

/* The key stands for everything but files: build, target, options. */
void kept_write(const struct str *key, const struct unit *u,
		const struct policy *policy, const struct kept *run,
		struct str *out);

/*
 * False when the bytes are not of that key, or no longer true.  On success
 * the unit has the sources that the compilation had, and texts of *out lie
 * in the bytes.
 */
bool kept_read(const struct str *key, const void *bytes, size_t len,
	       struct unit *u, struct kept *out);

#endif
