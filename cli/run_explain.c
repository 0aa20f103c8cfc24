/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_explain.c - which rule refused a call, and the line that allows it
 *
 * With its arguments a call has one outcome.  Without them, as from the
 * kernel's record, all of its number that refuse are candidates.
 */
#include "cli/run_explain.h"

#include <linux/capability.h>
#include <string.h>

#include "cli/cmd.h"
#include "cli/show.h"
#include "compiler/check.h"
#include "compiler/outcomes.h"

const struct policy *explainer_policy(struct explainer *e)
{
	struct diag_sink *diags = e->unit->diags;

	if (e->policy)
		return e->policy;
	/* What it had to say was said when it was compiled. */
	e->unit->diags = diag_sink_new(e->unit->arena, &e->unit->sources);
	e->policy = cli_read_again(e->cli, e->cli->argv[0]);
	e->unit->diags = diags;
	return e->policy;
}

static struct action decide(void *arg, const struct call *call)
{
	struct explainer *e = arg;

	return policy_eval(explainer_policy(e), call).action;
}

static uint64_t value_of(const struct abi *abi, const struct sig_arg *arg,
			 const struct call *call)
{
	return call_value(call, sig_arg_words(abi, arg), abi->big_endian) &
	       sig_arg_mask(arg);
}

static void set_value(const struct abi *abi, const struct sig_arg *arg,
		      uint64_t value, struct call *call)
{
	const struct arg_words at = sig_arg_words(abi, arg);

	call_set_word(call, at.lo, abi->big_endian, (uint32_t)value);
	if (at.hi != ARG_NO_WORD)
		call_set_word(call, at.hi, abi->big_endian,
			      (uint32_t)(value >> 32));
}

/* Pointers, sizes, descriptors and offsets tell one call from the next. */
static void generalise(void *arg, struct call *call)
{
	const struct abi *abi = call_abi(call);
	const struct syscall_desc *d =
		abi ? syscall_by_nr(abi, call->nr) : NULL;
	struct call kind = { .arch = call->arch, .nr = call->nr };

	(void)arg;
	for (unsigned i = 0; d && i < d->nargs; i++) {
		const struct sig_arg *a = &syscall_args(d)[i];
		const uint64_t value = value_of(abi, a, call);

		if (a->family == FAMILY_NONE || a->kind == ARG_POINTER)
			continue;
		if (family_get(a->family)->is_flags ||
		    constant_name_of(a->family, abi, value))
			set_value(abi, a, value, &kind);
	}
	*call = kind;
}

static bool tests_word(const struct cond *c, struct arg_words at)
{
	if (c->kind == COND_IN)
		return c->at.lo == at.lo;
	for (uint32_t i = 0; c->kind != COND_TRUE && i < c->n; i++)
		if (tests_word(c->of[i], at))
			return true;
	return false;
}

static bool is_tested(const struct ruleset *set, const struct abi *abi,
		      const struct sig_arg *arg)
{
	for (uint32_t i = 0; set && i < set->nrules; i++)
		if (tests_word(set->rules[i].cond, sig_arg_words(abi, arg)))
			return true;
	return false;
}

/* " if domain == AF_PACKET and ...": what the policy's rules look at. */
static void add_condition(const struct outcome *o, const struct call *call,
			  const struct syscall_desc *d, struct str *out)
{
	const struct abi *abi = o->abi->abi;
	const char *word = " if";

	for (unsigned i = 0; i < d->nargs; i++) {
		const struct sig_arg *arg = &syscall_args(d)[i];

		if (!is_tested(o->set, abi, arg))
			continue;
		str_addf(out, "%s %s ", word, sig_arg_name(arg));
		word = " and";
		if (arg->kind == ARG_POINTER) {
			str_add(out, value_of(abi, arg, call) ? "!= NULL"
							      : "== NULL");
			continue;
		}
		str_add(out, "== ");
		show_argument(abi, arg, call, out);
	}
}

static bool is_json(const struct explainer *e)
{
	const struct source *src = sources_get(&e->unit->sources, 1);
	const char *text = src->text + strspn(src->text, " \t\r\n");

	return *text == '{';
}

static void add_line(const struct explainer *e, const struct outcome *o,
		     const struct call *call, bool has_args,
		     const struct syscall_desc *d, struct str *out)
{
	struct str condition = { 0 };
	bool on;

	if (has_args)
		add_condition(o, call, d, &condition);
	/* An argument may have another place on another ABI. */
	on = e->policy->nabis > 1 &&
	     (condition.len || o->abi != &e->policy->abis[0]);
	if (on)
		str_addf(out, "on %s { ", o->abi->abi->name);
	str_addf(out, "allow %s%s;%s", sysname_text(d->name),
		 str_text(&condition), on ? " }" : "");
	str_fini(&condition);
}

static void help_to_allow(const struct explainer *e, const struct outcome *o,
			  const struct call *call, bool has_args,
			  struct diag *diag)
{
	const struct syscall_desc *d;
	struct str line = { 0 };

