/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: a .sim row gets the action that it names, by every judge there is.
 * Method: the policy, as a function of all calls, must give that action to
 * the whole row (exactly, no sampling).  Its programs, with and without
 * simplification, are proved equal to it and run on calls of the row with
 * arguments at and beside every bound.  libseccomp judges rows whose rules
 * it can say; with --live so does the running kernel, which executes none.
 *
 * usage: sim [--live] PROFILE ROWS
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/scmp.h"
#include "base/bug.h"
#include "base/str.h"
#include "compiler/compile.h"
#include "compiler/equiv.h"
#include "compiler/equiv_side.h"
#include "compiler/format.h"
#include "compiler/leaves.h"
#include "compiler/vm.h"
#include "runtime/probe_leaf.h"
#include "tests/support/calls.h"
#include "tests/support/rows.h"

enum { SAMPLES = 60, SCMP_RULES_MAX = 64, TIMEOUT_MS = 20000 };

/* What one kernel runs. */
struct target_judge {
	enum abi_id machine;
	const struct policy *policy;
	struct bpf_prog *progs[2]; /* simplified or not */
	struct call_pool *pool;
};

struct live_call {
	struct call call;
	const struct row *row;
};

struct sim {
	const char *file; /* of the rows */
	struct unit *unit;
	const struct policy *policy;
	struct target_judge judges[ABI_COUNT];
	size_t njudges;
	struct entropy e;
	bool live;
	VEC(struct live_call) live_calls;
	unsigned passed, failed, by_scmp;
	bool row_failed;
};

static void complain(struct sim *s, const struct row *row, const char *judge,
		     const struct call *call, struct action got)
{
	struct str want = { 0 }, has = { 0 };

	if (s->row_failed)
		return;
	s->row_failed = true;
	action_text(row->want, row->abi, &want);
	action_text(got, row->abi, &has);
	printf("%s:%u: %s says %s, the row %s: %s %#x", s->file, row->line,
	       judge, str_text(&has), str_text(&want),
	       row->abi ? row->abi->name : "arch", call->nr);
	for (unsigned i = 0; i < ARGS_MAX; i++)
		printf(" %#llx", (unsigned long long)call->args[i]);
	putchar('\n');
	str_fini(&want);
	str_fini(&has);
}

/* ---- calls of a row ---- */

static bool row_big_endian(const struct row *row)
{
	return row->abi && row->abi->big_endian;
}

static void put_value(const struct row *row, const struct row_arg *arg,
		      uint64_t value, struct call *call)
{
	const bool be = row_big_endian(row);
	uint32_t word = call_word(call, arg->at.lo, be);

	word = (word & ~(uint32_t)arg->mask) | (uint32_t)value;
	call_set_word(call, arg->at.lo, be, word);
	if (arg->at.hi == ARG_NO_WORD)
		return;
	word = call_word(call, arg->at.hi, be) & ~(uint32_t)(arg->mask >> 32);
	call_set_word(call, arg->at.hi, be, word | (uint32_t)(value >> 32));
}

/*
 * Ends, middle, and random values of a range.  A value between the bounds
 * may have bits outside the mask only if the mask has gaps, and then its
 * lower bound stands for it.
 */
static uint64_t pick(struct entropy *e, const struct row_arg *arg)
{
	const uint64_t span = arg->hi - arg->lo;
	uint64_t value = arg->lo;

	switch (entropy_below(e, 4)) {
	case 0:
		return arg->lo;
	case 1:
		return arg->hi;
	case 2:
		value += span / 2;
		break;
	default:
		value += span == UINT64_MAX ? entropy_word(e)
					    : entropy_word(e) % (span + 1);
	}
	return value & ~arg->mask ? arg->lo : value;
}

static struct call sample(struct sim *s, const struct target_judge *j,
			  const struct row *row)
{
	struct call call =
		call_pool_draw_of(j->pool, &s->e, row->arch, row->nr);

	/* What a 32-bit call cannot carry. */
	if (row->abi && row->abi->word_bits == 32)
		for (unsigned i = 0; i < ARGS_MAX; i++)
			call.args[i] = (uint32_t)call.args[i];
	for (unsigned i = 0; i < row->nargs; i++)
		if (row->args[i].mask)
			put_value(row, &row->args[i],
				  pick(&s->e, &row->args[i]), &call);
	return call;
}

