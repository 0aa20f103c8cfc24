/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: bpf_validate() takes what the kernel takes and nothing else.
 * Method: small programs for each rule, with the place and the reason of
 * the refusal; 4,096 and 4,097 instructions; and random programs that a
 * child loads, so that the running kernel judges them too.
 */
#include <check.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compiler/validate.h"

enum { RANDOM_PROGRAMS = 400, RANDOM_LEN = 12 };

#define STMT(code, k) { (uint16_t)(code), 0, 0, (k) }
#define JUMP(code, k, jt, jf) { (uint16_t)(code), (jt), (jf), (k) }
#define RET STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define LD(off) STMT(BPF_LD | BPF_W | BPF_ABS, (off))

static struct bpf_prog *program(const struct sock_filter *insns, size_t n)
{
	struct bpf_prog *p = bpf_prog_new(false);

	for (size_t i = 0; i < n; i++)
		bpf_prog_push(p, insns[i], span_none);
	return p;
}

static const struct row {
	const char *what; /* NULL: accepted */
	size_t at, n;
	struct sock_filter insns[5];
} rows[] = {
	{ NULL, 0, 1, { RET } },
	{ NULL, 0, 2, { LD(60), RET } },
	{ NULL, 0, 1, { STMT(BPF_RET | BPF_A, 0) } },
	{ NULL, 0, 2, { STMT(BPF_LD | BPF_W | BPF_LEN, 0), RET } },
	{ NULL, 0, 2, { STMT(BPF_ALU | BPF_XOR | BPF_K, 9), RET } },
	{ NULL, 0, 2, { STMT(BPF_ALU | BPF_LSH | BPF_X, 0), RET } },
	{ NULL, 0, 3, { STMT(BPF_ST, 15), STMT(BPF_LD | BPF_MEM, 15), RET } },
	{ NULL, 0, 3, { JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 1, 0), RET, RET } },
	{ NULL, 0, 3, { STMT(BPF_JMP | BPF_JA, 1), LD(0), RET } },
	{ "empty program", 0, 0, { { 0, 0, 0, 0 } } },
	{ "load past struct seccomp_data", 0, 2, { LD(64), RET } },
	{ "load is not aligned", 0, 2, { LD(2), RET } },
	{ "opcode that seccomp does not take", 0, 2,
	  { STMT(BPF_LD | BPF_H | BPF_ABS, 0), RET } },
	{ "opcode that seccomp does not take", 0, 2,
	  { STMT(BPF_LD | BPF_W | BPF_IND, 0), RET } },
	{ "opcode that seccomp does not take", 0, 2,
	  { STMT(BPF_ALU | BPF_MOD | BPF_K, 3), RET } },
	{ "opcode that seccomp does not take", 0, 2,
	  { STMT(0xffff, 0), RET } },
	{ "division by zero", 0, 2,
	  { STMT(BPF_ALU | BPF_DIV | BPF_K, 0), RET } },
	{ "shift by 32 or more", 0, 2,
	  { STMT(BPF_ALU | BPF_RSH | BPF_K, 32), RET } },
	{ "no such scratch word", 0, 2, { STMT(BPF_ST, 16), RET } },
	{ "read of unset scratch word", 0, 2,
	  { STMT(BPF_LD | BPF_MEM, 0), RET } },
	{ "read of unset scratch word", 2, 4,
	  { JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1), STMT(BPF_ST, 0),
	    STMT(BPF_LDX | BPF_MEM, 0), RET } },
	{ "jump past the end", 0, 2,
	  { JUMP(BPF_JMP | BPF_JSET | BPF_K, 1, 0, 1), RET } },
	{ "jump past the end", 0, 2, { STMT(BPF_JMP | BPF_JA, 1), RET } },
	{ "jump past the end", 0, 2,
	  { STMT(BPF_JMP | BPF_JA, UINT32_MAX), RET } },
	{ "no return at the end", 1, 2, { RET, LD(0) } },
};

START_TEST(rules)
{
	const struct row *row = &rows[_i];
	struct bpf_prog *p = program(row->insns, row->n);
	struct validate_error e = { SIZE_MAX, "" };

	ck_assert_int_eq(bpf_validate(p, &e), !row->what);
	if (row->what) {
		ck_assert_str_eq(e.what, row->what);
		ck_assert_uint_eq(e.at, row->at);
	}
	bpf_prog_free(p);
}
END_TEST

