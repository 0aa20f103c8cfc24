/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: compiler and proof agree on every policy that bytes can describe.
 * Method: libFuzzer; the bytes are the choices of the random policy, its
 * program must be proved (or exceed a limit) and agree with direct
 * evaluation on drawn calls.
 */
#include <stdlib.h>

#include "compiler/compile.h"
#include "compiler/equiv.h"
#include "compiler/vm.h"
#include "tests/support/calls.h"
#include "tests/support/policies.h"

enum { STEPS_MAX = 2 * 1000 * 1000, CALLS = 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compare(const struct policy *p, const struct bpf_prog *prog)
{
	struct entropy e = { .seed = prog->len };
	struct call_pool *pool = call_pool_new(p, prog);

	for (unsigned i = 0; i < CALLS; i++) {
		const struct call call = call_pool_draw(pool, &e);

		if (!action_same(policy_eval(p, &call).action,
				 action_from_ret(
					 vm_run(prog, &call, NULL).ret)))
			abort();
	}
	call_pool_free(pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct entropy e = { .bytes = data, .left = size };
	const struct policy_shape shape = policy_shape_random(&e);
	const struct compile_options options = {
		.no_simplify = entropy_below(&e, 2),
	};
	struct unit *u = unit_new();
	const struct policy *p = policy_random(u->arena, &e, &shape);
	struct bpf_prog *prog = compile_generate(u, p, &options, NULL);

	if (prog) {
		const struct equiv_result r = equiv_check(p, prog, STEPS_MAX);

		if (r.verdict == EQUIV_DIFFERENT || r.at != EQUIV_NO_AT)
			abort();
		compare(p, prog);
	} else if (!diag_errors(u->diags)) {
		abort();
	}
	bpf_prog_free(prog);
	unit_free(u);
	return 0;
}