/* ---- judges ---- */

/* The row's calls as a condition. */
static bdd_ref row_cond(struct bdd_store *b, const struct row *row)
{
	bdd_ref c = bdd_compare(b, DATA_NR, UINT32_MAX, BDD_EQ, row->nr);
	const bdd_ref arch =
		bdd_compare(b, DATA_ARCH, UINT32_MAX, BDD_EQ, row->arch);

	for (unsigned i = 0; i < row->nargs; i++) {
		const struct row_arg *arg = &row->args[i];
		const struct interval set = { arg->lo, arg->hi };

		if (arg->mask)
			c = bdd_ite(b, c,
				    bdd_in(b, arg->at, arg->mask, 1, &set),
				    BDD_FALSE);
	}
	return bdd_ite(b, arch, c, BDD_FALSE);
}

/* Exact: every call of the row gets its action from the policy. */
static void judge_policy(struct sim *s, const struct row *row)
{
	struct bdd_store *b = bdd_new(row_big_endian(row), EQUIV_STEPS_MAX);
	const bdd_ref want = bdd_leaf(b, row->want);
	const bdd_ref f = bdd_of_policy(b, s->policy);
	const bdd_ref got = bdd_ite(b, row_cond(b, row), f, want);
	struct call call = { 0 };

	if (bdd_exhausted(b)) {
		complain(s, row, bdd_exhausted(b), &call, row->want);
	} else if (got != want) {
		bdd_find_difference(b, got, want, &call);
		complain(s, row, "the policy", &call,
			 policy_eval(s->policy, &call).action);
	}
	bdd_free(b);
}

static void judge_calls(struct sim *s, const struct row *row,
			const struct target_judge *j)
{
	static const char *const names[] = { "the program",
					     "the program, not simplified," };

	for (unsigned i = 0; i < SAMPLES; i++) {
		const struct call call = sample(s, j, row);
		struct action got = policy_eval(s->policy, &call).action;

		if (!action_same(got, row->want))
			complain(s, row, "direct evaluation", &call, got);
		for (unsigned k = 0; k < ARRAY_LEN(j->progs); k++) {
			got = action_from_ret(
				vm_run(j->progs[k], &call, NULL).ret);
			if (!action_same(got, row->want))
				complain(s, row, names[k], &call, got);
		}
		if (s->live && leaf_can_ask(row->abi) &&
		    row->abi->machine == j->machine)
			vec_push(s->unit->arena, &s->live_calls,
				 (struct live_call){ call, row });
	}
}

/* ---- libseccomp ---- */

/* One test as the library has them: whole registers, one interval. */
static bool scmp_of_test(const struct abi *abi, const struct cond *c,
			 struct scmp_arg *arg)
{
	const uint64_t all = abi->word_bits == 64 ? UINT64_MAX : UINT32_MAX;

	if (c->kind != COND_IN || c->n != 1)
		return false;
	for (arg->reg = 0; arg->reg < ARGS_MAX; arg->reg++)
		if (abi_reg_words(abi, arg->reg).lo == c->at.lo)
			break;
	if (arg->reg == ARGS_MAX ||
	    (c->at.hi != ARG_NO_WORD &&
	     c->at.hi != abi_reg_words(abi, arg->reg).hi))
		return false;
	arg->value = c->set[0].hi;
	if (c->set[0].lo == c->set[0].hi) {
		arg->test = SCMP_TEST_MASKED_EQ;
		arg->value = c->mask;
		arg->masked = c->set[0].lo;
		return true;
	}
	arg->test = SCMP_TEST_LE;
	if (c->mask == all && c->set[0].lo == 0)
		return true;
	arg->test = SCMP_TEST_GE;
	arg->value = c->set[0].lo;
	return c->mask == all && c->set[0].hi == all;
}

static bool scmp_of_cond(const struct abi *abi, const struct cond *c,
			 unsigned *n, struct scmp_arg *args)
{
	const struct cond *const *of = c->kind == COND_AND ? c->of : &c;
	uint32_t used = 0;

	*n = c->kind == COND_TRUE ? 0 : c->kind == COND_AND ? c->n : 1;
	if (*n > ARGS_MAX)
		return false;
	for (unsigned i = 0; i < *n; i++) {
		if (!scmp_of_test(abi, of[i], &args[i]) ||
		    (used & 1u << args[i].reg))
			return false;
		used |= 1u << args[i].reg;
	}
	return true;
}

