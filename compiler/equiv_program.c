/* SPDX-License-Identifier: Apache-2.0 */
/*
 * equiv_program.c - a program as a function of the call
 *
 * A state is an instruction with what each register holds before it, where
 * registers that nobody reads any more count as zero.  Jumps only go
 * forward, so one walk over rising addresses finds all states and one walk
 * back gives each its function: work is bounded by states, not by paths.
 */
#include "compiler/equiv_side.h"

#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "compiler/equiv_term.h"

enum {
	REG_A = BPF_MEMWORDS,
	REG_X,
	REGS,
	STATES_MAX = 256 * 1024,
	STATE_NONE = UINT32_MAX,
	OPEN = UINT32_MAX, /* neither BDD_FALSE nor BDD_TRUE */
};

struct state {
	uint32_t at;
	term_ref reg[REGS];
	uint32_t next; /* of the same instruction */
	uint32_t yes, no;
	bdd_ref outcome;
};

struct walk {
	struct bdd_store *s;
	struct term_store *ts;
	const struct bpf_prog *prog;
	struct state *states;
	uint32_t len, cap;
	uint32_t *first; /* state of each instruction */
	uint32_t *live;	 /* registers read at it or later, bit 1 << REG_* */
	const char *why;
	uint32_t why_at;
};

static uint32_t bit(unsigned reg)
{
	return UINT32_C(1) << reg;
}

/* Of arithmetic and jumps: the second operand is X, not k. */
static bool uses_x(const struct sock_filter *insn)
{
	return BPF_SRC(insn->code) == BPF_X;
}

static uint32_t regs_read(const struct sock_filter *insn)
{
	const unsigned op = BPF_OP(insn->code);

	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
	case BPF_LDX:
		return BPF_MODE(insn->code) == BPF_MEM ? bit(insn->k) : 0;
	case BPF_ST:
		return bit(REG_A);
	case BPF_STX:
		return bit(REG_X);
	case BPF_ALU:
		return bit(REG_A) |
		       (uses_x(insn) && op != BPF_NEG ? bit(REG_X) : 0);
	case BPF_JMP:
		if (op == BPF_JA)
			return 0;
		return bit(REG_A) | (uses_x(insn) ? bit(REG_X) : 0);
	case BPF_RET:
		return BPF_RVAL(insn->code) == BPF_A ? bit(REG_A) : 0;
	case BPF_MISC:
		return BPF_MISCOP(insn->code) == BPF_TAX ? bit(REG_A)
							 : bit(REG_X);
	}
	return 0;
}

static uint32_t regs_written(const struct sock_filter *insn)
{
	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
	case BPF_ALU:
		return bit(REG_A);
	case BPF_LDX:
		return bit(REG_X);
	case BPF_ST:
	case BPF_STX:
		return bit(insn->k);
	case BPF_MISC:
		return BPF_MISCOP(insn->code) == BPF_TAX ? bit(REG_X)
							 : bit(REG_A);
	}
	return 0;
}

static void find_live(struct walk *w)
{
	for (size_t i = w->prog->len; i-- > 0;) {
		const struct sock_filter *insn = &w->prog->insns[i];
		uint32_t after = 0;

		if (BPF_CLASS(insn->code) == BPF_RET)
			after = 0;
		else if (BPF_CLASS(insn->code) != BPF_JMP)
			after = w->live[i + 1];
		else if (BPF_OP(insn->code) == BPF_JA)
			after = w->live[i + 1 + insn->k];
		else
			after = w->live[i + 1 + insn->jt] |
				w->live[i + 1 + insn->jf];
		w->live[i] = (after & ~regs_written(insn)) | regs_read(insn);
	}
}

static uint32_t state_add(struct walk *w, const struct state *st)
{
	if (w->len == STATES_MAX) {
		w->why = "the program computes too many different values";
		w->why_at = st->at;
		return w->first[st->at];
	}
	if (w->len == w->cap) {
		struct state *states;

		w->cap *= 2;
		states = realloc(w->states, w->cap * sizeof(*states));
		if (!states)
			oom();
		w->states = states;
	}
	w->states[w->len] = *st;
	w->states[w->len].next = w->first[st->at];
	w->first[st->at] = w->len;
	return w->len++;
}

/* The state at an instruction with the live ones of these registers. */
static uint32_t state_find(struct walk *w, uint32_t at, const term_ref *reg)
{
	struct state want = { .at = at, .yes = STATE_NONE, .no = STATE_NONE };

	for (unsigned i = 0; i < REGS; i++)
		want.reg[i] = w->live[at] & bit(i) ? reg[i] : TERM_CONSTANT(0);
	for (uint32_t i = w->first[at]; i != STATE_NONE;
	     i = w->states[i].next) {
		if (!memcmp(w->states[i].reg, want.reg, sizeof(want.reg)))
			return i;
		bdd_count_step(w->s);
	}
	return state_add(w, &want);
}

static term_ref loaded(struct walk *w, const struct sock_filter *insn,
		       const term_ref *reg)
{
	switch (BPF_MODE(insn->code)) {
	case BPF_ABS:
		return term_word(w->ts, insn->k);
	case BPF_IMM:
		return TERM_CONSTANT(insn->k);
	case BPF_MEM:
		return reg[insn->k];
	case BPF_LEN:
		return TERM_CONSTANT(CALL_BYTES);
	}
	return TERM_UNKNOWN;
}

