/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_rules.c - rules: one source line becomes a rule of each call it
 * names, on each ABI that has the call
 *
 * Rules are kept in lists by name, in source order, so a rule on n names
 * costs n steps.  A name that an ABI reaches only as a number of socketcall
 * or ipc gets a list too; mux_derive() turns it into rules of those.
 */
#include <string.h>

#include "base/bug.h"
#include "compiler/check_state.h"

/* One rule while it is spread over calls and ABIs. */
struct spread {
	struct checker *c;
	const struct ast_item *item;
	abi_set abis;
	struct nameset names;
	struct action actions[ABI_COUNT];
	struct leaves leaves;
	abi_set effect; /* the ABIs on which it means something */
	const struct cond *always, *never;
	bool conditional;
};

/* ---- arguments that are missing ---- */

static const char *source_text(struct unit *u, struct span span)
{
	const struct source *src = sources_get(&u->sources, span.source);
	char *text = arena_strndup(u->arena, src->text + span.start,
				   span.end - span.start);

	for (char *p = text; *p; p++)
		if (*p == '\n' || *p == '\t' || *p == '\r')
			*p = ' ';
	return text;
}

/* The blocks that say the same where it can be said. */
static void help_blocks(struct diag *d, const struct spread *s, sysname name,
			abi_set have, abi_set lack)
{
	struct unit *u = s->c->u;
	const char *cond = source_text(u, s->item->cond->span);

	if (strlen(cond) > 200)
		cond = "...";
	diag_help(d, "on %s { %s %s if %s; }", abi_list_text(u, have),
		  source_text(u, s->item->action.span), sysname_text(name),
		  cond);
	diag_help(d, "on %s { deny %s; }", abi_list_text(u, lack),
		  sysname_text(name));
}

static void report_missing(const struct spread *s, sysname name,
			   const struct ast_word *arg, abi_set have,
			   abi_set lack)
{
	struct unit *u = s->c->u;
	const struct abi *abi = abi_get((enum abi_id)__builtin_ctz(lack));
	const struct syscall_desc *call = syscall_by_name(abi, name);
	struct nearest near;
	struct diag *d;

	if (have) {
		d = diag_add(u->diags, E0311, arg->span,
			     "'%s' of %s is in no register on %s", arg->text,
			     sysname_text(name), abi_set_text(u, lack));
		note_arguments(d, call, abi);
		help_blocks(d, s, name, have, lack);
		return;
	}
	d = diag_add(u->diags, E0304, arg->span, "unknown argument '%s' of %s",
		     arg->text, sysname_text(name));
	note_arguments(d, call, NULL);
	nearest_init(&near, arg->text, arg->len);
	for (unsigned i = 0; i < call->nargs; i++)
		nearest_try(&near, sig_arg_name(&syscall_args(call)[i]));
	help_nearest(d, &near);
}

/* False when the call lacks the argument on some ABI. */
static bool leaf_has_operand(const struct spread *s, sysname name,
			     struct leaf *leaf)
{
	abi_set have = 0, lack = 0;

	if (leaf->seen & SEEN_ERROR)
		return false;
	if (register_of(&leaf->ast->arg) >= 0)
		return true;
	if (!scope_spend(s->c->scope, 1, leaf->ast->span))
		return false;
	abi_foreach(i, s->abis) {
		const struct abi *abi = abi_get((enum abi_id)i);
		const struct syscall_desc *call = syscall_by_name(abi, name);
		struct operand o;

		if (!call)
			continue;
		if (operand_find(abi, call, &leaf->ast->arg, &o) == OPERAND_OK)
			have |= ABI_BIT(i);
		else
			lack |= ABI_BIT(i);
	}
	if (!lack)
		return true;
	report_missing(s, name, &leaf->ast->arg, have, lack);
	leaf->seen |= SEEN_ERROR;
	return false;
}