/*
 * One rule of any form, or several of one action with one equality each:
 * for others the library's answer does not follow the rules' order.
 */
static bool scmp_add_rules(struct scmp_filter *f, const struct abi_policy *p,
			   const struct ruleset *set)
{
	const char *name = sysname_text(set->call->name);
	const struct action action = set->rules[0].action;

	if (set->nrules > SCMP_RULES_MAX || action_same(action, p->fallback))
		return false;
	for (uint32_t i = 0; i < set->nrules; i++) {
		const struct rule *rule = &set->rules[i];
		struct scmp_arg args[ARGS_MAX];
		unsigned n;

		if (!action_same(rule->action, action) ||
		    !scmp_of_cond(p->abi, rule->cond, &n, args))
			return false;
		if (set->nrules > 1 &&
		    (n > 1 || (n && args[0].test != SCMP_TEST_MASKED_EQ)))
			return false;
		if (!scmp_filter_add(f, action, name, n, args))
			return false;
	}
	return true;
}

static void scmp_run(struct sim *s, const struct row *row,
		     const struct target_judge *j, struct bpf_prog *prog)
{
	s->by_scmp++;
	for (unsigned i = 0; i < SAMPLES; i++) {
		const struct call call = sample(s, j, row);
		const struct action got =
			action_from_ret(vm_run(prog, &call, NULL).ret);

		if (!action_same(got, row->want))
			complain(s, row, "libseccomp", &call, got);
	}
}

/* x32 it compares as 32 bits; multiplexed calls it rewrites. */
static void judge_scmp(struct sim *s, const struct row *row,
		       const struct target_judge *j)
{
	const struct abi_policy *p =
		row->abi ? policy_abi(j->policy, row->abi->id) : NULL;
	const struct ruleset *set = p ? abi_policy_set(p, row->nr) : NULL;
	struct bpf_prog prog = { .big_endian = row_big_endian(row) };
	struct scmp_filter *f;
	uint32_t nr;

	if (!set || row->abi->id == ABI_X32 ||
	    !scmp_resolve(row->abi, sysname_text(set->call->name), &nr) ||
	    nr != set->nr)
		return;
	f = scmp_filter_new(row->abi, p->fallback, j->policy->foreign);
	if (f && scmp_add_rules(f, p, set))
		prog.insns = scmp_filter_program(f, &prog.len);
	if (prog.insns)
		scmp_run(s, row, j, &prog);
	free(prog.insns);
	scmp_filter_free(f);
}

static void judge_row(struct sim *s, const struct row *row)
{
	bool own = false;

	s->row_failed = false;
	judge_policy(s, row);
	for (size_t i = 0; i < s->njudges; i++)
		own |= row->abi && s->judges[i].machine == row->abi->machine;
	for (size_t i = 0; i < s->njudges; i++) {
		if (own && s->judges[i].machine != row->abi->machine)
			continue;
		judge_calls(s, row, &s->judges[i]);
		judge_scmp(s, row, &s->judges[i]);
	}
	if (s->row_failed)
		s->failed++;
	else
		s->passed++;
}

/* ---- the kernel ---- */

static void compare_live(struct sim *s, const struct leaves *l,
			 const int *answers)
{
	const struct row *last = NULL;

	for (size_t i = 0; i < s->live_calls.len; i++) {
		const struct live_call *c = &s->live_calls.data[i];
		struct action got = { ACT_KILL_PROCESS, 0 };

		if (answers[i] == LEAF_SKIPPED || c->row == last)
			continue;
		if (answers[i] > 0 && (size_t)answers[i] <= l->len)
			got = action_from_ret(l->list[answers[i] - 1].ret);
		s->row_failed = false;
		if (answers[i] > 0 && action_same(got, c->row->want))
			continue;
		/* One call of a row is enough. */
		last = c->row;
		complain(s, c->row, "the kernel", &c->call, got);
		s->failed++;
	}
	printf("%zu calls asked of the running kernel\n", s->live_calls.len);
}

