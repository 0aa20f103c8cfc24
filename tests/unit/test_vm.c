/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: the interpreter answers as the kernel does, the odd cases included,
 * and tells which calls the kernel answers from its bitmap.
 * Method: small programs with known answers; one table row for each
 * instruction that seccomp accepts.
 */
#include <check.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "base/bug.h"
#include "compiler/vm.h"

#define LD(mode, k)   BPF_STMT(BPF_LD | BPF_W | (mode), k)
#define LDX(mode, k)  BPF_STMT(BPF_LDX | BPF_W | (mode), k)
#define ALU(op, k)    BPF_STMT(BPF_ALU | (op), k)
#define JMP(op, k, t) BPF_JUMP(BPF_JMP | (op), k, t, 0)
#define TXA	      BPF_STMT(BPF_MISC | BPF_TXA, 0)
#define RET_A	      BPF_STMT(BPF_RET | BPF_A, 0)
#define RET(k)	      BPF_STMT(BPF_RET | BPF_K, k)

enum { INSNS_MAX = 8 };

static const struct call sample = {
	.arch = AUDIT_ARCH_X86_64,
	.nr = 0x11,
	.ip = 0x1122334455667788,
	.args = {0x0102030405060708, 2, 3, 4, 5, 0xfffffffe00000009},
};

static uint32_t run(const struct sock_filter *insns, size_t n, bool big_endian)
{
	struct bpf_prog p = { (struct sock_filter *)insns, NULL, n, n,
			      big_endian };
	uint32_t trace[INSNS_MAX];
	struct vm_result r = vm_run(&p, &sample, trace);

	ck_assert_uint_eq(trace[r.steps - 1], r.last);
	ck_assert_uint_eq(BPF_CLASS(insns[r.last].code) == BPF_RET ||
				  BPF_OP(insns[r.last].code) == BPF_DIV,
			  1);
	return r.ret;
}

/* Programs that end in RET A unless they say otherwise. */
static const struct {
	struct sock_filter insns[INSNS_MAX];
	uint32_t want;
} rows[] = {
	/* clang-format off */
	{ { LD(BPF_ABS, 0), RET_A }, 0x11 },
	{ { LD(BPF_ABS, 4), RET_A }, AUDIT_ARCH_X86_64 },
	{ { LD(BPF_ABS, 8), RET_A }, 0x55667788 },
	{ { LD(BPF_ABS, 12), RET_A }, 0x11223344 },
	{ { LD(BPF_ABS, 16), RET_A }, 0x05060708 },
	{ { LD(BPF_ABS, 60), RET_A }, 0xfffffffe },
	{ { LD(BPF_LEN, 0), RET_A }, 64 },
	{ { LDX(BPF_LEN, 0), TXA, RET_A }, 64 },
	{ { LD(BPF_IMM, 7), RET_A }, 7 },
	{ { LDX(BPF_IMM, 9), TXA, RET_A }, 9 },
	{ { LD(BPF_IMM, 7), BPF_STMT(BPF_ST, 15), LD(BPF_IMM, 1),
	    LD(BPF_MEM, 15), RET_A }, 7 },
	{ { LDX(BPF_IMM, 8), BPF_STMT(BPF_STX, 0), LDX(BPF_IMM, 1),
	    LDX(BPF_MEM, 0), TXA, RET_A }, 8 },
	{ { LD(BPF_IMM, 6), BPF_STMT(BPF_MISC | BPF_TAX, 0), LD(BPF_IMM, 1),
	    ALU(BPF_ADD | BPF_X, 0), RET_A }, 7 },
	{ { LD(BPF_IMM, 1), ALU(BPF_ADD, 0xffffffff), RET_A }, 0 },
	{ { LD(BPF_IMM, 1), ALU(BPF_SUB, 2), RET_A }, 0xffffffff },
	{ { LD(BPF_IMM, 0x10000), ALU(BPF_MUL, 0x10001), RET_A }, 0x10000 },
	{ { LD(BPF_IMM, 0xffffffff), ALU(BPF_DIV, 7), RET_A }, 0x24924924 },
	{ { LD(BPF_IMM, 0xf0), ALU(BPF_AND, 0x3c), RET_A }, 0x30 },
	{ { LD(BPF_IMM, 0xf0), ALU(BPF_OR, 0x0f), RET_A }, 0xff },
	{ { LD(BPF_IMM, 0xf0), ALU(BPF_XOR, 0xff), RET_A }, 0x0f },
	{ { LD(BPF_IMM, 3), ALU(BPF_LSH, 31), RET_A }, 0x80000000 },
	{ { LD(BPF_IMM, 0x80000000), ALU(BPF_RSH, 31), RET_A }, 1 },
	{ { LD(BPF_IMM, 5), ALU(BPF_NEG, 0), RET_A }, 0xfffffffb },
	/* A shift by X counts modulo 32. */
	{ { LDX(BPF_IMM, 33), LD(BPF_IMM, 1), ALU(BPF_LSH | BPF_X, 0),
	    RET_A }, 2 },
	{ { LDX(BPF_IMM, 32), LD(BPF_IMM, 4), ALU(BPF_RSH | BPF_X, 0),
	    RET_A }, 4 },
	/* Division by an X of zero ends the program with 0. */
	{ { LD(BPF_IMM, 5), ALU(BPF_DIV | BPF_X, 0), RET(1) }, 0 },
	{ { LDX(BPF_IMM, 2), LD(BPF_IMM, 5), ALU(BPF_DIV | BPF_X, 0),
	    RET_A }, 2 },
	/* Registers start at zero. */
	{ { RET_A }, 0 },
	{ { ALU(BPF_ADD | BPF_X, 0), RET_A }, 0 },
	{ { JMP(BPF_JA, 1, 0), RET(1), RET(2) }, 2 },
	{ { LD(BPF_IMM, 5), JMP(BPF_JEQ, 5, 1), RET(1), RET(2) }, 2 },
	{ { LD(BPF_IMM, 5), JMP(BPF_JEQ, 4, 1), RET(1), RET(2) }, 1 },
	{ { LD(BPF_IMM, 5), JMP(BPF_JGT, 5, 1), RET(1), RET(2) }, 1 },
	{ { LD(BPF_IMM, 5), JMP(BPF_JGT, 4, 1), RET(1), RET(2) }, 2 },
	{ { LD(BPF_IMM, 5), JMP(BPF_JGE, 5, 1), RET(1), RET(2) }, 2 },
	{ { LD(BPF_IMM, 0x80000000), JMP(BPF_JGE, 1, 1), RET(1), RET(2) }, 2 },
	{ { LD(BPF_IMM, 5), JMP(BPF_JSET, 2, 1), RET(1), RET(2) }, 1 },
	{ { LD(BPF_IMM, 5), JMP(BPF_JSET, 4, 1), RET(1), RET(2) }, 2 },
	{ { LDX(BPF_IMM, 5), LD(BPF_IMM, 5), JMP(BPF_JEQ | BPF_X, 0, 1),
	    RET(1), RET(2) }, 2 },
	/* clang-format on */
};

