/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: whatever the policy, the program is valid and gives each call the
 * action that policy_eval() gives it, on every group of ABIs.
 * Method: random policies on the real tables with random conditions (one
 * to 64 bits, sets, ranges, masks, nesting); calls near the constants of
 * the policy; programs of thousands of instructions for the far jumps.
 */
#include <check.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/vec.h"
#include "compiler/compile.h"
#include "compiler/passes.h"
#include "compiler/validate.h"
#include "compiler/vm.h"

enum { POLICIES = 250, CALLS = 400, VALUES = 48 };

struct gen {
	uint64_t state;
	struct unit *unit;
	struct arena *arena;
	const struct abi *abi;
	/* What the conditions compare with: calls are made of these. */
	uint64_t values[VALUES];
	size_t nvalues;
	uint32_t nrs[VALUES];
	size_t nnrs;
};

static uint64_t next(struct gen *g)
{
	uint64_t z = g->state += 0x9e3779b97f4a7c15U;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
	z = (z ^ z >> 27) * 0x94d049bb133111ebU;
	return z ^ z >> 31;
}

static uint32_t below(struct gen *g, uint32_t n)
{
	return (uint32_t)(next(g) % n);
}

static uint64_t random_value(struct gen *g)
{
	uint64_t v = next(g);

	switch (below(g, 6)) {
	case 0:
		return v & 7;
	case 1:
		return v & 0xff;
	case 2:
		return v & UINT32_MAX;
	case 3:
		return v & 0xf0000000fU;
	case 4:
		return (uint64_t)1 << (v & 63);
	default:
		return v;
	}
}

static uint64_t remember(struct gen *g, uint64_t v)
{
	if (g->nvalues < VALUES)
		g->values[g->nvalues++] = v;
	else
		g->values[below(g, VALUES)] = v;
	return v;
}

static struct action random_action(struct gen *g)
{
	struct action a = { (enum action_kind)below(g, ACT_COUNT), 0 };

	if (a.kind == ACT_ERRNO || a.kind == ACT_TRACE)
		a.data = (uint16_t)below(g, 4);
	return a;
}

static uint64_t random_mask(struct gen *g)
{
	static const uint64_t masks[] = { UINT64_MAX, UINT32_MAX, 0xffff,
					  0xf, 0x8, 0xfffff000,
					  0xffffffff00000000, 0x1000000010 };
	uint32_t i = below(g, 12);

	if (i < sizeof(masks) / sizeof(masks[0]))
		return masks[i];
	return random_value(g) | 1;
}

static const struct cond *random_in(struct gen *g)
{
	uint32_t n = 1 + below(g, below(g, 4) ? 3 : 20);
	struct interval set[20];

	for (uint32_t i = 0; i < n; i++) {
		set[i].lo = remember(g, random_value(g));
		set[i].hi = set[i].lo;
		if (!below(g, 3))
			set[i].hi += random_value(g);
		if (set[i].hi < set[i].lo)
			set[i].hi = UINT64_MAX;
	}
	return cond_in(g->arena, span_none,
		       abi_reg_words(g->abi, below(g, 3)), random_mask(g), n,
		       set);
}

static const struct cond *random_cond(struct gen *g, unsigned depth)
{
	const struct cond *of[4];
	uint32_t kind = depth ? below(g, 7) : 0, n = 1 + below(g, 3);

	if (kind < 3)
		return random_in(g);
	for (uint32_t i = 0; i < n; i++)
		of[i] = random_cond(g, depth - 1);
	if (kind == 3)
		return cond_not(g->arena, span_none, of[0]);
	if (kind < 6)
		return cond_and(g->arena, span_none, n, of);
	return cond_or(g->arena, span_none, n, of);
}

static void random_set(struct gen *g, struct ruleset *set,
		       const struct syscall_desc *call)
{
	uint32_t n = below(g, 3) ? 1 : 1 + below(g, 6);
	struct rule *rules = arena_array(g->arena, n, sizeof(*rules));

	for (uint32_t i = 0; i < n; i++) {
		/* Spans of their own, so that costs have an owner. */
		rules[i].span = (struct span){ 1, call->nr, call->nr + 1 };
		rules[i].action = random_action(g);
		rules[i].cond = below(g, 2) ? random_cond(g, 2)
					    : cond_true(g->arena, span_none);
	}
	*set = (struct ruleset){ call->nr, call, n, rules };
	if (g->nnrs < VALUES)
		g->nrs[g->nnrs++] = call->nr;
}

