/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/policies.h"

#include <stdlib.h>
#include <string.h>

#include "abi/syscalls.h"
#include "base/bug.h"

enum { INTERVALS_MAX = 4, PARTS_MAX = 3 };

static const enum abi_id machines[] = { ABI_X86_64, ABI_AARCH64, ABI_S390X,
					ABI_RISCV64, ABI_PPC64LE };

struct policy_shape policy_shape_random(struct entropy *e)
{
	return (struct policy_shape){
		.machine = machines[entropy_below(e, ARRAY_LEN(machines))],
		.sets_max = 1 + entropy_below(e, 12),
		.rules_max = 1 + entropy_below(e, 5),
		.depth_max = entropy_below(e, 4),
	};
}

static struct action random_action(struct entropy *e)
{
	static const struct action common[] = {
		{ACT_ALLOW,	     0     },
		 { ACT_ERRNO,	      1	},
		{ ACT_KILL_PROCESS, 0     },
		 { ACT_ALLOW,	      0	},
		{ ACT_ERRNO,	     38	},
		 { ACT_ERRNO,	      0	},
		{ ACT_ERRNO,	     4095  },
		 { ACT_KILL_THREAD,  0     },
		{ ACT_TRAP,	    0     },
		 { ACT_NOTIFY,       0	 },
		{ ACT_TRACE,	     7     },
		 { ACT_TRACE,	      0xffff},
		{ ACT_LOG,	   0     },
	};

	return common[entropy_below(e, ARRAY_LEN(common))];
}

/* Values where compilers go wrong: near powers of two, few bits set. */
static uint64_t random_value(struct entropy *e, uint64_t mask)
{
	const unsigned shift = entropy_below(e, 64);
	uint64_t v = UINT64_C(1) << shift;

	switch (entropy_below(e, 6)) {
	case 0:
		v = entropy_below(e, 8);
		break;
	case 1:
		v += entropy_below(e, 3) - UINT64_C(1);
		break;
	case 2:
		v = 0 - (uint64_t)entropy_below(e, 4);
		break;
	case 3:
		v = UINT32_MAX - 1 + (uint64_t)entropy_below(e, 4);
		break;
	case 4:
		v = entropy_word(e);
		break;
	default:
		v |= UINT64_C(1) << entropy_below(e, 64);
	}
	return v & mask;
}

static uint64_t random_mask(struct entropy *e)
{
	static const uint64_t masks[] = {
		UINT32_MAX,
		UINT64_MAX,
		0xffff,
		0xff,
		0xf0,
		0x1,
		0xffffffff00000000,
		0x80000000,
		0xc0ffee,
		0xff00ff00ff00ff00,
	};
	const uint64_t v = masks[entropy_below(e, ARRAY_LEN(masks))];
	const uint64_t random = entropy_word(e) & entropy_word(e);

	if (!entropy_one_in(e, 5))
		return v;
	return random ? random : 1;
}

/* A register, or a value split over two as 32-bit ABIs have them. */
static struct arg_words random_words(struct entropy *e, const struct abi *abi,
				     uint64_t *mask)
{
	const unsigned reg = entropy_below(e, ARGS_MAX);
	struct arg_words at = abi_reg_words(abi, reg);

	if (abi->word_bits == 64)
		return at;
	if (reg + 1 < ARGS_MAX && entropy_one_in(e, 3)) {
		at.hi = abi_reg_words(abi, reg + 1).lo;
		return at;
	}
	*mask = (uint32_t)*mask ? (uint32_t)*mask : 1;
	at.hi = ARG_NO_WORD;
	return at;
}

/* x < c for signed x: two intervals, as the reader's rewriting has it. */
static uint32_t signed_below(uint64_t mask, uint64_t c, struct interval *set)
{
	const uint64_t sign = (mask >> 1) + 1;

	if (c & sign) {
		set[0] = (struct interval){ sign, c };
		return 1;
	}
	set[0] = (struct interval){ 0, c };
	set[1] = (struct interval){ sign, mask };
	return 2;
}

static const struct cond *random_test(struct arena *a, struct entropy *e,
				      const struct abi *abi)
{
	uint64_t mask = random_mask(e);
	const struct arg_words at = random_words(e, abi, &mask);
	struct interval set[INTERVALS_MAX];
	uint32_t n = 1 + entropy_below(e, INTERVALS_MAX);

	if ((mask & (mask + 1)) == 0 && mask > 1 && entropy_one_in(e, 4)) {
		n = signed_below(mask, random_value(e, mask), set);
		return cond_in(a, span_none, at, mask, n, set);
	}
	for (uint32_t i = 0; i < n; i++) {
		const uint64_t v = random_value(e, mask);
		const uint64_t w =
			entropy_one_in(e, 2) ? random_value(e, mask) : v;

		set[i].lo = v < w ? v : w;
		set[i].hi = v < w ? w : v;
	}
	return cond_in(a, span_none, at, mask, n, set);
}

