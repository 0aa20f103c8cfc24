/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/show.h"

#include <string.h>


enum { RULE_TEXT_MAX = 100 };

/* The rule as written, on one line, cut where it gets long. */
static void add_rule_text(const struct source *src, struct span at,
			  struct str *out)
{
	struct str one = { 0 };
	bool space = false;

	for (uint32_t i = at.start; i < at.end; i++) {
		char c = src->text[i];

		if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
			space = one.len > 0;
			continue;
		}
		if (space)
			str_addc(&one, ' ');
		space = false;
		str_addc(&one, c);
		if (one.len >= RULE_TEXT_MAX) {
			str_add(&one, " ...");
			break;
		}
	}
	str_add_visible(out, str_text(&one), one.len);
	str_fini(&one);
}

static void add_place(struct unit *u, struct span at, struct str *out)
{
	str_addf(out, "%s: ", sources_where(&u->sources, at));
	add_rule_text(sources_get(&u->sources, at.source), at, out);
	str_addc(out, '\n');
}

void show_reason(struct unit *u, const struct policy *policy,
		 const struct outcome *o, struct str *out)
{
	struct span at = span_none;

	switch (o->kind) {
	case OUTCOME_RULE:
		str_add(out, "    rule    ");
		at = o->rule->span;
		break;
	case OUTCOME_DEFAULT:
		str_add(out, "    default ");
		at = o->abi->fallback_span;
		break;
	case OUTCOME_UNKNOWN:
		str_add(out, "    unknown ");
		at = o->abi->unknown_span;
		break;
	case OUTCOME_FOREIGN:
		str_add(out, "    foreign ");
		at = policy->foreign_span;
		break;
	}
	if (!span_is_none(at))
		add_place(u, at, out);
	else if (o->kind == OUTCOME_UNKNOWN)
		str_add(out, "no table has this number; implied, since no "
			     "'unknown' line says otherwise\n");
	else if (o->kind == OUTCOME_FOREIGN)
		str_add(out, "not an ABI of this policy; implied, since no "
			     "'foreign' line says otherwise\n");
	else
		str_add(out, "implied\n");
}

/* "PROT_READ|PROT_WRITE", where every bit has a name. */
static bool add_flags(const struct abi *abi, family_id family, uint64_t value,
		      struct str *out)
{
	struct str text = { 0 };
	bool all = value != 0;

	for (uint64_t bit = 1; bit && all; bit <<= 1) {
		const char *name;

		if (!(value & bit))
			continue;
		name = constant_name_of(family, abi, bit);
		all = name != NULL;
		str_addf(&text, "%s%s", text.len ? "|" : "", name ? name : "");
	}
	if (all)
		str_add(out, str_text(&text));
	str_fini(&text);
	return all;
}

static void add_argument(const struct abi *abi, const struct sig_arg *arg,
			 const struct call *call, struct str *out)
{
	uint64_t value = call_value(call, sig_arg_words(abi, arg),
				    abi->big_endian) & sig_arg_mask(arg);
	const char *name = arg->family == FAMILY_NONE
				   ? NULL
				   : constant_name_of(arg->family, abi, value);

	if (arg->kind == ARG_POINTER && !value)
		str_add(out, "NULL");
	else if (name)
		str_add(out, name);
	else if (arg->family == FAMILY_NONE ||
		 !family_get(arg->family)->is_flags ||
		 !add_flags(abi, arg->family, value, out))
		str_addf(out, value < 10 ? "%llu" : "0x%llx",
			 (unsigned long long)value);
}

void show_call(const struct call *call, struct str *out)
{
	const struct abi *abi = call_abi(call);
	const struct syscall_desc *d =
		abi ? syscall_by_nr(abi, call->nr) : NULL;

	if (d) {
		str_addf(out, "%s(", sysname_text(d->name));
		for (unsigned i = 0; i < d->nargs; i++) {
			str_add(out, i ? ", " : "");
			add_argument(abi, &d->args[i], call, out);
		}
	} else {
		str_addf(out, "%u(", call->nr);
		for (unsigned i = 0; i < ARGS_MAX; i++)
			str_addf(out, "%s0x%llx", i ? ", " : "",
				 (unsigned long long)call->args[i]);
	}
	str_addc(out, ')');
}
