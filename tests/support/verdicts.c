/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/verdicts.h"

#include <stdlib.h>

#include "base/bug.h"
#include "base/json.h"
#include "compiler/validate.h"
#include "compiler/vm.h"
#include "tests/support/entropy.h"

/* Past the last number of every table; arm has a block of its own. */
enum { NR_END = 1024, ARM_PRIVATE = 0xf0000, ARM_PRIVATE_END = 0xf0010 };

static void add_value(uint64_t **list, size_t *n, uint64_t v)
{
	*list = realloc(*list, (*n + 3) * sizeof(**list));
	if (!*list)
		oom();
	(*list)[(*n)++] = v;
	(*list)[(*n)++] = v - 1;
	(*list)[(*n)++] = v + 1;
}

uint64_t *profile_values(const struct json *profile, size_t *n)
{
	const struct json *rules = json_get(profile, "syscalls");
	uint64_t *list = NULL;

	*n = 0;
	/* Sub-calls of socketcall and ipc. */
	for (uint64_t v = 1; v <= 24; v++)
		add_value(&list, n, v);
	add_value(&list, n, UINT64_MAX);
	add_value(&list, n, UINT32_MAX);
	for (uint32_t r = 0; rules && r < rules->n; r++) {
		const struct json *args = json_get(&rules->items[r], "args");

		for (uint32_t i = 0; args && i < args->n; i++) {
			const struct json *v = json_get(&args->items[i],
							"value");
			const struct json *w = json_get(&args->items[i],
							"valueTwo");

			if (v)
				add_value(&list, n,
					  strtoull(v->text, NULL, 10));
			if (w)
				add_value(&list, n,
					  strtoull(w->text, NULL, 10));
		}
	}
	return list;
}

/* The bits of register reg that the handler uses. */
static uint64_t used_bits(const struct abi *abi, uint32_t nr, unsigned reg)
{
	const struct syscall_desc *call = syscall_by_nr(abi, nr);
	uint64_t bits = abi->word_bits == 32 || abi->id == ABI_X32
				? UINT32_MAX
				: UINT64_MAX;

	for (unsigned i = 0; call && i < call->nargs; i++)
		if (syscall_args(call)[i].reg == reg &&
		    syscall_args(call)[i].reg_hi == ARG_NO_REG)
			bits &= sig_arg_mask(&syscall_args(call)[i]);
	return bits;
}

static struct action answer(const struct bpf_prog *p, const struct call *call)
{
	return action_from_ret(vm_run(p, call, NULL).ret);
}

static void ask(const struct bpf_prog *ours, const struct bpf_prog *theirs,
		const struct call *call, struct verdicts *v)
{
	struct action a = answer(ours, call), b = answer(theirs, call);

	v->calls++;
	if (action_same(a, b))
		return;
	if (!v->different++) {
		v->witness = *call;
		v->ours = a;
		v->theirs = b;
	}
}

struct session {
	const struct abi *abi;
	const struct abi_policy *policy;
	const struct bpf_prog *ours;
	struct bpf_prog theirs;
	const uint64_t *values;
	size_t nvalues;
	unsigned samples;
	struct entropy entropy;
	struct verdicts *v;
};

static void compare_number(struct session *s, uint32_t nr)
{
	const struct ruleset *set = abi_policy_set(s->policy, nr);
	unsigned samples = set && !cond_is_true(set->rules[0].cond)
				   ? s->samples
				   : 2;
	struct call call = { .arch = s->abi->audit_arch, .nr = nr };

	for (unsigned i = 0; i < samples; i++) {
		for (unsigned reg = 0; reg < ARGS_MAX; reg++) {
			uint32_t at = entropy_below(&s->entropy,
						    (uint32_t)s->nvalues + 1);
			uint64_t value = at < s->nvalues
						 ? s->values[at]
						 : entropy_word(&s->entropy);

			call.args[reg] = value & used_bits(s->abi, nr, reg);
		}
		ask(s->ours, &s->theirs, &call, s->v);
	}
}

static void compare_range(struct session *s, uint32_t from, uint32_t to)
{
	for (uint32_t nr = from; nr < to; nr++) {
		if (!scmp_knows(s->abi, nr))
			continue;
		if (syscall_by_nr(s->abi, nr))
			compare_number(s, nr);
		else
			s->v->unknown++;
	}
}

/*
 * libseccomp 2.5 repeats a RET where a jump would be too far, and swaps
 * its bytes twice when the target's order is not this machine's.  Such a
 * value is no return value that it would write.
 */
static void mend_returns(struct bpf_prog *p)
{
	for (size_t i = 0; i < p->len; i++) {
		struct sock_filter *insn = &p->insns[i];

		if (insn->code == (BPF_RET | BPF_K) &&
		    action_ret(action_from_ret(insn->k)) != insn->k)
			insn->k = __builtin_bswap32(insn->k);
	}
}

void verdicts_compare(const struct abi *abi, const struct policy *policy,
		      const struct bpf_prog *ours,
		      const struct scmp_filter *theirs,
		      const uint64_t *values, size_t nvalues,
		      unsigned samples, struct verdicts *v)
{
	struct session s = {
		.abi = abi,
		.policy = policy_abi(policy, abi->id),
		.ours = ours,
		.theirs = { .big_endian = abi->big_endian },
		.values = values,
		.nvalues = nvalues,
		.samples = samples,
		.entropy = { .seed = 1 },
		.v = v,
	};
	struct validate_error error;

	s.theirs.insns = scmp_filter_program(theirs, &s.theirs.len);
	if (!s.theirs.insns || !bpf_validate(&s.theirs, &error))
		BUG("libseccomp's program is not valid");
	if (abi->big_endian != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__))
		mend_returns(&s.theirs);
	compare_range(&s, abi->nr_bit, abi->nr_bit + NR_END);
	compare_range(&s, ARM_PRIVATE, ARM_PRIVATE_END);
	free(s.theirs.insns);
}
