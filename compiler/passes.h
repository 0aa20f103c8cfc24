/* SPDX-License-Identifier: Apache-2.0 */
/*
 * passes.h - what the passes of one compilation hand to each other
 *
 * Each pass reads what the earlier ones filled in and fills its own part.
 * pipeline.c calls them in the order of its table; nobody else does.
 */
#ifndef COMPILER_PASSES_H
#define COMPILER_PASSES_H

#include <stdbool.h>

#include "compiler/bpf.h"
#include "compiler/compile.h"
#include "compiler/dd.h"
#include "compiler/policy.h"
#include "compiler/unit.h"

struct compilation {
	struct unit *unit;
	const struct policy *policy;
	const struct compile_options *options;
	struct dd_store *store;
	/* lower: for each ABI, the diagram of each of its rule sets. */
	dd_ref **sets;
	dd_ref root; /* dispatch, simplify */
	/* codegen; the compilation's until the last pass is through. */
	struct bpf_prog *prog;
};

/* False with diagnostics. */
bool pass_lower(struct compilation *c);
bool pass_dispatch(struct compilation *c);
bool pass_simplify(struct compilation *c);
bool pass_codegen(struct compilation *c);
bool pass_validate(struct compilation *c);

/* The pieces, for tests. */
dd_ref simplify_diagram(struct dd_store *s, struct arena *a, dd_ref root);
struct bpf_prog *codegen_program(const struct dd_store *s, struct arena *a,
				 dd_ref root, bool big_endian);

/* Instructions on the longest way through; the program must be valid. */
uint32_t bpf_longest_path(const struct bpf_prog *p);

#endif
