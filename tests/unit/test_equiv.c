/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: the proof says SAME only of equal pairs, DIFFERENT only with a call
 * that shows it, and UNDECIDED where it must.
 * Method: programs of a second, naive generator for random policies; random
 * straight-line programs with every instruction, whose function is compared
 * with the interpreter call by call; hand-made programs at the boundaries
 * of number spaces.
 */
#include <check.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "base/arena.h"
#include "base/bug.h"
#include "compiler/equiv.h"
#include "compiler/equiv_side.h"
#include "compiler/vm.h"
#include "tests/support/calls.h"
#include "tests/support/naive.h"
#include "tests/support/policies.h"
#include "tests/support/programs.h"

enum { POLICIES = 400, PROGRAMS = 4000, CALLS = 12 };

START_TEST(naive_programs_are_the_same)
{
	for (uint64_t seed = 0; seed < POLICIES; seed++) {
		struct entropy e = { .seed = seed };
		const struct policy_shape shape = policy_shape_random(&e);
		struct arena *a = arena_new();
		const struct policy *p = policy_random(a, &e, &shape);
		struct bpf_prog *prog = naive_compile(p);

		if (prog)
			ck_assert_int_eq(
				equiv_check(p, prog, EQUIV_STEPS_MAX).verdict,
				EQUIV_SAME);
		bpf_prog_free(prog);
		arena_free(a);
	}
}
END_TEST

/* The leaf that a function gives to one call. */
static bdd_ref leaf_of(struct bdd_store *s, bdd_ref f, const struct call *call)
{
	static const unsigned order[] = { 4,  0,  20, 16, 28, 24, 36, 32,
					  44, 40, 52, 48, 60, 56, 12, 8 };

	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		f = bdd_given_word(s, f, order[i],
				   call_word(call, order[i], false));
	return f;
}

START_TEST(every_instruction_is_exact)
{
	struct entropy e = { .seed = 7 };
	unsigned understood = 0;

	for (unsigned i = 0; i < PROGRAMS; i++) {
		struct bpf_prog *p =
			program_random(&e, i % 4 ? PROGRAM_END_VALUE
						 : PROGRAM_END_RETURNS);
		struct bdd_store *s = bdd_new(false, 500 * 1000);
		struct program_side side = bdd_of_program(s, p);
		struct call_pool *pool = call_pool_new(NULL, p);

		for (unsigned n = 0;
		     n < CALLS && !side.why && !bdd_exhausted(s); n++) {
			const struct call call = call_pool_draw(pool, &e);
			const uint32_t ret = vm_run(p, &call, NULL).ret;

			ck_assert_uint_eq(leaf_of(s, side.outcome, &call),
					  bdd_leaf(s, action_from_ret(ret)));
		}
		understood += !side.why && !bdd_exhausted(s);
		call_pool_free(pool);
		bdd_free(s);
		bpf_prog_free(p);
	}
	ck_assert_uint_gt(understood, PROGRAMS * 9 / 10);
}
END_TEST

START_TEST(value_returned_from_a)
{
	const struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_ABS, 16),
		BPF_STMT(BPF_ALU | BPF_AND, 7),
		BPF_STMT(BPF_ALU | BPF_OR, SECCOMP_RET_ERRNO | 0xff8),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};
	struct bpf_prog p = { (struct sock_filter *)insns, NULL, 4, 4, false };
	struct bdd_store *s = bdd_new(false, 10000);
	struct program_side side = bdd_of_program(s, &p);
	struct call call = { .args = { 0xf5 } };

	ck_assert_ptr_null(side.why);
	ck_assert_uint_eq(leaf_of(s, side.outcome, &call),
			  bdd_leaf(s, (struct action){ ACT_ERRNO, 0xffd }));
	bdd_free(s);
}
END_TEST

static const struct abi_policy x86_64_only = {
	.fallback = {ACT_ALLOW,	 0 },
	.unknown = { ACT_ERRNO, 38},
};

static struct policy allow_all(struct abi_policy *abi)
{
	*abi = x86_64_only;
	abi->abi = abi_get(ABI_X86_64);
	return (struct policy){
		.nabis = 1, .abis = abi, .foreign = {ACT_KILL_PROCESS, 0}
	};
}

static struct equiv_result judge(const struct sock_filter *insns, size_t n)
{
	struct abi_policy abi;
	const struct policy policy = allow_all(&abi);
	struct bpf_prog p = { (struct sock_filter *)insns, NULL, n, n, false };

	return equiv_check(&policy, &p, EQUIV_STEPS_MAX);
}

