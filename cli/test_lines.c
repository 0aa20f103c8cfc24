/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/test_lines.h"

#include <string.h>

#include "base/bug.h"
#include "base/vec.h"
#include "cli/show.h"
#include "compiler/compile.h"
#include "compiler/outcomes.h"
#include "compiler/parse.h"
#include "compiler/vm.h"

struct tester {
	struct cli *cli;
	struct unit *u;
	const struct policy *policy; /* all ABIs that are tested */
	const struct policy *here;   /* those of the target's machine */
	struct bpf_prog *progs[ABI_COUNT]; /* by machine; NULL when not tested */
	unsigned flags;
	struct test_totals *totals;
	VEC(const struct rule *) reached;
	VEC(struct live_call) live;
};

static void say_place(struct tester *t, struct span at)
{
	const struct source *src = sources_get(&t->u->sources, at.source);
	struct str text = { 0 };

	str_add_visible(&text, src->text + at.start, at.end - at.start);
	printf("%s: %s\n", sources_where(&t->u->sources, at),
	       str_text(&text));
	str_fini(&text);
}

/* One thing that does happen, with the call that shows it. */
static void say_outcome(struct tester *t, const struct pattern_outcome *p)
{
	const struct abi *abi = p->outcome.abi ? p->outcome.abi->abi : NULL;
	struct str text = { 0 };

	str_add(&text, "    ");
	show_call(&p->witness, &text);
	str_addf(&text, " on %s gives ", abi ? abi->name : "a foreign ABI");
	action_text(p->outcome.action, abi, &text);
	str_addc(&text, '\n');
	show_reason(t->u, t->policy, &p->outcome, &text);
	fputs(str_text(&text), stdout);
	str_fini(&text);
}

static void note_reached(struct tester *t, const struct outcome *o)
{
	if (o->kind == OUTCOME_RULE)
		vec_push(t->u->arena, &t->reached, o->rule);
}

/* The program answers as the policy does, or the proof was wrong. */
static void run_program(struct tester *t, const struct abi *abi,
			const struct pattern_outcome *p)
{
	struct vm_result r = vm_run(t->progs[abi->machine], &p->witness, NULL);

	if (r.ret != action_ret(p->outcome.action))
		BUG("the proved program answers 0x%x", r.ret);
}

static enum abi_id machine_of(const struct tester *t)
{
	return abi_get(t->u->target.machine)->machine;
}

static bool judge_pattern(struct tester *t, const struct ast_test_line *line,
			  const struct call_pattern *pattern,
			  struct action expected)
{
	struct outcome_list list =
		outcomes_of(t->u->arena, t->policy, pattern);
	bool ok = !list.incomplete;

	for (size_t i = 0; i < list.len; i++) {
		const struct pattern_outcome *p = &list.at[i];

		run_program(t, pattern->abi, p);
		note_reached(t, &p->outcome);
		/* The kernel here runs no calls of other machines. */
		if (pattern->abi->machine == machine_of(t))
			vec_push(t->u->arena, &t->live,
				 (struct live_call){ p->witness,
						     p->outcome.action,
						     line->span });
		ok &= action_same(p->outcome.action, expected);
	}
	if (ok)
		return true;
	say_place(t, line->span);
	for (size_t i = 0; i < list.len; i++)
		say_outcome(t, &list.at[i]);
	if (list.incomplete)
		puts("    undecided: the search ended at its limit");
	return false;
}

/* A name that this ABI lacks promises nothing there. */
static bool lacks(const struct abi *abi, const struct ast_call *call)
{
	sysname name = sysname_find(call->name.text, call->name.len);

	return name != SYSNAME_NONE && !syscall_by_name(abi, name);
}

/* -1: a mistake in the line; 0: the ABI lacks the call; 1: judged. */
static int judge_on(struct tester *t, const struct ast_test_line *line,
		    const struct abi *abi, bool *ok)
{
	struct call_pattern pattern;
	struct action expected;

	if (lacks(abi, &line->call))
		return 0;
	if (!check_call(t->u, &line->call, abi, &pattern) ||
	    !check_action(t->u, &line->action, abi, &expected))
		return -1;
	*ok &= judge_pattern(t, line, &pattern, expected);
	return 1;
}

static void judge_call(struct tester *t, const struct ast_test_line *line,
		       abi_set abis)
{
	bool ok = true, judged = false;

	for (uint32_t i = 0; i < t->policy->nabis; i++) {
		const struct abi *abi = t->policy->abis[i].abi;
		int got;

		if (!(abis & ABI_BIT(abi->id)))
			continue;
		got = judge_on(t, line, abi, &ok);
		if (got < 0)
			return;
		judged |= got > 0;
	}
	if (judged && ok)
		t->totals->passed++;
	else if (judged)
		t->totals->failed++;
	else {
		say_place(t, line->span);
		puts("    skipped: none of the ABIs tested here has this call");
		t->totals->skipped++;
	}
}

