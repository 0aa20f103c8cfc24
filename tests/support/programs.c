/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/programs.h"

#include <linux/filter.h>
#include <linux/seccomp.h>

#include "base/bug.h"

static struct sock_filter random_load(struct entropy *e)
{
	const uint16_t class = entropy_one_in(e, 3) ? BPF_LDX : BPF_LD;

	if (class == BPF_LD && !entropy_one_in(e, 3))
		return (struct sock_filter)BPF_STMT(BPF_LD | BPF_ABS,
						    4 * (4 +
							 entropy_below(e, 3)));
	if (entropy_one_in(e, 2))
		return (struct sock_filter)BPF_STMT(class | BPF_IMM,
						    entropy_below(e, 40));
	return (struct sock_filter)BPF_STMT(class | BPF_MEM,
					    entropy_below(e, 2));
}

static struct sock_filter random_alu(struct entropy *e)
{
	static const uint16_t ops[] = { BPF_ADD, BPF_SUB, BPF_AND, BPF_OR,
					BPF_XOR, BPF_LSH, BPF_RSH, BPF_NEG,
					BPF_MUL, BPF_DIV };
	const uint16_t op = ops[entropy_below(e, ARRAY_LEN(ops))];
	uint32_t k = (uint32_t)entropy_word(e) >> entropy_below(e, 32);

	if (op == BPF_LSH || op == BPF_RSH)
		k %= 32;
	if (op == BPF_MUL)
		k %= 5;
	if (op == BPF_DIV)
		k = UINT32_C(1) << entropy_below(e, 5);
	if ((op == BPF_AND || op == BPF_OR || op == BPF_XOR) &&
	    entropy_one_in(e, 3))
		return (struct sock_filter)BPF_STMT(BPF_ALU | op | BPF_X, 0);
	return (struct sock_filter)BPF_STMT(BPF_ALU | op, k);
}

static struct sock_filter random_insn(struct entropy *e)
{
	static const uint16_t jumps[] = { BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET };
	const uint16_t op = jumps[entropy_below(e, ARRAY_LEN(jumps))];

	switch (entropy_below(e, 6)) {
	case 0:
	case 1:
		return random_load(e);
	case 2:
		return random_alu(e);
	case 3:
		if (entropy_one_in(e, 2))
			return (struct sock_filter)BPF_STMT(
				BPF_MISC | (entropy_one_in(e, 2) ? BPF_TAX
								 : BPF_TXA),
				0);
		return (struct sock_filter)BPF_STMT(entropy_one_in(e, 2)
							    ? BPF_ST
							    : BPF_STX,
						    entropy_below(e, 2));
	}
	return (struct sock_filter)BPF_JUMP(BPF_JMP | op,
					    (uint32_t)entropy_word(e) >>
						    entropy_below(e, 32),
					    (uint8_t)entropy_below(e, 3),
					    (uint8_t)entropy_below(e, 3));
}

/* Scratch words are set first; four returns catch every jump. */
struct bpf_prog *program_random(struct entropy *e)
{
	struct bpf_prog *p = bpf_prog_new(false);
	const uint32_t n = 3 + entropy_below(e, 20);

	bpf_prog_push(p, (struct sock_filter)BPF_STMT(BPF_ST, 0), span_none);
	bpf_prog_push(p, (struct sock_filter)BPF_STMT(BPF_ST, 1), span_none);
	for (uint32_t i = 0; i < n; i++)
		bpf_prog_push(p, random_insn(e), span_none);
	for (uint32_t i = 0; i < 4; i++)
		bpf_prog_push(p,
			      (struct sock_filter)
				      BPF_STMT(BPF_RET, SECCOMP_RET_ERRNO | i),
			      span_none);
	return p;
}

static uint16_t any_code(struct entropy *e)
{
	static const uint16_t likely[] = {
		BPF_LD | BPF_ABS,
		BPF_LD | BPF_MEM,
		BPF_LDX | BPF_MEM,
		BPF_ST,
		BPF_STX,
		BPF_JMP | BPF_JA,
		BPF_JMP | BPF_JEQ,
		BPF_RET,
		BPF_ALU | BPF_DIV,
		BPF_ALU | BPF_LSH,
		BPF_ALU | BPF_MOD,
		BPF_LD | BPF_IND,
		BPF_LDX | BPF_MSH | BPF_B,
		BPF_LD | BPF_H | BPF_ABS,
		BPF_RET | BPF_A,
		BPF_RET | BPF_X,
	};

	if (entropy_below(e, 3))
		return likely[entropy_below(e, ARRAY_LEN(likely))];
	return (uint16_t)entropy_below(e, entropy_one_in(e, 10) ? 65536 : 256);
}

static uint32_t any_constant(struct entropy *e)
{
	switch (entropy_below(e, 5)) {
	case 0:
		return entropy_below(e, 72);
	case 1:
		return entropy_below(e, 18) * 4;
	case 2:
		return 0 - entropy_below(e, 5);
	case 3:
		return entropy_below(e, 3);
	}
	return (uint32_t)entropy_word(e);
}

struct bpf_prog *program_noise(struct entropy *e)
{
	struct bpf_prog *p = bpf_prog_new(false);
	const uint32_t n = entropy_below(e, 6);

	for (uint32_t i = 0; i < n; i++)
		bpf_prog_push(p,
			      (struct sock_filter){
				      any_code(e), (uint8_t)entropy_below(e, 4),
				      (uint8_t)entropy_below(e, 4),
				      any_constant(e) },
			      span_none);
	if (!entropy_one_in(e, 5))
		bpf_prog_push(p, (struct sock_filter){ BPF_RET, 0, 0, 0 },
			      span_none);
	return p;
}

void program_corrupt(struct bpf_prog *p, struct entropy *e)
{
	struct sock_filter *insn =
		&p->insns[entropy_below(e, (uint32_t)p->len)];

	switch (entropy_below(e, 4)) {
	case 0:
		insn->code = any_code(e);
		return;
	case 1:
		insn->jt = (uint8_t)entropy_below(e, 24);
		return;
	case 2:
		insn->jf = (uint8_t)entropy_below(e, 24);
		return;
	}
	insn->k = any_constant(e);
}
