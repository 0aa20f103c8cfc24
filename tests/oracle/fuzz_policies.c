/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: compiler, proof, interpreter and direct evaluation agree on random
 * policies, and with libseccomp where it can say the same.
 * Method: each round makes a random policy, compiles it with and without
 * simplification, proves both programs and runs them on calls drawn from
 * the bounds of policy and program.  Rounds for libseccomp use what it can
 * say: for one call either one rule with at most one test of an argument,
 * or several of one action with one equality each (of others its tree
 * forgets some once a high half ties).  x32 is left out: there it compares
 * 32 bits.  Its program is proved equal to the policy, and run too.
 *
 * usage: fuzz_policies [ROUNDS [SEED]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/scmp.h"
#include "base/bug.h"
#include "compiler/compile.h"
#include "compiler/equiv.h"
#include "compiler/validate.h"
#include "compiler/vm.h"
#include "tests/support/calls.h"
#include "tests/support/policies.h"

enum { ROUNDS = 1500, CALLS = 120, SETS_MAX = 8, RULES_MAX = 4 };

struct bench {
	struct entropy e;
	uint64_t round_seed;
	unsigned rounds, scmp_rounds, scmp_refused, too_long, failed;
};

static struct action says(const struct bpf_prog *p, const struct call *call)
{
	return action_from_ret(vm_run(p, call, NULL).ret);
}

static void complain(struct bench *b, const char *who, const char *what,
		     const struct call *call)
{
	b->failed++;
	printf("seed %llu: %s: %s: arch %#x nr %#x ip %#llx",
	       (unsigned long long)b->round_seed, who, what, call->arch,
	       call->nr, (unsigned long long)call->ip);
	for (unsigned i = 0; i < ARGS_MAX; i++)
		printf(" %#llx", (unsigned long long)call->args[i]);
	putchar('\n');
}

/* Proved, and the same on drawn calls. */
static void judge(struct bench *b, const char *who, const struct policy *p,
		  const struct bpf_prog *prog)
{
	const struct equiv_result r = equiv_check(p, prog, EQUIV_STEPS_MAX);
	struct call_pool *pool;

	if (r.verdict != EQUIV_SAME) {
		complain(b, who, r.why ? r.why : "the proof says DIFFERENT",
			 &r.witness);
		return;
	}
	pool = call_pool_new(p, prog);
	for (unsigned i = 0; i < CALLS; i++) {
		const struct call call = call_pool_draw(pool, &b->e);

		if (action_same(policy_eval(p, &call).action,
				says(prog, &call)))
			continue;
		complain(b, who, "a call differs", &call);
		break;
	}
	call_pool_free(pool);
}

static void compile_and_judge(struct bench *b, struct unit *u,
			      const struct policy *p, bool no_simplify)
{
	const struct compile_options options = { .no_simplify = no_simplify };
	struct bpf_prog *prog = compile_generate(u, p, &options, NULL);

	if (!prog) {
		b->too_long++;
		return;
	}
	judge(b, no_simplify ? "not simplified" : "simplified", p, prog);
	bpf_prog_free(prog);
}

static void judge_random(struct bench *b)
{
	const struct policy_shape shape = policy_shape_random(&b->e);
	struct unit *u = unit_new();
	const struct policy *p = policy_random(u->arena, &b->e, &shape);

	compile_and_judge(b, u, p, false);
	compile_and_judge(b, u, p, true);
	unit_free(u);
}

/* ---- libseccomp ---- */

/*
 * The library maps these to socketcall and ipc on some ABIs as well; the
 * last one it accepts for ppc64le and then leaves out.
 */
static bool is_translated(const char *name)
{
	static const char *const prefixes[] = {
		"sock", "bind", "connect", "listen", "accept",
		"get",	"send", "recv",	   "shut",   "set",
		"sem",	"msg",	"shm",	   "ipc",    "sys_debug_"
	};

	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
		if (!strncmp(name, prefixes[i], strlen(prefixes[i])))
			return true;
	return false;
}

/* The set of values for which the test holds. */
static uint32_t intervals_of(const struct scmp_arg *arg, uint64_t max,
			     struct interval *set)
{
	const uint64_t v = arg->value;
	uint32_t n = 0;

	if ((arg->test == SCMP_TEST_NE || arg->test == SCMP_TEST_LT) && v)
		set[n++] = (struct interval){ 0, v - 1 };
	if ((arg->test == SCMP_TEST_NE || arg->test == SCMP_TEST_GT) && v < max)
		set[n++] = (struct interval){ v + 1, max };
	if (arg->test == SCMP_TEST_LE)
		set[n++] = (struct interval){ 0, v };
	if (arg->test == SCMP_TEST_GE)
		set[n++] = (struct interval){ v, max };
	if (arg->test == SCMP_TEST_EQ)
		set[n++] = (struct interval){ v, v };
	if (arg->test == SCMP_TEST_MASKED_EQ)
		set[n++] = (struct interval){ arg->masked, arg->masked };
	return n;
}

static const struct cond *cond_of(struct arena *a, const struct abi *abi,
				  unsigned n, const struct scmp_arg *args)
{
	const struct cond *of[ARGS_MAX];
	const uint64_t all = abi->word_bits == 64 ? UINT64_MAX : UINT32_MAX;

	for (unsigned i = 0; i < n; i++) {
		struct interval set[2];
		const uint32_t nset = intervals_of(&args[i], all, set);
		const uint64_t mask = args[i].test == SCMP_TEST_MASKED_EQ
					      ? args[i].value
					      : all;

		of[i] = cond_in(a, span_none, abi_reg_words(abi, args[i].reg),
				mask, nset, set);
	}
	return n ? cond_and(a, span_none, n, of) : cond_true(a, span_none);
}

static uint64_t any_value(struct entropy *e, const struct abi *abi)
{
	const uint64_t v = entropy_word(e) >> entropy_below(e, 64);

	return abi->word_bits == 64 ? v : (uint32_t)v;
}

static unsigned random_args(struct entropy *e, const struct abi *abi,
			    bool alone, struct scmp_arg *args)
{
	const unsigned first = entropy_below(e, ARGS_MAX);
	unsigned n = 0;

	for (unsigned reg = first; reg < (alone ? ARGS_MAX : first + 1);
	     reg++) {
		struct scmp_arg *arg = &args[n];

		if (reg != first && !entropy_one_in(e, 3))
			continue;
		n++;
		arg->reg = reg;
		arg->test = alone ? (enum scmp_test)entropy_below(e, 7)
				  : SCMP_TEST_EQ;
		arg->value = any_value(e, abi);
		arg->masked = 0;
		if (arg->test != SCMP_TEST_MASKED_EQ)
			continue;
		arg->value |= 1;
		arg->masked = entropy_word(e) & arg->value;
	}
	return n;
}

/* The same rules for both; false when the library refuses one. */
static bool fill_set(struct bench *b, struct arena *a,
		     struct scmp_filter *filter, const struct abi *abi,
		     struct action action, struct ruleset *set)
{
	const char *name = sysname_text(set->call->name);
	const uint32_t nrules = 1 + entropy_below(&b->e, RULES_MAX);
	struct rule *rules = arena_array(a, nrules, sizeof(*rules));

	for (uint32_t i = 0; i < nrules; i++) {
		struct scmp_arg args[ARGS_MAX];
		const unsigned n = random_args(&b->e, abi, nrules == 1, args);

		rules[i].action = action;
		rules[i].cond = cond_of(a, abi, n, args);
		if (!scmp_filter_add(filter, action, name, n, args))
			return false;
	}
	set->nrules = nrules;
	set->rules = rules;
	return true;
}

/* NULL when the library refuses a rule. */
static const struct policy *policy_for(struct bench *b, struct arena *a,
				       struct scmp_filter *filter,
				       struct abi_policy *p)
{
	static const struct action actions[] = {
		{ACT_ALLOW,  0 },
		{ ACT_ERRNO, 13},
		{ ACT_LOG,   0 },
		{ ACT_TRACE, 3 },
	};
	struct policy *policy = arena_new_of(a, struct policy);
	struct ruleset *sets = arena_array(a, SETS_MAX, sizeof(*sets));
	size_t at = entropy_below(&b->e, 40);

	for (; at < syscall_count(p->abi) && p->nsets < SETS_MAX;
	     at += 1 + entropy_below(&b->e, 60)) {
		struct ruleset *set = &sets[p->nsets];
		uint32_t nr;

		set->call = syscall_at(p->abi, at);
		set->nr = set->call->nr;
		/* A newer call, or one whose number the library has wrong. */
		if (is_translated(sysname_text(set->call->name)) ||
		    !scmp_resolve(p->abi, sysname_text(set->call->name), &nr) ||
		    nr != set->nr)
			continue;
		if (!fill_set(b, a, filter, p->abi,
			      actions[entropy_below(&b->e, 4)], set))
			return NULL;
		p->nsets++;
	}
	p->sets = sets;
	policy->abis = p;
	policy->nabis = 1;
	policy->foreign = p->fallback;
	policy->name = "for libseccomp";
	policy_verify(policy);
	return policy;
}

static void judge_program(struct bench *b, const struct policy *policy,
			  const struct scmp_filter *filter)
{
	struct bpf_prog prog = { .big_endian =
					 policy->abis[0].abi->big_endian };
	struct validate_error why;

	prog.insns = scmp_filter_program(filter, &prog.len);
	if (!prog.insns)
		b->scmp_refused++;
	else if (prog.len <= BPF_INSNS_MAX && bpf_validate(&prog, &why))
		judge(b, "libseccomp", policy, &prog);
	free(prog.insns);
}

/*
 * The library has one answer for all that is not a known call of the ABI,
 * and tells x32 from the number's size: so unknown, foreign and default
 * are one action here.
 */
static void judge_scmp(struct bench *b)
{
	const enum abi_id id = (enum abi_id)entropy_below(&b->e, ABI_COUNT);
	const struct abi *abi = abi_get(id == ABI_X32 ? ABI_X86_64 : id);
	const struct action none = { ACT_KILL_PROCESS, 0 };
	struct unit *u = unit_new();
	struct abi_policy *p = arena_new_of(u->arena, struct abi_policy);
	struct scmp_filter *filter = scmp_filter_new(abi, none, none);
	const struct policy *policy = NULL;

	p->abi = abi;
	p->fallback = none;
	p->unknown = none;
	if (filter)
		policy = policy_for(b, u->arena, filter, p);
	if (policy) {
		b->scmp_rounds++;
		compile_and_judge(b, u, policy, false);
		judge_program(b, policy, filter);
	} else {
		b->scmp_refused++;
	}
	scmp_filter_free(filter);
	unit_free(u);
}

int main(int argc, char **argv)
{
	const unsigned rounds =
		argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : ROUNDS;
	const uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	struct bench b = { 0 };

	for (unsigned i = 0; i < rounds && b.failed < 10; i++) {
		b.round_seed = seed + i;
		b.e = (struct entropy){ .seed = b.round_seed << 20 };
		judge_random(&b);
		if (i % 3 == 0)
			judge_scmp(&b);
		b.rounds++;
	}
	printf("%u policies, %u of them for libseccomp (%u refused by it), "
	       "%u programs too long\n",
	       b.rounds + b.scmp_rounds, b.scmp_rounds, b.scmp_refused,
	       b.too_long);
	printf("%u passed, %u failed\n", b.rounds + b.scmp_rounds - !!b.failed,
	       b.failed);
	return b.failed != 0;
}
