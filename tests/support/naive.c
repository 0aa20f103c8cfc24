/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/naive.h"

#include <linux/filter.h>
#include <stdlib.h>

#include "abi/syscalls.h"
#include "base/bug.h"

enum { PLACES_MAX = 1 << 18 };

/* A place that jumps go to; set once it is reached. */
typedef uint32_t place;

struct gen {
	struct bpf_prog *prog;
	uint32_t *places;
	uint32_t nplaces;
};

static void emit(struct gen *g, uint16_t code, uint8_t jt, uint8_t jf,
		 uint32_t k)
{
	bpf_prog_push(g->prog, (struct sock_filter){ code, jt, jf, k },
		      span_none);
}

static place place_new(struct gen *g)
{
	if (g->nplaces == PLACES_MAX)
		BUG("too many places");
	return g->nplaces++;
}

static void here(struct gen *g, place p)
{
	g->places[p] = (uint32_t)g->prog->len;
}

/* Until all places are known, k is the place. */
static void go(struct gen *g, place p)
{
	emit(g, BPF_JMP | BPF_JA, 0, 0, p);
}

static void jump(struct gen *g, uint16_t op, uint32_t k, place yes, place no)
{
	emit(g, BPF_JMP | op | BPF_K, 0, 1, k);
	go(g, yes);
	go(g, no);
}

/* Goes on behind it when the comparison fails. */
static void jump_if(struct gen *g, uint16_t op, uint32_t k, place yes)
{
	const place no = place_new(g);

	jump(g, op, k, yes, no);
	here(g, no);
}

static void load(struct gen *g, unsigned off, uint32_t mask)
{
	emit(g, BPF_LD | BPF_W | BPF_ABS, 0, 0, off);
	if (mask != UINT32_MAX)
		emit(g, BPF_ALU | BPF_AND | BPF_K, 0, 0, mask);
}

static void ret(struct gen *g, struct action a)
{
	emit(g, BPF_RET | BPF_K, 0, 0, action_ret(a));
}

/* value >= k (or > k, for `op` BPF_JGT), 64 bits in two words. */
static void gen_order(struct gen *g, const struct cond *c, uint16_t op,
		      uint64_t k, place yes, place no)
{
	if (c->at.hi != ARG_NO_WORD) {
		const place tie = place_new(g);

		load(g, c->at.hi, (uint32_t)(c->mask >> 32));
		jump_if(g, BPF_JGT, (uint32_t)(k >> 32), yes);
		jump(g, BPF_JEQ, (uint32_t)(k >> 32), tie, no);
		here(g, tie);
	}
	load(g, c->at.lo, (uint32_t)c->mask);
	jump(g, op, (uint32_t)k, yes, no);
}

static void gen_in(struct gen *g, const struct cond *c, place yes, place no)
{
	for (uint32_t i = 0; i < c->n; i++) {
		const place next = place_new(g), above = place_new(g);

		gen_order(g, c, BPF_JGE, c->set[i].lo, above, next);
		here(g, above);
		gen_order(g, c, BPF_JGT, c->set[i].hi, next, yes);
		here(g, next);
	}
	go(g, no);
}

static void gen_cond(struct gen *g, const struct cond *c, place yes, place no)
{
	switch (c->kind) {
	case COND_TRUE:
		go(g, yes);
		return;
	case COND_NOT:
		gen_cond(g, c->of[0], no, yes);
		return;
	case COND_AND:
	case COND_OR:
		for (uint32_t i = 0; i < c->n; i++) {
			const place next = place_new(g);

			if (c->kind == COND_AND)
				gen_cond(g, c->of[i], next, no);
			else
				gen_cond(g, c->of[i], yes, next);
			here(g, next);
		}
		go(g, c->kind == COND_AND ? yes : no);
		return;
	case COND_IN:
		gen_in(g, c, yes, no);
		return;
	}
	BUG("cond kind %d", c->kind);
}

static void gen_set(struct gen *g, const struct ruleset *set,
		    struct action fallback)
{
	for (uint32_t i = 0; i < set->nrules; i++) {
		const place yes = place_new(g), no = place_new(g);

		gen_cond(g, set->rules[i].cond, yes, no);
		here(g, yes);
		ret(g, set->rules[i].action);
		here(g, no);
	}
	ret(g, fallback);
}