	if (o->kind == OUTCOME_FOREIGN) {
		diag_help(diag, "list its ABI with 'arch' to have rules for "
				"it");
		return;
	}
	if (o->kind == OUTCOME_UNKNOWN) {
		diag_help(diag, "no rule can name it; 'unknown deny(ENOSYS);' "
				"lets programs do without");
		return;
	}
	d = syscall_by_nr(o->abi->abi, call->nr);
	if (is_json(e)) {
		diag_help(diag, "to allow it, add \"%s\" to the names of a "
				"rule with SCMP_ACT_ALLOW",
			  sysname_text(d->name));
		return;
	}
	add_line(e, o, call, has_args, d, &line);
	diag_help(diag, "to allow it, put %s: %s",
		  o->kind == OUTCOME_RULE ? "before that rule"
					  : "into the profile",
		  str_text(&line));
	str_fini(&line);
}

void run_explain_place(const struct explainer *e, const struct outcome *o,
		       struct diag *diag)
{
	struct str text = { 0 };
	struct span at = span_none;

	if (o->kind == OUTCOME_RULE)
		at = is_json(e) ? o->rule->name : o->rule->span;
	else if (o->kind == OUTCOME_DEFAULT)
		at = o->abi->fallback_span;
	else if (o->kind == OUTCOME_UNKNOWN)
		at = o->abi->unknown_span;
	else
		at = e->policy->foreign_span;
	if (!span_is_none(at)) {
		diag_label(diag, at, "decides it");
		return;
	}
	show_reason(e->unit, e->policy, o, &text);
	while (text.len && text.text[text.len - 1] == '\n')
		text.text[--text.len] = '\0';
	diag_note(diag, "%s", str_text(&text) + strspn(str_text(&text), " "));
	str_fini(&text);
}

static void add_name(const struct call *call, const struct syscall_desc *d,
		     struct str *out)
{
	if (d)
		str_add(out, sysname_text(d->name));
	else
		str_addf(out, "number %#x", call->nr);
}

static void describe(void *arg, const struct call *call, bool has_args,
		     struct str *out)
{
	struct explainer *e = arg;
	const struct policy *policy = explainer_policy(e);
	const struct abi *abi = call_abi(call);
	struct outcome o;

	if (has_args)
		show_call(call, out);
	else
		add_name(call, abi ? syscall_by_nr(abi, call->nr) : NULL, out);
	if (abi)
		str_addf(out, " on %s", abi->name);
	else
		str_addf(out, " of ABI %#x", call->arch);
	if (!has_args || !policy)
		return;
	o = policy_eval(policy, call);
	str_add(out, ": ");
	action_text(o.action, o.abi ? o.abi->abi : NULL, out);
}

static bool is_deadly(struct action a)
{
	return a.kind == ACT_KILL_PROCESS || a.kind == ACT_KILL_THREAD ||
	       a.kind == ACT_TRAP;
}

/* Of the outcomes of a number those that kill; the record says no more. */
static void explain_number(const struct explainer *e, const struct call *call,
			   const struct syscall_desc *d, struct diag *diag)
{
	const struct call_pattern any = { .abi = call_abi(call),
					  .call = d,
					  .nr = call->nr };
	const struct outcome_list list =
		outcomes_of(e->unit->arena, e->policy, &any);
	const struct outcome *only = NULL;
	size_t deadly = 0;

	for (size_t i = 0; i < list.len; i++) {
		const struct outcome *o = &list.at[i].outcome;

		if (!is_deadly(o->action))
			continue;
		deadly++;
		only = o;
		run_explain_place(e, o, diag);
	}
	if (deadly == 1 && !list.incomplete)
		help_to_allow(e, only, call, false, diag);
	else
		diag_note(diag, "which of them it was, the arguments say");
}

static void explain(void *arg, const struct call *call, bool has_args,
		    struct diag *diag)
{
	struct explainer *e = arg;
	const struct abi *abi = call_abi(call);
	const struct syscall_desc *d =
		abi ? syscall_by_nr(abi, call->nr) : NULL;
	struct outcome o;

	if (!explainer_policy(e)) {
		diag_note(diag, "a file that the policy includes has changed "
				"since the start: the rule is not known");
		return;
	}
	/* No rule can look at the arguments of some. */
	if (!has_args && d && policy_abi(e->policy, abi->id)) {
		explain_number(e, call, d, diag);
		return;
	}
	o = policy_eval(e->policy, call);
	run_explain_place(e, &o, diag);
	help_to_allow(e, &o, call, has_args, diag);
}

struct judge run_judge(struct explainer *e)
{
	return (struct judge){
		.arg = e,
		.decide = decide,
		.generalise = generalise,
		.describe = describe,
		.explain = explain,
	};
}

const char *run_gives_ptrace(const struct explainer *e,
			     const struct sandbox *box)
{
	const struct abi *native = abi_get(e->unit->target.machine);
	const struct syscall_desc *d =
		syscall_by_name(native, sysname_find("ptrace", 6));
	struct call call = { .arch = native->audit_arch, .nr = d->nr };
	struct outcome o;

	if (box->present && box->caps_keep & 1ULL << CAP_SYS_PTRACE)
		return "'keep sys_ptrace' is in its sandbox block";
	if (!policy_abi(e->policy, native->id))
		return NULL;
	o = policy_eval(e->policy, &call);
	/* A default that allows everything is not about tracing. */
	if (o.kind == OUTCOME_RULE && action_may_execute(o.action))
		return arena_printf(e->unit->arena, "a rule allows ptrace: %s",
				    sources_where(&e->unit->sources,
						  o.rule->span));
	return NULL;
}
