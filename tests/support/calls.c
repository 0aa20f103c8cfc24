/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/calls.h"

#include <stdlib.h>

#include "abi/syscalls.h"
#include "base/arena.h"
#include "base/bug.h"
#include "base/vec.h"

/* A value to put at a place, in the bits of mask. */
struct hint {
	struct arg_words at;
	uint64_t mask, value;
};

typedef VEC(struct hint) hint_list;

/* One call and what its rules ask. */
struct spot {
	const struct abi *abi;
	uint32_t nr;
	hint_list hints;
};

struct call_pool {
	struct arena *arena;
	const struct policy *policy;
	bool big_endian;
	VEC(struct spot) spots;
	VEC(uint32_t) numbers;
	hint_list program;
};

static void hint_around(struct call_pool *pool, hint_list *list,
			struct arg_words at, uint64_t mask, uint64_t value)
{
	for (uint64_t d = 0; d < 3; d++)
		vec_push(pool->arena, list,
			 (struct hint){ at, mask, (value + d - 1) & mask });
}

static void hints_of_cond(struct call_pool *pool, hint_list *list,
			  const struct cond *c)
{
	if (c->kind == COND_IN) {
		for (uint32_t i = 0; i < c->n; i++) {
			hint_around(pool, list, c->at, c->mask, c->set[i].lo);
			hint_around(pool, list, c->at, c->mask, c->set[i].hi);
		}
		return;
	}
	for (uint32_t i = 0; i < c->n; i++)
		hints_of_cond(pool, list, c->of[i]);
}

static void add_policy(struct call_pool *pool, const struct policy *p)
{
	for (uint32_t i = 0; i < p->nabis; i++) {
		const struct abi_policy *abi = &p->abis[i];

		for (uint32_t s = 0; s < abi->nsets; s++) {
			const struct ruleset *set = &abi->sets[s];
			struct spot spot = { abi->abi, set->nr, { 0 } };

			for (uint32_t r = 0; r < set->nrules; r++)
				hints_of_cond(pool, &spot.hints,
					      set->rules[r].cond);
			vec_push(pool->arena, &pool->spots, spot);
		}
	}
}

/* A jump's constant goes with the load before it in the listing. */
static void add_program(struct call_pool *pool, const struct bpf_prog *prog)
{
	struct arg_words at = { DATA_NR, ARG_NO_WORD };

	for (size_t i = 0; i < prog->len; i++) {
		const struct sock_filter *insn = &prog->insns[i];

		if (insn->code == (BPF_LD | BPF_W | BPF_ABS))
			at.lo = (uint8_t)insn->k;
		if (BPF_CLASS(insn->code) != BPF_JMP ||
		    BPF_OP(insn->code) == BPF_JA)
			continue;
		if (at.lo == DATA_NR)
			vec_push(pool->arena, &pool->numbers, insn->k);
		else if (at.lo != DATA_ARCH)
			hint_around(pool, &pool->program, at, UINT32_MAX,
				    insn->k);
	}
}

struct call_pool *call_pool_new(const struct policy *p,
				const struct bpf_prog *prog)
{
	struct call_pool *pool = calloc(1, sizeof(*pool));

	if (!pool)
		oom();
	pool->arena = arena_new();
	pool->policy = p;
	if (p && p->nabis)
		pool->big_endian = p->abis[0].abi->big_endian;
	if (p)
		add_policy(pool, p);
	if (prog)
		add_program(pool, prog);
	return pool;
}

void call_pool_free(struct call_pool *pool)
{
	if (!pool)
		return;
	arena_free(pool->arena);
	free(pool);
}

static uint64_t any_value(struct entropy *e)
{
	switch (entropy_below(e, 5)) {
	case 0:
		return 0;
	case 1:
		return UINT64_MAX;
	case 2:
		return entropy_below(e, 64);
	case 3:
		return UINT64_C(1) << entropy_below(e, 64);
	}
	return entropy_word(e);
}

static void apply(const struct call_pool *pool, struct call *call,
		  const struct hint *h)
{
	const struct arg_words at = h->at;
	uint32_t word = call_word(call, at.lo, pool->big_endian);

	word = (word & ~(uint32_t)h->mask) | (uint32_t)h->value;
	call_set_word(call, at.lo, pool->big_endian, word);
	if (at.hi == ARG_NO_WORD)
		return;
	word = call_word(call, at.hi, pool->big_endian);
	word &= ~(uint32_t)(h->mask >> 32);
	word |= (uint32_t)(h->value >> 32);
	call_set_word(call, at.hi, pool->big_endian, word);
}

static uint32_t any_number(const struct call_pool *pool, struct entropy *e,
			   const struct abi *abi)
{
	const size_t nknown = syscall_count(abi);
	const uint32_t step = entropy_below(e, 3) - 1;

	switch (entropy_below(e, 6)) {
	case 0:
		return UINT32_MAX - entropy_below(e, 2);
	case 1:
		return (uint32_t)any_value(e);
	case 2:
		if (pool->numbers.len)
			return pool->numbers.data[entropy_below(
				       e, (uint32_t)pool->numbers.len)] +
			       step;
		break;
	case 3:
		return entropy_below(e, 600) ^
		       UINT32_C(1) << (entropy_below(e, 2) ? 30 : 31);
	}
	return syscall_at(abi, entropy_below(e, (uint32_t)nknown))->nr + step;
}

static const struct abi *any_abi(const struct call_pool *pool,
				 struct entropy *e)
{
	const struct policy *p = pool->policy;

	if (p && p->nabis && !entropy_one_in(e, 6))
		return p->abis[entropy_below(e, p->nabis)].abi;
	return abi_get((enum abi_id)entropy_below(e, ABI_COUNT));
}

static void draw_values(const struct call_pool *pool, struct entropy *e,
			const struct spot *spot, struct call *call)
{
	call->ip = any_value(e);
	for (unsigned i = 0; i < ARGS_MAX; i++)
		call->args[i] = any_value(e);
	for (unsigned n = entropy_below(e, 8); n-- > 0;) {
		const hint_list *list = spot && !entropy_one_in(e, 4)
						? &spot->hints
						: &pool->program;

		if (list->len)
			apply(pool, call,
			      &list->data[entropy_below(e,
							(uint32_t)list->len)]);
	}
}

struct call call_pool_draw(const struct call_pool *pool, struct entropy *e)
{
	const struct abi *abi = any_abi(pool, e);
	const struct spot *spot = NULL;
	struct call call = { .arch = abi->audit_arch };

	if (pool->spots.len && !entropy_one_in(e, 4))
		spot = &pool->spots.data[entropy_below(
			e, (uint32_t)pool->spots.len)];
	call.nr = spot ? spot->nr : any_number(pool, e, abi);
	if (spot)
		call.arch = spot->abi->audit_arch;
	if (entropy_one_in(e, 40))
		call.arch ^= UINT32_C(1) << entropy_below(e, 32);
	draw_values(pool, e, spot, &call);
	return call;
}

struct call call_pool_draw_of(const struct call_pool *pool, struct entropy *e,
			      uint32_t arch, uint32_t nr)
{
	const struct spot *spot = NULL;
	struct call call = { .arch = arch, .nr = nr };

	for (size_t i = 0; i < pool->spots.len; i++)
		if (pool->spots.data[i].nr == nr &&
		    pool->spots.data[i].abi->audit_arch == arch)
			spot = &pool->spots.data[i];
	draw_values(pool, e, spot, &call);
	return call;
}