START_TEST(each_instruction)
{
	size_t n = INSNS_MAX;

	/* The return that ends a row has a code, what follows it has none. */
	while (!rows[_i].insns[n - 1].code)
		n--;
	ck_assert_uint_eq(run(rows[_i].insns, n, false), rows[_i].want);
}
END_TEST

START_TEST(byte_order_of_the_target)
{
	const struct sock_filter high[] = { LD(BPF_ABS, 16), RET_A };
	const struct sock_filter low[] = { LD(BPF_ABS, 20), RET_A };

	ck_assert_uint_eq(run(high, 2, true), 0x01020304);
	ck_assert_uint_eq(run(low, 2, true), 0x05060708);
}
END_TEST

static bool cached(const struct sock_filter *insns, size_t n, uint32_t nr)
{
	struct bpf_prog p = { (struct sock_filter *)insns, NULL, n, n, false };

	return vm_is_cached(&p, AUDIT_ARCH_X86_64, nr);
}

START_TEST(cache_knows_what_the_kernel_emulates)
{
	const struct sock_filter plain[] = { LD(BPF_ABS, 4),
					     JMP(BPF_JEQ, AUDIT_ARCH_X86_64, 1),
					     RET(0),
					     LD(BPF_ABS, 0),
					     JMP(BPF_JGE, 5, 1),
					     RET(SECCOMP_RET_ALLOW),
					     RET(SECCOMP_RET_LOG) };
	const struct sock_filter argument[] = { LD(BPF_ABS, 16),
						RET(SECCOMP_RET_ALLOW) };
	const struct sock_filter scratch[] = { BPF_STMT(BPF_ST, 0),
					       RET(SECCOMP_RET_ALLOW) };
	const struct sock_filter mask[] = { LD(BPF_ABS, 0), ALU(BPF_AND, 1),
					    JMP(BPF_JSET, 1, 1),
					    RET(SECCOMP_RET_ALLOW), RET(0) };
	const struct sock_filter by_value[] = { LD(BPF_IMM, SECCOMP_RET_ALLOW),
						RET_A };

	ck_assert(cached(plain, ARRAY_LEN(plain), 4));
	ck_assert(!cached(plain, ARRAY_LEN(plain), 5));
	ck_assert(!cached(argument, ARRAY_LEN(argument), 4));
	ck_assert(!cached(scratch, ARRAY_LEN(scratch), 4));
	ck_assert(cached(mask, ARRAY_LEN(mask), 4));
	ck_assert(!cached(mask, ARRAY_LEN(mask), 5));
	ck_assert(!cached(by_value, ARRAY_LEN(by_value), 4));
	/* No bitmap reaches the x32 numbers. */
	ck_assert(!cached(mask, ARRAY_LEN(mask), X32_BIT + 4));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("vm");
	Suite *s = suite_create("vm");
	SRunner *sr;
	int failed;

	tcase_add_loop_test(tc, each_instruction, 0, (int)ARRAY_LEN(rows));
	tcase_add_test(tc, byte_order_of_the_target);
	tcase_add_test(tc, cache_knows_what_the_kernel_emulates);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