static abi_set named_abis(struct tester *t, const struct ast_test_line *line)
{
	abi_set set = 0;

	for (size_t i = 0; i < line->nabis; i++) {
		const struct abi *abi =
			abi_find(line->abis[i].text, line->abis[i].len);

		if (abi)
			set |= ABI_BIT(abi->id);
		else
			diag_add(t->u->diags, E0309, line->abis[i].span,
				 "unknown ABI '%s'", line->abis[i].text);
	}
	return set;
}

static void skip_run(struct tester *t, const struct ast_test_line *line)
{
	say_place(t, line->span);
	puts("    skipped: 'run' lines are executed only with --run");
	t->totals->skipped++;
}

/* The parser bounds the depth: `on` blocks hold no other `on`. */
static void judge_lines(struct tester *t, const struct ast_test_line *line,
			abi_set abis)
{
	for (; line; line = line->next) {
		switch (line->kind) {
		case TEST_CALL:
			judge_call(t, line, abis);
			break;
		case TEST_ON:
			judge_lines(t, line->lines,
				    abis & named_abis(t, line));
			break;
		case TEST_RUN:
			if (t->flags & TEST_EXECUTE)
				test_execute(t->cli, t->here,
					     t->progs[machine_of(t)], line,
					     t->totals);
			else
				skip_run(t, line);
			break;
		}
	}
}

static bool is_reached(const struct tester *t, const struct span at)
{
	for (size_t i = 0; i < t->reached.len; i++) {
		struct span s = t->reached.data[i]->span;

		if (s.source == at.source && s.start == at.start)
			return true;
	}
	return false;
}

/* Rules of the profile itself; those of includes have their own tests. */
static void say_unreached(struct tester *t, const struct ast_item *item)
{
	for (; item; item = item->next) {
		if (item->kind == ITEM_ON)
			say_unreached(t, item->items);
		if (item->kind != ITEM_RULE || is_reached(t, item->span))
			continue;
		fputs("no test reaches ", stdout);
		say_place(t, item->span);
	}
}

static int judge_file(struct tester *t, const struct ast_file *file)
{
	bool any = false;

	for (const struct ast_item *i = file->items; i; i = i->next) {
		if (i->kind != ITEM_TEST)
			continue;
		any = true;
		judge_lines(t, i->lines, ~(abi_set)0);
	}
	if (!any) {
		printf("%s: no test blocks\n",
		       sources_get(&t->u->sources, file->source)->name);
		return EXIT_DONE;
	}
	if (diag_errors(t->u->diags))
		return EXIT_REFUSED;
	if (t->flags & TEST_LIVE)
		test_live(t->cli, t->progs[machine_of(t)], t->live.data,
			  t->live.len, t->totals);
	say_unreached(t, file->items);
	return EXIT_DONE;
}

/* The programs of all machines whose ABIs are tested. */
static bool compile_all(struct tester *t)
{
	bool ok = true;

	for (uint32_t i = 0; i < t->policy->nabis && ok; i++) {
		enum abi_id machine = t->policy->abis[i].abi->machine;
		const struct policy *part;

		if (t->progs[machine])
			continue;
		part = policy_select(t->u->arena, t->policy,
				     abi_set_of_machine(machine));
		t->progs[machine] = compile_policy(t->u, part, NULL, NULL);
		ok = t->progs[machine];
		if (machine == machine_of(t))
			t->here = part;
	}
	return ok;
}

/* Only --live and --run need this machine; the rest is the profile's own. */
static int judge_profile(struct tester *t, const struct ast_file *file)
{
	if (!t->policy->nabis)
		return cli_no_abi(t->cli);
	if (!compile_all(t))
		return EXIT_REFUSED;
	if (t->flags && !t->here)
		return cli_no_abi(t->cli);
	return judge_file(t, file);
}

int test_file(struct cli *cli, const char *path, unsigned flags,
	      struct test_totals *totals)
{
	struct tester t = { .cli = cli, .u = cli->unit, .flags = flags,
			    .totals = totals };
	uint32_t number = unit_read(t.u, path);
	struct ast_file *file;
	int code = EXIT_REFUSED;

	if (!number)
		return code;
	if (!cli->target_given)
		t.u->target.abis = ABI_BIT(ABI_COUNT) - 1;
	t.policy = gate_read_file(t.u, number, &file);
	if (t.policy)
		code = judge_profile(&t, file);
	for (int i = 0; i < ABI_COUNT; i++)
		bpf_prog_free(t.progs[i]);
	return code;
}
