/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: no program crashes validation, listing, interpreter or proof, and
 * the proof's function of a valid program is the interpreter's answer.
 * Method: libFuzzer; the bytes are struct sock_filter[].
 */
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/str.h"
#include "compiler/equiv_side.h"
#include "compiler/leaves.h"
#include "compiler/validate.h"
#include "compiler/vm.h"
#include "tests/support/calls.h"

enum { STEPS_MAX = 200 * 1000, CALLS = 10 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bdd_ref leaf_of(struct bdd_store *s, bdd_ref f, const struct call *call)
{
	static const unsigned order[] = { 4,  0,  20, 16, 28, 24, 36, 32,
					  44, 40, 52, 48, 60, 56, 12, 8 };

	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		f = bdd_given_word(s, f, order[i],
				   call_word(call, order[i], false));
	return f;
}

static void compare(struct bdd_store *s, bdd_ref f, const struct bpf_prog *p)
{
	struct entropy e = { .seed = p->len };
	struct call_pool *pool = call_pool_new(NULL, p);

	for (unsigned i = 0; i < CALLS; i++) {
		const struct call call = call_pool_draw(pool, &e);
		const struct action a =
			action_from_ret(vm_run(p, &call, NULL).ret);

		if (leaf_of(s, f, &call) != bdd_leaf(s, a))
			abort();
	}
	call_pool_free(pool);
}

static void use(const struct bpf_prog *p)
{
	struct bdd_store *s = bdd_new(false, STEPS_MAX);
	const struct program_side side = bdd_of_program(s, p);
	struct str out = { 0 };

	if (!side.why && !bdd_exhausted(s))
		compare(s, side.outcome, p);
	bdd_free(s);
	leaves_free(leaves_new(p));
	bpf_list(p, NULL, &out);
	str_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bpf_prog *p = bpf_prog_new(false);
	struct validate_error why;
	struct sock_filter insn;

	for (; size >= sizeof(insn) && p->len <= BPF_INSNS_MAX;
	     size -= sizeof(insn), data += sizeof(insn)) {
		memcpy(&insn, data, sizeof(insn));
		bpf_prog_push(p, insn, span_none);
	}
	if (bpf_validate(p, &why))
		use(p);
	bpf_prog_free(p);
	return 0;
}
