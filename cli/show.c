/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/show.h"

#include <stdio.h>
#include <string.h>

#include "base/bug.h"
#include "cli/cmd.h"

enum { RULE_TEXT_MAX = 100, LINE_COLUMNS = 78 };

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
	else
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

/* The one action of a call, or false when it depends on arguments. */
static bool plain_action(const struct abi_policy *abi,
			 const struct syscall_desc *call, struct action *out)
{
	const struct ruleset *set = abi_policy_set(abi, call->nr);

	*out = abi->fallback;
	if (!set)
		return true;
	for (uint32_t i = 0; i < set->nrules; i++) {
		if (cond_is_false(set->rules[i].cond))
			continue;
		*out = set->rules[i].action;
		if (cond_is_true(set->rules[i].cond))
			return true;
		for (uint32_t k = i + 1; k < set->nrules; k++)
			if (!action_same(*out, set->rules[k].action))
				return false;
		return action_same(*out, abi->fallback);
	}
	return true;
}

static void print_name(const char *name, int *column)
{
	int len = (int)strlen(name) + 1;

	if (*column + len > LINE_COLUMNS) {
		fputs("\n     ", stdout);
		*column = 5;
	}
	printf(" %s", name);
	*column += len;
}

/* Names of the calls for which `want` says yes, under a heading. */
static void print_group(const struct abi_policy *abi, const char *title,
			bool by_arguments, struct action action)
{
	size_t n = 0, count = syscall_count(abi->abi);
	int column = 5;

	for (int pass = 0; pass < 2; pass++) {
		if (pass && !n)
			return;
		if (pass)
			printf("  %s: %zu\n     ", title, n);
		for (size_t i = 0; i < count; i++) {
			const struct syscall_desc *c = syscall_at(abi->abi, i);
			struct action a;
			bool plain = plain_action(abi, c, &a);

			if (plain == by_arguments ||
			    (plain && !action_same(a, action)))
				continue;
			if (pass)
				print_name(sysname_text(c->name), &column);
			else
				n++;
		}
		if (pass)
			putchar('\n');
	}
}

static void print_abi(const struct abi_policy *abi)
{
	struct action seen[64];
	size_t nseen = 0, count = syscall_count(abi->abi);

	printf("%s\n", abi->abi->name);
	for (size_t i = 0; i < count; i++) {
		struct action a;
		size_t k = 0;
		struct str title = { 0 };

		if (!plain_action(abi, syscall_at(abi->abi, i), &a))
			continue;
		while (k < nseen && !action_same(seen[k], a))
			k++;
		if (k < nseen || nseen == ARRAY_LEN(seen))
			continue;
		seen[nseen++] = a;
		action_text(a, abi->abi, &title);
		print_group(abi, str_text(&title), false, a);
		str_fini(&title);
	}
	print_group(abi, "by arguments", true, (struct action){ 0 });
}

int show_surface(const struct policy *policy)
{
	struct str rest = { 0 };

	for (uint32_t i = 0; i < policy->nabis; i++) {
		const struct abi_policy *abi = &policy->abis[i];

		print_abi(abi);
		str_add(&rest, "  unknown numbers: ");
		action_text(abi->unknown, abi->abi, &rest);
		str_addc(&rest, '\n');
		fputs(str_text(&rest), stdout);
		rest.len = 0;
	}
	str_add(&rest, "other ABIs: ");
	action_text(policy->foreign, NULL, &rest);
	puts(str_text(&rest));
	str_fini(&rest);
	return EXIT_DONE;
}