static bool has_operands(struct spread *s, sysname name)
{
	bool ok = true;

	for (size_t i = 0; i < s->leaves.n; i++)
		ok = leaf_has_operand(s, name, &s->leaves.list[i]) && ok;
	return ok;
}

/* ---- adding ---- */

static void list_append(struct spread *s, struct rule_list *list,
			enum abi_id id, const struct cond *cond, sysname name)
{
	const struct name_origin *origin = &s->c->origins[name];
	struct rule_node *node = arena_new_of(s->c->u->arena, struct rule_node);

	node->rule = (struct rule){ s->actions[id], cond, s->item->span,
				    origin->span };
	node->order = s->c->nrules;
	if (list->last)
		list->last->next = node;
	else
		list->first = node;
	list->last = node;
	list->named |= origin->direct;
}

static void add_on_abi(struct spread *s, sysname name, enum abi_id id)
{
	const struct abi *abi = abi_get(id);
	const struct syscall_desc *call = syscall_by_name(abi, name);
	struct rule_list *list = &s->c->abis[id].lists[name];
	const struct cond *cond;

	if (!call && !mux_reaches(abi, name))
		return;
	s->effect |= ABI_BIT(id);
	if (!scope_spend(s->c->scope, 1, s->item->span))
		return;
	cond = s->always;
	if (s->conditional)
		/* What can't be tested there is still no plain rule. */
		cond = call ? cond_build(s->c->scope, s->item->cond, abi, call,
					 &s->leaves)
			    : s->never;
	list_append(s, list, id, cond, name);
}

/* Answering ENOSYS sends libc to the twin: that is meant. */
static bool is_fallback_hint(const struct action *a, const struct abi *abi)
{
	uint16_t value;

	return a->kind == ACT_ERRNO && errno_value(abi, "ENOSYS", 6, &value) &&
	       a->data == value;
}

static void remember_denied(struct spread *s, sysname name)
{
	struct denied d = { s->item, name, s->abis, s->c->origins[name].span,
			    s->c->nrules };
	enum abi_id id = (enum abi_id)__builtin_ctz(s->abis);

	if (!s->c->origins[name].direct || action_may_execute(s->actions[id]) ||
	    is_fallback_hint(&s->actions[id], abi_get(id)))
		return;
	vec_push(s->c->u->arena, &s->c->denied, d);
}

static void add_name(struct spread *s, sysname name)
{
	if (s->conditional && !has_operands(s, name)) {
		s->effect = s->abis;
		return;
	}
	abi_foreach(i, s->abis)
		add_on_abi(s, name, (enum abi_id)i);
	remember_denied(s, name);
}

/* Not io_uring, which can do more than any of the others. */
static bool is_peer(sysname twin, sysname name)
{
	sysname back[TWINS_MAX];
	size_t n = sysname_twins(twin, back, TWINS_MAX);

	for (size_t i = 0; i < n && i < TWINS_MAX; i++)
		if (back[i] == name)
			return true;
	return false;
}

/* The calls that do it there: wait4 for waitpid. */
static void help_twins(struct diag *d, const struct spread *s)
{
	const struct abi *abi = abi_get((enum abi_id)__builtin_ctz(s->abis));
	const struct ast_word *first = &s->item->names.items->word;
	sysname name = sysname_find(first->text, first->len), twins[TWINS_MAX];
	struct str text = { 0 };
	size_t n = 0;

	if (name != SYSNAME_NONE)
		n = sysname_twins(name, twins, TWINS_MAX);
	for (size_t i = 0; i < n && i < TWINS_MAX; i++) {
		const struct syscall_desc *call = syscall_by_name(abi, twins[i]);

		if (call && !call->not_implemented && is_peer(twins[i], name))
			str_addf(&text, "%s%s", text.len ? ", " : "",
				 sysname_text(twins[i]));
	}
	if (text.len)
		diag_help(d, "what '%s' does is done by %s there", first->text,
			  text.text);
	str_fini(&text);
}