static void random_abi(struct gen *g, struct abi_policy *p,
		       const struct abi *abi)
{
	VEC(struct ruleset) sets = { 0 };
	uint32_t rarity = 1 + below(g, 60);
	struct action common = random_action(g);

	g->abi = abi;
	for (size_t i = 0; i < syscall_count(abi); i++) {
		const struct syscall_desc *call = syscall_at(abi, i);
		struct ruleset set;

		if (below(g, rarity) && below(g, 3))
			continue;
		if (below(g, 4)) {
			struct rule *r = arena_new_of(g->arena, struct rule);

			r->action = common;
			r->cond = cond_true(g->arena, span_none);
			set = (struct ruleset){ call->nr, call, 1, r };
		} else {
			random_set(g, &set, call);
		}
		vec_push(g->arena, &sets, set);
	}
	*p = (struct abi_policy){
		.abi = abi,
		.nsets = (uint32_t)sets.len,
		.sets = sets.data,
		.fallback = random_action(g),
		.unknown = random_action(g),
	};
}

static const struct policy *random_policy(struct gen *g, abi_set abis)
{
	struct policy *p = arena_new_of(g->arena, struct policy);
	struct abi_policy *list =
		arena_array(g->arena, ABI_COUNT, sizeof(*list));

	g->nvalues = g->nnrs = 0;
	for (int i = 0; i < ABI_COUNT; i++)
		if (abis & ABI_BIT(i))
			random_abi(g, &list[p->nabis++],
				   abi_get((enum abi_id)i));
	p->abis = list;
	p->foreign = random_action(g);
	p->name = "random";
	policy_verify(p);
	return p;
}

static struct call random_call(struct gen *g, const struct policy *p)
{
	const struct abi *abi = p->abis[below(g, p->nabis)].abi;
	struct call c = { .arch = abi->audit_arch, .ip = next(g) };

	if (!below(g, 30))
		c.arch = (uint32_t)next(g);
	if (below(g, 3) && g->nnrs)
		c.nr = g->nrs[below(g, (uint32_t)g->nnrs)];
	else if (below(g, 8))
		c.nr = abi->nr_bit | below(g, 512);
	else
		c.nr = below(g, 2) ? (uint32_t)next(g) : UINT32_MAX;
	if (!below(g, 10))
		c.nr ^= X32_BIT;
	for (int i = 0; i < ARGS_MAX; i++) {
		c.args[i] = g->nvalues && below(g, 6)
				    ? g->values[below(g, (uint32_t)g->nvalues)]
				    : random_value(g);
		if (!below(g, 3))
			c.args[i] += next(g) % 3 - 1;
		if (!below(g, 4))
			c.args[i] ^= (uint64_t)1 << below(g, 64);
	}
	return c;
}

static void check_call(const struct policy *p, const struct bpf_prog *prog,
		       const struct call *call)
{
	struct action want = policy_eval(p, call).action;
	uint32_t got = vm_run(prog, call, NULL).ret;

	ck_assert_msg(got == action_ret(want),
		      "arch %#x nr %u args %#llx %#llx %#llx: %#x, not %#x",
		      call->arch, call->nr, (unsigned long long)call->args[0],
		      (unsigned long long)call->args[1],
		      (unsigned long long)call->args[2], got,
		      action_ret(want));
}

static void check_policy(struct gen *g, const struct policy *p,
			 const struct compile_options *options)
{
	struct compile_stats stats = { 0 };
	struct bpf_prog *prog =
		compile_generate(g->unit, p, options, &stats);
	struct validate_error e;

	/* Random ones may be too long; then there is no program at all. */
	if (!prog) {
		ck_assert_uint_gt(diag_errors(g->unit->diags), 0);
		return;
	}
	ck_assert(bpf_validate(prog, &e));
	ck_assert_uint_eq(stats.instructions, prog->len);
	for (int i = 0; i < CALLS; i++) {
		struct call call = random_call(g, p);

		check_call(p, prog, &call);
		ck_assert_uint_le(vm_run(prog, &call, NULL).steps,
				  stats.longest_path);
	}
	bpf_prog_free(prog);
}

static const abi_set abi_groups[] = {
	ABI_BIT(ABI_X86_64),
	ABI_BIT(ABI_X86_64) | ABI_BIT(ABI_I386),
	ABI_BIT(ABI_X86_64) | ABI_BIT(ABI_X32),
	ABI_BIT(ABI_X86_64) | ABI_BIT(ABI_I386) | ABI_BIT(ABI_X32),
	ABI_BIT(ABI_X32),
	ABI_BIT(ABI_I386),
	ABI_BIT(ABI_AARCH64) | ABI_BIT(ABI_ARM),
	ABI_BIT(ABI_RISCV64),
	ABI_BIT(ABI_S390X),
	ABI_BIT(ABI_PPC64LE),
};

