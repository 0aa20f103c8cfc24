/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: the proof sees every change of meaning and nothing else.
 * Method: programs of several policies, from the compiler and from a second
 * generator, are corrupted in one place: a jump's sense, its targets, a
 * constant, a load, a mask, a return.  Each mutant that still validates is
 * judged by the proof, and by running calls drawn from the bounds of policy
 * and mutant.  SAME must survive every call, DIFFERENT must show a real
 * one, UNDECIDED fails.  Seeds are fixed; the counts are printed.
 */
#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "compiler/compile.h"
#include "compiler/equiv.h"
#include "compiler/validate.h"
#include "compiler/vm.h"
#include "tests/support/calls.h"
#include "tests/support/naive.h"
#include "tests/support/policies.h"

enum {
	RANDOM_POLICIES = 24,
	MUTANTS = 140,	      /* of each program */
	CALLS = 250,	      /* asked of each mutant */
	CALLS_NEUTRAL = 1500, /* when the proof calls it neutral */
};

enum mutation {
	FLIP_SENSE,
	SWAP_TARGETS,
	MOVE_TARGET,
	SHIFT_CONSTANT,
	FLIP_CONSTANT_BIT,
	OTHER_LOAD,
	OTHER_MASK,
	OTHER_RETURN,
	MUTATIONS,
};

static const char *const mutation_names[MUTATIONS] = {
	[FLIP_SENSE] = "jump sense",
	[SWAP_TARGETS] = "targets swapped",
	[MOVE_TARGET] = "target moved",
	[SHIFT_CONSTANT] = "constant by one",
	[FLIP_CONSTANT_BIT] = "constant's bit",
	[OTHER_LOAD] = "load",
	[OTHER_MASK] = "mask",
	[OTHER_RETURN] = "return",
};

struct counts {
	unsigned made, refused, caught, sampled, neutral;
};

struct bench {
	struct entropy e;
	struct counts by_kind[MUTATIONS];
	unsigned programs, failed;
};

static bool is_test(const struct sock_filter *insn)
{
	return BPF_CLASS(insn->code) == BPF_JMP && BPF_OP(insn->code) != BPF_JA;
}

static bool applies(enum mutation kind, const struct sock_filter *insn)
{
	switch (kind) {
	case FLIP_SENSE:
	case SWAP_TARGETS:
	case SHIFT_CONSTANT:
	case FLIP_CONSTANT_BIT:
		return is_test(insn);
	case MOVE_TARGET:
		return BPF_CLASS(insn->code) == BPF_JMP;
	case OTHER_LOAD:
		return insn->code == (BPF_LD | BPF_W | BPF_ABS);
	case OTHER_MASK:
		return insn->code == (BPF_ALU | BPF_AND | BPF_K);
	case OTHER_RETURN:
		return insn->code == (BPF_RET | BPF_K);
	case MUTATIONS:
		break;
	}
	BUG("mutation %d", kind);
}

/* Another comparison, or the same one the other way round. */
static void flip_sense(struct sock_filter *insn, struct entropy *e)
{
	static const uint16_t ops[] = { BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET };
	const uint16_t op = ops[entropy_below(e, ARRAY_LEN(ops))];
	const uint8_t jt = insn->jt;

	if (op != BPF_OP(insn->code)) {
		insn->code = BPF_JMP | BPF_K | op;
		return;
	}
	insn->jt = insn->jf;
	insn->jf = jt;
}

static void move_target(struct sock_filter *insn, struct entropy *e)
{
	const uint32_t by = entropy_below(e, 2) ? 1 : UINT32_MAX;

	if (!is_test(insn))
		insn->k += by;
	else if (entropy_below(e, 2))
		insn->jt = (uint8_t)(insn->jt + by);
	else
		insn->jf = (uint8_t)(insn->jf + by);
}

static void mutate(struct sock_filter *insn, enum mutation kind,
		   struct entropy *e)
{
	const uint32_t bit = UINT32_C(1) << entropy_below(e, 32);
	const uint8_t jt = insn->jt;

	switch (kind) {
	case FLIP_SENSE:
		flip_sense(insn, e);
		return;
	case SWAP_TARGETS:
		insn->jt = insn->jf;
		insn->jf = jt;
		return;
	case MOVE_TARGET:
		move_target(insn, e);
		return;
	case SHIFT_CONSTANT:
		insn->k += entropy_below(e, 2) ? 1 : UINT32_MAX;
		return;
	case FLIP_CONSTANT_BIT:
	case OTHER_MASK:
		insn->k ^= bit;
		return;
	case OTHER_LOAD:
		insn->k = (insn->k + 4 + 4 * entropy_below(e, 15)) % CALL_BYTES;
		return;
	case OTHER_RETURN:
		insn->k ^= entropy_one_in(e, 4) ? bit : 0x7fff0000;
		return;
	case MUTATIONS:
		break;
	}
	BUG("mutation %d", kind);
}

static struct action program_says(const struct bpf_prog *p,
				  const struct call *call)
{
	return action_from_ret(vm_run(p, call, NULL).ret);
}

static bool differs_on(const struct policy *policy, const struct bpf_prog *p,
		       const struct call *call)
{
	return !action_same(policy_eval(policy, call).action,
			    program_says(p, call));
}

