/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compile.h - policy to proven program: the passes in their order
 *
 * pipeline.c holds the pass table; passes never call each other.
 */
#ifndef COMPILER_COMPILE_H
#define COMPILER_COMPILE_H

#include <stdbool.h>
#include <stdint.h>

#include "compiler/bpf.h"
#include "compiler/policy.h"
#include "compiler/unit.h"

/* NULL stands for all zero; `stats` may be NULL too. */
struct compile_options {
	/* 0 for EQUIV_STEPS_MAX. */
	uint64_t proof_steps_max;
	/* Local rewrites off: the rows of the tests run both ways. */
	bool no_simplify;
};

struct compile_stats {
	uint32_t instructions;
	uint32_t longest_path;
	uint64_t proof_steps;
};

/*
 * Lowers, generates, validates and proves for the ABIs of the policy, all
 * of which must share one byte order and one machine.  NULL with
 * diagnostics (E05xx, E07xx) when the program is too long or not proved:
 * no caller ever sees an unproved program.  The caller's to free.  In all
 * of these options and stats may be NULL.
 */
struct bpf_prog *compile_policy(struct unit *u, const struct policy *policy,
				const struct compile_options *options,
				struct compile_stats *stats);

/* The two halves, for timing: compile_policy() is exactly these in order. */
struct bpf_prog *compile_generate(struct unit *u, const struct policy *policy,
				  const struct compile_options *options,
				  struct compile_stats *stats);
bool compile_prove(struct unit *u, const struct policy *policy,
		   const struct bpf_prog *prog,
		   const struct compile_options *options,
		   struct compile_stats *stats);

/*
 * What a pass ("lower", "dispatch", "simplify", "codegen", "validate")
 * leaves behind, as text.  False when there is no such pass or one before
 * it failed.
 */
struct str;
bool compile_dump(struct unit *u, const struct policy *policy,
		  const struct compile_options *options, const char *pass,
		  struct str *out);

#endif
