/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.c - a profile's items in order: definitions, settings, rules
 *
 * Three walks over the tree with its includes: names and settings first,
 * as definitions may stand anywhere; then the rules in source order; then
 * the tests.  An error never stops a walk, it only takes the result away.
 */
#include "compiler/check.h"

#include "base/bug.h"
#include "compiler/check_state.h"
#include "compiler/sandbox.h"

/* ---- walking ---- */

typedef void item_visitor(struct checker *c, const struct ast_item *item,
			  bool included);

/* Includes are at most INCLUDE_DEPTH_MAX deep. */
static void walk(struct checker *c, const struct ast_file *file, bool included,
		 item_visitor *visit)
{
	for (const struct ast_item *i = file->items; i; i = i->next) {
		if (i->kind != ITEM_INCLUDE)
			visit(c, i, included);
		else if (i->included)
			walk(c, i->included, true, visit);
	}
}

/* ---- ABIs ---- */

static abi_set abis_named(struct unit *u, const struct ast_word *words,
			  size_t n)
{
	abi_set set = 0;
	bool ok = true;

	for (size_t i = 0; i < n; i++) {
		const struct abi *abi = abi_find(words[i].text, words[i].len);

		if (abi) {
			set |= ABI_BIT(abi->id);
			continue;
		}
		report_unknown_abi(u, &words[i]);
		ok = false;
	}
	return ok ? set : 0;
}

static void report_differs(struct unit *u, const struct ast_item *item,
			   const struct ast_item *first, const char *what)
{
	struct diag *d = diag_add(u->diags, E0402, item->span,
				  "'%s' is given twice and differs", what);

	diag_label(d, first->span, "first given here");
}

struct arch_search {
	struct unit *u;
	const struct ast_item *first;
	abi_set abis;
	bool bad;
};

static void search_arch(struct arch_search *s, const struct ast_file *file)
{
	for (const struct ast_item *i = file->items; i; i = i->next) {
		abi_set abis;

		if (i->kind == ITEM_INCLUDE && i->included)
			search_arch(s, i->included);
		if (i->kind != ITEM_ARCH)
			continue;
		abis = abis_named(s->u, i->abis, i->nabis);
		s->bad |= !abis;
		if (s->first && abis && s->abis && abis != s->abis) {
			report_differs(s->u, i, s->first, "arch");
			s->bad = true;
		}
		if (!s->first) {
			s->first = i;
			s->abis = abis;
		}
	}
}

static struct arch_search arch_of(struct unit *u, const struct ast_file *file)
{
	struct arch_search s = { .u = u };

	search_arch(&s, file);
	if (s.bad)
		s.abis = 0;
	else if (!s.first)
		s.abis = ABI_BIT(u->target.machine);
	return s;
}

abi_set check_arch(struct unit *u, const struct ast_file *file)
{
	return arch_of(u, file).abis;
}

abi_set abis_of_words(struct checker *c, const struct ast_word *words, size_t n,
		      bool included)
{
	abi_set named = abis_named(c->u, words, n);
	struct diag *d;

	if (!named || named & c->listed || included)
		return named & c->listed;
	d = diag_add(c->u->diags, E0403, words[0].span,
		     "the block has no effect: the profile is for %s",
		     abi_set_text(c->u, c->listed));
	diag_help(d, "add the ABI to 'arch', or remove the block");
	return 0;
}

/* ---- settings ---- */

static bool same_action(struct checker *c, const struct ast_action *a,
			const struct ast_action *b)
{
	abi_foreach(i, c->listed) {
		const struct abi *abi = abi_get((enum abi_id)i);
		struct action x, y;

		if (!check_action(c->u, a, abi, &x) ||
		    !check_action(c->u, b, abi, &y))
			return true;
		if (!action_same(x, y))
			return false;
	}
	return true;
}

/* Keeps the first; a second that says something else is an error. */
static void set_once(struct checker *c, const struct ast_item *item,
		     const char *what)
{
	const struct ast_item **first = &c->once[item->kind];

	if (!*first)
		*first = item;
	else if (!same_action(c, &(*first)->action, &item->action))
		report_differs(c->u, item, *first, what);
}

static void set_option(struct checker *c, const struct ast_item *item)
{
	struct nearest near;
	struct diag *d;

	if (word_is(&item->word, "log")) {
		c->once[ITEM_OPTION] = item;
		return;
	}
	d = diag_add(c->u->diags, E0317, item->word.span, "unknown option '%s'",
		     item->word.text);
	diag_note(d, "the only option is 'log': record denials too");
	nearest_init(&near, item->word.text, item->word.len);
	nearest_try(&near, "log");
	help_nearest(d, &near);
}

static void set_sandbox(struct checker *c, const struct ast_item *item)
{
	const struct ast_item **first = &c->once[ITEM_SANDBOX];
	struct diag *d;

	if (!*first) {
		*first = item;
		return;
	}
	d = diag_add(c->u->diags, E0407, item->keyword,
		     "a profile has one sandbox block");
	diag_label(d, (*first)->keyword, "the first is here");
}

static void visit_definition(struct checker *c, const struct ast_item *item,
			     bool included)
{
	(void)included;
	switch (item->kind) {
	case ITEM_DEFAULT:
		set_once(c, item, "default");
		break;
	case ITEM_UNKNOWN:
		set_once(c, item, "unknown");
		break;
	case ITEM_FOREIGN:
		set_once(c, item, "foreign");
		break;
	case ITEM_OPTION:
		set_option(c, item);
		break;
	case ITEM_CONST:
		scope_add_const(c->scope, item);
		break;
	case ITEM_GROUP:
		scope_add_group(c->scope, item);
		break;
	case ITEM_SANDBOX:
		set_sandbox(c, item);
		break;
	case ITEM_INCLUDE:
	case ITEM_ARCH:
	case ITEM_RULE:
	case ITEM_ON:
	case ITEM_TEST:
		break;
	}
}