static void report_no_effect(struct spread *s, bool included)
{
	struct unit *u = s->c->u;
	struct diag *d = diag_add(u->diags, included ? W0403 : E0403,
				  s->item->names.span,
				  "the rule has no effect on %s",
				  abi_set_text(u, s->abis));

	diag_note(d, "none of its calls exists there");
	help_twins(d, s);
}

static bool is_empty(const struct nameset *set)
{
	for (size_t i = 0; i <= sysname_count() / 64; i++)
		if (set->bits[i])
			return false;
	return true;
}

static void add_names(struct spread *s)
{
	for (size_t i = 0; i <= sysname_count() / 64; i++)
		for (uint64_t bits = s->names.bits[i]; bits; bits &= bits - 1)
			add_name(s, (sysname)(i * 64 + (unsigned)
					      __builtin_ctzll(bits)));
}

static bool rule_prepare(struct spread *s)
{
	struct unit *u = s->c->u;
	bool ok;

	s->names = nameset_new(u->arena);
	s->always = cond_true(u->arena, s->item->span);
	ok = names_expand(s->c->scope, &s->item->names, &s->names,
			  s->c->origins);
	if (ok && is_empty(&s->names)) {
		diag_add(u->diags, E0410, s->item->names.span,
			 "%s for this rule",
			 s->item->names.except ? "'except' leaves no call"
					       : "the groups hold no call");
		ok = false;
	}
	abi_foreach(i, s->abis)
		if (!check_action(u, &s->item->action, abi_get((enum abi_id)i),
				  &s->actions[i]))
			return false;
	if (s->conditional) {
		s->never = cond_not(u->arena, s->item->span, s->always);
		leaves_collect(u, s->item->cond, &s->leaves);
	}
	return ok;
}

void rule_check(struct checker *c, const struct ast_item *item, abi_set abis,
		bool included)
{
	struct spread s = { .c = c,
			    .item = item,
			    .abis = abis,
			    .conditional = item->cond };

	c->nrules++;
	if (!rule_prepare(&s))
		return;
	add_names(&s);
	if (!s.effect)
		report_no_effect(&s, included);
	leaves_report(c->u, &s.leaves, s.actions[__builtin_ctz(abis)]);
}

/* ---- the finished policy ---- */

static uint32_t list_length(const struct rule_list *list)
{
	uint32_t n = 0;

	for (const struct rule_node *r = list->first; r; r = r->next)
		n++;
	return n;
}

static struct ruleset finish_set(struct checker *c,
				 const struct rule_list *list,
				 const struct syscall_desc *call)
{
	uint32_t n = list_length(list), i = 0;
	struct rule *rules = arena_array(c->u->arena, n, sizeof(*rules));

	for (const struct rule_node *r = list->first; r; r = r->next)
		rules[i++] = r->rule;
	return (struct ruleset){ call->nr, call, n, rules };
}

static void finish_abi(struct checker *c, struct abi_rules *from,
		       struct abi_policy *to)
{
	size_t n = syscall_count(from->abi);
	struct ruleset *sets = arena_array(c->u->arena, n ? n : 1,
					   sizeof(*sets));

	mux_derive(c, from);
	to->abi = from->abi;
	to->sets = sets;
	to->fallback = from->fallback;
	to->unknown = from->unknown;
	for (size_t i = 0; i < n; i++) {
		const struct syscall_desc *call = syscall_at(from->abi, i);
		const struct rule_list *list = &from->lists[call->name];

		if (list->first)
			sets[to->nsets++] = finish_set(c, list, call);
	}
}

struct abi_policy *rules_finish(struct checker *c)
{
	struct abi_policy *list = arena_array(c->u->arena, ABI_COUNT,
					      sizeof(*list));
	uint32_t n = 0;

	abi_foreach(i, c->listed)
		finish_abi(c, &c->abis[i], &list[n++]);
	warn_twins(c);
	return list;
}
