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
	if (op != BPF_LSH && op != BPF_RSH && op != BPF_DIV && op != BPF_NEG &&
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
	if (entropy_one_in(e, 6))
		return (struct sock_filter)BPF_JUMP(
			BPF_JMP | op | BPF_X, 0, (uint8_t)entropy_below(e, 3),
			(uint8_t)entropy_below(e, 3));
	return (struct sock_filter)BPF_JUMP(BPF_JMP | op,
					    (uint32_t)entropy_word(e) >>
						    entropy_below(e, 32),
					    (uint8_t)entropy_below(e, 3),
					    (uint8_t)entropy_below(e, 3));
}

static void push(struct bpf_prog *p, struct sock_filter insn)
{
	bpf_prog_push(p, insn, span_none);
}

/* Four different returns, one for each jump that leaves the middle. */
static void end_in_returns(struct bpf_prog *p)
{
	for (uint32_t i = 0; i < 4; i++)
		push(p, (struct sock_filter)BPF_STMT(BPF_RET,
						     SECCOMP_RET_ERRNO | i));
}

/* Eight bits of A as an errno; jumps land before the first of them. */
static void end_in_value(struct bpf_prog *p, struct entropy *e)
{
	for (uint32_t i = 0; i < 3; i++)
		push(p, (struct sock_filter)BPF_STMT(BPF_ST, 0));
	push(p, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_RSH,
					     entropy_below(e, 25)));
	push(p, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND, 0xff));
	push(p,
	     (struct sock_filter)BPF_STMT(BPF_ALU | BPF_OR, SECCOMP_RET_ERRNO));
	push(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0));
}

struct bpf_prog *program_random(struct entropy *e, enum program_end end)
{
	struct bpf_prog *p = bpf_prog_new(false);
	const uint32_t n = 3 + entropy_below(e, 20);

	/* Scratch words are set before anything reads them. */
	push(p, (struct sock_filter)BPF_STMT(BPF_ST, 0));
	push(p, (struct sock_filter)BPF_STMT(BPF_ST, 1));
	for (uint32_t i = 0; i < n; i++)
		push(p, random_insn(e));
	switch (end) {
	case PROGRAM_END_RETURNS:
		end_in_returns(p);
		break;
	case PROGRAM_END_VALUE:
		end_in_value(p, e);
		break;
	}
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