/* Decided by the number alone: a set that is one rule without condition. */
static bool is_plain(const struct ruleset *set)
{
	return set->nrules == 1 && cond_is_true(set->rules[0].cond);
}

static struct action plain_action(const struct abi_policy *p, uint32_t nr)
{
	const struct ruleset *set = abi_policy_set(p, nr);

	return set && is_plain(set) ? set->rules[0].action : p->fallback;
}

/* Runs of known numbers with one action. */
static void gen_known(struct gen *g, const struct abi_policy *p)
{
	const size_t n = syscall_count(p->abi);

	for (size_t i = 0; i < n; i++) {
		const uint32_t from = syscall_at(p->abi, i)->nr;
		const struct action action = plain_action(p, from);
		uint32_t to = from;

		while (i + 1 < n && syscall_at(p->abi, i + 1)->nr == to + 1 &&
		       action_same(plain_action(p, to + 1), action)) {
			i++;
			to++;
		}
		emit(g, BPF_JMP | BPF_JGE | BPF_K, 0, 2, from);
		emit(g, BPF_JMP | BPF_JGT | BPF_K, 1, 0, to);
		ret(g, action);
	}
}

static void gen_abi(struct gen *g, const struct abi_policy *p)
{
	load(g, DATA_NR, UINT32_MAX);
	for (uint32_t i = 0; i < p->nsets; i++) {
		const place yes = place_new(g), next = place_new(g);

		if (is_plain(&p->sets[i]))
			continue;
		jump(g, BPF_JEQ, p->sets[i].nr, yes, next);
		here(g, yes);
		gen_set(g, &p->sets[i], p->fallback);
		here(g, next);
	}
	gen_known(g, p);
	ret(g, p->unknown);
}

static void gen_x86(struct gen *g, const struct policy *p)
{
	const struct abi_policy *native = policy_abi(p, ABI_X86_64);
	const struct abi_policy *x32 = policy_abi(p, ABI_X32);
	const place is_native = place_new(g), is_x32 = place_new(g);

	load(g, DATA_NR, UINT32_MAX);
	/* Unknown to whoever is listed. */
	jump_if(g, BPF_JEQ, UINT32_MAX,
		native || !x32 ? is_native : is_x32);
	jump(g, BPF_JSET, X32_BIT, is_x32, is_native);
	here(g, is_x32);
	if (x32)
		gen_abi(g, x32);
	else
		ret(g, p->foreign);
	here(g, is_native);
	if (native)
		gen_abi(g, native);
	else
		ret(g, p->foreign);
}

static void gen_policy(struct gen *g, const struct policy *p)
{
	bool x86_done = false;

	for (uint32_t i = 0; i < p->nabis; i++) {
		const struct abi *abi = p->abis[i].abi;
		const bool x86 = abi->id == ABI_X86_64 || abi->id == ABI_X32;
		const place yes = place_new(g), next = place_new(g);

		if (x86 && x86_done)
			continue;
		load(g, DATA_ARCH, UINT32_MAX);
		jump(g, BPF_JEQ, abi->audit_arch, yes, next);
		here(g, yes);
		if (x86)
			gen_x86(g, p);
		else
			gen_abi(g, &p->abis[i]);
		x86_done |= x86;
		here(g, next);
	}
	ret(g, p->foreign);
}

struct bpf_prog *naive_compile(const struct policy *p)
{
	struct gen g = { 0 };

	g.prog = bpf_prog_new(p->nabis && p->abis[0].abi->big_endian);
	g.places = calloc(PLACES_MAX, sizeof(*g.places));
	if (!g.places)
		oom();
	gen_policy(&g, p);
	for (size_t i = 0; i < g.prog->len; i++) {
		struct sock_filter *insn = &g.prog->insns[i];

		if (insn->code == (BPF_JMP | BPF_JA))
			insn->k = g.places[insn->k] - (uint32_t)i - 1;
	}
	free(g.places);
	if (g.prog->len <= BPF_INSNS_MAX)
		return g.prog;
	bpf_prog_free(g.prog);
	return NULL;
}