static bool sampling_finds(struct bench *b, const struct policy *policy,
			   const struct bpf_prog *p, unsigned ncalls)
{
	struct call_pool *pool = call_pool_new(policy, p);
	bool found = false;

	for (unsigned i = 0; i < ncalls && !found; i++) {
		const struct call call = call_pool_draw(pool, &b->e);

		found = differs_on(policy, p, &call);
	}
	call_pool_free(pool);
	return found;
}

static void complain(struct bench *b, const char *what, const char *name,
		     const struct bpf_prog *p, size_t at,
		     const struct sock_filter *was)
{
	const struct sock_filter *is = &p->insns[at];

	b->failed++;
	printf("%s: %s: instruction %zu was %#x %u %u %#x, is %#x %u %u %#x\n",
	       name, what, at, was->code, was->jt, was->jf, was->k, is->code,
	       is->jt, is->jf, is->k);
}

static void judge(struct bench *b, const char *name,
		  const struct policy *policy, const struct bpf_prog *p,
		  enum mutation kind, size_t at, const struct sock_filter *was)
{
	const struct equiv_result r = equiv_check(policy, p, EQUIV_STEPS_MAX);
	struct counts *n = &b->by_kind[kind];

	switch (r.verdict) {
	case EQUIV_SAME:
		n->neutral++;
		if (sampling_finds(b, policy, p, CALLS_NEUTRAL))
			complain(b, "SAME, but a call differs", name, p, at,
				 was);
		return;
	case EQUIV_DIFFERENT:
		n->caught++;
		n->sampled += sampling_finds(b, policy, p, CALLS);
		if (!differs_on(policy, p, &r.witness))
			complain(b, "the witness shows nothing", name, p, at,
				 was);
		return;
	case EQUIV_UNDECIDED:
		complain(b, r.why, name, p, at, was);
		return;
	}
}

static void mutate_one(struct bench *b, const char *name,
		       const struct policy *policy, struct bpf_prog *p)
{
	const enum mutation kind =
		(enum mutation)entropy_below(&b->e, MUTATIONS);
	const size_t start = entropy_below(&b->e, (uint32_t)p->len);
	size_t at = start;
	struct validate_error why;
	struct sock_filter was;

	while (!applies(kind, &p->insns[at])) {
		at = (at + 1) % p->len;
		if (at == start)
			return;
	}
	was = p->insns[at];
	mutate(&p->insns[at], kind, &b->e);
	if (memcmp(&was, &p->insns[at], sizeof(was))) {
		b->by_kind[kind].made++;
		if (bpf_validate(p, &why))
			judge(b, name, policy, p, kind, at, &was);
		else
			b->by_kind[kind].refused++;
	}
	p->insns[at] = was;
}

static void mutate_program(struct bench *b, const char *name,
			   const struct policy *policy, struct bpf_prog *p)
{
	const struct equiv_result r =
		p ? equiv_check(policy, p, EQUIV_STEPS_MAX)
		  : (struct equiv_result){ .verdict = EQUIV_UNDECIDED };

	b->programs++;
	if (r.verdict != EQUIV_SAME) {
		printf("%s: not proved before any change: %s\n", name,
		       r.why ? r.why : "it differs, or there is none");
		b->failed++;
		return;
	}
	for (unsigned i = 0; i < MUTANTS; i++)
		mutate_one(b, name, policy, p);
}

static void mutate_policy(struct bench *b, const char *name, struct unit *u,
			  const struct policy *policy)
{
	const struct compile_options options = { 0 };
	struct bpf_prog *compiled = compile_generate(u, policy, &options, NULL);
	struct bpf_prog *naive = naive_compile(policy);

	mutate_program(b, name, policy, compiled);
	if (naive)
		mutate_program(b, name, policy, naive);
	bpf_prog_free(compiled);
	bpf_prog_free(naive);
}

static void mutate_random(struct bench *b)
{
	for (unsigned i = 0; i < RANDOM_POLICIES; i++) {
		const struct policy_shape shape = policy_shape_random(&b->e);
		struct unit *u = unit_new();

		mutate_policy(b, "random", u,
			      policy_random(u->arena, &b->e, &shape));
		unit_free(u);
	}
}

static void report(const struct bench *b)
{
	struct counts all = { 0 };

	for (unsigned i = 0; i < MUTATIONS; i++) {
		const struct counts *n = &b->by_kind[i];

		printf("%-16s %5u mutants, %4u refused, %5u caught (%u by "
		       "calls too), %4u neutral\n",
		       mutation_names[i], n->made, n->refused, n->caught,
		       n->sampled, n->neutral);
		all.made += n->made;
		all.refused += n->refused;
		all.caught += n->caught;
		all.sampled += n->sampled;
		all.neutral += n->neutral;
	}
	printf("%u mutants of %u programs: %u refused by validation, %u "
	       "caught, %u neutral, %u wrong\n",
	       all.made, b->programs, all.refused, all.caught, all.neutral,
	       b->failed);
}

int main(void)
{
	struct bench b = { .e = { .seed = 20 } };
	struct unit *u = unit_new();

	mutate_policy(&b, "docker-like", u, policy_like_docker(u->arena));
	mutate_policy(&b, "one set", u, policy_one_set(u->arena, 60));
	mutate_policy(&b, "many rules", u, policy_many_rules(u->arena, 10));
	unit_free(u);
	mutate_random(&b);
	report(&b);
	printf("%u passed, %u failed\n", b.programs, b.failed);
	return b.failed != 0;
}