static void judge_live(struct sim *s, const struct target_judge *j)
{
	const size_t n = s->live_calls.len;
	struct leaves *l = leaves_new(j->progs[0]);
	struct call *calls = arena_array(s->unit->arena, n, sizeof(*calls));
	int *answers = arena_array(s->unit->arena, n, sizeof(*answers));
	const char *step = "number the leaves";

	for (size_t i = 0; i < n; i++)
		calls[i] = s->live_calls.data[i].call;
	if (!l || probe_leaves(l->prog->insns, l->prog->len, calls, n,
			       TIMEOUT_MS, answers, &step)) {
		printf("%s: the kernel was not asked: cannot %s\n", s->file,
		       step);
		s->failed++;
	} else {
		compare_live(s, l, answers);
	}
	leaves_free(l);
}

/* ---- from files to judges ---- */

static bool add_judge(struct sim *s, enum abi_id machine)
{
	struct target_judge *j = &s->judges[s->njudges];

	j->machine = machine;
	j->policy = policy_select(s->unit->arena, s->policy,
				  abi_set_of_machine(machine));
	if (!j->policy->nabis)
		return true;
	s->njudges++;
	for (unsigned k = 0; k < ARRAY_LEN(j->progs); k++) {
		const struct compile_options options = { .no_simplify = k };

		/* Proved too, or there is none. */
		j->progs[k] =
			compile_policy(s->unit, j->policy, &options, NULL);
		if (!j->progs[k])
			return false;
	}
	j->pool = call_pool_new(j->policy, j->progs[0]);
	return true;
}

static bool read_profile(struct sim *s, const char *path,
			 const struct rows *rows)
{
	const uint32_t number = unit_read(s->unit, path);
	const struct source *src;

	s->unit->target.abis = 0;
	s->unit->target.caps = rows->caps;
	for (unsigned i = 0; i < ABI_COUNT; i++)
		if (rows->abis & ABI_BIT(i))
			s->unit->target.abis |= abi_set_of_machine(
				abi_get((enum abi_id)i)->machine);
	if (!s->unit->target.abis)
		s->unit->target.abis = abi_set_of_machine(ABI_X86_64);
	if (!number)
		return false;
	src = sources_get(&s->unit->sources, number);
	s->policy =
		format_guess(path, src->text, src->len)->read(s->unit, number);
	return s->policy != NULL;
}

static bool add_judges(struct sim *s)
{
	for (unsigned i = 0; i < ABI_COUNT; i++)
		if (abi_get((enum abi_id)i)->machine == i &&
		    !add_judge(s, (enum abi_id)i))
			return false;
	return s->njudges != 0;
}

static int judge_files(struct sim *s, const char *profile, const char *path)
{
	struct rows rows;
	char *text = NULL;
	size_t len;

	if (file_read(path, SOURCE_MAX_BYTES, &text, &len)) {
		printf("%s: cannot be read\n", path);
		return 1;
	}
	s->file = path;
	rows_parse(s->unit->arena, path, text, &rows);
	s->failed = rows.errors;
	free(text);
	if (!read_profile(s, profile, &rows) || !add_judges(s)) {
		diag_print(s->unit->diags, DIAG_TEXT, stdout);
		printf("%s: no program to judge\n", profile);
		return 1;
	}
	for (size_t i = 0; i < rows.list.len; i++)
		judge_row(s, &rows.list.data[i]);
	for (size_t i = 0; i < s->njudges; i++)
		if (s->live_calls.len &&
		    leaf_can_ask(abi_get(s->judges[i].machine)))
			judge_live(s, &s->judges[i]);
	if (s->by_scmp)
		printf("%u rows judged by libseccomp too\n", s->by_scmp);
	printf("%u passed, %u failed\n", s->passed, s->failed);
	return s->failed || !s->passed;
}

int main(int argc, char **argv)
{
	const bool live = argc > 1 && !strcmp(argv[1], "--live");
	struct sim s = { .live = live, .e = { .seed = 1 } };
	int status;

	if (argc - live != 3) {
		fputs("usage: sim [--live] PROFILE ROWS\n", stderr);
		return 2;
	}
	s.unit = unit_new();
	status = judge_files(&s, argv[argc - 2], argv[argc - 1]);
	for (size_t i = 0; i < s.njudges; i++) {
		bpf_prog_free(s.judges[i].progs[0]);
		bpf_prog_free(s.judges[i].progs[1]);
		call_pool_free(s.judges[i].pool);
	}
	unit_free(s.unit);
	return status;
}