static term_ref operand(const struct sock_filter *insn, const term_ref *reg)
{
	return uses_x(insn) ? reg[REG_X] : TERM_CONSTANT(insn->k);
}

/* What the registers hold after an instruction that goes straight on. */
static void apply(struct walk *w, uint32_t at, term_ref *reg)
{
	const struct sock_filter *insn = &w->prog->insns[at];
	term_ref *changed = &reg[REG_A];

	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
		*changed = loaded(w, insn, reg);
		break;
	case BPF_LDX:
		changed = &reg[REG_X];
		*changed = loaded(w, insn, reg);
		break;
	case BPF_ST:
		reg[insn->k] = reg[REG_A];
		break;
	case BPF_STX:
		reg[insn->k] = reg[REG_X];
		break;
	case BPF_ALU:
		*changed = term_alu(w->ts, BPF_OP(insn->code), reg[REG_A],
				    operand(insn, reg));
		break;
	case BPF_MISC:
		if (BPF_MISCOP(insn->code) == BPF_TAX)
			reg[REG_X] = reg[REG_A];
		else
			reg[REG_A] = reg[REG_X];
		break;
	}
	if (*changed == TERM_UNKNOWN) {
		*changed = TERM_CONSTANT(0);
		w->why = "an instruction is not understood by the proof";
		w->why_at = at;
	}
}

/* Finds the states that follow; states[i] may move meanwhile. */
static void follow(struct walk *w, uint32_t i)
{
	const uint32_t at = w->states[i].at;
	const struct sock_filter *insn = &w->prog->insns[at];
	uint32_t yes = STATE_NONE, no = STATE_NONE;
	term_ref reg[REGS];

	memcpy(reg, w->states[i].reg, sizeof(reg));
	if (BPF_CLASS(insn->code) == BPF_RET)
		return;
	if (BPF_CLASS(insn->code) != BPF_JMP) {
		apply(w, at, reg);
		yes = state_find(w, at + 1, reg);
	} else if (BPF_OP(insn->code) == BPF_JA) {
		yes = state_find(w, at + 1 + insn->k, reg);
	} else {
		const term_ref with = operand(insn, reg);
		const bool plain = term_is_plain(w->ts, reg[REG_A], with);
		/* Two words, or arithmetic, may leave only one way. */
		const bdd_ref c = plain ? OPEN
					: term_jump(w->ts, BPF_OP(insn->code),
						    reg[REG_A], with);

		if (c != BDD_FALSE)
			yes = state_find(w, at + 1 + insn->jt, reg);
		if (c != BDD_TRUE)
			no = state_find(w, at + 1 + insn->jf, reg);
	}
	w->states[i].yes = yes;
	w->states[i].no = no;
}

static bdd_ref outcome_of(struct walk *w, const struct state *st)
{
	const struct sock_filter *insn = &w->prog->insns[st->at];

	if (BPF_CLASS(insn->code) == BPF_RET) {
		if (BPF_RVAL(insn->code) == BPF_A)
			return term_leaf(w->ts, st->reg[REG_A]);
		return bdd_leaf(w->s, action_from_ret(insn->k));
	}
	if (st->no == STATE_NONE)
		return w->states[st->yes].outcome;
	if (st->yes == STATE_NONE)
		return w->states[st->no].outcome;
	return term_choose(w->ts, BPF_OP(insn->code), st->reg[REG_A],
			   operand(insn, st->reg), w->states[st->yes].outcome,
			   w->states[st->no].outcome);
}

static bool walk_stopped(const struct walk *w)
{
	return w->why || bdd_exhausted(w->s);
}

static bdd_ref walk_program(struct walk *w)
{
	const term_ref start[REGS] = { TERM_CONSTANT(0) };

	find_live(w);
	state_find(w, 0, start);
	for (uint32_t at = 0; at < w->prog->len; at++)
		for (uint32_t i = w->first[at];
		     i != STATE_NONE && !walk_stopped(w); i = w->states[i].next)
			follow(w, i);
	for (uint32_t at = (uint32_t)w->prog->len; at-- > 0;)
		for (uint32_t i = w->first[at];
		     i != STATE_NONE && !walk_stopped(w); i = w->states[i].next)
			w->states[i].outcome = outcome_of(w, &w->states[i]);
	return walk_stopped(w) ? BDD_FALSE : w->states[0].outcome;
}

struct program_side bdd_of_program(struct bdd_store *s,
				   const struct bpf_prog *prog)
{
	const uint32_t len = (uint32_t)prog->len;
	struct walk w = { .s = s, .prog = prog, .cap = len + 16 };
	struct program_side side;

	w.ts = term_store_new(s);
	w.states = calloc(w.cap, sizeof(*w.states));
	w.first = malloc(len * sizeof(*w.first));
	w.live = calloc(len, sizeof(*w.live));
	if (!w.states || !w.first || !w.live)
		oom();
	memset(w.first, 0xff, len * sizeof(*w.first));
	side.outcome = walk_program(&w);
	side.why = w.why;
	side.at = w.why_at;
	term_store_free(w.ts);
	free(w.states);
	free(w.first);
	free(w.live);
	return side;
}
