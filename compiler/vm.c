/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vm.c - classic BPF as the kernel runs it for seccomp
 *
 * A and X start at zero.  Dividing by an X of zero ends the program with 0
 * and shift counts in X are taken modulo 32, because that is what
 * bpf_convert_filter() and the 32-bit ALU make of them (net/core/filter.c,
 * kernel/bpf/core.c, Linux 6.1 to 6.18).  Validation has made sure that
 * every jump goes forward and stays inside, so each run ends.
 */
#include "compiler/vm.h"

#include <linux/bpf_common.h>
#include <linux/seccomp.h>

#include "base/bug.h"

struct machine {
	uint32_t a, x;
	uint32_t mem[BPF_MEMWORDS];
	size_t pc; /* of the instruction after this one */
	bool ended;
	uint32_t ret;
};

static void run_load(struct machine *m, const struct sock_filter *insn,
		     const struct call *call, bool big_endian)
{
	uint32_t value = 0;

	switch (BPF_MODE(insn->code)) {
	case BPF_ABS:
		value = call_word(call, insn->k, big_endian);
		break;
	case BPF_IMM:
		value = insn->k;
		break;
	case BPF_MEM:
		value = m->mem[insn->k];
		break;
	case BPF_LEN:
		value = CALL_BYTES;
		break;
	default:
		BUG("load mode %#x", insn->code);
	}
	if (BPF_CLASS(insn->code) == BPF_LDX)
		m->x = value;
	else
		m->a = value;
}

static void run_alu(struct machine *m, const struct sock_filter *insn)
{
	const uint32_t by = BPF_SRC(insn->code) == BPF_X ? m->x : insn->k;

	switch (BPF_OP(insn->code)) {
	case BPF_ADD:
		m->a += by;
		break;
	case BPF_SUB:
		m->a -= by;
		break;
	case BPF_MUL:
		m->a *= by;
		break;
	case BPF_DIV:
		m->ended = by == 0;
		m->ret = 0;
		m->a = by ? m->a / by : 0;
		break;
	case BPF_AND:
		m->a &= by;
		break;
	case BPF_OR:
		m->a |= by;
		break;
	case BPF_XOR:
		m->a ^= by;
		break;
	case BPF_LSH:
		m->a <<= by & 31;
		break;
	case BPF_RSH:
		m->a >>= by & 31;
		break;
	case BPF_NEG:
		m->a = 0 - m->a;
		break;
	default:
		BUG("arithmetic %#x", insn->code);
	}
}

static void run_jump(struct machine *m, const struct sock_filter *insn)
{
	const uint32_t with = BPF_SRC(insn->code) == BPF_X ? m->x : insn->k;
	bool taken = false;

	switch (BPF_OP(insn->code)) {
	case BPF_JA:
		m->pc += insn->k;
		return;
	case BPF_JEQ:
		taken = m->a == with;
		break;
	case BPF_JGT:
		taken = m->a > with;
		break;
	case BPF_JGE:
		taken = m->a >= with;
		break;
	case BPF_JSET:
		taken = (m->a & with) != 0;
		break;
	default:
		BUG("jump %#x", insn->code);
	}
	m->pc += taken ? insn->jt : insn->jf;
}

static void run_one(struct machine *m, const struct sock_filter *insn,
		    const struct call *call, bool big_endian)
{
	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
	case BPF_LDX:
		run_load(m, insn, call, big_endian);
		break;
	case BPF_ST:
		m->mem[insn->k] = m->a;
		break;
	case BPF_STX:
		m->mem[insn->k] = m->x;
		break;
	case BPF_ALU:
		run_alu(m, insn);
		break;
	case BPF_JMP:
		run_jump(m, insn);
		break;
	case BPF_RET:
		m->ended = true;
		m->ret = BPF_RVAL(insn->code) == BPF_A ? m->a : insn->k;
		break;
	case BPF_MISC:
		if (BPF_MISCOP(insn->code) == BPF_TAX)
			m->x = m->a;
		else
			m->a = m->x;
		break;
	}
}

struct vm_result vm_run(const struct bpf_prog *p, const struct call *call,
			uint32_t *trace)
{
	struct machine m = { 0 };
	struct vm_result r = { 0 };

	while (!m.ended) {
		const size_t at = m.pc++;

		if (at >= p->len)
			BUG("program of %zu instructions ran past its end",
			    p->len);
		if (trace)
			trace[r.steps] = (uint32_t)at;
		r.steps++;
		r.last = (uint32_t)at;
		run_one(&m, &p->insns[at], call, p->big_endian);
	}
	r.ret = m.ret;
	return r;
}

/*
 * One step of seccomp_is_const_allow(); false when that emulator gives up.
 */
static bool cache_step(struct machine *m, const struct sock_filter *insn,
		       uint32_t arch, uint32_t nr)
{
	switch (insn->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		m->a = insn->k == DATA_NR ? nr : arch;
		return insn->k == DATA_NR || insn->k == DATA_ARCH;
	case BPF_RET | BPF_K:
		m->ended = true;
		m->ret = insn->k;
		return true;
	case BPF_JMP | BPF_JA:
	case BPF_JMP | BPF_JEQ | BPF_K:
	case BPF_JMP | BPF_JGE | BPF_K:
	case BPF_JMP | BPF_JGT | BPF_K:
	case BPF_JMP | BPF_JSET | BPF_K:
		run_jump(m, insn);
		return true;
	case BPF_ALU | BPF_AND | BPF_K:
		run_alu(m, insn);
		return true;
	default:
		return false;
	}
}

/*
 * The bitmaps are indexed by number and end at the kernel's last call, far
 * below the x32 bit: those calls always run the program.
 */
bool vm_is_cached(const struct bpf_prog *p, uint32_t arch, uint32_t nr)
{
	struct machine m = { 0 };

	if (nr >= X32_BIT)
		return false;
	while (!m.ended) {
		const size_t at = m.pc++;

		if (at >= p->len || !cache_step(&m, &p->insns[at], arch, nr))
			return false;
	}
	return m.ret == SECCOMP_RET_ALLOW;
}
