/* SPDX-License-Identifier: Apache-2.0 */
/*
 * validate.c - the kernel's own acceptance rules, mirrored
 *
 * Two walks as in the kernel: each instruction by itself, then the scratch
 * words that are surely written on every way to each instruction.  Only
 * what seccomp takes is in the table: BPF_LD | BPF_W | BPF_ABS reads
 * seccomp_data, other packet loads do not exist there.
 */
#include "compiler/validate.h"

#include <stdlib.h>

#include "abi/call.h"
#include "base/bug.h"

static bool fail(struct validate_error *e, size_t at, const char *what)
{
	e->at = at;
	e->what = what;
	return false;
}

static bool check_load(const struct sock_filter *insn, size_t at,
		       struct validate_error *e)
{
	if (insn->k >= CALL_BYTES)
		return fail(e, at, "load past struct seccomp_data");
	if (insn->k % 4)
		return fail(e, at, "load is not aligned");
	return true;
}

static bool check_scratch(const struct sock_filter *insn, size_t at,
			  struct validate_error *e)
{
	if (insn->k >= BPF_MEMWORDS)
		return fail(e, at, "no such scratch word");
	return true;
}

/* Targets inside the program; `left` instructions follow this one. */
static bool check_jump(const struct sock_filter *insn, size_t left, size_t at,
		       struct validate_error *e)
{
	if (insn->code == (BPF_JMP | BPF_JA))
		return insn->k < left || fail(e, at, "jump past the end");
	return (insn->jt < left && insn->jf < left) ||
	       fail(e, at, "jump past the end");
}

static bool check_alu_constant(const struct sock_filter *insn, size_t at,
			       struct validate_error *e)
{
	switch (BPF_OP(insn->code)) {
	case BPF_DIV:
		return insn->k || fail(e, at, "division by zero");
	case BPF_LSH:
	case BPF_RSH:
		return insn->k < 32 || fail(e, at, "shift by 32 or more");
	default:
		return true;
	}
}

static bool check_insn(const struct bpf_prog *p, size_t at,
		       struct validate_error *e)
{
	const struct sock_filter *insn = &p->insns[at];

	switch (insn->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		return check_load(insn, at, e);
	case BPF_LD | BPF_W | BPF_LEN:
	case BPF_LDX | BPF_W | BPF_LEN:
	case BPF_RET | BPF_K:
	case BPF_RET | BPF_A:
	case BPF_MISC | BPF_TAX:
	case BPF_MISC | BPF_TXA:
	case BPF_LD | BPF_IMM:
	case BPF_LDX | BPF_IMM:
	case BPF_ALU | BPF_NEG:
	case BPF_ALU | BPF_ADD | BPF_X:
	case BPF_ALU | BPF_SUB | BPF_X:
	case BPF_ALU | BPF_MUL | BPF_X:
	case BPF_ALU | BPF_DIV | BPF_X:
	case BPF_ALU | BPF_AND | BPF_X:
	case BPF_ALU | BPF_OR | BPF_X:
	case BPF_ALU | BPF_XOR | BPF_X:
	case BPF_ALU | BPF_LSH | BPF_X:
	case BPF_ALU | BPF_RSH | BPF_X:
		return true;
	case BPF_ALU | BPF_ADD | BPF_K:
	case BPF_ALU | BPF_SUB | BPF_K:
	case BPF_ALU | BPF_MUL | BPF_K:
	case BPF_ALU | BPF_DIV | BPF_K:
	case BPF_ALU | BPF_AND | BPF_K:
	case BPF_ALU | BPF_OR | BPF_K:
	case BPF_ALU | BPF_XOR | BPF_K:
	case BPF_ALU | BPF_LSH | BPF_K:
	case BPF_ALU | BPF_RSH | BPF_K:
		return check_alu_constant(insn, at, e);
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_MEM:
	case BPF_ST:
	case BPF_STX:
		return check_scratch(insn, at, e);
	case BPF_JMP | BPF_JA:
	case BPF_JMP | BPF_JEQ | BPF_K:
	case BPF_JMP | BPF_JEQ | BPF_X:
	case BPF_JMP | BPF_JGE | BPF_K:
	case BPF_JMP | BPF_JGE | BPF_X:
	case BPF_JMP | BPF_JGT | BPF_K:
	case BPF_JMP | BPF_JGT | BPF_X:
	case BPF_JMP | BPF_JSET | BPF_K:
	case BPF_JMP | BPF_JSET | BPF_X:
		return check_jump(insn, p->len - at - 1, at, e);
	default:
		return fail(e, at, "opcode that seccomp does not take");
	}
}

/* Words in `valid` were written on every way that comes here. */
static bool check_scratch_reads(const struct bpf_prog *p, uint16_t *valid,
				struct validate_error *e)
{
	uint16_t now = 0;

	for (size_t i = 0; i < p->len; i++) {
		const struct sock_filter *insn = &p->insns[i];

		now &= valid[i];
		if (insn->code == BPF_ST || insn->code == BPF_STX) {
			now |= (uint16_t)(1U << insn->k);
		} else if (insn->code == (BPF_LD | BPF_MEM) ||
			   insn->code == (BPF_LDX | BPF_MEM)) {
			if (!(now & 1U << insn->k))
				return fail(e, i, "read of unset scratch word");
		} else if (insn->code == (BPF_JMP | BPF_JA)) {
			valid[i + 1 + insn->k] &= now;
			now = UINT16_MAX;
		} else if (BPF_CLASS(insn->code) == BPF_JMP) {
			valid[i + 1 + insn->jt] &= now;
			valid[i + 1 + insn->jf] &= now;
			now = UINT16_MAX;
		}
	}
	return true;
}

static bool check_all_scratch(const struct bpf_prog *p,
			      struct validate_error *e)
{
	uint16_t *valid = malloc(p->len * sizeof(*valid));
	bool ok;

	_Static_assert(BPF_MEMWORDS == 16, "one bit for each scratch word");
	if (!valid)
		oom();
	for (size_t i = 0; i < p->len; i++)
		valid[i] = UINT16_MAX;
	ok = check_scratch_reads(p, valid, e);
	free(valid);
	return ok;
}

bool bpf_validate(const struct bpf_prog *p, struct validate_error *error)
{
	_Static_assert(BPF_INSNS_MAX == BPF_MAXINSNS, "the kernel's limit");
	if (!p->len)
		return fail(error, 0, "empty program");
	if (p->len > BPF_INSNS_MAX)
		return fail(error, BPF_INSNS_MAX,
			    "more than 4,096 instructions");
	for (size_t i = 0; i < p->len; i++)
		if (!check_insn(p, i, error))
			return false;
	if (BPF_CLASS(p->insns[p->len - 1].code) != BPF_RET)
		return fail(error, p->len - 1, "no return at the end");
	return check_all_scratch(p, error);
}