static const struct cond *random_cond(struct arena *a, struct entropy *e,
				      const struct abi *abi, uint32_t depth)
{
	const struct cond *of[PARTS_MAX];
	const uint32_t n = 1 + entropy_below(e, PARTS_MAX);
	const uint32_t kind = entropy_below(e, 5);

	if (!depth || kind < 2)
		return random_test(a, e, abi);
	if (kind == 2)
		return cond_not(a, span_none,
				random_cond(a, e, abi, depth - 1));
	for (uint32_t i = 0; i < n; i++)
		of[i] = random_cond(a, e, abi, depth - 1);
	return kind == 3 ? cond_and(a, span_none, n, of)
			 : cond_or(a, span_none, n, of);
}

static void fill_set(struct arena *a, struct entropy *e, const struct abi *abi,
		     const struct policy_shape *shape, struct ruleset *set)
{
	struct rule *rules;

	set->nrules = 1 + entropy_below(e, shape->rules_max);
	rules = arena_array(a, set->nrules, sizeof(*rules));
	for (uint32_t i = 0; i < set->nrules; i++) {
		rules[i].action = random_action(e);
		if (entropy_one_in(e, 3))
			rules[i].cond = cond_true(a, span_none);
		else
			rules[i].cond =
				random_cond(a, e, abi, shape->depth_max);
	}
	set->rules = rules;
}

static void fill_abi(struct arena *a, struct entropy *e,
		     const struct policy_shape *shape, struct abi_policy *p)
{
	const size_t nknown = syscall_count(p->abi);
	struct ruleset *sets;
	size_t at = 0;

	p->fallback = random_action(e);
	p->unknown = random_action(e);
	sets = arena_array(a, shape->sets_max, sizeof(*sets));
	while (p->nsets < shape->sets_max) {
		struct ruleset *set = &sets[p->nsets];

		at += entropy_below(e, entropy_one_in(e, 3) ? 150 : 3);
		if (at >= nknown)
			break;
		set->call = syscall_at(p->abi, at++);
		set->nr = set->call->nr;
		fill_set(a, e, p->abi, shape, set);
		p->nsets++;
	}
	p->sets = sets;
}

/* Mostly the machine's own ABI, now and then only compat ones. */
static abi_set random_abis(struct entropy *e, enum abi_id machine)
{
	const abi_set all = abi_set_of_machine(machine);
	abi_set set = all & (abi_set)entropy_word(e);

	if (!entropy_one_in(e, 8) || !set)
		set |= ABI_BIT(machine);
	return set;
}

const struct policy *policy_random(struct arena *a, struct entropy *e,
				   const struct policy_shape *shape)
{
	const abi_set set = random_abis(e, shape->machine);
	struct policy *p = arena_new_of(a, struct policy);
	struct abi_policy *abis = arena_array(a, ABI_COUNT, sizeof(*abis));

	for (unsigned i = 0; i < ABI_COUNT; i++) {
		if (!(set & ABI_BIT(i)))
			continue;
		abis[p->nabis].abi = abi_get((enum abi_id)i);
		fill_abi(a, e, shape, &abis[p->nabis++]);
	}
	p->abis = abis;
	p->foreign = random_action(e);
	p->name = "random";
	policy_verify(p);
	return p;
}

/* ---- hand-made ones ---- */

static const struct cond *word_in(struct arena *a, const struct abi *abi,
				  unsigned reg, uint32_t mask, uint32_t lo,
				  uint32_t hi)
{
	const struct interval set = { lo, hi };

	return cond_in(a, span_none, abi_reg_words(abi, reg), mask, 1, &set);
}

static void add_rules(struct ruleset *set, uint32_t n, const struct rule *rules)
{
	set->nrules = n;
	set->rules = rules;
}

static struct rule *allow_if(struct arena *a, uint32_t n,
			     const struct cond *const *conds)
{
	struct rule *rules = arena_array(a, n, sizeof(*rules));

	for (uint32_t i = 0; i < n; i++)
		rules[i] = (struct rule){
			.action = {ACT_ALLOW, 0},
			    .cond = conds[i]
		};
	return rules;
}

/* What follows a call's place decides its rules: most are plain. */
static void docker_set(struct arena *a, const struct abi *abi, size_t i,
		       struct ruleset *set)
{
	const struct cond *conds[5] = { cond_true(a, span_none) };

