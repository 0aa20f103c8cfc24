/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_warn.c - denied calls whose effect another call still reaches
 *
 * Judged on the finished rules, not on what the source looks like.  Where
 * only some calls are denied, by a condition or after an earlier rule, a
 * twin without arguments can't do what is forbidden, and a twin with a
 * denying rule of its own was thought of.
 */
#include "compiler/check_state.h"

enum { TWINS_MAX = 32 };

/* True when every value of the arguments, or some, may get through. */
static bool may_execute(const struct abi_rules *rules, sysname name,
			bool unless_conditional)
{
	bool any = false;

	for (const struct rule_node *r = rules->lists[name].first; r;
	     r = r->next) {
		bool executes = action_may_execute(r->rule.action);

		if (!executes && unless_conditional)
			return false;
		any |= executes && !cond_is_false(r->rule.cond);
		if (cond_is_true(r->rule.cond))
			return any;
	}
	return any || action_may_execute(rules->fallback);
}

static bool twin_is_open(const struct abi_rules *rules, sysname twin,
			 bool conditional)
{
	const struct syscall_desc *call = syscall_by_name(rules->abi, twin);

	if (!call || call->not_implemented || (conditional && !call->nargs))
		return false;
	/* Rules of the sub-call govern its multiplexer. */
	if (mux_is(rules->abi, twin) && !rules->lists[twin].named)
		return false;
	return may_execute(rules, twin, conditional);
}

static abi_set open_on(const struct checker *c, const struct denied *d,
		       sysname twin)
{
	abi_set on = 0;

	abi_foreach(i, d->abis) {
		const struct rule_node *first = c->abis[i].lists[d->name].first;
		bool conditional;

		if (!first || !syscall_by_name(c->abis[i].abi, d->name))
			continue;
		conditional = d->item->cond || first->order != d->order;
		if (twin_is_open(&c->abis[i], twin, conditional))
			on |= ABI_BIT(i);
	}
	return on;
}

static void warn_denied(struct checker *c, const struct denied *d)
{
	sysname twins[TWINS_MAX];
	size_t n = sysname_twins(d->name, twins, TWINS_MAX);
	struct str text = { 0 };
	abi_set on = 0;
	struct diag *w;

	for (size_t i = 0; i < n && i < TWINS_MAX; i++) {
		abi_set here = open_on(c, d, twins[i]);

		if (here)
			str_addf(&text, "%s%s", text.len ? ", " : "",
				 sysname_text(twins[i]));
		on |= here;
	}
	if (!text.len)
		return;
	w = diag_add(c->u->diags, W0412, d->span,
		     "'%s' is denied, but its effect can be reached by %s",
		     sysname_text(d->name), text.text);
	diag_note(w, "on %s", abi_set_text(c->u, on));
	diag_help(w, "deny these too, or deny '%s' with ENOSYS if callers "
		     "should use them instead",
		  sysname_text(d->name));
	str_fini(&text);
}

void warn_twins(struct checker *c)
{
	for (size_t i = 0; i < c->denied.len; i++)
		warn_denied(c, &c->denied.data[i]);
}
