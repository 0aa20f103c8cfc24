/* SPDX-License-Identifier: Apache-2.0 */
/*
 * equiv.c - the verdict, and the call that shows a difference
 *
 * Program and policy become functions of the call's bits in canonical form
 * (equiv_bdd.h); they agree everywhere exactly when both are one node.  A
 * difference is reported only after the call has been run through vm_run()
 * and policy_eval(), which share nothing with the proof.
 */
#include "compiler/equiv.h"

#include "base/bug.h"
#include "compiler/equiv_side.h"
#include "compiler/vm.h"

static struct action of_program(const struct bpf_prog *prog,
				const struct call *call)
{
	return action_from_ret(vm_run(prog, call, NULL).ret);
}

static struct action of_policy(const struct policy *p, const struct call *call)
{
	return action_from_ret(action_ret(policy_eval(p, call).action));
}

/* A listed ABI's call says more than one under a strange arch value. */
static void find_witness(struct bdd_store *s, const struct policy *p, bdd_ref f,
			 bdd_ref g, struct call *call)
{
	for (uint32_t i = 0; i < p->nabis; i++) {
		const uint32_t arch = p->abis[i].abi->audit_arch;
		const bdd_ref fi = bdd_given_word(s, f, DATA_ARCH, arch);
		const bdd_ref gi = bdd_given_word(s, g, DATA_ARCH, arch);

		if (fi == gi)
			continue;
		call->arch = arch;
		bdd_find_difference(s, fi, gi, call);
		return;
	}
	bdd_find_difference(s, f, g, call);
}

static void differ(struct equiv_result *r, struct bdd_store *s,
		   const struct policy *policy, const struct bpf_prog *prog,
		   bdd_ref f, bdd_ref g)
{
	find_witness(s, policy, f, g, &r->witness);
	r->verdict = EQUIV_DIFFERENT;
	r->by_policy = of_policy(policy, &r->witness);
	r->by_program = of_program(prog, &r->witness);
	if (action_same(r->by_policy, r->by_program))
		BUG("the proof's witness, arch %#x number %#x, shows nothing",
		    r->witness.arch, r->witness.nr);
}

static bool same_byte_order(const struct policy *policy,
			    const struct bpf_prog *prog)
{
	for (uint32_t i = 0; i < policy->nabis; i++)
		if (policy->abis[i].abi->big_endian != prog->big_endian)
			return false;
	return true;
}

struct equiv_result equiv_check(const struct policy *policy,
				const struct bpf_prog *prog, uint64_t steps_max)
{
	struct equiv_result r = { .verdict = EQUIV_UNDECIDED,
				  .at = EQUIV_NO_AT };
	struct program_side side;
	struct bdd_store *s;
	bdd_ref wanted;

	if (!same_byte_order(policy, prog)) {
		r.why = "the policy has ABIs of another byte order";
		return r;
	}
	s = bdd_new(prog->big_endian, steps_max);
	wanted = bdd_of_policy(s, policy);
	side = bdd_of_program(s, prog);
	r.steps = bdd_steps(s);
	r.why = side.why ? side.why : bdd_exhausted(s);
	if (side.why)
		r.at = side.at;
	else if (r.why)
		r.verdict = EQUIV_UNDECIDED;
	else if (side.outcome == wanted)
		r.verdict = EQUIV_SAME;
	else
		differ(&r, s, policy, prog, wanted, side.outcome);
	bdd_free(s);
	return r;
}

void equiv_save(const struct policy *policy, bool big_endian, struct str *out)
{
	struct bdd_store *s = bdd_new(big_endian, EQUIV_STEPS_MAX);
	bdd_ref wanted = bdd_of_policy(s, policy);

	bdd_save(s, bdd_exhausted(s) ? BDD_FALSE : wanted, out);
	bdd_free(s);
}

bool equiv_saved(struct bytes *policy, const struct bpf_prog *prog)
{
	struct bdd_store *s = bdd_new(prog->big_endian, EQUIV_STEPS_MAX);
	const bdd_ref wanted = bdd_restore(s, policy);
	struct program_side side = { .outcome = BDD_FALSE };

	if (wanted > BDD_TRUE)
		side = bdd_of_program(s, prog);
	if (side.why || bdd_exhausted(s))
		side.outcome = BDD_FALSE;
	bdd_free(s);
	return side.outcome > BDD_TRUE && side.outcome == wanted;
}