START_TEST(length_limit)
{
	const struct sock_filter load = LD(0), ret = RET;
	struct bpf_prog *p = bpf_prog_new(false);
	struct validate_error e;

	for (int i = 0; i < 4095; i++)
		bpf_prog_push(p, load, span_none);
	bpf_prog_push(p, ret, span_none);
	ck_assert(bpf_validate(p, &e));
	bpf_prog_push(p, ret, span_none);
	ck_assert(!bpf_validate(p, &e));
	ck_assert_str_eq(e.what, "more than 4,096 instructions");
	bpf_prog_free(p);
}
END_TEST

/* ---- the kernel as judge ---- */

/* 0 or an errno.  A taken program may well kill the child: also taken. */
static int kernel_says(const struct bpf_prog *p)
{
	struct sock_fprog prog = { (unsigned short)p->len, p->insns };
	int status = 0;
	pid_t pid = fork();

	if (!pid) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
			_exit(ENOSYS);
		_exit(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog)
			      ? errno
			      : 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return ENOSYS;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

static uint32_t roll(uint64_t *state, uint32_t n)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (uint32_t)((*state >> 20) % n);
}

/* Mostly right, with one thing in ten off. */
static struct sock_filter random_insn(uint64_t *state)
{
	static const uint16_t codes[] = {
		BPF_LD | BPF_W | BPF_ABS,     BPF_LD | BPF_MEM,
		BPF_ST,			      BPF_STX,
		BPF_LDX | BPF_MEM,	      BPF_ALU | BPF_AND | BPF_K,
		BPF_ALU | BPF_DIV | BPF_K,    BPF_ALU | BPF_LSH | BPF_K,
		BPF_JMP | BPF_JEQ | BPF_K,    BPF_JMP | BPF_JSET | BPF_X,
		BPF_JMP | BPF_JA,	      BPF_MISC | BPF_TAX,
		BPF_LDX | BPF_W | BPF_LEN,    BPF_ALU | BPF_XOR | BPF_X,
		BPF_LD | BPF_IMM,	      BPF_RET | BPF_K,
		BPF_ALU | BPF_MOD | BPF_K,    BPF_LDX | BPF_B | BPF_MSH,
	};
	struct sock_filter insn = { codes[roll(state, 16)], 0, 0, 0 };

	if (!roll(state, 30))
		insn.code = codes[16 + roll(state, 2)];
	if (!roll(state, 40))
		insn.code = (uint16_t)roll(state, 256);
	insn.jt = (uint8_t)roll(state, 3);
	insn.jf = (uint8_t)roll(state, 3);
	insn.k = roll(state, 8) ? 4 * roll(state, 4) : roll(state, 70);
	if (BPF_CLASS(insn.code) == BPF_JMP)
		insn.k = roll(state, 3);
	if (BPF_CLASS(insn.code) == BPF_RET)
		insn.k = SECCOMP_RET_ALLOW;
	return insn;
}

START_TEST(the_kernel_agrees)
{
	const struct sock_filter ret = RET;
	uint64_t state = 88172645463325252u;
	size_t taken = 0;

	for (int i = 0; i < RANDOM_PROGRAMS; i++) {
		struct bpf_prog *p = bpf_prog_new(false);
		struct validate_error e = { 0, "" };
		bool ours;
		int theirs;

		for (uint32_t n = roll(&state, RANDOM_LEN); n; n--)
			bpf_prog_push(p, random_insn(&state), span_none);
		if (roll(&state, 20))
			bpf_prog_push(p, ret, span_none);
		ours = bpf_validate(p, &e);
		theirs = kernel_says(p);
		if (theirs != 0 && theirs != EINVAL) {
			bpf_prog_free(p);
			printf("skip: this kernel takes no filters (%s)\n",
			       strerror(theirs));
			return;
		}
		ck_assert_msg(ours == (theirs == 0),
			      "program %d: we say %s (insn %zu), the kernel %s",
			      i, ours ? "valid" : e.what, e.at,
			      strerror(theirs));
		taken += ours;
		bpf_prog_free(p);
	}
	/* Both verdicts must have been put to the test. */
	ck_assert_uint_gt(taken, RANDOM_PROGRAMS / 10);
	ck_assert_uint_lt(taken, RANDOM_PROGRAMS * 9 / 10);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("validate");
	TCase *c = tcase_create("validate");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, rules, 0, (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(c, length_limit);
	tcase_add_test(c, the_kernel_agrees);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
