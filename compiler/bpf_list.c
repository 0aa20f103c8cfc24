/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bpf_list.c - a program as text for people
 *
 * One line for each instruction: index, mnemonic, absolute jump targets,
 * and behind a ';' what the numbers mean and which rule asked for it.
 * Names of calls need the ABI, so a walk first finds out where the program
 * has pinned the arch word and where A holds the call number.
 */
#include <linux/filter.h>
#include <stdlib.h>

#include "abi/action.h"
#include "abi/call.h"
#include "abi/syscalls.h"
#include "base/bug.h"
#include "base/str.h"
#include "compiler/bpf.h"

enum { COMMENT_COLUMN = 32, WORD_OTHER = 0xff };

/* What is known on every way to an instruction. */
struct known {
	bool reached;
	uint8_t word;	/* that A holds, whole; or WORD_OTHER */
	uint32_t arch;	/* pinned value, 0 when it is not */
};

struct listing {
	const struct bpf_prog *prog;
	const struct sources *sources;
	const struct known *known;
	const struct abi *abi; /* of the first arch value; NULL: none */
	struct str *out;
};

/* ---- what is known where ---- */

static void meet(struct known *at, struct known k)
{
	if (!at->reached) {
		*at = k;
		at->reached = true;
		return;
	}
	if (at->word != k.word)
		at->word = WORD_OTHER;
	if (at->arch != k.arch)
		at->arch = 0;
}

static void walk_jump(const struct sock_filter *insn, struct known *known,
		      size_t i)
{
	struct known yes = known[i];

	if (insn->code == (BPF_JMP | BPF_JA)) {
		meet(&known[i + 1 + insn->k], yes);
		return;
	}
	if (insn->code == (BPF_JMP | BPF_JEQ | BPF_K) && yes.word == DATA_ARCH)
		yes.arch = insn->k;
	meet(&known[i + 1 + insn->jt], yes);
	meet(&known[i + 1 + insn->jf], known[i]);
}

static struct known *known_new(const struct bpf_prog *p)
{
	struct known *known = calloc(p->len ? p->len : 1, sizeof(*known));

	if (!known)
		oom();
	known[0] = (struct known){ true, WORD_OTHER, 0 };
	for (size_t i = 0; i < p->len; i++) {
		const struct sock_filter *insn = &p->insns[i];
		struct known next = known[i];

		if (!next.reached || BPF_CLASS(insn->code) == BPF_RET)
			continue;
		if (BPF_CLASS(insn->code) == BPF_JMP) {
			walk_jump(insn, known, i);
			continue;
		}
		if (insn->code == (BPF_LD | BPF_W | BPF_ABS))
			next.word = (uint8_t)insn->k;
		else if (BPF_CLASS(insn->code) == BPF_LD ||
			 BPF_CLASS(insn->code) == BPF_ALU ||
			 insn->code == (BPF_MISC | BPF_TXA))
			next.word = WORD_OTHER;
		meet(&known[i + 1], next);
	}
	return known;
}

/* ---- instructions ---- */

static void add_word(const struct listing *l, uint32_t off)
{
	bool high = (off % 8 == 4) != l->prog->big_endian;

	if (off == DATA_NR)
		str_add(l->out, "nr");
	else if (off == DATA_ARCH)
		str_add(l->out, "arch");
	else if (off < DATA_ARGS)
		str_addf(l->out, "ip.%s", high ? "hi" : "lo");
	else
		str_addf(l->out, "args[%u].%s", (off - DATA_ARGS) / 8,
			 high ? "hi" : "lo");
}

static void add_load(const struct listing *l, const struct sock_filter *insn)
{
	str_add(l->out, BPF_CLASS(insn->code) == BPF_LD ? "ld " : "ldx ");
	switch (BPF_MODE(insn->code)) {
	case BPF_ABS:
		add_word(l, insn->k);
		break;
	case BPF_MEM:
		str_addf(l->out, "M[%u]", insn->k);
		break;
	case BPF_IMM:
		str_addf(l->out, "#0x%x", insn->k);
		break;
	default:
		str_add(l->out, "len");
		break;
	}
}

static void add_alu(const struct listing *l, const struct sock_filter *insn)
{
	static const char *const names[16] = {
		[BPF_ADD >> 4] = "add", [BPF_SUB >> 4] = "sub",
		[BPF_MUL >> 4] = "mul", [BPF_DIV >> 4] = "div",
		[BPF_OR >> 4] = "or",	[BPF_AND >> 4] = "and",
		[BPF_LSH >> 4] = "lsh", [BPF_RSH >> 4] = "rsh",
		[BPF_NEG >> 4] = "neg", [BPF_XOR >> 4] = "xor",
	};
	const char *name = names[BPF_OP(insn->code) >> 4];

	str_add(l->out, name ? name : "alu?");
	if (BPF_OP(insn->code) == BPF_NEG)
		return;
	if (BPF_SRC(insn->code) == BPF_X)
		str_add(l->out, " x");
	else
		str_addf(l->out, " #0x%x", insn->k);
}