	set->call = syscall_at(abi, i);
	set->nr = set->call->nr;
	switch (i) {
	case 41:
		conds[0] = word_in(a, abi, 0, UINT32_MAX, 0, 15);
		conds[1] = word_in(a, abi, 0, UINT32_MAX, 17, UINT32_MAX);
		break;
	case 56:
		conds[0] = word_in(a, abi, 0, 0x7e020000, 0, 0);
		break;
	case 135:
		conds[0] = word_in(a, abi, 0, UINT32_MAX, 0, 0);
		conds[1] = word_in(a, abi, 0, UINT32_MAX, 8, 8);
		conds[2] = word_in(a, abi, 0, UINT32_MAX, 0x20000, 0x20000);
		conds[3] = word_in(a, abi, 0, UINT32_MAX, 0x20008, 0x20008);
		conds[4] =
			word_in(a, abi, 0, UINT32_MAX, UINT32_MAX, UINT32_MAX);
		add_rules(set, 5, allow_if(a, 5, conds));
		return;
	default:
		add_rules(set, 1, allow_if(a, 1, conds));
		return;
	}
	add_rules(set, conds[1] ? 2 : 1, allow_if(a, conds[1] ? 2 : 1, conds));
}

static void docker_abi(struct arena *a, struct abi_policy *p)
{
	const size_t nknown = syscall_count(p->abi);
	struct ruleset *sets = arena_array(a, nknown, sizeof(*sets));

	p->fallback = (struct action){ ACT_ERRNO, 1 };
	p->unknown = (struct action){ ACT_ERRNO, 38 };
	for (size_t i = 0; i < nknown; i++)
		if (i % 23 != 5 && i % 31 != 7)
			docker_set(a, p->abi, i, &sets[p->nsets++]);
	p->sets = sets;
}

static struct policy *policy_of(struct arena *a, uint32_t nabis,
				const enum abi_id *ids)
{
	struct abi_policy *abis = arena_array(a, nabis, sizeof(*abis));
	struct policy *p = arena_new_of(a, struct policy);

	for (uint32_t i = 0; i < nabis; i++)
		abis[i].abi = abi_get(ids[i]);
	p->abis = abis;
	p->nabis = nabis;
	p->foreign = (struct action){ ACT_KILL_PROCESS, 0 };
	p->name = "made";
	return p;
}

const struct policy *policy_like_docker(struct arena *a)
{
	static const enum abi_id ids[] = { ABI_X86_64, ABI_I386, ABI_X32 };
	struct policy *p = policy_of(a, ARRAY_LEN(ids), ids);

	for (uint32_t i = 0; i < p->nabis; i++)
		docker_abi(a, (struct abi_policy *)&p->abis[i]);
	policy_verify(p);
	return p;
}

static const struct policy *one_call(struct arena *a, uint32_t nrules,
				     const struct rule *rules)
{
	static const enum abi_id id = ABI_X86_64;
	struct policy *p = policy_of(a, 1, &id);
	struct abi_policy *abi = (struct abi_policy *)p->abis;
	struct ruleset *set = arena_new_of(a, struct ruleset);

	set->call = syscall_at(abi->abi, 16);
	set->nr = set->call->nr;
	add_rules(set, nrules, rules);
	abi->fallback = (struct action){ ACT_ERRNO, 1 };
	abi->unknown = (struct action){ ACT_ERRNO, 38 };
	abi->sets = set;
	abi->nsets = 1;
	policy_verify(p);
	return p;
}

const struct policy *policy_one_set(struct arena *a, uint32_t n)
{
	struct interval *set = arena_array(a, n, sizeof(*set));
	const struct cond *cond;
	uint32_t value = 12345;

	for (uint32_t i = 0; i < n; i++) {
		value += 2 + value % 700001;
		set[i].lo = set[i].hi = value;
	}
	cond = cond_in(a, span_none, abi_reg_words(abi_get(ABI_X86_64), 1),
		       UINT32_MAX, n, set);
	return one_call(a, 1, allow_if(a, 1, &cond));
}

const struct policy *policy_many_rules(struct arena *a, uint32_t nrules)
{
	const struct abi *abi = abi_get(ABI_X86_64);
	const struct cond **conds = arena_array(a, nrules, sizeof(*conds));

	for (uint32_t i = 0; i < nrules; i++) {
		const struct cond *of[] = {
			word_in(a, abi, 0, UINT32_MAX, i * 3, i * 3 + i % 4),
			word_in(a, abi, 1, UINT32_C(3) << i % 13,
				UINT32_C(1) << i % 13, UINT32_C(1) << i % 13),
			word_in(a, abi, 2, UINT32_MAX, i * i, i * i + 90),
		};

		conds[i] = cond_and(a, span_none, ARRAY_LEN(of), of);
	}
	return one_call(a, nrules, allow_if(a, nrules, conds));
}
