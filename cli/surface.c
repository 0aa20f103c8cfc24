/* SPDX-License-Identifier: Apache-2.0 */
/*
 * surface.c - the whole attack surface of a policy, on a page
 *
 * Calls are grouped by what happens to them, the most permissive first.
 * Those that only the default decides are counted, not listed: on an allow
 * list they are what nobody has to read.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "cli/cmd.h"
#include "cli/show.h"

enum { LINE_COLUMNS = 78 };

enum verdict_kind {
	VERDICT_DEFAULT, /* no rule names it */
	VERDICT_PLAIN,	 /* one action, whatever the arguments */
	VERDICT_OPEN,	 /* the arguments decide */
};

struct verdict {
	enum verdict_kind kind;
	struct action action;
};

/* Rules that can match, up to one that always does. */
static struct verdict verdict_of(const struct abi_policy *abi, uint32_t nr)
{
	const struct ruleset *set = abi_policy_set(abi, nr);
	struct verdict v = { VERDICT_DEFAULT, abi->fallback };
	bool closed = false, first = true;

	for (uint32_t i = 0; set && i < set->nrules && !closed; i++) {
		const struct rule *rule = &set->rules[i];

		if (cond_is_false(rule->cond))
			continue;
		if (!first && !action_same(v.action, rule->action))
			return (struct verdict){ VERDICT_OPEN, rule->action };
		v = (struct verdict){ VERDICT_PLAIN, rule->action };
		first = false;
		closed = cond_is_true(rule->cond);
	}
	if (!first && !closed && !action_same(v.action, abi->fallback))
		v.kind = VERDICT_OPEN;
	return v;
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

struct surface {
	const struct abi_policy *abi;
	struct verdict *verdicts; /* by index of syscall_at() */
	size_t n;
};

static bool belongs(const struct verdict *v, const struct verdict *group)
{
	return v->kind == group->kind &&
	       (v->kind == VERDICT_OPEN ||
		action_same(v->action, group->action));
}

static void print_group(const struct surface *s, const char *title,
			struct verdict group)
{
	size_t count = 0;
	int column = 5;

	for (size_t i = 0; i < s->n; i++)
		count += belongs(&s->verdicts[i], &group);
	if (!count)
		return;
	printf("  %s: %zu\n     ", title, count);
	for (size_t i = 0; i < s->n; i++)
		if (belongs(&s->verdicts[i], &group))
			print_name(sysname_text(syscall_at(s->abi->abi,
							   i)->name),
				   &column);
	putchar('\n');
}

/* Each action of a kind once, in the order in which calls have them. */
static void print_kind(const struct surface *s, enum action_kind kind)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct verdict v = s->verdicts[i];
		struct str title = { 0 };
		bool seen = false;

		if (v.kind != VERDICT_PLAIN || v.action.kind != kind)
			continue;
		for (size_t k = 0; k < i && !seen; k++)
			seen = belongs(&s->verdicts[k], &v);
		if (seen)
			continue;
		action_text(v.action, s->abi->abi, &title);
		print_group(s, str_text(&title), v);
		str_fini(&title);
	}
}

static void print_rest(const struct surface *s)
{
	const struct verdict rest = { VERDICT_DEFAULT, s->abi->fallback };
	struct str line = { 0 };
	size_t count = 0;

	for (size_t i = 0; i < s->n; i++)
		count += belongs(&s->verdicts[i], &rest);
	str_add(&line, "  default ");
	action_text(s->abi->fallback, s->abi->abi, &line);
	str_addf(&line, ": %zu\n  unknown numbers ", count);
	action_text(s->abi->unknown, s->abi->abi, &line);
	puts(str_text(&line));
	str_fini(&line);
}

static void print_abi(const struct abi_policy *abi)
{
	struct surface s = { abi, NULL, syscall_count(abi->abi) };

	s.verdicts = calloc(s.n ? s.n : 1, sizeof(*s.verdicts));
	if (!s.verdicts)
		oom();
	for (size_t i = 0; i < s.n; i++)
		s.verdicts[i] = verdict_of(abi, syscall_at(abi->abi, i)->nr);
	printf("%s\n", abi->abi->name);
	for (int kind = ACT_COUNT; kind-- > 0;)
		print_kind(&s, (enum action_kind)kind);
	print_group(&s, "arguments decide",
		    (struct verdict){ VERDICT_OPEN, { 0 } });
	print_rest(&s);
	free(s.verdicts);
}

int show_surface(const struct policy *policy)
{
	struct str line = { 0 };

	for (uint32_t i = 0; i < policy->nabis; i++)
		print_abi(&policy->abis[i]);
	str_add(&line, "other ABIs: ");
	action_text(policy->foreign, NULL, &line);
	puts(str_text(&line));
	str_fini(&line);
	return EXIT_DONE;
}