/* Numbers of calls in decimal as in the kernel's tables, bits in hex. */
static void add_operand(const struct listing *l, const struct sock_filter *insn,
			size_t i)
{
	if (BPF_SRC(insn->code) == BPF_X)
		str_add(l->out, "x");
	else if (BPF_OP(insn->code) != BPF_JSET && insn->k <= UINT16_MAX &&
		 l->known[i].word == DATA_NR)
		str_addf(l->out, "#%u", insn->k);
	else
		str_addf(l->out, "#0x%x", insn->k);
}

static void add_jump(const struct listing *l, const struct sock_filter *insn,
		     size_t i)
{
	const char *name = "jset";

	if (BPF_OP(insn->code) == BPF_JA) {
		str_addf(l->out, "ja %zu", i + 1 + insn->k);
		return;
	}
	if (BPF_OP(insn->code) == BPF_JEQ)
		name = "jeq";
	else if (BPF_OP(insn->code) == BPF_JGE)
		name = "jge";
	else if (BPF_OP(insn->code) == BPF_JGT)
		name = "jgt";
	str_addf(l->out, "%s ", name);
	add_operand(l, insn, i);
	str_addf(l->out, ", %zu, %zu", i + 1 + insn->jt, i + 1 + insn->jf);
}

static void add_insn(const struct listing *l, size_t i)
{
	const struct sock_filter *insn = &l->prog->insns[i];

	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
	case BPF_LDX:
		add_load(l, insn);
		break;
	case BPF_ST:
	case BPF_STX:
		str_addf(l->out, "%s M[%u]",
			 BPF_CLASS(insn->code) == BPF_ST ? "st" : "stx",
			 insn->k);
		break;
	case BPF_ALU:
		add_alu(l, insn);
		break;
	case BPF_JMP:
		add_jump(l, insn, i);
		break;
	case BPF_RET:
		if (BPF_RVAL(insn->code) == BPF_A)
			str_add(l->out, "ret a");
		else
			str_addf(l->out, "ret #0x%x", insn->k);
		break;
	default:
		str_add(l->out, insn->code == (BPF_MISC | BPF_TAX) ? "tax"
								   : "txa");
		break;
	}
}

/* ---- comments ---- */

/* The ABI whose calls have this arch; of two, the one the bit selects. */
static const struct abi *abi_of(uint32_t arch, uint32_t nr)
{
	const struct call call = { .arch = arch, .nr = nr };

	return arch ? call_abi(&call) : NULL;
}

static void add_number_name(const struct sock_filter *insn,
			    const struct known *k, struct str *out)
{
	const struct syscall_desc *call;
	const struct abi *abi;

	if (BPF_CLASS(insn->code) != BPF_JMP ||
	    BPF_OP(insn->code) == BPF_JSET || BPF_OP(insn->code) == BPF_JA ||
	    BPF_SRC(insn->code) == BPF_X)
		return;
	if (k->word == DATA_ARCH) {
		abi = abi_of(insn->k, 0);
		if (abi)
			str_add(out, abi->name);
	} else if (k->word == DATA_NR) {
		abi = abi_of(k->arch, insn->k);
		call = abi ? syscall_by_nr(abi, insn->k) : NULL;
		if (call)
			str_add(out, sysname_text(call->name));
	}
}

static void add_comment(const struct listing *l, size_t i, size_t line_start)
{
	const struct sock_filter *insn = &l->prog->insns[i];
	const struct known *k = &l->known[i];
	struct str text = { 0 };

	if (insn->code == (BPF_RET | BPF_K))
		action_text(action_from_ret(insn->k), l->abi, &text);
	else
		add_number_name(insn, k, &text);
	if (l->sources && !span_is_none(l->prog->origins[i]))
		str_addf(&text, "%s%s", text.len ? ", " : "",
			 sources_where(l->sources, l->prog->origins[i]));
	if (text.len) {
		while (l->out->len - line_start < COMMENT_COLUMN)
			str_addc(l->out, ' ');
		str_addf(l->out, " ; %s", str_text(&text));
	}
	str_fini(&text);
}

/* ABIs of one machine have the same errno values: any will do for them. */
static const struct abi *first_abi(const struct bpf_prog *p,
				   const struct known *known)
{
	for (size_t i = 0; i < p->len; i++)
		if (p->insns[i].code == (BPF_JMP | BPF_JEQ | BPF_K) &&
		    known[i].word == DATA_ARCH)
			return abi_of(p->insns[i].k, 0);
	return NULL;
}

void bpf_list(const struct bpf_prog *p, const struct sources *sources,
	      struct str *out)
{
	struct known *known = known_new(p);
	struct listing l = { p, sources, known, first_abi(p, known), out };

	for (size_t i = 0; i < p->len; i++) {
		size_t start = out->len;

		str_addf(out, "%4zu  ", i);
		add_insn(&l, i);
		add_comment(&l, i, start);
		str_addc(out, '\n');
	}
	free(known);
}