START_TEST(witness_is_of_a_listed_abi_and_real)
{
	const struct sock_filter all[] = { BPF_STMT(BPF_RET,
						    SECCOMP_RET_ALLOW) };
	const struct equiv_result r = judge(all, 1);

	ck_assert_int_eq(r.verdict, EQUIV_DIFFERENT);
	ck_assert_uint_eq(r.witness.arch, AUDIT_ARCH_X86_64);
	ck_assert_int_eq(r.by_program.kind, ACT_ALLOW);
	ck_assert_int_ne(r.by_policy.kind, ACT_ALLOW);
}
END_TEST

/* 0xffffffff has the x32 bit but is an unknown number of x86_64. */
START_TEST(minus_one_is_unknown_not_x32)
{
	struct arena *a = arena_new();
	struct abi_policy abi;
	struct policy policy = allow_all(&abi);
	struct bpf_prog *prog = naive_compile(&policy);
	struct equiv_result r;

	ck_assert_int_eq(equiv_check(&policy, prog, EQUIV_STEPS_MAX).verdict,
			 EQUIV_SAME);
	for (size_t i = 0; i < prog->len; i++) {
		struct sock_filter *insn = &prog->insns[i];

		if (insn->code == (BPF_JMP | BPF_JEQ | BPF_K) &&
		    insn->k == UINT32_MAX)
			insn->k = UINT32_MAX - 1;
	}
	r = equiv_check(&policy, prog, EQUIV_STEPS_MAX);
	ck_assert_int_eq(r.verdict, EQUIV_DIFFERENT);
	ck_assert_uint_ge(r.witness.nr, UINT32_MAX - 1);
	bpf_prog_free(prog);
	arena_free(a);
}
END_TEST

START_TEST(step_cap_is_not_a_pass)
{
	struct arena *a = arena_new();
	const struct policy *p = policy_many_rules(a, 12);
	struct bpf_prog *prog = naive_compile(p);

	for (uint64_t cap = 1; cap < 25000; cap += 1 + cap / 3) {
		const struct equiv_result r = equiv_check(p, prog, cap);

		ck_assert_int_eq(r.verdict, EQUIV_UNDECIDED);
		ck_assert_ptr_nonnull(r.why);
	}
	ck_assert_int_eq(equiv_check(p, prog, EQUIV_STEPS_MAX).verdict,
			 EQUIV_SAME);
	bpf_prog_free(prog);
	arena_free(a);
}
END_TEST

START_TEST(what_is_not_modelled_is_said)
{
	const struct sock_filter shift[] = {
		BPF_STMT(BPF_LD | BPF_ABS, 16),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_ALU | BPF_LSH | BPF_X, 0),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};
	const struct equiv_result r = judge(shift, ARRAY_LEN(shift));

	ck_assert_int_eq(r.verdict, EQUIV_UNDECIDED);
	ck_assert_ptr_nonnull(r.why);
	ck_assert_uint_eq(r.at, 2);
}
END_TEST

START_TEST(product_of_words_ends)
{
	const struct sock_filter product[] = {
		BPF_STMT(BPF_LD | BPF_ABS, 16),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_ABS, 24),
		BPF_STMT(BPF_ALU | BPF_MUL | BPF_X, 0),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};

	ck_assert_int_eq(judge(product, ARRAY_LEN(product)).verdict,
			 EQUIV_UNDECIDED);
}
END_TEST

START_TEST(other_byte_order_is_refused)
{
	const struct sock_filter all[] = { BPF_STMT(BPF_RET,
						    SECCOMP_RET_ALLOW) };
	struct bpf_prog p = { (struct sock_filter *)all, NULL, 1, 1, true };
	struct abi_policy abi;
	const struct policy policy = allow_all(&abi);

	ck_assert_int_eq(equiv_check(&policy, &p, EQUIV_STEPS_MAX).verdict,
			 EQUIV_UNDECIDED);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("equiv");
	Suite *s = suite_create("equiv");
	SRunner *sr;
	int failed;

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, naive_programs_are_the_same);
	tcase_add_test(tc, every_instruction_is_exact);
	tcase_add_test(tc, value_returned_from_a);
	tcase_add_test(tc, witness_is_of_a_listed_abi_and_real);
	tcase_add_test(tc, minus_one_is_unknown_not_x32);
	tcase_add_test(tc, step_cap_is_not_a_pass);
	tcase_add_test(tc, what_is_not_modelled_is_said);
	tcase_add_test(tc, product_of_words_ends);
	tcase_add_test(tc, other_byte_order_is_refused);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