static void check_group(abi_set abis, uint64_t seed)
{
	const struct compile_options plain = { .no_simplify = true };
	const struct compile_options full = { 0 };
	struct unit *u = unit_new();
	struct gen g = { .state = seed, .unit = u, .arena = u->arena };
	const struct policy *p = random_policy(&g, abis);

	check_policy(&g, p, &full);
	check_policy(&g, p, &plain);
	unit_free(u);
}

START_TEST(random_policies_are_obeyed)
{
	for (uint64_t seed = 1; seed <= POLICIES / 10; seed++)
		check_group(abi_groups[_i], seed * 1000 + (uint64_t)_i);
}
END_TEST

/* ---- far jumps ---- */

/*
 * n values of one argument, each with an action of its own: returns and
 * branches lie further apart than a conditional jump can reach.
 */
static const struct policy *many_actions(struct gen *g, uint32_t n,
					 bool both_words)
{
	const struct abi *abi = abi_get(ABI_X86_64);
	struct arg_words at = abi_reg_words(abi, 1);
	struct rule *rules = arena_array(g->arena, n, sizeof(*rules));
	struct ruleset *set = arena_new_of(g->arena, struct ruleset);
	struct abi_policy *p = arena_new_of(g->arena, struct abi_policy);
	struct policy *policy = arena_new_of(g->arena, struct policy);

	for (uint32_t i = 0; i < n; i++) {
		uint64_t v = (uint64_t)i * 3 + 1;
		struct interval one = { v, v };

		if (both_words)
			one.lo = one.hi = v | v << 32;
		rules[i].span = (struct span){ 1, i, i + 1 };
		rules[i].action = (struct action){ ACT_TRACE, (uint16_t)i };
		rules[i].cond = cond_in(g->arena, span_none, at,
					both_words ? UINT64_MAX : UINT32_MAX, 1,
					&one);
	}
	*set = (struct ruleset){ 16, syscall_by_nr(abi, 16), n, rules };
	*p = (struct abi_policy){ .abi = abi,
				  .nsets = 1,
				  .sets = set,
				  .fallback = { ACT_ALLOW, 0 },
				  .unknown = { ACT_ERRNO, 38 } };
	*policy = (struct policy){ .nabis = 1, .abis = p, .name = "many" };
	return policy;
}

static void check_far(uint32_t n, bool both_words)
{
	const struct compile_options options = { 0 };
	struct unit *u = unit_new();
	struct gen g = { .unit = u, .arena = u->arena };
	const struct policy *p = many_actions(&g, n, both_words);
	struct compile_stats stats;
	struct bpf_prog *prog = compile_generate(u, p, &options, &stats);

	ck_assert_ptr_nonnull(prog);
	ck_assert_uint_gt(prog->len, 2 * n);
	ck_assert_uint_lt(stats.longest_path, 80);
	for (uint64_t v = 0; v < (uint64_t)n * 3 + 2; v++) {
		struct call call = { .arch = p->abis[0].abi->audit_arch,
				     .nr = 16,
				     .args = { 7, both_words ? v | v << 32 : v }
		};

		check_call(p, prog, &call);
	}
	bpf_prog_free(prog);
	unit_free(u);
}

START_TEST(jumps_reach_past_255)
{
	check_far(120, false);
	check_far(300, false);
	check_far(1500, false);
	check_far(700, true);
}
END_TEST

START_TEST(too_long_is_refused_with_the_dearest_rules)
{
	const struct compile_options options = { 0 };
	struct unit *u = unit_new();
	struct gen g = { .unit = u, .arena = u->arena };
	const struct policy *p = many_actions(&g, 4000, false);

	sources_add(&u->sources, "many.gate", "many", 4, span_none);
	ck_assert_ptr_null(compile_generate(u, p, &options, NULL));
	ck_assert_uint_eq(diag_errors(u->diags), 1);
	unit_free(u);
}
END_TEST

/*
 * Twenty pairs of bits, all of one argument mentioned before all of the
 * other: over values this is a diagram of 2^20 nodes, so the tests must
 * come out as written, and soon.
 */