/* ---- rules and tests ---- */

static void visit_rule(struct checker *c, const struct ast_item *item,
		       bool included)
{
	abi_set abis;

	if (item->kind == ITEM_RULE)
		rule_check(c, item, c->listed, included);
	if (item->kind != ITEM_ON)
		return;
	abis = abis_of_words(c, item->abis, item->nabis, included);
	for (const struct ast_item *i = item->items; i && abis; i = i->next)
		rule_check(c, i, abis, included);
}

static void visit_test(struct checker *c, const struct ast_item *item,
		       bool included)
{
	(void)included;
	if (item->kind == ITEM_TEST)
		test_check(c, item, c->once[ITEM_SANDBOX]);
}

/* ---- defaults ---- */

/* Rule 9 of the language: what libc can live with. */
static struct action implied_unknown(const struct abi *abi,
				     struct action fallback)
{
	struct action enosys = { ACT_ERRNO, 0 };

	if (fallback.kind != ACT_ERRNO)
		return fallback;
	if (!errno_value(abi, "ENOSYS", 6, &enosys.data))
		BUG("%s has no ENOSYS", abi->name);
	return enosys;
}

static bool action_of(struct checker *c, enum ast_item_kind kind,
		      const struct abi *abi, struct action *out)
{
	return c->once[kind] &&
	       check_action(c->u, &c->once[kind]->action, abi, out);
}

static void settle_defaults(struct checker *c)
{
	abi_foreach(i, c->listed) {
		struct abi_rules *r = &c->abis[i];

		if (!action_of(c, ITEM_DEFAULT, r->abi, &r->fallback))
			r->fallback = (struct action){ ACT_KILL_PROCESS, 0 };
		if (!action_of(c, ITEM_UNKNOWN, r->abi, &r->unknown))
			r->unknown = implied_unknown(r->abi, r->fallback);
	}
}

static void report_no_default(struct checker *c)
{
	struct span at = { c->main->source, 0, 0 };
	struct diag *d = diag_add(c->u->diags, E0401, at,
				  "the profile has no 'default'");

	diag_note(d, "it says what happens to a call that no rule names");
	diag_help(d, "write 'default kill;' and allow what is needed, or "
		     "'default allow;' and deny what is not");
}

/* ---- the policy ---- */

static void checker_init(struct checker *c, struct unit *u,
			 const struct ast_file *file, abi_set listed)
{
	*c = (struct checker){ .u = u,
			       .scope = scope_of(u),
			       .listed = listed,
			       .main = file };
	c->origins = arena_array(u->arena, sysname_count(),
				 sizeof(*c->origins));
	abi_foreach(i, listed) {
		c->abis[i].abi = abi_get((enum abi_id)i);
		c->abis[i].lists = arena_array(u->arena, sysname_count(),
					       sizeof(struct rule_list));
	}
}

static struct span span_of_once(const struct checker *c,
				enum ast_item_kind kind)
{
	return c->once[kind] ? c->once[kind]->span : span_none;
}

static const struct policy *policy_make(struct checker *c)
{
	struct policy *p = arena_new_of(c->u->arena, struct policy);
	const struct abi *first = abi_get((enum abi_id)__builtin_ctz(c->listed));
	struct abi_policy *abis = rules_finish(c);

	p->abis = abis;
	p->nabis = (uint32_t)__builtin_popcount(c->listed);
	for (uint32_t i = 0; i < p->nabis; i++) {
		abis[i].fallback_span = span_of_once(c, ITEM_DEFAULT);
		abis[i].unknown_span = span_of_once(c, ITEM_UNKNOWN);
	}
	p->foreign = (struct action){ ACT_KILL_PROCESS, 0 };
	action_of(c, ITEM_FOREIGN, first, &p->foreign);
	p->foreign_span = span_of_once(c, ITEM_FOREIGN);
	p->log_denials = c->once[ITEM_OPTION];
	p->name = sources_get(&c->u->sources, c->main->source)->name;
	if (c->once[ITEM_SANDBOX]) {
		p->sandbox_lines = c->once[ITEM_SANDBOX]->settings;
		sandbox_read(c->u, p->sandbox_lines, NULL, &p->sandbox);
	}
	return p;
}

const struct policy *check_profile(struct unit *u, const struct ast_file *file)
{
	size_t errors = diag_errors(u->diags);
	const struct arch_search arch = arch_of(u, file);
	const abi_set listed = arch.abis;
	const struct policy *policy;
	struct checker c;

	if (!listed)
		return NULL;
	/* The names of a profile that was checked before are not this one's. */
	u->scope = NULL;
	checker_init(&c, u, file, listed);
	c.arch_implied = !arch.first;
	walk(&c, file, false, visit_definition);
	if (!c.once[ITEM_DEFAULT])
		report_no_default(&c);
	scope_check_consts(c.scope, abi_get((enum abi_id)__builtin_ctz(listed)));
	scope_check_groups(c.scope);
	settle_defaults(&c);
	walk(&c, file, false, visit_rule);
	walk(&c, file, false, visit_test);
	policy = policy_make(&c);
	if (diag_errors(u->diags) != errors)
		return NULL;
	policy = policy_select(u->arena, policy, u->target.abis);
	policy_verify(policy);
	return policy;
}
