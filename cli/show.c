/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/show.h"

#include <stdio.h>
#include <string.h>

#include "base/bug.h"
#include "cli/cmd.h"

enum { RULE_TEXT_MAX = 120, UNNAMED_BITS_MAX = 2 };

/* Where a list that starts with '[' ends; names hold no brackets. */
static uint32_t end_of_list(const struct source *src, uint32_t at, uint32_t end)
{
	while (at < end && src->text[at] != ']')
		at++;
	return at;
}

/* A JSON rule names hundreds of calls: only the one in question is shown. */
static uint32_t skip_names(const struct source *src, uint32_t at, uint32_t end,
			   struct span name, struct str *out)
{
	static const char key[] = "\"names\"";
	uint32_t p = at + (uint32_t)strlen(key);

	if (end - at < strlen(key) || strncmp(src->text + at, key, strlen(key)))
		return at;
	while (p < end && src->text[p] != '[')
		p++;
	str_addf(out, "%s: [... %.*s ...", key, (int)(name.end - name.start),
		 src->text + name.start);
	return end_of_list(src, p, end);
}

/* The rule as written, on one line, cut where it gets long. */
static void add_rule_text(const struct source *src, struct span at,
			  struct span name, struct str *out)
{
	bool json = src->text[at.start] == '{' && name.source == at.source;
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
		if (json && c == '"') {
			i = skip_names(src, i, at.end, name, &one);
			c = src->text[i];
		}
		str_addc(&one, c);
		if (one.len >= RULE_TEXT_MAX) {
			str_add(&one, " ...");
			break;
		}
	}
	str_add_visible(out, str_text(&one), one.len);
	str_fini(&one);
}

/* A rule of JSON spans many lines: the one with the name is told. */
static void add_place(struct unit *u, struct span at, struct span name,
		      struct str *out)
{
	const struct source *src = sources_get(&u->sources, at.source);
	bool json = src->text[at.start] == '{' && name.source == at.source;

	str_addf(out, "%s: ", sources_where(&u->sources, json ? name : at));
	add_rule_text(src, at, name, out);
	str_addc(out, '\n');
}

void show_reason(struct unit *u, const struct policy *policy,
		 const struct outcome *o, struct str *out)
{
	struct span at = span_none, name = span_none;

	switch (o->kind) {
	case OUTCOME_RULE:
		str_add(out, "    rule    ");
		at = o->rule->span;
		name = o->rule->name;
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
		add_place(u, at, name, out);
	else if (o->kind == OUTCOME_UNKNOWN)
		str_add(out, "no table has this number; implied, since no "
			     "'unknown' line says otherwise\n");
	else if (o->kind == OUTCOME_FOREIGN)
		str_add(out, "not an ABI of this policy; implied, since no "
			     "'foreign' line says otherwise\n");
	else
		str_add(out, "implied\n");
}

/* The most bits of `left` that one name of the family stands for. */
static uint64_t largest_part(family_id family, const struct abi *abi,
			     uint64_t left)
{
	const char *pattern = family_get(family)->pattern;
	size_t start = strcspn(pattern, "*");
	uint64_t found = 0, value;

	for (size_t i = 0; i < constant_count(); i++) {
		const struct constant *c = constant_at(i);

		if (constant_in_family(c, family) &&
		    !strncmp(constant_name(c), pattern, start) &&
		    constant_value(c, abi, &value) && !(value & ~left) &&
		    value > found && constant_name_of(family, abi, value))
			found = value;
	}
	return found;
}

static void add_flags(family_id family, const struct abi *abi, uint64_t value,
		      struct str *out)
{
	size_t before = out->len;
	uint64_t whole = value, part;
	const char *bar = "";

	while ((part = largest_part(family, abi, value))) {
		str_addf(out, "%s%s", bar,
			 constant_name_of(family, abi, part));
		value &= ~part;
		bar = "|";
	}
	if (!value && *bar)
		return;
	if (constant_name_of(family, abi, value)) {
		str_addf(out, "%s%s", bar,
			 constant_name_of(family, abi, value));
		return;
	}
	/* Names for a few of many bits tell nothing. */
	if (__builtin_popcountll(value) > UNNAMED_BITS_MAX) {
		out->len = before;
		value = whole;
		bar = "";
	}
	str_addf(out, value < 10 ? "%s%llu" : "%s0x%llx", bar,
		 (unsigned long long)value);
}

/* MAP_FILE and IPPROTO_HOPOPTS are names that nobody writes for it. */
static bool is_plain_zero(family_id family)
{
	const char *name = family_get(family)->name;

	return !strcmp(name, "mmap-flags") || !strcmp(name, "socket-protocol");
}

static void add_number(const struct sig_arg *arg, uint64_t value,
		       struct str *out)
{
	uint64_t sign = (uint64_t)1 << (arg->bits - 1);

	if (arg->is_signed && value & sign)
		str_addf(out, "%lld",
			 (long long)((value ^ sign) - sign));
	else
		str_addf(out, value < 10 ? "%llu" : "0x%llx",
			 (unsigned long long)value);
}

void show_argument(const struct abi *abi, const struct sig_arg *arg,
		   const struct call *call, struct str *out)
{
	uint64_t value = call_value(call, sig_arg_words(abi, arg),
				    abi->big_endian) & sig_arg_mask(arg);
	const char *name;

	if (arg->kind == ARG_POINTER) {
		str_add(out, value ? "ptr" : "NULL");
		return;
	}
	if (arg->family == FAMILY_NONE ||
	    (!value && is_plain_zero(arg->family))) {
		add_number(arg, value, out);
		return;
	}
	name = constant_name_of(arg->family, abi, value);
	/* AT_FDCWD and its like are negative. */
	if (!name && value >> (arg->bits - 1))
		name = constant_name_of(arg->family, abi,
					value | ~sig_arg_mask(arg));
	if (!strcmp(family_get(arg->family)->name, "file-mode"))
		str_addf(out, "0o%llo", (unsigned long long)value);
	else if (family_get(arg->family)->is_flags)
		add_flags(arg->family, abi, value, out);
	else if (name)
		str_add(out, name);
	else
		add_number(arg, value, out);
}

/* Without those at the end that are 0. */
static void add_registers(const struct call *call, struct str *out)
{
	unsigned n = ARGS_MAX;

	while (n && !call->args[n - 1])
		n--;
	for (unsigned i = 0; i < n; i++)
		str_addf(out, "%s%#llx", i ? ", " : "",
			 (unsigned long long)call->args[i]);
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
			show_argument(abi, &syscall_args(d)[i], call, out);
		}
	} else {
		str_addf(out, call->nr < 0x40000000 ? "%u(" : "%#x(",
			 call->nr);
		add_registers(call, out);
	}
	str_addc(out, ')');
}
