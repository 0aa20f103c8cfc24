/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_warn.c - denied calls whose effect another call still reaches
 *
 * Judged on the finished rules, not on what the source looks like.  Where
 * only some calls are denied, by a condition or after an earlier rule, a
 * twin without arguments can't do what is forbidden, and a twin with a
 * denying rule of its own was thought of.
 */
#include <string.h>

#include "compiler/check_state.h"

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

/* What reaches the effect of one denied call, and where. */
struct reach {
	const struct denied *denied;
	struct str twins;
	abi_set on;
};

static struct reach reach_of(const struct checker *c, const struct denied *d)
{
	struct reach r = { .denied = d };
	sysname twins[TWINS_MAX];
	size_t n = sysname_twins(d->name, twins, TWINS_MAX);

	for (size_t i = 0; i < n && i < TWINS_MAX; i++) {
		abi_set here = open_on(c, d, twins[i]);

		if (here)
			str_addf(&r.twins, "%s%s", r.twins.len ? ", " : "",
				 sysname_text(twins[i]));
		r.on |= here;
	}
	return r;
}

/* Calls of one rule with the same twins share a warning. */
static bool joins(const struct reach *a, const struct reach *b)
{
	return a->denied->order == b->denied->order && a->on == b->on &&
	       !strcmp(str_text(&a->twins), str_text(&b->twins));
}

static void warn_reach(struct checker *c, const struct reach *r,
		       const struct str *names, bool many)
{
	struct diag *w = diag_add(c->u->diags, W0412, r->denied->span,
				  "%s %s denied, but %s can do the same",
				  names->text, many ? "are" : "is",
				  r->twins.text);

	diag_note(w, "on %s", abi_set_text(c->u, r->on));
	diag_help(w, "deny what can do the same too, or deny with ENOSYS if "
		     "callers should use it instead");
}

void warn_twins(struct checker *c)
{
	for (size_t i = 0, next; i < c->denied.len; i = next) {
		struct reach r = reach_of(c, &c->denied.data[i]);
		struct str names = { 0 };
		bool same = true;

		str_addf(&names, "'%s'", sysname_text(r.denied->name));
		for (next = i + 1; same && next < c->denied.len; next += same) {
			struct reach other = reach_of(c, &c->denied.data[next]);

			same = r.on && joins(&r, &other);
			if (same)
				str_addf(&names, ", '%s'",
					 sysname_text(other.denied->name));
			str_fini(&other.twins);
		}
		if (r.on)
			warn_reach(c, &r, &names, next > i + 1);
		str_fini(&names);
		str_fini(&r.twins);
	}
}