START_TEST(value_diagrams_give_up)
{
	enum { PAIRS = 20 };
	const struct compile_options options = { 0 };
	const struct abi *abi = abi_get(ABI_X86_64);
	struct unit *u = unit_new();
	struct gen g = { .state = 7, .unit = u, .arena = u->arena };
	const struct cond *bits[2][PAIRS], *pair[2];
	struct policy *policy = (struct policy *)many_actions(&g, PAIRS, false);
	struct rule *rules =
		arena_array(g.arena, PAIRS + 1, sizeof(*rules));
	struct ruleset *set = (struct ruleset *)policy->abis->sets;
	struct bpf_prog *prog;

	for (uint32_t i = 0; i < 2 * PAIRS; i++) {
		uint64_t bit = (uint64_t)1 << i % PAIRS;
		struct interval one = { bit, bit };

		bits[i / PAIRS][i % PAIRS] =
			cond_in(g.arena, span_none,
				abi_reg_words(abi, i / PAIRS), bit, 1, &one);
	}
	rules[0].cond = cond_and(g.arena, span_none, PAIRS, bits[0]);
	for (uint32_t i = 1; i <= PAIRS; i++) {
		pair[0] = bits[0][i - 1];
		pair[1] = bits[1][i - 1];
		rules[i].cond = cond_and(g.arena, span_none, 2, pair);
		rules[i].action = (struct action){ ACT_TRACE, (uint16_t)i };
	}
	set->rules = rules;
	set->nrules = PAIRS + 1;
	prog = compile_generate(u, policy, &options, NULL);
	ck_assert_ptr_nonnull(prog);
	ck_assert_uint_lt(prog->len, 10 * PAIRS);
	for (int i = 0; i < CALLS; i++) {
		struct call call = { .arch = abi->audit_arch,
				     .nr = set->nr,
				     .args = { next(&g) & next(&g),
					       next(&g) & next(&g) } };

		check_call(policy, prog, &call);
	}
	bpf_prog_free(prog);
	unit_free(u);
}
END_TEST

/* Equal input, equal bytes: what differs between two runs is the heap. */
START_TEST(same_policy_gives_same_program)
{
	const struct compile_options options = { 0 };

	for (uint64_t seed = 1; seed < 20; seed++) {
		struct bpf_prog *prog[2];
		struct unit *u[2];

		for (int i = 0; i < 2; i++) {
			struct gen g = { .state = seed };

			u[i] = g.unit = unit_new();
			g.arena = u[i]->arena;
			prog[i] = compile_generate(
				u[i],
				random_policy(&g, ABI_BIT(ABI_X86_64) |
							  ABI_BIT(ABI_I386)),
				&options, NULL);
		}
		ck_assert_int_eq(!prog[0], !prog[1]);
		if (prog[0]) {
			ck_assert_uint_eq(prog[0]->len, prog[1]->len);
			ck_assert_mem_eq(prog[0]->insns, prog[1]->insns,
					 prog[0]->len *
						 sizeof(*prog[0]->insns));
		}
		for (int i = 0; i < 2; i++) {
			bpf_prog_free(prog[i]);
			unit_free(u[i]);
		}
	}
}
END_TEST

/* Calls that no argument decides are answered from arch and nr alone. */
START_TEST(plain_calls_stay_in_the_kernels_bitmap)
{
	const struct compile_options options = { 0 };

	for (uint64_t seed = 1; seed < 20; seed++) {
		struct unit *u = unit_new();
		struct gen g = { .state = seed, .unit = u, .arena = u->arena };
		const struct policy *p =
			random_policy(&g, ABI_BIT(ABI_X86_64));
		struct bpf_prog *prog = compile_generate(u, p, &options, NULL);
		const struct abi_policy *a = &p->abis[0];

		for (uint32_t nr = 0; prog && nr < 500; nr++) {
			struct call call = { .arch = a->abi->audit_arch,
					     .nr = nr };
			const struct ruleset *set = abi_policy_set(a, nr);

			if (set && !cond_is_true(set->rules[0].cond))
				continue;
			ck_assert_int_eq(
				vm_is_cached(prog, call.arch, nr),
				policy_eval(p, &call).action.kind ==
					ACT_ALLOW);
		}
		bpf_prog_free(prog);
		unit_free(u);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("codegen");
	TCase *c = tcase_create("codegen");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_set_timeout(c, 120);
	tcase_add_loop_test(c, random_policies_are_obeyed, 0,
			    (int)(sizeof(abi_groups) / sizeof(abi_groups[0])));
	tcase_add_test(c, jumps_reach_past_255);
	tcase_add_test(c, too_long_is_refused_with_the_dearest_rules);
	tcase_add_test(c, value_diagrams_give_up);
	tcase_add_test(c, same_policy_gives_same_program);
	tcase_add_test(c, plain_calls_stay_in_the_kernels_bitmap);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
